# What Atheris has, by the names that it has there.
# ruff: noqa: N801

"""The module `atheris` as programs see it."""

from collections.abc import Callable, Iterable, Sequence
from types import ModuleType, TracebackType
from typing import Any, Final, NamedTuple, NoReturn

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.atheris.numbers import ALL_REMAINING
from fuzztui.worker.atheris.provider import FuzzedDataProvider

__builtins__ = PRIVATE_BUILTINS

NAMES: Final = ("atheris", "atheris_no_libfuzzer")

VERSION: Final = "3.0.0"
"""Of the Atheris that this one does as."""


class Setup(NamedTuple):
    """What a program has given to `atheris.Setup`."""

    words: tuple[str, ...]
    """Of the command line, behind the program's name."""
    callback: Callable[[bytes], object]
    mutator: Callable[[bytes, int, int], Any] | None
    crossover: Callable[[bytes, bytes, int, int], Any] | None


class Surroundings(NamedTuple):
    """What the module needs of the fuzzer that it stands in."""

    fuzz: Callable[[Setup], NoReturn]
    """Has the callback fuzzed; what it raises ends the program."""
    instrumenting: Callable[[Iterable[str], Iterable[str]], Callable[[], None]]
    """From now on wants all that is imported, of these packages alone if there are any, without these modules; until
    what it returns is called.
    """
    mutate: Callable[[bytes, int], bytes]
    """Another input that is made of one, of at most so many bytes."""


def make(around: Surroundings) -> ModuleType:
    """A new module."""
    setups: list[Setup] = []

    def setup(
        args: Sequence[str],
        test_one_input: Callable[[bytes], object],
        internal_libfuzzer: bool | None = None,  # noqa: ARG001
        custom_mutator: Callable[[bytes, int, int], Any] | None = None,
        custom_crossover: Callable[[bytes, bytes, int, int], Any] | None = None,
        **_others: object,
    ) -> list[str]:
        if setups:
            raise SystemExit("atheris.Setup was called a second time")
        if not callable(test_one_input):
            raise TypeError(f"atheris.Setup takes a function, not {type(test_one_input).__name__}")
        words = [str(each) for each in args]
        setups.append(Setup(tuple(words[1:]), test_one_input, custom_mutator, custom_crossover))
        return [word for word in words if not word.startswith("-") or word.startswith("--")]

    def fuzz() -> NoReturn:
        if not setups:
            raise SystemExit("atheris.Fuzz was called before atheris.Setup")
        around.fuzz(setups[0])

    class instrument_imports:
        """A context in which modules are imported that are to be fuzzed."""

        def __init__(
            self,
            include: Iterable[str] | None = None,
            exclude: Iterable[str] | None = None,
            enable_loader_override: bool = True,  # noqa: ARG002
        ) -> None:
            self._include = tuple(include or ())
            self._exclude = tuple(exclude or ())

        def __enter__(self) -> None:
            self._end = around.instrumenting(self._include, self._exclude)

        def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
        ) -> None:
            self._end()

    def mutate(data: bytes, max_size: int) -> bytes:
        return around.mutate(data, max_size)

    def as_it_is(function: Any) -> Any:
        return function

    module = ModuleType("atheris", "What programs for Atheris call, as fuzztui does it.")
    named: dict[str, Any] = {
        "Setup": setup,
        "Fuzz": fuzz,
        "Mutate": mutate,
        "instrument_imports": instrument_imports,
        "instrument_all": lambda: None,
        "instrument_func": as_it_is,
        "patch_code": lambda code, *_arguments, **_named: code,
        "enabled_hooks": Hooks(),
        "gen_match": gen_match,
        "path": lambda: "",
        "ALL_REMAINING": ALL_REMAINING,
        "FuzzedDataProvider": FuzzedDataProvider,
        "__version__": VERSION,
    }
    for name, value in named.items():
        if getattr(value, "__name__", name) != name:
            value.__name__ = value.__qualname__ = name
        setattr(module, name, value)
    return module


class Hooks:
    """The parts of the standard library whose comparisons are looked into on demand. All are here in any case."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def add(self, name: str) -> None:
        """Ask for one."""
        self._names.add(name)

    def __contains__(self, name: str) -> bool:
        return name in self._names


def gen_match(pattern: Any) -> Any:
    """A text that a compiled regular expression matches, as short as repetitions allow it."""
    from fuzztui.worker.atheris.matching import matching  # what few programs need

    return matching(pattern)
