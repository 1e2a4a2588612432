"""Several targets in one run: nothing is lost, each has its own verdict, and there is one exit status."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.campaign.campaign import Campaign, shared_limits
from fuzztui.engine.live.wishes import AddWorker, DropWorker
from fuzztui.engine.request.options import Limit, RunOptions
from fuzztui.engine.show.events import CrasherFound, Ended, OfTarget, PhaseChanged, Stats, Steered, WorkerStarted
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.target_row import TargetRow, TargetState
from tests.engine.campaign.scripted import Running, campaign_of, target
from tests.support import children, mostly_soak, wait_for

pytestmark = pytest.mark.processes

Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts runs, ends them, and sees to it that they leave nothing behind."""
    running: list[Running] = []
    threads = set(threading.enumerate())

    def begin(targets: Sequence[RunOptions], **options: Any) -> Running:
        running.append(Running(campaign_of(targets, **options)))
        return running[-1]

    yield begin
    for each in running:
        each.end()
    assert children() == []
    left = [each for each in set(threading.enumerate()) - threads if not each.daemon]
    assert left == [], "a session's thread ends with it"


def generated(project: Path, data: bytes) -> None:
    """Put an input into the generated corpus."""
    folder = project / ".fuzztui" / "corpus" / "fuzz_it.py" / "fuzz_it"
    folder.mkdir(parents=True)
    (folder / sha256(data).hexdigest()).write_bytes(data)


def row(run: Running, name: str) -> TargetRow:
    return next(each for each in run.campaign.snapshot().targets if each.id.startswith(name))


@pytest.mark.soak
def test_each_of_several_targets_is_fuzzed_by_turns_and_keeps_what_is_its_own(start: Start, tmp_path: Path) -> None:
    names = [f"t{number}" for number in range(5)]
    run = start([target(tmp_path, name, b"cover 1", f"raise ValueError {name}".encode()) for name in names])
    run.wait(lambda s: all(each.executions > 2 and each.crashers for each in s.targets), "executions of each")
    assert sum(each.workers for each in run.campaign.snapshot().targets) <= 4, "two, and two that are loading"
    run.campaign.stop(StopReason.TIME_LIMIT)
    outcome = run.join()
    assert (outcome.reason, outcome.exit_code) == (StopReason.TIME_LIMIT, 1)
    assert outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved
    for name in names:
        (found,) = [each for each in run.of(name) if isinstance(each, CrasherFound)]
        assert found.crasher.failure.message == name
        assert isinstance(run.of(name)[-1], Ended)
        assert row(run, name).outcome is not None
    assert run.last.executions == sum(each.executions for each in run.last.targets)
    assert [each.state for each in run.last.targets] == [TargetState.ENDED] * 5


@pytest.mark.soak
def test_what_is_found_is_stored_with_its_target(start: Start, tmp_path: Path) -> None:
    targets = [target(tmp_path, "a", b"cover 1"), target(tmp_path, "b", b"cover 1")]
    generated(tmp_path / "b", b"exit 3")
    run = start(targets)
    run.wait(lambda s: s.targets[1].crashers, "the crasher")
    run.campaign.stop()
    assert run.join().exit_code == 1
    stored = {name: list((tmp_path / name / "testdata").rglob("*")) for name in "ab"}
    assert [path.read_bytes() for path in stored["b"] if path.is_file() and not path.name.startswith(".")] == [
        b"exit 3"
    ]
    assert not [path for path in stored["a"] if path.is_file() and not path.name.startswith(".")]


def test_one_that_cannot_be_loaded_is_told_in_one_line_and_the_others_go_on(start: Start, tmp_path: Path) -> None:
    run = start([target(tmp_path, "bad", script="failing"), target(tmp_path, "good", b"cover 1")], limit=1.0)
    outcome = run.join()
    assert (outcome.reason, outcome.exit_code) == (StopReason.TARGETS_FAILED, 70)
    bad, good = run.last.targets
    assert (bad.state, good.state) == (TargetState.FAILED, TargetState.ENDED)
    assert bad.outcome is not None
    assert bad.outcome.reason is StopReason.HARNESS
    assert good.outcome is not None
    assert (good.outcome.reason, good.outcome.exit_code) == (StopReason.TIME_LIMIT, 0)
    assert good.executions
    lines = outcome.detail.splitlines()
    assert lines[0] == StopReason.TIME_LIMIT.value
    assert len(lines) == 2
    assert lines[1].startswith("bad::failing: the harness failed: ")


@pytest.mark.soak
def test_a_crasher_of_one_counts_more_than_the_failure_of_another(start: Start, tmp_path: Path) -> None:
    run = start([target(tmp_path, "bad", script="failing"), target(tmp_path, "good", b"raise KeyError x")], limit=1.0)
    assert run.join().exit_code == 1


