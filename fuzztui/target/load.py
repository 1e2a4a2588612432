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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from types import AsyncGeneratorType, CoroutineType, FunctionType, GeneratorType, ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.api import SETTINGS, F, Settings, plain_arguments
from fuzztui.target.errors import (
    CleanupFailed,
    HarnessError,
    LoadFailed,
    ModuleMissing,
    Skipped,
    Uncallable,
    UserCodeFailed,
)
from fuzztui.target.imports import imports_of
from fuzztui.target.refusals import Refusals, building
from fuzztui.target.signature import Signature, annotations, location, taken, unwrap
from fuzztui.target.tracebacks import place_of, user_traceback, users_places
from fuzztui.target.values import Value

if TYPE_CHECKING:
    from fuzztui.target.typed.resolve import Unknown
    from fuzztui.target.typed.spec import Spec

__builtins__ = PRIVATE_BUILTINS

PRIVATE_MODULE = "_fuzztui_target_"
"""Begins the names of modules whose own names cannot be theirs: other modules have them."""
_SENTENCE = 300
"""Characters of an exception's line that go into a sentence; the traceback has all of it."""


class PropertyLike(Protocol):
    """A property test: it draws from the choices that it is called with."""

    executions: int
    discarded: int
    """Executions that came to no verdict."""
    is_lean: bool
    """Whether executions that are not recorded take a shorter way than the framework's own."""
    may_be_lean: bool
    """Whether they may, as far as is known."""
    status: str
    """How the last execution has ended: `valid`, `invalid`, `overrun`, or the class of what it has raised."""
    given: tuple[Any, ...]
    """What the last execution was called with."""
    record: Callable[[tuple[Any, ...], Any], None] | None
    """Called after each execution with what was drawn and a `Record` of it, see `fuzztui.worker.mutate.choices`."""
    observe: Callable[[Mapping[str, object], Mapping[str, float]], None] | None
    """Called after each execution that has told events or scores of itself."""
    foretell: Callable[[tuple[Any, ...]], None] | None
    """Called once, in the next execution, before the test itself is, with what has been drawn for it in canonical form.
    """

    @property
    def place(self) -> tuple[str, int]:
        """The file and the line of the test's function."""

    @property
    def drawn(self) -> tuple[Any, ...]:
        """What the last execution has drawn, as an input: a seed and choices."""


VALID: Final = "valid"
"""The status of an execution that has come to a verdict."""


class ExplainLike(Protocol):
    """Tells what an input of a property test is; inputs in canonical form."""

    def __call__(self, plain: tuple[Any, ...], /) -> Sequence[str]:
        """Execute one that fails once more; sentences about it."""

    def foretold(self, plain: tuple[Any, ...], /) -> Sequence[str]:
        """The same of one that may end the process or never end: without calling the test, as far as it can be told."""

    def example(self, plain: tuple[Any, ...], /) -> str:
        """Execute one once more; the decorator that has the test run with its values, or nothing."""


class ExamplesLike(Protocol):
    """What is to be known of a property test's failures where that is run without us; inputs in canonical form."""

    def note(self, bucket: str, plain: tuple[Any, ...]) -> None:
        """An input has failed so."""

    def settle(self, before: tuple[Any, ...], minimal: tuple[Any, ...]) -> None:
        """An input has been made minimal."""

    def keep(self, plain: tuple[Any, ...]) -> bool:
        """Have an input run before others, which need not fail; whether there is a place for it."""


class Left(NamedTuple):
    """What is left to Hypothesis of a target whose parameters have types that nobody else knows."""

    unknown: "Mapping[Spec, Unknown]"
    """Those types, by what stands for them in the parameters' specs."""
    build: Callable[[tuple[Any, ...]], Sequence[Any]]
    """From plain values to what the function is called with."""
    name: str
    """Of the user's function."""
    namespace: dict[str, Any]
    """The globals of the function."""
    place: tuple[str, int]
    """Its file and line."""


