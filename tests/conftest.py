"""Marks the tests that run the engine, so that the others can be run alone and quickly: `make test-fast`."""

import pytest

STARTS_PROCESSES = "project"
"""The fixture that makes a project to be fuzzed: whoever asks for one runs the engine's processes on it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if STARTS_PROCESSES in getattr(item, "fixturenames", ()):
            item.add_marker("processes")
