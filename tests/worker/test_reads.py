"""Where a program reads past the end of an input, it is told how the input would have to go on."""

import struct
from abc import ABCMeta
from collections.abc import Callable, Iterable
from io import BytesIO, StringIO
from typing import Any

import pytest

from fuzztui.worker.grammar.reading_on import read_on
from fuzztui.worker.guidance import reads
from fuzztui.worker.guidance.reads import MAX_MISSING, MAX_READS, End
from fuzztui.worker.guidance.subsets import asked_of
from fuzztui.worker.guidance.tables import wanted_of_parts
from fuzztui.worker.guidance.trace import ComparisonTrace
from fuzztui.worker.mutate.guided import tokens
from fuzztui.worker.mutate.operands import READS
from tests.worker.world import inhabited


def lacking(trace: ComparisonTrace) -> list[tuple[object, object]]:
    """What is lacking, each with the length of the whole at whose end it is, or with where it is in its midst."""
    return [
        (end.size if end.at == end.size else end, text)
        for operator, end, text in trace.comparisons
        if operator == READS and isinstance(end, End)
    ]


def reads_of(trace: ComparisonTrace) -> list[tuple[object, object]]:
    """The same, always with where it is."""
    return [(end, text) for operator, end, text in trace.comparisons if operator == READS]


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


def test_what_lies_between_the_end_and_where_it_is_read_is_lacking_too() -> None:
    trace, stream = ComparisonTrace(), BytesIO(b"ab\0")
    stream.seek(8)
    assert trace.compare("==", trace.method(stream.read)(2), b"PK") is False
    assert lacking(trace) == [(3, bytes(7)), (3, b"\1" * 7), (3, bytes(5) + b"PK")]
    trace.clear()
    assert trace.compare("==", trace.cut(b"ab\0", 5, 7), b"PK") is False
    assert (3, bytes(2) + b"PK") in lacking(trace)


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


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_parts_of_buffers_are_looked_at_alike(kind: Any) -> None:
    trace, buffer = ComparisonTrace(), kind(b"a\0c")
    assert trace.cut(buffer, 1, 5) == b"\0c"
    assert lacking(trace) == [(3, b"\0\0"), (3, b"\1\1")]


def test_what_is_unpacked_beyond_the_end_of_a_buffer_tells_how_much_is_lacking() -> None:
    trace = ComparisonTrace()
    try:
        struct.unpack_from(">I", b"abcdef", 4)
    except struct.error:
        trace.caught()
    assert lacking(trace) == [(6, b"\0\0"), (6, b"\1\1")]


@pytest.mark.parametrize("text", [b"ab", "ab", bytearray(b"ab"), memoryview(b"ab")])
def test_a_character_beyond_the_end_of_a_text_is_lacking(text: Any) -> None:
    trace = ComparisonTrace()
    try:
        text[2]
    except IndexError:
        trace.caught()
    assert lacking(trace) == [(-1, each) for each in (b"\0", b"\1", b"A", b"1")]
    values: Any = (7, b"ab" if text != "ab" else text)
    assert [value for _, value in read_on(values, trace.comparisons, 16)][2] in (b"abA", "abA")


def test_what_struct_refuses_otherwise_lacks_nothing() -> None:
    trace = ComparisonTrace()
    for data, at in ((b"abc", 9), (b"abc", -9)):
        try:
            struct.unpack_from("b", data, at)
        except struct.error:
            trace.caught()
    try:
        struct.pack("b", 999)
    except struct.error:
        trace.caught()
    assert lacking(trace) == [(3, 7 * b"\0"), (3, 7 * b"\1")]


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
    assert list(read_on(values, [(READS, End(2, 2), lacks), ("==", b"ab", b"no")], 16)) == results


