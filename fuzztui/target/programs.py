"""Recognizes files that were written for other fuzzers and are targets as they are: programs, see `Form.is_program`.

Such a file counts only if it would start its fuzzer when it is executed. A helper that wraps the fuzzer's functions for
others to call is none.
"""

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from fuzztui.target.elsewhere import starts_elsewhere
from fuzztui.target.forms import Form
from fuzztui.target.held import Held
from fuzztui.target.imports import is_type_checking
from fuzztui.target.nodes import walk
from fuzztui.target.scope import Function, Scope
from fuzztui.target.syntax import ALONE

MAY_BE_ONE: Final = re.compile(rb"atheris|FuzzerRunOne|[Ff]uzz|TestOneInput|TestInput|\bafl\b").search
"""What the bytes of any such file have: others need not be parsed."""

_ATHERIS: Final = ("atheris", "atheris_no_libfuzzer")
_SETUP: Final = frozenset(f"{module}.Setup" for module in _ATHERIS)
_AFL: Final = frozenset({"afl.init", "afl.loop", "afl.start"})
_DECORATORS: Final = frozenset({"pythonfuzz.main.PythonFuzz", "pythonfuzz.PythonFuzz"})
_FUZZERS: Final = (*_ATHERIS, "afl", "pythonfuzz")
_RUN_ONE: Final = "FuzzerRunOne"


class Program(NamedTuple):
    """A file as a target."""

    form: Form
    line: int
    """Of the function that takes the inputs, or where the program begins to fuzz."""
    function: str = ""
    """The name of that function, if it has one."""
    parameter: str = "data"
    """What that function calls an input."""
    is_exclusive: bool = False
    """Whether two processes of it at once might disturb each other, see `may_collide`."""


def program_of(tree: ast.Module, scope: Scope, file: Path) -> Program | None:
    """What the file is for another fuzzer; None if it is nothing of the kind."""
    executed = _with_executed(tree)
    if executed is not tree:
        tree, scope = executed, Scope(executed)
    program = _program_of(tree, scope) or _started_elsewhere(tree, scope, file)
    return None if program is None else program._replace(is_exclusive=may_collide(tree))


def _started_elsewhere(tree: ast.Module, scope: Scope, file: Path) -> Program | None:
    """A file that has a function of another module start Atheris; the function that it gives to that takes inputs."""
    call = starts_elsewhere(tree, scope, file, _reached_nodes, _sets_up)
    if call is None:
        return None
    functions = {node.name: node for node in tree.body if isinstance(node, Function)}
    given = [*call.args, *(each.value for each in call.keywords)]
    names = [each.id for each in given if isinstance(each, ast.Name) and each.id in functions]
    return _program(Form.ATHERIS, call, names[0] if names else "", functions)


def _reached_nodes(tree: ast.Module, names: Collection[str] = ()) -> list[ast.AST]:
    return [node for statement in _reached(tree, names) for node in _own_nodes(statement)]


def _sets_up(calls: Sequence[ast.Call], tree: ast.Module, scope: Scope) -> bool:
    meant = _Meant(tree, scope)
    return any(meant.is_any(call.func, _SETUP) for call in calls)


def _program_of(tree: ast.Module, scope: Scope) -> Program | None:
    functions = {node.name: node for node in walk(tree) if isinstance(node, Function)}
    reached = _reached_nodes(tree)
    calls = [node for node in reached if isinstance(node, ast.Call)]
    meant = _Meant(tree, scope)
    setups = [call for call in calls if meant.is_any(call.func, _SETUP)]
    if setups:
        return _program(Form.ATHERIS, setups[0], _callback(setups[0]), functions)
    for function in functions.values():
        decorators = [each.func if isinstance(each, ast.Call) else each for each in function.decorator_list]
        if any(meant.is_any(each, _DECORATORS) for each in decorators) and any(
            isinstance(node, ast.Name) and node.id == function.name for node in reached
        ):
            return _program(Form.PYTHONFUZZ, function, function.name, functions)
    for call in calls:
        names = [each.id for each in call.args if isinstance(each, ast.Name) and each.id in functions]
        if names and meant.is_any(call.func, _DECORATORS):
            return _program(Form.PYTHONFUZZ, functions[names[0]], names[0], functions)
    for statement in tree.body:
        match statement:
            case ast.FunctionDef(name=name) if name == _RUN_ONE:
                return _program(Form.CPYTHON, statement, _RUN_ONE, functions)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=given)) if name == _RUN_ONE:
                return _program(Form.CPYTHON, statement, given, functions)
    starts = [call for call in calls if meant.is_any(call.func, _AFL)]
    return _program(Form.AFL, starts[0], "", functions) if starts else None


def _program(form: Form, node: ast.expr | ast.stmt, name: str, functions: dict[str, Function]) -> Program:
    function = functions.get(name)
    if function is None:
        return Program(form, node.lineno, name)
    arguments = [*function.args.posonlyargs, *function.args.args]
    return Program(form, function.lineno, name, arguments[-1].arg if arguments else "data")


def _callback(setup: ast.Call) -> str:
    """The name of the function that is given to `Setup`, as it is defined; empty for anything that has no name."""
    given = setup.args[1] if len(setup.args) > 1 else None
    given = next((each.value for each in setup.keywords if each.arg == "test_one_input"), given)
    if isinstance(given, ast.Call) and len(given.args) == 1 and "instrument_func" in ast.unparse(given.func):
        given = given.args[0]
    if isinstance(given, ast.Name):
        return given.id
    return given.attr if isinstance(given, ast.Attribute) else ""


