"""Where a program reads past the end of an input, it is told how the input would have to go on."""

from io import BytesIO, StringIO
from typing import Any

import pytest

from fuzztui.worker.grammar.reading_on import read_on
from fuzztui.worker.guidance.reads import MAX_MISSING, MAX_READS
from fuzztui.worker.guidance.tables import wanted_of_parts
from fuzztui.worker.guidance.trace import ComparisonTrace
from fuzztui.worker.mutate.guided import tokens
from fuzztui.worker.mutate.operands import READS
from tests.worker.world import inhabited


def lacking(trace: ComparisonTrace) -> list[tuple[object, object]]:
    return [(size, text) for operator, size, text in trace.comparisons if operator == READS]


def fillers(size: int, missing: int, before: bytes = b"") -> list[tuple[int, bytes]]:
    return [(size, before + missing * filler) for filler in (b"A", b"1")]


def test_a_stream_that_has_less_than_is_read_lacks_the_rest() -> None:
    trace, stream = ComparisonTrace(), BytesIO(b"abcdef")
    assert trace.method(stream.read)(4) == b"abcd"
    assert lacking(trace) == []
    assert trace.method(stream.read)(4) == b"ef"
    assert lacking(trace) == fillers(6, 2)


def test_binary_data_goes_on_as_such() -> None:
    trace = ComparisonTrace()
    trace.method(BytesIO(b"a\0b").read)(5)
    assert lacking(trace) == [(3, b"\0\0"), (3, b"\1\1")]


def test_a_stream_of_text_is_read_alike() -> None:
    trace = ComparisonTrace()
    assert trace.method(StringIO("ab").read)(3) == "ab"
    assert lacking(trace) == [(2, "A"), (2, "1")]


@pytest.mark.parametrize("size", [None, -1, MAX_MISSING + 3])
def test_who_reads_all_that_there_is_lacks_nothing(size: int | None) -> None:
    trace = ComparisonTrace()
    assert trace.method(BytesIO(b"ab").read)(size) == b"ab"
    assert lacking(trace) == []


def test_a_line_that_does_not_end_lacks_its_end() -> None:
    trace, stream = ComparisonTrace(), BytesIO(b"a\nb")
    assert trace.method(stream.readline)() == b"a\n"
    assert lacking(trace) == []
    assert trace.method(stream.readline)(1) == b"b"
    assert lacking(trace) == [], "what was asked for has been read"
    stream.seek(2)
    assert trace.method(stream.readline)() == b"b"
    assert lacking(trace) == [(3, b"\n")]


def test_what_is_read_behind_a_line_that_does_not_end_comes_after_its_end() -> None:
    trace, stream = ComparisonTrace(), BytesIO(b"$3")
    trace.method(stream.readline)()
    assert trace.method(stream.read)(3) == b""
    assert lacking(trace) == [(2, b"\n"), *fillers(2, 3, b"\n")]


def test_what_nothing_is_compared_with_at_the_end_is_what_follows() -> None:
    trace, stream = ComparisonTrace(), BytesIO(b"ab")
    trace.method(stream.read)(2)
    assert trace.compare("==", trace.method(stream.read)(1), b";") is False
    assert lacking(trace) == [*fillers(2, 1), (2, b";")]


def test_of_several_that_may_follow_the_shortest_are_tried() -> None:
    trace, stream = ComparisonTrace(), BytesIO(b"a\n")
    trace.method(stream.readline)()
    assert trace.compare("in", trace.method(stream.readline)(), (b"\r\n", b"\n", 7)) is False
    assert lacking(trace) == [(2, b"\n"), (2, b"\r\n")]


def test_nothing_that_was_read_elsewhere_is_at_the_end() -> None:
    trace, stream = ComparisonTrace(), BytesIO(b"ab")
    assert trace.method(stream.read)(0) == b""
    assert trace.compare("==", b"", b"x") is False
    assert lacking(trace) == []


@pytest.mark.parametrize(
    ("lower", "upper", "missing"), [(0, 3, 0), (None, 5, 2), (1, 4, 1), (3, 4, 1), (7, 9, 6), (2, 2, 0), (-2, 9, 0)]
)
def test_a_part_that_reaches_beyond_the_end_lacks_the_rest(lower: int | None, upper: int, missing: int) -> None:
    trace = ComparisonTrace()
    assert trace.cut(b"abc", lower, upper) == b"abc"[lower:upper]
    assert lacking(trace) == (fillers(3, missing) if missing else [])


def test_a_part_that_is_nothing_is_at_the_end() -> None:
    trace = ComparisonTrace()
    assert trace.compare("==", trace.cut("ab", 2, 4), "*/") is False
    assert (2, "*/") in lacking(trace)


def test_parts_of_what_is_no_text_are_what_they_are() -> None:
    class Sliced:
        def __getitem__(self, key: slice) -> slice:
            return key

    trace = ComparisonTrace()
    assert trace.cut([1, 2, 3], 1, 9) == [2, 3]
    assert trace.cut(Sliced(), 1, 9) == slice(1, 9)
    with pytest.raises(TypeError):
        trace.cut(b"abc", "x", 2)
    assert lacking(trace) == []


