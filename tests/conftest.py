"""Marks the tests that run the engine, so that the others can be run alone and quickly: `make test-fast`."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
RUN_THE_ENGINE = (HERE / "engine", HERE / "test_command_line.py")
"""Tests in here that ask for a `project` run the engine's processes on it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "project" in getattr(item, "fixturenames", ()) and any(map(item.path.is_relative_to, RUN_THE_ENGINE)):
            item.add_marker("processes")
