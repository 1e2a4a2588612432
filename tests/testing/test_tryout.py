"""The test that was written of a crasher is run: it fails as it should, passes, or it is said why it did neither."""

import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.text import label
from fuzztui.outside.processes import Processes, StoppedError
from fuzztui.outside.tryout import CannotTryError, Test, try_out
from tests.support import mostly_soak, wait_for
from tests.ui.fakes import crasher

SOURCE = """
import os, subprocess, sys, time
import pytest

class OddError(Exception):
    pass

def test_value(): raise ValueError("bad: value")
def test_odd(): raise OddError
def test_fine(): pass
def test_skipped(): pytest.skip("not today")
def test_apart(): assert not "exit status 3"
def test_long():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    open("began", "w").write(str(os.getpid()))
    time.sleep(600)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "test_it.py").write_text(SOURCE)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-v -p no:fuzztui'\n")
    return tmp_path / "test_it.py"


def a_test(path: Path, name: str, type_name: str = "ValueError", kind: CrasherKind = CrasherKind.EXCEPTION) -> Test:
    return Test(path, name, replace(crasher(0).failure, type=label(type_name), kind=kind))


EXCEPTION = CrasherKind.EXCEPTION
ANSWERS = [
    ("test_value", "ValueError", EXCEPTION, "failed as it should"),
    ("test_odd", "pkg.deep.OddError", EXCEPTION, "failed as it should"),
    ("test_value", "KeyError", EXCEPTION, "failed otherwise: ValueError: bad: value"),
    ("test_apart", "exit status 3", CrasherKind.EXIT, "failed as it should"),
    ("test_fine", "ValueError", EXCEPTION, "passed: fixed"),
]


@pytest.mark.parametrize("case", mostly_soak(ANSWERS, ANSWERS[1], ANSWERS[4]), ids=str)
def test_what_comes_of_it_is_said(place: Path, case: tuple[str, str, CrasherKind, str]) -> None:
    name, type_name, kind, answer = case
    assert try_out(a_test(place, name, type_name, kind), Processes()) == answer


NOT_RUN = [("test_skipped", SOURCE, "was not run: 1 skipped"), ("test_gone", SOURCE, "not found"),
           ("test_value", "import nowhere_at_all\n", "nowhere_at_all")]  # fmt: skip


@pytest.mark.parametrize("case", mostly_soak(NOT_RUN, NOT_RUN[2]), ids=lambda case: str(case[0]))
def test_what_was_not_run_has_not_passed(place: Path, case: tuple[str, str, str]) -> None:
    name, source, why = case
    place.write_text(source)
    with pytest.raises(CannotTryError, match=why):
        try_out(a_test(place, name), Processes())


def test_interpreter_without_pytest_is_named(place: Path, tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    bare.chmod(0o755)
    with pytest.raises(CannotTryError, match=f"pytest is not installed for {bare}"):
        try_out(replace(a_test(place, "test_value"), python=str(bare)), Processes())


def test_stop_ends_pytest_with_all_that_it_has_started(place: Path) -> None:
    processes = Processes()
    ended: list[BaseException] = []

    def run() -> None:
        try:
            try_out(a_test(place, "test_long"), processes)
        except StoppedError as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    began = place.parent / "began"
    wait_for(lambda: began.exists() and began.read_text() != "", "its beginning")
    processes.stop(signal.SIGTERM)
    thread.join(60)
    assert len(ended) == 1
    left = subprocess.run(["ps", "-o", "stat=", "-g", began.read_text()], capture_output=True, text=True, check=False)
    assert {state[0] for state in left.stdout.split()} <= {"Z"}
