import datetime
import hmac
import math
import re
import sys
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from configparser import ConfigParser, NoSectionError
from dataclasses import dataclass
from email import message_from_string
from enum import Enum
from functools import partial
from typing import Any, NamedTuple, cast
from xml.etree import ElementTree

import pytest

from fuzztui.worker.guidance import plain as plain_module
from fuzztui.worker.guidance.enumerations import refused
from fuzztui.worker.guidance.located import LocatedTrace
from fuzztui.worker.guidance.plain import MAX_MEMBERS, MAX_OPERAND, plain
from fuzztui.worker.guidance.trace import MAX_COMPARISONS, MAX_STEPS, ComparisonTrace
from fuzztui.worker.instrumentation.compares import SAME, SUMS, TRACE
from fuzztui.worker.instrumentation.literals import VERBOSE, Expression
from fuzztui.worker.mutate.operands import LIKE
from tests.worker.world import inhabited


@pytest.mark.parametrize(
    ("operator", "left", "right", "result"),
    [
        ("==", "a", "b", False),
        ("!=", 1, 2, True),
        ("<", 1.5, 2, True),
        ("<=", b"b", b"a", False),
        (">", 2, 1, True),
        (">=", 1, 1, True),
        ("in", "a", "cat", True),
        ("not in", "a", "cat", False),
    ],
)
def test_a_traced_comparison_gives_its_result_and_leaves_its_operands(
    operator: str, left: object, right: object, result: bool
) -> None:
    trace = ComparisonTrace()
    assert trace.compare(operator, left, right) is result
    assert trace.comparisons == [(operator, left, right)]


def test_comparisons_are_kept_once_and_at_most_so_many() -> None:
    trace = ComparisonTrace()
    for _ in range(3):
        trace.compare("==", 1, 2)
        trace.compare("==", 1.0, 2)
        trace.compare("==", math.inf, 2)
    assert len(trace.comparisons) == 3
    for number in range(2 * MAX_COMPARISONS):
        assert trace.compare("==", number, -1) is False
    assert len(trace.comparisons) == MAX_COMPARISONS
    trace.clear()
    assert trace.comparisons == []


def test_a_loop_that_asks_for_its_whole_state_is_looked_at_for_so_long_and_goes_on_as_ever() -> None:
    trace = ComparisonTrace()
    state = dict.fromkeys(range(MAX_MEMBERS), True)
    asked = 0
    while len(trace.comparisons) >= asked and asked < MAX_STEPS:
        assert trace.lookup(state, 0) is True
        asked += 1
        assert trace.compare("<", asked, 0) is False
    assert MAX_STEPS / MAX_MEMBERS / 4 < asked < MAX_STEPS / MAX_MEMBERS
    with pytest.raises(KeyError):
        trace.lookup(state, "lacking")
    assert trace.compare("is not", state, state) is False
    assert trace.compare("not in", 3, state) is False
    assert trace.compare(SAME["=="], 1, 1) is True
    assert trace.method("text".find)("q") == -1
    assert "lacking" not in [left for _, left, _ in trace.comparisons]
    trace.clear()
    assert trace.compare("==", "late", "again") is False
    assert trace.comparisons == [("==", "late", "again")]


def test_operands_are_exact_builtin_values_of_bounded_size() -> None:
    class Text(str):
        __slots__ = ()

    class Number(int):
        __slots__ = ()

    assert type(plain(Text("x"))) is str
    assert type(plain(Number(3))) is int
    assert plain(bytearray(b"x")) == b"x"
    assert plain(["a", None, True, 3, ["nested"]]) == ("a", 1, 3)
    assert plain({"k": 1}) == ("k",)
    assert plain({"k": 1}.keys()) == ("k",)
    assert plain(()) is None
    assert plain(list(range(1000))) == tuple(range(MAX_MEMBERS))
    for worthless in (None, True, object(), 3j, "x" * (MAX_OPERAND + 1), b"x" * (MAX_OPERAND + 1), 1 << 10**6):
        assert plain(worthless) is None


def test_tracing_runs_no_code_of_the_operands_but_the_comparison() -> None:
    class Liar(type):
        @property
        def __mro__(cls) -> Any:
            raise AssertionError("asked for its ancestors")

        def __instancecheck__(cls, instance: object) -> bool:
            raise AssertionError("asked for its instances")

    def refuse(*_: object) -> Any:
        raise AssertionError("called")

    hostile = dict.fromkeys(("__str__", "__iter__", "__len__", "__hash__", "__getitem__", "__int__"), refuse)
    trace = ComparisonTrace()
    for base in (str, bytes, int, list):
        operand = Liar(
            "Hostile", (base,), {**hostile, "__eq__": lambda *_: "compared", "__class__": property(refuse)}
        )()
        assert trace.compare("==", operand, "x") == "compared"
    assert len(trace.comparisons) == 3


def test_spans_of_time_are_compared_by_their_days_or_seconds_too() -> None:
    class timedelta:  # noqa: N801
        days = seconds = 0

    timedelta.__module__ = "datetime"
    trace = ComparisonTrace()
    assert trace.compare("<", datetime.timedelta(3), datetime.timedelta(60)) is True
    assert trace.compare(">", datetime.timedelta(3, 5), datetime.timedelta(3, 7)) is False
    assert trace.compare("==", timedelta(), timedelta()) is False
    assert trace.comparisons == [("<", 3, 60), (">", 5, 7)]