@pytest.mark.parametrize(
    ("value", "at", "results"),
    [
        (b"\x00", 1, {b"\x01x", b"\x00x"}),
        (b"\x30\x02ab\x01c", 4, {b"\x30\x03abx\x01c", b"\x30\x02abx\x01c"}),
        (b"\x03\x01ab", 3, {b"\x04\x01axb", b"\x04\x02axb"}),
        (b"\x04\x02ab\x00", 4, {b"\x05\x03abx\x00", b"\x04\x02abx\x00"}),
        ("2:ab,", 4, {"3:abx,", "2:abx,"}),
    ],
)
def test_what_is_put_into_the_midst_is_counted_by_what_encloses_it(value: Any, at: int, results: set[Any]) -> None:
    assert {changed for (changed,) in read_on((value,), [(READS, End(len(value), at), b"x")], 16)} >= results


def test_a_part_is_read_where_it_stands_in_the_whole() -> None:
    trace, whole = ComparisonTrace(), b"\x05abcde\x01z"
    inner = trace.cut(whole, 1, 6)
    rest = trace.cut(inner, 3, None)
    assert rest == b"de"
    assert lacking(trace) == []
    assert trace.cut(rest, 1, 4) == b"e"
    end = End(8, 6, ((4, 6), (1, 6)))
    assert lacking(trace) == [(end, b"\0\0"), (end, b"\1\1")]


def test_what_a_stream_has_read_is_a_part_of_it() -> None:
    trace, stream = ComparisonTrace(), BytesIO(b"abcdef")
    trace.method(stream.read)(1)
    part = trace.method(stream.read)(3)
    assert trace.cut(part, 1, 5) == b"cd"
    end = End(6, 4, ((1, 4),))
    assert lacking(trace) == [(end, b"AA"), (end, b"11")]


def test_what_is_left_of_a_text_is_a_part_of_it_and_so_is_its_end() -> None:
    trace, whole = ComparisonTrace(), b"\0\2abcd"
    assert trace.cut(trace.cut(whole, 2, None), 3, 6) == b"d"
    assert trace.cut(trace.cut(whole, -3, None), 0, 4) == b"bcd"
    assert trace.cut(trace.cut(whole, -9, -2), 3, 5) == b"b"
    rest, end, begun = End(6, 6, ((2, 6),)), End(6, 6, ((3, 6),)), End(6, 4, ((0, 4),))
    assert [place for place, text in reads_of(trace) if text in (b"\0", b"\0\0")] == [rest, end, begun]
    assert list(trace.slices(6).ranges) == [(2, 6), (5, 6), (3, 6), (0, 4), (3, 4)]
    assert list(trace.slices(5).ranges) == []


def test_a_part_that_should_be_of_another_size_tells_where_it_stands() -> None:
    trace, whole = ComparisonTrace(), b"\0\1a\2bc"
    trace.compare("==", trace.cut(whole, 4, 6), b"wanted")
    trace.compare("in", trace.cut(whole, 2, 2), (b"no", b"\xff", "text", b""))
    trace.compare("==", trace.cut(whole, 4, 6), b"is")
    trace.compare("<", trace.cut(whole, 4, 6), b"not")
    part, nothing = End(6, 6, ((4, 6),), 2), End(6, 2, ((2, 2),), 0)
    assert reads_of(trace) == [(part, b"wanted"), (nothing, b"\xff"), (nothing, b"no")]
    assert list(read_on((whole,), [(READS, part, b"wanted")], 16)) == [(b"\0\1a\6wanted",)]


def test_a_byte_tells_where_it_stands_and_what_should_stand_there() -> None:
    trace, whole = ComparisonTrace(), b"\0\1\1\2bc"
    part = trace.cut(whole, 2, 5)
    trace.compare("!=", trace.item(part, 1), 7)
    trace.compare("not in", trace.item(part, -3), frozenset({300, 1, 9, 5}))
    trace.compare("==", 4, 8)
    trace.compare("<", trace.item(whole, 4), 3)
    second, first = End(6, 4, ((2, 5),), 1), End(6, 3, ((2, 5),), 1)
    assert reads_of(trace) == [(second, b"\7"), (first, b"\5"), (first, b"\t")]
    assert list(read_on((whole,), [(READS, first, b"\5")], 16)) == [(b"\0\1\5\2bc",)]