def test_the_first_crasher_ends_the_run_where_that_is_wanted(start: Start, tmp_path: Path) -> None:
    targets = [
        target(tmp_path, "a", b"cover 1", stop_on_crash=True),
        target(tmp_path, "b", b"raise KeyError x", stop_on_crash=True),
    ]
    run = start(targets, stop_on_crash=True)
    outcome = run.join()
    assert (outcome.reason, outcome.exit_code) == (StopReason.FAILING_SEED, 1)
    assert outcome.detail == "of b::script"
    own = [each.outcome.reason for each in run.last.targets if each.outcome is not None]
    assert own == [StopReason.OTHERS_CRASHER, StopReason.FAILING_SEED]


def test_crashers_of_several_targets_at_one_instant_are_all_told_and_stored(start: Start, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    names = [f"t{number}" for number in range(4)]
    targets = [target(tmp_path, name, b"cover 1", workers=4, stop_on_crash=True) for name in names]
    for name in names:
        generated(tmp_path / name, f"read {fifo}\nexit 3".encode())
    run = start(targets, workers=4, stop_on_crash=True)
    started = wait_for(
        lambda: sum(isinstance(each, WorkerStarted) for name in names for each in run.of(name)) >= 4 and _reader(fifo),
        "all four that read",
    )
    fifo.unlink()
    fifo.touch()
    os.close(started)  # all read to the end at once
    outcome = run.join()
    assert outcome.exit_code == 1
    found = [each for name in names for each in run.of(name) if isinstance(each, CrasherFound)]
    assert len(found) == outcome.received - outcome.duplicates
    assert outcome.received >= 1
    for each in run.last.targets:
        assert each.outcome is not None
        assert each.outcome.received == each.outcome.stored + each.outcome.duplicates + each.outcome.unsaved


def _reader(fifo: Path) -> int | None:
    try:
        return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None


def test_in_turn_each_gets_its_own_limit_one_after_the_other(start: Start, tmp_path: Path) -> None:
    targets = [target(tmp_path, name, b"cover 1", limit=Limit(executions=20)) for name in ("a", "b", "c")]
    run = start(targets, in_turn=True)
    outcome = run.join()
    assert (outcome.reason, outcome.exit_code) == (StopReason.EXECUTION_LIMIT, 0)
    assert [each.executions for each in run.last.targets] == [20, 20, 20]
    order = [each.target for each in run.told if isinstance(each, OfTarget)]
    assert list(dict.fromkeys(order)) == ["a::script", "b::script", "c::script"]
    assert order == sorted(order), "none begins before the one before it has ended"


@pytest.mark.soak
def test_a_limit_of_executions_is_shared_out_and_kept_exactly(start: Start, tmp_path: Path) -> None:
    limits = shared_limits(Limit(executions=101), 3)
    targets = [target(tmp_path, name, b"cover 1", limit=limit) for name, limit in zip("abc", limits, strict=True)]
    run = start(targets)
    assert run.join().reason is StopReason.EXECUTION_LIMIT
    assert run.last.executions == 101


@pytest.mark.soak
def test_a_person_ends_one_target_and_the_run_with_the_last(start: Start, tmp_path: Path) -> None:
    run = start([target(tmp_path, name, b"cover 1") for name in "ab"])
    run.wait(lambda s: all(each.executions for each in s.targets), "executions of each")
    run.campaign.parts[0].stop()
    run.wait(lambda s: s.targets[0].state is TargetState.ENDED, "the end of the first")
    before = row(run, "b").executions
    run.wait(lambda s: s.targets[1].executions > before, "the other to go on")
    run.campaign.parts[1].stop()
    outcome = run.join()
    assert (outcome.reason, outcome.exit_code) == (StopReason.DONE, 0)


STATUS = {StopReason.INTERRUPTED: 130, StopReason.TERMINATED: 143, StopReason.HANGUP: 129, StopReason.USER: 0}


@pytest.mark.parametrize("reason", mostly_soak(STATUS, StopReason.INTERRUPTED))
def test_a_signal_ends_all_at_once_whoever_has_not_begun_too(start: Start, tmp_path: Path, reason: StopReason) -> None:
    run = start([target(tmp_path, name, b"hang") for name in "abc"], workers=1)
    run.wait(lambda s: s.targets[0].state is TargetState.BASELINE, "the first target")
    run.campaign.stop(reason)
    outcome = run.join()
    assert (outcome.reason, outcome.exit_code) == (reason, STATUS[reason])
    assert [each.state for each in run.last.targets[1:]] == [TargetState.NEVER_BEGUN] * 2


def test_a_time_limit_that_some_never_had_a_turn_in_is_no_success(start: Start, tmp_path: Path) -> None:
    run = start([target(tmp_path, name, b"hang") for name in "ab"], workers=1, limit=0.5)
    outcome = run.join()
    assert outcome.exit_code == 70
    second = run.last.targets[1]
    assert second.state is TargetState.NEVER_BEGUN
    assert "b::script: nothing was executed: the run was over before its turn came" in outcome.detail


@pytest.mark.soak
def test_all_are_held_and_let_go_on_together(start: Start, tmp_path: Path) -> None:
    run = start([target(tmp_path, name, b"cover 1") for name in "abc"])
    run.wait(lambda s: all(each.executions for each in s.targets), "executions of each")
    run.campaign.pause()
    run.wait(lambda s: s.is_paused and all(each.state is TargetState.PAUSED for each in s.targets), "the pause")
    held = run.campaign.snapshot()
    workers = [each.workers for each in held.targets]
    assert [each.workers for each in run.campaign.snapshot().targets] == workers
    run.campaign.resume()
    run.wait(lambda s: s.executions > held.executions, "a run that goes on")
    assert run.campaign.snapshot().elapsed - held.elapsed < 5
    run.campaign.stop()
    assert run.join().exit_code == 0


@pytest.mark.soak
def test_one_that_a_person_holds_gives_its_turns_to_others(start: Start, tmp_path: Path) -> None:
    run = start([target(tmp_path, name, b"cover 1") for name in "ab"], workers=1)
    run.wait(lambda s: all(each.executions for each in s.targets), "executions of each")
    run.campaign.parts[0].pause()
    run.wait(lambda s: s.targets[0].state is TargetState.PAUSED and not s.targets[0].workers, "the pause of one")
    run.campaign.pause()
    run.campaign.resume()
    turns = row(run, "b").executions
    run.wait(lambda s: s.targets[1].executions > turns, "the other to go on")
    assert row(run, "a").state is TargetState.PAUSED, "whoever is held alone stays so"
    run.campaign.parts[0].resume()
    run.wait(lambda s: s.targets[0].workers, "its next turn")


@pytest.mark.soak
def test_workers_are_added_and_taken_away_while_it_runs(start: Start, tmp_path: Path) -> None:
    run = start([target(tmp_path, name, b"cover 1") for name in "ab"], workers=1)
    run.campaign.steer(DropWorker())
    run.campaign.parts[0].steer(AddWorker())
    run.wait(lambda s: [each.workers for each in s.targets] == [1, 1], "a worker for each")
    run.campaign.steer(DropWorker())
    run.wait(lambda s: sum(each.workers for each in s.targets) == 1, "one worker in all")
    told = [each for each in run.own if isinstance(each, Steered)]
    assert [each.is_refused for each in told] == [True, False, False]


def test_one_whose_machinery_fails_ends_the_run_as_it_would_alone(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start([target(tmp_path, name, b"cover 1") for name in "ab"])
    run.wait(lambda s: all(each.executions for each in s.targets), "executions of each")
    part = run.campaign.parts[0]
    part.failure = RuntimeError("broken")
    run.campaign.part_ended(part)
    run.campaign.parts[0].end(StopReason.INTERNAL)
    run._thread.join(60)
    (error,) = run.outcomes
    assert isinstance(error, RuntimeError)
    assert children() == []


@pytest.mark.soak
def test_a_front_end_that_fails_leaves_nothing_running(tmp_path: Path) -> None:
    campaign: Campaign = campaign_of([target(tmp_path, name, b"cover 1") for name in "ab"])

    def take(event: object) -> None:
        if isinstance(event, Stats):
            raise RuntimeError("nobody listens any more")

    with pytest.raises(RuntimeError, match="nobody listens"):
        campaign.run(take)
    assert children() == []


@pytest.mark.soak
def test_sums_and_phases_are_those_of_the_whole(start: Start, tmp_path: Path) -> None:
    run = start([target(tmp_path, name, b"cover 1 2 3") for name in "ab"])
    run.wait(lambda s: all(each.edges for each in s.targets), "edges of each")
    shown = run.campaign.snapshot()
    assert shown.target_id == "2 targets"
    assert shown.edges == sum(each.edges for each in shown.targets)
    assert len({worker.id for worker in shown.workers}) == len(shown.workers)
    run.campaign.stop(StopReason.TIME_LIMIT)
    run.join()
    phases = [each.phase for each in run.own if isinstance(each, PhaseChanged)]
    assert phases == [Phase.STARTING, Phase.FUZZING, Phase.FINISHING, Phase.STOPPING]
    assert isinstance(run.own[-2], Stats)
