"""Whatever fails while a worker's process is started, no process and no descriptor is left that nobody knows of."""

import asyncio
import errno
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from fuzztui.engine.crew import launch, process
from fuzztui.engine.crew.launch import Launcher
from fuzztui.engine.crew.member import Member
from fuzztui.engine.crew.orphans import WORKERS, Mark
from fuzztui.engine.crew.output import Output
from fuzztui.engine.crew.process import WorkerProcess
from fuzztui.engine.crew.surroundings import Surroundings
from fuzztui.engine.request.options import RunOptions
from tests.engine.scripted_target import ScriptedTarget
from tests.support import wait_for

pytestmark = pytest.mark.processes

SLEEPS = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(1000)"]

STEPS = [
    "create",
    "StackFile",
    "socket.socketpair",
    "subprocess.Popen",
    "Mark.put_on",
    "SharedMemory",
    "Connection",
    "os.set_blocking",
    "Connection.open",
    "os.pidfd_open",
]

ERRORS = [OSError(errno.EMFILE, "Too many open files"), MemoryError(), KeyboardInterrupt(), psutil.NoSuchProcess(1)]


def descriptors() -> set[tuple[str, Path]]:
    found = set()
    for each in Path("/proc/self/fd").iterdir():
        try:
            found.add((each.name, each.readlink()))
        except FileNotFoundError:  # the one by which the folder is read
            continue
    return found


def children() -> set[int]:
    """Those that have ended and were not reaped, too."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


SURROUNDINGS = Surroundings.here()


def start(command: list[str]) -> WorkerProcess:
    return WorkerProcess(
        command=command,
        mark=Mark(0xC3, 1),
        capacity=100,
        environment={},
        output=Output(),
        surroundings=SURROUNDINGS,
        on_result=lambda result: None,
        on_end=lambda: None,
    )


def left_as(before: tuple[set[tuple[str, Path]], set[int], set[int]]) -> None:
    """What earlier tests had begun may end meanwhile, so what may be left is looked at until it is as it was."""
    wait_for(lambda: descriptors() <= before[0] and children() <= before[1], "the end of what was started")
    assert set(WORKERS) <= before[2]


def nothing_is_left_by(failing: Callable[[], object], error: BaseException) -> None:
    async def run() -> None:
        before = descriptors(), children(), set(WORKERS)
        with pytest.raises(type(error)):
            failing()
        left_as(before)

    with asyncio.Runner() as runner:
        runner.run(run())


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_whose_start_fails_is_gone(
    monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException, moment: str
) -> None:
    """The step fails, or has done what it is for and is interrupted then."""
    if moment == "after" and step in ("create", "StackFile", "socket.socketpair", "os.pidfd_open", "SharedMemory"):
        pytest.skip("nobody was given the descriptor that it has made")
    made: list[subprocess.Popen[bytes]] = []
    owner: Any = process
    *path, name = step.split(".")
    for each in path:
        owner = getattr(owner, each)
    real = getattr(owner, name)

    def fail(*arguments: Any, **given: Any) -> None:
        if moment == "after":
            result = real(*arguments, **given)
            made.extend([result] if name == "Popen" else [])
        raise error

    def failing() -> None:  # the loop needs some of them itself
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, fail)
            try:
                start(SLEEPS)
            finally:
                for each in made:  # the one handle of ours to what shall be gone
                    assert not psutil.pid_exists(each.pid)
                    each.communicate()

    nothing_is_left_by(failing, error)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("number", range(3))
def test_a_process_that_the_loop_cannot_watch_is_gone(
    monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException
) -> None:
    add_reader = asyncio.SelectorEventLoop.add_reader
    calls = 0

    def fail(self: asyncio.SelectorEventLoop, *arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > number:
            raise error
        add_reader(self, *arguments)

    def failing() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(asyncio.SelectorEventLoop, "add_reader", fail)
            start(SLEEPS)

    nothing_is_left_by(failing, error)


def test_a_start_that_runs_out_of_descriptors_at_any_point_leaves_nothing() -> None:
    """As few of them as there are now, one more, and so on until they are enough."""

    async def run() -> int:
        before = descriptors(), children(), set(WORKERS)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        failed = 0
        for limit in range(3, 256):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            try:
                start(SLEEPS).abandon()
                break
            except OSError as error:
                if error.errno != errno.EMFILE:
                    raise
                failed += 1
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert (descriptors(), children(), set(WORKERS)) == before, f"with a limit of {limit}"
        assert (descriptors(), children(), set(WORKERS)) == before
        return failed

    with asyncio.Runner() as runner:
        assert runner.run(run()) > 10


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("step", ["Stint", "WorkerProcess.send", "Member.begin"])
def test_a_process_that_is_not_adopted_is_gone(
    monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(launch, "WorkerProcess", WorkerProcess)
    owner, _, name = step.rpartition(".")
    monkeypatch.setattr(getattr(launch, owner) if owner else launch, name, fail)
    options = RunOptions(ScriptedTarget(Path("/p")), Path("/p/.fuzztui"), 1)

    def failing() -> None:
        launcher = Launcher(options, longest=0, instrumented=True)
        launcher.start(Member(0), instrumented=True, on_result=lambda stint, result: None, on_end=lambda: None)

    nothing_is_left_by(failing, error)


HOST = """
import signal, sys, time
from pathlib import Path
from fuzztui.engine.request.options import Limit
from fuzztui.engine.session import Session
from tests.support import Project
signal.signal(signal.SIGINT, signal.default_int_handler)  # which it is not where tests run in the background
try:
    Session(Project(Path({folder!r})).options_for(limit=Limit(), workers=2)).run(lambda event: None)
except KeyboardInterrupt:
    print("interrupted", flush=True)
time.sleep(1000)
"""


@pytest.mark.parametrize("signals", [1, 2, 5])
@pytest.mark.mostly_soak(1)
def test_a_run_that_the_program_around_it_interrupts_leaves_no_worker(tmp_path: Path, signals: int) -> None:
    """The program has no handler for signals, and goes on."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "fuzz_it.py").write_text("import time\ndef fuzz_it(data: bytes): time.sleep(1000)\n")
    command = [sys.executable, "-c", HOST.format(folder=str(tmp_path))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as host:
        try:
            others = psutil.Process(host.pid)
            wait_for(lambda: len(others.children()) == 3, "two workers and a guard")
            for _ in range(signals):
                host.send_signal(signal.SIGINT)
            assert host.stdout is not None
            assert host.stdout.readline() == b"interrupted\n"
            assert others.children(recursive=True) == []
        finally:
            host.kill()
