"""What names mean in a file, and what stands where in it, as far as its syntax tree tells."""

import ast
from collections.abc import Iterator
from copy import deepcopy
from typing import Final, TypeAlias

from fuzztui.target.held import imported_by_call
from fuzztui.target.imports import is_type_checking
from fuzztui.target.kinds import kind_named
from fuzztui.target.nodes import walk
from fuzztui.target.signature import Parameter

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


_LOCAL: Final = ""
"""Stands for the full name of what the file itself defines."""


class Scope:
    """What names mean in a file, as far as its imports tell, wherever they are, and assignments of such names."""

    def __init__(self, tree: ast.Module) -> None:
        self._meanings: dict[str, list[str]] = {}
        """A name may have several: of imports in the branches of a condition, either may be the one that runs."""
        self._starred: list[str] = []
        """Modules of which all names are imported."""
        self.is_postponed = False
        """Whether annotations are strings, by `from __future__ import annotations`."""
        nodes = walk(tree)
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    package = alias.name.partition(".")[0]
                    self._add(alias.asname or package, alias.name if alias.asname else package)
            elif isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                self.is_postponed |= module == "__future__" and "annotations" in [alias.name for alias in node.names]
                self._starred += [module for alias in node.names if alias.name == "*"]
                for alias in node.names:
                    dot = "." if node.module else ""  # `from . import x` has its dots before the name
                    self._add(alias.asname or alias.name, f"{module}{dot}{alias.name}")
            elif isinstance(node, ast.Assign | ast.NamedExpr) and (module := imported_by_call(node.value)):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Name):
                        self._add(target.id, module)
        for node in nodes:
            if isinstance(node, ast.NamedExpr) and not imported_by_call(node.value):
                self._alias(node.target.id, node.value)
        for statement in statements(tree.body):
            match statement:
                case ast.ClassDef(name=name):
                    self._add(name, _LOCAL)
                case ast.Assign(value=value) if imported_by_call(value):
                    continue
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

    def names_anywhere(self, dotted: str) -> list[str]:
        """The same, but that a name of which the file tells nothing may be one of a module that it imports all from."""
        names = self.full_names(dotted)
        return [f"{module}.{dotted}" for module in self._starred] or names if names == [dotted] else names

    def parameter(self, argument: ast.arg) -> Parameter:
        """What an argument is annotated; nothing of an annotation is evaluated, as in `signature`."""
        text = annotation(argument)
        if _is_dotted(text):
            meanings = self.full_names(text)
            kinds = [kind for kind in map(kind_named, meanings) if kind is not None]
            shown = kinds[0].annotation if kinds else meanings[-1] or text
            return Parameter(argument.arg, shown, kinds[0] if kinds else None)
        if argument.annotation is None or self.is_postponed or isinstance(argument.annotation, ast.Constant):
            return Parameter(argument.arg, text, None)
        return Parameter(argument.arg, ast.unparse(_FullNames(self).visit(deepcopy(argument.annotation))), None)


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


def statements(body: list[ast.stmt], *, imported: bool = False) -> Iterator[ast.stmt]:
    """Statements at module level, also those under a condition; `imported` leaves those out that do not run when the
    module is imported.
    """
    for node in body:
        if isinstance(node, ast.If):
            unreached = imported and why_unreached(node)
            yield from statements((node.orelse if unreached else node.body + node.orelse), imported=imported)
        elif isinstance(node, ast.Try):
            handled = [statement for handler in node.handlers for statement in handler.body]
            yield from statements(node.body + handled + node.orelse + node.finalbody, imported=imported)
        elif isinstance(node, ast.With):
            yield from statements(node.body, imported=imported)
        else:
            yield node


def annotation(argument: ast.arg) -> str:
    """The annotation as text, without the quotes of one that is a string; empty if there is none."""
    node = argument.annotation
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.strip()
    return "" if node is None else ast.unparse(node)


def called(decorator: ast.expr) -> str:
    """The dotted name of a decorator, with or without arguments."""
    return ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)


def arguments_of(function: Function) -> list[ast.arg]:
    """The parameters that can be given by position."""
    return [*function.args.posonlyargs, *function.args.args]


def why_unreached(node: ast.If) -> str:
    """The condition, if its body does not run when the module is imported; empty if it may."""
    if is_type_checking(node.test):
        return ast.unparse(node.test)
    match node.test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return ast.unparse(node.test)
    return ""
