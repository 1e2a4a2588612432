from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import Project, RunningEngine, children, make_project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Callable[..., Project]]:
    """Makes projects, ends what runs on them, and sees to it that no run leaves a process behind."""
    projects: list[Project] = []

    def make(source: str, **options: object) -> Project:
        folder = tmp_path / f"project{len(projects) + 1}"
        folder.mkdir()
        projects.append(make_project(folder, source, **options))
        return projects[-1]

    yield make
    RunningEngine.end_all()
    assert children() == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives up a worker at its first failure: that others are tried again is the promise of a few tests only."""
    monkeypatch.setattr("fuzztui.engine.crew.member.RESTARTS_IN_WINDOW", 0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a project in this folder runs the engine's processes on it: not for `make test-fast`."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and "project" in getattr(item, "fixturenames", ()):
            item.add_marker("processes")
