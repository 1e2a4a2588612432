"""Which of the modules that a target's file imports have probes, and why the others have none."""

import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import BuiltinImporter, ExtensionFileLoader, ModuleSpec, SourceFileLoader
from types import ModuleType
from typing import NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.annotations import DIRECTIVES
from fuzztui.target.imports import Imported
from fuzztui.worker.instrumentation.importer import BEHIND, NEVER, InstrumentingFinder, why_hidden
from fuzztui.worker.instrumentation.ownership import is_standard
from fuzztui.worker.instrumentation.probes import ProbedModule

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
    real = getattr(module, "__name__", name)  # an alias, or a module that calls itself otherwise
    own = _probed(name, finder) or _probed(real, finder)
    if own and not any(_has_functions(sys.modules.get(each.name.partition("#")[0])) for each in own):
        return Item(
            name, False, f"it has no functions in Python: what it offers is compiled, or is data{_but(name)}", 0
        )
    if own:
        return Item(name, True, finder.bare.get(real, ""), sum(len(each.lines) for each in own))
    return Item(name, False, finder.failures.get(real) or _reason(name, module, finder, refused), 0)


def _probed(name: str, finder: InstrumentingFinder) -> list[ProbedModule]:
    return [each for each in finder.probes.modules if _is_in(each.name.partition("#")[0], name)]


def _but(name: str) -> str:
    return f"; but its strptime is instrumented, in {BEHIND[name]}" if name in BEHIND else ""


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
        return f"it is compiled{_but(name)}"
    if name == DIRECTIVES:
        return "its imports only direct the compiler"
    if name.partition(".")[0] in finder.wanted.annotating and is_standard(spec.origin or ""):
        return "the target's file names it in annotations only: --include instruments it"
    if name in refused:
        return refused[name]
    if kind.__name__ == "NamespaceLoader" or loader is None:
        return "it is a folder without code of its own"
    if kind is SourceFileLoader:
        return "it was loaded from its file, past the import system; import it by its name"
    return why_hidden(spec) or "it was loaded before the fuzzer could instrument it"