class LoadedTarget:
    """A target ready to be called with `function(*arguments)`, plain arguments of the types that `parameters` names."""

    __slots__ = (
        *(
            "documented",
            "examples",
            "exits_fail",
            "explain",
            "function",
            "harness",
            "left",
            "parameters",
            "program",
            "raises",
            "refusals",
            "seeds",
        ),
        "test",
    )

    def __init__(
        self,
        function: Callable[..., object],
        parameters: tuple[str, ...],
        seeds: list[tuple[Value, ...]],
        raises: tuple[type[BaseException], ...],
        harness: F | None,
        refusals: Refusals | None = None,
    ) -> None:
        self.function = function
        self.parameters = parameters
        self.seeds = seeds
        self.raises = raises
        self.harness = harness
        self.documented: tuple[type[BaseException], ...] = ()
        """Exceptions that the function is documented to raise and that are failures all the same: nobody has asked for
        it to be believed.
        """
        self.exits_fail = False
        """Whether `sys.exit(0)` is a failure like any other exception, and no way to return."""
        self.program = ""
        """The file of the program for another fuzzer that gave the function to that; empty if none did."""
        self.test: PropertyLike | None = None
        """The property test that the function executes, if that is what it does."""
        self.examples: ExamplesLike | None = None
        """The database from which that test runs its failures first, where it has one."""
        self.explain: ExplainLike | None = None
        """Tells what an input of that test is."""
        self.left: Left | None = None
        """What has to be drawn before it can be called; None where its parameters say all."""
        self.refusals: Final = refusals
        """What classes refuse, where arguments are built for the call; None where they are not."""

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
    path: Sequence[str] = (),
    adopt: Callable[[object], LoadedTarget | None] | None = None,
) -> LoadedTarget:
    """Import the file and make its target `name` ready; `HarnessError`, or `LoadFailed` where the user's code raised.

    The module gets the name that it would have in its project: the first folder upwards that is no package goes to the
    front of `sys.path`, followed by `path` and `cwd` (the user's; the process's own if None). `import_module` imports
    the module of a name from a file; the default is `importlib.import_module`, so that import hooks see it.
    `adopt` is asked first what else than a function that says what it takes may be a target: None for what is none.
    """
    module = _import_file(os.path.abspath(file), import_module or import_by_name, cwd or os.getcwd(), path)
    function = getattr(module, name, None)
    if function is None:
        raise Uncallable(f"{file} has no target {name}")
    adopted = None if adopt is None else adopt(function)
    if adopted is not None:
        return adopted
    if not callable(function):
        raise Uncallable(f"{file}: {name} is not callable, it is {type(function).__name__}, want a function")
    settings: Settings | None = getattr(function, SETTINGS, None)
    try:
        kinds = [annotation for _, annotation in annotations(function)]
    except HarnessError as error:
        raise _hidden(function, name) or error from None
    if len(kinds) == 1 and is_harness_type(kinds[0]):
        if settings is not None:
            raise Uncallable(f"{settings.where}: {name} takes F, want f.add and f.fuzz instead of @fuzztui.fuzz")
        return _set_up(function, name)
    signature = taken(function)
    if settings is None:
        return _ready(function, signature, [], (), None, surrogates=True)
    seeds = _declared_seeds(settings, signature)
    return _ready(function, signature, seeds, settings.raises, None, surrogates=settings.surrogates)


def _hidden(function: Callable[..., object], name: str) -> HarnessError | None:
    """What is wrong if a decorator has put something else in a target's place, whose parameters are not the target's;
    None if none has.
    """
    inner = getattr(function, "__name__", type(function).__name__)
    if inner == name or hasattr(function, "__wrapped__"):
        return None
    where = location(function) if isinstance(function, FunctionType) else name
    advice = "whose parameters are not the target's: put @functools.wraps(...) above it"
    return Uncallable(f"{where}: a decorator has put {inner} in the place of {name}, {advice}")


