"""Find targets by reading files, never by importing them: what a file does when imported is the worker's to bear."""

import ast
import difflib
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from fuzztui.protocol.files import TooLongError, read_regular
from fuzztui.target.errors import TargetNotFound
from fuzztui.target.signature import SUPPORTED
from fuzztui.target.values import TYPES

_SKIPPED = {"node_modules", "__pycache__", "testdata", "site-packages"}

LARGEST_SOURCE = 10 << 20
"""Bytes of a file that is searched for targets: to parse one takes a hundred times as much memory."""


class Form(Enum):
    """How a target is written."""

    NAME = "fuzz_*"
    """A function whose name says so."""
    DECORATOR = "@fuzz"
    SETUP = "F"
    """A function that takes an `F`, and names the target itself."""


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """A target as its source shows it."""

    file: Path
    line: int
    name: str
    parameters: tuple[tuple[str, str], ...]
    """Name and type of each; of the inner function for a set-up, empty if that cannot be told."""
    form: Form


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that looks like a target and cannot be one, or a file that cannot be read."""

    file: Path
    line: int
    """0 where the whole file is meant."""
    message: str
    name: str = ""
    """Of the function, if it is about one."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a search found, in order of file and line."""

    targets: tuple[TargetInfo, ...]
    problems: tuple[Problem, ...]


def discover(path: Path) -> Discovery:
    """The targets of a file, or of all files in a folder and the folders below it.

    Hidden folders, virtual environments, `node_modules`, `__pycache__` and `testdata` are left out.
    """
    targets: list[TargetInfo] = []
    problems: list[Problem] = []
    for file in _python_files(path) if path.is_dir() else (path,):
        found = _read(file)
        targets += found.targets
        problems += found.problems
    return Discovery(tuple(targets), tuple(problems))


def find(spec: str, cwd: Path) -> TargetInfo:
    """The one target that `path/to/file.py::name`, or `path/to/file.py` alone, stands for.

    The path is relative to `cwd`. TargetNotFound, with what there is instead, if it stands for none or for several.
    """
    path_text, separator, name = spec.partition("::")
    path = Path(os.path.normpath(cwd / path_text))  # lexical: a symlinked harness keeps its own testdata
    if not path.is_file():
        raise TargetNotFound(_no_such_file(path_text, path, cwd))
    found = discover(path)
    chosen = [target for target in found.targets if name == target.name or not separator]
    if len(chosen) == 1:
        return chosen[0]
    for problem in found.problems:
        if problem.name in ("", name) or not found.targets:
            raise TargetNotFound(f"{path_text}{f':{problem.line}' if problem.line else ''}: {problem.message}")
    names = [target.name for target in found.targets]
    if not names:
        raise TargetNotFound(
            f"{path_text} has no target: want a function named fuzz_*, its parameters annotated {SUPPORTED}, "
            "or one decorated with @fuzztui.fuzz"
        )
    if separator and not name:
        raise TargetNotFound(f"{spec} ends where the target's name belongs, want {_specs(path_text, names)}")
    if not name:
        raise TargetNotFound(f"{path_text} has {len(names)} targets, choose one: {_specs(path_text, names)}")
    if close := difflib.get_close_matches(name, names, n=1):
        raise TargetNotFound(f"{path_text} has no target {name}, did you mean {path_text}::{close[0]}?")
    raise TargetNotFound(f"{path_text} has no target {name}, it has {_specs(path_text, names)}")


def _specs(path: str, names: list[str]) -> str:
    return ", ".join(f"{path}::{name}" for name in names)


def _no_such_file(text: str, path: Path, cwd: Path) -> str:
    """Says what a path that is no file could have meant: a target of that name, one in that folder, a neighbor."""
    if path.is_dir() or not (path.suffix or path.parent != cwd):
        folder = path if path.is_dir() else cwd
        targets = [t for t in discover(folder).targets if path.is_dir() or t.name == text]
        specs = ", ".join(f"{os.path.relpath(t.file, cwd)}::{t.name}" for t in targets[:5])
        what = "is a folder, not a target" if path.is_dir() else "is not a file"
        return f"{text} {what}, did you mean {specs}?" if specs else f"{text} {what}, want path/to/file.py::name"
    siblings = [file.stem for file in path.parent.glob("*.py")] if path.parent.is_dir() else []
    if close := difflib.get_close_matches(path.stem, siblings, n=1):  # without the suffix, which makes all alike
        return f"there is no file {text}, did you mean {os.path.relpath(path.with_name(f'{close[0]}.py'), cwd)}?"
    return f"there is no file {text}"


# Files ------------------------------------------------------------------------------------------------------------


def _python_files(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in _SKIPPED and not (here / name / "pyvenv.cfg").exists()
        )
        yield from (here / name for name in sorted(files) if name.endswith(".py"))


