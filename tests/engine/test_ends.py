"""A run ends once, for a reason, with the right exit status, whatever happens around it at that moment."""

import asyncio
import errno
import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from fuzztui.engine.crew import procfs
from fuzztui.engine.crew.crew import Crew
from fuzztui.engine.crew.member import Member
from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.task import ImportCorpus, MinimizeCorpus, RegressionTest, Replay, Task
from fuzztui.engine.running.composer import Composer
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import Ended, Event, WorkerStarted
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.protocol.memory import EXECUTIONS, SharedMemory
from tests.engine.scripted_target import make_scripted
from tests.engine.scripted_worker import SEPARATOR
from tests.support import Project, Run, RunningEngine, children, make_project, wait_for, while_read

MakeProject = Callable[..., Project]


@pytest.fixture
def scripted(project: MakeProject) -> MakeProject:
    def make(*seeds: bytes, **options: Any) -> Project:
        return make_scripted(project("").folder, seeds, **options)

    return make


def works(worker: int) -> Callable[[Snapshot], bool]:
    return lambda s: len(s.workers) > worker and s.workers[worker].state is WorkerState.FUZZING


def restarted(times: int) -> Callable[[Snapshot], bool]:
    return lambda s: works(0)(s) and s.workers[0].restarts == times and s.workers[0].executions > 0


