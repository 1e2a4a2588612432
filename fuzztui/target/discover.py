"""Find targets by reading files, never by importing them: what a file does when imported is the worker's to bear."""

import ast
import difflib
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from fuzztui.protocol.files import TooLongError, read_regular
from fuzztui.target.errors import TargetNotFound
from fuzztui.target.kinds import SUPPORTED, kind_named
from fuzztui.target.signature import ASYNC, ASYNC_GENERATOR, GENERATOR, Declaration, Parameter, kinds_of

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
    path_text, separator, name = spec.rpartition("::")
    if not separator or (cwd / spec).is_file():  # a file's name may have colons, a target's has none
        path_text, separator, name = spec, "", ""
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
    try:
        return _targets_of(tree, file)
    except RecursionError:
        return refused(0, "cannot be read: an annotation or a decorator is nested too deeply")


# Syntax trees -----------------------------------------------------------------------------------------------------

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _targets_of(tree: ast.Module, file: Path) -> Discovery:
    scope = Scope(tree)
    functions = {function.name: function for function in _functions(tree.body)}  # a later definition replaces one
    targets: list[TargetInfo] = []
    problems: list[Problem] = []
    for function in sorted(functions.values(), key=lambda function: function.lineno):
        form = _form(function, scope)
        if form is None:
            continue
        signature = _setup_parameters(function, scope) if form is Form.SETUP else _parameters(function, scope)
        if isinstance(signature, str):
            problems.append(Problem(file, function.lineno, signature, function.name))
        else:
            targets.append(TargetInfo(file, function.lineno, function.name, signature, form))
    return Discovery(tuple(targets), tuple(problems))


def _form(function: _Function, scope: "Scope") -> Form | None:
    if any("fuzztui.fuzz" in scope.full_names(_called(decorator)) for decorator in function.decorator_list):
        return Form.DECORATOR
    arguments = [*function.args.posonlyargs, *function.args.args]
    if len(arguments) == 1 and "fuzztui.F" in scope.full_names(_annotation(arguments[0])):
        return Form.SETUP
    return Form.NAME if function.name.startswith("fuzz_") else None


_LOCAL: Final = ""
"""Stands for the full name of what the file itself defines."""


class Scope:
    """What names mean in a file, as far as its imports tell, wherever they are, and assignments of such names."""

    def __init__(self, tree: ast.Module) -> None:
        self._meanings: dict[str, list[str]] = {}
        """A name may have several: of imports in the branches of a condition, either may be the one that runs."""
        self.is_postponed = False
        """Whether annotations are strings, by `from __future__ import annotations`."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    package = alias.name.partition(".")[0]
                    self._add(alias.asname or package, alias.name if alias.asname else package)
            elif isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                self.is_postponed |= module == "__future__" and "annotations" in [alias.name for alias in node.names]
                for alias in node.names:
                    self._add(alias.asname or alias.name, f"{module}.{alias.name}")
        for statement in _statements(tree.body):
            match statement:
                case ast.ClassDef(name=name):
                    self._add(name, _LOCAL)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._alias(name, value)
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self._alias(name, value)

    def _add(self, name: str, meaning: str) -> None:
        self._meanings.setdefault(name, []).append(meaning)

    def _alias(self, name: str, value: ast.expr) -> None:
        dotted = _dotted(value)
        self._add(name, self.full_names(dotted)[0] if dotted else _LOCAL)  # one: all would double with each `x = x`

    def full_names(self, dotted: str) -> list[str]:
        """What a dotted name may stand for, with the modules that it comes from; itself if the file does not tell."""
        first, dot, rest = dotted.partition(".")
        return [meaning and f"{meaning}{dot}{rest}" for meaning in self._meanings.get(first, [first])]

    def parameter(self, argument: ast.arg) -> Parameter:
        """What an argument is annotated; nothing of an annotation is evaluated, as in `signature`."""
        text = _annotation(argument)
        if _is_dotted(text):
            meanings = self.full_names(text)
            kinds = [kind for kind in map(kind_named, meanings) if kind is not None]
            shown = kinds[0].annotation if kinds else meanings[-1] or text
            return Parameter(argument.arg, shown, kinds[0] if kinds else None)
        if argument.annotation is None or self.is_postponed or isinstance(argument.annotation, ast.Constant):
            return Parameter(argument.arg, text, None)
        return Parameter(argument.arg, ast.unparse(_FullNames(self).visit(argument.annotation)), None)


class _FullNames(ast.NodeTransformer):
    """Spells the names in an annotation out, as the object that it evaluates to does."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self._scope.full_names(node.id)[-1] or node.id, ast.Load())


def _is_dotted(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _dotted(node: ast.expr) -> str:
    """The dotted name that an expression is; empty if it is another one."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join((node.id, *reversed(parts))) if isinstance(node, ast.Name) else ""


def _functions(body: list[ast.stmt]) -> Iterator[_Function]:
    """Functions at module level, also those defined under a condition."""
    return (node for node in _statements(body) if isinstance(node, _Function))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements at module level, also those under a condition."""
    for node in body:
        if isinstance(node, ast.If):
            yield from _statements(node.body + node.orelse)
        elif isinstance(node, ast.Try):
            handled = [statement for handler in node.handlers for statement in handler.body]
            yield from _statements(node.body + handled + node.orelse + node.finalbody)
        elif isinstance(node, ast.With):
            yield from _statements(node.body)
        else:
            yield node


def _parameters(function: _Function, scope: Scope) -> tuple[tuple[str, str], ...] | str:
    """Name and type of each parameter, or why the function cannot be a target."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    declared = tuple(map(scope.parameter, arguments))
    kinds = kinds_of(Declaration(function.name, _deferred(function), _odd_parameter(function.args), declared))
    if isinstance(kinds, str):
        return kinds
    return tuple(zip((parameter.name for parameter in declared), kinds, strict=True))


def _deferred(function: _Function) -> str:
    yields = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in _own_nodes(function))
    if isinstance(function, ast.AsyncFunctionDef):
        return ASYNC_GENERATOR if yields else ASYNC
    return GENERATOR if yields else ""


def _odd_parameter(arguments: ast.arguments) -> str:
    if arguments.kwonlyargs:
        return f"{arguments.kwonlyargs[0].arg} by keyword only"
    if arguments.vararg:
        return f"*{arguments.vararg.arg}"
    return f"**{arguments.kwarg.arg}" if arguments.kwarg else ""


def _setup_parameters(function: _Function, scope: Scope) -> tuple[tuple[str, str], ...] | str:
    """Parameters of the inner function that a set-up decorates with its `F`, or what is wrong with either."""
    if isinstance(function, ast.AsyncFunctionDef):
        return f"{function.name} is an async function: calling it runs nothing; a set-up is an ordinary function"
    harness = [*function.args.posonlyargs, *function.args.args][0].arg
    for node in ast.walk(function):
        if isinstance(node, _Function) and any(_called(d) == f"{harness}.fuzz" for d in node.decorator_list):
            return _parameters(node, scope)
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
