"""Room at the end for a sum over all that stands before it.

Inputs are trimmed as long as they cover the same. Of one that ends in a sum, which is not right yet, no more is left
then than what is asked for first: the last bytes are both what the sum is of, and where it is looked for, and to put it
there destroys the rest.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS
from fuzztui.worker.mutate.operands import READS, Comparison
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_BEHIND: Final = 16
"""Bytes or characters between a sum and the end: another number, or what an input has to end in."""

MAX_ROOMS: Final = 4
"""Inputs that one leads to."""

_WIDTHS: Final = (8, 4, 2, 1)
_NUMBERS: Final = (2, 4, 8)
_SHORTEST: Final = 4
_LONGEST: Final = 128
"""Bytes or characters of a digest."""


def with_room(arguments: Arguments, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
    """At most `MAX_ROOMS` inputs, each once, in which all that the last bytes of one value were compared with stands
    behind it, and what followed these once more.
    """
    seen = {arguments}
    for operator, left, right in comparisons:
        if operator != "same" or (type(left) is type(right) and left == right):
            continue
        for there, wanted in ((left, right), (right, left)):
            for index, value in enumerate(arguments):
                for longer in _longer(value, there, wanted):
                    made = (*arguments[:index], longer, *arguments[index + 1 :])
                    if made not in seen:
                        seen.add(made)
                        yield made
                        if len(seen) > MAX_ROOMS:
                            return


def with_zeros(arguments: Arguments, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
    """Bytes with zeros behind them, where several were to be read on: as a number they are a small one, which may be
    the place of something, and what letters stand for is beyond all that there is.
    """
    data = arguments[0]
    if len(arguments) == 1 and type(data) is bytes:
        whole = (len(data), len(data), (), 0)
        for operator, end, lacking in comparisons:
            if operator == READS and end == whole and isinstance(lacking, bytes) and len(lacking) in _NUMBERS:
                yield (data + bytes(len(lacking)),)
                return


def _longer(value: Any, there: Any, wanted: Any) -> Iterator[Any]:
    if type(value) is not bytes and type(value) is not str:
        return
    for old, new in _forms(value, there, wanted):
        begin = max(0, len(value) - len(old) - MAX_BEHIND)
        at = value.rfind(old, begin)
        if at >= 0 and new not in value:
            yield value + new + value[at + len(old) :]
            return  # a shorter form is but a part of this one


def _forms(value: bytes | str, there: Any, wanted: Any) -> Iterator[tuple[Any, Any]]:
    """(what stands there, what should), as pieces of the value, the longest first."""
    if type(value) is bytes and type(there) is type(wanted) is str:
        there, wanted = there.encode("utf-8", "surrogatepass"), wanted.encode("utf-8", "surrogatepass")
    if type(there) is type(wanted) is type(value):
        if _SHORTEST <= len(wanted) <= _LONGEST and len(there) <= len(wanted):
            yield there, wanted
    elif type(value) is bytes and type(there) is type(wanted) is int and there >= 0 <= wanted:
        for width in _WIDTHS:
            if max(there, wanted).bit_length() <= 8 * width:
                for order in BYTE_ORDERS[:width]:
                    yield there.to_bytes(width, order), wanted.to_bytes(width, order)
