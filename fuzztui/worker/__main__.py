"""The program of a Python worker: gives the worker's machinery a standard library of its own, then serves.

Run as a script, `python -P __main__.py ...`: then nothing is loaded yet but what the interpreter itself needs. Whatever
the machinery imports from here on is its private copy: the copies are taken out of `sys.modules` before the target is
loaded. So the target gets modules of its own, which can be instrumented, patched, or be the project's own files of the
same names; and what the machinery imports later comes from the standard library's folder, never from the user's path.

What the machinery needs of a test framework it takes from the target's side, as the target has it.

Only what exists once in a process is shared: builtin and compiled modules, what was loaded when the program began
(by the interpreter, a `.pth` file, `sitecustomize`), `warnings`, whose filters the interpreter itself reads, and the
fuzzer's own package. Objects of shared classes (`re.Pattern`, `datetime.date`) mean the same to both sides; no object
of a class that exists twice passes from one side to the other.
"""

import builtins
import os
import sys

# What `importlib.machinery` would offer: that one must not be loaded before the private copies are made.
from _frozen_importlib import BuiltinImporter, ModuleSpec, module_from_spec
from _frozen_importlib_external import ExtensionFileLoader, PathFinder, SourceFileLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType
    from typing import Any, Final

SHARED: "Final" = frozenset({"warnings"})
"""Modules of which the interpreter uses the one in `sys.modules`."""

BUILTINS: "Final[dict[str, Any]]" = dict(vars(builtins))
"""Of all private modules."""

FROM_TARGET: "Final" = frozenset({"hypothesis", "pytest", "_pytest"})
"""Packages that the machinery uses as the target has them: it runs tests that are written for them."""

_OURS: "Final" = "fuzztui"

_import_for_target: "Final" = builtins.__import__

_FOLDER: "Final[str]" = str(os.__file__).removesuffix("/os.py")
FOLDERS: "Final" = [_FOLDER, f"{_FOLDER}/lib-dynload"]
"""Where the standard library is, and nothing else."""


class _PrivateLoader(SourceFileLoader):
    """Executes a module with builtins of our own, so that its functions import privately."""

    def exec_module(self, module: "ModuleType") -> None:
        vars(module)["__builtins__"] = BUILTINS
        super().exec_module(module)


class PrivateLibrary:
    """The standard library as the worker's machinery sees it."""

    def __init__(self) -> None:
        """From now on modules of the standard library are loaded privately, until `close`."""
        self._before = dict(sys.modules)
        self._modules: dict[str, ModuleType] = {}
        """All modules that the machinery can import, once the library is closed."""
        sys.meta_path.insert(0, self)

    def find_spec(
        self,
        name: str,
        path: "Sequence[str] | None" = None,
        target: "ModuleType | None" = None,  # noqa: ARG002
    ) -> "ModuleSpec | None":
        """Find a module of the standard library that is a file; everything else is left to the other finders."""
        if name.partition(".")[0] not in sys.stdlib_module_names or name in SHARED:
            return None
        spec = PathFinder.find_spec(name, FOLDERS if path is None else path)
        if spec is not None and type(spec.loader) is SourceFileLoader and spec.origin is not None:
            spec.loader = _PrivateLoader(name, spec.origin)
        return spec

    def close(self) -> None:
        """Take the private modules out of the target's sight."""
        sys.meta_path.remove(self)
        self._modules = dict(sys.modules)
        for name, module in self._modules.items():
            if name in self._before or name in SHARED or name.partition(".")[0] == _OURS or _exists_once(module):
                continue
            del sys.modules[name]
        sys.modules.update(self._before)
        BUILTINS["__import__"] = self.import_module

    def import_module(
        self,
        name: str,
        globals: "Mapping[str, object] | None" = None,  # noqa: A002 - as `__import__` has it
        locals: "Mapping[str, object] | None" = None,  # noqa: A002
        fromlist: "Sequence[str] | None" = (),
        level: int = 0,
    ) -> "ModuleType":
        """What `__import__` is to private modules and to the machinery's own functions."""
        if level:
            package = str((globals or {})["__package__"])
            for _ in range(level - 1):
                package = package.rpartition(".")[0]
            name = f"{package}.{name}" if name else package
        if name.partition(".")[0] in FROM_TARGET:
            return _import_for_target(name, globals, locals, fromlist or (), 0)
        module = self._get(name)
        if fromlist == []:
            # A function in C, which takes the module from there. Better a private one than a file of the user's.
            sys.modules.setdefault(name, module)
        if not fromlist:
            return module if level else self._get(name.partition(".")[0])
        for part in fromlist:
            if not hasattr(module, part) and hasattr(module, "__path__") and part != "*":
                self._get(f"{name}.{part}")
        return module

    def _get(self, name: str) -> "ModuleType":
        module = self._modules.get(name)
        return self._load(name) if module is None else module

    def _load(self, name: str) -> "ModuleType":
        is_ours = name.partition(".")[0] == _OURS
        if is_ours and name in sys.modules:
            return sys.modules[name]
        package, _, last = name.rpartition(".")
        parent = self._get(package) if package else None
        path = None if parent is None else parent.__path__
        spec = _our_spec(name, path) if is_ours else BuiltinImporter.find_spec(name) or self.find_spec(name, path)
        if spec is None or spec.loader is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        module = self._modules[name] = module_from_spec(spec)
        if is_ours:
            sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del self._modules[name]
            if is_ours:
                del sys.modules[name]
            raise
        if parent is not None:
            setattr(parent, last, module)
        return module


def _our_spec(name: str, path: "Sequence[str] | None") -> "ModuleSpec | None":
    """A module of the fuzzer's that is loaded late: it imports privately from its first line on."""
    spec = PathFinder.find_spec(name, path)
    if spec is not None and type(spec.loader) is SourceFileLoader and spec.origin is not None:
        spec.loader = _PrivateLoader(name, spec.origin)
    return spec


def _exists_once(module: "ModuleType") -> bool:
    spec = vars(module).get("__spec__")
    loader: object = getattr(spec, "loader", None)
    return loader is BuiltinImporter or type(loader) is ExtensionFileLoader


def _load_our_package() -> None:
    """Have the modules beside this program imported, and no others of the name, whatever the interpreter has."""
    package = str(__file__).rsplit("/", 2)[0]
    spec = PathFinder.find_spec(_OURS, [package.rpartition("/")[0]])
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"{package} is not the package {_OURS}", name=_OURS)
    sys.modules[_OURS] = module = module_from_spec(spec)
    spec.loader.exec_module(module)


def start() -> None:
    """Load the machinery, close its library, and be the worker that `sys.argv` describes."""
    library = PrivateLibrary()
    _load_our_package()
    from fuzztui.worker.process import messagepack

    sys.modules["msgspec"] = messagepack  # see there
    from fuzztui.protocol import private_builtins
    from fuzztui.worker.main import main

    library.close()
    private_builtins.PRIVATE_BUILTINS["__import__"] = library.import_module
    main()


if __name__ == "__main__":
    start()
