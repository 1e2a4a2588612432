"""Messages that differ in what an input brings have one shape, those that say something else have another."""

import pytest

from fuzztui.protocol.shape import CONSIDERED, LONGEST, shape_of

ALIKE = {
    "numbers": ["index 7 out of range", "index 12 out of range", "index -3 out of range"],
    "numbers with a point or an exponent": ["1.5 is large", "2e30 is large", "1.25e-07 is large", "+3 is large"],
    "hexadecimal": ["code 0x1f", "code 0xdeadbeef", "code deadbeef", "code c0ffee1"],
    "addresses": ["<A object at 0x7f12ab> has no b", "<A object at 0x7f9900> has no b"],
    "quoted text": [
        "invalid literal: 'zz'",
        "invalid literal: 'it\\'s 7'",
        'invalid literal: "it\'s"',
        "invalid literal: ''",
    ],
    "bytes": ["bad b'\\x00'", "bad b'abc'", 'bad b"\'"'],
    "a quote that was cut": ["no key 'abc", "no key 'abcdefgh", "no key 'ab\\"],
    "UUIDs": [
        "job 123e4567-e89b-12d3-a456-426614174000 failed",
        "job aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee failed",
    ],
    "paths": ["cannot open /tmp/x1/data.bin", "cannot open /home/ann/y", "cannot open ~/z.txt", "cannot open C:\\a\\b"],
    "dates and times": ["since 2024-01-02", "since 1999-12-31", "since 2024-01-02T03:04:05Z"],
    "lists": ["left: [1, 2, 3]", "left: [4]", "left: [5, 6]"],
    "lists of texts": ["left: ['a']", "left: ['a', 'b c', \"d\"]"],
    "dictionaries": ["got {'a': 1}", "got {'b': 2, 'c': 3}"],
    "white space": ["no  end\n", " no end"],
    "what follows long after": [f"{'x ' * CONSIDERED}one", f"{'x ' * CONSIDERED}two"],
}


@pytest.mark.parametrize("messages", ALIKE.values(), ids=ALIKE)
def test_what_an_input_brings_does_not_count(messages: list[str]) -> None:
    assert len({shape_of(message) for message in messages}) == 1, list(map(shape_of, messages))


DIFFERENT = [
    "",
    "empty header",
    "empty body",
    "can't decode 'x' in position 3",
    "can't encode 'x' in position 3",
    "don't read the file",
    "don't read the folder",
    "index 7 out of range",
    "index 7 out of range 8 of it",
    "left: [1]",
    "left: (1)",
    "x or y",
]


def test_what_a_message_says_counts() -> None:
    assert len({shape_of(message) for message in DIFFERENT}) == len(DIFFERENT)


@pytest.mark.parametrize(
    "piece", ["'", '"', "\\", "'\\", "b'", "/a", "/", "1", "1.", "a1e", "'a' ", "1, ", "a", "-", "\ud800", "\x1b[31m"]
)
def test_no_shape_is_long(piece: str) -> None:
    for tail in ("", "'", "x", "\\"):
        assert len(shape_of(piece * 1_000_000 + tail)) <= LONGEST


@pytest.mark.parametrize("messages", ALIKE.values(), ids=ALIKE)
def test_the_shape_of_a_shape_is_itself(messages: list[str]) -> None:
    for message in messages:
        assert shape_of(shape_of(message)) == shape_of(message)
