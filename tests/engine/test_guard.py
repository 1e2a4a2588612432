"""What a target has started does not outlive its coordinator, however that ends; nothing else is ever touched."""

import asyncio
import errno
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from fuzztui.engine.crew import guard
from fuzztui.engine.crew.guarding import RESTARTS, guarding
from fuzztui.engine.crew.orphans import Mark
from fuzztui.engine.request.options import Limit
from tests.engine.left_running import WAYS
from tests.processes import left_in
from tests.support import DEADLINE, Project, make_project, wait_for

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are recognised on Linux only"),
    pytest.mark.processes,
]

LEAVES = """
import os, time
from pathlib import Path
from tests.engine.left_running import leave
FOLDER, WAYS = Path({folder!r}), {ways!r}
def begin():
    try:
        os.mkdir(FOLDER)
    except FileExistsError:
        return
    leave(FOLDER, WAYS)
"""

FEW = ["own_session", "clean_environment", "daemon", "survives_its_worker"]

WHEN = {
    "loading": (
        ["run", "fuzz_it.py", "-j2", "--headless"],
        "begin(); time.sleep(1000)\ndef fuzz_it(data: bytes): ...\n",
    ),
    "baseline": (["run", "fuzz_it.py", "-j2", "--headless"], "def fuzz_it(data: bytes): begin(); time.sleep(1000)\n"),
    "running a suspect again": (
        ["run", "fuzz_it.py", "-j2", "--headless"],
        "import signal\ndef fuzz_it(data: bytes):\n"
        "    if (FOLDER.parent / 'once').exists(): begin(); time.sleep(1000)\n"
        "    (FOLDER.parent / 'once').touch(); os.kill(os.getpid(), signal.SIGKILL)\n",
    ),
    "replay": (["replay", "fuzz_it.py", "stored"], "def fuzz_it(data: bytes): begin(); time.sleep(1000)\n"),
    "test": (["test", "fuzz_it.py"], "def fuzz_it(data: bytes): begin(); time.sleep(1000)\n"),
    "corpus minimize": (["corpus", "minimize", "fuzz_it.py"], "def fuzz_it(data: bytes): begin(); time.sleep(1000)\n"),
    "minimize": (["minimize", "fuzz_it.py", "stored"], "def fuzz_it(data: bytes): begin(); time.sleep(1000)\n"),
    "corpus import": (["corpus", "import", "fuzz_it.py", "."], "def fuzz_it(data: bytes): begin(); time.sleep(1000)\n"),
}

FUZZING = "def fuzz_it(data: bytes):\n    begin(); time.sleep(0.001)\n    if data[:1] == b'x': pass\n"

CANNOT_BE_STOPPED = """
import signal
def fuzz_it(data: bytes):
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    begin()
    while os.getppid(): time.sleep(0.01)
"""

MakeProject = Callable[..., Project]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A project's folder; what a failing test leaves running in it is ended."""
    folder = tmp_path / "project"
    folder.mkdir()
    yield folder
    while left := left_in(folder):
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    processes: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str, **options: object) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "fuzztui", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "TERM": "xterm-256color"}
        given: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
        process = subprocess.Popen(command, env=environment, start_new_session=True, **given)
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def make(folder: Path, source: str, ways: list[str]) -> Project:
    made = make_project(folder, "")
    (folder / "fuzz_it.py").write_text(LEAVES.format(folder=str(folder / "left"), ways=ways) + source)
    return made


def wait_for_all(folder: Path, ways: list[str]) -> None:
    wanted = {f"left/{way}" for way in ways}
    seen: set[str] = set()

    def all_seen() -> bool:
        seen.update(left_in(folder).values())
        return wanted <= seen

    wait_for(all_seen, "what the target leaves running")


