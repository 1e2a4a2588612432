"""Inputs that go on where a program has read up to their end, see `guidance.reads`."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import in_turns
from fuzztui.worker.guidance.reads import End
from fuzztui.worker.mutate.domains import domain_of
from fuzztui.worker.mutate.enclosing import grown
from fuzztui.worker.mutate.operands import READS, Comparison
from fuzztui.worker.mutate.sized import insertions, is_binary
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_WAYS: Final = 4
"""Ways to keep lengths right."""


def read_on(values: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """The values with what one of them lacks where it was read up to an end: that of the length of what was read, or
    else a longer one, whose end that may have been. Where that is in its midst, lengths of what encloses it grow.
    """
    room = max_len - sum(map(size, values))
    texts = [(index, value) for index, value in enumerate(values) if isinstance(value, bytes | str)]
    are_binary = any(type(value) is bytes and is_binary(value) for value in values)
    ways: list[Iterator[Arguments]] = []
    for operator, end, lacking in _last_first(comparisons) if are_binary else comparisons:
        if operator != READS or not isinstance(end, End) or not isinstance(lacking, bytes | str):
            continue
        if size(lacking) <= room:
            exact = [each for each in texts if len(each[1]) == end.size]
            for index, value in exact or [each for each in texts if len(each[1]) > end.size][:1]:
                place = end if exact else End(len(value), len(value))
                news = _put_in(value, place, lacking) if are_binary else _with(value, place.at, lacking)
                ways.append(_in_place(values, index, news))
    return in_turns(ways) if are_binary else chain.from_iterable(ways)


def _in_place(values: Arguments, index: int, news: Iterator[Any]) -> Iterator[Arguments]:
    return ((*values[:index], new, *values[index + 1 :]) for new in news)


def _last_first(comparisons: Sequence[Comparison]) -> Iterator[Comparison]:
    """Where the program has stopped comes first; what may be lacking at one place stays in its order."""
    places: dict[object, list[Comparison]] = {}
    for each in comparisons:
        if each[0] == READS:
            places.setdefault(each[1], []).append(each)
    for several in reversed(places.values()):
        yield from several


def _put_in(value: Any, end: End, lacking: bytes | str) -> Iterator[Any]:
    """In binary data: where it is known what encloses the place, first as that has it; what has to change in a place
    is nothing but that.
    """
    if type(value) is bytes and type(lacking) is bytes:
        at = end.at - end.taken
        if end.enclosing or end.taken:
            yield from grown(value, end.enclosing, at, lacking, end.taken)
    if not end.taken:
        yield from _with(value, end.at, lacking)


def _with(value: Any, at: int, lacking: bytes | str) -> Iterator[Any]:
    new: Any = _like(value, lacking)
    if at < len(value) or _follows_none(value, at):
        domain: Any = domain_of(value)
        yield from islice(domain.with_lengths(value, at, at, new), MAX_WAYS)
        if type(value) is bytes:
            yield from islice(insertions(value, at, new), MAX_WAYS)
    yield value[:at] + new + value[at:]


def _follows_none(value: Any, at: int) -> bool:
    """Whether a length of none may stand right before."""
    return at > 0 and type(value) is bytes and value[at - 1] == 0


def _like(value: bytes | str, lacking: bytes | str) -> bytes | str:
    if isinstance(value, bytes):
        return lacking.encode("utf-8", "surrogatepass") if isinstance(lacking, str) else lacking
    return lacking.decode("latin-1") if isinstance(lacking, bytes) else lacking
