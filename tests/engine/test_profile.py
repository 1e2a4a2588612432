"""What a profile says of a run whose costs are known."""

import os
import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from fuzztui.engine.crew.member import Member
from fuzztui.engine.crew.profile import LookCounts, cost_now
from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.target import LoadOrder
from fuzztui.engine.show.costs import Cost, Profile
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.worker_row import WorkerState, profile_of
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.memory import ACTIVITY, STATE, Activity, SharedMemory, State, create
from tests.support import Project, wait_for
from tests.ui.fakes import worker

Make = Callable[..., Project]

EMPTY = "def fuzz_it(data: bytes): pass\n"
SPINNING = """
    from time import perf_counter

    def fuzz_it(data: bytes):
        end = perf_counter() + 0.001
        while perf_counter() < end:
            pass
"""


@pytest.fixture
def memory() -> Iterator[SharedMemory]:
    fd = create(100)
    shared = SharedMemory(fd, 100)
    os.close(fd)
    yield shared
    shared.close()


def looks_at(snapshot: Snapshot, cost: Cost | None = None) -> float:
    """How many looks at all workers found that cost, or any."""
    weights = [weight for row in snapshot.workers if row.profile is not None for weight in row.profile.weights]
    return sum(number for what, number in weights if cost in (None, what))


def test_activity_between_executions_and_state_during_them_name_the_cost(memory: SharedMemory) -> None:
    expected = {
        (State.IDLE, Activity.WAITING): Cost.WAITING,
        (State.IDLE, Activity.BOOKKEEPING): Cost.BOOKKEEPING,
        (State.RUNNING, Activity.BOOKKEEPING): Cost.TARGET,
        (State.IDLE, Activity.MUTATING): Cost.MUTATION,
        (State.IDLE, Activity.MEASURING): Cost.MEASURING,
        (State.RUNNING, Activity.MEASURING): Cost.MEASURING,
        (State.RUNNING, Activity.TRACING): Cost.TRACING,
        (State.RUNNING, Activity.REPORTING): Cost.REPORTING,
        (State.REPORTING, Activity.REPORTING): Cost.REPORTING,
    }
    for (state, activity), cost in expected.items():
        memory.words[STATE], memory.words[ACTIVITY] = state, activity
        assert cost_now(memory) is cost, (state, activity)


def test_words_that_a_target_wrote_are_not_counted(memory: SharedMemory) -> None:
    counts = LookCounts()
    memory.words[STATE] = State.RUNNING
    for word in (Activity.BOOKKEEPING, 99, 2**64 - 1):
        memory.words[ACTIVITY] = word
        counts.look(memory)
    memory.words[ACTIVITY], memory.words[STATE] = Activity.BOOKKEEPING, 99
    counts.look(memory)
    assert counts.profile().samples == 1
    assert counts.profile().share(Cost.TARGET) == 1.0


def test_shares_of_several_workers_weigh_their_looks_and_add_up_to_one() -> None:
    one = Profile(((Cost.TARGET, 30.0), (Cost.WAITING, 10.0)))
    other = Profile(((Cost.TARGET, 0.0), (Cost.WAITING, 60.0)))
    whole = profile_of([worker(0, profile=one), worker(1, profile=other)])
    assert whole is not None
    assert (whole.samples, whole.share(Cost.TARGET), whole.share(Cost.WAITING)) == (100, 0.3, 0.7)
    assert whole.share(Cost.MUTATION) == 0.0
    assert Profile(()).share(Cost.TARGET) is None
    assert profile_of([worker(0), worker(1)]) is None


def test_time_in_the_target_is_divided_as_slowdowns_say_each_for_the_time_before_it(memory: SharedMemory) -> None:
    def look(times: int, activity: Activity = Activity.BOOKKEEPING) -> None:
        memory.words[STATE], memory.words[ACTIVITY] = State.RUNNING, activity
        for _ in range(times):
            counts.look(memory)

    def divided() -> tuple[float | None, float | None]:
        profile = counts.profile()
        return profile.share(Cost.TARGET), profile.share(Cost.INSTRUMENTATION)

    counts = LookCounts()
    look(10)
    look(10, Activity.MEASURING)
    assert divided() == (0.5, 0.0)
    counts.take_slowdown(2.0)
    assert divided() == (0.25, 0.25)
    look(30)
    counts.take_slowdown(1.0)
    assert divided() == pytest.approx((0.8 * 7 / 8, 0.8 / 8))
    assert counts.profile().samples == 50