def test_in_binary_data_where_the_program_has_stopped_comes_first() -> None:
    value, first, last = b"\1\0\2a", End(4, 2, ((2, 2),)), End(4, 4)
    comparisons = [(READS, last, b"\0"), (READS, last, b"\1"), (READS, first, b"\0"), (READS, first, b"\1")]
    made = [changed for (changed,) in read_on((value,), comparisons, 16)]
    assert made[:4] == [b"\1\1\0\2a", b"\1\1\1\2a", b"\1\0\2a\0", b"\1\0\2a\1"]
    texts = [(READS, End(1, 1), b"b"), (READS, End(1, 1), b"c")]
    assert list(read_on((b"a",), texts, 16)) == [(b"ab",), (b"ac",)]


@pytest.mark.parametrize(
    ("operator", "number", "is_left", "missing"),
    [
        (">", 5, False, 2),
        (">=", 3, False, 1),
        ("<", 3, False, 1),
        ("<=", 4, False, 1),
        ("<", 5, True, 2),
        ("<=", 3, True, 1),
        ("!=", 4, True, 1),
        ("same ==", 5, False, 2),
        ("<", 2, True, 0),
        (">", 3, False, 0),
        ("<", MAX_MISSING + 9, True, 0),
    ],
)
def test_a_length_that_is_less_than_it_is_compared_with_lacks_the_rest(
    operator: str, number: int, is_left: bool, missing: int
) -> None:
    trace = ComparisonTrace()
    length = trace.length(len, b"abc")
    sides = (length, number) if is_left else (number, length)
    plain = operator.removeprefix("same ")
    left, right = sides
    assert trace.against_length(operator, left, right, is_left) is eval(
        f"a {plain} b", dict(zip("ab", sides, strict=True))
    )
    assert lacking(trace) == (fillers(3, missing) if missing else [])


def test_lengths_of_what_is_no_text_are_compared_as_ever() -> None:
    trace = ComparisonTrace()
    assert trace.against_length("<", trace.length(len, [1]), 5, True) is True
    assert trace.against_length("<", trace.length(len, "ab"), 5.5, True) is True
    with pytest.raises(TypeError):
        trace.length(len, 5)
    with pytest.raises(TypeError):
        trace.against_length("<", trace.length(len, b"ab"), "x", True)
    assert lacking(trace) == []


def done_alike(source: str) -> list[object]:
    """What a program notes in `out`, plain and while it is traced."""
    plain: dict[str, Any] = {"out": []}
    exec(source, plain)
    plain["fuzz"](b"data")
    with inhabited(source) as world:
        world.namespace["out"] = []
        tracing = world.tracing(lambda arguments: None)
        with tracing.on():
            tracing.comparisons((b"data",))
        assert world.namespace["out"] == plain["out"]
    return list(plain["out"])


LENGTHS = """
def fuzz(data):
    del out[:]
    def note(value):
        out.append(value)
        return value
    out.append(len(note("abc")) < note(5))
    out.append(note(5) >= len(note([1])))
    out.append(len(note("a")) == len(note("b")))
    out.append(0 < len(note("a")) < 3)
    try:
        note(1) > len(note(2))
    except TypeError as error:
        out.append(str(error))
    def count(len):
        return len("x") > 5
    out.append(count(lambda text: 7))
"""


def test_lengths_are_compared_as_the_program_compares_them() -> None:
    assert len(done_alike(LENGTHS)) > 12


NESTED = """
class Cursor:
    def __init__(self, data):
        self.data, self.pos = data, 0

    def one(self):
        if self.pos >= len(self.data):
            raise ValueError
        self.pos += 1
        return self.data[self.pos - 1]

    def inner(self, kind):
        if self.one() != kind:
            raise ValueError
        size = self.one()
        if self.pos + size > len(self.data):
            raise ValueError
        self.pos += size
        return Cursor(self.data[self.pos - size : self.pos])

def fuzz(data):
    try:
        outer = Cursor(data).inner(0x30)
        first = outer.inner(0x02).one()
        second = outer.inner(0xA3).one()
    except ValueError:
        return
    raise RuntimeError
"""


