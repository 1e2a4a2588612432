"""Functions that are written for another tool: what to write beside one, so that its work can be fuzzed."""

import ast
from typing import NamedTuple

from fuzztui.target.scope import Function, Scope, called


class Foreign(NamedTuple):
    """A function that another tool calls."""

    has_inputs: bool
    """Whether the tool gives it inputs of its own making."""
    advice: str
    """What it is, and what to write instead: the end of a sentence that begins with its name."""


def foreign_to(function: Function, scope: Scope) -> Foreign | None:
    """What a function is to another tool; None if no other tool calls it."""
    name = function.name
    decorators = {full for each in function.decorator_list for full in scope.full_names(called(each))}
    if decorators & {"hypothesis.given", "hypothesis.core.given"}:
        return Foreign(True, "is a test of Hypothesis that pytest does not collect: its name has to begin with test")
    if decorators & {"pytest.fixture", "pytest_asyncio.fixture"}:
        code = f"def {target_name(name)}(data: bytes) -> None"
        return Foreign(False, f"is a fixture of pytest: write a function of its own, {code}")
    return None


def atheris_harness(tree: ast.Module, scope: Scope) -> str:
    """Name of the function that is meant for Atheris in a file that does not start it; empty if none is."""
    functions = [each.name for each in tree.body if isinstance(each, Function)]
    name = "TestOneInput" if "TestOneInput" in functions else ""
    for node in ast.walk(tree):
        match node:
            case ast.Call(args=[_, ast.Name(id=given), *_]) if "atheris.Setup" in scope.full_names(called(node)):
                name = given
    return name


def atheris_advice(name: str) -> str:
    """The same for a function that is meant for Atheris, see `atheris_harness`."""
    calls = f"atheris.Setup(sys.argv, {name}) and atheris.Fuzz()"
    code = f"def {target_name(name)}(data: bytes) -> None: {name}(data)"
    return f"is a harness of Atheris in a file that does not start it: call {calls} when it is run, or write {code}"


def target_name(name: str) -> str:
    """What a target that does the work of this function may be called."""
    if name == "TestOneInput":
        return "fuzz_one_input"
    bare = name.lower().removeprefix("fuzz_").removeprefix("test_")
    return f"fuzz_{bare if bare not in ('', 'fuzz') else 'it'}"
