"""An execution is too long when it has had its time, on a busy machine as on an idle one."""

from collections.abc import Iterator
from itertools import repeat
from typing import NamedTuple

import pytest

from fuzztui.engine.crew import procfs
from fuzztui.engine.crew.effort import LONGEST_WAIT, CpuTime, Effort, is_too_long, progress
from fuzztui.engine.crew.procfs import Stat
from fuzztui.engine.running.clock import HangClock

TIMEOUT = 10.0
LOOK = 0.1
"""Seconds between two looks."""


class Step(NamedTuple):
    """What becomes of a process between two looks; shares are those of a core."""

    state: str
    ran: float = 0.0
    waited: float = 0.0
    faults: int = 0


def seconds_until_too_long(steps: Iterator[Step], *, counts_waits: bool = True, tasks: int = 1) -> float | None:
    """When the watch gives up, by the clock; None if the steps end before. Waits are shared by so many threads."""
    clock = HangClock()
    before = Effort("R", 0.0, 0, dict.fromkeys(range(tasks), 0.001) if counts_waits else {})
    now = 0.0
    clock.tick(now)
    clock.begin(1)
    for step in steps:
        now += LOOK
        waits = {task: waited + step.waited * LOOK / tasks for task, waited in before.waited.items()}
        after = Effort(step.state, before.cpu + step.ran * LOOK, before.major_faults + step.faults, waits)
        ran, held_up = progress(before, after, LOOK)
        clock.add(clock.tick(now)[1], ran=ran, held_up=held_up)
        before = after
        if is_too_long(clock.own, clock.clock, TIMEOUT):
            return now
    return None


LONG = 10_000

IN_TIME = {
    "a busy loop": Step("R", ran=1.0),
    "sleep": Step("S"),
    "a lock that nobody releases": Step("S", ran=0.001, waited=0.001),
    "a socket that is polled": Step("S", ran=0.05),
    "a thread works, the main thread waits for it": Step("S", ran=1.0),
    "eight threads of C on two cores": Step("R", ran=2.0, waited=6.0),
    "a child works": Step("S", ran=1.0),
    "reads its own file again and again": Step("D", ran=0.1),
}


@pytest.mark.parametrize("counts_waits", [True, False])
@pytest.mark.parametrize("step", IN_TIME.values(), ids=IN_TIME.keys())
def test_on_an_idle_machine_an_execution_has_the_time_that_was_given(step: Step, counts_waits: bool) -> None:
    seconds = seconds_until_too_long(repeat(step, LONG), counts_waits=counts_waits, tasks=8)
    assert seconds == pytest.approx(TIMEOUT, abs=0.3)


HELD_UP = {
    "a busy loop, load four per core": (Step("R", ran=0.25, waited=0.75), 4),
    "a busy loop, load eight per core": (Step("R", ran=0.125, waited=0.875), 8),
    "a thread works for a main thread that waits": (Step("S", ran=0.25, waited=0.75), 4),
    "memory that was swapped out comes back": (Step("D", ran=0.2, faults=40), 5),
    "four threads, load eight per core": (Step("R", ran=0.5, waited=3.5), 2),
}


@pytest.mark.parametrize(("step", "times"), HELD_UP.values(), ids=HELD_UP.keys())
def test_on_a_busy_machine_an_execution_has_the_same_time_of_its_own(step: Step, times: int) -> None:
    seconds = seconds_until_too_long(repeat(step, LONG), tasks=4)
    assert seconds == pytest.approx(times * TIMEOUT, rel=0.05)


def test_an_execution_of_three_seconds_is_no_hang_under_load_eight() -> None:
    assert seconds_until_too_long(repeat(Step("R", ran=0.125, waited=0.875), 10 * 3 * 8)) is None


def test_a_wait_that_the_kernel_counts_when_it_is_over_is_taken_off_all_the_same() -> None:
    lap = [Step("R"), Step("R"), Step("R"), Step("R", ran=0.1, waited=3.9)]
    seconds = seconds_until_too_long(iter(lap * LONG))
    assert seconds == pytest.approx(TIMEOUT * LONGEST_WAIT, rel=0.05), "it ran a fortieth of the time"


@pytest.mark.parametrize("counts_waits", [True, False])
def test_a_process_that_gets_next_to_nothing_is_not_waited_for_without_end(counts_waits: bool) -> None:
    seconds = seconds_until_too_long(repeat(Step("R", ran=0.001, waited=0.999), LONG), counts_waits=counts_waits)
    assert seconds == pytest.approx(TIMEOUT * LONGEST_WAIT, abs=0.3)


def test_a_process_that_sleeps_after_it_was_held_up_has_the_rest_of_its_time() -> None:
    held_up = [Step("R", ran=0.1, waited=0.9)] * 500
    seconds = seconds_until_too_long(iter([*held_up, *[Step("S")] * LONG]))
    assert seconds == pytest.approx(50 + TIMEOUT - 5, abs=0.3)


def test_a_kernel_that_counts_no_waits_is_believed_by_the_state_of_the_process() -> None:
    busy = seconds_until_too_long(repeat(Step("R", ran=0.25), LONG), counts_waits=False)
    assert busy == pytest.approx(4 * TIMEOUT, abs=0.3)
    asleep = seconds_until_too_long(repeat(Step("S", ran=0.25), LONG), counts_waits=False)
    assert asleep == pytest.approx(TIMEOUT, abs=0.3)


def test_threads_and_children_that_come_and_go_take_nothing_off() -> None:
    before = Effort("S", 5.0, 0, {1: 3.0, 2: 100.0})
    after = Effort("S", 4.0, 0, {1: 3.5, 3: 0.25})
    assert progress(before, after, 1.0) == (0.0, 0.75)


def test_the_time_of_processes_that_follow_one_another_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[int, tuple[float, float]] = {}

    def stat(pid: int) -> Stat | None:
        return Stat("R", 0, *seen[pid], rss=0) if pid in seen else None

    monkeypatch.setattr(procfs, "stat", stat)
    time = CpuTime()
    totals = []
    for pid, cpu, of_children in [(7, 0.25, 0.0), (7, 1.0, 0.5), (7, 1.0, 0.5), (8, 0.25, 0.0), (8, 0.5, 0.25)]:
        seen[pid] = cpu, of_children
        time.look(pid)
        totals.append(time.seconds)
    assert totals == [0.25, 1.5, 1.5, 1.75, 2.25]
    time.look(9)
    assert time.seconds == 2.25