def test_at_most_so_many_are_kept_and_each_once() -> None:
    trace = ComparisonTrace()
    for _ in range(3):
        trace.cut(b"abc", 1, 5)
    assert lacking(trace) == fillers(3, 2)
    for upper in range(6, 90):
        trace.cut(b"abc", 1, upper)
    assert len(lacking(trace)) <= MAX_READS
    trace.clear()
    trace.cut(b"abc", 1, 5)
    assert lacking(trace) == fillers(3, 2)


def test_a_class_of_the_targets_own_is_read_by_its_own_method() -> None:
    class Own(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return b"own"

    trace = ComparisonTrace()
    assert trace.method(Own(b"a").read)(9) == b"own"
    assert lacking(trace) == []


@pytest.mark.parametrize(
    ("values", "lacks", "results"),
    [
        ((b"ab",), b"cd", [(b"abcd",)]),
        (("ab",), b"cd", [("abcd",)]),
        ((b"ab",), "c\u20ac", [(b"abc\xe2\x82\xac",)]),
        ((b"a", b"ab", 2), b"c", [(b"a", b"abc", 2)]),
        ((b"abc", b"x"), b"c", [(b"abcc", b"x")]),
        ((b"a",), b"c", []),
        ((b"ab",), 15 * b"c", []),
    ],
)
def test_the_value_that_was_read_goes_on(values: Any, lacks: object, results: list[Any]) -> None:
    assert list(read_on(values, [(READS, 2, lacks), ("==", b"ab", b"no")], 16)) == results


def test_what_follows_is_no_token() -> None:
    assert list(tokens([(READS, 2, b"AAAAAAAA")])) == []


WORDS = """
import io

def fuzz(data):
    stream = io.BytesIO(data)
    for _ in range(2):
        head = stream.readline()
        if not head.startswith(b"$"):
            return
        length = int(head[1:])
        word = stream.read(length)
        if len(word) != length or stream.readline() not in (b"\\r\\n", b"\\n"):
            return
    if length > 12:
        raise RuntimeError
"""

RECORDS = """
def fuzz(data):
    at = 0
    while at < len(data):
        size = data[at]
        body = data[at + 1 : at + 1 + size]
        if len(body) != size:
            return
        at += 1 + size
        if size == 61 and data[at : at + 4] == b"done":
            raise RuntimeError
"""


@pytest.mark.parametrize(("source", "entry"), [(WORDS, b"$"), (RECORDS, b"x")], ids=["words", "records"])
def test_programs_that_read_so_many_signs_are_read_through(source: str, entry: bytes) -> None:
    with inhabited(source) as world:
        world.namespace["int"] = lambda text: int(text) if text.strip().isdigit() else 0
        assert world.search(entry, 12_000) is not None


TABLE: dict[object, object] = {
    ("idle", "go"): 1,
    ("idle", "stay"): 2,
    ("moving", "halt"): 3,
    "other": 4,
    ("a", "b", "c"): 5,
}


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        (("idle", "x"), [("x", ("go", "stay"))]),
        (("x", "halt"), [("x", ("moving",))]),
        (("x", "y"), [("x", ("idle", "moving")), ("y", ("go", "stay", "halt"))]),
        (("a", "b", "x"), [("x", ("c",))]),
        (("idle", 7), []),
        (("idle", "go"), []),
        (("q",), []),
    ],
)
def test_each_part_of_a_key_gets_what_it_is_in_the_keys_with_the_others(
    key: tuple[object, ...], wanted: list[object]
) -> None:
    assert list(wanted_of_parts(key, dict(TABLE))) == wanted


def test_what_a_table_of_several_parts_is_asked_for_is_compared_with_them() -> None:
    trace, table = ComparisonTrace(), dict(TABLE)
    assert trace.method(table.get)(("idle", "x")) is None
    assert ("in", "x", ("go", "stay")) in trace.comparisons
    trace.clear()
    with pytest.raises(KeyError):
        trace.lookup(table, ("x", "halt"))
    assert ("in", "x", ("moving",)) in trace.comparisons


class Odd:
    """Compares as it pleases."""

    def __eq__(self, other: object) -> bool:
        raise AssertionError

    __hash__ = object.__hash__


def test_parts_of_the_targets_own_are_not_compared() -> None:
    table: dict[object, object] = {(Odd(), "go"): 1, ("idle", "go"): 2}
    assert list(wanted_of_parts((Odd(), "x"), table)) == [("x", ("go",))]


PARTS = """
import io

def fuzz(data):
    del out[:]
    def note(value):
        out.append(value)
        return value
    out.append(note("abcdef")[note(1):note(9)])
    out.append([1, 2, 3][note(0):note(2)])
    out.append(data[:note(2)] + data[note(2):])
    out.append(io.BytesIO(note(b"ab")).read(note(5)))
    try:
        note("abc")[note("x"):note(2)]
    except TypeError as error:
        out.append(str(error))
    try:
        io.StringIO("ab").read(size=2)
    except TypeError as error:
        out.append(str(error))
    many = [*range(5)]
    many[1:3] = "x"
    del many[note(0):note(1)]
    out.append(many)
"""


def test_parts_are_taken_as_the_program_takes_them() -> None:
    plain: dict[str, Any] = {"out": []}
    exec(PARTS, plain)
    plain["fuzz"](b"data")
    with inhabited(PARTS) as world:
        world.namespace["out"] = []
        tracing = world.tracing(lambda arguments: None)
        with tracing.on():
            tracing.comparisons((b"data",))
        assert world.namespace["out"] == plain["out"]
        assert len(plain["out"]) > 15
