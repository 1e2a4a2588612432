"""A module or function that a person wants the search to favour."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.corpus import Entry
from fuzztui.engine.work.coverage_log import CoverageLog
from fuzztui.protocol.messages import Module
from fuzztui.target.syntax import ALONE

LONGEST: Final = 8 << 20
"""Bytes of a source that is looked into."""


class Focus:
    """Probes of one module (and of what lies below a package), or of the functions of one name."""

    def __init__(self, name: str, coverage: CoverageLog, places: dict[str, tuple[range, ...] | None]) -> None:
        """`places`: by module the lines that count; None for all of them."""
        self.name: Final = name
        self._coverage = coverage
        self._places = places
        self._known: dict[int, bool] = {}

    def reaches(self, entry: Entry) -> bool:
        """Whether an entry covers any of it."""
        return any(map(self.has, entry.edges))

    def has(self, edge: int) -> bool:
        """Whether an edge lies there, by its number."""
        known = self._known.get(edge)
        if known is None:
            module, line = self._coverage.place_of(edge)
            lines = self._places.get(module, ())
            known = self._known[edge] = lines is None or any(line in each for each in lines)
        return known

    @property
    def reached(self) -> int:
        """Edges of it that are covered by now."""
        return sum(map(self.has, range(len(self._coverage))))


def find(name: str, coverage: CoverageLog, read: Callable[[str], bytes | None]) -> Focus | None:
    """What has this name among the instrumented modules: a module or package, `module:function`, or a function of any
    module; None if nothing has. `read` gives a file's bytes, None where they cannot be had.
    """
    modules = coverage.instrumented
    below = {each: None for each in modules if _is_within(each, name)}
    if below:
        return Focus(name, coverage, dict(below))
    module_name, colon, function = name.rpartition(":")
    places: dict[str, tuple[range, ...] | None] = {}
    for each, module in modules.items():
        if (not colon or _is_within(each, module_name)) and (lines := _lines_of(function, module, read)):
            places[each] = lines
    return Focus(name, coverage, places) if places else None


def _is_within(module: str, package: str) -> bool:
    bare = module.partition("#")[0]
    return bare == package or bare.startswith(f"{package}.")


def _lines_of(function: str, module: Module, read: Callable[[str], bytes | None]) -> tuple[range, ...]:
    source = read(module.file)
    if source is None:
        return ()
    try:
        with ALONE:
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(
        range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for qualified, node in _functions(tree)
        if qualified == function or qualified.endswith(f".{function}")
    )


def _functions(tree: ast.AST) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        prefix, node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield f"{prefix}{child.name}", child
                waiting.append((f"{prefix}{child.name}.", child))
            else:
                waiting.append((prefix, child))


def read_source(file: str) -> bytes | None:
    """A source's bytes, if it can be read and is no larger than sources are."""
    try:
        path = Path(file)
        if path.stat().st_size > LONGEST:
            return None
        return path.read_bytes()
    except OSError:
        return None
