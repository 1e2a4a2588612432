"""What the executor does with single calls, without a coordinator."""

from collections import deque
from itertools import count
from types import SimpleNamespace

import pytest

from fuzztui.engine.show.yields import YieldSums
from fuzztui.protocol.memory import CONTROL, Control
from fuzztui.protocol.messages import Crashed, Done, Execute, Executed, Found, Repeated
from fuzztui.worker import discoveries, loop
from fuzztui.worker.guidance.legs import NONE, Leg, Legs, Way
from fuzztui.worker.guidance.slowness import HELD
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.process import clock
from fuzztui.worker.process.clock import UNHURRIED, Clock, Turn
from fuzztui.worker.serve import answer
from fuzztui.worker.structure.anatomy import Anatomy
from fuzztui.worker.structure.parts import Group
from tests.worker.world import CAPACITY, inhabited, without_provider

PRECISE = """
def fuzz(data):
    if len(data) == 13 and sum(data) == 1331:
        return 1
    return 0
"""


def test_an_input_that_is_found_new_while_its_comparisons_are_looked_at_is_reported() -> None:
    """No mutation of it covers the same, and what is traced is executed on the side."""
    with inhabited(PRECISE) as world:
        executor = world.executor()
        first, *_, last = world.fuzz(executor, b"exactly these", 3, trace=True)
        assert isinstance(first, Found)
        assert first.data == b"exactly these"
        assert isinstance(last, Done)
        assert last.executions == 3


def test_it_is_reported_once() -> None:
    with inhabited(PRECISE) as world:
        executor = world.executor()
        results = world.fuzz(executor, b"exactly these", 3, trace=True)
        results += world.fuzz(executor, b"exactly these", 3, trace=True)
        assert [each.data for each in results if isinstance(each, Found)].count(b"exactly these") == 1


def test_inputs_that_are_too_long_to_execute_are_neither_traced_nor_counted() -> None:
    with inhabited(PRECISE) as world:
        tracing = world.tracing(lambda arguments: None)
        with tracing.on():
            assert tracing.comparisons((b"x" * (CAPACITY + 1),)) == []
            assert tracing.executions == world.memory.executions == 0
            assert tracing.comparisons((b"x" * CAPACITY,)) != []
            assert tracing.executions == world.memory.executions == 1


WATCHED = """
def look():
    pass

def fuzz(data):
    look()
    return b"k" in data and len(data) > 9
"""

WAITING = """
def wait(length):
    pass

def fuzz(data):
    wait(len(data))
    return b"k" in data and len(data) > 9
"""

LETTER = """
def fuzz(data):
    return b"k" in data and len(data) > 9
"""


@pytest.mark.parametrize(("seconds", "length"), [(0.02, 30), (3600.0, 1)])
def test_a_found_input_that_is_slow_to_run_is_trimmed_only_where_there_is_no_hurry(
    monkeypatch: pytest.MonkeyPatch, seconds: float, length: int
) -> None:
    ticks = map(float, count())
    monkeypatch.setattr(discoveries, "Clock", SimpleNamespace(seconds=lambda: next(ticks)))
    with inhabited(LETTER) as world:
        results = world.fuzz(world.executor(), b"k" * 30, 50, trace=True, seconds=seconds)
        assert len(next(each.data for each in results if isinstance(each, Found))) == length


@pytest.mark.parametrize(
    ("power", "is_far_slower", "length"),
    [
        pytest.param(2, True, 1, id="quick once it is short"),
        pytest.param(0, True, 10, id="slow however short it is"),
        pytest.param(2, False, 40, id="others are as slow"),
    ],
)
def test_a_found_input_that_is_far_slower_than_others_is_trimmed_for_a_while(
    monkeypatch: pytest.MonkeyPatch, power: int, is_far_slower: bool, length: int
) -> None:
    with inhabited(WAITING) as world, without_provider():
        now = [0.0]

        def wait(length: int) -> None:
            now[0] += (length / 40) ** power

        world.namespace["wait"] = wait
        monkeypatch.setattr(discoveries, "Clock", SimpleNamespace(seconds=lambda: now[0]))
        executor = world.executor()
        monkeypatch.setattr(
            executor._discoveries, "is_far_slower", lambda nanoseconds: is_far_slower and nanoseconds == 10**9
        )
        results = world.fuzz(executor, b"k" * 40, 50, trace=True, seconds=0.02)
        assert len(next(each.data for each in results if isinstance(each, Found))) == length