def test_elements_within_elements_are_read_through() -> None:
    with inhabited(NESTED) as world:
        assert world.search(b"", 20_000) is not None


def test_what_follows_is_no_token() -> None:
    assert list(tokens([(READS, End(2, 2), b"AAAAAAAA")])) == []


CUT = """
def fuzz(data):
    runs.append(data)
    return data[1:7]
"""


def test_what_is_lacking_is_tried_first() -> None:
    with inhabited(CUT) as world:
        world.namespace["runs"] = []
        world.fuzz(world.executor(), b"abc", 4, trace=True)
        assert world.namespace["runs"][:1] == [b"abc"]
        assert {b"abcAAAA", b"abc1111"} <= set(world.namespace["runs"])


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
    assert len(done_alike(PARTS)) > 15


@pytest.mark.parametrize(
    ("operator", "left", "right"),
    [
        ("<=", {"a", "b"}, {"a": 1}.keys()),
        ("<", frozenset("ab"), {"a"}),
        (">=", {"a": 1}.keys(), {"a", "b"}),
        (">", {"a"}, {"b", "a"}),
        ("issubset", {"a", "b"}, {"a": 1}),
        ("issuperset", {"a"}, {"a", "b"}),
        ("difference", {"a", "b"}, ["a"]),
    ],
)
def test_a_set_that_is_to_have_members_is_asked_for_each(operator: str, left: object, right: object) -> None:
    assert list(asked_of(operator, left, right)) == [("a", {"a": None}), ("b", {"a": None})]


@pytest.mark.parametrize(("left", "right"), [(1, 2), ("ab", "abc"), ([1], [2]), ({1}, 2), (None, {1})])
def test_other_comparisons_ask_for_nothing(left: object, right: object) -> None:
    assert list(asked_of("<=", left, right)) == []


def test_what_a_set_lacks_is_kept_and_what_it_has() -> None:
    trace = ComparisonTrace()
    assert trace.compare("<=", {"from", "to"}, {"to": 1}.keys()) is False
    kept = [("in", "from", ("to",)), ("lacks", "from", ()), ("in", "to", ("to",))]
    assert [each for each in trace.comparisons if each[0] != "<="] == kept
    trace.clear()
    assert trace.method({"from", "to"}.issubset)(["to"]) is False
    assert trace.comparisons == kept
    assert trace.method({1, 2}.difference)([2], [1]) == set()
    with pytest.raises(TypeError):
        trace.method({1}.issubset)()


class Meta(ABCMeta):
    """Its types compare as they please."""

    def __eq__(cls, other: object) -> bool:
        raise AssertionError

    __hash__ = ABCMeta.__hash__


class OddStream(BytesIO, metaclass=Meta):
    pass


class OddBytes(bytes, metaclass=Meta):
    pass


class OddTuple(tuple[object, ...], metaclass=Meta):
    def __iter__(self) -> Any:
        raise AssertionError


def test_types_of_the_targets_own_are_not_compared() -> None:
    trace = ComparisonTrace()
    assert trace.method(OddStream(b"a").read)(9) == b"a"
    assert trace.cut(OddBytes(b"abc"), 1, 9) == b"bc"
    assert trace.against_length("<", trace.length(len, OddBytes(b"abc")), 9, True) is True
    assert trace.method({1}.issubset)(dict[object, object]()) is False
    assert list(asked_of("<=", {1}, OddTuple())) == []
    trace.cut("a", 1, 2)
    assert trace.compare("in", "", OddTuple(("x",))) is False
    assert {each for each in lacking(trace) if each[1] == "x"} == set()


