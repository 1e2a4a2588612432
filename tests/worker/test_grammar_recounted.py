"""Pieces of texts come and go together with the number that says how many there are."""

from fuzztui.worker.grammar.recounted import MAX_RECOUNTED, recounted
from fuzztui.worker.mutate.operands import Comparison
from tests.worker.world import inhabited


def _made(text: str, *comparisons: Comparison) -> list[str]:
    whole: Comparison = ("in", "\n", text)
    return [str(made) for (made,) in recounted((text,), [whole, *comparisons], 200)]


def test_a_line_more_or_less_comes_with_its_count_wherever_that_stands() -> None:
    at_end = _made("id\n7 x\nend 1", ("!=", 1, 1))
    assert at_end[0] == "id\n7 x\n8 x\nend 2"
    assert {"id\n7 x\n7 x\nend 2", "id\nend 0"} <= set(at_end)
    assert "lines 3\na\nb\nc" in _made("lines 2\na\nb", ("==", 2, 2))
    assert "lines 01\na" in _made("lines 02\na\nb", ("==", 2, 2))
    assert "0\n" not in _made("0\n", ("==", 0, 0))


def test_a_number_that_was_not_what_it_had_to_be_counts_nothing() -> None:
    assert not _made("id\n7 x\nend 1", ("!=", 1, 2))
    assert not _made("id\n7 x\nend 1", ("==", "1", "1"))
    assert not _made("id\n7 x\nend 1000", ("==", 1000, 1000))


def test_inputs_are_bounded_in_number_and_length() -> None:
    text = "1\n" * 50
    assert 0 < len(_made(text, ("==", 1, 1))) <= MAX_RECOUNTED
    assert not list(recounted(("a\n1",), [("in", "\n", "a\n1"), ("==", 1, 1)], 3))[1:]


def test_what_a_program_counts_is_found() -> None:
    source = (
        "def fuzz(data):\n"
        "    lines = data.decode('latin-1').split(';')\n"
        "    if not lines[0].isdecimal() or int(lines[0]) != len(lines) - 1 or not all(lines):\n"
        "        return\n"
        "    if sum(line == 'go' for line in lines) > 1:\n"
        "        raise ValueError\n"
    )
    with inhabited(source) as world:
        assert world.search(b"1;go", 400) is not None
