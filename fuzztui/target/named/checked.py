"""Names that annotations in a module may use although importing the module does not bind them: those imported for type
checkers alone.
"""

import importlib
import sys
from ast import AST, If, Import, ImportFrom, PyCF_ONLY_AST, walk
from collections.abc import Iterator
from contextlib import suppress
from types import FunctionType
from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.imports import is_type_checking, quietly
from fuzztui.target.syntax import ALONE

__builtins__ = PRIVATE_BUILTINS


def names_for_checkers(function: FunctionType) -> dict[str, Any]:
    """What the function's module imports below `if TYPE_CHECKING:`, as far as it can be imported now, when the module
    itself has been.
    """
    space = function.__globals__
    package = space.get("__package__") or ""
    found: dict[str, Any] = {}
    for node in _imports(space.get("__file__")):
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            if bound in space or alias.name == "*":
                continue
            with suppress(Exception):  # who runs the module does not need it
                found[bound] = _imported(node, alias.name, package, is_renamed=alias.asname is not None)
    return found


def _imported(node: Import | ImportFrom, name: str, package: str, *, is_renamed: bool) -> Any:
    if isinstance(node, Import):
        module = importlib.import_module(name)
        return module if is_renamed else sys.modules[name.partition(".")[0]]
    module = importlib.import_module("." * node.level + (node.module or ""), package)
    return getattr(module, name) if hasattr(module, name) else importlib.import_module(f"{module.__name__}.{name}")


def _imports(file: object) -> Iterator[Import | ImportFrom]:
    try:
        with open(str(file), "rb") as stream:  # noqa: PTH123 - the worker does without pathlib
            source = stream.read()
        if b"TYPE_CHECKING" not in source:
            return
        with ALONE:
            tree: AST = quietly(compile, source, "<module>", "exec", PyCF_ONLY_AST, dont_inherit=True)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in walk(tree):
        if isinstance(node, If) and is_type_checking(node.test):
            yield from (each for each in node.body if isinstance(each, Import | ImportFrom))
