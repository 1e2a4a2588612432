"""What a search is, and how searches are put together."""

from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import islice
from typing import Final, TypeAlias, TypeVar

T = TypeVar("T")
U = TypeVar("U")

Search: TypeAlias = Generator[list[T], int | None, T]
"""Yields alternatives to the best value so far, is sent the position of the first that still fails or None, and returns
the best value.
"""

AT_ONCE: Final = 8
"""Alternatives that are yielded together: those behind the first that fails were run in vain."""


def first_of(value: T, alternatives: Iterator[T]) -> Search[T]:
    """The first of the alternatives that still fails, or the value itself."""
    while batch := list(islice(alternatives, AT_ONCE)):
        found = yield batch
        if found is not None:
            return batch[found]
    return value


def within(search: Search[T], whole: Callable[[T], U]) -> Generator[list[U], int | None, T]:
    """A search for a part of something: its alternatives as `whole` makes them of the part's."""
    found: int | None = None
    try:
        parts = next(search)
        while True:
            found = yield [whole(part) for part in parts]
            parts = search.send(found)
    except StopIteration as end:
        result: T = end.value
        return result


def until_nothing_changes(value: T, passes: Sequence[Callable[[T], Search[T]]]) -> Search[T]:
    """One pass after another, again and again, until none of them finds anything."""
    while True:
        before = value
        for one in passes:
            value = yield from one(value)
        if value == before:
            return value