def test_what_a_comparison_raises_is_raised() -> None:
    trace = ComparisonTrace()
    with pytest.raises(TypeError, match="not supported"):
        trace.compare("<", "a", 1)


def test_what_has_no_members_lacks_what_is_looked_for_in_it() -> None:
    for nothing in (1, 1.5, True, None):
        trace = ComparisonTrace()
        with pytest.raises(TypeError, match="not iterable"):
            trace.compare("in", "k", nothing)
        assert ("lacks", "k", ()) in trace.comparisons


def test_a_key_is_not_in_a_table_with_nothing_in_it() -> None:
    trace = ComparisonTrace()
    assert trace.compare("in", "k", {}) is False
    assert trace.compare("not in", "l", []) is True
    with pytest.raises(KeyError):
        trace.lookup({}, "m")
    assert trace.comparisons == [
        *[("in", "k", ()), ("lacks", "k", ())],
        *[("lacks", "l", ())],
        *[("in", "m", ()), ("lacks", "m", ())],
    ]


def test_sets_are_kept_in_an_order_that_does_not_depend_on_hashes() -> None:
    members: list[Any] = ["b", "a", 10, 9, b"x", 1.5, ("nested",), None]
    assert plain(set(members)) == plain(frozenset(reversed(members))) == (b"x", 1.5, 10, 9, "a", "b")
    assert plain(set(range(10**5))) is None


METHODS: list[tuple[Callable[[Any], Any], tuple[object, ...], list[tuple[str, object, object]]]] = [
    (lambda call: call("a text".startswith), ("a",), [("startswith", "a text", "a")]),
    (lambda call: call("a text".startswith), (("a", "b"), 2), [("startswith", "text", ("a", "b"))]),
    (lambda call: call("a text".startswith), ("ex", -3, -1), [("startswith", "ex", "ex")]),
    (lambda call: call(b"a text".endswith), (b"t",), [("endswith", b"a text", b"t")]),
    (lambda call: call("a text".endswith), ("a", 0, 1), [("endswith", "a", "a")]),
    (lambda call: call("a text".removeprefix), ("a ",), [("startswith", "a text", "a ")]),
    (lambda call: call("a text".removesuffix), ("xt",), [("endswith", "a text", "xt")]),
    (lambda call: call("a text".find), ("t", 3), [("in", "t", "ext")]),
    (lambda call: call(b"a text".rfind), (120, None), [("in", 120, b"a text")]),
    (lambda call: call("a text".index), ("t",), [("in", "t", "a text")]),
    (lambda call: call("a text".count), ("t",), [("in", "t", "a text")]),
    (lambda call: call("a text".replace), ("t", "s", 1), [("in", "t", "a text")]),
    (lambda call: call("a text".split), (" ", 1), [("in", " ", "a text")]),
    (lambda call: call("a text".partition), (" ",), [("in", " ", "a text")]),
    (lambda call: call(bytearray(b"a b").rpartition), (b" ",), [("in", b" ", b"a b")]),
    (lambda call: call("'a'".strip), ("'",), [("startswith", "'a'", ("'",)), ("endswith", "'a'", ("'",))]),
    (lambda call: call(b"a  ".rstrip), (b" \t",), [("endswith", b"a  ", (b" ", b"\t"))]),
    (lambda call: call({"k": 1}.get), ("x", 0), [("in", "x", ("k",)), ("lacks", "x", ())]),
    (lambda call: call({}.get), (3,), [("lacks", 3, ())]),
    (lambda call: call({}.get), ("k",), [("in", "k", ()), ("lacks", "k", ())]),
    (lambda call: call(re.compile("x+", re.X).match), ("text", 2), [("matches", "xt", Expression("x+", VERBOSE))]),
    (lambda call: call(re.compile(b"x").split), (b"a x b", 1), [("matches", b"a x b", Expression(b"x", 0))]),
    (lambda call: call("a text".split), (None, 1), [("in", " ", "a text")]),
    (lambda call: call(b"a text".splitlines), (True,), [("in", b"\n", b"a text")]),
    (lambda call: call({"k": 1, "l": 2}.get), (None,), [("wants", "k", ()), ("wants", "l", ())]),
    (
        lambda call: call({("s", "k"): 1}.get),
        (("s", "l"),),
        [("in", "l", ("k",)), ("lacks", "s", ()), ("lacks", "l", ())],
    ),
    (lambda call: call({("s", "k"): 1}.get), (("s", "k"),), []),
    (lambda call: call([1].index), (1,), [("in", 1, (1,))]),
    (lambda call: call(deque("ab").count), ("K",), [("in", "K", ("a", "b")), ("lacks", "K", ())]),
    (lambda call: call(OrderedDict(k=1).get), ("x",), [("in", "x", ("k",)), ("lacks", "x", ())]),
    (lambda call: call(re.match), (r"a\d", "b"), [("matches", "b", Expression(r"a\d", 0))]),
    (
        lambda call: partial(call(re.split), flags=re.X),
        (b"x", b"a x b"),
        [("matches", b"a x b", Expression(b"x", VERBOSE))],
    ),
    (lambda call: call(re.search), (b"x", b"a x b", re.X), [("matches", b"a x b", Expression(b"x", VERBOSE))]),
    (lambda call: call(re.sub), (re.compile("x"), "y", "text"), [("matches", "text", Expression("x", 0))]),
    (lambda call: call(re.compile("x").sub), ("y", "text"), [("matches", "text", Expression("x", 0))]),
    (lambda call: call({"k"}.isdisjoint), ({"l": 1},), [("in", "k", ("l",)), ("lacks", "k", ())]),
    (lambda call: call(hmac.compare_digest), (b"a", b"b"), [("same", b"a", b"b"), ("==", b"a", b"b")]),
    (lambda call: call(message_from_string("A: b").get), ("C", "d"), [("lacks", "C", ())]),
    (lambda call: call(message_from_string("A: b").get), ("a", "d"), [("in", "a", ("a",))]),
]