def is_idle(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_SLEEPING


# Commands that come with the end -------------------------------------------------------------------------------------


def test_a_restart_that_comes_while_the_last_worker_ends_starts_nothing(
    scripted: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restart is asked for at each moment at which the run tells or shows anything from the stop on."""
    session = Session(scripted().options_for(limit=Limit()))
    is_stopped = False
    asked = 0
    publish = Session._publish

    def publish_and_restart(self: Session, snapshot: Snapshot) -> None:
        nonlocal is_stopped, asked
        publish(self, snapshot)
        if not is_stopped and works(0)(snapshot):
            is_stopped = True
            self.stop_worker(0)
        elif is_stopped and asked < 100:  # each that is obeyed is shown, too
            asked += 1
            self.restart_worker(0)

    monkeypatch.setattr(Session, "_publish", publish_and_restart)
    events: list[Event] = []

    def note_and_restart(event: Event) -> None:
        events.append(event)
        if is_stopped:
            session.restart_worker(0)

    outcome = session.run(note_and_restart)
    assert outcome.reason is StopReason.LAST_WORKER_STOPPED
    assert [row.state for row in session.snapshot().workers] == [WorkerState.STOPPED]
    assert sum(isinstance(event, WorkerStarted) for event in events) == 1
    assert children() == []


def test_workers_that_are_stopped_before_the_run_begins_start_nothing(scripted: MakeProject) -> None:
    made = scripted()
    session = Session(made.options_for(workers=2, limit=Limit()))
    session.stop_worker(0)
    session.stop_worker(1)
    run = RunningEngine(made, session).join()
    assert run.outcome.reason is StopReason.LAST_WORKER_STOPPED
    assert [row.state for row in run.snapshot.workers] == [WorkerState.STOPPED] * 2
    assert run.endings == []


def test_a_worker_that_is_stopped_while_its_process_is_replaced_stops(scripted: MakeProject) -> None:
    engine = scripted().start(limit=Limit())
    engine.wait(works(0), "fuzzing")
    engine.session.restart_worker(0)
    engine.session.stop_worker(0)
    run = engine.join()
    assert run.outcome.reason is StopReason.LAST_WORKER_STOPPED
    assert [row.state for row in run.snapshot.workers] == [WorkerState.STOPPED]


@pytest.mark.soak
@pytest.mark.parametrize("attempt", range(50))
def test_restarts_that_come_by_chance_while_the_last_worker_ends_start_nothing(
    scripted: MakeProject, attempt: int
) -> None:
    engine = scripted().start(limit=Limit())
    engine.wait(works(0), "fuzzing")
    engine.session.stop_worker(0)
    for _ in range(attempt * 40):
        engine.session.restart_worker(0)
    run = engine.join()
    assert run.outcome.reason is StopReason.LAST_WORKER_STOPPED
    assert [row.state for row in run.snapshot.workers] == [WorkerState.STOPPED]
    assert (len(run.endings), children()) == (1, [])


def test_no_snapshot_shows_a_worker_that_is_gone_at_work(
    scripted: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each snapshot is compared with the processes that there are at the moment when it is published."""
    wrong: list[tuple[Phase, WorkerState]] = []
    published: list[Snapshot] = []
    publish = Session._publish

    def compare(self: Session, snapshot: Snapshot) -> None:
        published.append(snapshot)
        for row in snapshot.workers:
            is_there = row.pid is not None and psutil.Process(row.pid).status() != psutil.STATUS_ZOMBIE
            if row.state in (WorkerState.FUZZING, WorkerState.WAITING) and not is_there:
                wrong.append((snapshot.phase, row.state))
            if row.state is WorkerState.STARTING and snapshot.phase is Phase.STOPPING:
                wrong.append((snapshot.phase, row.state))
        publish(self, snapshot)

    monkeypatch.setattr(Session, "_publish", compare)
    engine = scripted(timeout=0.5).start(limit=Limit(), workers=3)
    for worker in range(3):
        engine.wait(works(worker), "fuzzing")
    engine.session.stop()
    engine.join()
    assert wrong == []
    assert {row.state for row in published[-1].workers} == {WorkerState.ENDED}


def test_a_worker_that_does_not_end_when_it_is_asked_is_sent_sigterm_before_it_is_killed(scripted: MakeProject) -> None:
    made = scripted()
    made.seed("hangs", b"hang")
    engine = made.start(limit=Limit(), timeout=100.0)
    engine.wait(lambda s: s.executions, "the execution")
    engine.session.stop()
    run = engine.join()
    assert [(row.exit, row.state) for row in run.snapshot.workers] == [("SIGTERM", WorkerState.ENDED)]
    assert run.outcome.exit_code == 0


def test_a_paused_worker_whose_process_is_replaced_stays_paused(scripted: MakeProject) -> None:
    engine = scripted().start(limit=Limit())
    engine.wait(restarted(0), "fuzzing")
    engine.session.pause_worker(0)
    engine.session.restart_worker(0)
    engine.wait(lambda s: s.workers[0].restarts and s.workers[0].state is WorkerState.PAUSED, "another process")
    before = engine.session.snapshot()
    engine.wait(lambda s: s.version > before.version + 2, "some snapshots")
    assert engine.session.snapshot().executions == before.executions
    engine.session.resume_worker(0)
    engine.wait(lambda s: s.executions > before.executions, "it to go on")
    engine.session.stop()
    engine.join()


CLEANUP_FAILS = """
import fuzztui
def fuzz_it(f: fuzztui.F):
    @f.cleanup
    def cleanup(): raise OSError("the cleanup fails")
    @f.fuzz
    def target(data: bytes): pass
"""


def test_a_worker_whose_cleanup_fails_when_it_is_stopped_ends_alone(project: MakeProject) -> None:
    engine = project(CLEANUP_FAILS).start(workers=2, limit=Limit())
    engine.wait(works(0), "fuzzing")
    engine.wait(works(1), "fuzzing")
    engine.session.stop_worker(0)
    engine.wait(lambda s: s.workers[0].state is WorkerState.FAILED, "its end")
    before = engine.session.snapshot().workers[1].executions
    engine.wait(lambda s: s.workers[1].executions > before, "the other to go on")
    assert engine.session.snapshot().stop_reason is None
    engine.session.stop()
    run = engine.join()
    assert "the cleanup fails" in run.warnings
    assert run.outcome.exit_code == 70


def test_a_run_whose_workers_all_failed_says_so_and_not_that_somebody_stopped_them(project: MakeProject) -> None:
    engine = project(CLEANUP_FAILS).start(workers=1, limit=Limit())
    engine.wait(works(0), "fuzzing")
    engine.session.restart_worker(0)
    run = engine.join()
    assert run.outcome.reason is StopReason.WORKERS_GAVE_UP
    assert "the cleanup fails" in run.outcome.detail
    assert run.outcome.exit_code == 70


def test_a_target_that_can_be_loaded_no_more_when_a_worker_restarts_ends_that_worker_alone(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("fuzztui.engine.crew.member.RESTARTS_IN_WINDOW", 1)
    missing = tmp_path / "missing"
    made = project(
        f"import os, time\nassert not os.path.exists({str(missing)!r})\ndef fuzz_it(data: bytes): time.sleep(0.001)\n"
    )
    engine = made.start(workers=2, limit=Limit())
    engine.wait(works(0), "fuzzing")
    engine.wait(works(1), "fuzzing")
    missing.touch()
    engine.session.restart_worker(0)
    engine.wait(lambda s: s.workers[0].state is WorkerState.GAVE_UP, "its end")
    engine.wait(works(1), "the other one")
    missing.unlink()
    engine.session.restart_worker(0)
    engine.wait(works(0), "its return")
    engine.session.stop()
    run = engine.join()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.USER, 0)
    assert "AssertionError" in run.warnings


def test_workers_that_are_killed_between_executions_are_replaced_as_long_as_they_work(
    scripted: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fuzztui.engine.crew.member.RESTARTS_IN_WINDOW", 1)
    engine = scripted().start(limit=Limit())
    for restarts in range(2):
        engine.wait(restarted(restarts), "fuzzing")
        engine.session.pause()
        engine.wait(lambda s: s.workers[0].state is WorkerState.PAUSED, "the pause")
        pid = engine.session.snapshot().workers[0].pid
        assert pid is not None
        wait_for(partial(is_idle, pid), "it to be idle")
        os.kill(pid, signal.SIGKILL)
        engine.session.resume()
    engine.wait(restarted(2), "its return")
    engine.session.stop()
    assert engine.join().outcome.exit_code == 0


# What lies in the way ------------------------------------------------------------------------------------------------


def put_in_the_way(folder: Path, what: str) -> None:
    if what == "cache is a file":
        (folder / ".fuzztui").touch()
    elif what == "cache is a dangling link":
        (folder / ".fuzztui").symlink_to(folder / "nowhere")
    elif what == "generated corpus is a file":
        (folder / ".fuzztui").mkdir()
        (folder / ".fuzztui" / "corpus").touch()
    elif what == "generated corpus is a dangling link":
        (folder / ".fuzztui").mkdir()
        (folder / ".fuzztui" / "corpus").symlink_to(folder / "nowhere")
    elif what == "testdata is a file":
        (folder / "testdata").touch()
    elif what == "testdata is a dangling link":
        (folder / "testdata").symlink_to(folder / "nowhere")
    elif what == "both are files":
        (folder / ".fuzztui").touch()
        (folder / "testdata").touch()


OBSTACLES = [
    "cache is a file",
    "cache is a dangling link",
    "generated corpus is a file",
    "generated corpus is a dangling link",
    "testdata is a file",
    "testdata is a dangling link",
    "both are files",
]


@pytest.mark.parametrize("what", OBSTACLES)
def test_what_lies_in_the_way_of_what_is_stored_is_no_internal_error(project: MakeProject, what: str) -> None:
    made = project("def fuzz_it(data: bytes):\n    if data[:1] == b'a': pass\n")
    put_in_the_way(made.folder, what)
    run = made.run(limit=Limit(executions=2000))
    if run.outcome.reason is not StopReason.EXECUTION_LIMIT:
        assert "dangling link" in what, "which may lead out of the project"
        assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.BAD_CORPUS, 70)
    else:
        assert run.outcome.exit_code == 0
    if "cache" in what or "both" in what or "generated corpus is a dangling" in what:
        assert "--cache-dir" in run.warnings + run.outcome.detail


@pytest.mark.parametrize("what", OBSTACLES)
@pytest.mark.mostly_soak(2)
def test_a_crasher_that_finds_no_place_has_an_exit_status_of_its_own(project: MakeProject, what: str) -> None:
    made = project("def fuzz_it(data: bytes): raise ValueError\n")
    put_in_the_way(made.folder, what)
    run = made.run()
    if run.outcome.reason is StopReason.BAD_CORPUS:
        assert "dangling link" in what, "which may lead out of the project"
        assert "is a symbolic link" in run.outcome.detail
        assert run.outcome.exit_code == 70
        return
    (crasher,) = run.crashers
    assert run.outcome.exit_code == (75 if what == "both are files" else 1)
    assert (crasher.path is None) == (what == "both are files")
    assert run.outcome.unsaved == (what == "both are files")


def test_a_project_whose_path_is_no_text_is_fuzzed_like_any_other(project: MakeProject) -> None:
    folder = project("").folder / os.fsdecode(b"p\xff")
    folder.mkdir()
    made = make_project(folder, "def fuzz_it(data: bytes):\n    if data[:1] == b'a': raise ValueError\n")
    run = made.run()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.CRASHER, 1)
    assert len(run.stored) == 1


# What breaks in the machinery ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ZeroDivisionError("broken"), OSError(errno.EMFILE, "Too many open files")])
def test_an_exception_in_the_tick_ends_the_run_with_an_outcome(
    scripted: MakeProject, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(Composer, "measure", broken)
    run = scripted().run()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.INTERNAL, 70)
    assert type(error).__name__ in run.outcome.detail
    assert isinstance(run.events[-1], Ended)
    assert run.snapshot.phase is Phase.ENDED
    assert "Traceback" in (run.folder / ".fuzztui" / "internal-error.log").read_text()


def test_a_restart_that_comes_while_a_broken_run_is_ended_starts_nothing(
    scripted: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(scripted().options_for(limit=Limit()))
    abandon = Crew.abandon

    def broken(*_: object) -> None:
        raise ZeroDivisionError("broken on purpose")

    async def abandon_and_restart(self: Crew) -> None:
        await abandon(self)
        session.restart_worker(0)
        for _ in range(10):  # turns of the loop in which a process could be started
            await asyncio.sleep(0)

    monkeypatch.setattr(Composer, "measure", broken)
    monkeypatch.setattr(Crew, "abandon", abandon_and_restart)
    outcome = session.run(lambda event: None)
    assert outcome.reason is StopReason.INTERNAL
    assert "ZeroDivisionError: broken on purpose" in outcome.detail
    assert children() == []


def test_an_internal_error_after_a_crasher_is_told_beside_it(
    scripted: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_all = Member.release

    def broken(self: Member) -> None:
        end_all(self)
        raise ZeroDivisionError("broken on purpose")

    monkeypatch.setattr(Member, "release", broken)
    run = scripted(SEPARATOR.join([b"cover 1", b"raise ValueError x"])).run()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.CRASHER, 1)
    assert "internal error: ZeroDivisionError: broken on purpose" in run.warnings


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EIO])
def test_a_worker_that_cannot_be_looked_at_for_once_goes_on(
    scripted: MakeProject, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    looks = 0
    opened = os.open

    def fails_now_and_then(path: object, flags: int, *others: int, **named: int) -> int:
        nonlocal looks
        if str(path).startswith("/proc/") and str(path).endswith("/stat"):
            looks += 1
            if looks < 3:
                raise OSError(number, os.strerror(number))
        return opened(path, flags, *others, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", fails_now_and_then)
    engine = scripted().start(limit=Limit())
    engine.wait(lambda s: s.workers and s.workers[0].rss, "a figure")
    engine.session.stop()
    run = engine.join()
    assert looks >= 3
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.USER, 0)
    assert run.snapshot.workers[0].restarts == 0


def test_a_process_whose_entry_cannot_be_opened_is_not_lost(
    scripted: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(procfs, "stat", lambda pid: None)
    run = scripted().run(limit=Limit(executions=20))
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.EXECUTION_LIMIT, 0)
    monkeypatch.undo()
    assert children() == []


@pytest.mark.parametrize("lie", [0, 1 << 63, (1 << 64) - 1])
@pytest.mark.mostly_soak(1)
def test_a_counter_of_executions_that_lies_is_believed_as_far_as_it_can_be_true(
    scripted: MakeProject, monkeypatch: pytest.MonkeyPatch, lie: int
) -> None:
    def lies(self: SharedMemory) -> int:
        real: int = self.words[EXECUTIONS]
        return lie if real > 3 else real

    monkeypatch.setattr(SharedMemory, "executions", property(lies))
    made = scripted(b"cover 1", b"cover 2", SEPARATOR.join([b"cover 1", b"exit 3"]))
    run = made.run(limit=Limit(executions=50), stop_on_crash=False)
    assert run.outcome.reason is StopReason.EXECUTION_LIMIT
    assert run.snapshot.executions == 50
    assert run.outcome.exit_code == 1


# Sizes ---------------------------------------------------------------------------------------------------------------

BIG = """
import fuzztui
BIG = bytes(range(256)) * 8192
@fuzztui.fuzz(seeds=[BIG, b"small"])
def fuzz_it(data: bytes) -> None:
    if data[-1:] == b"\\x07" and len(data) > 100:
        raise RuntimeError("tail")
"""
MEBIBYTES = bytes(range(256)) * 8192
FAILING = MEBIBYTES + b"\x07"


@pytest.mark.parametrize("task", ["run", "replay", "test", "minimize", "import"])
@pytest.mark.mostly_soak(2)
def test_inputs_of_two_mebibytes_are_inputs_like_any_other(project: MakeProject, tmp_path: Path, task: str) -> None:
    made = project(BIG)
    stored = made.seed("big", FAILING)
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "big").write_bytes(MEBIBYTES[::-1])
    tasks: dict[str, tuple[Task | None, StopReason, int]] = {
        "run": (None, StopReason.FAILING_SEED, 1),
        "replay": (Replay(((str(stored), FAILING),)), StopReason.DONE, 1),
        "test": (RegressionTest(), StopReason.DONE, 1),
        "minimize": (MinimizeCorpus(), StopReason.DONE, 0),
        "import": (ImportCorpus(folder), StopReason.DONE, 0),
    }
    given, reason, code = tasks[task]
    run = made.run(**({"task": given} if given is not None else {}))
    assert (run.outcome.reason, run.outcome.exit_code) == (reason, code), run.outcome.detail


