"""A few hundred whole runs: each ends in time, with the right exit status, with accounts that balance, and alone.

Every choice comes from one seed: `FUZZTUI_SOAK_SEED=... pytest tests/soak -k "headless-17-"` repeats one run's.
"""

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import CrasherFound, Event, WorkerEnded
from fuzztui.engine.show.outcome import Outcome, StopReason
from tests.processes import left_in
from tests.soak import judge
from tests.support import Project

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are recognised on Linux only"),
]

SEED = os.environ.get("FUZZTUI_SOAK_SEED", "1")
WORKERS = 8
DEADLINE = 60.0
"""Seconds after which a run counts as one that hangs; none takes a tenth of it on an idle machine."""

MEETING = 10.0
"""Seconds after which a run is stopped though its workers have not met."""

HEADLESS, SESSIONS, DASHBOARDS = 110, 40, 30
FEW = {"headless": 1, "session": 1, "dashboard": 1}
"""As many runs of each sort are part of the ordinary tests."""

WAYS = [
    "raises",
    "raises another",
    "raises nothing special",
    "exits",
    "exits as if it were ours",
    "sys.exit",
    "segfault",
    "aborts",
    "is killed",
    "is terminated",
    "hangs",
    "hangs and blocks signals",
    "runs out of memory",
    "recurses",
    "closes all",
    "leaves a process",
    "a thread fails",
    "nothing",
]