@pytest.mark.parametrize(("method", "arguments", "kept"), METHODS)
def test_a_traced_method_gives_its_result_and_leaves_what_it_compared(
    method: Callable[[Any], Any], arguments: tuple[object, ...], kept: list[tuple[str, object, object]]
) -> None:
    trace = ComparisonTrace()
    assert str(method(trace.method)(*arguments)) == str(method(lambda function: function)(*arguments))
    assert trace.comparisons == kept


def test_a_separator_by_name_is_kept() -> None:
    trace = ComparisonTrace()
    assert trace.method("a=b".split)(sep="=", maxsplit=1) == ["a", "b"]
    assert trace.comparisons == [("in", "=", "a=b")]


def test_methods_of_the_targets_own_types_are_called_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    class Text(str):
        __slots__ = ()

        def find(self, *_: object) -> int:
            return 7

    class Table(dict[str, int]):
        pass

    class Own:
        def get(self, name: str) -> None: ...

    trace = ComparisonTrace()
    for method in (Text("x").find, Text("x").split, str.split, Text.find, "".join, print):
        assert trace.method(method) is method or type(getattr(method, "__self__", None)) is str
    assert trace.method(Table().get)("x") is None
    assert trace.comparisons == [("lacks", "x", ())]
    trace.clear()
    assert trace.method(Own().get) is not Own.get  # of code that is not instrumented
    monkeypatch.setitem(globals(), TRACE, None)
    own = Own().get
    assert trace.method(own) is own  # what is tells by itself
    assert trace.comparisons == []


def test_a_lookup_gives_its_result_and_leaves_key_and_keys() -> None:
    trace = ComparisonTrace()
    assert trace.lookup({"one": 1, "two": 2}, "two") == 2
    with pytest.raises(KeyError, match="three"):
        trace.lookup({"one": 1}, "three")
    assert trace.lookup(["item"], 0) == "item"
    assert trace.comparisons == [("in", "two", ("one", "two")), ("in", "three", ("one",)), ("lacks", "three", ())]


def test_members_of_what_is_derived_from_builtin_containers_are_told_by_these() -> None:
    class Hostile(dict[str, int]):
        def keys(self) -> Any:
            raise AssertionError

        __iter__ = __len__ = keys

    class Pair(NamedTuple):
        kind: str
        text: str

    trace = ComparisonTrace()
    assert trace.compare("in", "b", Hostile(a=1)) is False
    assert trace.lookup(Counter("a"), "c") == 0
    assert trace.compare("not in", "d", deque()) is True
    assert trace.compare("in", "e", {"k": "v"}.values()) is False
    assert trace.compare("==", Pair("name", "x"), Pair("sign", "[")) is False
    assert trace.comparisons == [
        *[("in", "b", ("a",)), ("lacks", "b", ())],
        *[("in", "c", ("a",)), ("lacks", "c", ())],
        ("lacks", "d", ()),
        *[("in", "e", ("v",)), ("lacks", "e", ())],
        *[("==", ("name", "x"), ("sign", "[")), ("==", "name", "sign"), ("==", "x", "[")],
    ]


def test_what_other_objects_were_asked_for_in_vain_is_told_by_what_they_answer() -> None:
    message, settings = message_from_string("A: b"), ConfigParser()
    trace = ComparisonTrace()
    assert trace.compare("in", "X-Key", message) is False
    assert trace.compare("not in", "a", message) is False
    assert trace.lookup(message, "Subject") is None
    assert trace.method(settings.has_section)("main") is False
    with pytest.raises(NoSectionError):
        trace.method(settings.get)("other", "key")
    assert trace.comparisons == [
        ("lacks", "X-Key", ()),
        ("in", "a", ("a",)),
        *[("lacks", each, ()) for each in ("Subject", "main", "other", "key")],
    ]


def test_a_name_of_a_member_that_an_enumeration_does_not_have_is_told_with_those_that_it_has() -> None:
    class Kind(Enum):
        ONE = 1
        TWO = 2

    trace = ComparisonTrace()
    with pytest.raises(KeyError):
        trace.lookup(Kind, "one")
    assert trace.comparisons == [("in", "one", ("ONE", "TWO"))]


