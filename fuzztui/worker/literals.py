"""What a module's source holds that inputs may hold too: its constants, and its regular expressions."""

import ast
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.tree import walk

__builtins__ = OWN_BUILTINS

Constant: TypeAlias = str | bytes | int | float


VERBOSE = 64
"""`re.VERBOSE`, the only flag that changes how an expression is read."""


class Expression(NamedTuple):
    """A regular expression."""

    source: str | bytes
    flags: int
    """`VERBOSE` or 0."""


_FUNCTIONS = frozenset(["compile", "match", "search", "fullmatch", "split", "findall", "finditer", "sub", "subn"])
"""Functions of `re` whose first argument is an expression."""


def constants_of(tree: ast.Module) -> Iterator[Constant]:
    """Distinct constants in order of appearance, but for docstrings, texts of exceptions and regular expressions."""
    seen: set[tuple[type, Constant]] = set()
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Constant):
            value = node.value
            if isinstance(value, str | bytes | int | float) and not isinstance(value, bool):
                key = (type(value), value)
                if key not in seen:
                    seen.add(key)
                    yield value
        # Texts for people, and a bare string, which is a docstring or a comment.
        elif not (isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))):
            children = [child for child in ast.iter_child_nodes(node) if not isinstance(child, _NO_DATA)]
            stack.extend(reversed(children[2:] if _expression(node) else children))


_NO_DATA = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)


def expressions_of(tree: ast.Module) -> Iterator[Expression]:
    """Distinct regular expressions in no particular but always the same order: constants given to functions of `re`."""
    yield from dict.fromkeys([found for node in walk(tree) if (found := _expression(node)) is not None])


def _expression(node: ast.AST) -> Expression | None:
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="re" | "_re"), attr=function),
            args=[ast.Constant(value=str() | bytes() as source), *others],
        ) if function in _FUNCTIONS:
            flags = [
                part.attr
                for other in (*others, *node.keywords)
                for part in walk(other)
                if isinstance(part, ast.Attribute)
            ]
            return Expression(source, VERBOSE if "VERBOSE" in flags or "X" in flags else 0)
    return None
