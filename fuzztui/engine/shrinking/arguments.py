"""All arguments of a call together."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from fuzztui.engine.shrinking import binary, boolean, composite, date, floating, integer, text
from fuzztui.engine.shrinking.search import Search, first_of, until_nothing_changes, within
from fuzztui.target.values import Value, zero

Arguments = tuple[Value, ...]

NEAR: Final = 16
"""Places in a sequence at which elements are left out together with a number that is lowered."""

SEARCHES: Final[dict[str, Callable[[Any], Search[Any]]]] = {
    "bytes": binary.shrink,
    "str": text.shrink,
    "int": integer.shrink,
    "float": floating.shrink,
    "bool": boolean.shrink,
    "date": date.shrink,
}
"""By the name of the kind."""


def shrink(arguments: Arguments, parameters: tuple[str, ...]) -> Search[Arguments]:
    """The smallest and plainest arguments that fail; `parameters`: the names of their kinds."""
    zeros = zero(parameters)
    for at in range(len(arguments)):
        if arguments[at] != zeros[at]:
            arguments = yield from first_of(arguments, iter([(*arguments[:at], zeros[at], *arguments[at + 1 :])]))
    passes = [_pass(at, name) for at, name in enumerate(parameters)]
    integers = [at for at, name in enumerate(parameters) if name == "int"]
    sequences = [at for at, name in enumerate(parameters) if name in ("bytes", "str")]
    passes += [_shorter_together(at, other) for at in integers for other in sequences]
    passes += [_cut_together(at, other) for at in sequences for other in sequences if at < other]
    passes += [_moved_together(at, other) for at in integers for other in integers if at < other]
    return (yield from until_nothing_changes(arguments, passes))


def _shorter_together(at: int, sequence: int) -> Callable[[Arguments], Search[Arguments]]:
    """A number lowered together with the removal of as many elements, which it may count or point at."""

    def alternatives(arguments: Arguments) -> Iterator[Arguments]:
        number: Any = arguments[at]
        value: Any = arguments[sequence]
        for less in _steps(min(number, len(value))):
            for start in dict.fromkeys((0, len(value) - less, *range(1, min(NEAR, len(value) - less + 1)))):
                shorter = value[:start] + value[start + less :]
                yield _changed(arguments, {at: number - less, sequence: shorter})

    return _again_and_again(alternatives)


def _cut_together(at: int, other: int) -> Callable[[Arguments], Search[Arguments]]:
    """The same elements left out of two sequences of one length, which are compared perhaps."""

    def alternatives(arguments: Arguments) -> Iterator[Arguments]:
        first: Any = arguments[at]
        second: Any = arguments[other]
        if len(first) != len(second):
            return
        for size in _steps(len(first)):
            for end in range(len(first), 0, -size):
                start = max(0, end - size)
                cut = first[:start] + first[end:], second[:start] + second[end:]
                yield _changed(arguments, {at: cut[0], other: cut[1]})

    return _again_and_again(alternatives)


def _moved_together(at: int, other: int) -> Callable[[Arguments], Search[Arguments]]:
    """A number moved towards 0 with another one that moves as far: in the same direction, or in the other."""

    def alternatives(arguments: Arguments) -> Iterator[Arguments]:
        number: Any = arguments[at]
        second: Any = arguments[other]
        for step in _steps(abs(number)):
            less = step if number > 0 else -step
            yield _changed(arguments, {at: number - less, other: second - less})
            yield _changed(arguments, {at: number - less, other: second + less})

    return _again_and_again(alternatives)


def _steps(most: int) -> Iterator[int]:
    """From all to one, halved each time."""
    while most > 0:
        yield most
        most >>= 1


def _changed(arguments: Arguments, changes: dict[int, Value]) -> Arguments:
    return tuple(changes.get(at, value) for at, value in enumerate(arguments))


def _again_and_again(
    alternatives: Callable[[Arguments], Iterator[Arguments]],
) -> Callable[[Arguments], Search[Arguments]]:
    def search(arguments: Arguments) -> Search[Arguments]:
        while True:
            found = yield from first_of(arguments, alternatives(arguments))
            if found == arguments:
                return arguments
            arguments = found

    return search


def _search(name: str, value: Any) -> Search[Any]:
    return SEARCHES[name](value) if name in SEARCHES else composite.shrink(value)


def _pass(at: int, name: str) -> Callable[[Arguments], Search[Arguments]]:
    def search(arguments: Arguments) -> Search[Arguments]:
        before, after = arguments[:at], arguments[at + 1 :]
        found = yield from within(_search(name, arguments[at]), lambda value: (*before, value, *after))
        return (*before, found, *after)

    return search