class _Meant:
    """Tells which functions of other fuzzers are called."""

    def __init__(self, tree: ast.Module, scope: Scope) -> None:
        self._held = Held(tree, scope, _FUZZERS)
        # `from atheris import *` binds names that only the module itself could tell.
        self._all_of = [module for module in _ATHERIS if f"{module}.*" in scope.full_names("*")]

    def is_any(self, function: ast.expr, wanted: frozenset[str]) -> bool:
        names = self._held.meanings(function)
        if isinstance(function, ast.Name):
            names += [f"{module}.{function.id}" for module in self._all_of]
        return not wanted.isdisjoint(names)


# What processes share ------------------------------------------------------------------------------------------------

_PORTS: Final = frozenset(
    [
        *("bind", "listen", "serve_forever", "start_server", "start_unix_server", "create_server", "make_server"),
        *("add_insecure_port", "add_secure_port", "run_simple", "run_app", "HTTPServer", "ThreadingHTTPServer"),
        *("TCPServer", "ThreadingTCPServer", "UDPServer", "ThreadingUDPServer", "SimpleXMLRPCServer", "Listener"),
    ]
)
"""Functions and classes that wait for connections."""

_WRITERS: Final = frozenset(
    [
        *("write_text", "write_bytes", "save", "savefig", "savez", "to_csv", "to_excel", "to_json", "to_pickle"),
        *("to_parquet", "to_hdf", "imwrite", "imsave", "mkfifo", "mknod", "symlink_to", "touch", "FileHandler"),
        *("RotatingFileHandler", "extractall", "copyfile", "copytree", "rmtree", "makedirs", "FileLock"),
    ]
)
"""Functions and methods that leave something in files."""

_TEMPORARY: Final = re.compile(r"/(?:var/)?tmp/.|/dev/shm/.")


def may_collide(tree: ast.Module) -> bool:
    """Whether the file looks as if it wrote to files of fixed names, or bound ports: a guess, on the safe side."""
    return any(map(_is_shared, walk(tree)))


def _is_shared(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return _TEMPORARY.match(text) is not None
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in _PORTS or name in _WRITERS or (name in ("open", "ZipFile") and _writes(node))
    return False


def _writes(call: ast.Call) -> bool:
    """Whether a call of `open` is for writing: its mode is the second argument, or the first one of a path's method."""
    of_path = isinstance(call.func, ast.Attribute) and len(call.args) == 1
    modes = [
        *(call.args[:1] if of_path else call.args[1:2]),
        *(each.value for each in call.keywords if each.arg == "mode"),
    ]
    texts = [each.value for each in modes if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return any(re.fullmatch(r"[rbt]*[wax+][bt+]*", text) for text in texts)


def _with_executed(tree: ast.Module) -> ast.Module:
    """The same with the statements in place of each `exec` at the top whose source is written there."""
    body: list[ast.stmt] = []
    for statement in tree.body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Name(id="exec"), args=[ast.Constant(value=str(source)), *_])):
                body += _parsed_at(statement, source)
            case _:
                body.append(statement)
    return tree if len(body) == len(tree.body) and body == tree.body else ast.Module(body, tree.type_ignores)


def _parsed_at(place: ast.stmt, source: str) -> list[ast.stmt]:
    try:
        with ALONE:
            found = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [place]
    for statement in found:
        for node in ast.walk(statement):
            if hasattr(node, "lineno"):
                ast.copy_location(node, place)
    return found


# What runs ------------------------------------------------------------------------------------------------------------


def _reached(tree: ast.Module, used: Collection[str] = ()) -> Iterator[ast.stmt]:
    """The statements that run when the file is executed, as far as names tell: those at its top, and the bodies of the
    functions and classes that one of them names, or that are `used` elsewhere.
    """
    defined: dict[str, list[ast.stmt]] = {}
    waiting: list[ast.stmt] = list(tree.body)
    names = set(used)
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, Function | ast.ClassDef):
            # Before or after its name has come up: what is defined runs from then on.
            if statement.name in names:
                waiting += statement.body
            else:
                defined.setdefault(statement.name, []).append(statement)
            for decorator in statement.decorator_list:
                waiting.append(ast.copy_location(ast.Expr(decorator), statement))
            continue
        yield statement
        waiting += _blocks(statement)
        for name in {*_named(statement)} - names:
            names.add(name)
            waiting += [inner for each in defined.pop(name, ()) for inner in _body(each)]


def _body(definition: ast.stmt) -> list[ast.stmt]:
    assert isinstance(definition, Function | ast.ClassDef)
    return definition.body


def _blocks(statement: ast.stmt) -> list[ast.stmt]:
    """The statements within a statement, but for those that only type checkers see."""
    if isinstance(statement, ast.If) and is_type_checking(statement.test):
        return list(statement.orelse)
    found: list[ast.stmt] = []
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            found.append(child)
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            found += child.body
    return found


def _named(statement: ast.stmt) -> Iterator[str]:
    """Names in the statement itself, of methods too, whatever object they are of."""
    for node in _own_nodes(statement):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement, those of the statements within it left out."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        yield node
        pending += [
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)
        ]
