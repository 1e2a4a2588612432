"""The functions of a source, by their places in it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.storage import read_file
from fuzztui.target.syntax import ALONE

LARGEST: Final = 4 << 20
"""Bytes of a source that is looked into."""

Place = tuple[int, int, str]
"""First line of a function, last line, qualified name."""


def parsed(file: Path) -> ast.Module | None:
    """The tree of a source; None for what cannot be read, is too large, or is no Python."""
    try:
        with ALONE:
            return ast.parse(read_file(file, LARGEST))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def functions_of(tree: ast.Module | None) -> list[Place]:
    """All functions, an outer one before those in it; of no tree none."""
    return list(_below(tree)) if tree is not None else []


def _below(tree: ast.Module) -> Iterator[Place]:
    waiting = [(child, "") for child in ast.iter_child_nodes(tree)]
    while waiting:
        child, above = waiting.pop(0)
        name = above
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{above}.{child.name}" if above else child.name
            if not isinstance(child, ast.ClassDef):
                yield child.lineno, child.end_lineno or child.lineno, name
        waiting += [(each, name) for each in ast.iter_child_nodes(child)]
