from typing import Any

import pytest

from fuzztui.worker.guidance.frontier import closest
from fuzztui.worker.instrumentation.instrument import instrument
from fuzztui.worker.instrumentation.literals import Expression
from fuzztui.worker.instrumentation.probes import ProbeMap

SOURCE = """
import re
WORDS = ("outer", "inner")
PATTERN = re.compile("a[bc]")
DISTANT = {"unread": 1}

def f(x):
    start = "start"
    if x == "first":
        return "taken"
    if x == "second":
        if x == "deeper":
            return "deepest"
        return 5
    end = "end"
    return end

def words(x):
    if x in WORDS:
        return 1
    return PATTERN.match(x)

def complete(x):
    if x == "known":
        return "yes"
    return "no"

def loops(x):
    for each in x:
        each == "looped"

class Named:
    kinds: list[str] = ["kind", "sort"]
    def method(self, x):
        if x in self.kinds:
            x += 1
        return lambda y: y == "within"
"""


class Ranked:
    """A module of which some functions have been called."""

    def __init__(self, source: str = SOURCE, before: int = 7) -> None:
        made = instrument(source.encode(), "m.py")
        self.probes = ProbeMap()
        self.probes.register("before", "before.py", [1] * before)
        base = self.probes.register("m", "m.py", made.lines, made.constants, made.expressions)
        self.namespace: dict[str, Any] = {"__name__": "m"}
        self.probes.attach("m", self.namespace)
        exec(made.at(base), self.namespace)

    def call(self, function: str, *values: object) -> "Ranked":
        for value in values:
            self.namespace[function](value)
        return self

    def closest(self) -> list[object]:
        return list(closest(self.probes.placed, self.probes.cells))


@pytest.mark.parametrize("before", [0, 7, 1000])
def test_nothing_is_close_until_a_function_has_been_entered(before: int) -> None:
    assert Ranked(before=before).closest() == []


def test_what_guards_a_branch_not_taken_is_closest_and_what_lies_beyond_it_is_farther() -> None:
    ranked = Ranked().call("f", "other").closest()
    assert set(ranked[:2]) == {"first", "second"}
    assert set(ranked) == {"start", "first", "taken", "second", "deeper", "deepest", "end"}
    assert ranked.index("first") < ranked.index("taken")
    assert ranked.index("second") < ranked.index("deeper") < ranked.index("deepest")


def test_what_guards_a_branch_in_a_block_that_was_not_reached_is_as_far_as_it_is_from_the_way_into_the_block() -> None:
    source = "def f(x):\n y = 'before'\n x = x\n x = x\n if x == 'outer':\n" + "  x = x\n" * 9
    source += "  if x == 'inner':\n   return 1\n return x"
    assert Ranked(source).call("f", 1).closest() == ["outer", "before", "inner"]


def test_closeness_moves_on_with_what_has_been_seen() -> None:
    ranked = Ranked().call("f", "other", "first", "second").closest()
    assert ranked[:2] == ["deeper", "second"]
    assert ranked.index("first") > ranked.index("deepest")


def test_a_function_covered_completely_has_nothing_to_offer() -> None:
    assert set(Ranked().call("complete", "known").closest()) == {"known", "yes", "no"}
    assert Ranked().call("complete", "known", "other").closest() == []


def test_a_loop_that_has_run_is_no_branch_that_is_missing_however_often_it_ran() -> None:
    assert Ranked().call("loops", "abc").closest() == []


def test_what_a_module_or_class_keeps_under_a_name_counts_where_the_name_is_read() -> None:
    ranked = Ranked().call("words", "other").closest()
    assert set(ranked) == {"outer", "inner", Expression("a[bc]", 0)}
    made = Ranked()
    made.namespace["Named"]().method(3)
    assert {"kind", "sort"} <= set(made.closest())
    assert "unread" not in made.closest()


def test_a_lambda_belongs_to_the_function_around_it_and_stands_for_itself_elsewhere() -> None:
    made = Ranked()
    made.namespace["Named"]().method(3)
    assert "within" in made.closest()
    alone = Ranked('g = lambda x: "one" if x == "alone" else "two"').call("g", 1)
    assert set(alone.closest()) == {"one", "alone", "two"}


FAR = "def far(x):\n y = 'twice'\n z = 'first'\n" + " x = x\n" * 9 + " if x == 'end': return 'end'\n return x\n"
CLOSE = "def close(x):\n if x == 'twice': return 'end'\n return x\n"


@pytest.mark.parametrize("functions", [[FAR, CLOSE], [CLOSE, FAR]], ids=["at last", "at first"])
def test_a_literal_in_several_places_counts_where_it_is_closest(functions: list[str]) -> None:
    ranked = Ranked("".join(functions)).call("far", 1).call("close", 1).closest()
    assert ranked.index("twice") < ranked.index("first")


@pytest.mark.parametrize("order", [1, -1])
def test_a_literal_in_several_modules_counts_where_it_is_closest(order: int) -> None:
    modules = [Ranked(FAR).call("far", 1), Ranked(CLOSE).call("close", 1)]
    seen, placed = bytearray(), []
    for each in modules[::order]:
        placed += [(base + len(seen), literal) for base, literal in each.probes.placed]
        seen += each.probes.cells
    ranked = closest(placed, seen)
    assert ranked.index("twice") < ranked.index("first")


def test_a_crowd_in_one_line_does_not_push_aside_what_stands_a_little_farther() -> None:
    names = ", ".join(repr(f"w{n}") for n in range(100))
    source = f"NAMES = [{names}]\ndef f(x):\n y = 'near'\n if x in NAMES:\n  return 1\n return x"
    ranked = Ranked(source).call("f", "other").closest()
    assert {f"w{n}" for n in range(100)} < set(ranked)
    assert ranked[0] == "w0"
    assert ranked.index("near") < 30


def test_the_order_is_the_same_in_every_run() -> None:
    first, second = (Ranked().call("f", "other").call("words", "x").closest() for _ in range(2))
    assert first == second


def test_cells_that_are_not_known_yet_count_as_not_seen() -> None:
    made = Ranked()
    assert closest(made.probes.placed, bytearray()) == []
