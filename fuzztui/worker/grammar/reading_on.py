"""Inputs that go on where a program has read up to their end, see `guidance.reads`."""

from collections.abc import Iterator, Sequence
from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import READS, Comparison
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS


def read_on(values: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """The values with what one of them lacks at its end: that of the length of what was read, or else a longer one,
    whose end that may have been.
    """
    room = max_len - sum(map(size, values))
    for operator, length, lacking in comparisons:
        if operator != READS or not isinstance(lacking, bytes | str) or size(lacking) > room:
            continue
        texts = [(index, value) for index, value in enumerate(values) if isinstance(value, bytes | str)]
        exact = [each for each in texts if len(each[1]) == length]
        for index, value in exact or [each for each in texts if len(each[1]) > _int(length)][:1]:
            yield (*values[:index], _joined(value, lacking), *values[index + 1 :])


def _int(length: object) -> int:
    return length if isinstance(length, int) else 0


def _joined(value: Any, lacking: bytes | str) -> bytes | str:
    if isinstance(value, bytes):
        return value + (lacking.encode("utf-8", "surrogatepass") if isinstance(lacking, str) else lacking)
    return str(value) + (lacking.decode("latin-1") if isinstance(lacking, bytes) else lacking)