HARMLESS = ["nothing", "leaves a process", "a thread fails"]


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Tests that run in the background may ignore signals, which their runs would inherit, and obey."""
    ignored = [number for number in REASONS if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


def runs(sort: str, number: int) -> list[Any]:
    few = FEW[sort]
    return [
        pytest.param(one, id=f"{sort}-{one}-", marks=[pytest.mark.soak] if one >= few else []) for one in range(number)
    ]


@contextmanager
def repeatable(number: object) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        error.add_note(f"repeat it with FUZZTUI_SOAK_SEED={SEED}, run {number}")
        raise


def make(folder: Path, random: Random) -> None:
    """A project whose target fails in ways chosen at random."""
    (folder / "log").mkdir()
    (folder / "pyproject.toml").touch()
    shutil.copy(Path(__file__).with_name("target.py"), folder / "fuzz_it.py")
    ways = random.choice([WAYS, HARMLESS, random.sample(WAYS, 3), [random.choice(WAYS)]])
    plan = {
        "workers": WORKERS,
        "every": random.randint(1, 60),
        "ways": random.sample(ways, len(ways)),
        "cleanup_fails": random.random() < 0.1,
    }
    (folder / "plan.json").write_text(json.dumps(plan))


# Without a dashboard --------------------------------------------------------------------------------------------------

STOPS: dict[str, tuple[str, list[signal.Signals]]] = {
    "SIGINT": ("", [signal.SIGINT]),
    "SIGTERM": ("", [signal.SIGTERM]),
    "SIGHUP": ("", [signal.SIGHUP]),
    "SIGINT twice": ("", [signal.SIGINT, signal.SIGINT]),
    "SIGINT, SIGTERM": ("", [signal.SIGINT, signal.SIGTERM]),
    "SIGTERM, SIGHUP, SIGINT": ("", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]),
    "time": ("2s", []),
    "time, SIGINT": ("1s", [signal.SIGINT]),
    "executions": ("400x", []),
    "executions, SIGTERM": ("150x", [signal.SIGTERM]),
}
"""Limits, and signals that are sent."""

REASONS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated", signal.SIGHUP: "hangup"}


@pytest.mark.parametrize("number", runs("headless", HEADLESS))
@pytest.mark.mostly_soak(1)
def test_a_run_without_a_dashboard_ends_as_it_should(tmp_path: Path, number: int) -> None:
    random = Random(f"{SEED} headless {number}")
    with repeatable(number):
        make(tmp_path, random)
        limit, signals = STOPS[random.choice(list(STOPS))]
        mode = random.choice(["--keep-fuzzing", "--keep-fuzzing", "--stop-on-crash"])
        delays = [random.choice([0.0, random.uniform(0, 0.3)]), 0.0, random.uniform(0, 0.5)]
        meetings = random.choice([0, 1, random.randint(1, 5 * WORKERS)])
        outsider = random.random() < 0.2
        command = [sys.executable, "-m", "fuzztui", "run", "fuzz_it.py", f"-j{WORKERS}", "--json", "--timeout", "1s"]
        command += [mode, *(["-t", limit] if limit else [])]
        lines, status = headless(command, tmp_path, meetings, signals, delays, random if outsider else None)
        seen, log = judge.from_json(lines), judge.Log.read(tmp_path)
        assert status == seen.exit_code
        reasons = {REASONS[sent] for sent in signals} | judge.FAILURES - {"internal"}  # they may arrive at once
        reasons |= {"execution_limit"} if limit.endswith("x") else {"time_limit"} if limit else set()
        reasons |= {"crasher", "failing_seed"} if mode == "--stop-on-crash" else set()
        assert seen.reason in reasons, lines[-1]
        if limit.endswith("x"):
            most = int(limit[:-1])
            assert log.executions <= seen.executions <= most
            assert seen.executions == most or seen.reason != "execution_limit"
        judge.check_accounts(seen, log)
        judge.check_folder(tmp_path, log)


def headless(
    command: list[str],
    folder: Path,
    meetings: int,
    signals: list[signal.Signals],
    delays: list[float],
    outsider: Random | None,
) -> tuple[list[str], int]:
    """Run the command, stop it when so many workers have been about to fail; its lines and its exit status.

    `outsider` chooses workers that somebody kills.
    """
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "PYTHONFAULTHANDLER": "1"}
    until = time.monotonic() + DEADLINE
    with (folder / "out").open("w+") as out, (folder / "err").open("w+") as err:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=err, env=environment, start_new_session=True)
        try:
            while not os.fstat(out.fileno()).st_size and process.poll() is None and time.monotonic() < until:
                time.sleep(0.01)  # from its first line on it has handlers for signals
            wait_for_meetings(folder, meetings, process)
            for number, delay in zip(signals, delays, strict=False):
                wait(process, delay)
                process.send_signal(number)
            while wait(process, 0.1) is None and time.monotonic() < until:
                if outsider is not None and outsider.random() < 0.3:
                    kill_a_worker(process.pid, outsider)
            if process.poll() is None:
                process.send_signal(signal.SIGABRT)  # writes all stacks
                process.wait()
                err.seek(0)
                pytest.fail(f"the run hangs:\n{err.read()[-6000:]}")
        finally:
            process.kill()
            process.wait()
        err.seek(0)
        assert "Traceback" not in (told := err.read()), told[-3000:]
        out.seek(0)
        return out.read().splitlines(), process.returncode


def wait_for_meetings(folder: Path, meetings: int, process: "subprocess.Popen[Any]") -> None:
    """Some runs end before so many come, or their workers fail without one."""
    arrivals, until = folder / "arrivals", time.monotonic() + MEETING
    while not arrivals.exists() or arrivals.stat().st_size < meetings:
        if wait(process, 0.01) is not None or time.monotonic() > until:
            return


def wait(process: "subprocess.Popen[Any]", seconds: float) -> int | None:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def kill_a_worker(coordinator: int, random: Random) -> None:
    try:
        children = [child for child in psutil.Process(coordinator).children() if "guard.py" not in str(child.cmdline())]
        if children:
            random.choice(children).send_signal(random.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP]))
    except psutil.Error:
        return  # it has ended


# By its door ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", runs("session", SESSIONS))
@pytest.mark.mostly_soak(1)
def test_a_session_that_is_given_commands_ends_as_it_should(tmp_path: Path, number: int) -> None:
    random = Random(f"{SEED} session {number}")
    with repeatable(number):
        make(tmp_path, random)
        options = Project(tmp_path).options_for(
            workers=WORKERS,
            timeout=1.0,
            seed=None,
            limit=random.choice([Limit(), Limit(seconds=2.0), Limit(executions=500)]),
            stop_on_crash=random.random() < 0.3,
        )
        session = Session(options)
        events: list[Event] = []
        outcomes: list[Outcome] = []
        before = {child.pid for child in psutil.Process().children()}
        thread = threading.Thread(target=lambda: outcomes.append(session.run(events.append)), daemon=True)
        here = Path.cwd()
        os.chdir(tmp_path)  # that of the workers, by which they are found
        try:
            thread.start()
            until = time.monotonic() + DEADLINE
            command(session, tmp_path, thread, random)
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                frame = sys._current_frames()[thread.ident or 0]
                session.force_stop()
                thread.join(10)
                pytest.fail(f"the run hangs: {frame}, {session.snapshot()}")
        finally:
            os.chdir(here)
        snapshot = session.snapshot()
        crashers = [event.crasher for event in events if isinstance(event, CrasherFound)]
        seen = judge.from_session(
            outcomes[0],
            snapshot,
            [crasher.sha256 for crasher in crashers],
            sum(crasher.seed_name is not None for crasher in crashers),
            sum(isinstance(event, WorkerEnded) and event.exit != "exit 0" for event in events),
        )
        assert outcomes[0].reason is not StopReason.INTERNAL, outcomes[0].detail
        log = judge.Log.read(tmp_path)
        judge.check_accounts(seen, log)
        judge.check_folder(tmp_path, log)
        assert {child.pid for child in psutil.Process().children()} <= before, "a process that was not reaped"


def command(session: Session, folder: Path, thread: threading.Thread, random: Random) -> None:
    """Give commands at random moments, a stop in the end."""
    meetings, until = random.choice([0, 1, WORKERS]), time.monotonic() + MEETING
    arrivals = folder / "arrivals"
    while (not arrivals.exists() or arrivals.stat().st_size < meetings) and time.monotonic() < until:
        thread.join(0.01)
        if not thread.is_alive():
            break
    for _ in range(random.randint(0, 25)):
        thread.join(random.choice([0.0, random.uniform(0, 0.05), random.uniform(0, 0.3)]))
        worker = random.randrange(WORKERS)
        match random.choice(["stop_worker", "restart_worker", "pause_worker", "resume_worker", "pause", "mode"]):
            case "pause":
                session.pause()
                thread.join(random.uniform(0, 0.2))
                session.resume()
            case "mode":
                session.set_stop_on_crash(random.random() < 0.2)
            case name:
                getattr(session, name)(worker)
    thread.join(random.uniform(0, 1))
    for _ in range(random.randint(1, 2)):
        random.choice([session.stop, session.stop, session.force_stop])()


# The dashboard --------------------------------------------------------------------------------------------------------

KEYS = [b"q", b"s", b"r", b"p", b" ", b"S", b"K", b"\x03", b"j", b"k", b"\t", b"\r", b"\x1b", b"o", b"?"]


@pytest.mark.parametrize("number", runs("dashboard", DASHBOARDS))
@pytest.mark.mostly_soak(1)
def test_a_dashboard_that_is_used_ends_as_it_should(tmp_path: Path, number: int) -> None:
    random = Random(f"{SEED} dashboard {number}")
    with repeatable(number):
        make(tmp_path, random)
        stop = random.choice(["keys", "keys", "SIGTERM", "SIGINT", "SIGHUP", "SIGTERM twice", "terminal goes away"])
        status = dashboard(tmp_path, random, stop)
        log = judge.Log.read(tmp_path)
        judge.check_folder(tmp_path, log)
        found = any(path.is_file() for path in (tmp_path / "testdata").rglob("*"))
        if found:
            assert status == 1
        else:
            status = 128 - status if status < 0 else status  # as a shell has it: the signal came after the end
            allowed = {"SIGTERM": 143, "SIGTERM twice": 143, "SIGINT": 130, "SIGHUP": 129, "terminal goes away": 129}
            assert status in {0, 70, allowed.get(stop, 0)}


class Terminal:
    """A process in a terminal, which is read all the time."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.master, slave = pty.openpty()
        environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "TERM": "xterm-256color", "LINES": "30"}
        environment |= {"COLUMNS": "100", "PYTHONFAULTHANDLER": "1"}
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)
        self.drawn = b""

    def wait(self, seconds: float) -> int | None:
        """Read for so long, or until the process has ended."""
        until = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < until:
            self._read(0.02)
        return self.process.poll()

    def _read(self, seconds: float) -> None:
        if self.master < 0:
            time.sleep(seconds)
        elif select.select([self.master], [], [], seconds)[0]:
            try:
                self.drawn += os.read(self.master, 1 << 16)
            except OSError:  # nobody has the other end open any more
                time.sleep(seconds)

    def press(self, key: bytes) -> None:
        if self.master >= 0 and self.process.poll() is None:
            os.write(self.master, key)

    def go_away(self) -> None:
        os.close(self.master)
        self.master = -1

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.master >= 0:
            os.close(self.master)