def is_harness_type(annotation: object) -> bool:
    """Whether a resolved annotation is `F`, also where that name exists for type checkers only."""
    return annotation is F or (isinstance(annotation, str) and annotation.strip("'\" ") in ("F", "fuzztui.F"))


def _ready(
    function: Callable[..., object],
    signature: Signature,
    seeds: list[tuple[Value, ...]],
    raises: tuple[type[BaseException], ...],
    harness: F | None,
    *,
    surrogates: bool,
) -> LoadedTarget:
    refusals, called = None, function
    if signature.build is not None:
        refusals = Refusals()
        called = building(function, signature.build, refusals)
    called = _called_with(called, signature.parameters, surrogates)
    target = LoadedTarget(called, signature.parameters, seeds, raises, harness, refusals)
    if signature.unknown and signature.build is not None:
        target.left = left(signature.unknown, signature.build, unwrap(function)[0])
    return target


def left(
    unknown: "Mapping[Spec, Unknown]", build: Callable[[tuple[Any, ...]], Sequence[Any]], function: FunctionType
) -> Left:
    """What is left of a target that is this function, or calls it."""
    code = function.__code__
    return Left(unknown, build, function.__qualname__, function.__globals__, (code.co_filename, code.co_firstlineno))


def _declared_seeds(settings: Settings, signature: Signature) -> list[tuple[Value, ...]]:
    """The seeds of a decorator, as plain arguments."""
    seeds = []
    for number, seed in enumerate(settings.seeds, start=1):
        given = seed if _is_all(seed, signature) else (seed,)
        arguments, reason = plain_arguments(given, signature)
        if reason:
            raise Uncallable(f"{settings.where}: seed {number}: {reason}")
        seeds.append(arguments)
    return seeds


def _is_all(seed: object, signature: Signature) -> bool:
    """Whether a seed is a tuple of all arguments. The only parameter may be a tuple itself."""
    if not isinstance(seed, tuple):
        return False
    if signature.plain is None or len(signature.parameters) > 1:
        return True
    return type(seed) is tuple and len(seed) == 1 and not plain_arguments(seed, signature)[1]


# The set-up -------------------------------------------------------------------------------------------------------


def _set_up(function: Callable[[F], object], name: str) -> LoadedTarget:
    where, harness = location(function), F()
    try:
        with reported(f"{where}: set-up {name}", LoadFailed, where.rpartition(":")[0]):
            function(harness)
        if harness.misuse is not None:
            raise harness.misuse
        if harness.target is None:
            raise Uncallable(f"{where}: set-up {name} returned without calling f.fuzz")
    except HarnessError as error:
        try:
            _clean_up(harness)
        except CleanupFailed as second:
            raise UserCodeFailed(f"{error}; then {second}", _both(error, second)) from None
        raise
    assert harness.signature is not None, "it is known where there is a target"
    plain = [plain_arguments(seed, harness.signature)[0] for seed in harness.seeds]
    surrogates = harness.surrogates
    return _ready(harness.target, harness.signature, plain, harness.raises, harness, surrogates=surrogates)


def _called_with(function: Callable[..., object], types: tuple[str, ...], surrogates: bool) -> Callable[..., object]:
    """The function as it is called: without lone surrogates if it takes none, whoever made the input."""
    if surrogates or not any("str" in name for name in types):
        return function

    def encodable_only(*arguments: Value) -> object:
        for argument in arguments:
            if not _is_encodable(argument):
                return None
        return function(*arguments)

    return encodable_only


def _is_encodable(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_encodable, value))
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return False
    return True


def _both(first: HarnessError, second: UserCodeFailed) -> str:
    return f"{first.traceback}\n{second.traceback}" if isinstance(first, UserCodeFailed) else second.traceback


