"""What of an input can be anything while it fails alike, and what is needed."""

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from fuzztui.engine.show.needed import Needed
from fuzztui.engine.shrinking.freedom import MOST_PARTS, VARIATIONS, explore


def explored(fails: Callable[..., bool], *arguments: Any) -> tuple[Needed, int]:
    """What is needed, and the executions that it took."""
    assert fails(*arguments)
    search, executions = explore(arguments), 0
    try:
        variations = next(search)
        while True:
            assert all(tuple(map(type, one)) == tuple(map(type, arguments)) for one in variations)
            executions += len(variations)
            passing = next((at for at, one in enumerate(variations) if not fails(*one)), None)
            variations = search.send(passing)
    except StopIteration as end:
        return end.value, executions


def free(needed: Needed) -> list[tuple[int, int, int]]:
    return [(part.argument, part.start, part.end) for part in needed.free]


WHOLE = "the value"

CASES: list[tuple[str, Callable[..., bool], tuple[Any, ...], list[tuple[int, int, int]], str]] = [
    ("nothing is needed", lambda d: len(d) == 3, (b"000",), [(0, 0, 3)], "can be anything: bytes 0 to 2"),
    ("everything is needed", lambda d: d == b"<>", (b"<>",), [], "all of it is needed"),
    ("a hole", lambda d: d[:1] == b"<" and d[3:] == b">", (b"<00>",), [(0, 1, 3)], "can be anything: bytes 1 to 2"),
    ("a single byte", lambda d: d[:1] == b"<" and len(d) == 2, (b"<0",), [(0, 1, 2)], "can be anything: byte 1"),
    ("some bytes only", lambda d: d[:1].isdigit(), (b"0",), [], "all of it is needed"),
    ("a bound", lambda d: d[0] >= 128, (b"\x80",), [], "all of it is needed"),
    (
        "a text",
        lambda s: s.startswith("é") and len(s) == 3,
        ("é00",),
        [(0, 1, 3)],
        "can be anything: characters 1 to 2",
    ),
    ("an integer", lambda n, d: d == b"x", (0, b"x"), [(0, 0, 1)], "can be anything: the value of argument 1"),
    ("an integer above a bound", lambda n: n > 5, (6,), [], "all of it is needed"),
    ("an even integer", lambda n: n % 2 == 0, (0,), [], "all of it is needed"),
    ("a float", lambda x: True, (0.5,), [(0, 0, 1)], "can be anything: the value"),
    ("no finite float", lambda x: not math.isfinite(x), (math.inf,), [], "all of it is needed"),
    ("a truth value", lambda a, b: b, (False, True), [(0, 0, 1)], "can be anything: the value of argument 1"),
    ("a day", lambda d: d.day == 29, (date(2000, 2, 29),), [], "all of it is needed"),
    ("any day", lambda d: True, (date(9999, 12, 31),), [(0, 0, 1)], "can be anything: the value"),
    ("an empty text", lambda s: not s, ("",), [], "there is nothing in it"),
]


@pytest.mark.parametrize(
    ("fails", "arguments", "expected", "words"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_what_is_needed_is_told_from_what_can_be_anything(
    fails: Callable[..., bool], arguments: tuple[Any, ...], expected: list[tuple[int, int, int]], words: str
) -> None:
    needed, _ = explored(fails, *arguments)
    assert free(needed) == expected
    assert needed.is_joint
    assert str(needed.sentence) == words


def test_the_parts_have_no_gaps() -> None:
    needed, _ = explored(lambda d, n: d[2:4] == b"ab", b"00ab00", 3)
    assert [(part.argument, part.start, part.end, part.is_free) for part in needed.parts] == [
        (0, 0, 2, True),
        (0, 2, 4, False),
        (0, 4, 6, True),
        (1, 0, 1, True),
    ]


def test_what_is_free_only_as_long_as_another_part_is_there_is_said() -> None:
    needed, _ = explored(lambda d: b"a" in d, b"aa")
    assert free(needed) == [(0, 0, 2)]
    assert not needed.is_joint
    assert str(needed.sentence) == "can be anything: bytes 0 to 1, each by itself"


@pytest.mark.parametrize("length", [1, 10, 1_000, 100_000])
def test_executions_are_bounded_whatever_the_length(length: int) -> None:
    needed, executions = explored(lambda d: d[-1:] == b"!", b"0" * (length - 1) + b"!")
    assert executions <= (MOST_PARTS + 1) * VARIATIONS
    assert needed.parts[-1].end == length
    assert not needed.parts[-1].is_free
    assert sum(part.end - part.start for part in needed.free) >= length - 1 - length // MOST_PARTS
