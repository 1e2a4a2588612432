# Not pathlib: each start of a worker would pay for loading it.
# ruff: noqa: PTH100, PTH109, PTH110, PTH113, PTH118, PTH120, PTH121

"""Import a target's file and run its set-up: the worker's side of a harness.

Everything that a user can get wrong here ends in a `HarnessError` of one sentence. What is left out: code that ends
the process, or hangs; those are seen from outside.
"""

import importlib
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from types import ModuleType

from fuzztui.target.api import SETTINGS, F, Settings, mismatch
from fuzztui.target.errors import CleanupFailed, HarnessError, LoadFailed
from fuzztui.target.imports import imports_of
from fuzztui.target.signature import annotations, location, parameters
from fuzztui.target.tracebacks import user_traceback
from fuzztui.target.values import Value

_PRIVATE = "_fuzztui_target_"
_SENTENCE = 300
"""Characters of an exception's line that go into a sentence; the traceback has all of it."""


class LoadedTarget:
    """A target ready to be called with `function(*arguments)`, arguments of the types that `parameters` names."""

    __slots__ = ("function", "harness", "parameters", "raises", "seeds")

    def __init__(
        self,
        function: Callable[..., object],
        parameters: tuple[str, ...],
        seeds: list[tuple[Value, ...]],
        raises: tuple[type[BaseException], ...],
        harness: F | None,
    ) -> None:
        self.function = function
        self.parameters = parameters
        self.seeds = seeds
        self.raises = raises
        self.harness = harness

    def close(self) -> None:
        """Run the cleanups, the last one registered first, all of them; `CleanupFailed` for the first that raised."""
        if self.harness is not None:
            _clean_up(self.harness)


def load(
    file: str,
    name: str,
    import_module: Callable[[str, str], ModuleType] | None = None,
    *,
    cwd: str | None = None,
) -> LoadedTarget:
    """Import the file and make its target `name` ready; `HarnessError`, or `LoadFailed` where the user's code raised.

    The module gets the name that it would have in its project: the first folder upwards that is no package goes to the
    front of `sys.path`, followed by `cwd` (the user's; the process's own if None). `import_module(module_name, file)`
    imports it; the default is `importlib.import_module`, so that import hooks see it.
    """
    module = _import_file(os.path.abspath(file), import_module or import_by_name, cwd or os.getcwd())
    function = getattr(module, name, None)
    if function is None:
        raise HarnessError(f"{file} has no target {name}")
    if not callable(function):
        raise HarnessError(f"{file}: {name} is not callable, it is {type(function).__name__}, want a function")
    settings: Settings | None = getattr(function, SETTINGS, None)
    kinds = [annotation for _, annotation in annotations(function)]
    if len(kinds) == 1 and is_harness_type(kinds[0]):
        if settings is not None:
            raise HarnessError(f"{settings.where}: {name} takes F, want f.add and f.fuzz instead of @fuzztui.fuzz")
        return _set_up(function, name)
    types = parameters(function)
    if settings is None:
        return LoadedTarget(function, types, [], (), None)
    return LoadedTarget(function, types, _declared_seeds(settings, types), settings.raises, None)


def is_harness_type(annotation: object) -> bool:
    """Whether a resolved annotation is `F`, also where that name exists for type checkers only."""
    return annotation is F or (isinstance(annotation, str) and annotation.strip("'\" ") in ("F", "fuzztui.F"))


def _declared_seeds(settings: Settings, types: tuple[str, ...]) -> list[tuple[Value, ...]]:
    seeds = [seed if isinstance(seed, tuple) else (seed,) for seed in settings.seeds]
    for number, seed in enumerate(seeds, start=1):
        if reason := mismatch(seed, types):
            raise HarnessError(f"{settings.where}: seed {number}: {reason}")
    return seeds


# The set-up -------------------------------------------------------------------------------------------------------


def _set_up(function: Callable[[F], object], name: str) -> LoadedTarget:
    where, harness = location(function), F()
    try:
        with _reported(f"{where}: set-up {name}", LoadFailed):
            function(harness)
        if harness.misuse is not None:
            raise harness.misuse
        if harness.target is None:
            raise HarnessError(f"{where}: set-up {name} returned without calling f.fuzz")
    except HarnessError:
        _clean_up(harness)
        raise
    return LoadedTarget(harness.target, harness.parameters, harness.seeds, harness.raises, harness)


def _clean_up(harness: F) -> None:
    first: CleanupFailed | None = None
    while harness.cleanups:
        function = harness.cleanups.pop()
        try:
            with _reported(f"cleanup {getattr(function, '__qualname__', function)}", CleanupFailed):
                function()
        except CleanupFailed as error:
            first = first or error
    if first is not None:
        raise first


