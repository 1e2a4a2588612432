"""What a run has measured of `ini`: real questions about it are answered as in any run, only that no run is there."""

from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from fuzztui.engine.questions.general import Question, View
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.work.line_coverage import LineCoverage, MeasuredInput
from fuzztui.protocol.digest import digest_of
from fuzztui.protocol.messages import Layout, Measured, Part
from fuzztui.worker.coverage.arcs import ArcTracer
from fuzztui.worker.coverage.layout import layout_of
from tests.ui.covered import ini

FILE = str(Path(ini.__file__))

INPUTS: Sequence[tuple[float, str]] = (
    (0.0, ""),
    (0.0, "# remark\n[main]\nkey = value\n"),
    (3.5, "key = value"),
    (4.0, "[x"),
    (61.0, "nonsense"),
    (240.0, '"='),
    (247.0, 'key = "quo'),
    (248.5, 'key = "quoted"'),
)
"""When each was found, and what it is."""


@cache
def _parts(inputs: Sequence[tuple[float, str]]) -> list[tuple[float, str, list[tuple[int, int, int]]]]:
    tracer = ArcTracer({FILE})
    found = []
    for at, text in inputs:
        with tracer.tracing(), suppress(ini.ParseError):
            ini.parse(text)
        arcs = tracer.take().get(FILE, {})
        found.append((at, text, [(line, to, times) for (line, to), times in arcs.items()]))
    return found


def layout() -> Layout:
    """What there is to cover in the parser."""
    source = Path(FILE).read_bytes()
    made = layout_of(source, FILE)
    return Layout(
        FILE,
        "ini",
        digest_of(source),
        [Part(part.name, part.first, part.last, part.statements) for part in made.parts],
        [(branch.line, branch.to, branch.via) for branch in made.branches],
        list(made.firsts.items()),
    )


def measured(inputs: Sequence[tuple[float, str]] = INPUTS) -> LineCoverage:
    """What these inputs cover."""
    coverage = LineCoverage()
    coverage.announce(layout())
    for at, text, arcs in _parts(tuple(inputs)):
        add(coverage, at, text, arcs)
    return coverage


def add(coverage: LineCoverage, at: float, text: str, arcs: list[tuple[int, int, int]]) -> None:
    """One more input has been measured."""
    data = text.encode()
    digest = sha256(data).hexdigest()
    name = digest[:12] if at else f"seed {len(coverage.inputs) + 1}"
    coverage.add(Measured(0, {FILE: arcs}), MeasuredInput(digest, data, name, at, text.startswith("[x")))


def answer(question: Question[Any], coverage: LineCoverage) -> "Future[Any]":
    """What a run that has measured this would answer."""
    options = SimpleNamespace(target=PythonTarget(Path("fuzz_ini.py"), "fuzz_ini", Path()))
    view = SimpleNamespace(members={}, search=SimpleNamespace(lines=coverage, parameters=("bytes",), options=options))
    future: Future[Any] = Future()
    future.set_result(question.answer(cast("View", view)))
    return future
