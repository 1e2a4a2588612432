"""Instruments modules as they are imported.

`install` puts a finder in front of the import system's own ones. It lets them find a module, and where that is an
ordinary source file that is to be instrumented, replaces the loader by one that executes instrumented code. Everything
else about the module stays as the import system made it: spec, file, bytecode cache, resources, source.
"""

import builtins
import sys
from ast import Import, ImportFrom, PyCF_ONLY_AST, walk
from collections.abc import Callable, Iterable, Sequence
from importlib.machinery import (
    BuiltinImporter,
    ExtensionFileLoader,
    FrozenImporter,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
)
from types import CodeType, ModuleType
from typing import Any, Final, NamedTuple
from warnings import catch_warnings, simplefilter

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.protocol.patterns import Pattern, compiled
from fuzztui.worker.codecache import CodeCache
from fuzztui.worker.instrument import instrument
from fuzztui.worker.probes import ProbedModule, ProbeMap

_BUILTINS: Final = vars(builtins)

__builtins__ = OWN_BUILTINS

NEVER: Final = frozenset({"fuzztui", "msgspec"})
"""Top-level packages that are the worker itself: probes in there would tell about us."""

IRREPLACEABLE: Final = frozenset(
    [
        *("sys", "builtins", "importlib", "_frozen_importlib", "_frozen_importlib_external", "_imp", "__main__"),
        *("os", "posixpath", "genericpath", "stat", "io", "abc", "codecs", "encodings", "zipimport", "site"),
        *("warnings", "marshal", "_weakrefset", "threading"),
    ]
)
"""Modules of which the interpreter or the import system holds the first copy: a second would not be the one in use."""


# Which modules ----------------------------------------------------------------------------------------------------


_STANDARD: Final = sys.stdlib_module_names


class Selection(NamedTuple):
    """Chooses modules by name, see `patterns`. `exclude` wins."""

    packages: frozenset[str]
    """Top-level names of the standard library's modules that the target imports by itself."""
    include: tuple[Pattern, ...]
    exclude: tuple[Pattern, ...]

    def __call__(self, name: str) -> bool:
        """Whether the module is to be instrumented."""
        top = name.partition(".")[0]
        if top in NEVER or self._excludes(name):
            return False
        return top in self.packages or top not in _STANDARD or any(pattern(name) for pattern in self.include)

    def includes(self, name: str) -> bool:
        """Whether the user asked for this module by a pattern, so that it is instrumented even if loaded before."""
        return any(pattern(name) for pattern in self.include) and not self._excludes(name)

    def _excludes(self, name: str) -> bool:
        return any(pattern(name) for pattern in self.exclude)


def selection(target_source: bytes, include: Iterable[str] = (), exclude: Iterable[str] = ()) -> Selection:
    """What is instrumented for a target with this source (the bytes of its file).

    By default: everything outside the standard library, and the packages of the standard library that the file itself
    imports anywhere; not those that merely come along. A source with a syntax error counts as one without imports.
    """
    try:
        nodes = list(walk(_quietly(compile, target_source, "<target>", "exec", PyCF_ONLY_AST, dont_inherit=True)))
    except (SyntaxError, ValueError):  # importing the file will say so, with its place
        nodes = []
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    packages = frozenset(name.partition(".")[0] for name in names)
    return Selection(packages, tuple(map(compiled, include)), tuple(map(compiled, exclude)))


# The hook ---------------------------------------------------------------------------------------------------------


