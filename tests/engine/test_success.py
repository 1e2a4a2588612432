"""Success means that the work was done: runs that did none, workers that never worked, cleanups that fail."""

import os
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.crew.launch import Launcher
from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.task import FUZZ, ImportCorpus, MinimizeCorpus, RegressionTest, Replay, Task
from fuzztui.engine.show.events import InputRan
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.results import InputVerdict
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.worker_row import WorkerState
from tests.support import Project, Run, wait_for, while_read

MakeProject = Callable[..., Project]


# The time limit ------------------------------------------------------------------------------------------------------


def test_loading_does_not_use_up_the_time_limit(project: MakeProject) -> None:
    made = project(
        """
        import os, pathlib
        gate = pathlib.Path(__file__).with_name("gate")
        gate.read_bytes()
        def fuzz_it(data: bytes): ...
        """
    )
    gate = made.folder / "gate"
    os.mkfifo(gate)
    engine = made.start(limit=Limit(seconds=0.3))
    with while_read(gate):
        engine.wait(lambda s: s.elapsed > 0.6, "more time than the limit allows to pass")
        before = engine.session.snapshot()
        assert (before.phase, before.stop_reason) == (Phase.STARTING, None)
        assert before.time_left == 0.3
    run = engine.join()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.TIME_LIMIT, 0)
    assert run.snapshot.executions
    assert run.outcome.seconds > 0.6


@pytest.mark.parametrize("task", [FUZZ, RegressionTest(), Replay((("x", b"x"),)), MinimizeCorpus()], ids=str)
def test_a_target_that_does_not_load_in_time_is_no_success(project: MakeProject, task: Task) -> None:
    made = project("import time\ntime.sleep(3000)\ndef fuzz_it(data: bytes): ...\n")
    run = made.run(limit=Limit(seconds=0.1), startup_timeout=1.0, task=task)
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.HARNESS, 70)
    assert "not loaded within 1 s" in run.outcome.detail


def test_a_time_limit_within_the_baseline_is_no_success(project: MakeProject) -> None:
    made = project("import time\ndef fuzz_it(data: bytes): time.sleep(0.05)\n")
    for number in range(300):
        made.seed(f"seed{number}", b"%d" % number)
    run = made.run(limit=Limit(seconds=1.0))
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.BASELINE_UNFINISHED, 70)
    assert f"{run.snapshot.baseline_done} of 300 seeds and stored inputs were run" in run.outcome.detail


def test_a_first_input_that_takes_all_the_time_is_no_success(project: MakeProject) -> None:
    run = project("import time\ndef fuzz_it(data: bytes): time.sleep(1000)\n").run(limit=Limit(seconds=0.3))
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.NOTHING_EXECUTED, 70)
    assert "no input was executed to its end" in run.outcome.detail


def test_fewer_executions_than_seeds_are_a_success_that_says_so(project: MakeProject) -> None:
    made = project("def fuzz_it(data: bytes): ...\n")
    for number in range(30):
        made.seed(f"seed{number}", b"%d" % number)
    run = made.run(limit=Limit(executions=20), workers=2)
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.EXECUTION_LIMIT, 0)
    assert run.outcome.detail == "20 of 30 seeds and stored inputs were run"


def test_a_failing_seed_wins_over_a_baseline_that_was_not_finished(project: MakeProject) -> None:
    made = project(
        "import time\ndef fuzz_it(data: bytes):\n    if data == b'0': raise ValueError\n    time.sleep(0.1)\n"
    )
    for number in range(100):
        made.seed(f"seed{number:02}", b"%d" % number)
    run = made.run(limit=Limit(seconds=1.0), stop_on_crash=False)
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.BASELINE_UNFINISHED, 1)


# Workers that never work ---------------------------------------------------------------------------------------------


def between(what: str) -> str:
    """Do something when the execution is over and its report is about to be sent."""
    return f"sys.setprofile(lambda frame, event, arg: {what} if frame.f_code.co_name == 'send' else None)"


