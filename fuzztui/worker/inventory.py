"""Which of the modules that a target's file imports have probes, and why the others have none."""

import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import (
    BuiltinImporter,
    ExtensionFileLoader,
    FrozenImporter,
    ModuleSpec,
    SourceFileLoader,
    SourcelessFileLoader,
)
from types import ModuleType
from typing import NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.imports import Imported
from fuzztui.worker.importer import NEVER, InstrumentingFinder

__builtins__ = PRIVATE_BUILTINS


class Item(NamedTuple):
    """One module that the target's file imports."""

    name: str
    instrumented: bool
    reason: str
    """Why the module has no probes, or which of its functions have none; empty if there is nothing to say."""
    probes: int
    """Of the module and, for a package, of all that has been loaded of it."""


def inventory(
    imports: Iterable[Imported], target: str, finder: InstrumentingFinder, refused: dict[str, str]
) -> list[Item]:
    """What became of the imports of the file that was loaded as the module `target`; by name, without the fuzzer's own.

    `refused`: modules that were loaded before the finder was installed and had to stay, and why.
    """
    names = {name for each in imports for name in _modules(each, target)}
    return [_item(name, finder, refused) for name in sorted(names) if name.partition(".")[0] not in NEVER]


def _modules(imported: Imported, target: str) -> Iterator[str]:
    """The names of the modules that an import statement loads."""
    name = imported.module
    if imported.level:
        package = target
        module = sys.modules.get(target)
        for _ in range(imported.level - hasattr(module, "__path__")):
            package = package.rpartition(".")[0]
        name = ".".join(filter(None, (package, name)))
    parts = [part for part in (f"{name}.{each}" for each in imported.names) if part in sys.modules]
    yield from parts
    if len(parts) < max(1, len(imported.names)):
        yield name


def _item(name: str, finder: InstrumentingFinder, refused: dict[str, str]) -> Item:
    module = sys.modules.get(name)
    real = getattr(module, "__name__", name)
    own = [each for each in finder.probes.modules if _is_in(each.name.partition("#")[0], real)]
    if own and not any(_has_functions(sys.modules.get(each.name.partition("#")[0])) for each in own):
        return Item(name, False, "it has no functions in Python: what it offers is compiled, or is data", 0)
    if own:
        return Item(name, True, finder.bare.get(real, ""), sum(len(each.lines) for each in own))
    return Item(name, False, finder.failures.get(real) or _reason(name, module, finder, refused), 0)


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _has_functions(module: ModuleType | None) -> bool:
    """Whether anything of a module that has been executed with probes can be called in Python. `datetime` throws its
    own classes away for compiled ones.
    """
    if module is None:
        return False
    for value in list(vars(module).values()):
        if getattr(value, "__module__", None) == module.__name__:
            members = vars(value).values() if isinstance(value, type) else [value]
            if any(_globals_of(member) is vars(module) for member in members):
                return True
    return False


def _globals_of(member: object) -> object:
    """Those of a function, or of the function of a method, a property or a decorated function."""
    for attribute in ("__func__", "fget", "__wrapped__"):
        member = getattr(member, attribute, member)
    return getattr(member, "__globals__", None)


def _reason(name: str, module: ModuleType | None, finder: InstrumentingFinder, refused: dict[str, str]) -> str:
    """A clause that completes "X is not instrumented: ..."."""
    if module is None:
        return "it is not loaded before the target runs"
    if finder.wanted.excludes(module.__name__):
        return "it is excluded"
    spec = getattr(module, "__spec__", None)
    if not isinstance(spec, ModuleSpec):
        return "it was not loaded from a file"
    loader: object = spec.loader
    kind = type(loader)
    if loader is BuiltinImporter or kind is ExtensionFileLoader:
        return "it is compiled"
    if name in refused:
        return refused[name]
    if kind is SourcelessFileLoader:
        return "there is only its bytecode (.pyc), not its source"
    if kind.__name__ == "zipimporter":
        return "it lies in a zip file; unpack that"
    if kind.__name__ == "NamespaceLoader" or loader is None:
        return "it is a folder without code of its own"
    if kind is SourceFileLoader or loader is FrozenImporter:
        return "it was loaded before the fuzzer could instrument it"
    return f"an import hook loads it ({kind.__module__}.{kind.__qualname__})"
