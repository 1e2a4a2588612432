"""A run finds a failure, pytest fails with the minimal example at once, and passes when the code is right."""

import os
import subprocess
import sys
from pathlib import Path

SUBJECT = """
def total(orders):
    sum_ = 0
    for number, (price, is_vip) in enumerate(orders):
        if is_vip and price == {price}:
            if number > 0:
                raise ValueError("an order is lost")
        sum_ += price
    return sum_
"""

TEST = """
import pytest
from hypothesis import given, settings, strategies as st
import subject

@pytest.fixture(scope="session")
def server():
    yield 1

@settings(max_examples=1)
@given(orders=st.lists(st.tuples(st.integers(0, 10_000), st.booleans())))
def test_total(server, orders):
    subject.total(orders)
"""


def ran(folder: Path, *words: str) -> tuple[int, str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "CI"))}
    command = [sys.executable, "-m", *words]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_pytest_fails_at_once_with_the_minimal_example_until_the_code_is_right(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "subject.py").write_text(SUBJECT.format(price=7741))
    (tmp_path / "test_it.py").write_text(TEST)
    run = ("fuzztui", "run", "test_it.py::test_total", "--headless", "-j1", "--fuzz-time", "60s", "--stop-on-crash")
    code, printed = ran(tmp_path, *run)
    assert code == 1, printed
    assert "ValueError: an order is lost" in printed
    assert "smallest input: True, 0, False, True, 7741, True, False" in printed

    code, printed = ran(tmp_path, "pytest", "-p", "no:cacheprovider", "-q", "test_it.py")
    assert code == 1, printed
    assert "orders=[(0, False), (7741, True)]" in " ".join(printed.split())

    (tmp_path / "subject.py").write_text(SUBJECT.format(price=-1))
    assert ran(tmp_path, "pytest", "-p", "no:cacheprovider", "-q", "test_it.py")[0] == 0
    assert ran(tmp_path, "fuzztui", "test", "test_it.py::test_total")[0] == 0