PERMANENT = {
    "closes the engine's descriptors": "os.closerange(3, 1 << 12)",
    "closes its socket alone": "[os.close(fd) for fd in range(200, 300) if is_socket(fd)]",
    "writes into its socket": "[os.write(fd, b'x' * 100) for fd in range(200, 300) if is_socket(fd)]",
    "writes half a frame into its socket": "[os.write(fd, b'\\0\\0') for fd in range(200, 300) if is_socket(fd)]",
    "shuts its socket down": "[socket.socket(fileno=fd).shutdown(2) for fd in range(200, 300) if is_socket(fd)]",
    "is ended by its own alarm between two executions": between("os.kill(os.getpid(), signal.SIGALRM)"),
    "is killed between two executions": between("os.kill(os.getpid(), signal.SIGKILL)"),
    "is killed by a sandbox between two executions": between("os.kill(os.getpid(), signal.SIGSYS)"),
    "ends between two executions": between("os._exit(3)"),
}

HOSTILE = """
import os, signal, socket, stat, sys, threading, time
def is_socket(fd):
    try: return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError: return False
def fuzz_it(data: bytes):
    {}
"""


@pytest.mark.parametrize("fault", PERMANENT.values(), ids=PERMANENT.keys())
@pytest.mark.parametrize("limit", [Limit(seconds=1.0), Limit(executions=3)], ids=["time", "executions"])
@pytest.mark.mostly_soak(2)
def test_a_limit_before_workers_have_given_up_makes_no_success_of_their_failure(
    project: MakeProject, fault: str, limit: Limit
) -> None:
    run = project(HOSTILE.format(fault)).run(limit=limit)
    assert run.outcome.exit_code == 70, run.outcome
    assert run.outcome.reason is StopReason.WORKERS_FAILED
    assert "worker 0: " in run.outcome.detail
    assert (run.found, run.stored) == ([], [])


def test_workers_that_cannot_be_started_again_make_no_success(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = 0
    start = Launcher.start

    def refuse(self: Launcher, *arguments: Any, **named: Any) -> Any:
        nonlocal started
        started += 1
        if started > 1:
            raise OSError(11, "Resource temporarily unavailable")
        return start(self, *arguments, **named)

    monkeypatch.setattr(Launcher, "start", refuse)
    source = HOSTILE.format(PERMANENT["ends between two executions"])
    run = project(source).run(limit=Limit(seconds=1.0))
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.WORKERS_FAILED, 70)
    assert "cannot be started: Resource temporarily unavailable" in run.outcome.detail


@pytest.mark.parametrize("reason", [StopReason.USER, StopReason.INTERRUPTED])
def test_whoever_stops_a_run_of_failures_is_told_of_them(project: MakeProject, reason: StopReason) -> None:
    engine = project(HOSTILE.format(PERMANENT["closes the engine's descriptors"])).start(limit=Limit())
    engine.wait(
        lambda s: s.workers and s.workers[0].restarts > 1 and s.workers[0].state is WorkerState.RESTARTING, "restarts"
    )
    engine.session.stop(reason)
    run = engine.join()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.WORKERS_FAILED, 70)
    assert reason.value in run.outcome.detail
    assert "closed the engine's descriptors" in run.outcome.detail


def test_a_worker_that_gave_up_while_others_worked_is_named_as_the_reason(
    project: MakeProject, impatient: None
) -> None:
    del impatient
    source = HOSTILE.format("time.sleep(0.001)") + textwrap.dedent(
        """
        import pathlib
        try:
            pathlib.Path(__file__).with_name("first").touch(exist_ok=False)
            is_first = True
        except FileExistsError:
            is_first = False
        def fuzz_it(data: bytes):
            time.sleep(0.001)
            if is_first: os.closerange(3, 1 << 12)
        """
    )
    engine = project(source).start(workers=2, limit=Limit())
    engine.wait(lambda s: any(row.state is WorkerState.GAVE_UP for row in s.workers), "one to give up")
    engine.wait(lambda s: s.executions > 50, "the other to work")
    engine.session.stop(StopReason.TIME_LIMIT)
    run = engine.join()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.WORKERS_FAILED, 70)
    assert run.outcome.detail.startswith("time limit reached\nworker ")


