"""Finds the source of a module as an import would, without importing anything."""

import ast
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Final

from fuzztui.protocol.files import read_regular
from fuzztui.target.discover import LARGEST_SOURCE, parsed, syntax_words
from fuzztui.target.scope import Function, Scope, called, statements

_REEXPORTS: Final = 8
"""Modules that a name is handed on through: more are a circle."""


class NoHarnessError(Exception):
    """There is nothing to write a harness for; the message is a sentence without its end."""


@dataclass(frozen=True)
class Source:
    """A module's source."""

    name: str
    """`package.module`."""
    file: Path
    root: Path
    """The folder that it is imported from."""
    tree: ast.Module

    @cached_property
    def scope(self) -> Scope:
        """What names mean in it."""
        return Scope(self.tree)

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The functions that importing it defines, by name; of several definitions the last that is no overload."""
        found = [node for node in statements(self.tree.body, imported=True) if isinstance(node, Function)]
        return {
            node.name: node for node in found if not any(called(d).endswith("overload") for d in node.decorator_list)
        }

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """The classes that importing it defines, by name."""
        return {node.name: node for node in statements(self.tree.body, imported=True) if isinstance(node, ast.ClassDef)}

    @cached_property
    def imported(self) -> dict[str, str]:
        """What other names stand for once it is imported: whole names, of modules or of what is in one."""
        found: dict[str, str] = {}
        for node in statements(self.tree.body, imported=True):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{self._absolute(node)}.{alias.name}".strip(".")
        return found

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".") if self.file.name == "__init__.py" else self.name.split(".")[:-1]
        above = package[: len(package) - node.level + 1]
        return ".".join([*above, *([node.module] if node.module else [])])


def source_of(module: str, roots: Sequence[Path]) -> Source:
    """The source of a module. NoHarnessError if there is none, or none that can be read."""
    if module == "os.path":  # the one module of the standard library that is another by a second name
        module = os.path.__name__
    parts = module.split(".")
    if not all(part.isidentifier() for part in parts):
        raise NoHarnessError(f"{module} is no module's name")
    for root in [*roots, *_installed(parts[0])]:
        if (file := _file_of(parts, root)) is not None:
            if file.suffix != ".py":
                raise NoHarnessError(f"{module} is compiled, so its source cannot be read: write its harness by hand")
            return Source(module, file, root, _tree(file))
    if module in sys.builtin_module_names:
        raise NoHarnessError(f"{module} is compiled into Python, so there is no source: write its harness by hand")
    raise NoHarnessError(f"there is no module {module}{_led_to(parts, roots)}")


def is_compiled(module: str, roots: Sequence[Path]) -> bool:
    """Whether there is such a module, but no source of it in Python."""
    parts = module.split(".")
    files = [_file_of(parts, root) for root in (*roots, *_installed(parts[0]))]
    file = next(filter(None, files), None)
    return module in sys.builtin_module_names if file is None else file.suffix != ".py"


def source_in(file: Path) -> Source:
    """The source of a file, by the name that it has where it is imported: from the first folder that is no package."""
    names = [] if file.name == "__init__.py" else [file.stem]
    folder = file.parent
    while (folder / "__init__.py").is_file():
        names.insert(0, folder.name)
        folder = folder.parent
    if not names or not all(name.isidentifier() for name in names):
        raise NoHarnessError(f"{file.name} cannot be imported by that name: give it one that is an identifier")
    return Source(".".join(names), file, folder, _tree(file))


def defining(source: Source, name: str, roots: Sequence[Path]) -> tuple[Source, Function] | None:
    """The function of a name, and the module that defines it, which may hand it on to this one; None if there is
    none.
    """
    for _ in range(_REEXPORTS):
        if name in source.functions:
            return source, source.functions[name]
        module, dot, name = source.imported.get(name, "").rpartition(".")
        if not dot:
            return None
        try:
            source = source_of(module, [source.root, *roots])
        except NoHarnessError:
            return None
    return None


def _file_of(parts: Sequence[str], root: Path) -> Path | None:
    """The file that a module is, in this folder; None if there is none. A folder without `__init__.py` is a package,
    too, but has no source.
    """
    *above, last = parts
    folder = root.joinpath(*above)
    candidates = [folder / last / "__init__.py", folder / f"{last}.py"]
    candidates += [folder / f"{last}{suffix}" for suffix in EXTENSION_SUFFIXES]
    return next((each for each in candidates if os.path.isfile(each)), None)  # noqa: PTH113 - also where none may look


def _installed(package: str) -> Iterator[Path]:
    """Where this interpreter would import a package from, hooks of installed projects included."""
    try:
        spec = importlib.util.find_spec(package)  # of a name without a dot: nothing is imported
    except (ImportError, ValueError):
        return
    if spec is not None and spec.submodule_search_locations:
        yield from (Path(each).parent for each in spec.submodule_search_locations)
    elif spec is not None and spec.origin == "frozen":
        yield Path(os.__file__).parent
    elif spec is not None and spec.origin:
        yield Path(spec.origin).parent


def _led_to(parts: Sequence[str], roots: Sequence[Path]) -> str:
    *module, name = parts
    try:
        source = source_of(".".join(module), roots) if module else None
    except NoHarnessError:
        source = None
    return f": want {source.name}:{name}" if source is not None and name in source.functions else ""


def _tree(file: Path) -> ast.Module:
    try:
        return parsed(read_regular(os.fspath(file), LARGEST_SOURCE))
    except SyntaxError as error:
        raise NoHarnessError(f"{file}:{error.lineno or 0}: {syntax_words(error)}") from None
    except OSError as error:
        raise NoHarnessError(f"{file} cannot be read: {error.strerror or 'it is too large'}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise NoHarnessError(f"{file} cannot be parsed: {str(error) or type(error).__name__}") from None
