"""What the probes cost is measured on entries that run with them and without."""

from collections.abc import Callable, Iterator

import pytest

from fuzztui.protocol.memory import ACTIVITY, EXECUTIONS, Activity
from fuzztui.protocol.messages import Crashed, Done, Found, Repeated, Result
from fuzztui.worker.atheris.log import LOG
from fuzztui.worker.instrumentation import overhead, retire
from fuzztui.worker.instrumentation.overhead import FIRST_GAP, LAST_GAP, LONGEST, RUNS, TURN, Overhead
from fuzztui.worker.instrumentation.retire import Retirement
from tests.worker.world import World, inhabited

SOURCE = """
calls = 0
rare = ()

def fuzz(data):
    global calls
    calls += 1
    if calls in rare:
        return 1
    if data == b"bad":
        raise ValueError("no")
    return 0
"""


@pytest.fixture
def world() -> Iterator[World]:
    with inhabited(SOURCE) as made:
        yield made


def is_told(world: World) -> bool:
    """Run once; whether a probe said so."""
    world.probes.cells[:] = bytes(len(world.probes.cells))
    world.function(b"")
    return any(world.probes.cells)


def done(results: list[Result]) -> Done:
    assert isinstance(results[-1], Done)
    return results[-1]


def test_slowdown_compares_the_fastest_runs_in_turns_with_probes_and_without(world: World) -> None:
    made = Overhead(Retirement(world.probes))
    told: list[bool] = []

    def run() -> int:
        told.append(is_told(world))
        return (3_000 if told[-1] else 2_000) + len(told) % 7

    assert made.measure(run, 10_000) == (1.5, 4 * RUNS)
    assert told == [True] * RUNS + [False] * 2 * RUNS + [True] * RUNS
    assert is_told(world)


def test_no_more_executions_than_there_are_and_no_more_time_than_a_turn_has(world: World) -> None:
    made = Overhead(Retirement(world.probes))
    assert made.measure(lambda: 1_000, 11) == (1.0, 8)
    assert made.measure(lambda: 1_000, 3) == (None, 0)
    assert made.measure(lambda: TURN // 4, 10_000) == (1.0, 4 + 8 + 4)
    assert made.measure(lambda: LONGEST, 10_000) == (1.0, 3)


@pytest.mark.parametrize("nanoseconds", [None, LONGEST + 1])
def test_an_entry_that_fails_or_takes_too_long_is_not_run_again(world: World, nanoseconds: int | None) -> None:
    assert Overhead(Retirement(world.probes)).measure(lambda: nanoseconds, 10_000) == (None, 1)


@pytest.mark.parametrize("with_probes", [1, 1_000_000])
def test_times_that_cannot_be_the_probes_are_no_result(world: World, with_probes: int) -> None:
    slowdown, _ = Overhead(Retirement(world.probes)).measure(lambda: with_probes if is_told(world) else 1_000, 10_000)
    assert slowdown is None


def test_calls_between_measurements_double_up_to_a_limit(world: World) -> None:
    made = Overhead(Retirement(world.probes))
    due = [call for call in range(1, 700) if made.is_due()]
    gaps = [later - sooner for sooner, later in zip([0, *due], due, strict=False)]
    assert gaps == [FIRST_GAP, 20, 40, 80, LAST_GAP, LAST_GAP, LAST_GAP]


@pytest.fixture
def any_time_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a machine that has no time for an execution of nothing spoils no measurement."""
    for name, value in (("LONGEST", 1e12), ("TURN", 1e12), ("LEAST_SLOWDOWN", 0), ("MOST_SLOWDOWN", 1e12)):
        monkeypatch.setattr(overhead, name, value)


@pytest.mark.usefixtures("any_time_counts")
def test_one_call_in_many_says_what_probes_cost_and_counts_what_that_took(world: World) -> None:
    executor = world.executor(weighs_probes=True)
    calls = [done(world.fuzz(executor, executions=300)) for _ in range(FIRST_GAP + 5)]
    assert [index for index, call in enumerate(calls, 1) if call.slowdown is not None] == [FIRST_GAP]
    assert [call.executions for call in calls] == [300] * len(calls)
    assert world.namespace["calls"] == world.memory.words[EXECUTIONS] == 300 * len(calls)
    weighed = calls[FIRST_GAP - 1]
    assert sum(tries for tries, _ in weighed.yields.values()) < 2 * (300 - 4 * RUNS)  # an input may be of several
    assert world.memory.activity is Activity.WAITING


@pytest.mark.usefixtures("any_time_counts")
def test_a_budget_that_is_used_up_by_it_is_kept(world: World) -> None:
    executor = world.executor(weighs_probes=True)
    calls = [done(world.fuzz(executor, executions=8)) for _ in range(FIRST_GAP)]
    assert [call.executions for call in calls] == [8] * FIRST_GAP
    assert calls[-1].slowdown is not None
    assert world.memory.words[EXECUTIONS] == 8 * FIRST_GAP


def test_what_an_entry_covers_by_chance_meanwhile_is_not_put_down_to_the_next_input(world: World) -> None:
    executor = world.executor(weighs_probes=True)
    for _ in range(FIRST_GAP - 1):
        world.fuzz(executor)
    calls = world.namespace["calls"]
    world.namespace["rare"] = (calls + 12,)  # the last run of the last turn
    assert not [each for each in world.fuzz(executor, executions=15) if isinstance(each, Found)]
    assert world.namespace["calls"] == calls + 15


def test_an_entry_that_fails_meanwhile_is_reported_and_gives_no_result(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retire, "FIRST_GAP", 1000)  # so that what was seen is told again
    monkeypatch.setattr(LOG, "_provider", None)  # another test may have imported one
    executor = world.executor(weighs_probes=True)
    for _ in range(FIRST_GAP - 1):
        world.fuzz(executor)
    first, *_, last = world.fuzz(executor, b"bad", 20)
    assert isinstance(first, Crashed)
    assert (first.data, first.failure.type) == (b"bad", "ValueError")
    assert isinstance(last, Done)
    assert (last.slowdown, last.executions) == (None, 20)
    assert not any(isinstance(each, Repeated) for each in world.sent[1:-1])
    assert is_told(world)


def test_it_is_said_that_something_is_measured(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    activities: list[int] = []
    monkeypatch.setitem(world.namespace, "rare", _Watch(lambda: activities.append(world.memory.words[ACTIVITY])))
    executor = world.executor(weighs_probes=True)
    for _ in range(FIRST_GAP):
        world.fuzz(executor, executions=9)
    assert activities[-9:] == [Activity.MEASURING] * 8 + [Activity.BOOKKEEPING]
    assert Activity.MEASURING not in activities[-20:-9]


class _Watch:
    """A container that tells when it is looked into."""

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look

    def __contains__(self, _: object) -> bool:
        self._look()
        return False


def test_nothing_runs_without_probes_unless_that_is_asked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Retirement) -> None:
        raise AssertionError("bare")

    monkeypatch.setattr(Retirement, "bare", refused)
    executor = world.executor()
    assert all(done(world.fuzz(executor, executions=9)).slowdown is None for _ in range(4 * FIRST_GAP))
    executor = world.executor(weighs_probes=True)
    for _ in range(FIRST_GAP - 1):
        world.fuzz(executor, executions=9)
    with pytest.raises(AssertionError, match="bare"):
        world.fuzz(executor, executions=9)