# Cleanups ------------------------------------------------------------------------------------------------------------

CLEANUP = """
import os, signal, sys, threading, time
import fuzztui
class Silent(BaseException): pass
def cleanup():
    {cleanup}
def other(): pass
def fuzz_it(f: fuzztui.F):
    f.cleanup(other)
    f.cleanup(cleanup)
    f.cleanup(other)
    f.add(b"seed")
    @f.fuzz
    def target(data: bytes): ...
"""

FAILING = {
    "raises": ("raise OSError('no database')", "no database"),
    "raises what is no Exception": ("raise Silent", "Silent"),
    "raises without a word": ("raise AssertionError", "AssertionError"),
    "is interrupted": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "exits": ("sys.exit()", "SystemExit"),
    "exits with status 0": ("sys.exit(0)", "SystemExit"),
    "ends the process in order": ("os._exit(0)", "its cleanup ended the process (exit 0)"),
    "ends the process": ("os._exit(3)", "its cleanup ended the process (exit 3)"),
    "ends the process with our own status": ("os._exit(70)", "its cleanup ended the process (exit 70)"),
    "crashes": ("os.kill(os.getpid(), signal.SIGSEGV)", "its cleanup ended the process (SIGSEGV)"),
    "aborts": ("os.abort()", "its cleanup ended the process (SIGABRT)"),
    "is killed": ("os.kill(os.getpid(), signal.SIGKILL)", "its cleanup ended the process (SIGKILL)"),
    "is terminated": ("os.kill(os.getpid(), signal.SIGTERM)", "its cleanup ended the process (SIGTERM)"),
    "hangs": ("time.sleep(1000)", "its cleanup was not over"),
    "waits for itself": ("lock = threading.Lock(); lock.acquire(); lock.acquire()", "its cleanup was not over"),
    "spins": ("while True: pass", "its cleanup was not over"),
    "hangs and heeds nothing": (
        "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()); time.sleep(1000)",
        "its cleanup was not over",
    ),
    "recurses": ("cleanup()", "RecursionError"),
}

TASKS: dict[str, Task] = {
    "run": FUZZ,
    "test": RegressionTest(),
    "replay": Replay((("x", b"x"),)),
    "minimize": MinimizeCorpus(),
    "import": ImportCorpus(Path("/nowhere")),
}


def clean_up(project: MakeProject, cleanup: str, task: Task) -> Run:
    return project(CLEANUP.format(cleanup=cleanup)).run(limit=Limit(executions=30), task=task)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cleanup gets a second."""
    monkeypatch.setattr("fuzztui.engine.crew.process.CLEANUP_KILL_AFTER", 1.0)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(("cleanup", "words"), FAILING.values(), ids=FAILING.keys())
@pytest.mark.mostly_soak(5)
def test_a_cleanup_that_fails_is_no_success(project: MakeProject, cleanup: str, words: str) -> None:
    run = clean_up(project, cleanup, RegressionTest())
    assert run.outcome.exit_code == 70
    assert run.outcome.reason is StopReason.HARNESS
    assert words in run.outcome.detail
    assert [event.result.verdict for event in run.events if isinstance(event, InputRan)] == [InputVerdict.PASS]
    assert [row.state for row in run.snapshot.workers] == [WorkerState.FAILED]


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("way", ["raises", "ends the process in order", "hangs"])
@pytest.mark.mostly_soak(4)
def test_no_task_is_a_success_whose_cleanup_fails(project: MakeProject, task: str, way: str) -> None:
    cleanup, words = FAILING[way]
    run = clean_up(project, cleanup, TASKS[task])
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.HARNESS, 70)
    assert words in run.outcome.detail


@pytest.mark.usefixtures("short")
def test_a_cleanup_that_hangs_says_where(project: MakeProject) -> None:
    run = clean_up(project, "time.sleep(1000)", FUZZ)
    assert "in cleanup" in run.outcome.detail


def test_a_cleanup_takes_longer_than_an_execution_may_at_the_end(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ladder that ends an execution has passed when the cleanup goes on."""
    monkeypatch.setattr("fuzztui.engine.crew.process.TERM_AFTER", 0.05)
    monkeypatch.setattr("fuzztui.engine.crew.process.KILL_AFTER", 0.1)
    made = project(CLEANUP.format(cleanup="time.sleep(0.5); print('closed in order')"))
    run = made.run(limit=Limit(executions=30))
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.EXECUTION_LIMIT, 0)
    assert run.snapshot.workers[0].exit == "exit 0"