class InstrumentingFinder:
    """A finder for `sys.meta_path` that gives the modules it wants a loader of ours."""

    def __init__(
        self,
        probes: ProbeMap,
        wanted: Selection,
        cache: CodeCache | None = None,
        on_module: Callable[[ProbedModule], None] | None = None,
    ) -> None:
        """`on_module` is called when a module has got its cells, before its code runs."""
        self.probes = probes
        self.wanted = wanted
        self.cache = cache
        self.on_module = on_module
        self.failures: list[str] = []
        """Modules that could not be instrumented and run as they are, and why; a sentence each."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the other finders find, with a loader of ours where the module is wanted; None leaves it to them."""
        if not self.wanted(name):
            return None
        for finder in list(sys.meta_path):
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(name, path, target)
            if spec is None:
                continue
            if _loader(spec) is FrozenImporter:  # the interpreter holds a copy; the standard library has the source
                spec = PathFinder.find_spec(name, path, target) or spec
            if type(spec.loader) is SourceFileLoader and spec.origin is not None:
                spec.loader = self.loader_for(name, spec.origin)
            return spec
        return None

    def loader_for(self, name: str, path: str) -> "InstrumentingLoader":
        """A loader for a file that is to be instrumented whatever its module's name is."""
        return InstrumentingLoader(name, path, self)

    def code(self, name: str, path: str, source: bytes) -> CodeType | None:
        """Instrumented code with cells of its own; None if that fails, which is noted in `failures`."""
        instrumented = self.cache.load(source, path) if self.cache else None
        if instrumented is None:
            try:
                # The compiler has warned when the module was first compiled, or will when it is compiled plainly.
                instrumented = _quietly(instrument, source, path)
            except Exception as error:
                # Whatever it is, the module must run: the error is its own, or nobody's but ours.
                self.failures.append(f"{name} runs without coverage: {type(error).__name__}: {error}")
                return None
            if self.cache:
                self.cache.store(source, path, instrumented)
        base = self.probes.register(name, path, instrumented.lines, instrumented.constants, instrumented.expressions)
        if self.on_module is not None:
            self.on_module(self.probes.module_at(base))
        return instrumented.at(base)

    def reload_included(self) -> list[str]:
        """Forget the loaded modules that the user wants instrumented, so that they are loaded anew when imported.

        Who holds a reference keeps using the old one. Returns a sentence for each module that stays uninstrumented.
        """
        refused: dict[str, str] = {}
        forgotten: dict[str, ModuleType] = {}
        for name in sorted(sys.modules):
            if name in sys.modules and self.wanted.includes(name):
                reason = _why_not(name)
                if reason is None:
                    forgotten.update(_forget(name))
                else:  # one sentence for a package, not one for each of its modules
                    refused.setdefault(name.partition(".")[0], f"{name} cannot be instrumented: {reason}")
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
                refused[name] = f"{name} cannot be instrumented: loaded anew it raises {type(error).__name__}: {error}"
        return list(refused.values())


class InstrumentingLoader(SourceFileLoader):
    """The ordinary loader of source files, but that modules are executed with probes.

    Only `exec_module` differs. `get_code` gives plain code, which needs no names of ours and may be cached as bytecode.
    """

    def __init__(self, name: str, path: str, finder: InstrumentingFinder) -> None:
        super().__init__(name, path)
        self._finder = finder

    def exec_module(self, module: ModuleType) -> None:
        """Execute instrumented code in the module, or its plain code where it cannot be instrumented."""
        code = self._finder.code(self.name, self.path, self.get_data(self.path))
        if code is None:
            super().exec_module(module)
        else:
            namespace = module.__dict__
            self._finder.probes.attach(self.name, namespace)
            namespace["__builtins__"] = _BUILTINS  # or `exec` would put our private copy there
            exec(code, namespace)


def install(
    probes: ProbeMap,
    wanted: Selection,
    *,
    cache_dir: str | None = None,
    on_module: Callable[[ProbedModule], None] | None = None,
) -> InstrumentingFinder:
    """Instrument from now on what is imported and `wanted`; `cache_dir` is a folder for instrumented code."""
    cache = None if cache_dir is None else CodeCache(cache_dir)
    if cache is not None:
        cache.sweep()
    finder = InstrumentingFinder(probes, wanted, cache, on_module)
    sys.meta_path.insert(0, finder)
    return finder


def _quietly(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call without warnings; one that the user turned into an error would make a good module fail."""
    with catch_warnings():
        simplefilter("ignore")
        return function(*arguments, **options)


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