def _clean_up(harness: F) -> None:
    first: CleanupFailed | None = None
    while harness.cleanups:
        function = harness.cleanups.pop()
        try:
            with reported(f"cleanup {getattr(function, '__qualname__', function)}", CleanupFailed):
                result = function()
                if type(result) in (CoroutineType, GeneratorType, AsyncGeneratorType):
                    if type(result) is CoroutineType:
                        result.close()  # nobody is to complain besides that it was never run
                    raise TypeError("it returned what nobody runs: want a function that does its work in the call")
        except CleanupFailed as error:
            first = first or error
    if first is not None:
        raise first


# Importing --------------------------------------------------------------------------------------------------------


def _import_file(
    file: str, import_module: Callable[[str, str], ModuleType], cwd: str, path: Sequence[str]
) -> ModuleType:
    if not os.path.isfile(file):
        raise Uncallable(f"{file} is not a file")
    if not file.endswith(".py"):
        raise Uncallable(f"{file} is not a Python file, want a name that ends in .py")
    (root, *entry), name = importable(file, [*path, cwd, *sys.path])
    # pytest's "prepend" mode: what the test suite of a project imports, its fuzz targets import too.
    first = [root, *path, cwd, *entry]
    sys.path[:] = [*dict.fromkeys([*first, *sys.path])]
    # `importlib.invalidate_caches` would import half of the standard library, by now perhaps the user's files instead.
    for folder in first:
        sys.path_importer_cache.pop(folder, None)
    with reported(f"importing {file}", LoadFailed, file):
        if not _is_found_as(name, file):
            name = _private_name(name, file)
        return import_module(name, file)


def importable(file: str, path: Sequence[str]) -> tuple[list[str], str]:
    """For an absolute path: the folders that belong on `sys.path`, one or two, and the module's dotted name then.

    `path`: what is on it anyway.
    """
    root, name = module_name(file)
    entry, name = _namespace_name(file, root, name, path)
    return [root, *([entry] if entry else [])], name


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
    name = PRIVATE_MODULE + "".join(c if c.isalnum() else "_" for c in name)
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


_SKIPS = (("unittest.case", "SkipTest"), ("_pytest.outcomes", "Skipped"))
"""Modules and their exceptions by which test frameworks decline to run something."""


def _is_skip(error: BaseException) -> bool:
    """Whether code that is tested elsewhere as well declines in the way of its test framework."""
    known = (getattr(sys.modules.get(module), name, None) for module, name in _SKIPS)
    return any(isinstance(kind, type) and issubclass(type(error), kind) for kind in known)


# What the user's code raised --------------------------------------------------------------------------------------


@contextmanager
def reported(doing: str, kind: type[LoadFailed] | type[CleanupFailed], file: str = "") -> Iterator[None]:
    """Turn whatever the user's code raises into one sentence and a traceback of the user's frames.

    `file`: the target's, where a module that is missing is to be looked for in its project.
    """
    try:
        yield
    except HarnessError:
        raise
    except BaseException as error:  # sys.exit() and KeyboardInterrupt in the user's code are failures like any other
        text, last = user_traceback(error)
        if kind is LoadFailed and _is_skip(error):
            raise Skipped(f"{doing}, so there is nothing to fuzz: it raised {last[:_SENTENCE]}") from None
        if file and type(error) is ModuleNotFoundError and error.name:
            from fuzztui.target.missing import why_missing  # it costs time that only those pay who need it

            places = users_places(error)
            place = f"{places[-1]}: " if places else ""
            # The sentence names the only place that the traceback has.
            sentence = f"{place}{why_missing(error.name, file, sys.path)}"
            missing = ModuleMissing if kind is LoadFailed else kind
            raise missing(sentence, text if len(places) > 1 else "", place_of(error), last[:_SENTENCE]) from None
        raise kind(f"{doing} raised {last[:_SENTENCE]}", text, place_of(error), last[:_SENTENCE]) from None
