"""Tests of crashers of programs for other fuzzers, and the inputs of such programs as tests."""

import os
import sys
from pathlib import Path

import pytest

from fuzztui.target.errors import HarnessError
from fuzztui.testing.programs import run_program
from tests.testing.site import Site

HARNESS = """
import atheris, sys
seen = []
def TestOneInput(data):
    seen.append(atheris.FuzzedDataProvider(data).ConsumeBytes(10))
    if seen == [b"first", b"bug"]:
        raise KeyError("bug")
if __name__ == "__main__":
    atheris.Setup(sys.argv, TestOneInput)
    atheris.Fuzz()
"""


@pytest.fixture
def harness(tmp_path: Path) -> Path:
    path = tmp_path / "harness.py"
    path.write_text(HARNESS)
    return path


def test_a_program_runs_inputs_in_order_and_the_last_may_fail(harness: Path) -> None:
    before = dict(sys.modules), sys.argv[:], sys.path[:], os._exit
    run_program(harness, b"bug")
    run_program(harness, b"bug", b"first")
    with pytest.raises(KeyError, match="bug") as caught:
        run_program(harness, b"first", b"bug")
    assert caught.traceback[-1].name == "TestOneInput"
    assert (sys.argv, sys.path, os._exit) == before[1:]
    assert sys.modules["__main__"] is before[0]["__main__"]
    assert sys.modules.get("atheris") is before[0].get("atheris")


def test_a_program_for_afl_runs_an_input(tmp_path: Path) -> None:
    path = tmp_path / "stdin.py"
    path.write_text("import afl, sys, os\nafl.init()\nif sys.stdin.read() != 'bug': os._exit(0)\nraise KeyError\n")
    run_program(path, b"other")
    with pytest.raises(KeyError):
        run_program(path, b"bug")


def test_what_is_no_program_or_does_not_fuzz_is_told(tmp_path: Path) -> None:
    path = tmp_path / "other.py"
    path.write_text("def fuzz_it(data: bytes): ...\n")
    with pytest.raises(HarnessError, match=r"other.py is no program"):
        run_program(path, b"")
    path.write_text("import atheris, sys\nif len(sys.argv) > 1:\n    atheris.Setup([], print)\n    atheris.Fuzz()\n")
    with pytest.raises(HarnessError, match=r"ended without calling atheris\.Fuzz"):
        run_program(path, b"")


@pytest.mark.processes
@pytest.mark.parametrize("apart", [False, True], ids=["in pytest", "in a process"])
@pytest.mark.mostly_soak(1)
def test_the_test_of_a_crasher_fails_until_the_program_is_mended(site: Site, apart: bool) -> None:
    source = HARNESS.replace('[b"first", b"bug"]', '[b"bug"]')
    site.write("harness.py", source.replace('raise KeyError("bug")', "sys.exit(0)") if apart else source)
    site.write("crash-0", "bug")
    done = site.run("fuzztui", "export", "harness.py", "crash-0")
    assert done.returncode == 0, done.stderr
    assert "the test needs fuzztui" in done.stderr
    test = done.stdout.strip()
    tested = site.pytest(test)
    assert set(tested.outcomes.values()) == {"failed"}, tested.output
    assert ("sys.exit(0) has left the harness" if apart else "KeyError: 'bug'") in tested.output
    site.write("harness.py", source.replace('raise KeyError("bug")', "return"))
    assert set(site.pytest(test).outcomes.values()) == {"passed"}


@pytest.mark.processes
def test_stored_inputs_of_a_program_are_tests_of_their_own(site: Site) -> None:
    site.write("fuzz_harness.py", HARNESS.replace('[b"first", b"bug"]', '[b"bug"]'))
    site.store("fuzz_harness", b"good", "good")
    site.store("fuzz_harness", b"bug", "bad")
    tested = site.pytest()
    assert tested.outcomes == {"fuzz_harness[bad]": "failed", "fuzz_harness[good]": "passed"}, tested.output
    assert "KeyError: 'bug'" in tested.texts["fuzz_harness[bad]"]
