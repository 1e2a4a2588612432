"""Lines, branches and arcs, against what coverage.py says of the same executions of many kinds of statements."""

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage
from coverage.config import DEFAULT_EXCLUDE
from coverage.parser import PythonParser

from fuzztui.worker.coverage.layout import Layout, layout_of

CONSTRUCTS = Path(__file__).parent / "constructs"

PROGRAM = """
import json, sys
sys.path.insert(0, {folder!r})
from fuzztui.worker.coverage.arcs import ArcTracer
tracer = ArcTracer({{{file!r}}})
with tracer.tracing():
    import constructs
    constructs.drive({level})
print(json.dumps([[*arc, times] for arc, times in tracer.take()[{file!r}].items()]))
"""

NOT_DECISIONS = ("def p(self): return 1", "def o(")
"""coverage.py takes a function in one line for a branch: to its end and past it."""


class Case:
    def __init__(self, name: str, level: int, folder: Path) -> None:
        self.file = folder / "constructs.py"
        self.file.write_bytes((CONSTRUCTS / f"{name}.py.txt").read_bytes())
        self.lines = self.file.read_text().splitlines()
        self.layout: Layout = layout_of(self.file.read_bytes(), str(self.file))
        program = PROGRAM.format(folder=str(folder), file=str(self.file), level=level)
        noted = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=".")
        self.arcs = {(line, to): times for line, to, times in json.loads(noted.stdout)}
        driver = folder / "driver.py"
        driver.write_text(f"import constructs\nconstructs.drive({level})\n")
        data = folder / "data"
        command = [sys.executable, "-m", "coverage", "run", "--branch", f"--data-file={data}", f"--include={self.file}"]
        subprocess.run([*command, str(driver)], check=True, cwd=folder)
        coverage = Coverage(data_file=str(data), config_file=False)
        coverage.load()
        self.theirs: Any = coverage._analyze(str(self.file))  # the one way to all that it knows of a file
        self.their_arcs = set(coverage.get_data().arcs(str(self.file)) or ())

    def first(self, line: int) -> int:
        firsts = self.layout.firsts
        return firsts.get(line, line) if line > 0 else -firsts.get(-line, -line)

    @property
    def statements(self) -> set[int]:
        return {line for part in self.layout.parts for line in part.statements}

    @property
    def executed(self) -> set[int]:
        return {self.first(line) for arc in self.arcs for line in arc} & self.statements

    @property
    def branches(self) -> dict[int, tuple[int, int]]:
        """Line -> ways, and those of them that were taken."""
        taken = {(self.first(line), self.first(to)) for line, to in self.arcs}
        found: dict[int, tuple[int, int]] = {}
        for line, to, via in self.layout.branches:
            ways, done = found.get(line, (0, 0))
            found[line] = ways + 1, done + ((line, to) in taken or (bool(via) and (line, via) in taken))
        return found

    @property
    def their_branches(self) -> dict[int, tuple[int, int]]:
        stats: dict[int, tuple[int, int]] = self.theirs.branch_stats()
        return {
            line: ways
            for line, ways in stats.items()
            if not any(each in self.lines[line - 1] for each in NOT_DECISIONS)
        }


@pytest.fixture(scope="module", params=[("first", 0), ("first", 1), ("second", 0), ("second", 1)], ids=str)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    name, level = request.param
    return Case(name, level, tmp_path_factory.mktemp("constructs"))


@pytest.mark.mostly_soak(2)
def test_arcs_are_those_that_coverage_notes(case: Case) -> None:
    assert set(case.arcs) == case.their_arcs


def test_statements_are_those_of_coverage(case: Case) -> None:
    assert case.statements == case.theirs.statements


def test_the_same_statements_were_executed(case: Case) -> None:
    assert case.executed == case.theirs.executed & case.theirs.statements
    assert case.executed < case.statements


def test_the_same_lines_decide_and_the_same_ways_were_taken(case: Case) -> None:
    assert case.branches == case.their_branches


def test_ways_lead_where_coverage_says(case: Case) -> None:
    possible = {arc for arc in case.theirs.arc_possibilities if arc[0] in case.branches}
    excluded = case.theirs.excluded
    ways = {(branch.line, branch.to) for branch in case.layout.branches}
    assert ways == {arc for arc in possible if arc[1] not in excluded}


def layout_lines(source: str) -> dict[str, list[int]]:
    return {part.name: part.statements for part in layout_of(source.encode(), "made.py").parts}


def test_statements_belong_to_the_innermost_function() -> None:
    source = "class A:\n    def m(self):\n        def inner():\n            return 1\n        return inner\nx = 2\n"
    assert layout_lines(source) == {"": [1, 2, 6], "A.m": [3, 5], "A.m.<locals>.inner": [4]}


def test_what_is_marked_counts_for_nothing() -> None:
    source = "def f(x):\n    if x:  # pragma: no cover\n        return 1\n    return 2\n"
    assert layout_lines(source)["f"] == [4]
    assert layout_of(source.encode(), "made.py").branches == []


def test_a_source_of_another_encoding_has_the_lines_it_has() -> None:
    source = "# coding: latin-1\ndef f():\n    return '\xe9'\n".encode("latin-1")
    assert [part.statements for part in layout_of(source, "made.py").parts] == [[2], [3]]


REAL = ("argparse", "configparser", "mailbox", "socket", "threading", "tokenize", "typing", "asyncio.base_events")
"""Modules of the standard library that have much of what there is."""

IN_ONE_LINE = re.compile(r"\s*(async )?(def|class) .*:\s*\S")


@pytest.mark.parametrize("name", REAL)
@pytest.mark.mostly_soak(2)
def test_real_modules_have_the_statements_and_branches_that_coverage_finds(name: str) -> None:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_bytes()
    made = layout_of(source, spec.origin)
    theirs = PythonParser(filename=spec.origin, exclude="|".join(f"(?:{each})" for each in DEFAULT_EXCLUDE))
    theirs.parse_source()
    # What its reports leave out, such as the head of a function whose body is `...`, it does not count.
    assert {line for part in made.parts for line in part.statements} - theirs.excluded == theirs.statements
    lines = source.decode().splitlines()
    exits = theirs.exit_counts()
    wanted = {
        (line, to)
        for line, to in theirs.arcs()
        if exits.get(line, 0) > 1 and to not in theirs.excluded
        if not IN_ONE_LINE.match(lines[line - 1]) and "no branch" not in lines[line - 1]
    }
    assert {(branch.line, branch.to) for branch in made.branches} == wanted
