"""Inputs that go on where a program has read up to their end, see `guidance.reads`."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.reads import End
from fuzztui.worker.mutate.domains import domain_of
from fuzztui.worker.mutate.operands import READS, Comparison
from fuzztui.worker.mutate.sized import insertions
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_WAYS: Final = 4
"""Ways to keep lengths right."""


def read_on(values: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """The values with what one of them lacks where it was read up to an end: that of the length of what was read, or
    else a longer one, whose end that may have been. Where that is in its midst, lengths of what encloses it grow.
    """
    room = max_len - sum(map(size, values))
    for operator, end, lacking in comparisons:
        if operator != READS or not isinstance(end, End) or not isinstance(lacking, bytes | str):
            continue
        if size(lacking) > room:
            continue
        texts = [(index, value) for index, value in enumerate(values) if isinstance(value, bytes | str)]
        exact = [each for each in texts if len(each[1]) == end.size]
        for index, value in exact or [each for each in texts if len(each[1]) > end.size][:1]:
            for changed in _with(value, end.at if exact else len(value), _like(value, lacking)):
                yield (*values[:index], changed, *values[index + 1 :])


def _with(value: Any, at: int, lacking: Any) -> Iterator[Any]:
    if at < len(value) or _follows_none(value, at):
        domain: Any = domain_of(value)
        yield from islice(domain.with_lengths(value, at, at, lacking), MAX_WAYS)
        if type(value) is bytes:
            yield from islice(insertions(value, at, lacking), MAX_WAYS)
    yield value[:at] + lacking + value[at:]


def _follows_none(value: Any, at: int) -> bool:
    """Whether a length of none may stand right before."""
    return at > 0 and type(value) is bytes and value[at - 1] == 0


def _like(value: bytes | str, lacking: bytes | str) -> bytes | str:
    if isinstance(value, bytes):
        return lacking.encode("utf-8", "surrogatepass") if isinstance(lacking, str) else lacking
    return lacking.decode("latin-1") if isinstance(lacking, bytes) else lacking
