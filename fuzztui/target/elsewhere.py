"""Files that have a function or a class of another module start Atheris: the call that does it stands there.

Only modules that lie near the file are read, and of these what the file calls: a module that would start its fuzzer
when it is executed itself says nothing about those that import it.
"""

import ast
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from fuzztui.target.nodes import walk
from fuzztui.target.scope import Scope, why_unreached
from fuzztui.target.syntax import ALONE

DEEPEST: Final = 2
"""Modules that hand a call on to each other."""

LEVELS: Final = 4
"""Folders above the file that a module may be imported from."""

LARGEST: Final = 1 << 20

_ATHERIS: Final = b"atheris"
"""What a module has to hold that starts it by itself."""

Reaching: TypeAlias = Callable[[ast.Module, frozenset[str]], list[ast.AST]]
"""The nodes that are reached in a file when these names of it are used."""

HasStart: TypeAlias = Callable[[list[ast.Call], ast.Module, Scope], bool]
"""Whether one of these calls in a file starts a fuzzer."""


def starts_elsewhere(
    tree: ast.Module, scope: Scope, file: Path, reaching: Reaching, has_start: HasStart
) -> ast.Call | None:
    """The call by which a file has its fuzzer started in another module; None if there is none."""
    if not any(map(_calls, tree.body)):
        return None
    return _start(tree, scope, file, frozenset(), _Search(reaching, has_start), 0)


def _calls(statement: ast.stmt) -> bool:
    """Whether a statement at the top of a file calls something for what it does, as modules seldom do."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Call | ast.Await)
    if isinstance(statement, ast.If | ast.With | ast.Try | ast.For | ast.While):
        return any(_calls(each) for each in ast.iter_child_nodes(statement) if isinstance(each, ast.stmt))
    return False


class _Search:
    def __init__(self, reaching: Reaching, has_start: HasStart) -> None:
        self.reaching = reaching
        self.has_start = has_start
        self.seen: set[tuple[Path, frozenset[str]]] = set()


def _start(
    tree: ast.Module, scope: Scope, file: Path, names: frozenset[str], search: _Search, depth: int
) -> ast.Call | None:
    if depth == DEEPEST:
        return None
    reached = search.reaching(tree, names)
    bases = {node.name: node.bases for node in walk(tree) if isinstance(node, ast.ClassDef)}
    attributes = frozenset(node.attr for node in reached if isinstance(node, ast.Attribute))
    for node in reached:
        if not isinstance(node, ast.Call):
            continue
        for full in _used(node, scope, bases):
            module, _, name = full.rpartition(".")
            if not module.strip("."):
                continue
            for path in _files(module, file):
                if _is_started(path, frozenset({name}), attributes, search, depth):
                    return node
    return None


def _used(call: ast.Call, scope: Scope, bases: Mapping[str, list[ast.expr]]) -> Iterator[str]:
    """Full names that a call may have something run of: the function, the class of an object, classes above it."""
    function: ast.expr = call.func
    while isinstance(function, ast.Attribute | ast.Call):
        if isinstance(function, ast.Attribute):
            yield from scope.full_names(ast.unparse(function))
            function = function.value
        else:
            function = function.func
    if isinstance(function, ast.Name):
        yield from scope.full_names(function.id)
        for base in bases.get(function.id, ()):
            yield from scope.full_names(ast.unparse(base))


def _is_started(path: Path, names: frozenset[str], attributes: frozenset[str], search: _Search, depth: int) -> bool:
    """Whether a module starts its fuzzer when these names of it are used, classes with these attributes."""
    if (path, names) in search.seen:
        return False
    search.seen.add((path, names))
    try:
        if path.stat().st_size > LARGEST:
            return False
        source = path.read_bytes()
        if depth + 1 == DEEPEST and _ATHERIS not in source:
            return False
        with ALONE:
            tree = ast.parse(source)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    scope = Scope(tree)
    imported = ast.Module([node for node in tree.body if not _is_left_out(node)], [])
    if any(isinstance(node, ast.ClassDef) and node.name in names for node in tree.body):
        names |= attributes | {"__init__", "__call__"}
    calls = [node for node in search.reaching(imported, names) if isinstance(node, ast.Call)]
    if search.has_start(calls, imported, scope):
        return True
    return _start(imported, scope, path, names, search, depth + 1) is not None


def _is_left_out(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and bool(why_unreached(node))


def _files(module: str, file: Path) -> Iterator[Path]:
    """Files that a module may be which a file imports."""
    level = len(module) - len(module.lstrip("."))
    parts = module.strip(".").split(".")
    if level:
        roots = [file.parents[level - 1]] if level <= len(file.parents) else []
    elif parts[0] in sys.stdlib_module_names:
        roots = []
    else:
        roots = [base for root in islice(file.parents, LEVELS) for base in (root, root / "src")]
    for root in roots:
        place = os.path.join(root, *parts)  # noqa: PTH118 - many of these are asked for
        for path in (f"{place}.py", os.path.join(place, "__init__.py")):  # noqa: PTH118
            if os.path.isfile(path):  # noqa: PTH113
                yield Path(path)
                return
