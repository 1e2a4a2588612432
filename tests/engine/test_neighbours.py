"""Where several targets share a file, what is another one's is no gap of this one."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fuzztui.engine.questions.coverage import AskMeasured, AskTable
from fuzztui.engine.questions.general import Question, View
from fuzztui.engine.readings.neighbours import theirs
from fuzztui.engine.readings.uncovered import missing
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.work.coverage_log import CoverageLog
from fuzztui.engine.work.line_coverage import LineCoverage, MeasuredInput
from fuzztui.protocol.digest import digest_of
from fuzztui.protocol.messages import Layout, Measured, Module, Part
from fuzztui.worker.coverage.layout import layout_of

SOURCE = """\
import fuzztui

def helper(data):
    if len(data) > 3:
        return 1
    return 0

def fuzz_first(data: bytes) -> None:
    helper(data)

@fuzztui.fuzz(seeds=[b"a"])
def fuzz_second(data: bytes) -> None:
    def inner():
        return data
    if inner():
        helper(needed(data))

def needed(data):
    assert data
    return data
"""
FIRST, SECOND, INSIDE, NEEDED = 9, 15, 14, 19
"""Lines of the two bodies, of what is in the second one, and of what it alone calls."""


@pytest.fixture
def target(tmp_path: Path) -> PythonTarget:
    file = tmp_path / "fuzz_both.py"
    file.write_text(SOURCE)
    return PythonTarget(file, "fuzz_first", tmp_path)


def measured(target: PythonTarget, *reached: int) -> LineCoverage:
    """What is known when inputs have reached these lines."""
    source, file = target.file.read_bytes(), str(target.file)
    made = layout_of(source, file)
    parts = [Part(part.name, part.first, part.last, part.statements) for part in made.parts]
    lines = LineCoverage(partial(theirs, target))
    branches = [(line, to, via) for line, to, via in made.branches]
    lines.announce(Layout(file, "fuzz_both", digest_of(source), parts, branches, list(made.firsts.items())))
    arcs: dict[str, Any] = {file: [(-line, line, 1) for line in reached]}
    lines.add(Measured(0, arcs), MeasuredInput("a" * 64, b"", "seed 1", 0.0, False))
    return lines


def asked(question: Question[Any], lines: LineCoverage) -> Any:
    return question.answer(cast(View, SimpleNamespace(search=SimpleNamespace(lines=lines))))


def table(target: PythonTarget, *reached: int) -> list[str]:
    """The functions that the coverage lists when inputs have reached these lines."""
    return [str(function.name) for function in asked(AskTable(), measured(target, *reached)).functions]


def test_coverage_lists_no_body_of_another_target_and_nothing_that_it_alone_needs(target: PythonTarget) -> None:
    assert table(target, FIRST) == ["helper", "fuzz_first"]


def test_coverage_lists_another_target_where_this_one_calls_it(target: PythonTarget) -> None:
    assert "fuzz_second" in table(target, FIRST, SECOND)


def test_exports_count_no_body_of_another_target(target: PythonTarget) -> None:
    (file,) = asked(AskMeasured(), measured(target, FIRST))
    assert [str(name) for name in file.left_out] == ["fuzz_second", "fuzz_second.<locals>.inner", "needed"]
    assert {line for line, _ in file.lines}.isdisjoint({INSIDE, SECOND, NEEDED})
    assert {line for line, _, _ in file.ways} == {4}
    assert file.amount.statements == len(file.lines)
    assert not file.is_changed


@pytest.mark.parametrize("change", [lambda file: file.write_text("x = 1\n"), lambda file: file.unlink()])
def test_exports_say_of_a_file_that_it_is_another_one_by_now(
    target: PythonTarget, change: Callable[[Path], object]
) -> None:
    lines = measured(target, FIRST)
    change(target.file)
    (file,) = asked(AskMeasured(), lines)
    assert file.is_changed


def log_of(target: PythonTarget) -> CoverageLog:
    log = CoverageLog(partial(theirs, target))
    log.register(Module("fuzz_both", str(target.file), [4, 5, 9, INSIDE, SECOND, NEEDED, NEEDED]))
    return log


def test_edges_are_counted_without_those_of_other_targets(target: PythonTarget) -> None:
    log = log_of(target)
    assert log.probes == 3
    log.add({"fuzz_both": [0, 2]})
    assert (len(log), log.probes, log.uncovered()) == (2, 3, {str(target.file): [5]})


def test_edges_of_another_target_count_from_when_it_is_reached(target: PythonTarget) -> None:
    log = log_of(target)
    log.add({"fuzz_both": [4]})
    assert (len(log), log.probes) == (1, 5)
    assert log.uncovered() == {str(target.file): [4, 5, 9, INSIDE]}
    log.add({"fuzz_both": [5]})
    assert (len(log), log.probes) == (2, 7)


def test_a_module_that_grows_is_counted_anew(target: PythonTarget) -> None:
    log = log_of(target)
    log.add({"fuzz_both": [4]})
    log.register(Module("fuzz_both", str(target.file), [4, 5, 9, INSIDE, SECOND, NEEDED, NEEDED, 5]))
    assert log.probes == 6


def test_plateau_names_no_body_of_another_target_as_what_is_missing(target: PythonTarget) -> None:
    assert [each.function for each in missing(log_of(target).uncovered())] == ["helper", "fuzz_first"]


def test_what_belongs_to_others_is_told_by_the_file_as_it_is_now(target: PythonTarget) -> None:
    assert theirs(target, str(target.file)) == ((12, 16), (18, 20))
    assert theirs(target, "elsewhere.py") == ()
    target.file.write_text(f"{SOURCE}\nMINE = [needed]\n")
    os.utime(target.file, (1, 1))
    assert theirs(target, str(target.file)) == ((12, 16),)
    target.file.unlink()
    assert theirs(target, str(target.file)) == ()


@pytest.mark.parametrize(
    "uses",
    [
        pytest.param("def fuzz_first(data: bytes) -> None:\n    needed(data)\n", id="this target"),
        pytest.param("def fuzz_first(data: bytes) -> None:\n    globals()['needed'](data)\n", id="by a string"),
        pytest.param("@needed\ndef fuzz_first(data: bytes) -> None:\n    pass\n", id="a decorator"),
        pytest.param("TABLE = {1: needed}\ndef fuzz_first(data: bytes) -> None:\n    TABLE[1](data)\n", id="a table"),
        pytest.param("class Other:\n    x = needed\ndef fuzz_first(data: bytes) -> None:\n    Other()\n", id="a class"),
        pytest.param("def a(): needed()\ndef fuzz_first(data: bytes) -> None:\n    a()\n", id="another function"),
    ],
)
def test_what_anybody_else_mentions_is_nobodys_alone(tmp_path: Path, uses: str) -> None:
    file = tmp_path / "fuzz_both.py"
    needed = "def needed(x):\n    return x\n\n\ndef fuzz_second(data: bytes) -> None:\n    needed(data)\n\n\n"
    file.write_text(needed + uses)
    assert theirs(PythonTarget(file, "fuzz_first", tmp_path), str(file)) == ((5, 6),)


def test_functions_that_only_call_each_other_belong_to_nobody_else(tmp_path: Path) -> None:
    """What nothing calls but itself is everybody's: how it is reached is not known."""
    file = tmp_path / "fuzz_both.py"
    file.write_text(
        "class Deep:\n    def go(self):\n        return Deep()\n\ndef wide():\n    return Deep().go()\n\n"
        "def fuzz_second(data: bytes) -> None:\n    wide()\n\ndef alone():\n    alone()\n\n"
        "def fuzz_first(data: bytes) -> None:\n    pass\n"
    )
    assert theirs(PythonTarget(file, "fuzz_first", tmp_path), str(file)) == ((1, 3), (5, 6), (8, 9))


def test_a_target_that_another_one_calls_is_its_own(tmp_path: Path) -> None:
    file = tmp_path / "fuzz_both.py"
    file.write_text(
        "def fuzz_first(data: bytes) -> None:\n    pass\n\n"
        "def fuzz_second(data: bytes) -> None:\n    fuzz_first(data)\n"
    )
    assert theirs(PythonTarget(file, "fuzz_first", tmp_path), str(file)) == ((4, 5),)
