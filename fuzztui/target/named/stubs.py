"""Type stubs: what a function takes whose own definition does not say so, or that has none in Python.

A stub is a `.pyi` file beside the module, or in a stub package of PEP 561, `package-stubs`. Its function is made one
of Python's, which is never called: it is read as any other definition is. What the stub imports and defines is executed
for that, statement by statement, as far as it can be.
"""

import ast
import builtins
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from types import FunctionType
from typing import Any, Final, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.imports import quietly
from fuzztui.target.named.overloads import Overload, chosen
from fuzztui.target.syntax import ALONE

__builtins__ = PRIVATE_BUILTINS

# Not pathlib: a worker does without.
# ruff: noqa: PTH113, PTH118, PTH123

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

_HANDED_ON: Final = 8
"""Stubs that a name is imported through: more are a circle."""

_LARGEST: Final = 1 << 22
"""Bytes of a stub."""

_TYPESHED: Final[dict[str, Any]] = {
    "ReadableBuffer": bytes,
    "WriteableBuffer": bytearray,
    "StrPath": str,
    "BytesPath": bytes,
    "StrOrBytesPath": str | bytes,
}
"""What stubs import from `_typeshed`, a module for type checkers that nobody can import."""


class Declared(NamedTuple):
    """A function as a stub declares it."""

    function: FunctionType
    """Takes what the stub says, with defaults of no meaning."""
    bound: int
    """How many of its parameters are given already where it is an attribute of a class: 1 of a class method."""


def stub_file(module: str, path: Sequence[str]) -> str:
    """The stub of a module; empty if there is none in these folders."""
    package, *inner = module.split(".")
    for root in path:
        for top in (f"{package}-stubs", package):
            place = os.path.join(root, top, *inner)
            for file in (os.path.join(place, "__init__.pyi"), f"{place}.pyi"):
                if os.path.isfile(file):
                    return file
    return ""


def declared(module: str, name: str, path: Sequence[str]) -> Declared | None:
    """The function `name` of a module, or of a class in it (`Decoder.decode`), as a stub in these folders declares it;
    None if none does.
    """
    for _ in range(_HANDED_ON):
        stub = _Stub.of(module, path)
        if stub is None:
            return None
        found = stub.function(name)
        if found is not None:
            return found
        module, name = stub.source_of(name)
        if not module:
            return None
    return None