def test_errors_of_measurement_cancel_out_but_no_cost_is_negative(memory: SharedMemory) -> None:
    memory.words[STATE], memory.words[ACTIVITY] = State.RUNNING, Activity.BOOKKEEPING
    counts = LookCounts()
    for slowdown, expected in ((0.8, 0.0), (4 / 3, 0.0), (2.0, 0.5 / 3)):
        counts.look(memory)
        counts.take_slowdown(slowdown)
        assert counts.profile().share(Cost.INSTRUMENTATION) == pytest.approx(expected)
    assert sum(counts.profile().share(cost) or 0.0 for cost in Cost) == pytest.approx(1.0)


@pytest.mark.parametrize("slowdown", [float("nan"), float("inf"), -1.0, 0.19, 101.0])
def test_a_slowdown_that_cannot_be_is_refused_and_changes_nothing(memory: SharedMemory, slowdown: float) -> None:
    memory.words[STATE], memory.words[ACTIVITY] = State.RUNNING, Activity.BOOKKEEPING
    counts = LookCounts()
    counts.look(memory)
    with pytest.raises(ProtocolError, match="as long"):
        counts.take_slowdown(slowdown)
    assert counts.profile().share(Cost.TARGET) == 1.0


LOOPING = """
def fuzz_it(data: bytes):
    for _ in range(100):
        for _ in range(3):
            pass
"""
"""Its inner loop's probe is never retired, since the loop never has another number of rounds."""


def test_probes_have_a_part_in_the_time_of_code_that_keeps_them(project: Make) -> None:
    engine = project(LOOPING).start(profile=True, stop_on_crash=False, limit=Limit())
    engine.wait(lambda snapshot: looks_at(snapshot, Cost.INSTRUMENTATION), "a share of instrumentation")
    engine.session.stop()
    profile = profile_of(engine.join().snapshot.workers)
    assert profile is not None
    assert sum(profile.share(cost) or 0.0 for cost in Cost) == pytest.approx(1.0)


@pytest.mark.soak
def test_a_target_whose_probes_are_not_its_time_shows_next_to_none(project: Make) -> None:
    """On an idle machine, which is why `make soak` asks for it alone."""
    asleep = "import time\ndef fuzz_it(data: bytes):\n    if data:\n        time.sleep(0.0005)\n"
    profile = profile_of(project(asleep).run(profile=True, limit=Limit(seconds=5.0)).snapshot.workers)
    assert profile is not None
    assert (profile.share(Cost.INSTRUMENTATION) or 0.0) < 0.2


@pytest.mark.parametrize(
    ("changes", "is_weighed"),
    [
        ({"profile": False}, False),
        ({"profile": True}, True),
        ({"profile": True, "seed": 5}, True),
        ({"profile": True, "limit": Limit(executions=100)}, True),
        ({"profile": True, "seed": 5, "limit": Limit(executions=100)}, False),
    ],
)
def test_probes_are_weighed_for_a_profile_of_a_run_that_need_not_be_repeatable(
    project: Make, changes: dict[str, object], is_weighed: bool
) -> None:
    options = project(EMPTY).options_for(**{"seed": None, "limit": Limit(seconds=1.0), **changes})
    load = options.target.load(options, LoadOrder(directory="/", seed=1, max_len=10, instrumented=True))
    assert load.weigh_probes is is_weighed
    assert load.profile is options.profile


REFUSING = """
    from fuzztui.worker.instrumentation.retire import Retirement

    def refused(self):
        raise RuntimeError("bare")

    Retirement.bare = refused

    def fuzz_it(data: bytes): pass
"""


@pytest.mark.usefixtures("impatient")
def test_a_run_that_need_not_be_repeatable_weighs_its_probes_for_its_profile(project: Make) -> None:
    run = project(REFUSING).run(profile=True, seed=None, limit=Limit())
    assert "bare" in run.outcome.detail
    assert run.outcome.exit_code == 70


def test_nothing_runs_without_probes_in_a_repeatable_run_with_a_profile(project: Make) -> None:
    run = project(REFUSING).run(profile=True, seed=5, limit=Limit(executions=20_000))  # forty calls
    assert run.outcome.exit_code == 0


def test_looks_at_a_run_find_its_target_its_mutations_and_its_bookkeeping(project: Make) -> None:
    engine = project(EMPTY).start(profile=True, limit=Limit())
    for cost in (Cost.TARGET, Cost.MUTATION, Cost.BOOKKEEPING):
        engine.wait(partial(looks_at, cost=cost), cost.value)
    engine.session.stop()
    assert engine.join().outcome.exit_code == 0