def test_what_an_execution_is_compared_with_is_of_the_search_whose_turn_it_is() -> None:
    with inhabited(WAITING) as world:
        executor = world.executor()
        before = executor._discoveries.is_far_slower
        assert before == executor._guidance.slowness.is_too_slow
        executor.enter(1)
        assert executor._discoveries.is_far_slower == executor._guidance.slowness.is_too_slow != before


def test_a_worker_that_is_to_stop_trims_no_longer() -> None:
    with inhabited(WATCHED) as world:
        runs = count(1)

        def look() -> None:
            if next(runs) == 4:
                world.memory.words[CONTROL] = Control.STOP

        world.namespace["look"] = look
        *found, done = world.fuzz(world.executor(), b"k" * 30, 50)
        assert [type(each) for each in found] == [Found]
        assert isinstance(done, Done)
        assert done.executions == world.memory.executions == 5
        assert next(runs) == 6  # one more measured what the shorter form covers


ASKED = """
import itertools
runs = itertools.count(1)
def fuzz(data):
    if next(runs) == 50:
        look()
"""


@pytest.mark.parametrize("control", [Control.PAUSE, Control.STOP])
def test_a_call_in_which_nothing_is_found_ends_soon_when_the_worker_is_to_pause_or_to_stop(control: Control) -> None:
    with inhabited(ASKED) as world:

        def look() -> None:
            world.memory.words[CONTROL] = control

        world.namespace["look"] = look
        executor = world.executor()
        *_, done = world.fuzz(executor, b"entry", 1_000_000)
        assert isinstance(done, Done)
        assert 50 <= done.executions == world.memory.executions < 500_000
        for _ in range(3):
            *_, done = world.fuzz(executor, b"entry", 1_000_000)
            assert isinstance(done, Done)
            assert done.executions < 10


FAILING = """
def fuzz(data):
    if data == b"bad":
        raise ValueError
    if len(data) > 1000:
        return 1
    return 0
"""


def test_what_a_failing_input_covers_is_no_find_of_what_made_it() -> None:
    with inhabited("def fuzz(data):\n    raise ValueError\n") as world:
        *told, done = world.fuzz(world.executor(), b"entry", 30)
        crashed = [each for each in told if isinstance(each, Crashed)]  # the first, and smaller ones
        assert len(crashed) + sum(sum(each.hits.values()) for each in told if isinstance(each, Repeated)) == 30
        assert isinstance(done, Done)
        assert sum(finds for _, finds in done.yields.values()) == 0


def test_what_a_failing_input_of_the_coordinators_covers_is_not_put_down_to_the_next_one() -> None:
    with inhabited(FAILING) as world:
        executor = world.executor()
        answer(Execute([b"bad"], {}), executor, world.executions, world.reports)
        found = world.fuzz(executor, b"entry", 5)[0]
        answer(Execute([b"entry"], {}), executor, world.executions, world.reports)
        executed = world.sent[-2]
        assert isinstance(found, Found)
        assert isinstance(executed, Executed)
        assert found.edges == executed.edges


