"""Text that may be shown: mypy refuses other text where it is shown, and words of ours are constants of the source."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "fuzztui"

MAKER = PACKAGE / "engine" / "show" / "text.py"

TAKES_A_CONSTANT = {"say": 0, "label": 0, "joined": 0, "span": 1, "ok": 0}
"""Functions whose argument at that place is to be a constant of the source."""

BEGINNING = """
from pathlib import Path
from typing import TextIO
from fuzztui.engine.crew.supervisor import Supervisor
from fuzztui.engine.show.events import Event, Warned
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.worker_row import WorkerRow
from fuzztui.engine.show.text import Visible, say
from fuzztui.plain.output import put
from fuzztui.widgets.tone import Line, content

def leak(path: Path, error: OSError, row: WorkerRow, run: Supervisor, out: TextIO) -> object:
"""

LEAKS = {
    "a warning": 'return run.warn("topic", f"{path}: no input")',
    "a reason to stop": "return run.stop(StopReason.BAD_CORPUS, str(error))",
    "an event": "return Warned(0.0, path.name)",
    "a printed line": 'return put(out, say("{}", path) + path.name)',
    "a drawn line": 'return content([((f"{row.reason} in {path}", "plain"),)])',
    "a formatter": "def lines(event: Event) -> Visible:\n        return repr(event)\n    return lines",
    "a text that is claimed to be visible": "return put(out, Visible(path.name))",
}

SOUND = 'put(out, say("{}: {}", path, error))\n    return Warned(0.0, row.reason)'


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
@pytest.mark.mostly_soak(1)
def test_mypy_refuses_a_leak(leak: str, checked: dict[str, str]) -> None:
    assert "error:" in checked[leak], checked


def test_mypy_takes_what_has_been_made_visible(checked: dict[str, str]) -> None:
    assert checked[SOUND] == ""


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What mypy says of each body of a function, all of them checked at once."""
    folder = tmp_path_factory.mktemp("leaks")
    bodies = [*LEAKS.values(), SOUND]
    files = [folder / f"leak_{number}.py" for number in range(len(bodies))]
    for file, body in zip(files, bodies, strict=True):
        file.write_text(f"{BEGINNING}    {body}\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file=", *map(str, files)]
    said = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, timeout=300, check=False)
    assert not said.stderr, said.stderr
    return {
        body: "".join(line for line in said.stdout.splitlines(True) if f"{file.name}:" in line and "error:" in line)
        for file, body in zip(files, bodies, strict=True)
    }


def test_words_of_ours_are_constants_of_the_source() -> None:
    calls = list(_calls())
    assert len(calls) > 300
    foreign = [(file, ast.unparse(argument)) for file, name, argument in calls if not _is_constant(argument, name)]
    # Of `ok` and `span`, whose own calls are among these.
    assert foreign == [("doctor/check.py", "template"), ("widgets/tone.py", "template")]


def _calls() -> Iterator[tuple[str, str, ast.expr]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        if file == MAKER:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                function = node.func
                name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
                if name in TAKES_A_CONSTANT and len(node.args) > TAKES_A_CONSTANT[name]:
                    yield file.relative_to(PACKAGE).as_posix(), name, node.args[TAKES_A_CONSTANT[name]]


def _is_constant(node: ast.expr, function: str) -> bool:
    match node:
        case ast.Constant(value=str()):
            return True
        case ast.IfExp(body=body, orelse=orelse):
            return _is_constant(body, function) and _is_constant(orelse, function)
        case ast.Attribute(attr="value" | "name"):  # of an enumeration
            return function == "label"
    return False


def test_nobody_else_claims_that_text_is_visible() -> None:
    claims = [
        f"{file.relative_to(PACKAGE)}:{node.lineno}"
        for file in sorted(PACKAGE.rglob("*.py"))
        if file != MAKER
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id == "cast" and "Visible" in ast.unparse(node.args[0]))
            or (isinstance(node.func, ast.Attribute) and node.func.attr == "_vouch")
        )
    ]
    assert claims == []


def test_only_one_module_prints() -> None:
    prints = [
        str(file.relative_to(PACKAGE))
        for file in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    # A worker's standard error is read by the engine, which makes it visible.
    assert {name for name in prints if not name.startswith(("worker/", "target/"))} == {"plain/output.py"}