def test_members_that_a_set_has_besides_another_are_asked_for() -> None:
    source = (
        "NEEDED = {'name'}\n"
        "class A:\n OTHER = frozenset(['size'])\n"
        "def fuzz(data):\n found = {data: 1}\n return NEEDED - found.keys(), A.OTHER & set(found), 5 - 3, 5 & 3\n"
    )
    with inhabited(source) as world:
        world.probes.trace_comparisons(True)
        assert world.function("x") == ({"name"}, set(), 2, 1)
        assert ("lacks", "name", ()) in world.probes.trace.comparisons
        assert ("lacks", "size", ()) in world.probes.trace.comparisons


def test_what_nothing_was_compared_with_is_kept() -> None:
    trace = ComparisonTrace()
    assert trace.compare("==", None, "word") is False
    assert trace.compare("!=", 5, None) is True
    assert trace.compare("==", None, None) is True
    assert trace.comparisons == [("wants", "word", ()), ("wants", 5, ())]


def test_what_nothing_would_have_to_be_to_be_in_a_table_is_kept() -> None:
    trace = ComparisonTrace()
    assert trace.compare("not in", None, {"submit": 1, "stats": 2}) is True
    assert trace.compare("in", None, ("a", None)) is True
    assert trace.compare("in", None, {"of", "no", "order"}) is False
    assert trace.comparisons == [("wants", "submit", ()), ("wants", "stats", ()), ("wants", "a", ())]


def test_a_name_and_its_value_that_an_empty_list_lacks_are_kept() -> None:
    trace = ComparisonTrace()
    assert trace.compare("in", ("final", "1"), []) is False
    assert ("lacks", "final", ()) in trace.comparisons
    assert ("wants", "1", ()) in trace.comparisons


def test_a_name_that_an_object_has_is_among_those_that_are_alike() -> None:
    class Machine:
        def op_reset(self) -> None: ...

        def op_begin(self) -> None: ...

    trace = ComparisonTrace()
    look_up = cast("Any", trace.attribute(getattr))
    look_up(Machine(), "op_begin", None)
    look_up(Machine(), "op_x", None)
    assert trace.comparisons == [
        ("named", "op_begin", ("op_begin", "op_reset")),
        ("named", "op_x", ("op_reset", "op_begin")),
    ]


