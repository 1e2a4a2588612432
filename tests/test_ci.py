"""`fuzztui ci`: what fails or is new fails the build, what was known before does not, and both are written down."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess, run

import pytest

from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.results import InputResult, InputVerdict
from fuzztui.engine.show.text import NOTHING, label
from fuzztui.engine.triage.triage import UNDECIDED, Known
from fuzztui.reports.ci import TargetReport, markdown, sarif, status_of, verdict
from tests.engine.share.test_records import record
from tests.support import mostly_soak

FuzzTui = Callable[..., "CompletedProcess[str]"]

HARNESS = """
import fuzztui

@fuzztui.fuzz(seeds=[b"seed"])
def fuzz_it(data: bytes) -> None:
    if data in (b"stored", b"seed"):
        return
    raise ValueError("made by the fuzzer")
"""


@pytest.fixture
def fuzztui(tmp_path: Path) -> FuzzTui:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "fuzz_it.py").write_text(HARNESS)

    def call(*arguments: str) -> "CompletedProcess[str]":
        command = [sys.executable, "-m", "fuzztui", "ci", *arguments]
        return run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)

    return call


def test_what_is_new_fails_the_build_and_is_a_regression_from_then_on(fuzztui: FuzzTui, tmp_path: Path) -> None:
    first = fuzztui("fuzz_it.py", "-t", "300x", "-j", "1", "--sarif", "out.sarif", "--summary", "summary.md")
    assert first.returncode == 1
    assert first.stdout.splitlines()[-1] == "failed: 0 regressions, 1 new crasher"
    (result,) = json.loads((tmp_path / "out.sarif").read_text())["runs"][0]["results"]
    assert result["message"]["text"] == "ValueError: made by the fuzzer"
    assert "## `ValueError in fuzz_it`" in (tmp_path / "summary.md").read_text()

    again = fuzztui("fuzz_it.py", "-t", "300x", "-j", "1", "--summary", "summary.md")
    assert again.returncode == 1
    assert again.stdout.splitlines()[-1].startswith("failed: ")
    assert again.stdout.splitlines()[-1].endswith(" 0 new crashers")
    assert (tmp_path / "summary.md").read_text().count("# Fuzzing failed: ") == 2


@pytest.mark.soak
def test_crashers_that_were_known_or_are_ignored_do_not_fail_it(fuzztui: FuzzTui, tmp_path: Path) -> None:
    assert fuzztui("fuzz_it.py", "-t", "300x", "-j", "1").returncode == 1
    for path in (tmp_path / "testdata").rglob("*"):
        if path.is_file():
            path.unlink()  # only the cache knows of it, as where caches of builds are kept
    done = fuzztui("fuzz_it.py", "-t", "300x", "-j", "1", "--distill")
    assert done.stdout.splitlines()[-1].startswith("passed: 1 input and ")
    assert done.returncode == 0
    assert "kept, 0 removed" in done.stdout


@pytest.mark.parametrize(
    "case",
    mostly_soak(
        [
            (("nothing.py",), "nothing.py"),
            (
                (
                    "fuzz_it.py",
                    "--sarif",
                    ".",
                ),
                "--sarif: ",
            ),
            (
                (
                    "fuzz_it.py",
                    "--summary",
                    "no/where.md",
                ),
                "--summary: ",
            ),
            (
                (
                    "fuzz_it.py",
                    "-t",
                    "soon",
                ),
                "--fuzz-time: ",
            ),
            (
                (
                    "fuzz_it.py",
                    "--share",
                    "http://x",
                ),
                "--share: http:// is no kind of store",
            ),
            (
                (
                    "fuzz_it.py",
                    "--node",
                    "x",
                ),
                "--node x names a node of nothing",
            ),
        ],
        (
            (
                "fuzz_it.py",
                "--share",
                "http://x",
            ),
            "--share: http:// is no kind of store",
        ),
    ),
)
def test_mistakes_are_told_before_anything_is_run(fuzztui: FuzzTui, case: tuple[tuple[str, ...], str]) -> None:
    arguments, says = case
    done = fuzztui(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def report(new: int = 0, failing: int = 0, known: int = 0, name: str = "fuzz_it") -> TargetReport:
    target = PythonTarget(Path(f"/p/{name}.py"), name, Path("/p"))
    one = Known(label("4-" + "0" * 20), record(), UNDECIDED, (), None, (), 1)
    fails = InputResult(label("seed 1"), InputVerdict.FAIL, NOTHING, failure=record().failure)
    return TargetReport(target, label("x"), 3, [fails] * failing, 1_000, 5, 2, [one] * new, [one] * known)


@pytest.mark.parametrize(
    ("tested", "fuzzed", "new", "status"),
    [
        (0, 0, 0, 0),
        (0, 1, 0, 0),
        (0, 1, 1, 1),
        (1, 1, 0, 1),
        (1, 0, 0, 1),
        (1, 75, 1, 75),
        (0, 70, 0, 70),
        (1, 130, 0, 1),
        (0, 143, 0, 143),
        (2, 0, 0, 2),
    ],
)
def test_exit_statuses(tested: int, fuzzed: int, new: int, status: int) -> None:
    assert status_of(tested, fuzzed, [report(), report(new)]) == status


def test_the_summary_counts_all_targets() -> None:
    assert verdict([report(), report()], 0) == "passed: 6 inputs and 2,000 executions"
    assert verdict([report(new=2), report(failing=1)], 1) == "failed: 1 regression, 2 new crashers"
    assert verdict([report()], 70) == "not done: exit status 70"
    lines = markdown([report(), report(new=1, failing=1)], 1)
    assert lines[4] == "| `fuzz_it.py::fuzz_it` | 3 | 0 | 1,000 | 5 | 2 | 0 |"
    assert "- `seed 1`: `ValueError: /etc/passwd is no number`" in lines


def test_one_log_has_the_results_of_all_targets() -> None:
    log = sarif([report(), report(new=1, name="fuzz_a"), report(known=1, name="fuzz_b")])
    (only,) = log["runs"]
    assert [result["ruleIndex"] for result in only["results"]] == [0, 0]  # one group, one rule
    assert len(only["tool"]["driver"]["rules"]) == 1
