"""What an expression stands for where a file keeps modules and their functions in variables, attributes and tables."""

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from fuzztui.target.nodes import walk

if TYPE_CHECKING:
    from fuzztui.target.scope import Scope

MOST_MEANINGS: Final = 8
"""Of one name: one that is assigned again and again may stand for anything."""

STEPS: Final = 4
"""So often what is kept may be kept again by a line before it."""


class Held:
    """Knows under which names a file keeps something of some packages, whatever the names belong to: a variable of a
    function, a class, an object, a namespace or a dictionary.
    """

    def __init__(self, tree: ast.Module, scope: "Scope", packages: Sequence[str]) -> None:
        """Only what comes from `packages` counts."""
        self._scope = scope
        self._beginnings = tuple(f"{package}." for package in packages)
        self._names: dict[str, list[str]] = {}
        kept = [pair for node in walk(tree) for pair in _kept(node)]
        for _ in range(STEPS):
            if not sum(self._keep(name, value) for name, value in kept):
                break

    def _keep(self, name: str, value: ast.expr) -> bool:
        known = self._names.get(name, [])
        found = [
            meaning
            for meaning in dict.fromkeys(self.meanings(value))
            if f"{meaning}.".startswith(self._beginnings) and meaning not in known
        ][: MOST_MEANINGS - len(known)]
        if found:
            self._names[name] = [*known, *found]
        return bool(found)

    def meanings(self, node: ast.expr) -> list[str]:
        """Full dotted names of what an expression may stand for; none if nothing tells."""
        match node:
            case ast.Name(id=name):
                return [*self._scope.full_names(name), *self._names.get(name, [])]
            case ast.Attribute(value=value, attr="__dict__") | ast.NamedExpr(value=value):
                return self.meanings(value)
            case ast.Attribute(value=value, attr=name):
                return self._of(value, name)
            case ast.Call(func=ast.Name(id="getattr"), args=[value, ast.Constant(value=str(name)), *_]):
                return self._of(value, name)
            case ast.Subscript(value=ast.Attribute(attr="modules"), slice=ast.Constant(value=str(name))):
                return [name]
            case ast.Subscript(value=value, slice=ast.Constant(value=str(name))):
                return self._of(value, name)
            case ast.Call(
                func=ast.Name(id="vars" | "partial" | "staticmethod") | ast.Attribute(attr="partial"),
                args=[value, *_],
            ):
                return self.meanings(value)
            case ast.Call() if module := imported_by_call(node):
                return [module]
            case ast.IfExp(body=one, orelse=other):
                return [*self.meanings(one), *self.meanings(other)]
            case ast.BoolOp(values=values):
                return [meaning for value in values for meaning in self.meanings(value)]
        return []

    def _of(self, owner: ast.expr, name: str) -> list[str]:
        """What a part of something stands for: whatever is kept under such a name, too."""
        inside = [meaning and f"{meaning}.{name}" for meaning in self.meanings(owner)]
        return [*inside, *self._names.get(name, [])]


def imported_by_call(node: ast.expr) -> str:
    """The module that a call imports whose name is written there; empty for any other expression."""
    match node:
        case ast.Call(
            func=ast.Name(id="__import__" | "import_module" | "importorskip")
            | ast.Attribute(attr="import_module" | "importorskip"),
            args=[ast.Constant(value=str(module)), *_],
        ):
            return module
    return ""


def _kept(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names under which a statement, a call, a dictionary or the head of a function keeps values."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _kept_in(target, value)
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
            yield from _kept_in(target, value)
        case ast.keyword(arg=str(name), value=value):
            yield name, value
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value
        case ast.arguments(posonlyargs=first, args=others, defaults=defaults):
            taken = [*first, *others]
            for argument, value in zip(taken[len(taken) - len(defaults) :], defaults, strict=True):
                yield argument.arg, value
            for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
                if default is not None:
                    yield argument.arg, default
        case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value=str(name)), value]):
            yield name, value


def _kept_in(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match target, value:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))), _:
            yield name, value
        case ast.Tuple(elts=targets) | ast.List(elts=targets), ast.Tuple(elts=values) | ast.List(elts=values):
            for each, one in zip(targets, values, strict=False):
                yield from _kept_in(each, one)
