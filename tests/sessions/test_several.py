"""A run of several targets without a terminal: it is listed, each target can be opened, and it ends with its code."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fuzztui.engine.questions.coverage import AskTable
from fuzztui.engine.show.outcome import StopReason
from fuzztui.sessions import running
from fuzztui.sessions.several import AttachedCampaign
from tests.support import Project, make_project, wait_for
from tests.test_command_line import fuzztui

pytestmark = pytest.mark.processes

TARGETS = """
    import time
    def fuzz_a(data: bytes) -> None:
        time.sleep(0.001)
        if data[:1] == b"a":
            raise ValueError("a")
    def fuzz_b(data: bytes) -> None:
        time.sleep(0.001)
"""


@pytest.fixture
def detached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Project, psutil.Process]]:
    """A project with a run of its two targets that goes on."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    project = make_project(tmp_path, TARGETS)
    began = fuzztui(project, "run", "fuzz_it.py", "--detach", "-j", "2", "-t", "60s")
    assert began.returncode == 0, began.stderr
    first = began.stdout.splitlines()[0]
    assert first.startswith("a run of 2 targets runs in the background as ")
    process = psutil.Process(int(first.rsplit(" ", 1)[1]))
    yield project, process
    if process.is_running():
        process.kill()
        process.wait(20)


def test_targets_of_a_run_elsewhere_are_opened_steered_and_ended(detached: tuple[Project, psutil.Process]) -> None:
    project, process = detached
    assert fuzztui(project, "attach", "--list").stdout.startswith(f"{process.pid}  a run of 2 targets  ")
    (about,), _ = running.known()
    assert [name for _, name in about.targets] == ["fuzz_a", "fuzz_b"]
    campaign = AttachedCampaign(about)
    names = [str(row.id) for row in campaign.snapshot().targets]
    assert names == ["fuzz_it.py::fuzz_a", "fuzz_it.py::fuzz_b"]
    first, second = map(campaign.part, names)
    assert first is not None
    assert second is not None
    assert second is campaign.part(names[1])
    assert campaign.part("no such target") is None
    assert [session.options.target.id for session in (first, second)] == names
    wait_for(lambda: first.snapshot().crashers, "its crasher")
    assert not second.snapshot().crashers
    assert first.ask(AskTable()).result(10) is not None
    second.stop(StopReason.USER)
    wait_for(lambda: second.snapshot().outcome, "its end")
    assert first.snapshot().outcome is None
    campaign.detach()
    assert process.is_running()
    process.terminate()
    assert process.wait(30) in (1, None)
    log = next((project.folder / ".fuzztui" / "sessions").rglob("*.log")).read_text()
    assert "2 targets, " in log
    assert list((Path(os.environ["XDG_RUNTIME_DIR"]) / "fuzztui").iterdir()) == []
    for recording in (project.folder / ".fuzztui" / "sessions").rglob("*.jsonl"):
        assert json.loads(recording.read_text().splitlines()[-1])["event"] == "end"
