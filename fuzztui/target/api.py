"""What a harness is written with: the decorator `fuzz` and the class `F`."""

from collections.abc import Callable, Iterable
from typing import Any, NoReturn, ParamSpec, TypeAlias, TypeVar, overload

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import HarnessError, Skipped, Uncallable
from fuzztui.target.kinds import KINDS, Value
from fuzztui.target.signature import Signature, caller, taken
from fuzztui.target.values import named, type_names

__builtins__ = PRIVATE_BUILTINS

P = ParamSpec("P")
R = TypeVar("R")

Raises: TypeAlias = type[BaseException] | tuple[type[BaseException], ...]
SeedLike: TypeAlias = Any

SETTINGS = "__fuzztui__"
"""Attribute of a decorated function that holds its `Settings`."""


class Settings:
    """What `@fuzz(...)` records on a function, which stays an ordinary callable."""

    __slots__ = ("raises", "seeds", "surrogates", "where")

    def __init__(
        self, seeds: tuple[SeedLike, ...], raises: tuple[type[BaseException], ...], where: str, surrogates: bool
    ) -> None:
        self.seeds = seeds
        self.raises = raises
        self.where = where
        """`file:line` of the decorator."""
        self.surrogates = surrogates
        """Whether texts may have lone surrogates."""


@overload
def fuzz(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def fuzz(
    *, seeds: Iterable[SeedLike] = (), raises: Raises = (), surrogates: bool = True
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def fuzz(
    function: Callable[P, R] | None = None,
    /,
    *,
    seeds: Iterable[SeedLike] = (),
    raises: Raises = (),
    surrogates: bool = True,
) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a function as a target: every parameter annotated with a type of which values can be made, see
    `fuzztui.target.kinds` and `fuzztui.target.typed`.

    `seeds` are inputs to begin with: each is a value, or a tuple of values where there are several parameters.
    `raises` are exceptions that the function may raise by contract; any other one that leaves it is a finding.
    `surrogates=False` leaves out texts with lone surrogates, which no UTF-8 has. HarnessError if one of these cannot
    be what it should.
    """
    where = caller()
    if function is not None and not callable(function):
        raise Uncallable(f"{where}: fuzz takes its settings by name: seeds=[...], raises=...")
    if isinstance(seeds, bytes | str):
        raise Uncallable(f"{where}: seeds is a {type(seeds).__name__}, want a list of seeds")
    settings = Settings(tuple(seeds), exception_types(raises, where), where, surrogates)

    def decorate(target: Callable[P, R]) -> Callable[P, R]:
        if hasattr(target, SETTINGS) and not hasattr(target, "__wrapped__"):
            raise Uncallable(f"{where}: fuzz decorates this function already, want all settings in one")
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
        self.signature: Signature | None = None
        """What the target takes, once that is known."""
        self.raises: tuple[type[BaseException], ...] = ()
        self.surrogates = True
        """Whether texts may have lone surrogates."""
        self.seeds: list[tuple[Value, ...]] = []
        self.cleanups: list[Callable[[], object]] = []
        self._unchecked: list[tuple[str, tuple[Value, ...]]] = []

    @property
    def parameters(self) -> tuple[str, ...]:
        """What the target takes; empty before that is known."""
        return () if self.signature is None else self.signature.parameters

    def add(self, *values: Any) -> None:
        """Add a seed: one value for each of the target's parameters, in order."""
        where = self._outside_target("add")
        if self.target is not None:
            self._check_seed(values, where)
        else:
            self._unchecked.append((where, values))
        self.seeds.append(values)

    def cleanup(self, function: Callable[[], object]) -> None:
        """Call a function without arguments when fuzzing is over; the last one registered is called first."""
        where = self._outside_target("cleanup")
        if not callable(function):
            self._refuse(f"{where}: f.cleanup: {type(function).__name__} is not callable", Uncallable)
        self.cleanups.append(function)

    def fail(self, message: str = "") -> NoReturn:
        """Give up in the set-up: the target cannot be fuzzed."""
        where = self._outside_target("fail")
        self._refuse(f"{where}: f.fail() in the set-up{': ' * bool(message)}{message}")

    def skip(self, message: str = "") -> NoReturn:
        """Decline in the set-up: the target cannot be fuzzed here, e.g. for lack of a library."""
        where = self._outside_target("skip")
        reason = f"so there is nothing to fuzz{': ' * bool(message)}{message}"
        self._refuse(f"{where}: f.skip() in the set-up, {reason}", Skipped)

    @overload
    def fuzz(self, function: Callable[P, R], /) -> Callable[P, R]: ...
    @overload
    def fuzz(
        self, /, *, raises: Raises = (), surrogates: bool = True
    ) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
    def fuzz(
        self, function: Callable[P, R] | None = None, /, *, raises: Raises = (), surrogates: bool = True
    ) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
        """Name the function to be fuzzed; as a decorator with or without `raises` and `surrogates`, see
        `fuzztui.fuzz`.
        """
        where = self._outside_target("fuzz")
        try:
            contract = exception_types(raises, where)
        except HarnessError as error:
            self._refuse(str(error), Uncallable)

        def decorate(target: Callable[P, R]) -> Callable[P, R]:
            self._set_target(target, contract, where)
            self.surrogates = surrogates
            return target

        return decorate if function is None else decorate(function)

    def _set_target(self, target: Callable[..., object], raises: tuple[type[BaseException], ...], where: str) -> None:
        if self.target is not None:
            self._refuse(f"{where}: f.fuzz was called already, want one target for each set-up", Uncallable)
        if not callable(target):
            self._refuse(f"{where}: f.fuzz: {type(target).__name__} is not callable", Uncallable)
        try:
            self.signature = taken(target)
        except HarnessError as error:
            self._refuse(str(error), Uncallable)
        self.target, self.raises = target, raises
        for seed_where, values in self._unchecked:
            self._check_seed(values, seed_where)
        self._unchecked.clear()

    def _check_seed(self, values: tuple[Value, ...], where: str) -> None:
        assert self.signature is not None, "it is known where there is a target"
        if reason := plain_arguments(values, self.signature)[1]:
            self._refuse(f"{where}: f.add: {reason}", Uncallable)

    def _outside_target(self, method: str) -> str:
        where = caller()
        if self.running:
            self._refuse(f"{where}: f.{method} was called inside the target, want it in the set-up")
        return where

    def _refuse(self, message: str, kind: type[HarnessError] = HarnessError) -> NoReturn:
        error = kind(message)
        if self.misuse is None:
            self.misuse = error
        raise error from None


def plain_arguments(values: tuple[Any, ...], signature: Signature) -> tuple[tuple[Value, ...], str]:
    """The plain form of a seed; and why these values cannot be arguments, empty if they can."""
    want = signature.parameters
    if signature.plain is not None:
        try:
            return signature.plain(values), ""
        except ValueError as error:
            return (), f"{error} (the target takes [{', '.join(named(want))}])"
    if len(values) == len(want) and all(
        KINDS[name].is_class(type(value)) for value, name in zip(values, want, strict=True)
    ):
        return values, ""
    return (), f"{type_names(values)}, want [{', '.join(want)}]"


def exception_types(raises: object, where: str) -> tuple[type[BaseException], ...]:
    """The exception classes in `raises`; HarnessError if there is anything else in it."""
    types = raises if isinstance(raises, tuple) else (raises,)
    for item in types:
        if not (isinstance(item, type) and issubclass(item, BaseException)):
            raise Uncallable(f"{where}: raises has {item!r}, want exception classes")
    return types