def guards_of(pid: int) -> list[psutil.Process]:
    return [child for child in psutil.Process(pid).children() if guard.__file__ in _command(child)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:  # it has ended
        return []


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def kill_and_see(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    """Kill the coordinator; nothing in the project's folder goes on, and its guard neither."""
    (own,) = guards_of(process.pid)
    process.kill()
    process.wait()
    wait_for(lambda: not any(left_in(folder) for _ in range(5)), "the end of everything")
    wait_for(lambda: is_gone(own), "the guard's end")


# The coordinator is killed --------------------------------------------------------------------------------------------


def test_nothing_that_a_target_has_started_outlives_a_coordinator_that_is_killed(folder: Path, start: Start) -> None:
    make(folder, FUZZING, list(WAYS))
    process = start("run", "fuzz_it.py", "-j2", "--headless")
    wait_for_all(folder, list(WAYS))
    kill_and_see(folder, process)


@pytest.mark.parametrize(("arguments", "source"), WHEN.values(), ids=WHEN.keys())
@pytest.mark.mostly_soak(2)
def test_the_coordinator_may_be_killed_at_any_time(
    folder: Path, start: Start, arguments: list[str], source: str
) -> None:
    made = make(folder, source, FEW)
    made.seed("stored", b"1")
    generated = folder / ".fuzztui" / "corpus" / "fuzz_it.py" / "fuzz_it"
    generated.mkdir(parents=True)
    (generated / "generated").write_bytes(b"2")
    (folder / "stored").write_bytes(b"3")
    process = start(*arguments)
    wait_for_all(folder, FEW)
    kill_and_see(folder, process)


def test_the_coordinator_may_be_killed_while_it_stops(folder: Path, start: Start) -> None:
    make(folder, CANNOT_BE_STOPPED, FEW)
    process = start("run", "fuzz_it.py", "-j1", "--json", stdout=subprocess.PIPE)
    wait_for_all(folder, FEW)
    process.send_signal(signal.SIGTERM)
    assert process.stdout is not None
    while b'"stopping"' not in process.stdout.readline():
        pass
    kill_and_see(folder, process)


def test_the_dashboard_may_be_killed(folder: Path, start: Start) -> None:
    make(folder, FUZZING, FEW)
    terminal, slave = pty.openpty()
    try:
        process = start("run", "fuzz_it.py", "-j2", stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        os.set_blocking(terminal, False)
        wanted = {f"left/{way}" for way in FEW}
        wait_for(lambda: _drained(terminal) and wanted <= set(left_in(folder).values()), "what is left running")
        kill_and_see(folder, process)
    finally:
        os.close(terminal)


def _drained(terminal: int) -> bool:
    try:
        while os.read(terminal, 1 << 16):
            pass
    except BlockingIOError:
        pass
    return True


def test_of_two_runs_at_once_only_the_one_that_was_killed_is_ended(folder: Path, tmp_path: Path, start: Start) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for each in (folder, other):
        make(each, FUZZING, FEW)
    killed = start("run", "fuzz_it.py", "-j1", "--headless")
    going_on = start("run", "fuzz_it.py", "-j1", "--headless", cwd=other)
    for each in (folder, other):
        wait_for_all(each, FEW)
    kill_and_see(folder, killed)
    assert {f"left/{way}" for way in FEW} <= set(left_in(other).values())
    going_on.kill()
    going_on.wait()
    wait_for(lambda: not any(left_in(other) for _ in range(5)), "the end of the other")


HOST = """
import subprocess, sys, os, time
from pathlib import Path
from tests.processes import left_in
from tests.support import Project
import threading, multiprocessing
folder, host = Path({folder!r}), {host!r}
for given in ({{}}, {{"start_new_session": True}}, {{"env": {{}}}}):
    subprocess.Popen(["sleep", "1000"], cwd=host, **given)
engine = Project(folder).start(limit=__import__("fuzztui.engine.request.options", fromlist=["Limit"]).Limit())
while not (folder / "left" / "daemon").exists(): time.sleep(0.01)
subprocess.Popen(["sleep", "1000"], cwd=host)
if {act!r} == "exec":
    os.execv("/bin/sleep", ["sleep", "1000"])
if not os.fork():  # holds all that the host's process holds
    os.chdir(host)
time.sleep(1000)
"""


@pytest.mark.parametrize("act", ["kill", "exec"])
def test_of_a_program_around_the_run_nothing_is_ended(folder: Path, tmp_path: Path, act: str) -> None:
    """It is killed, or turns into another program."""
    make(folder, FUZZING, FEW)
    host = tmp_path / "host"
    host.mkdir()
    program = HOST.format(folder=str(folder), host=str(host), act=act)
    with subprocess.Popen([sys.executable, "-c", program], cwd=Path.cwd()) as process:
        try:
            if act == "kill":
                wait_for_all(folder, FEW)
                wait_for(lambda: len(left_in(host)) == 5, "the host's own children")
                process.kill()
                process.wait()
            else:
                wait_for(lambda: (folder / "left" / "daemon").exists(), "the target's first execution")
            wait_for(lambda: not any(left_in(folder) for _ in range(5)), "the end of what is the run's")
            assert len(left_in(host)) == (5 if act == "kill" else 4)
        finally:
            process.kill()
            for pid in left_in(host):
                os.kill(pid, signal.SIGKILL)


# The guard itself -----------------------------------------------------------------------------------------------------


def test_a_guard_is_known_by_its_name_stands_apart_and_is_gone_when_the_run_has_ended(project: MakeProject) -> None:
    engine = project("def fuzz_it(data: bytes): ...\n").start(limit=Limit())
    engine.wait(lambda s: s.executions, "executions")
    (own,) = guards_of(os.getpid())
    assert own.name() == guard.NAME.decode()
    assert str(os.getpid()) in own.cmdline()
    assert os.getsid(own.pid) == own.pid, "so that neither ctrl-c nor a terminal that goes away reaches it"
    assert guard.MARKER not in own.environ()
    assert {Path(f"/proc/{own.pid}/fd/{fd}").readlink() for fd in (1, 2)} == {Path(os.devnull)}
    assert own.pid not in {row.pid for row in engine.session.snapshot().workers}
    engine.session.stop()
    assert engine.join().outcome.exit_code == 0
    assert not psutil.pid_exists(own.pid)


def test_a_guard_that_somebody_ends_is_replaced_but_not_for_ever(project: MakeProject) -> None:
    engine = project("def fuzz_it(data: bytes): ...\n").start(limit=Limit())
    engine.wait(lambda s: s.executions, "executions")
    ended: set[int] = set()
    for number in range(RESTARTS + 1):
        (own,) = wait_for(lambda: [one for one in guards_of(os.getpid()) if one.pid not in ended], f"guard {number}")
        ended.add(own.pid)
        own.kill()
    engine.wait(lambda s: any("guard" in warning for warning in s.warnings), "a warning")
    assert guards_of(os.getpid()) == []
    engine.session.stop()
    run = engine.join()
    assert f"was ended {RESTARTS + 1} times" in run.warnings
    assert run.outcome.exit_code == 0


@pytest.mark.parametrize("what", ["os.pidfd_open", "os.pipe", "subprocess.Popen"])
def test_a_run_whose_guard_cannot_be_started_goes_on_and_says_so(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(f"fuzztui.engine.crew.guarding.{what}", refuse)
        loop = asyncio.new_event_loop()
        told: list[str] = []

        async def guarded() -> None:
            with guarding(1, told.append):
                assert guards_of(os.getpid()) == []

        loop.run_until_complete(guarded())
        loop.close()
    assert len(told) == 1
    assert "there is no guard beside this run (Too many open files)" in told[0]


MINE, OTHER = Mark(0xA1, 1), Mark(0xB2, 1)


def marked(mark: Mark, script: str, folder: Path) -> "subprocess.Popen[bytes]":
    """A process that bears a mark as workers do, started by a shell that waits until it has got it."""
    environment = {**os.environ, guard.MARKER: str(mark)}
    process = subprocess.Popen(["sh", "-c", f"read line; {script}"], stdin=subprocess.PIPE, env=environment, cwd=folder)
    mark.put_on(process.pid)
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.close()
    return process


def test_only_processes_with_the_mark_of_the_run_are_ended(folder: Path) -> None:
    mine = marked(MINE, "exec sleep 1000", folder)
    other = marked(OTHER, "exec sleep 1000", folder)
    unmarked = subprocess.Popen(["sleep", "1000"], cwd=folder)
    try:
        guard.end_run(MINE.run)
        assert mine.wait(DEADLINE) == -signal.SIGKILL
        assert (other.poll(), unmarked.poll()) == (None, None)
    finally:
        for process in (mine, other, unmarked):
            process.kill()
            process.wait()


@pytest.mark.parametrize("mark", ["limit", "variable"])
def test_either_form_of_the_mark_is_enough(folder: Path, mark: str) -> None:
    environment = {guard.MARKER: str(MINE)} if mark == "variable" else {}
    process = subprocess.Popen(["sleep", "1000"], cwd=folder, env=environment)
    if mark == "limit":
        MINE.put_on(process.pid)
    try:
        guard.end_run(MINE.run)
        assert process.wait(DEADLINE) == -signal.SIGKILL
    finally:
        process.kill()


CHAIN = "import os\nwhile True:\n    open('beat', 'ab').write(b'x')\n    os.fork() and os._exit(0)\n"


def test_processes_that_fork_and_end_without_a_pause_are_ended(folder: Path) -> None:
    process = marked(MINE, f'exec {sys.executable} -I -S -c "{CHAIN}"', folder)
    beat = folder / "beat"
    wait_for(lambda: beat.exists() and beat.stat().st_size > 10, "some generations")
    process.wait()
    guard.end_run(MINE.run)
    size = beat.stat().st_size
    guard.end_run(MINE.run)
    assert beat.stat().st_size == size