def test_workers_without_work_are_waiting(project: Make) -> None:
    """One seed that never ends is all there is to do before the baseline ends: one worker has it, two have nothing."""
    target = project("import signal\ndef fuzz_it(data: bytes):\n    if data == b'slow': signal.pause()\n", workers=3)
    target.seed("slow", b"slow")
    engine = target.start(profile=True, timeout=100.0, limit=Limit())

    def idle(snapshot: Snapshot) -> dict[int, Profile]:
        waiting = [row for row in snapshot.workers if row.state is WorkerState.WAITING]
        if not any(row.state in (WorkerState.BASELINE, WorkerState.STALLED) for row in snapshot.workers):
            return {}  # nobody has been given the seed yet: whoever waits now may get it
        return {row.id: row.profile for row in waiting if row.profile is not None}

    def looks(profiles: dict[int, Profile]) -> float:
        return sum(number for profile in profiles.values() for what, number in profile.weights if what is Cost.WAITING)

    first = engine.wait(lambda s: found if len(found := idle(s)) == 2 else None, "two idle workers")
    later = engine.wait(lambda s: found if looks(found := idle(s)) > looks(first) + 8 else None, "looks at them")
    engine.session.stop()
    engine.join()
    assert later.keys() == first.keys()
    for number, profile in later.items():
        before = dict(first[number].weights)
        assert {cost for cost, weight in profile.weights if weight != before[cost]} == {Cost.WAITING}


def test_loading_the_target_is_no_cost(project: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    look = Member.look

    def counting(self: Member) -> None:
        nonlocal looks
        looks += 1
        look(self)

    monkeypatch.setattr(Member, "look", counting)
    engine = project("import signal\nsignal.pause()\ndef fuzz_it(data: bytes): pass\n").start(
        profile=True, limit=Limit()
    )
    wait_for(lambda: looks > 20, "looks at the worker")
    engine.session.stop()
    assert looks_at(engine.join().snapshot) == 0


def test_time_in_which_a_run_is_held_is_nobodys_cost(project: Make) -> None:
    engine = project(SPINNING).start(profile=True)
    engine.wait(lambda snapshot: looks_at(snapshot) > 5, "some looks")
    engine.session.pause()
    held = engine.wait(lambda snapshot: snapshot if snapshot.is_paused else None, "the pause")
    later = engine.wait(lambda snapshot: snapshot if snapshot.version > held.version + 3 else None, "some snapshots")
    engine.session.resume()
    engine.session.stop()
    engine.join()
    before, after = held.workers[0].profile, later.workers[0].profile
    assert before is not None
    assert after is not None
    # What the probes cost may still be reported by the call that was interrupted: it divides, and adds nothing.
    assert after.samples == before.samples


def test_looks_that_fail_end_the_run_with_their_reason(project: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Member) -> None:
        raise RuntimeError("looked away")

    monkeypatch.setattr(Member, "look", broken)
    run = project(EMPTY).run(profile=True)
    assert run.outcome.reason is StopReason.INTERNAL
    assert run.outcome.detail.startswith("RuntimeError: looked away")
    assert "profile" not in [thread.name for thread in threading.enumerate()]


def test_a_worker_that_is_replaced_keeps_its_counts(project: Make) -> None:
    engine = project(SPINNING).start(profile=True)

    before = engine.wait(lambda snapshot: n if (n := looks_at(snapshot)) > 5 else 0, "some looks")
    engine.session.restart_worker(0)
    engine.wait(lambda s: s.workers[0].restarts and looks_at(s) > before + 5, "looks at the new one")
    engine.session.stop()
    engine.join()


def test_a_run_without_a_profile_is_not_sampled(project: Make) -> None:
    run = project(EMPTY).run(limit=Limit(executions=500))
    assert profile_of(run.snapshot.workers) is None


def test_a_profile_does_not_change_what_a_repeatable_run_does(project: Make) -> None:
    source = "def fuzz_it(data: bytes):\n    if data[:1] == b'a': pass\n"
    options = {"limit": Limit(executions=8000), "seed": 3}  # enough calls for one to be measured
    plain, profiled = (project(source).run(**options, profile=wish) for wish in (False, True))
    assert [path.name for path in plain.generated] == [path.name for path in profiled.generated]
    assert plain.snapshot.yields == profiled.snapshot.yields
    assert profiled.snapshot.executions == plain.snapshot.executions == 8000
