"""Find targets by reading files, never by importing them: what a file does when imported is the worker's to bear."""

import ast
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fuzztui.protocol.files import TooLongError, read_regular
from fuzztui.target.choices.value import CHOICES
from fuzztui.target.foreign import foreign_to
from fuzztui.target.forms import Form
from fuzztui.target.named.spec import Named
from fuzztui.target.programs import MAY_BE_ONE, Program, program_of
from fuzztui.target.properties import MAY_HAVE_SOME, PropertyFunction, property_tests
from fuzztui.target.scope import Function, Scope, annotation, arguments_of, called, statements
from fuzztui.target.seeds import declared_seeds, setup_seeds
from fuzztui.target.signature import ASYNC, ASYNC_GENERATOR, GENERATOR, Declaration, kinds_of
from fuzztui.target.syntax import ALONE
from fuzztui.target.unfit import Unfit

_SKIPPED = {"node_modules", "__pycache__", "testdata", "site-packages"}

LARGEST_SOURCE = 10 << 20
"""Bytes of a file that is searched for targets: to parse one takes a hundred times as much memory."""


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """A target as its source shows it."""

    file: Path
    line: int
    name: str
    parameters: tuple[tuple[str, str], ...]
    """Name and type of each; of the inner function for a set-up, empty if that cannot be told."""
    form: Form
    seeds: int | None = 0
    """How many seeds it declares; None where only running it tells."""
    has_contract: bool = False
    """Whether its decorator declares exceptions that it may raise."""
    alias: str = ""
    """Another name that people may call it by: the function's, where the target is called like its file."""
    is_exclusive: bool = False
    """Whether two processes of it at once might disturb each other, by files of fixed names or ports."""
    named: Named | None = None
    """What it is by its name, where that is how it was found: any function of a module."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that looks like a target and cannot be one, or a file or folder that cannot be read."""

    file: Path
    line: int
    """0 where the whole file is meant."""
    message: str
    name: str = ""
    """Of the function, if it is about one."""
    form: Form | None = None
    """How that function is written."""


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

    def refused(error: OSError) -> None:
        folder = Path(error.filename or path)
        problems.append(Problem(folder, 0, f"cannot be searched for targets: {error.strerror}"))

    for file in python_files(path, refused) if path.is_dir() else (path,):
        found = _read(file)
        targets += found.targets
        problems += found.problems
    return Discovery(tuple(targets), tuple(problems))


# Files ------------------------------------------------------------------------------------------------------------


def python_files(root: Path, refused: Callable[[OSError], None] | None = None) -> Iterator[Path]:
    """The Python files in a folder and the folders below it, see `discover`; `refused` is told of each folder that
    cannot be read.
    """
    for folder, folders, files in os.walk(root, onerror=refused):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in _SKIPPED and not os.path.exists(here / name / "pyvenv.cfg")  # noqa: PTH110 - which takes what it may not look at for absent
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
    if MAY_BE_ONE(source) is None and MAY_HAVE_SOME(source) is None:
        return Discovery((), ())
    try:
        tree = parsed(source)
    except SyntaxError as error:
        return refused(error.lineno or 0, syntax_words(error))
    except (ValueError, RecursionError, MemoryError) as error:
        return refused(0, f"cannot be parsed: {str(error) or type(error).__name__}")
    try:
        return _targets_of(tree, file)
    except RecursionError:
        return refused(0, "cannot be read: an annotation or a decorator is nested too deeply")


def syntax_words(error: SyntaxError) -> str:
    """What is wrong with a source, without its place."""
    if "null bytes" in error.msg:
        return "holds null bytes, so it is no Python source"
    return f"syntax error: {error.msg}"


def parsed(source: bytes) -> ast.Module:
    """The syntax tree. SyntaxError, ValueError, RecursionError or MemoryError if there is none."""
    with ALONE, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of invalid escapes: the file's own matter
        return ast.parse(source)


# Syntax trees -----------------------------------------------------------------------------------------------------


