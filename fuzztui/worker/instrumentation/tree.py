"""Syntax trees: to walk through them, and where inserted nodes stand."""

import ast
from collections.abc import Iterator
from typing import Any, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a tree. (`ast.walk` imports `collections` as it runs, which may be what is being instrumented.)"""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(ast.iter_child_nodes(node))


Position: TypeAlias = dict[str, Any]  # of int; mypy takes each value for any parameter of a node


Located: TypeAlias = ast.stmt | ast.expr | ast.ExceptHandler | ast.pattern


def at(node: Located) -> Position:
    """Where an inserted statement stands: at the start of the node it belongs to, so that no line is added."""
    line, column = node.lineno, node.col_offset
    return {"lineno": line, "col_offset": column, "end_lineno": line, "end_col_offset": column}


def over(node: ast.expr | ast.stmt) -> Position:
    """Where an inserted expression stands: it takes the place of the node that it wraps."""
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return {"lineno": node.lineno, "col_offset": node.col_offset, "end_lineno": end_line, "end_col_offset": end_column}