class _Stub:
    """One stub, with what its names mean where the module that it is of has been imported."""

    def __init__(self, module: str, file: str, tree: ast.Module) -> None:
        self._module = module
        self._file = file
        self._package = module if os.path.basename(file) == "__init__.pyi" else module.rpartition(".")[0]  # noqa: PTH119
        self._own: dict[str, Any] = dict(vars(sys.modules[module])) if module in sys.modules else {}
        self._space: dict[str, Any] = {**self._own, "__name__": module, "__package__": self._package}
        self._space["__builtins__"] = vars(builtins)  # what it imports is the target's
        self._body: list[ast.stmt] = []
        for statement in self._live(tree.body):
            self._body.append(statement)
            self._execute(statement)

    @classmethod
    def of(cls, module: str, path: Sequence[str]) -> "_Stub | None":
        """The stub of a module; None if there is none, or none that can be read."""
        file = stub_file(module, path)
        try:
            with open(file, "rb") as stream:
                source = stream.read(_LARGEST)
            with ALONE:
                tree = quietly(compile, source, file, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return cls(module, file, tree)

    def _live(self, body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
        """The statements for this interpreter: conditions on its version and platform are decided."""
        for statement in body:
            match statement:
                case ast.If(test=test, body=then, orelse=otherwise):
                    try:
                        branch = then if self._value(test) else otherwise
                    except Exception:  # only a type checker knows
                        branch = [*then, *otherwise]
                    yield from self._live(branch)
                case ast.Try(body=then):
                    yield from self._live(then)
                case _:
                    yield statement

    def _value(self, node: ast.expr) -> Any:
        return eval(
            compile(ast.Expression(node), self._file, "eval"), {**self._space, "sys": sys, "TYPE_CHECKING": True}
        )

    def _execute(self, statement: ast.stmt) -> None:
        """Bind the names of a statement, unless the module itself has them; what cannot be is left out."""
        match statement:
            case ast.ImportFrom(module="_typeshed", names=names):
                known = [(each.asname or each.name, _TYPESHED.get(each.name)) for each in names]
                self._space.update({name: meaning for name, meaning in known if meaning is not None})
            case ast.Import() | ast.ImportFrom():
                for each in statement.names:  # one that is missing takes no other with it
                    one = deepcopy(statement)
                    one.names = [each]
                    self._run(one)
            case (
                ast.ClassDef(name=name)
                | ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr())
            ) if name not in self._own:
                self._run(statement)
            case _ if type(statement).__name__ == "TypeAlias":
                self._run(statement)

    def _run(self, statement: ast.stmt) -> None:
        code = compile(ast.Module([statement], []), self._file, "exec", dont_inherit=True)
        with suppress(Exception):  # a type checker's alone
            exec(code, self._space)

    def function(self, name: str) -> Declared | None:
        """The function of this name that the stub defines, or what several by `@overload` come to."""
        *owners, last = name.split(".")
        body: Sequence[ast.stmt] = self._body
        for owner in owners:
            cls = next((each for each in body if isinstance(each, ast.ClassDef) and each.name == owner), None)
            if cls is None:
                return None
            body = list(self._live(cls.body))
        found = [each for each in body if isinstance(each, Function) and each.name == last]
        if not found:
            return None
        at, wider = chosen([Overload(_required(each), _annotations(each)) for each in found])
        names = [each.id for each in found[at].decorator_list if isinstance(each, ast.Name)]
        return Declared(self._made(found[at], wider), int("classmethod" in names))

    def _made(self, node: Function, wider: Mapping[str, Sequence[str]]) -> FunctionType:
        made = deepcopy(node)
        made.decorator_list = []
        made.returns = None
        made.body = [ast.Expr(ast.Constant(...))]
        arguments = made.args
        arguments.defaults = [ast.Constant(...) for _ in arguments.defaults]
        arguments.kw_defaults = [None if each is None else ast.Constant(...) for each in arguments.kw_defaults]
        annotations = {**_annotations(node), **{name: " | ".join(each) for name, each in wider.items()}}
        for each in _arguments(made):
            if each.annotation is not None:
                each.annotation = ast.Constant(annotations[each.arg])
        tree = ast.fix_missing_locations(ast.Module([made], []))
        space = dict(self._space)
        exec(compile(tree, self._file, "exec", dont_inherit=True), space)
        function: FunctionType = space[node.name]
        return function

    def source_of(self, name: str) -> tuple[str, str]:
        """The module that the stub imports a name from, and what it is called there; empty if it does not."""
        first, dot, rest = name.partition(".")
        stars = ""
        for statement in self._body:
            if not isinstance(statement, ast.ImportFrom):
                continue
            module = self._absolute(statement)
            for each in statement.names:
                if (each.asname or each.name) == first:
                    return module, f"{each.name}{dot}{rest}"
                if each.name == "*":
                    stars = module
        return stars, name if stars else ""

    def _absolute(self, statement: ast.ImportFrom) -> str:
        if not statement.level:
            return statement.module or ""
        above = self._package.split(".")
        above = above[: len(above) - statement.level + 1]
        return ".".join([*above, *([statement.module] if statement.module else [])])


def _arguments(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _annotations(function: Function) -> dict[str, str]:
    """Texts of the annotations, by parameter."""
    return {each.arg: _text(each.annotation) for each in _arguments(function) if each.annotation is not None}


def _text(annotation: ast.expr) -> str:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value
    return ast.unparse(annotation)


def _required(function: Function) -> tuple[str, ...]:
    """Names of the arguments that a call needs."""
    arguments = function.args
    places = [*arguments.posonlyargs, *arguments.args]
    names = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return (
        *(each.arg for each in places[: len(places) - len(arguments.defaults)]),
        *(each.arg for each, default in names if default is None),
    )
