"""Annotations of which no values can be made, as far as a file's syntax tree tells.

What is told here is certain: whatever depends on what is installed, or on what a name turns out to be, is left to who
loads the target.
"""

import ast
import builtins
from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

from fuzztui.target.nodes import walk
from fuzztui.target.scope import Scope
from fuzztui.target.syntax import ALONE
from fuzztui.target.valueless import STREAMS, SYSTEM


class _Container(NamedTuple):
    """A type whose values hold others."""

    name: str
    alias: str
    """What it is called in `typing`."""
    example: str
    """What to write where it does not say of what."""
    hashes: str = ""
    """What of it has to be hashable; empty for nothing."""
    is_hashable: bool = False
    """Whether it is so itself, or may be."""


_KINDS: Final = (
    _Container("list", "List", "list[int]"),
    _Container("tuple", "Tuple", "tuple[int, ...]", is_hashable=True),
    _Container("set", "Set", "set[int]", hashes="elements"),
    _Container("frozenset", "FrozenSet", "frozenset[int]", hashes="elements", is_hashable=True),
    _Container("dict", "Dict", "dict[str, int]", hashes="keys"),
    _Container("collections.deque", "Deque", "deque[int]"),
)

_CONTAINERS: Final = {name: kind for kind in _KINDS for name in (kind.name, f"typing.{kind.alias}")}
"""By the full name."""

_VAGUE: Final = ("object", "typing.Any")

_ANNOTATED: Final = ("typing.Annotated", "typing_extensions.Annotated")

_LITERAL: Final = ("typing.Literal", "typing_extensions.Literal")

_MAKES_NAMES: Final = frozenset({"exec", "eval", "globals", "vars", "locals", "setattr", "__dict__"})
"""Names that a file uses which may define others."""


class Unfit:
    """What one file's annotations cannot mean."""

    def __init__(self, tree: ast.Module, scope: Scope) -> None:
        self._tree = tree
        self._scope = scope

    @cached_property
    def _names(self) -> frozenset[str] | None:
        """All names that are bound anywhere in the file; None if that cannot be told."""
        return _bound(self._tree)

    def sentence(self, function: str, argument: ast.arg) -> str:
        """Why there are no values of an argument of a function, and what would be right; empty if nothing is known to
        be wrong.
        """
        if argument.annotation is None:
            return ""
        for reason in self._reasons(argument.annotation, True):
            return f"parameter {argument.arg} of {function} {reason}"
        return ""

    def _reasons(self, node: ast.expr, is_outermost: bool) -> Iterator[str]:
        match node:
            case ast.Constant(value=str(text)):
                try:
                    with ALONE:
                        inner = ast.parse(text.strip(), mode="eval").body
                except (SyntaxError, ValueError, RecursionError, MemoryError):
                    return
                yield from self._reasons(inner, is_outermost)
            case ast.Subscript(value=value, slice=inner):
                given = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                yield from self._of_generic(self._name(value), given)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                yield from self._reasons(left, False)
                yield from self._reasons(right, False)
            case ast.Name() | ast.Attribute():
                yield from self._of_name(node, is_outermost)

    def _of_generic(self, name: str, given: list[ast.expr]) -> Iterator[str]:
        if name in _LITERAL or not given:
            return
        if name in _ANNOTATED:
            vias = [each for each in given[1:] if isinstance(each, ast.Call) and _last(each.func) == "via"]
            if not vias:
                yield from self._reasons(given[0], False)
            return
        container = _CONTAINERS.get(name)
        if container is not None and container.hashes and (hashed := self._unhashable(given[0])):
            what = f"{container.name} whose {container.hashes} are {hashed}"
            yield f"has a {what}, which are not hashable: {_HASHABLE}"
        for each in given:
            yield from self._reasons(each, False)

    def _unhashable(self, node: ast.expr) -> str:
        """The name of what can be no key; empty if that is not known."""
        name = self._name(node.value if isinstance(node, ast.Subscript) else node)
        container = _CONTAINERS.get(name)
        return ast.unparse(node) if name == "bytearray" or (container and not container.is_hashable) else ""

    def _of_name(self, node: ast.expr, is_outermost: bool) -> Iterator[str]:
        name, written = self._name(node), ast.unparse(node)
        first = written.partition(".")[0]
        if self._names is not None and first not in self._names and not hasattr(builtins, first):
            yield f"is annotated {written}, and {first} is neither defined nor imported in this file: import it"
        elif name in SYSTEM or name in STREAMS:
            instead = "annotate it bytes, and make one of them in the target" if name in STREAMS else _advice(written)
            yield f"is annotated {written}, of which fuzztui makes no values: {instead}"
        elif not is_outermost and name in _CONTAINERS:  # else the rule for signatures has said so
            yield f"is annotated {written}, which does not say of what: write {_CONTAINERS[name].example} or the like"
        elif not is_outermost and name in _VAGUE:
            yield f"is annotated {written}, which says nothing of its values: write its type"

    def _name(self, node: ast.expr) -> str:
        """The full name that an expression has; empty if it has several, or is the file's own."""
        names = self._scope.full_names(ast.unparse(node)) if isinstance(node, ast.Name | ast.Attribute) else []
        return names[0] if len(set(names)) == 1 else ""


_HASHABLE: Final = "write tuple or frozenset"


def _advice(written: str) -> str:
    return f"annotate it Annotated[{written}, fuzztui.via(bytes, make)], where make(b'...') gives one"


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _bound(tree: ast.Module) -> frozenset[str] | None:
    """All names that a file binds, wherever; None if it may bind others."""
    found: set[str] = set()
    for node in walk(tree):
        match node:
            case ast.Name(id=name) if name in _MAKES_NAMES:
                return None
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.arg(arg=name):
                found.add(name)
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                return None
            case ast.alias(name=name, asname=asname):
                found.add(asname or name.partition(".")[0])
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                found.add(name)
            case ast.ExceptHandler(name=str(name)):
                found.add(name)
        found.update(parameter.name for parameter in getattr(node, "type_params", ()))
        if type(node).__name__ == "TypeAlias":
            found.add(node.name.id)  # type: ignore[attr-defined]
    return frozenset(found)
