"""What a harness is written with: the decorator `fuzz` and the class `F`."""

from collections.abc import Callable, Iterable
from typing import NoReturn, ParamSpec, TypeAlias, TypeVar, overload

from fuzztui.target.errors import HarnessError
from fuzztui.target.kinds import KINDS, SUPPORTED, Value, kind_of
from fuzztui.target.signature import caller, parameters
from fuzztui.target.values import type_names

P = ParamSpec("P")
R = TypeVar("R")

Raises: TypeAlias = type[BaseException] | tuple[type[BaseException], ...]
SeedLike: TypeAlias = Value | tuple[Value, ...]

SETTINGS = "__fuzztui__"
"""Attribute of a decorated function that holds its `Settings`."""


class Settings:
    """What `@fuzz(...)` records on a function, which stays an ordinary callable."""

    __slots__ = ("raises", "seeds", "where")

    def __init__(self, seeds: tuple[SeedLike, ...], raises: tuple[type[BaseException], ...], where: str) -> None:
        self.seeds = seeds
        self.raises = raises
        self.where = where
        """`file:line` of the decorator."""


@overload
def fuzz(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def fuzz(*, seeds: Iterable[SeedLike] = (), raises: Raises = ()) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def fuzz(
    function: Callable[P, R] | None = None, /, *, seeds: Iterable[SeedLike] = (), raises: Raises = ()
) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a function as a target: every parameter annotated with one of the types in `fuzztui.target.kinds`.

    `seeds` are inputs to begin with: each is a value, or a tuple of values where there are several parameters.
    `raises` are exceptions that the function may raise by contract; any other one that leaves it is a finding.
    HarnessError if one of these cannot be what it should.
    """
    where = caller()
    if isinstance(seeds, bytes | str):
        raise HarnessError(f"{where}: seeds is a {type(seeds).__name__}, want a list of seeds")
    settings = Settings(tuple(seeds), exception_types(raises, where), where)

    def decorate(target: Callable[P, R]) -> Callable[P, R]:
        setattr(target, SETTINGS, settings)
        return target

    return decorate if function is None else decorate(function)


class F:
    """Set-up of a target: registers seeds and cleanups, then names the one function to be fuzzed.

    A mistake in its use raises `HarnessError` and is remembered as `misuse`, so that code which swallows exceptions
    cannot hide it.
    """

    def __init__(self) -> None:
        self.running = False
        """True while the target executes; set by whoever calls it."""
        self.misuse: HarnessError | None = None
        """The first mistake in the use of this object."""
        self.target: Callable[..., object] | None = None
        self.parameters: tuple[str, ...] = ()
        self.raises: tuple[type[BaseException], ...] = ()
        self.seeds: list[tuple[Value, ...]] = []
        self.cleanups: list[Callable[[], object]] = []
        self._unchecked: list[tuple[str, tuple[Value, ...]]] = []

    def add(self, *values: Value) -> None:
        """Add a seed: one value for each of the target's parameters, in order."""
        where = self._outside_target("add")
        if self.target is not None:
            self._check_seed(values, where)
        elif any(kind_of(value) is None for value in values):
            self._refuse(f"{where}: f.add: {type_names(values)}, want values of {SUPPORTED}")
        else:
            self._unchecked.append((where, values))
        self.seeds.append(values)

    def cleanup(self, function: Callable[[], object]) -> None:
        """Call a function without arguments when fuzzing is over; the last one registered is called first."""
        where = self._outside_target("cleanup")
        if not callable(function):
            self._refuse(f"{where}: f.cleanup: {type(function).__name__} is not callable")
        self.cleanups.append(function)

    def fail(self, message: str = "") -> NoReturn:
        """Give up in the set-up: the target cannot be fuzzed."""
        where = self._outside_target("fail")
        self._refuse(f"{where}: f.fail() in the set-up{': ' * bool(message)}{message}")

    def skip(self, message: str = "") -> NoReturn:
        """Decline in the set-up: the target cannot be fuzzed here, e.g. for lack of a library."""
        where = self._outside_target("skip")
        self._refuse(f"{where}: f.skip() in the set-up, so there is nothing to fuzz{': ' * bool(message)}{message}")

    @overload
    def fuzz(self, function: Callable[P, R], /) -> Callable[P, R]: ...
    @overload
    def fuzz(self, /, *, raises: Raises = ()) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
    def fuzz(
        self, function: Callable[P, R] | None = None, /, *, raises: Raises = ()
    ) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
        """Name the function to be fuzzed; as a decorator with or without `raises`, see `fuzztui.fuzz`."""
        where = self._outside_target("fuzz")
        try:
            contract = exception_types(raises, where)
        except HarnessError as error:
            self._refuse(str(error))

        def decorate(target: Callable[P, R]) -> Callable[P, R]:
            self._set_target(target, contract, where)
            return target

        return decorate if function is None else decorate(function)

    def _set_target(self, target: Callable[..., object], raises: tuple[type[BaseException], ...], where: str) -> None:
        if self.target is not None:
            self._refuse(f"{where}: f.fuzz was called already, want one target for each set-up")
        if not callable(target):
            self._refuse(f"{where}: f.fuzz: {type(target).__name__} is not callable")
        try:
            self.parameters = parameters(target)
        except HarnessError as error:
            self._refuse(str(error))
        self.target, self.raises = target, raises
        for seed_where, values in self._unchecked:
            self._check_seed(values, seed_where)
        self._unchecked.clear()

    def _check_seed(self, values: tuple[Value, ...], where: str) -> None:
        if reason := mismatch(values, self.parameters):
            self._refuse(f"{where}: f.add: {reason}")

    def _outside_target(self, method: str) -> str:
        where = caller()
        if self.running:
            self._refuse(f"{where}: f.{method} was called inside the target, want it in the set-up")
        return where

    def _refuse(self, message: str) -> NoReturn:
        error = HarnessError(message)
        if self.misuse is None:
            self.misuse = error
        raise error from None


def mismatch(values: tuple[Value, ...], want: tuple[str, ...]) -> str | None:
    """Why these values cannot be the arguments of a target with such parameters, or None if they can."""
    if len(values) == len(want) and all(
        KINDS[name].is_class(type(value)) for value, name in zip(values, want, strict=True)
    ):
        return None
    return f"{type_names(values)}, want [{', '.join(want)}]"


def exception_types(raises: object, where: str) -> tuple[type[BaseException], ...]:
    """The exception classes in `raises`; HarnessError if there is anything else in it."""
    types = raises if isinstance(raises, tuple) else (raises,)
    for item in types:
        if not (isinstance(item, type) and issubclass(item, BaseException)):
            raise HarnessError(f"{where}: raises has {item!r}, want exception classes")
    return types