def test_too_many_seeds_are_a_mistake_and_said_at_once(scripted: MakeProject) -> None:
    run = scripted(*[b""] * 100_001).run()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.UNCALLABLE, 2)
    assert "100,001 seeds" in run.outcome.detail


# What is still to be learned when the end has been decided -----------------------------------------------------------


class Suspected:
    """A run whose one worker was killed while it ran a stored input, which waits for a FIFO."""

    def __init__(self, made: Project) -> None:
        self.fifo = made.folder / "fifo"
        os.mkfifo(self.fifo)
        made.seed("waits", f"read {self.fifo}".encode())
        self.engine: RunningEngine = made.start(limit=Limit())
        with while_read(self.fifo):  # opened once the worker reads
            row = self.engine.session.snapshot().workers[0]
            assert row.pid is not None
            os.kill(row.pid, signal.SIGKILL)
            self.engine.wait(lambda s: s.workers[0].restarts == 1 or s.workers[0].pid != row.pid, "its death")

    def phases(self, run: Run) -> list[Phase]:
        return [event.phase for event in run.events if hasattr(event, "phase")]


def test_a_suspect_that_runs_when_the_time_is_over_is_finished(scripted: MakeProject) -> None:
    suspected = Suspected(scripted())
    engine = suspected.engine
    engine.wait(lambda s: s.workers[0].state is WorkerState.VALIDATING, "the suspect to be run again")
    with while_read(suspected.fifo):
        engine.session.stop(StopReason.TIME_LIMIT)
        engine.wait(lambda s: s.phase is Phase.FINISHING, "the end to be decided")
        suspected.fifo.unlink()
        suspected.fifo.touch()
    run = engine.join()
    assert "input ran clean 3/3" in run.warnings
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.TIME_LIMIT, 0)
    assert suspected.phases(run)[-2:] == [Phase.FINISHING, Phase.STOPPING]
    assert run.generated == []