def _targets_of(tree: ast.Module, file: Path) -> Discovery:
    scope = Scope(tree)
    unfit = Unfit(tree, scope)
    program = program_of(tree, scope, file)
    functions = {function.name: function for function in _functions(tree.body)}  # a later definition replaces one
    if program is not None:  # what it calls its functions says nothing then
        functions = {name: each for name, each in functions.items() if _form(each, scope) not in (None, Form.NAME)}
    properties = {each.name: each for each in property_tests(tree, scope, file)} if program is None else {}
    targets: list[TargetInfo] = [_property_info(file, each) for each in properties.values()]
    functions = {name: each for name, each in functions.items() if name not in properties}
    if program is not None and file.stem not in functions:
        targets.append(_program_info(file, program))
    problems = [
        Problem(
            file, first.lineno, f"{first.name} is defined again in line {second.lineno}, {_REPLACED}", first.name, form
        )
        for first, second in _replaced(tree.body)
        if first.name not in properties
        if (form := _form(first, scope)) is not None and (program is None or form is not Form.NAME)
    ]
    for function in sorted(functions.values(), key=lambda function: function.lineno):
        form = _form(function, scope)
        if form is None:
            continue
        signature = (_setup_parameters if form is Form.SETUP else _parameters)(function, scope, unfit)
        if isinstance(signature, str):
            problems.append(Problem(file, function.lineno, signature, function.name, form))
        else:
            seeds = _seeds(function, form, scope)
            contract = any(_has_contract(each) for each in _decorators(function, scope))
            targets.append(TargetInfo(file, function.lineno, function.name, signature, form, seeds, contract))
    targets.sort(key=lambda target: target.line)
    return Discovery(tuple(targets), tuple(sorted(problems, key=lambda problem: problem.line)))


def _program_info(file: Path, program: Program) -> TargetInfo:
    """A whole file as the one target in it, called as the file is: of several in a folder most are called alike
    otherwise. What else it defines runs when the program does.
    """
    parameters = ((program.parameter, "bytes"),)
    return TargetInfo(
        file,
        program.line,
        file.stem,
        parameters,
        program.form,
        alias=program.function,
        is_exclusive=program.is_exclusive,
    )


def _property_info(file: Path, test: PropertyFunction) -> TargetInfo:
    return TargetInfo(file, test.line, test.name, ((CHOICES, CHOICES),), test.form)


_REPLACED: Final = "which replaces this one: give one of them another name"


def _replaced(body: list[ast.stmt]) -> Iterator[tuple[Function, Function]]:
    """Functions of which nothing is left, each with the one that takes its name."""
    last: dict[str, Function] = {}
    for node in reversed(body):
        if isinstance(node, Function):
            if node.name in last and not any(called(each).endswith("overload") for each in node.decorator_list):
                yield node, last[node.name]
            last.setdefault(node.name, node)


def _seeds(function: Function, form: Form, scope: Scope) -> int | None:
    match form:
        case Form.SETUP:
            return setup_seeds(function, arguments_of(function)[0].arg)
        case Form.DECORATOR:
            return declared_seeds(_decorators(function, scope))
        case _:
            return None if function.decorator_list else 0


def _has_contract(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and any(each.arg in ("raises", None) for each in decorator.keywords)


def _decorators(function: Function, scope: Scope) -> list[ast.expr]:
    """Those of a function's decorators that are `@fuzztui.fuzz`."""
    return [each for each in function.decorator_list if "fuzztui.fuzz" in scope.full_names(called(each))]


def _form(function: Function, scope: Scope) -> Form | None:
    if _decorators(function, scope):
        return Form.DECORATOR
    arguments = arguments_of(function)
    if len(arguments) == 1 and "fuzztui.F" in scope.full_names(annotation(arguments[0])):
        return Form.SETUP
    return Form.NAME if function.name.startswith("fuzz_") else None


def _functions(body: list[ast.stmt]) -> Iterator[Function]:
    """Functions that importing the file defines at module level, also those under a condition."""
    return (node for node in statements(body, imported=True) if isinstance(node, Function))


def _parameters(function: Function, scope: Scope, unfit: Unfit) -> tuple[tuple[str, str], ...] | str:
    """Name and type of each parameter, or why the function cannot be a target."""
    if foreign := foreign_to(function, scope):
        return f"{function.name} {foreign.advice}"
    declared = tuple(map(scope.parameter, arguments_of(function)))
    kinds = kinds_of(Declaration(function.name, deferral_of(function), _odd_parameter(function.args), declared))
    if isinstance(kinds, str):
        return kinds
    for argument, parameter in zip(arguments_of(function), declared, strict=True):
        if parameter.kind is None and (sentence := unfit.sentence(function.name, argument)):
            return sentence
    return tuple(zip((parameter.name for parameter in declared), kinds, strict=True))


def deferral_of(function: Function) -> str:
    """What makes a call of the function run nothing of it, see `fuzztui.target.signature`; empty if nothing does."""
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


def _setup_parameters(function: Function, scope: Scope, unfit: Unfit) -> tuple[tuple[str, str], ...] | str:
    """Parameters of the inner function that a set-up decorates with its `F`, or what is wrong with either."""
    if isinstance(function, ast.AsyncFunctionDef):
        return f"{function.name} is an async function: calling it runs nothing; a set-up is an ordinary function"
    harness = arguments_of(function)[0].arg
    for node in ast.walk(function):
        if isinstance(node, Function) and any(called(d) == f"{harness}.fuzz" for d in node.decorator_list):
            return _parameters(node, scope, unfit)
    return ()


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function's body, those of nested functions and classes left out."""
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            pending += ast.iter_child_nodes(node)