def test_whether_a_key_is_there_is_not_asked_of_the_targets_own_types() -> None:
    class Key(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            raise AssertionError

    trace = ComparisonTrace()
    table = {Key("one"): 1}
    with pytest.raises(AssertionError):  # by the lookup itself, which comes after what is kept
        trace.lookup(table, "one")
    assert trace.comparisons == [("in", "one", ("one",)), ("lacks", "one", ())]


def test_a_chain_leaves_its_links() -> None:
    trace = ComparisonTrace()
    trace.chain(("<=", "<"), 3, 5, 10)
    assert trace.comparisons == [("<=", 3, 5), ("<", 5, 10)]


def test_a_match_leaves_what_its_patterns_compare() -> None:
    trace = ComparisonTrace()
    subject = ["go", {"to": "north"}]
    checks: Any = (
        ((), "of", ("quit",)),
        ((0,), "of", ("go", "stop")),
        ((1,), "key", ("to",)),
        ((1, "to"), "of", (3,)),
    )
    assert trace.case(subject, (*checks, ((7,), "of", ("absent",)), ((0, 0), "of", ("nothing",)))) is subject
    assert trace.comparisons == [
        ("of", ("go",), ("quit",)),
        ("of", "go", ("go", "stop")),
        ("in", "to", ("to",)),
        ("of", "north", (3,)),
    ]


@pytest.mark.parametrize(
    ("text", "arguments", "wanted"),
    [
        ("a,b", (",",), "go,b,0"),
        ("a b c  d", (), "go b c"),
        (b"a", (b";", 2), b"go;0;0"),
        ("a", ("--",), "go--0--0"),
    ],
)
def test_a_match_of_pieces_leaves_the_text_that_would_have_such_pieces(
    text: Any, arguments: tuple[object, ...], wanted: object
) -> None:
    trace = ComparisonTrace()
    go: Any = "go" if isinstance(text, str) else b"go"
    pieces = trace.method(text.split)(*arguments)
    trace.case(pieces, (((), "sequence", (go, None, None)),))
    assert trace.comparisons[-1] == ("like", text, wanted)


def test_pieces_that_are_compared_with_others_leave_the_text_that_would_have_those() -> None:
    trace = ComparisonTrace()
    assert not trace.compare("==", trace.method("a".split)("."), ["www", "python", "org"])
    assert trace.comparisons[-1] == ("==", "a", "www.python.org")


def test_a_list_that_is_no_pieces_of_a_text_leaves_none() -> None:
    trace = ComparisonTrace()
    pieces = trace.method("a,b".split)(",")
    trace.clear()
    for other in (pieces, ["a", "b"], ("a", "b"), "ab"):
        trace.case(other, (((), "sequence", ("go", None)),))
    trace.case(trace.method("a,b".split)(","), (((), "sequence", (b"go", None)), ((), "sequence", ("go", 3))))
    assert trace.comparisons == [("in", ",", "a,b")]


def test_a_method_under_another_name_is_called_and_nothing_is_kept() -> None:
    trace = ComparisonTrace()
    assert trace.method("abc".istitle)() is False
    assert trace.comparisons == []


@pytest.mark.parametrize(
    ("method", "kept"),
    [
        ("ab".isdigit, [("like", "ab", "1"), ("like", "ab", "11")]),
        (b"".isdigit, [("like", b"", b"1")]),
        ("1 b".isidentifier, [("like", "1 b", "a"), ("like", "1 b", "aaa")]),
        ("ab".isupper, [("like", "ab", "A"), ("like", "ab", "AA")]),
        ("ab".isalpha, []),
        ("a".isdigit, []),
    ],
)
def test_a_text_of_which_a_method_says_no_is_kept_with_one_of_which_it_says_yes(
    method: Callable[[], bool], kept: list[tuple[str, object, object]]
) -> None:
    trace = ComparisonTrace()
    assert trace.method(method)() is method()
    assert trace.comparisons == kept


def test_a_key_that_is_to_be_taken_out_of_a_dict_is_lacking() -> None:
    trace = ComparisonTrace()
    assert trace.method({"a": 1}.pop)("b", None) is None
    assert ("lacks", "b", ()) in trace.comparisons
    assert trace.method(bytearray(b"ab").pop)(0) == ord("a")
    assert len(trace.comparisons) == 2


def test_what_is_looked_for_in_a_tree_of_markup_is_kept() -> None:
    trace = ComparisonTrace()
    root = ElementTree.fromstring('<call id="1"><of><name/></of></call>')
    assert trace.method(root.find)("of/that") is None
    assert trace.comparisons == [("in", "of", ("of",)), ("in", "that", ("name",)), ("lacks", "that", ("of",))]
    trace.clear()
    assert trace.method(root.get)("method") is None
    assert trace.method(root.findtext)("of") is not None
    assert list(cast("Any", trace.method(root.iter)("all"))) == []
    lacking = [(key, within) for operator, key, within in trace.comparisons if operator == "lacks"]
    assert lacking == [("method", ()), ("all", ("call",))]


def test_elements_of_a_class_of_the_targets_own_are_not_looked_into() -> None:
    class Own(ElementTree.Element):
        def __iter__(self) -> Any:
            raise AssertionError

    trace = ComparisonTrace()
    assert trace.method(Own("a").find)("b") is None
    assert trace.comparisons == []


def test_a_container_that_another_thread_is_changing_is_no_operand(monkeypatch: pytest.MonkeyPatch) -> None:
    def changed_meanwhile(*_: object) -> list[object]:
        raise RuntimeError("dictionary changed size during iteration")

    assert plain({"key": 1}) == ("key",)
    monkeypatch.setattr(plain_module, "islice", changed_meanwhile)
    assert plain({"key": 1}) is None


@pytest.mark.parametrize(
    "condition", ["read(data) == data[1] > 3", "0 < total == len(data)", "read(data) != total < 9"]
)
def test_links_of_a_chain_are_equalities_of_what_was_worked_out(condition: str) -> None:
    with inhabited(
        f"def read(data):\n    return data[0]\ndef fuzz(data):\n    total = data[1]\n    return {condition}\n"
    ) as world:
        tracing = world.tracing(lambda _: None)
        with tracing.on():
            found = tracing.comparisons((b"\7\3\0\0",))
        assert [each for each in found if each[0] == "same"] in ([("same", 7, 3)], [("same", 3, 4)])
        assert world.function(b"\4\4\0\0") is ("!" not in condition)
        assert world.function(b"\4\5\0\0") is ("!" in condition)


def test_no_link_of_a_chain_with_a_constant_is_such_an_equality() -> None:
    with inhabited("def fuzz(data):\n    return 0 <= data[0] == 5 <= data[1] != 300\n") as world:
        tracing = world.tracing(lambda _: None)
        with tracing.on():
            assert "same" not in [operator for operator, _, _ in tracing.comparisons((b"\5\7",))]


def test_a_chain_of_names_and_lengths_is_compared_link_by_link_as_far_as_it_holds() -> None:
    source = """
def fuzz(data):
    count, total = data[0], data[1]
    return 3 <= count <= total <= len(data)
"""
    with inhabited(source) as world:
        tracing = world.tracing(lambda _: None)
        with tracing.on():
            found = [each for each in tracing.comparisons((b"\4\7abc",)) if each[0] in ("<=", "reads")]
            assert found[0:2] == [("<=", 3, 4), ("<=", 4, 7)]
            assert found[-1] == ("<=", 7, 5)
            assert {lacking for operator, _, lacking in found if operator == "reads"} == {b"\0\0", b"\1\1"}
            assert [*tracing.comparisons((b"\1\7abc",))][-1] == ("<=", 3, 1)
        assert world.function(b"\4\5abc") is True
        assert world.function(b"\4\7abc") is False


def test_links_of_a_chain_belong_to_their_frame() -> None:
    trace = ComparisonTrace()

    def inner() -> object:
        return trace.link("<", 5, 6, 0) and trace.link_on("<", 7, 0)

    assert trace.link("<", 1, 3, 0) is True
    assert inner() is True
    assert trace.link_on("<", 2, 0) is False, "three, not seven, is what it was compared with"


def test_a_chain_of_what_has_code_is_compared_once_and_ends_where_it_fails() -> None:
    calls: list[str] = []

    class Number(int):
        def __lt__(self, other: object) -> Any:
            calls.append(f"{int(self)} < {other}")
            return int(self) < int(other)  # type: ignore[call-overload]

    trace = ComparisonTrace()
    assert trace.links(("<", "<"), Number(1), Number(5), 3) is False
    assert trace.links(("<", "<"), Number(7), Number(5), 3) is False
    assert trace.links(("<", "<="), 1, 2, 2) is True
    assert calls == ["1 < 5", "5 < 3", "7 < 5"]
    assert ("<", 5, 3) in trace.comparisons


@pytest.mark.parametrize(
    ("left", "right", "kept"),
    [
        ([], ["day", "id"], ((), ("day", "id"))),
        (("day", "id"), (), (("day", "id"), ())),
        (set(), {"day"}, ((), ("day",))),
    ],
)
def test_of_several_that_were_wanted_there_may_be_none(left: object, right: object, kept: tuple[object, ...]) -> None:
    trace = ComparisonTrace()
    trace.compare("!=", left, right)
    trace.compare("==", [], [])
    trace.compare("==", [], 7)
    assert trace.comparisons == [("!=", *kept)]


ENUMERATION = """
from enum import Enum, IntEnum, IntFlag

class Kind(IntEnum):
    GET = 0xA0
    SET = 0xA3

class Name(Enum):
    ONE = "one"

def fuzz(data):
    try:
        Kind(data[0])
    except ValueError:
        pass
    try:
        Name(data[1:].decode())
    except ValueError:
        return
"""


def test_an_enumeration_that_refuses_a_value_tells_its_members() -> None:
    with inhabited(ENUMERATION) as world:
        tracing = world.executor()._guidance._tracing
        with tracing.on():
            compared = tracing.comparisons((b"\1two",))
    assert ("in", 1, (0xA0, 0xA3)) in compared
    assert ("in", "two", ("one",)) in compared


def test_an_exception_with_the_words_of_an_enumeration_is_none() -> None:
    def raised() -> ValueError:
        cls, value = int, 1
        try:
            raise ValueError(f"{value} is not a valid {cls}")
        except ValueError as error:
            return error

    assert refused(raised()) is None
    assert refused(KeyError(1)) is None
    assert refused(None) is None


@pytest.mark.parametrize("operator", [*SAME.values(), *SUMS.values()])
def test_a_run_that_compares_more_than_is_looked_at_compares_as_without(operator: str) -> None:
    trace = ComparisonTrace()
    for number in range(MAX_STEPS + 1):
        trace.compare("==", number % 8, -1)
    assert trace.compare(operator, 1, 1) is operator.endswith("==")


def test_a_text_that_others_than_some_signs_are_left_of_may_have_to_consist_of_these() -> None:
    trace = ComparisonTrace()
    assert trace.method(b"1x2".strip)(b"01234567") == b"x"
    assert ("like", b"1x2", b"000") in trace.comparisons
    trace.clear()
    trace.method(b"12".strip)(b"01234567")
    trace.method(" a ".strip)(" \t\n")
    assert not [each for each in trace.comparisons if each[0] == "like"]


def test_lengths_and_links_are_told_of_the_line_in_which_they_are_compared() -> None:
    frame = sys._getframe()
    trace = LocatedTrace(frame.f_code.co_filename, [frame.f_lineno + 2])
    trace.against_length("<", 1, 2, True)
    trace.against_length("<", 2, 7, True), trace.link("<", 3, 8, 0), trace.link_on("<=", 9, 0)
    assert [(each.left, each.right) for each in trace.take()] == [("2", "7"), ("3", "8"), ("8", "9")]


@pytest.mark.parametrize("container", ["word", b"word", 7, 1.5, True, [1], (1,), None])
def test_a_name_that_is_looked_up_in_what_has_none_is_lacking(container: object) -> None:
    trace = ComparisonTrace()
    with pytest.raises(TypeError):
        trace.lookup(container, "pos")
    assert trace.comparisons == [("lacks", "pos", ())]


def test_lists_and_dicts_in_lists_are_compared_each_by_itself() -> None:
    trace = ComparisonTrace()
    trace.compare("==", [[7, "a"], 8, {"k": 1}], [[9, "b"], 8, {"k": 2}])
    assert [each for each in trace.comparisons if each[1] in (7, 1, (7, "a"))] == [
        ("==", (7, "a"), (9, "b")),
        ("==", 7, 9),
        ("==", 1, 2),
    ]
    trace.clear()
    deep: list[object] = [1]
    other: list[object] = [2]
    for _ in range(20):
        deep, other = [deep], [other]
    trace.compare("==", deep, other)
    assert ("==", 1, 2) not in trace.comparisons


def test_numbers_in_lists_are_compared_each_by_itself() -> None:
    trace = ComparisonTrace()
    assert trace.compare("==", [1, 0, "x"], [1, 4, "y"]) is False
    assert trace.comparisons == [("==", (1, 0, "x"), (1, 4, "y")), ("==", 1, 1), ("==", 0, 4)]
    trace.clear()
    trace.compare("==", [1, 2], [1, 2, 3])
    trace.compare("==", [5] * 9, [6] * 9)
    assert trace.comparisons == [("==", (1, 2), (1, 2, 3)), ("==", (5,) * 9, (6,) * 9)]


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("o['p'][0]['x'] < o['p'][1]['x']", ("<", 3, 4)),
        ("o['p'][0]['x'] + o['p'][1]['x'] == o['p'][0]['x'] * o['p'][1]['x']", ("==", 7, 12)),
    ],
)
def test_comparisons_of_what_lies_deep_are_traced(condition: str, kept: tuple[str, int, int]) -> None:
    source = f"import json\ndef fuzz(data):\n    o = json.loads(data)\n    if {condition}:\n        return 1\n"
    with inhabited(source) as world:
        tracing = world.executor()._tracing
        with tracing.on():
            assert kept in tracing.comparisons((b'{"p": [{"x": 3}, {"x": 4}]}',))


