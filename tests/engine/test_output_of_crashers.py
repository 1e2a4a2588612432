"""What a target printed before it raised is kept with the crasher, and nothing is claimed of it that is not known."""

import json
from pathlib import Path

import pytest

from fuzztui.engine.crew.output import OUTPUT_LIMIT, Output
from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.crasher import Crasher
from fuzztui.plain.json_lines import json_lines
from fuzztui.plain.lines import crasher_report
from tests.support import Project, Run, make_project

PRINTING = {
    "print": 'print("looked at", data)',
    "stderr": 'import sys; sys.stderr.write("looked at it\\n")',
    "descriptor 1": 'import os; os.write(1, b"looked at it\\n")',
    "descriptor 2": 'import os; os.write(2, b"looked at it\\n")',
    "logging": 'import logging; logging.warning("looked at %r", data)',
    "warnings": 'import warnings; warnings.simplefilter("always"); warnings.warn("looked at it")',
    "no newline": 'print("looked at", end="")',
    "child": 'import subprocess; subprocess.run(["/bin/echo", "looked at it"])',
    "binary": 'import os; os.write(1, b"\\xff looked at \\x1b[31m\\x00")',
}


def project_that(folder: Path, printing: str, condition: str = 'data[:1] == b"f"') -> Project:
    source = f"""
    def fuzz_it(data: bytes) -> None:
        if {condition}:
            {printing}
            raise ValueError(data)
    """
    return make_project(folder, source, limit=Limit(executions=100_000))


def record_of(run: Run, crasher: Crasher) -> dict[str, object]:
    (path,) = (run.folder / ".fuzztui" / "crashes").rglob(f"{crasher.id}.json")
    return dict(json.loads(path.read_text()))


@pytest.mark.parametrize("how", PRINTING)
@pytest.mark.mostly_soak(1)
def test_what_a_failing_execution_printed_is_kept_with_its_crasher(tmp_path: Path, how: str) -> None:
    project = project_that(tmp_path, PRINTING[how])
    project.seed("fine", b"x")
    project.seed("failing", b"f")
    run = project.run()
    (crasher,) = run.crashers
    assert "looked at" in crasher.failure.output
    assert crasher.failure.is_output_exact
    assert "\x1b" not in crasher.failure.output
    assert (record_of(run, crasher)["output"], record_of(run, crasher)["output_exact"]) == (
        crasher.failure.output,
        True,
    )
    (found,) = run.found
    assert json.loads(json_lines(found))["output"] == crasher.failure.output
    report = crasher_report(crasher)
    assert "    printed:\n" in report
    assert "looked at" in report.partition("    printed:\n")[2]


def test_of_inputs_that_are_run_together_nobody_claims_to_know_which_has_printed_what(tmp_path: Path) -> None:
    source = """
    def fuzz_it(data: bytes) -> None:
        print("saw", data)
        if data == b"2":
            raise ValueError
    """
    project = make_project(tmp_path, source, stop_on_crash=False, limit=Limit(executions=40))
    for number in range(40):
        project.seed(f"{number:02}", b"%d" % number)
    (crasher,) = project.run().crashers
    assert "saw b'2'" in crasher.failure.output
    assert not crasher.failure.is_output_exact


def test_while_fuzzing_it_is_said_that_other_executions_may_have_printed_it(tmp_path: Path) -> None:
    run = project_that(tmp_path, 'print("about to fail")', 'print("called") or data[:1] == b"f"').run()
    (crasher,) = run.crashers
    assert "about to fail" in crasher.failure.output
    assert "called" in crasher.failure.output
    assert not crasher.failure.is_output_exact
    assert record_of(run, crasher)["output_exact"] is False
    assert "    printed by this execution or ones close to it:\n" in crasher_report(crasher)


def test_a_target_that_prints_nothing_has_no_output(tmp_path: Path) -> None:
    run = project_that(tmp_path, "pass").run()
    (crasher,) = run.crashers
    assert crasher.failure.output == ""
    assert "printed" not in crasher_report(crasher)


def test_of_much_output_the_end_is_kept(tmp_path: Path) -> None:
    project = project_that(tmp_path, 'print("x\\n" * 20_000 + "the end")')
    project.seed("failing", b"f")
    (crasher,) = project.run().crashers
    assert len(crasher.failure.output) <= 4_000
    assert crasher.failure.output.endswith("x\nthe end")
    lines = crasher_report(crasher).splitlines()
    assert sum(line == "        x" for line in lines) == 19
    assert any("lines before)" in line for line in lines)


@pytest.mark.parametrize(
    ("before", "printed", "limit", "expected"),
    [
        (0, b"abc", 10, "abc"),
        (2, b"abc", 10, "c"),
        (3, b"abc", 10, ""),
        (0, b"abc", 2, "bc"),
        (9, b"abc", 10, ""),
        (0, b"", 10, ""),
        (0, b"x" * (2 * OUTPUT_LIMIT) + b"end", 5, "xxend"),
    ],
)
def test_output_is_counted_from_where_it_was_last_looked_at(
    before: int, printed: bytes, limit: int, expected: str
) -> None:
    output = Output()
    for begin in range(0, len(printed), 1 << 12):
        output.append(printed[begin : begin + (1 << 12)])
    assert output.since(before, limit) == expected


def test_what_was_forgotten_is_not_given_out_again() -> None:
    output = Output()
    output.append(b"one")
    output.clear()
    output.append(b"two")
    assert output.since(0, 100) == "two"
    assert output.printed == 6