def test_a_kill_from_outside_when_the_time_is_over_is_no_proof_either(scripted: MakeProject) -> None:
    suspected = Suspected(scripted())
    engine = suspected.engine
    engine.wait(lambda s: s.workers[0].state is WorkerState.VALIDATING, "the suspect to be run again")
    with while_read(suspected.fifo):
        engine.session.stop(StopReason.TIME_LIMIT)
        engine.wait(lambda s: s.phase is Phase.FINISHING, "the end to be decided")
        pid = engine.session.snapshot().workers[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        run = engine.join()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.NOTHING_EXECUTED, 70)
    assert run.crashers == []
    assert [path.read_bytes() for path in run.generated] == [f"read {suspected.fifo}".encode()]


LOADS_WHEN_TOLD = """
import os
if os.path.exists({note!r}):
    open({fifo!r}, "rb").read()
def fuzz_it(data: bytes):
    if data == b"once" and not os.path.exists({note!r}):
        open({note!r}, "wb").close()
        os.kill(os.getpid(), 9)
    if data == b"once" and {fails}:
        raise ValueError
"""


@pytest.mark.parametrize("fails", [False, True])
def test_a_suspect_whose_process_still_loads_when_the_time_is_over_is_finished(
    project: MakeProject, tmp_path: Path, fails: bool
) -> None:
    note, fifo = tmp_path / "note", tmp_path / "fifo"
    os.mkfifo(fifo)
    made = project(LOADS_WHEN_TOLD.format(note=str(note), fifo=str(fifo), fails=fails))
    made.seed("once", b"once")
    engine = made.start(limit=Limit())
    with while_read(fifo):  # opened once the second process loads
        engine.session.stop(StopReason.TIME_LIMIT)
        engine.wait(lambda s: s.phase is Phase.FINISHING, "the end to be decided")
    run = engine.join()
    if fails:
        assert [crasher.failure.type for crasher in run.crashers] == ["ValueError"]
        assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.FAILING_SEED, 1)
        return
    assert "input ran clean 3/3" in run.warnings
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.TIME_LIMIT, 0)