@pytest.mark.parametrize(("tracing", "executions"), [(500, 500), (0, 20)])
def test_mutating_an_entry_has_as_much_time_as_learning_of_it_has_taken(
    monkeypatch: pytest.MonkeyPatch, tracing: int, executions: int
) -> None:
    now = 0

    def nanoseconds() -> int:
        nonlocal now
        now += 1_000_000
        return now

    def trace(*_: object) -> int:
        nonlocal now
        now += tracing * 1_000_000
        return 0

    with inhabited(LETTER) as world:
        executor = world.executor()
        times = SimpleNamespace(nanoseconds=nanoseconds, processor=lambda: now)
        monkeypatch.setattr(loop, "Clock", times)
        monkeypatch.setattr(clock, "Clock", times)
        monkeypatch.setattr("fuzztui.worker.guidance.input_to_state.Guidance.trace", trace)
        monkeypatch.setattr("fuzztui.worker.guidance.exploring.Exploring.explore", lambda *_: 0)
        *_, done = world.fuzz(executor, b"entry", 10_000, trace=True, seconds=0.02)
        assert isinstance(done, Done)
        assert executions / 2 < done.executions < 2 * executions


def test_what_is_tried_beside_mutations_counts_as_tried_whatever_it_finds() -> None:
    """A report with more finds than tries would be a lie, for which the worker were ended."""
    ways = "".join(f"    if data == b'{name}!': found = {at}\n" for at, name in enumerate("abcdefgh"))
    sums = YieldSums()
    with inhabited(f"def fuzz(data):\n{ways}") as world:
        executor = world.executor()
        for name in "abcdefgh":
            executor._guidance.exploring.speculation.extend([(f"{name}!".encode(),)])
        for _ in range(20):
            (done,) = [each for each in world.fuzz(executor, executions=20) if isinstance(each, Done)]
            sums.add(done.yields, done.executions)
    (comparisons,) = [each for each in sums.yields if each.source == "comparisons"]
    # The first input of all finds the function itself, which may be one of these.
    assert 8 <= comparisons.finds <= comparisons.tries


class Passing:
    """A clock that passes as a target says."""

    now = 0


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Passing:
    made = Passing()
    monkeypatch.setattr(clock.Clock, "processor", lambda: made.now)
    monkeypatch.setattr(clock.Clock, "nanoseconds", lambda: made.now)
    return made


@pytest.mark.parametrize(("seconds", "executed"), [(0.02, False), (3600.0, True)])
def test_of_long_inputs_that_are_slow_few_are_executed_where_time_counts(
    passing: Passing, seconds: float, executed: bool
) -> None:
    long = 0

    def pass_by(length: int) -> None:
        nonlocal long
        long += length > 70
        passing.now += 100_000_000 if length > 70 else 20_000

    with inhabited("def fuzz(data):\n    pass_by(len(data))\n") as world:
        world.namespace["pass_by"] = pass_by
        executor = world.executor()
        executor._suggestions.extend((b"%90d" % number,) for number in range(200))
        executions = 0
        for _ in range(20):
            *_, done = world.fuzz(executor, b"e", 1_000, seconds=seconds)
            assert isinstance(done, Done)
            executions += done.executions
        assert not executor._suggestions.inputs
        assert (long >= 200) is executed
        assert long < executions > 2_000


@pytest.mark.parametrize(("took", "is_traced"), [(100, False), (10, True)])
def test_a_long_entry_that_takes_longer_than_a_call_is_not_looked_at(
    monkeypatch: pytest.MonkeyPatch, passing: Passing, took: int, is_traced: bool
) -> None:
    def pass_by(length: int) -> None:
        passing.now += took * 1_000_000 if length > 70 else 20_000

    with inhabited("def fuzz(data):\n    pass_by(data.count(b'q'))\n") as world:
        world.namespace["pass_by"] = pass_by
        executor = world.executor()
        world.fuzz(executor, b"e", 1_000, seconds=0.02)
        tracing = executor._guidance._tracing
        before = tracing.executions
        monkeypatch.setattr(executor._guidance.exploring, "explore", lambda *_: 0)
        world.fuzz(executor, b"q" * 90, 1_000, trace=True, seconds=0.02)
        assert (tracing.executions - before > 1) is is_traced