def test_whoever_kills_a_worker_in_its_cleanup_by_force_is_told_nothing_else(project: MakeProject) -> None:
    made = project(
        CLEANUP.format(cleanup="import pathlib; pathlib.Path(__file__).with_name('cleaning').touch(); time.sleep(1000)")
    )
    engine = made.start(limit=Limit())
    engine.wait(lambda s: s.executions, "executions")
    engine.session.stop()
    wait_for((made.folder / "cleaning").exists, "the cleanup")
    engine.session.force_stop()
    run = engine.join()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.USER, 0)


def test_a_set_up_that_fails_and_a_cleanup_that_fails_then_are_both_told(project: MakeProject) -> None:
    run = project(
        """
        import fuzztui
        def close(): raise OSError("cannot be closed")
        def fuzz_it(f: fuzztui.F):
            f.cleanup(close)
            raise ValueError("cannot be opened")
        """
    ).run()
    assert run.outcome.exit_code == 70
    assert "cannot be opened" in run.outcome.detail
    assert "cannot be closed" in run.outcome.detail


# Targets whose call does nothing -------------------------------------------------------------------------------------

LAZY = """
import fuzztui
async def work(data): ...
@fuzztui.fuzz(raises=Exception)
def fuzz_it(data: bytes): return work(data)
"""


def test_a_call_that_returns_work_which_nobody_does_is_an_error_of_the_harness(project: MakeProject) -> None:
    run = project(LAZY).run(limit=Limit(executions=20))
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.HARNESS, 70)
    assert "the target returned a coroutine, which nobody runs" in run.outcome.detail
    assert run.stored == []


# Skips ---------------------------------------------------------------------------------------------------------------

SKIPS = {
    "f.skip": "def fuzz_it(f: fuzztui.F): f.skip('no library')",
    "at import": "import unittest\nraise unittest.SkipTest('no library')\ndef fuzz_it(data: bytes): ...",
}


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS.keys())
def test_a_target_that_is_skipped_is_a_result_of_a_test_and_none_of_a_run(project: MakeProject, source: str) -> None:
    made = project(f"import unittest, fuzztui\n{source}\n")
    tested = made.run(task=RegressionTest())
    assert (tested.outcome.reason, tested.outcome.exit_code) == (StopReason.SKIPPED, 0)
    (result,) = [event.result for event in tested.events if isinstance(event, InputRan)]
    assert result.verdict is InputVerdict.SKIP
    assert "no library" in result.problem
    fuzzed = made.run()
    assert (fuzzed.outcome.reason, fuzzed.outcome.exit_code) == (StopReason.HARNESS, 70)
    assert "nothing to fuzz" in fuzzed.outcome.detail
    assert "no library" in fuzzed.outcome.detail


@pytest.mark.parametrize("task", ["replay", "minimize", "import"])
def test_what_was_to_be_run_and_is_skipped_is_no_success(project: MakeProject, task: str) -> None:
    made = project(f"import fuzztui\n{SKIPS['f.skip']}\n")
    assert made.run(task=TASKS[task]).outcome.exit_code == 70