def test_who_cuts_what_is_long_again_and_again_has_it_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "MAX_HELD", 2_000)
    trace = ComparisonTrace()
    rest: Any = b"a" * 900
    for _ in range(500):
        rest = trace.cut(rest, 1, None)
        assert sum(len(part.text) for part in trace._reads._parts.values()) <= 2_000
    trace.cut(trace.cut(b"b" * 5_000, 1, None), 1, 2)
    assert sum(len(part.text) for part in trace._reads._parts.values()) <= 2_000


def test_who_reads_a_long_stream_sign_by_sign_has_it_copied_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "MAX_COPIED", 2_000)
    trace, stream = ComparisonTrace(), StringIO("a" * 900)
    while trace.method(stream.read)(1):
        pass
    assert trace._reads._copied <= 2_000 + 900
    assert lacking(trace) == []
    trace.clear()
    stream.seek(899)
    trace.method(stream.read)(2)
    assert lacking(trace) == [(900, "A"), (900, "1")]


def test_what_is_unpacked_as_a_whole_lacks_the_rest_and_is_compared_by_its_size() -> None:
    trace = ComparisonTrace()
    layout = struct.Struct(">HH")
    ways: list[Callable[[bytes], object]] = [
        lambda data: trace.method(struct.unpack)(">HH", data),
        lambda data: trace.method(layout.unpack)(data),
    ]
    for unpack in ways:
        trace.clear()
        with pytest.raises(struct.error):
            unpack(b"\0\1\2")
        assert lacking(trace) == [(3, b"\0"), (3, b"\1")]
        with pytest.raises(struct.error):
            unpack(b"\0\1\2\3\4")
        assert unpack(b"\0\1\2\3") == (1, 0x203)
        assert [each for each in trace.comparisons if each[0] != READS] == [("==", 3, 4), ("==", 5, 4)]


UNPACKED = """
from struct import unpack
def fuzz(data):
    kind, reserved = unpack(">BB", data[:2])
    if reserved or data[2]:
        return "reserved"
    if len(data) % 4:
        return "size"
    return "padding" if any(data[3:5]) else "all"
"""


@pytest.mark.parametrize(
    ("data", "answer", "kept"),
    [
        (b"\1", None, (READS, End(1, 1), b"\0")),
        (b"\1\2\0", "reserved", ("==", 2, 0)),
        (b"\1\0\3", "reserved", ("==", 3, 0)),
        (b"\1\0\0\0\0", "size", (READS, End(5, 5), b"\0\0\0")),
        (b"\1\0\0\5\6\0\0\0", "padding", ("==", b"\5\6", b"\0\0")),
        (bytes(8), "all", ("==", 0, 1)),
    ],
)
def test_what_has_to_be_zero_and_sizes_that_have_to_be_multiples_are_told(
    data: bytes, answer: str | None, kept: tuple[object, ...]
) -> None:
    with inhabited(UNPACKED) as world:
        world.probes.trace_comparisons(True)
        if answer is None:
            with pytest.raises(struct.error):
                world.function(data)
        else:
            assert world.function(data) == answer
        assert kept in world.probes.trace.comparisons


def test_any_is_asked_of_anything_as_ever() -> None:
    trace = ComparisonTrace()
    assert trace.zeros(any)(each for each in (0, 1)) is True
    assert trace.zeros(all) is all
    assert trace.comparisons == []


def test_a_view_of_bytes_is_compared_as_these() -> None:
    trace, view = ComparisonTrace(), memoryview(b"abc")
    assert trace.compare("==", view[1:], b"xy") is False
    view.release()
    assert trace.compare("==", view, b"xy") is False
    assert trace.comparisons == [("==", b"bc", b"xy")]