def test_a_suspect_that_takes_longer_than_there_is_time_for_is_kept_for_the_next_run(
    scripted: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fuzztui.engine.running.finishing.BUDGET", 0.2)
    suspected = Suspected(scripted())
    engine = suspected.engine
    engine.wait(lambda s: s.workers[0].state is WorkerState.VALIDATING, "the suspect to be run again")
    with while_read(suspected.fifo):
        engine.session.stop(StopReason.TIME_LIMIT)
        run = engine.join()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.NOTHING_EXECUTED, 70)
    assert [path.read_bytes() for path in run.generated] == [f"read {suspected.fifo}".encode()]
    assert "will be run first next time" in run.warnings


def test_a_person_who_stops_the_run_does_not_wait_for_suspects(scripted: MakeProject) -> None:
    suspected = Suspected(scripted())
    engine = suspected.engine
    engine.wait(lambda s: s.workers[0].state is WorkerState.VALIDATING, "the suspect to be run again")
    with while_read(suspected.fifo):
        engine.session.stop()
        run = engine.join()
    assert Phase.FINISHING not in suspected.phases(run)
    assert run.outcome.reason is StopReason.USER
    assert [path.read_bytes() for path in run.generated] == [f"read {suspected.fifo}".encode()]


def test_the_threads_of_a_run_end_with_it(scripted: MakeProject) -> None:
    before = set(threading.enumerate())
    scripted().run(limit=Limit(executions=10), profile=True)
    wait_for(lambda: set(threading.enumerate()) <= before, "the end of each thread")