# Importing --------------------------------------------------------------------------------------------------------


def _import_file(file: str, import_module: Callable[[str, str], ModuleType], cwd: str) -> ModuleType:
    if not os.path.isfile(file):
        raise HarnessError(f"{file} is not a file")
    if not file.endswith(".py"):
        raise HarnessError(f"{file} is not a Python file, want a name that ends in .py")
    root, name = module_name(file)
    entry, name = _namespace_name(file, root, name, [cwd, *sys.path])
    # pytest's "prepend" mode: what the test suite of a project imports, its fuzz targets import too.
    first = [root, cwd, entry] if entry else [root, cwd]
    sys.path[:] = [*dict.fromkeys([*first, *sys.path])]
    # `importlib.invalidate_caches` would import half of the standard library, by now perhaps the user's files instead.
    for folder in first:
        sys.path_importer_cache.pop(folder, None)
    with _reported(f"importing {file}", LoadFailed):
        if not _is_found_as(name, file):
            name = _private_name(name, file)
        return import_module(name, file)


def module_name(file: str) -> tuple[str, str]:
    """For an absolute path: the folder that belongs on `sys.path`, and the module's dotted name from there."""
    folder, base = os.path.split(file)
    parts = [base.removesuffix(".py")]
    while os.path.exists(os.path.join(folder, "__init__.py")) and os.path.dirname(folder) != folder:
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return folder, ".".join(parts)


def _namespace_name(file: str, root: str, name: str, path: Sequence[str]) -> tuple[str, str]:
    """A folder that belongs on `sys.path`, and the file's name from there, where it wants to be in a namespace package.

    So it does if it imports from `.` above the packages with an `__init__.py`, or absolutely from a folder above. If
    not, an empty string and the name as it is.
    """
    with open(file, "rb") as stream:  # noqa: PTH123 - see above
        imports = imports_of(stream.read())
    missing = max((each.level for each in imports), default=0) - name.count(".")  # levels of packages
    tops = {each.module.partition(".")[0] for each in imports if each.level == 0}
    nearest = "", name
    folder, between = root, name
    for levels in count(1):
        folder, last = os.path.split(folder)
        if not last.isidentifier():
            break
        between = f"{last}.{between}"
        if folder in path and (levels >= missing > 0 or last in tops):
            return folder, between
        if levels == missing:
            nearest = folder, between
    return nearest


def _is_found_as(name: str, file: str) -> bool:
    """Whether importing `name` would give this very file, and not another module that has the name already."""
    if "." in name and not all(part.isidentifier() for part in name.split(".")):
        return False
    try:
        spec = _find_spec(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # a parent package is there and lacks something of its own
        return False
    return spec is not None and spec.origin is not None and _is_same_file(spec.origin, file)


def _find_spec(name: str) -> importlib.machinery.ModuleSpec | None:
    """As `importlib.util.find_spec`, but that one may be a copy that imports parent packages for itself."""
    if name in sys.modules:
        return getattr(sys.modules[name], "__spec__", None)
    package = name.rpartition(".")[0]
    path = getattr(importlib.import_module(package), "__path__", None) if package else None
    found = (finder.find_spec(name, path) for finder in list(sys.meta_path) if hasattr(finder, "find_spec"))
    return next((spec for spec in found if spec is not None), None)


def _private_name(name: str, file: str) -> str:
    """A name of our own for a file whose natural name is taken by another module."""
    name = _PRIVATE + "".join(c if c.isalnum() else "_" for c in name)
    while name in sys.modules and not _is_same_file(sys.modules[name].__file__ or "", file):
        name += "_"
    return name


def _is_same_file(first: str, second: str) -> bool:
    return os.path.exists(first) and os.path.samefile(first, second)


def import_by_name(name: str, file: str) -> ModuleType:
    """Import `file` as the module `name`, through the import system's own hooks even where no folder leads to it."""
    finder = _OneFile(name, file)
    sys.meta_path.append(finder)
    try:
        return importlib.import_module(name)
    finally:
        sys.meta_path.remove(finder)


class _OneFile:
    """Finds one file under one name. It comes last: hooks that wrap what others find see it like any other."""

    def __init__(self, name: str, file: str) -> None:
        self.name, self.file = name, file

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.file)


# What the user's code raised --------------------------------------------------------------------------------------


@contextmanager
def _reported(doing: str, kind: type[LoadFailed] | type[CleanupFailed]) -> Iterator[None]:
    """Turn whatever the user's code raises into one sentence and a traceback of the user's frames."""
    try:
        yield
    except HarnessError:
        raise
    except BaseException as error:  # sys.exit() and KeyboardInterrupt in the user's code are failures like any other
        text, last = user_traceback(error)
        raise kind(f"{doing} raised {last[:_SENTENCE]}", text) from None
