"""The constants that the code of a test names: what is drawn beyond an input's choices may be one of them.

They follow from source alone, not from what is instrumented or has been executed: an input means the same in every
process.
"""

import ast
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.imports import quietly
from fuzztui.worker.hypothesis.beyond import Constants
from fuzztui.worker.instrumentation.ownership import is_library, is_projects

__builtins__ = PRIVATE_BUILTINS

MODULES: Final = 32
BYTES: Final = 1 << 18
"""Modules whose source is read, and what it may have in all."""

MOST: Final = 512
"""Constants of a kind."""

LONGEST: Final = 64
"""Characters of a text."""


def constants_of(namespace: dict[str, Any], modules: dict[str, ModuleType]) -> Constants:
    """What the module with these globals names, and those of the project that its globals come from.

    `modules`: all that are loaded, by name.
    """
    found: dict[type, dict[Any, None]] = {int: {}, float: {}, str: {}, bytes: {}}
    left = BYTES
    for file in _files(namespace, modules):
        try:
            with open(file, "rb") as stream:  # noqa: PTH123 - pathlib takes long to load
                source = stream.read(left + 1)
            if len(source) > left:
                continue
            left -= len(source)
            tree = quietly(compile, source, file, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # a module without readable source has no constants to give
        for value in _values(tree):
            kept = found[type(value)]
            if len(kept) < MOST:
                kept[value] = None
    return Constants(tuple(found[int]), tuple(found[float]), tuple(found[str]), tuple(found[bytes]))


def _files(namespace: dict[str, Any], modules: dict[str, ModuleType]) -> list[str]:
    """Of the module itself, and of the modules that what is bound there belongs to, in that order."""
    names = dict.fromkeys([str(namespace.get("__name__", ""))])
    for value in list(namespace.values()):
        name = value.__name__ if type(value) is ModuleType else getattr(value, "__module__", None)
        if type(name) is str:
            names[name] = None
    files = dict.fromkeys([str(namespace.get("__file__") or "")])
    for name in names:
        file = getattr(modules.get(name), "__file__", None)
        if type(file) is str and is_projects(file) and not is_library(file):
            files[file] = None
    return [file for file in files if file.endswith(".py")][:MODULES]


def _values(tree: ast.AST) -> Iterator[Any]:
    """The constants of a source in their order; not what documents it."""
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documents:
            value: Any = node.value
            if type(value) in (int, float) or (type(value) in (str, bytes) and 0 < len(value) <= LONGEST):
                yield value