@pytest.mark.parametrize("took", [100, 10])
def test_a_long_entry_waits_for_its_next_turn_where_nothing_is_known_of_how_long_others_take(
    passing: Passing, took: int
) -> None:
    def pass_by(length: int) -> None:
        passing.now += took * 1_000_000

    with inhabited("def fuzz(data):\n    pass_by(data.count(b'q'))\n") as world:
        world.namespace["pass_by"] = pass_by
        executor = world.executor()
        traced = executor._guidance._traced
        world.fuzz(executor, b"q" * 90, 1_000, trace=True, seconds=0.02)
        assert ((b"q" * 90,) in traced) is (took < 20)
        for _ in range(2 * HELD):
            world.fuzz(executor, b"q" * 90, 1_000, seconds=0.02)
        assert (b"q" * 90,) in traced


def test_what_is_long_and_slow_is_not_traced_when_it_has_had_its_time(passing: Passing) -> None:
    def pass_by(data: bytes) -> None:
        passing.now += 200_000_000 if data[:80] == b" " * 80 else 20_000

    with inhabited("def fuzz(data):\n    pass_by(data)\n    return data == b'some'\n") as world:
        world.namespace["pass_by"] = pass_by
        executor = world.executor()
        world.fuzz(executor, b"e", 2_000, seconds=0.02)
        tracing = executor._guidance._tracing
        with tracing.on():
            compared = [bool(tracing.comparisons((b"%90d" % number,))) for number in range(4)]
            assert compared == [True, True, False, False]
            assert tracing.comparisons((b"short",))
        with tracing.covering():
            assert tracing.path((b"%90d" % 5,)) is None
            assert tracing.path((b"short",)) is not None
        exploring = executor._guidance.exploring
        exploring._leads.add((b"%90d" % number,) for number in range(50))
        before, traced = tracing.executions, exploring._leads._traced
        exploring._pursue(before + 100)
        assert (tracing.executions, exploring._leads._traced) == (before, traced), "nothing has been tried in vain"


def test_what_has_been_executed_is_mutated_once_more_and_not_executed_again_for_a_suggestion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with inhabited("inputs = []\ndef fuzz(data):\n    inputs.append(data)\n") as world:
        executor = world.executor()
        monkeypatch.setattr(executor._mutator, "mutate_bytes", lambda data: data + b"b")
        world.fuzz(executor, b"a", executions=10)
        executor._suggestions.extend([(b"ab",), (b"cd",), (b"abb",), (b"cd",)])
        before = len(world.namespace["inputs"])
        *_, done = world.fuzz(executor, b"a", executions=4)
        assert world.namespace["inputs"][before:] == [b"cd", b"abb", b"abb", b"abb"]
        assert isinstance(done, Done)
        assert done.executions == 4


class Steady(Legs):
    """Those that go on in one way whatever is found."""

    def __init__(self, way: Way) -> None:
        super().__init__()
        self.way = way

    def next(self, suggested: deque[Arguments], turn: Turn, found: int) -> Leg:
        return super().next(suggested, turn, found)._replace(suggested=NONE, way=self.way)


@pytest.mark.parametrize("way", [Way.FURTHER, Way.MUTATED])
def test_what_may_lead_further_is_made_in_its_legs_alone(way: Way) -> None:
    made = iter(range(256))
    with inhabited("def fuzz(data):\n    return data\n") as world:
        executor = world.executor()
        executor._guidance.exploring.speculation.extend(((bytes((number,)),) for number in made), (b"",))
        executor._legs = Steady(way)
        world.fuzz(executor, b"entry", 200, seconds=100.0)
    assert (next(made) > 50) == (way == Way.FURTHER), "a few are looked at for what they cover together"


