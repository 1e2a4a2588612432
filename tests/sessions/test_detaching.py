"""A run without a terminal, from the command line: it starts, is listed, ends with its code, and is swept if killed."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.sessions import running
from fuzztui.sessions.attached import AttachedSession
from tests.support import Project, children, make_project, wait_for
from tests.test_command_line import fuzztui

pytestmark = pytest.mark.processes

TARGET = """
    import time
    def fuzz_it(data: bytes) -> None:
        time.sleep(0.001)
        if data[:1] == b"a":
            raise ValueError("a")
"""


@pytest.fixture
def detached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Project, psutil.Process]]:
    """A project with a run that goes on."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    project = make_project(tmp_path, TARGET)
    began = fuzztui(project, "run", "fuzz_it.py", "--detach", "-j", "1")
    assert began.returncode == 0, began.stderr
    pid = int(began.stdout.splitlines()[0].rsplit(" ", 1)[1])
    assert f"fuzztui attach {pid}" in began.stdout
    process = psutil.Process(pid)
    yield project, process
    if process.is_running():
        process.kill()
        process.wait(20)


def test_run_goes_on_without_its_terminal_until_it_is_ended(detached: tuple[Project, psutil.Process]) -> None:
    project, process = detached
    assert os.getsid(process.pid) == process.pid
    listed = fuzztui(project, "attach", "--list")
    assert listed.stdout.startswith(f"{process.pid}  fuzz_it.py::fuzz_it  ")
    recordings = project.folder / ".fuzztui" / "sessions" / "fuzz_it.py" / "fuzz_it"
    wait_for(lambda: '"event": "crasher"' in next(iter(recordings.glob("*.jsonl"))).read_text(), "a crasher")
    process.terminate()
    assert process.wait(30) in (1, None)
    lines = next(iter(recordings.glob("*.jsonl"))).read_text().splitlines()
    last = json.loads(lines[-1])
    assert (last["event"], last["reason"], last["exit_code"]) == ("end", "terminated", 1)
    assert "ValueError" in next(iter(recordings.glob("*.log"))).read_text()
    after = fuzztui(project, "attach", "--list")
    assert (after.stdout, after.returncode) == ("", 0)


def test_killed_coordinator_leaves_no_worker_and_is_told_of(detached: tuple[Project, psutil.Process]) -> None:
    project, process = detached
    workers = wait_for(lambda: children(process.pid), "its worker")
    session = AttachedSession(running.folder() / f"{process.pid}.sock")
    outcomes: list[Outcome] = []
    looking = threading.Thread(target=lambda: outcomes.append(session.run(lambda _: None)))
    looking.start()
    wait_for(lambda: session.snapshot().crashers, "a crasher")
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    looking.join(20)
    assert (outcomes[0].reason, outcomes[0].exit_code) == (StopReason.LOST, 1)
    assert "Kept on the disk: 1 crasher in" in outcomes[0].detail
    assert "replay-session" in outcomes[0].detail
    wait_for(lambda: not any(each.is_running() for each in workers), "its worker's end")
    told = fuzztui(project, "attach", "fuzz_it.py")
    assert told.returncode == 2
    assert "is gone" in told.stderr
    assert "no run goes on without a terminal" in told.stderr
    assert "is gone" not in fuzztui(project, "attach", "--list").stderr


def test_what_keeps_a_run_from_beginning_is_told_in_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path, TARGET)
    runtime = tmp_path / "runtime" / "fuzztui"
    runtime.mkdir(parents=True)
    runtime.chmod(0o755)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime.parent))
    refused = fuzztui(project, "run", "fuzz_it.py", "--detach")
    assert refused.returncode == 2
    assert "open to others" in refused.stderr
