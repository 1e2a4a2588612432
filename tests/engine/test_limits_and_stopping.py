"""When a run ends, and that it ends."""

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest

from fuzztui.engine.crew import procfs
from fuzztui.engine.crew.process import WorkerProcess
from fuzztui.engine.crew.watch import HangWatch
from fuzztui.engine.questions.general import WorkerOutput
from fuzztui.engine.request.options import Limit, RunOptions
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.running.run import TICK
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import Ended, Stats
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import Visible
from fuzztui.engine.show.worker_row import WorkerState
from tests.support import Project, wait_for

MakeProject = Callable[..., Project]

COUNTING = """
import os
log = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def fuzz_it(data: bytes) -> None:
    os.write(log, b".")
    if data[:1] == b"a":
        if data[1:2] == b"b":
            if len(data) > 5:
                pass
"""


@pytest.mark.parametrize("workers", [1, 3, 7])
@pytest.mark.mostly_soak(1)
def test_a_limit_of_1001_executions_calls_the_target_1001_times(
    project: MakeProject, tmp_path: Path, workers: int
) -> None:
    log = tmp_path / "calls"
    target = project(COUNTING.format(log=str(log)))
    for seed in range(20):
        target.seed(f"seed{seed}", bytes([seed]) * seed)
    run = target.run(workers=workers, limit=Limit(executions=1001))
    assert log.stat().st_size == 1001
    assert run.snapshot.executions == 1001
    assert run.outcome.reason is StopReason.EXECUTION_LIMIT
    assert run.outcome.exit_code == 0


def test_the_limit_holds_when_executions_end_the_process(project: MakeProject, tmp_path: Path) -> None:
    log = tmp_path / "calls"
    source = COUNTING.format(log=str(log)) + "    if len(data) % 7 == 3: os._exit(1)\n"
    run = project(source).run(workers=3, limit=Limit(executions=101), stop_on_crash=False)
    assert log.stat().st_size == 101
    assert run.outcome.reason is StopReason.EXECUTION_LIMIT
    assert run.outcome.exit_code == 1


def test_a_limit_of_executions_within_the_baseline_is_success(project: MakeProject) -> None:
    target = project("def fuzz_it(data: bytes): ...\n")
    for seed in range(50):
        target.seed(f"seed{seed}", bytes([seed]))
    run = target.run(limit=Limit(executions=20), workers=2)
    assert run.outcome.exit_code == 0
    assert run.snapshot.executions == 20