def _read(file: Path) -> Discovery:
    def refused(line: int, message: str) -> Discovery:
        return Discovery((), (Problem(file, line, message),))

    try:
        source = read_regular(os.fspath(file), LARGEST_SOURCE)
    except TooLongError:
        return refused(0, f"is larger than {LARGEST_SOURCE >> 20} MiB and was not searched for targets")
    except OSError as error:
        return refused(0, f"cannot be read: {error.strerror}")
    if b"fuzz" not in source:
        return Discovery((), ())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes: the file's own matter
            tree = ast.parse(source)
    except SyntaxError as error:
        return refused(error.lineno or 0, f"syntax error: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return refused(0, f"cannot be parsed: {str(error) or type(error).__name__}")
    return _targets_of(tree, file)


# Syntax trees -----------------------------------------------------------------------------------------------------

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _targets_of(tree: ast.Module, file: Path) -> Discovery:
    names = _Names(tree)
    functions = {function.name: function for function in _functions(tree.body)}  # a later definition replaces one
    targets: list[TargetInfo] = []
    problems: list[Problem] = []
    for function in sorted(functions.values(), key=lambda function: function.lineno):
        form = names.form(function)
        if form is None:
            continue
        signature = _setup_parameters(function) if form is Form.SETUP else _parameters(function)
        if isinstance(signature, str):
            problems.append(Problem(file, function.lineno, signature, function.name))
        else:
            targets.append(TargetInfo(file, function.lineno, function.name, signature, form))
    return Discovery(tuple(targets), tuple(problems))


class _Names:
    """What `fuzztui`, `fuzz` and `F` are called in a file."""

    def __init__(self, tree: ast.Module) -> None:
        self.fuzz = set[str]()
        self.harness = set[str]()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name == "fuzztui":
                        self.fuzz.add(f"{alias.asname or alias.name}.fuzz")
                        self.harness.add(f"{alias.asname or alias.name}.F")
            elif isinstance(node, ast.ImportFrom) and node.module == "fuzztui" and not node.level:
                for alias in node.names:
                    if alias.name == "fuzz":
                        self.fuzz.add(alias.asname or alias.name)
                    elif alias.name == "F":
                        self.harness.add(alias.asname or alias.name)

    def form(self, function: _Function) -> Form | None:
        if any(_called(decorator) in self.fuzz for decorator in function.decorator_list):
            return Form.DECORATOR
        arguments = [*function.args.posonlyargs, *function.args.args]
        if len(arguments) == 1 and _annotation(arguments[0]) in self.harness:
            return Form.SETUP
        return Form.NAME if function.name.startswith("fuzz_") else None


def _functions(body: list[ast.stmt]) -> Iterator[_Function]:
    """Functions at module level, also those defined under a condition."""
    for node in body:
        if isinstance(node, _Function):
            yield node
        elif isinstance(node, ast.If):
            yield from _functions(node.body + node.orelse)
        elif isinstance(node, ast.Try):
            handled = [statement for handler in node.handlers for statement in handler.body]
            yield from _functions(node.body + handled + node.orelse + node.finalbody)
        elif isinstance(node, ast.With):
            yield from _functions(node.body)


def _parameters(function: _Function) -> tuple[tuple[str, str], ...] | str:
    """Name and type of each parameter, or why the function cannot be a target."""
    arguments, name = function.args, function.name
    if isinstance(function, ast.AsyncFunctionDef):
        return f"{name} is an async function: calling it runs nothing; a target is an ordinary function"
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in _own_nodes(function)):
        return f"{name} is a generator function: calling it runs nothing; a target is an ordinary function"
    odd = arguments.kwonlyargs or [a for a in (arguments.vararg, arguments.kwarg) if a]
    if odd:
        return f"{name} takes {odd[0].arg} other than by position; a target has positional parameters only"
    positional = [*arguments.posonlyargs, *arguments.args]
    if not positional:
        return f"{name} has no parameters; a target takes at least one of {SUPPORTED}"
    result = []
    for argument in positional:
        annotation = _annotation(argument)
        if not annotation:
            return f"parameter {argument.arg} of {name} is not annotated, want {SUPPORTED}"
        if annotation not in TYPES:
            return f"parameter {argument.arg} of {name} is annotated {annotation}, want {SUPPORTED}"
        result.append((argument.arg, annotation))
    return tuple(result)


def _setup_parameters(function: _Function) -> tuple[tuple[str, str], ...] | str:
    """Parameters of the inner function that a set-up decorates with its `F`, or what is wrong with either."""
    if isinstance(function, ast.AsyncFunctionDef):
        return f"{function.name} is an async function: calling it runs nothing; a set-up is an ordinary function"
    harness = [*function.args.posonlyargs, *function.args.args][0].arg
    for node in ast.walk(function):
        if isinstance(node, _Function) and any(_called(d) == f"{harness}.fuzz" for d in node.decorator_list):
            return _parameters(node)
    return ()


def _own_nodes(function: _Function) -> Iterator[ast.AST]:
    """The nodes of a function's body, those of nested functions and classes left out."""
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _Function | ast.Lambda | ast.ClassDef):
            pending += ast.iter_child_nodes(node)


def _annotation(argument: ast.arg) -> str:
    """The annotation as text, without the quotes of one that is a string; empty if there is none."""
    node = argument.annotation
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.strip()
    return "" if node is None else ast.unparse(node)


def _called(decorator: ast.expr) -> str:
    """The dotted name of a decorator, with or without arguments."""
    return ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