def test_of_two_records_the_fields_are_compared_each_by_itself() -> None:
    @dataclass
    class Head:
        kind: int
        name: str

    @dataclass(slots=True)
    class Slotted:
        kind: int

    trace = ComparisonTrace()
    assert trace.compare("==", Head(1, "a"), Head(2, "b")) is False
    trace.compare("!=", Slotted(3), Slotted(4))
    trace.compare("==", Head(5, "c"), Slotted(6))
    assert trace.comparisons == [("==", 1, 2), ("==", "a", "b"), ("!=", 3, 4)]


@pytest.mark.parametrize(
    ("rest", "wanted"),
    [
        ("key, value = rest.split('=')", "put a=a"),
        ("key, value = rest.split()", "put a a"),
        ("int(rest)", "put 1"),
        ("rest == 'on'", "put on"),
        ("rest.startswith('0x')", "put 0x"),
    ],
)
def test_what_is_wanted_behind_a_word_stands_there_where_nothing_did(rest: str, wanted: str) -> None:
    source = f"""
def fuzz(data):
    word, _, rest = data.decode().partition(" ")
    try:
        {rest}
    except ValueError:
        return
"""
    with inhabited(source) as world:
        tracing = world.executor()._tracing
        with tracing.on():
            for data in (b"put", b"put "):
                assert (LIKE, data.decode(), wanted) in tracing.comparisons((data,))
            assert not [each for each in tracing.comparisons((b"put x",)) if each[1] == "put x" and each[0] == LIKE]


