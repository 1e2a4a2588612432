from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import Project, RunningEngine, children, make_project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Callable[..., Project]]:
    """Makes projects, and sees to it that no run leaves a process behind."""
    number = 0

    def make(source: str, **options: object) -> Project:
        nonlocal number
        number += 1
        folder = tmp_path / f"project{number}"
        folder.mkdir()
        return make_project(folder, source, **options)

    yield make
    RunningEngine.end_all()
    assert children() == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a project in this folder runs the engine's processes on it: not for `make test-fast`."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and "project" in getattr(item, "fixturenames", ()):
            item.add_marker("processes")
