"""Instruments modules as they are imported.

`install` puts a finder in front of the import system's own ones. It lets them find a module, and where that is an
ordinary source file that is to be instrumented, replaces the loader by one that executes instrumented code. Everything
else about the module stays as the import system made it: spec, file, bytecode cache, resources, source.
"""

import builtins
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.machinery import (
    BuiltinImporter,
    ExtensionFileLoader,
    FrozenImporter,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from types import CodeType, ModuleType
from typing import Final, NamedTuple

from fuzztui.protocol.patterns import Pattern, compiled
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.annotations import annotating
from fuzztui.target.imports import imports_of, quietly
from fuzztui.worker.instrumentation.code import with_nested
from fuzztui.worker.instrumentation.codecache import CodeCache
from fuzztui.worker.instrumentation.instrument import Instrumented, instrument, plain
from fuzztui.worker.instrumentation.ownership import is_library, is_projects, is_standard
from fuzztui.worker.instrumentation.probes import ProbedModule, ProbeMap
from fuzztui.worker.instrumentation.sources import NotedLoader, SourceNotes

_BUILTINS: Final = vars(builtins)

__builtins__ = PRIVATE_BUILTINS

NEVER: Final = frozenset(
    [
        "fuzztui",
        *("hypothesis", "_hypothesis_pytestplugin", "_hypothesis_ftz_detector", "_hypothesis_globals"),
        *("pytest", "_pytest", "pytest_asyncio", "xdist"),
    ]
)
"""Top-level packages that are the worker itself, or run tests: probes in there would tell about how inputs are made."""

IRREPLACEABLE: Final = frozenset(
    [
        *("sys", "builtins", "importlib", "_frozen_importlib", "_frozen_importlib_external", "_imp", "__main__"),
        *("os", "posixpath", "genericpath", "stat", "io", "abc", "codecs", "encodings", "zipimport", "site"),
        *("warnings", "marshal", "_weakrefset", "threading"),
    ]
)
"""Modules of which the interpreter or the import system holds the first copy: a second would not be the one in use."""

BEHIND: Final = {"datetime": "_strptime", "time": "_strptime"}
"""Compiled module of the standard library -> the one that a part of it is written in: its `strptime`."""

NOISE: Final = frozenset({"typing_extensions", "sortedcontainers", "pluggy", "iniconfig"})
"""Packages outside of the standard library that many others load, and that no input reaches."""

MOST_VARIANTS: Final = 16
"""Different sources under one name that get cells of their own. A program that generates a module again and again would
otherwise fill the memory with them."""

MOST_NAMES: Final = 10_000
"""Files of which the name that they were loaded under is kept, in any case."""

MOST_CODE: Final = 256
"""Modules whose code is kept for the case that they are loaded once more."""


# Which modules ----------------------------------------------------------------------------------------------------


class Selection(NamedTuple):
    """Chooses modules, by their names, see `patterns`, and by where they lie. `exclude` wins."""

    packages: frozenset[str]
    """Top-level names of the modules that the target imports by itself."""
    include: tuple[Pattern, ...]
    exclude: tuple[Pattern, ...]
    annotating: frozenset[str] = frozenset()
    """Top-level names of the modules that it imports too, but only to annotate with."""
    everything: bool = False
    """Whether the whole standard library is wanted, too, wherever it is imported from."""
    only: frozenset[str] = frozenset()
    """Top-level packages that nothing outside of is wanted, unless the user names it; all are if there is none."""
    but: frozenset[str] = frozenset()
    """Modules that are not wanted, unless the user names them, while those in them are."""
    behind: frozenset[str] = frozenset()
    """Modules of the standard library in which compiled ones that it imports have a part written."""
    aside: frozenset[str] = frozenset()
    """Top-level packages that are not wanted where they are installed, unless the user names them: they run the target.
    """
    decoding: frozenset[str] = frozenset()
    """Of those that otherwise have no probes: they make values of an input's bytes, as a program calls them."""

    def __call__(self, name: str, file: str) -> bool:
        """Whether the module with this name and source file is to be instrumented."""
        top = name.partition(".")[0]
        if (top in NEVER and top not in self.decoding) or self.excludes(name):
            return False
        if self._is_aside(name) and is_library(file):  # a project's own copy is what its tests test
            return False
        if self.only or self.but:
            if self.includes(name):
                return True
            if name in self.but or (self.only and top not in self.only):
                return False
        if self.everything and top not in IRREPLACEABLE:
            return True
        return self.names(name) or not (top in NOISE or is_standard(file))

    def names(self, name: str) -> bool:
        """Whether the target's file or the user names the module, or a package around it: then the module is to be
        instrumented wherever it lies, and even if it was loaded before.
        """
        if self.excludes(name) or self._is_aside(name):
            return False
        return (
            name.partition(".")[0] in self.packages
            or name in self.behind
            or any(pattern(name) for pattern in self.include)
        )

    def is_project(self, name: str, file: str) -> bool:
        """Whether a failure in the module may be a bug of what is fuzzed: not depending on what is instrumented, so
        that a replay tells failures apart as the run did.
        """
        top = name.partition(".")[0]
        return (top in self.packages and top not in NEVER and top not in self.aside) or not is_library(file)

    def _is_aside(self, name: str) -> bool:
        return name.partition(".")[0] in self.aside and not any(pattern(name) for pattern in self.include)

    def includes(self, name: str) -> bool:
        """Whether the user asked for the module by a pattern."""
        return any(pattern(name) for pattern in self.include) and not self.excludes(name)

    def excludes(self, name: str) -> bool:
        """Whether the user does not want the module instrumented."""
        return any(pattern(name) for pattern in self.exclude)


def selection(target_source: bytes, include: Iterable[str] = (), exclude: Iterable[str] = ()) -> Selection:
    """What is instrumented for a target with this source (the bytes of its file).

    By default: everything outside the standard library, and the packages of the standard library that the file itself
    imports anywhere; not those that merely come along, nor those that it names in annotations alone.
    """
    annotated = annotating(target_source)
    packages = frozenset(each.module.partition(".")[0] for each in imports_of(target_source) if each.level == 0)
    return Selection(
        packages - annotated,
        tuple(map(compiled, include)),
        tuple(map(compiled, exclude)),
        packages & annotated,
        behind=frozenset(BEHIND[name] for name in packages - annotated if name in BEHIND),
    )


# The hook ---------------------------------------------------------------------------------------------------------


class InstrumentingFinder:
    """A finder for `sys.meta_path` that gives the modules it wants a loader of ours."""

    def __init__(
        self,
        probes: ProbeMap,
        wanted: Selection,
        cache: CodeCache | None = None,
        on_module: Callable[[ProbedModule], None] | None = None,
        sources: SourceNotes | None = None,
        *,
        with_probes: bool = True,
    ) -> None:
        """`on_module` is called when a module has got its cells, before its code runs; `sources` notes the versions of
        files that are instrumented, and of the project's that are not. Without probes, modules are loaded as they are,
        and get no cells.
        """
        self.probes = probes
        self.wanted = wanted
        self.cache = cache
        self.on_module = on_module
        self.sources = sources
        self._with_probes = with_probes
        self.failures: dict[str, str] = {}
        """Module that could not be instrumented -> why."""
        self.bare: dict[str, str] = {}
        """Instrumented module -> what of it could not be."""
        self.hidden: dict[str, str] = {}
        """Module that is wanted and whose loader shows no source -> why."""
        self.after: dict[str, Callable[[ModuleType], None]] = {}
        """Module -> what is called with it each time when it has been loaded from a source file."""
        self._code: dict[tuple[str, int], CodeType] = {}
        """(Name, hash of the source) -> instrumented code with its cells."""
        self._names: dict[str, str] = {}
        """Source file outside of the standard library -> name of the module that was first found there."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the other finders find, with a loader of ours where the module is wanted; None if they find nothing."""
        spec = self._found(name, path, target)
        if spec is None:
            return None
        if type(spec.loader) is SourceFileLoader and spec.origin is not None:
            first = self._names.get(spec.origin, name)
            known = sys.modules.get(first)
            if first != name and getattr(known, "__file__", None) == spec.origin and not is_standard(spec.origin):
                spec.loader = _SameModule(known)  # type: ignore[assignment, arg-type]  # a loader by its methods
            elif self.wanted(name, spec.origin):
                self._note_name(spec.origin, name)
                spec.loader = self.loader_for(name, spec.origin)
            elif self.sources is not None and is_projects(spec.origin):
                spec.loader = NotedLoader(name, spec.origin, self.sources)
        elif type(spec.loader) in (SourcelessFileLoader, ExtensionFileLoader) and is_projects(spec.origin or ""):
            self._note_source(name, spec.origin or "")
        if spec.origin and (reason := why_hidden(spec)) and self.wanted(name, spec.origin):
            self.hidden[name] = reason
        if name in self.after and isinstance(spec.loader, SourceFileLoader):
            then = _then(spec.loader.exec_module, self.after[name])
            spec.loader.exec_module = then  # type: ignore[method-assign, assignment]
        return spec

    def instrumented(self, spec: ModuleSpec | None) -> ModuleSpec | None:
        """A spec that was made of a file, past the import system, with a loader of ours where the module is wanted."""
        if spec is None or type(spec.loader) is not SourceFileLoader or spec.origin is None:
            return spec
        if self.wanted(spec.name, spec.origin):
            self._note_name(spec.origin, spec.name)
            spec.loader = self.loader_for(spec.name, spec.origin)
        return spec

    def _note_source(self, name: str, file: str) -> None:
        if self.sources is not None:
            self.sources.note(name, file)

    def _note_name(self, file: str, name: str) -> None:
        if len(self._names) >= MOST_NAMES:  # of files that are gone by now, most likely
            self._names = {file: name for file, name in self._names.items() if name in sys.modules}
        if len(self._names) < MOST_NAMES:
            self._names[file] = name

    def name_of(self, file: str) -> str:
        """Name of the module that was loaded from a file, given by its absolute path; empty if none was."""
        return self._names.get(file, "")

    def _found(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        for finder in list(sys.meta_path):
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(name, path, target)
            if spec is None:
                continue
            if _loader(spec) is FrozenImporter and self.wanted.names(name):
                # The interpreter holds a copy; the standard library has the source.
                return PathFinder.find_spec(name, path, target) or spec
            return spec
        return None

    def loader_for(self, name: str, path: str) -> "InstrumentingLoader":
        """A loader for a file that is to be instrumented whatever its module's name is."""
        return InstrumentingLoader(name, path, self)

    def code(self, name: str, path: str, source: bytes) -> CodeType | None:
        """Instrumented code with its cells, the same for the same source; None if there is none, see `failures`."""
        digest = hash(source)
        made = self._code.get((name, digest))
        if made is not None:
            return made if made.co_filename == path else _at_path(made, path)
        is_known = self.probes.knows(name, digest)
        if self.probes.variants(name) >= MOST_VARIANTS and not is_known:
            self.failures[name] = f"{MOST_VARIANTS} different sources of that name have been loaded already"
            return None
        instrumented = self._instrumented(name, path, source) if self._with_probes else plain(source, path)
        if instrumented is None:
            return None
        if instrumented.bare:
            self.bare[name] = f"too deeply nested for probes: {', '.join(instrumented.bare)}"
        base = self.probes.register(
            name, path, instrumented.lines, instrumented.constants, instrumented.expressions, digest
        )
        if self.on_module is not None and not is_known:
            self.on_module(self.probes.module_at(base))
        if len(self._code) >= MOST_CODE:
            self._code.clear()
        made = self._code[name, digest] = instrumented.at(base)
        return made

    def _instrumented(self, name: str, path: str, source: bytes) -> Instrumented | None:
        instrumented = self.cache.load(source, path) if self.cache else None
        if instrumented is None:
            try:
                # The compiler has warned when the module was first compiled, or will when it is compiled plainly.
                instrumented = quietly(instrument, source, path)
            except Exception as error:
                # Whatever it is, the module must run: the error is its own, or nobody's but ours.
                self.failures[name] = _failure(error)
                return None
            if self.cache:
                self.cache.store(source, path, instrumented)
        return instrumented

    def reload_named(self) -> dict[str, str]:
        """Forget the loaded modules that the target's file or the user names: when they are imported, they are loaded
        anew, with probes.

        Who holds a reference keeps using the old one. Returns each module that stays uninstrumented, and why.
        """
        refused: dict[str, str] = {}
        forgotten: dict[str, ModuleType] = {}
        for name in sorted(sys.modules):
            if name in sys.modules and self.wanted.names(name):
                reason = _why_not(name)
                if reason is None:
                    forgotten.update(_forget(name))
                else:
                    refused[name] = reason
        # Parts of packages that stay: at once, since the functions of a package may use its parts as globals; but none
        # before all are out of the way, or the new ones would find the others' old forms.
        parts = [
            (name, module, package) for name, module in forgotten.items() if (package := _package_of(name, module))
        ]
        for name, _, package in parts:
            delattr(package, name.rpartition(".")[2])
        for name, module, package in parts:
            try:
                __import__(name)
            except Exception as error:
                sys.modules[name] = module
                setattr(package, name.rpartition(".")[2], module)
                refused[name] = f"loaded anew it raises {type(error).__name__}: {error}"
        return refused


class InstrumentingLoader(SourceFileLoader):
    """The ordinary loader of source files, but that modules are executed with probes.

    Only `exec_module` differs. `get_code` gives plain code, which needs no names of ours and may be cached as bytecode.
    """

    def __init__(self, name: str, path: str, finder: InstrumentingFinder) -> None:
        super().__init__(name, path)
        self._finder = finder

    def exec_module(self, module: ModuleType) -> None:
        """Execute instrumented code in the module, or its plain code where it cannot be instrumented."""
        sources = self._finder.sources
        source = self.get_data(self.path) if sources is None else sources.read(self.name, self.path, self.get_data)
        code = self._finder.code(self.name, self.path, source)
        if code is None:
            super().exec_module(module)
        else:
            namespace = module.__dict__
            # For functions that a program copies out of their modules: names that the globals lack are looked for here.
            _BUILTINS.update(self._finder.probes.names())
            self._finder.probes.attach(self.name, namespace)
            namespace["__builtins__"] = _BUILTINS  # or `exec` would put our private copy there
            exec(code, namespace)


def install(
    probes: ProbeMap,
    wanted: Selection,
    *,
    cache_dir: str | None = None,
    on_module: Callable[[ProbedModule], None] | None = None,
    sources: SourceNotes | None = None,
    with_probes: bool = True,
) -> InstrumentingFinder:
    """Instrument from now on what is imported and `wanted`; `cache_dir` is a folder for instrumented code."""
    cache = None if cache_dir is None else CodeCache(cache_dir)
    if cache is not None:
        cache.sweep()
    finder = InstrumentingFinder(probes, wanted, cache, on_module, sources, with_probes=with_probes)
    sys.meta_path.insert(0, finder)
    return finder


class _SameModule:
    """Loads a file that has been loaded under another name, as happens in namespace packages: it is the same module, or
    an exception of one would not be that of the other.
    """

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec = module.__spec__

    def create_module(self, _spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec


def _then(execute: Callable[[ModuleType], None], after: Callable[[ModuleType], None]) -> Callable[[ModuleType], None]:
    def exec_module(module: ModuleType) -> None:
        execute(module)
        after(module)

    return exec_module


def why_hidden(spec: ModuleSpec) -> str:
    """Why a module's loader shows no source that could be instrumented: a clause; empty if it does, or has none."""
    loader = _loader(spec)
    kind = type(loader)
    if kind is SourcelessFileLoader:
        return "there is only its bytecode (.pyc), not its source"
    if kind.__name__ == "zipimporter":
        return "it lies in a zip file; unpack that"
    if loader in (None, BuiltinImporter, FrozenImporter) or issubclass(kind, ExtensionFileLoader):
        return ""
    if kind in (SourceFileLoader, InstrumentingLoader, NotedLoader, _SameModule) or kind.__name__ == "NamespaceLoader":
        return ""
    return f"an import hook loads it ({kind.__module__}.{kind.__qualname__})"


def _at_path(code: CodeType, path: str) -> CodeType:
    """The same code, as if compiled from another file."""
    return with_nested(code, lambda inner: _at_path(inner, path)).replace(co_filename=path)


def _failure(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return f"it is too deeply nested for probes ({error})"
    return f"{type(error).__name__}: {error}"


# Loaded before ----------------------------------------------------------------------------------------------------


def _why_not(name: str) -> str | None:
    """Why a loaded module cannot be loaded once more; None if it can."""
    top = name.partition(".")[0]
    if top in NEVER:
        return "it is part of the fuzzer"
    if top in IRREPLACEABLE:
        return "the interpreter itself uses it"
    for loaded in _family(name):
        if _is_compiled(sys.modules[loaded]):
            return f"{loaded} is compiled and can be loaded only once"
    return None


def forget_shadowed(folders: Iterable[str]) -> None:
    """Forget the compiled modules of the standard library in whose place these folders hold a module of the project's.

    Such modules are loaded once, for the worker and for the target: but a program that is started in one of the folders
    would get the project's own `array.py`.
    """
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        if (
            isinstance(spec, ModuleSpec)
            and isinstance(spec.loader, ExtensionFileLoader)
            and is_standard(spec.origin or "")
        ):
            own = (f"{folder}/{name}{end}" for folder in folders for end in (".py", "/__init__.py"))
            if any(map(os.path.isfile, own)):
                del sys.modules[name]


def _is_compiled(module: ModuleType) -> bool:
    spec = getattr(module, "__spec__", None)
    if not isinstance(spec, ModuleSpec):
        return False
    return _loader(spec) is BuiltinImporter or isinstance(spec.loader, ExtensionFileLoader)


def _loader(spec: ModuleSpec) -> object:
    """The loader, which for builtin and frozen modules is a class."""
    return spec.loader


def _forget(name: str) -> dict[str, ModuleType]:
    """Remove a module and its sub-modules from the loaded ones; returns them."""
    return {loaded: sys.modules.pop(loaded) for loaded in _family(name)}


def _family(name: str) -> list[str]:
    return [loaded for loaded in sys.modules if loaded == name or loaded.startswith(f"{name}.")]


def _package_of(name: str, module: ModuleType) -> ModuleType | None:
    """The loaded package that the module is an attribute of."""
    package, _, attribute = name.rpartition(".")
    parent = sys.modules.get(package)
    return parent if parent is not None and vars(parent).get(attribute) is module else None
