import pytest

from fuzztui.engine.show.inputs import content_of, size_words
from fuzztui.target.values import Value


@pytest.mark.parametrize(
    ("arguments", "size", "content"),
    [
        ((b"0b_",), "3 B", b"0b_"),
        (("0b_",), "3 B", b"0b_"),
        (("\u00e9",), "2 B", b"\xc3\xa9"),
        (("\ud800",), "3 B", b"\xed\xa0\x80"),
        ((b"",), "0 B", b""),
        ((b"x" * 4100,), "4.1 kB", b"x" * 4100),
        ((b"ab", "cd"), "4 B", None),
        ((b"ab", 7), "2 B", None),
        ((1 << 90,), "1 arg", None),
        ((1.5, True), "2 args", None),
    ],
)
def test_an_input_is_as_large_as_its_values(arguments: tuple[Value, ...], size: str, content: bytes | None) -> None:
    assert size_words(arguments) == size
    assert content_of(arguments) == content