@pytest.mark.parametrize(
    ("how", "result", "pairs"),
    [
        ("+", 12, [(7, 95), (5, 93)]),
        ("-", 2, [(7, 105)]),
        ("^", 2, [(7, 97), (5, 99)]),
    ],
)
def test_what_is_worked_out_of_two_numbers_says_what_each_has_to_be(
    how: str, result: int, pairs: list[tuple[int, int]]
) -> None:
    trace = ComparisonTrace()
    assert trace.arithmetic("!=", trace.worked_out(how, 7, 5), 100) is True
    kept = [(operator, *pair) for pair in pairs for operator in ("same", "==")]
    assert trace.comparisons == [*kept, ("!=", result, 100)]
    trace.clear()
    assert trace.arithmetic("==", trace.worked_out("+", "a", "b"), "ab") is True
    assert trace.arithmetic("==", trace.worked_out("-", {1, 2}, {2}), {1}) is True
    assert trace.comparisons == [("==", "ab", "ab"), ("==", (1,), (1,))]
    with pytest.raises(TypeError):
        trace.worked_out("+", "a", 1)
    trace.clear()
    assert trace.arithmetic("!=", trace.worked_out("+", 2.5, 0.5), 0) is True
    assert {("==", 2.5, -0.5), ("==", 0.5, -2.5)} <= set(trace.comparisons)
    trace.clear()
    assert trace.arithmetic("==", trace.worked_out("+", 2.5, 0.5), 10**400) is False
    assert len(trace.comparisons) == 1, "no float is so large"


@pytest.mark.parametrize(
    "condition", ["size ^ check != 0xA5A5", "size + check != 51_966", "check - size != 4_660", "size + check != total"]
)
def test_a_number_that_another_one_and_a_constant_determine_is_found_and_kept_right(condition: str) -> None:
    with inhabited(
        "import struct\n"
        "def fuzz(data):\n"
        "    if len(data) < 6:\n"
        "        return\n"
        "    size, check, total = struct.unpack('>HHH', data[:6])\n"
        f"    if {condition} or size != len(data) - 6 or not size:\n"
        "        return\n"
        "    raise ValueError(data)\n"
    ) as world:
        assert world.search(b"", 20_000) is not None


