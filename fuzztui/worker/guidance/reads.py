"""Where a program has read up to the end of a text or of binary data, and what it would have read on.

A parser that asks for four bytes of which there are two is told so by no comparison: it gets two, or Python raises.
What it asked for tells how long the input has to be, and what it compares with nothing at the end tells what would have
to follow.
"""

from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.plain import scalar
from fuzztui.worker.mutate.sized import is_binary

__builtins__ = PRIVATE_BUILTINS

MAX_READS: Final = 8
"""What is kept of one traced execution: most read beyond the end once, and stop."""

MAX_MISSING: Final = 1024
"""Characters that are missing; who asks for more asks for all that there is."""

MAX_WANTED: Final = 4
"""What may follow at one end."""

FILLERS: Final = ("A", "1")
BINARY_FILLERS: Final = ("\0", "\1")
"""What is put in place of what is missing in texts and in binary data."""

_LOOKED_AT: Final = 64
"""Characters."""

STREAMS: Final = (BytesIO, StringIO)

_Text = str | bytes


class Reads:
    """What one execution has read past the end."""

    def __init__(self) -> None:
        self._left = MAX_READS
        self._end: tuple[int, Any] | None = None
        """Of what was read last, if that was nothing for want of more: the length of the whole, and what lies before
        that has been begun and not ended.
        """
        self._open: tuple[int, _Text] | None = None
        """The length of a whole that ends within a line that has been read, and what would end it."""

    def clear(self) -> None:
        """Another execution begins."""
        self._left = MAX_READS
        self._end = self._open = None

    @property
    def is_at_end(self) -> bool:
        """Whether nothing was read last, for want of more."""
        return self._end is not None

    def of_stream(
        self, stream: Any, method: str, arguments: tuple[object, ...], result: Any
    ) -> Iterator[tuple[int, _Text]]:
        """(length of the whole, what it lacks at its end) after a read of a stream."""
        kind = type(result)
        self._end = None
        if not self._left or (kind is not bytes and kind is not str):
            return
        wanted = arguments[0] if arguments else None
        if method == "readline":
            end = "\n" if kind is str else b"\n"
            if result.endswith(end) or (type(wanted) is int and 0 <= wanted <= len(result)):
                return
            size = len(stream.getvalue())
            if result:
                self._open = size, end
                yield self._kept(size, end)
            else:
                self._end = size, self._before(size, kind)
        elif type(wanted) is int and wanted > len(result):
            whole = stream.getvalue()
            yield from self._short(len(whole), wanted - len(result), result, _is_binary(whole))

    def of_slice(self, text: _Text, lower: object, upper: object) -> Iterator[tuple[int, _Text]]:
        """The same after a part of a text was taken."""
        self._end = None
        if not self._left or type(upper) is not int or not (lower is None or type(lower) is int):
            return
        start, size = lower or 0, len(text)
        if 0 <= start < upper and upper > size:
            yield from self._short(size, upper - size, text[start:upper], _is_binary(text))

    def following(self, wanted: object) -> Iterator[tuple[int, _Text]]:
        """The same where nothing, at the end, was compared with something."""
        if self._end is None or not self._left:
            return
        size, before = self._end
        several = wanted if isinstance(wanted, tuple | list | set | frozenset) else (wanted,)
        texts: list[Any] = [text for text in map(scalar, several) if type(text) is type(before) and text]
        for text in sorted(texts, key=lambda text: (len(text), text))[:MAX_WANTED]:
            yield self._kept(size, before + text)

    def _short(self, size: int, missing: int, got: _Text, looks_binary: bool) -> Iterator[tuple[int, _Text]]:
        """A whole of this length has fewer characters than were asked for, of which it had some."""
        before = self._before(size, type(got))
        if not got:
            self._end = size, before
        if missing > MAX_MISSING:
            return
        for filler in BINARY_FILLERS if looks_binary else FILLERS:
            added: Any = filler if isinstance(got, str) else filler.encode()
            yield self._kept(size, before + missing * added)

    def _before(self, size: int, kind: type) -> Any:
        """What has to stand before what is read at the end."""
        if self._open is not None and self._open[0] == size and type(self._open[1]) is kind:
            return self._open[1]
        return kind()

    def _kept(self, size: int, lacking: _Text) -> tuple[int, _Text]:
        self._left = max(0, self._left - 1)
        return size, lacking


def _is_binary(whole: _Text) -> bool:
    """Whether there are signs at its end that texts do not have."""
    end = whole[-_LOOKED_AT:]
    return is_binary(end if isinstance(end, bytes) else end.encode("utf-8", "surrogatepass"))
