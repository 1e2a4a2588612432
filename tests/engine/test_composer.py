"""What people are shown of a run at one moment."""

from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.crew.member import Member
from fuzztui.engine.request.options import Limit, RunOptions
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.running.composer import Composer
from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.show.charts import MarkerKind
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import label
from fuzztui.engine.show.worker_row import WorkerState
from tests.engine.crew_fakes import ending, stint
from tests.engine.scripted_target import ScriptedTarget


class Clock(RunClock):
    def __init__(self) -> None:
        self.now = 0.0

    def elapsed(self) -> float:
        return self.now


class Shown:
    def __init__(self, **options: Any) -> None:
        self.clock = Clock()
        given = RunOptions(ScriptedTarget(Path("/p\x1b")), Path("/p/.fuzztui"), 2, **options)
        self.composer = Composer(given, self.clock)
        self.state = RunState(stop_on_crash=True)
        self.members = [Member(0), Member(1)]

    def at(self, seconds: float) -> Snapshot:
        self.clock.now = seconds
        return self.composer.compose(self.state, None, None, self.members)


def test_every_snapshot_is_newer_than_the_one_before() -> None:
    shown = Shown()
    assert [shown.at(0.0).version for _ in range(3)] == [1, 2, 3]


def test_a_run_that_has_not_begun_is_empty() -> None:
    snapshot = Shown(limit=Limit(5.0, 100)).at(0.0)
    assert (snapshot.phase, snapshot.executions, snapshot.rate, snapshot.average_rate) == (
        Phase.STARTING,
        0,
        None,
        None,
    )
    assert (snapshot.time_limit, snapshot.execution_limit, snapshot.last_new) == (5.0, 100, None)
    assert [row.state for row in snapshot.workers] == [WorkerState.STARTING] * 2
    assert "\x1b" not in snapshot.target_id


def test_executions_of_processes_that_have_ended_count() -> None:
    shown = Shown()
    for member, executions in zip(shown.members, (3, 4), strict=True):
        member.begin(stint())
        assert member.stint is not None
        member.stint.assignment.settle(executions)
    assert shown.at(1.0).executions == 7
    first = shown.members[0]
    assert first.stint is not None
    first.stint.process.ending = ending(0)
    first.release()
    snapshot = shown.at(1.0)
    assert snapshot.executions == 7
    assert [row.executions for row in snapshot.workers] == [3, 4]


def test_the_average_counts_from_the_first_execution() -> None:
    shown = Shown()
    shown.clock.now = 10.0
    shown.composer.measure(100.0, 0)
    shown.clock.now = 12.0
    shown.composer.measure(102.0, 1)
    shown.members[0].begin(stint())
    assert shown.members[0].stint is not None
    shown.members[0].stint.assignment.settle(50)
    assert shown.at(12.0).average_rate is None
    assert shown.at(17.0).average_rate == pytest.approx(10.0)


def test_the_rate_is_that_of_the_readings_and_forgotten_when_workers_are_held() -> None:
    shown = Shown()
    shown.composer.measure(100.0, 0)
    shown.composer.measure(101.0, 250)
    assert shown.at(1.0).rate == pytest.approx(250.0)
    shown.composer.forget_rate()
    assert shown.at(1.0).rate is None


def test_how_long_ago_the_newest_entry_came() -> None:
    shown = Shown()
    shown.clock.now = 4.0
    shown.composer.note_new_entry()
    assert shown.at(9.0).last_new == pytest.approx(5.0)


def test_the_latest_sentence_on_a_topic_is_shown_and_told_once() -> None:
    shown = Shown()
    assert shown.composer.note_warning("a", label("one"))
    assert not shown.composer.note_warning("a", label("one"))
    assert shown.composer.note_warning("b", label("two"))
    assert shown.composer.note_warning("a", label("three"))
    assert sorted(shown.at(0.0).warnings) == ["three", "two"]


def test_moments_are_marked_where_they_were() -> None:
    shown = Shown()
    shown.clock.now = 3.0
    shown.composer.mark(MarkerKind.CRASHER)
    (marker,) = shown.at(8.0).markers
    assert (marker.kind, marker.elapsed) == (MarkerKind.CRASHER, 3.0)


def test_a_snapshot_says_what_the_state_says() -> None:
    shown = Shown()
    shown.state.is_paused = True
    shown.members[0].begin(stint())
    snapshot = shown.at(1.0)
    assert snapshot.is_paused
    assert snapshot.workers[0].state is WorkerState.PAUSED
    shown.state.decide(StopReason.CRASHER)
    shown.state.enter(Phase.STOPPING)
    snapshot = shown.at(2.0)
    assert (snapshot.phase, snapshot.stop_reason, snapshot.is_paused) == (Phase.STOPPING, StopReason.CRASHER, False)