def test_the_time_limit_is_kept_as_soon_as_it_is_reached(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = project(BUSY).start(workers=2, limit=Limit(seconds=3600.0))
    engine.wait(lambda s: s.executions, "executions")
    assert engine.session.snapshot().stop_reason is None
    elapsed = RunClock.elapsed
    monkeypatch.setattr(RunClock, "elapsed", lambda self: elapsed(self) + 3600.0)
    run = engine.join()
    assert run.outcome.exit_code == 0
    assert run.outcome.reason is StopReason.TIME_LIMIT
    assert run.outcome.seconds >= 3600.0


BUSY = "import time\ndef fuzz_it(data: bytes): time.sleep(0.001)\n"


def test_one_worker_is_stopped_while_the_others_go_on_and_the_last_one_ends_the_run(project: MakeProject) -> None:
    engine = project(BUSY).start(workers=3, limit=Limit())
    engine.wait(lambda s: len(s.workers) == 3 and all(w.state is WorkerState.FUZZING for w in s.workers), "fuzzing")
    engine.session.stop_worker(1)
    engine.session.stop_worker(1)
    engine.wait(lambda s: s.workers[1].state is WorkerState.STOPPED, "the stop")
    before = [row.executions for row in engine.session.snapshot().workers]
    engine.wait(lambda s: s.workers[0].executions > before[0] and s.workers[2].executions > before[2], "the others")
    assert engine.session.snapshot().workers[1].executions == before[1]
    assert engine.session.snapshot().outcome is None
    engine.session.stop_worker(0)
    engine.session.stop_worker(2)
    run = engine.join()
    assert run.outcome.reason is StopReason.LAST_WORKER_STOPPED
    assert run.outcome.exit_code == 0
    assert [row.exit for row in run.snapshot.workers] == ["exit 0"] * 3
    assert all(row.exit_seconds is not None for row in run.snapshot.workers)


def test_a_stopped_worker_can_be_brought_back(project: MakeProject) -> None:
    engine = project(BUSY).start(workers=2, limit=Limit())
    engine.wait(lambda s: len(s.workers) == 2 and all(w.state is WorkerState.FUZZING for w in s.workers), "fuzzing")
    pid = engine.session.snapshot().workers[0].pid
    engine.session.restart_worker(0)
    engine.wait(lambda s: s.workers[0].restarts == 1 and s.workers[0].state is WorkerState.FUZZING, "a new process")
    assert engine.session.snapshot().workers[0].pid != pid
    engine.session.stop_worker(0)
    engine.wait(lambda s: s.workers[0].state is WorkerState.STOPPED, "the stop")
    engine.session.restart_worker(0)
    engine.wait(lambda s: s.workers[0].state is WorkerState.FUZZING, "its return")
    engine.session.stop()
    run = engine.join()
    assert run.outcome.reason is StopReason.USER
    assert {row.state for row in run.snapshot.workers} == {WorkerState.ENDED}


def test_a_paused_worker_does_not_execute_and_goes_on_when_asked(project: MakeProject) -> None:
    engine = project(BUSY).start(workers=2, limit=Limit())
    engine.wait(lambda s: len(s.workers) == 2 and all(w.state is WorkerState.FUZZING for w in s.workers), "fuzzing")
    engine.session.pause_worker(0)
    held = engine.wait(lambda s: s.workers if s.workers[0].state is WorkerState.PAUSED else None, "the pause")
    engine.wait(lambda s: s.workers[1].executions > held[1].executions + 50, "the other to go on")
    paused = engine.session.snapshot().workers[0].executions
    assert paused <= held[0].executions + 2, "the execution in progress, and one that was about to begin"
    engine.session.resume_worker(0)
    engine.wait(lambda s: s.workers[0].executions > paused + 10, "the paused one to go on")
    engine.session.pause()
    first = engine.wait(lambda s: s if s.is_paused else None, "the run's pause")
    later = engine.wait(lambda s: s if s.version > first.version + 2 else None, "some snapshots")
    assert later.elapsed == first.elapsed, "a run's clock stands still in a pause"
    engine.session.resume()
    engine.wait(lambda s: s.executions > later.executions + 10, "the run to go on")
    assert engine.session.snapshot().elapsed > later.elapsed
    engine.session.pause()
    engine.session.stop()
    assert engine.join().outcome.exit_code == 0


CANNOT_LISTEN = {
    "sum(range(10**13))": ("SIGTERM", "SIGKILL"),
    "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()); time.sleep(999)": ("SIGKILL",),
}


@pytest.mark.parametrize(("spin", "exits"), CANNOT_LISTEN.items(), ids=["in C", "blocks signals"])
@pytest.mark.mostly_soak(1)
def test_a_worker_that_cannot_listen_is_ended_by_the_ladder_of_signals(
    project: MakeProject, spin: str, exits: tuple[str, ...]
) -> None:
    engine = project(f"import signal, time\ndef fuzz_it(data: bytes):\n    {spin}\n").start(
        workers=2, limit=Limit(), timeout=100.0
    )
    engine.wait(lambda s: len(s.workers) == 2 and sum(w.executions for w in s.workers) >= 1, "an execution")
    engine.session.stop()
    run = engine.join()
    assert run.outcome.exit_code == 0
    assert run.stored == []
    assert any(row.exit in exits for row in run.snapshot.workers)


@pytest.mark.soak
def test_a_worker_that_cannot_listen_delays_the_end_by_two_seconds_at_most(project: MakeProject) -> None:
    """On an idle machine, which is why `make soak` asks for it alone."""
    spin = "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()); time.sleep(999)"
    for _ in range(10):
        engine = project(f"import signal, time\ndef fuzz_it(data: bytes):\n    {spin}\n").start(limit=Limit())
        engine.wait(lambda s: s.executions, "an execution")
        engine.session.stop()
        (row,) = engine.join().snapshot.workers
        assert row.exit_seconds is not None
        assert row.exit_seconds < 2.0


def test_a_suspended_worker_is_shown_as_such_is_no_hang_and_is_killed_at_the_end(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    look = HangWatch.look

    def counting(self: HangWatch, process: WorkerProcess, options: RunOptions, now: float) -> Visible:
        nonlocal looks
        stat = procfs.stat(process.pid)
        looks += stat is not None and stat.is_stopped
        return look(self, process, options, now)

    monkeypatch.setattr(HangWatch, "look", counting)
    engine = project(BUSY).start(limit=Limit(), timeout=1.0)
    row = engine.wait(lambda s: s.workers and s.workers[0].executions > 3 and s.workers[0], "executions")
    os.kill(row.pid, signal.SIGSTOP)
    engine.wait(lambda s: s.workers[0].state is WorkerState.STALLED, "the stall to be shown")
    assert engine.session.snapshot().workers[0].detail == "suspended"
    wait_for(lambda: looks * TICK > 1.2, "so many looks as would make a hang")
    engine.wait(lambda s: any(f"`kill -CONT {row.pid}` lets it go on" in w for w in s.warnings), "the warning")
    os.kill(row.pid, signal.SIGCONT)
    engine.wait(lambda s: s.workers[0].state is WorkerState.FUZZING, "it to go on")
    os.kill(row.pid, signal.SIGSTOP)
    engine.session.stop()
    run = engine.join()
    assert run.crashers == []
    assert run.snapshot.workers[0].exit == "SIGKILL"
    assert run.snapshot.workers[0].restarts == 0


def test_the_final_status_comes_after_the_last_process_is_reaped(project: MakeProject) -> None:
    engine = project(BUSY).start(workers=4, limit=Limit())
    pids = engine.wait(
        lambda s: len(s.workers) == 4 and all(w.executions for w in s.workers) and [w.pid for w in s.workers], "fuzzing"
    )
    engine.session.stop()
    engine.wait(lambda s: s.outcome, "the outcome")
    assert not any(psutil.pid_exists(pid) for pid in pids)
    run = engine.join()
    assert isinstance(run.events[-1], Ended)
    assert len(run.endings) == 4


def test_forcing_the_stop_does_not_wait_for_executions(project: MakeProject) -> None:
    engine = project("def fuzz_it(data: bytes):\n    sum(range(10**13))\n").start(limit=Limit(), timeout=100.0)
    engine.wait(lambda s: s.workers and s.workers[0].executions >= 1, "an execution")
    engine.session.stop()
    engine.session.force_stop()
    run = engine.join()
    assert run.snapshot.workers[0].exit == "SIGKILL"
    assert run.outcome.reason is StopReason.USER


@pytest.mark.parametrize(
    ("reason", "code"),
    [(StopReason.INTERRUPTED, 130), (StopReason.TERMINATED, 143), (StopReason.USER, 0)],
)
def test_an_interruption_without_findings_has_its_own_exit_code(
    project: MakeProject, reason: StopReason, code: int
) -> None:
    engine = project(BUSY).start(limit=Limit())
    engine.wait(lambda s: s.executions, "executions")
    engine.session.stop(reason)
    run = engine.join()
    assert run.outcome.exit_code == code
    assert run.outcome.reason is reason


def test_a_stop_before_the_start_does_not_wait_for_the_target_to_load(project: MakeProject) -> None:
    engine = project("import time\ntime.sleep(1000)\ndef fuzz_it(data: bytes): ...\n").start(
        limit=Limit(), startup_timeout=1000.0
    )
    engine.session.stop()
    run = engine.join()
    assert run.outcome.exit_code == 0
    assert run.outcome.reason is StopReason.USER


def test_a_broken_coordinator_ends_its_workers_and_says_so(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fuzztui.engine.work.schedule import PowerSchedule

    def broken(self: PowerSchedule) -> None:
        raise ZeroDivisionError("broken on purpose")

    monkeypatch.setattr(PowerSchedule, "next", broken)
    run = project(BUSY).run(workers=2)
    assert run.outcome.exit_code == 70
    assert run.outcome.reason is StopReason.INTERNAL
    assert "broken on purpose" in run.outcome.detail
    assert "ZeroDivisionError" in (run.folder / ".fuzztui" / "internal-error.log").read_text()


def test_a_worker_that_hangs_is_shown_as_stalled_with_its_place(project: MakeProject) -> None:
    engine = project("import time\ndef fuzz_it(data: bytes):\n    time.sleep(100)\n").start(limit=Limit(), timeout=60.0)
    row = engine.wait(
        lambda s: s.workers and s.workers[0].state is WorkerState.STALLED and s.workers[0].location and s.workers[0],
        "the stall",
    )
    assert row.location.endswith("fuzz_it.py:3")
    engine.session.stop()
    engine.join()


def test_what_a_worker_prints_can_be_read(project: MakeProject) -> None:
    engine = project("import time\ndef fuzz_it(data: bytes):\n    print('hello \\x1b[31m'); time.sleep(0.01)\n").start(
        limit=Limit()
    )
    output = wait_for(lambda: engine.session.ask(WorkerOutput(0)).result(5), "output")
    assert "hello \\x1b[31m" in output
    engine.session.stop()
    engine.join()


def test_a_paused_worker_keeps_no_work_from_the_others(project: MakeProject) -> None:
    target = project(BUSY)
    for number in range(400):
        target.seed(f"seed{number}", b"%d" % number)
    engine = target.start(workers=2, limit=Limit())
    engine.wait(lambda s: s.baseline_done > 20, "the baseline to begin")
    engine.session.pause_worker(0)
    engine.wait(lambda s: s.phase is Phase.FUZZING, "the other to finish the baseline")
    engine.session.stop()
    assert engine.join().snapshot.baseline_done == 400


@pytest.mark.parametrize("seed", [0, 10**13, 10**30])
def test_any_number_is_a_seed(project: MakeProject, seed: int) -> None:
    run = project(BUSY).run(seed=seed, limit=Limit(executions=20))
    assert run.outcome.exit_code == 0


def _has_grown(session: Session, before: int) -> bool:
    snapshot = session.snapshot()
    return snapshot.executions > before + 50 or snapshot.outcome is not None


def test_commands_during_a_run_of_so_many_executions_change_nothing_about_their_number(
    project: MakeProject, tmp_path: Path
) -> None:
    log = tmp_path / "calls"
    source = COUNTING.format(log=str(log)) + "    global n\n    n += 1\n    if n == 150: os._exit(1)\n"
    engine = project("n = 0\n" + source).start(workers=3, limit=Limit(executions=1000), stop_on_crash=False, seed=None)
    for worker in (0, 1, 2, 0, 1):
        engine.session.restart_worker(worker)
        engine.session.pause_worker((worker + 1) % 3)
        before = engine.session.snapshot().executions
        wait_for(partial(_has_grown, engine.session, before), "executions")
        engine.session.resume_worker((worker + 1) % 3)
    run = engine.join()
    assert run.outcome.reason is StopReason.EXECUTION_LIMIT
    assert run.snapshot.executions == log.stat().st_size == 1000


CONDITIONAL = """
def fuzz_it(data: bytes) -> None:
    body, stored = data[:-4], int.from_bytes(data[-4:], "big")
    total = sum(body) * 7919
    if total != stored:
""" + "".join(f"        if len(body) > {n} and body[{n}] & 64:\n            pass\n" for n in range(8))


def test_a_repeatable_run_finds_what_lies_on_either_side_of_a_condition(project: MakeProject) -> None:
    made = project(CONDITIONAL)
    body = bytes(range(1, 9))
    made.seed("fulfilled", body + (sum(body) * 7919).to_bytes(4, "big"))
    run = made.run(limit=Limit(executions=20_000), workers=1, seed=1)
    assert run.snapshot.executions == 20_000
    assert run.snapshot.edges == run.snapshot.edges_total > 20


def test_stats_are_told_again_and_again_and_once_at_the_end(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fuzztui.engine.running.run.STATS_INTERVAL", 0.2)
    engine = project(BUSY).start(limit=Limit())
    wait_for(lambda: len([event for event in engine.events if isinstance(event, Stats)]) >= 3, "stats")
    engine.session.stop()
    run = engine.join()
    last = [event for event in run.events if isinstance(event, Stats)][-1]
    assert last.snapshot.outcome == run.outcome