def dashboard(folder: Path, random: Random, stop: str) -> int:
    """Use the dashboard at random, then leave it in one way; the exit status."""
    command = [sys.executable, "-m", "fuzztui", "run", "fuzz_it.py", f"-j{WORKERS}", "--timeout", "1s"]
    terminal = Terminal(command, folder)
    until = time.monotonic() + DEADLINE
    try:
        while b"fuzz_it" not in terminal.drawn and terminal.wait(0.05) is None and time.monotonic() < until:
            pass
        meetings, patience = random.choice([0, 1, WORKERS]), time.monotonic() + MEETING
        arrivals = folder / "arrivals"
        while (not arrivals.exists() or arrivals.stat().st_size < meetings) and time.monotonic() < patience:
            if terminal.wait(0.02) is not None:
                break
        for _ in range(random.randint(0, 20)):
            terminal.press(random.choice(KEYS))
            terminal.wait(random.uniform(0, 0.3))
        match stop.split():
            case ["keys"]:
                pass
            case ["terminal", *_]:
                terminal.go_away()
                terminal.process.send_signal(signal.SIGHUP)
            case [name, *more]:
                for _ in range(1 + len(more)):
                    terminal.process.send_signal(signal.Signals[name])
                    terminal.wait(random.uniform(0, 0.2))
        while terminal.wait(0.3) is None and time.monotonic() < until:
            if stop == "keys":
                terminal.press(b"q")
        if (status := terminal.process.poll()) is None:
            terminal.process.send_signal(signal.SIGABRT)  # writes all stacks
            terminal.wait(2)
            pytest.fail(f"the dashboard hangs, left are {left_in(folder)}:\n{terminal.drawn[-6000:]!r}")
        return status
    finally:
        terminal.close()
