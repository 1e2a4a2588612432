"""All nodes of a syntax tree, for files that are searched for targets: written for speed, as each is walked often."""

import ast
from typing import Final

_IDLE: Final = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
"""Nodes that every expression has, and nobody looks for."""


def walk(tree: ast.AST) -> list[ast.AST]:
    """The nodes of a tree in the order of `ast.walk`, without operators and what says whether a name is read or set."""
    found = [tree]
    for node in found:  # which grows meanwhile
        for field in node._fields:
            value = getattr(node, field, None)
            if value.__class__ is list:
                found += [each for each in value if isinstance(each, ast.AST) and not isinstance(each, _IDLE)]
            elif isinstance(value, ast.AST) and not isinstance(value, _IDLE):
                found.append(value)
    return found