@pytest.mark.parametrize(
    ("cut", "at"),
    [
        (lambda trace, text: trace.method(text.partition)("="), {0: "key", 4: "one two"}),
        (lambda trace, text: trace.method(text.rsplit)("=", 1), {0: "key", 4: "one two"}),
        (lambda trace, text: trace.method(text.split)(), {0: "key=one", 8: "two"}),
        (lambda trace, text: (trace.method(text.removeprefix)("key="),), {4: "one two"}),
    ],
)
def test_pieces_of_a_text_are_read_as_the_whole_is(
    cut: Callable[[ComparisonTrace, str], Iterable[str]], at: dict[int, str]
) -> None:
    trace, text = ComparisonTrace(), "key=one two"
    pieces = [piece for piece in cut(trace, text) if len(piece) > 1]
    for (start, wanted), piece in zip(at.items(), pieces, strict=True):
        assert piece == wanted
        trace.comparisons.clear()
        trace.against_length("<", trace.length(len, piece), len(piece) + 2, True)
        found, _ = reads_of(trace)[0]
        assert isinstance(found, End)
        assert (found.size, found.at) == (len(text), start + len(piece))


def test_nothing_that_was_taken_somewhere_may_be_a_whole_of_its_own() -> None:
    trace, data = ComparisonTrace(), b"\0\0\0"
    trace.cut(data, 1, 1)
    decoded = b""
    trace.length(len, decoded)
    trace.against_length("!=", 0, 2, True)
    assert {(end.size, end.at) for end, _ in reads_of(trace) if isinstance(end, End)} == {(3, 1), (0, 0)}


@pytest.mark.parametrize("data", [b"\0abcdef", memoryview(b"\0abcdef"), bytearray(b"\0abcdef")])
def test_a_byte_beyond_the_end_of_a_part_is_lacking_there(data: Any) -> None:
    trace = ComparisonTrace()
    part: Any = trace.cut(data, 1, 4)
    with pytest.raises(IndexError):
        trace.item(part, 4)
    ends = [(end.at, text) for end, text in reads_of(trace) if isinstance(end, End)]
    assert ends == [(4, b"\0\0"), (4, b"\1\1")]
    trace.clear()
    with pytest.raises(IndexError):
        trace.item(trace.cut(data, 2, 3), -2)
    assert next((end.at, text) for end, text in reads_of(trace) if isinstance(end, End)) == (3, b"\0")


def test_what_a_part_is_too_short_for_to_be_unpacked_is_lacking_there() -> None:
    trace, data = ComparisonTrace(), b"\0abcdef"
    part: Any = trace.cut(data, 1, 4)
    for function, arguments in ((struct.unpack_from, ("<I", part, 1)), (struct.Struct("<I").unpack_from, (part, 1))):
        with pytest.raises(struct.error):
            trace.method(function)(*arguments)
    assert [(end.at, text) for end, text in reads_of(trace) if isinstance(end, End)] == [(4, b"\0\0"), (4, b"\1\1")]
    with pytest.raises(struct.error):
        trace.method(struct.unpack_from)("<?!", part, 1)


@pytest.mark.parametrize(
    "made",
    [
        "io.BytesIO(initial_bytes=data)",
        "io.BytesIO(*[data])",
        "io.BytesIO(data)",
        "io.BytesIO(memoryview(data).tobytes(order='C'))",
    ],
)
def test_however_a_stream_is_made_a_traced_run_does_the_same(made: str) -> None:
    code = f"import io\ndef fuzz(data):\n    empty, stream = io.BytesIO(), {made}\n    return stream.read(2) == b'xy'\n"
    with inhabited(code) as world:
        tracing = world.tracing(lambda arguments: None)
        with tracing.on():
            assert ("==", b"ab", b"xy") in tracing.comparisons((b"abc",))


BEHIND_THE_END = """
import io
def fuzz(data):
    stream = io.BytesIO(data)
    stream.seek(len(data) + 40)
    try:
        return stream.read(2)[0] == 7
    except IndexError:
        return stream.read() == b"xy"
"""


def test_what_is_read_behind_the_end_lacks_there() -> None:
    with inhabited(BEHIND_THE_END) as world:
        tracing = world.tracing(lambda arguments: None)
        with tracing.on():
            compared = tracing.comparisons((b"\0abc",))
    ends = [left for operator, left, _ in compared if operator == READS and isinstance(left, End)]
    assert ends
    assert [end for end in ends if end.at > end.size] == []
    assert list(read_on((b"\0abc",), compared, 100))