def test_what_comparisons_suggest_waits_while_it_is_not_its_turn() -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        executor = world.executor()
        waiting = executor._guidance._suggestions.inputs
        three = [(b"one",), (b"two",), (b"three",)]
        for seconds, left in ((100.0, three), (UNHURRIED, [])):
            waiting.extend(three)
            executor._legs = Steady(Way.MUTATED)
            world.fuzz(executor, b"entry", 20, seconds=seconds)
            # What is looked at on the side may have something wait, too.
            assert [each for each in waiting if each in three] == left, "where no clock may decide, it comes first"
            waiting.clear()


def test_parts_are_changed_in_their_legs_alone() -> None:
    """Of data that are two parts, each with its length before it."""
    parts = bytes((3, 1, 2, 3, 4, 5, 6, 7, 8))
    wanted = "def fuzz(data):\n    return data[:1] == b'\3' and data[4:5] == b'\4'\n"
    counts = {}
    for way in (Way.PARTS, Way.MUTATED):
        with inhabited(wanted) as world:
            executor = world.executor()
            anatomy = Anatomy(Group(parts), ())
            executor._structure._known[parts] = [anatomy]
            executor._legs = Steady(way)
            done = world.fuzz(executor, parts, 200, seconds=100.0)[-1]
            assert isinstance(done, Done)
            counts[way] = done.yields.get("change_parts", (0, 0))[0]
    assert counts[Way.PARTS] > 100
    assert counts[Way.MUTATED] == 0


class Turning(Legs):
    """Those that mutate first, and then try what waits."""

    def __init__(self) -> None:
        super().__init__()
        self.has_mutated = False

    def next(self, suggested: deque[Arguments], turn: Turn, found: int) -> Leg:
        leg = super().next(suggested, turn, found)
        is_first, self.has_mutated = not self.has_mutated, True
        soon = Clock.nanoseconds()
        return Leg(NONE, Way.MUTATED, soon) if is_first else Leg(suggested, Way.MUTATED, leg.deadline)


def test_what_a_suggestion_finds_is_none_of_the_operator_before_it() -> None:
    with inhabited(PRECISE) as world:
        executor = world.executor()
        executor._guidance._suggestions.add((b"exactly these",))
        executor._legs = Turning()
        *results, done = world.fuzz(executor, b"entry", 50, seconds=100.0)
    (found,) = [each for each in results if isinstance(each, Found) and each.data == b"exactly these"]
    assert isinstance(done, Done)
    assert found.operators[:1] == [discoveries.COMPARISONS]
    assert done.yields[discoveries.COMPARISONS][1] == 1


DECODING = "import base64\ndef fuzz(data):\n    return base64.b64decode(data) == b'other'\n"


def test_layers_have_all_of_their_legs_or_half_where_there_are_parts_too() -> None:
    entry = b"YWJjZA=="
    with inhabited(DECODING) as world:
        executor = world.executor()
        world.fuzz(executor, entry, 50, trace=True)
        executor._legs = Steady(Way.PARTS)
        tried = []
        for known in ({}, {entry: [Anatomy(Group(entry), ())]}):
            executor._structure._known = known
            done = world.fuzz(executor, entry, 400, seconds=100.0)[-1]
            assert isinstance(done, Done)
            tried.append([done.yields.get(way, (0, 0))[0] for way in ("change_layer", "change_parts")])
    (alone, none), (layers, changed) = tried
    assert alone > 250
    assert none == 0
    assert layers > 80
    assert changed > 80


@pytest.mark.parametrize("are_apart", [True, False])
def test_sums_of_lines_are_put_right_whatever_makes_an_input(
    monkeypatch: pytest.MonkeyPatch, *, are_apart: bool
) -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        exploring.of_entries.extend([(b"suggested",)], (b"",))
        monkeypatch.setattr(exploring, "in_right_lines", lambda *_, raw: lambda value: b"right")
        ways = executor._mutators(lambda value: value, (b"entry",), are_apart=are_apart)
    assert set(ways) == {Way.MUTATED, Way.FURTHER}
    assert {made(b"") for made in ways.values()} == {b"right"}
