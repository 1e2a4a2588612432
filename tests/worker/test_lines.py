"""Which ways an execution takes, from line to line."""

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.show.branches import MOST_BRANCHES, branches, shown_steps
from fuzztui.worker.coverage.lines import MOST_STEPS, LineTracer

SOURCE = """\
def choose(number):
    if number > 3:
        word = "many"
    else:
        word = "few"
    return word

def loop(number):
    total = 0
    for each in range(number):
        total += each
    return total

def fail(number):
    return 1 // number
"""


def traced(folder: Path, call: str, number: int, *, project: bool = True) -> list[tuple[int, int]]:
    """The steps that a call takes."""
    file = folder / "project.py"
    file.write_text(SOURCE)
    names: dict[str, Any] = {"__name__": "project"}
    exec(compile(SOURCE, str(file), "exec"), names)
    function: Callable[[int], object] = names[call]
    tracer = LineTracer(lambda _name, path: project and path == str(file))
    before = sys.gettrace()
    with tracer.tracing(), suppress(ZeroDivisionError):
        function(number)
    assert sys.gettrace() is before
    steps = tracer.take()
    assert tracer.take() == []
    assert all(path == str(file) for path, _, _ in steps)
    return [(line, then) for _, line, then in steps]


def test_each_step_is_noted_once_in_order(tmp_path: Path) -> None:
    assert traced(tmp_path, "choose", 5) == [(0, 2), (2, 3), (3, 6)]
    assert traced(tmp_path, "choose", 1) == [(0, 2), (2, 5), (5, 6)]
    assert traced(tmp_path, "loop", 100) == [(0, 9), (9, 10), (10, 11), (11, 10), (10, 12)]


def test_what_fails_is_noted_up_to_there(tmp_path: Path) -> None:
    assert traced(tmp_path, "fail", 0) == [(0, 15)]


def test_what_is_not_the_projects_is_not_noted(tmp_path: Path) -> None:
    assert traced(tmp_path, "choose", 5, project=False) == []


def test_steps_are_bounded() -> None:
    tracer = LineTracer(lambda _name, _path: True)
    lines = "\n".join(f"    x = {number}" for number in range(3 * MOST_STEPS))
    names: dict[str, Any] = {"__name__": "project"}
    exec(compile(f"def f():\n{lines}", "/project.py", "exec"), names)
    with tracer.tracing():
        names["f"]()
    assert len(tracer.take()) == MOST_STEPS


def test_branches_are_where_both_have_been_and_one_goes_on_elsewhere() -> None:
    failing = shown_steps([("a", 0, 1), ("a", 1, 2), ("a", 2, 9), ("b", 0, 1), ("b", 1, 2)])
    passing = shown_steps([("a", 0, 1), ("a", 1, 2), ("a", 2, 3), ("a", 3, 9)])
    found = branches(failing, passing)
    assert [(str(one.file), one.line, one.to) for one in found] == [("a", 2, 9)]
    assert str(found[0].sentence) == "a:2 -> 9"
    assert branches(passing, passing) == ()


@pytest.mark.parametrize("number", [0, 1, MOST_BRANCHES, 10 * MOST_BRANCHES])
def test_branches_are_bounded(number: int) -> None:
    failing = shown_steps([("a", 1, 100 + each) for each in range(number)])
    assert len(branches(failing, shown_steps([("a", 0, 1)]))) == min(number, MOST_BRANCHES)