OWN_WAYS = {
    "no truth": ("class R:\n    def __bool__(self): raise OSError", "5 == R()"),
    "no truth beside a text": ("class R:\n    def __bool__(self): raise OSError", "'' == R()"),
    "a text without a length": ("class S(str):\n    def __len__(self): raise OSError", "''.startswith(S('a'))"),
    "a class without a hash": (
        "class M(type):\n    def __eq__(self, other): return self is other\n"
        "class C(metaclass=M):\n    def __getitem__(self, key): return key",
        "C()['a']",
    ),
    "a container of such a class": (
        "class M(type):\n    def __eq__(self, other): raise OSError\n"
        "class C(metaclass=M):\n    def __contains__(self, key): return True",
        "((1, 2) in C(), None in C())",
    ),
    "a made up __dict__": (
        "import dataclasses\n@dataclasses.dataclass(eq=False)\nclass D:\n    a: int = 1\n"
        "    @property\n    def __dict__(self): raise OSError\n    def __eq__(self, other): return True",
        "D() == D()",
    ),
    "a __dict__ of its own": (
        "import dataclasses\nclass Own(dict):\n    def get(self, *_): raise OSError\n"
        "@dataclasses.dataclass(eq=False)\nclass D:\n    a: int = 1\n"
        "    def __post_init__(self): self.__dict__ = Own(a=1)\n    def __eq__(self, other): return True",
        "D() == D()",
    ),
    "a class with its own ways": (
        "class M(type):\n    def __getattribute__(self, name):\n        if name != '__class__': raise OSError(name)\n"
        "        return type.__getattribute__(self, name)\n"
        "class C(metaclass=M):\n    def __eq__(self, other): return True",
        "C() == C()",
    ),
    "a default whose class has no equality": (
        "import dataclasses\nclass M(type):\n    def __eq__(self, other): raise OSError\n    __hash__ = type.__hash__\n"
        "class V(metaclass=M): pass\n@dataclasses.dataclass(eq=False)\nclass D:\n    a: object = V()\n"
        "    def __eq__(self, other): return True",
        "D() == D()",
    ),
    "a separator of another kind": (
        "def two(rest):\n    try: key, value = rest.split(memoryview(b','))\n    except ValueError: return 'vain'",
        "two(data.partition(b' ')[2])",
    ),
    "a sum that fails before": ("", "buf + data == int('x')"),
    "a sum that changes after": (
        "def take(b):\n    old = b[:]\n    b.clear()\n    return old",
        "buf + more == take(buf)",
    ),
}


@pytest.mark.parametrize(("classes", "asked"), OWN_WAYS.values(), ids=OWN_WAYS)
def test_what_is_traced_runs_as_what_is_not(classes: str, asked: str) -> None:
    source = f"""
{classes}
def fuzz(data):
    buf, more = [1], []
    try:
        outcome = {asked}
    except Exception as error:
        outcome = type(error).__name__
    fuzz.outcomes.append(str(outcome))
fuzz.outcomes = []
"""
    with inhabited(source) as world:
        executor = world.executor()
        executor._runner.run((b"",), b"")
        with executor._tracing.on():
            executor._tracing.comparisons((b"",))
        bare, traced = cast("Any", world.function).outcomes
        assert traced == bare


def test_what_is_worked_out_is_compared_from_where_the_program_does() -> None:
    source = """
def one(a, b, c):
    return a + b == c
def other(a, b, c):
    return a + b == c
def fuzz(data):
    one(*data[:3])
    other(*data[:3])
"""
    with inhabited(source) as world:
        executor = world.executor()
        with executor._tracing.on():
            executor._tracing.comparisons((b"abc",))
            found = [each.context for each in world.probes.trace.contexts.equalities]
    assert len(found) == len(set(found)) == 2


def test_a_key_that_has_refused_an_input_is_kept_once_more_behind_what_was_asked_since() -> None:
    source = (
        "def fuzz(data):\n"
        "    table = {}\n"
        "    try:\n"
        "        if 'k' not in table and data != b'x':\n"
        "            table['k']\n"
        "    except KeyError:\n"
        "        pass\n"
    )
    with inhabited(source) as world:
        tracing = world.tracing(lambda _: None)
        with tracing.on():
            found = tracing.comparisons((b"y",))
    assert [each for each in found if each[0] != "same"] == [
        *[("in", "k", ()), ("lacks", "k", ())],
        ("!=", b"y", b"x"),
        ("lacks", "k", ()),
    ]


def test_keys_that_are_missing_in_turns_are_kept_once_more_a_few_times() -> None:
    trace, table = ComparisonTrace(), dict[str, int]()
    for number in range(300):
        try:
            table["ab"[number % 2]]
        except KeyError:
            trace.caught()
    assert 2 < len(trace.comparisons) < 20
    trace.compare("==", "behind", "all")
    assert ("==", "behind", "all") in trace.comparisons


def test_dicts_that_differ_in_many_keys_leave_steps_for_others() -> None:
    trace = ComparisonTrace()
    one, other = ({f"{sign}{number}": number for number in range(60)} for sign in "ab")
    for _ in range(50):
        trace.compare("==", one, other)
    trace.compare("==", "behind", "all")
    assert ("==", "behind", "all") in trace.comparisons
    assert ("lacks", "b0", ()) in trace.comparisons


def test_lists_within_lists_are_looked_into_as_long_as_there_are_steps() -> None:
    trace = ComparisonTrace()
    one, other = ([[[{f"{sign}{number}": 1 for number in range(60)}] * 8] * 8] * 8 for sign in "ab")
    trace.compare("==", one, other)
    assert trace._left > -1000


def test_a_long_key_is_not_kept_of_an_empty_table_either() -> None:
    trace = ComparisonTrace()
    trace.compare("in", "x" * (MAX_OPERAND + 1), {})
    assert not trace.comparisons


def test_what_is_no_number_is_wanted_of_none() -> None:
    trace = ComparisonTrace()
    infinite = float("inf")
    for _ in range(5):
        trace.arithmetic("==", ("+", infinite, -infinite, infinite - infinite), 1.0)
    assert not [each for each in trace.comparisons if each[0] == "same" and each[1] != each[1]]
    assert len(trace.comparisons) < 5
