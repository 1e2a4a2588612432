"""Where a program has read up to the end of a text or of binary data, and what it would have read on.

A parser that asks for four bytes of which there are two is told so by no comparison: it gets two, or Python raises.
What it asked for tells how long the input has to be, and what it compares with nothing at the end tells what would have
to follow. Parts are read like the whole: it is remembered of each where in the whole it stands.
"""

from collections.abc import Iterator
from io import BytesIO, StringIO
from struct import Struct
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.plain import scalar
from fuzztui.worker.mutate.sized import is_binary
from fuzztui.worker.structure.slices import Slice

__builtins__ = PRIVATE_BUILTINS

MAX_READS: Final = 8
"""What is kept of one traced execution: most read beyond the end once, and stop."""

MAX_MISSING: Final = 1024
"""Characters that are missing; who asks for more asks for all that there is."""

MAX_WANTED: Final = 4
"""What may follow at one end."""

MAX_SLICES: Final = 256
"""Of one traced execution of which it is kept where they stand."""

MAX_PARTS: Final = 4096
MAX_HELD: Final = 4 * 2**20
"""Parts of which it is remembered where they stand, and their characters in all; beyond that, all are forgotten."""

MAX_COPIED: Final = 4 * 2**20
"""Characters of streams that are looked at as a whole, which may copy them."""

FILLERS: Final = ("A", "1")
BINARY_FILLERS: Final = ("\0", "\1")
"""What is put in place of what is missing in texts and in binary data."""

_LOOKED_AT: Final = 64
"""Characters."""

BEYOND: Final = {True: ("<=", ">"), False: (">=", "<")}
"""Whether a length is compared on the left -> operators by which it has to be more than what it is compared with."""

ANY: Final = -1
"""The length of a whole of which that is not known."""

_Text = str | bytes
_Sliced = str | bytes | bytearray | memoryview


class End(NamedTuple):
    """Where a text ends that was read."""

    size: int
    """Of the whole of which it is a part."""
    at: int
    """Its end in there."""


def is_stream(kind: type) -> bool:
    """Whether it is told of what such an object has read. By identity: the equality of types is their metaclass's."""
    return kind is BytesIO or kind is StringIO


def is_readable(kind: type) -> bool:
    """The same of parts, and of a length."""
    return kind is bytes or kind is str or kind is bytearray or kind is memoryview


class Reads:
    """What one execution has read past the end."""

    def __init__(self) -> None:
        self._left = MAX_READS
        self._end: tuple[End, Any] | None = None
        """Of what was read last, if that was nothing for want of more: where that was, and what lies before that has
        been begun and not ended.
        """
        self._open: tuple[End, _Text] | None = None
        """Where a line has been read that does not end, and what would end it."""
        self._parts: dict[int, tuple[_Sliced, int, int]] = {}
        """By identity parts, each with the size of the whole and where in there it begins. They are kept alive."""
        self._held = 0
        """Characters of these."""
        self._copied = 0
        self._slices: list[tuple[int, Slice]] = []
        """(size of the whole, slice of it), in order."""
        self.known = 0
        """Comparisons of this execution."""

    def clear(self) -> None:
        """Another execution begins."""
        self._left = MAX_READS
        self._end = self._open = None
        self._forget_parts()
        self._copied = 0
        self._slices.clear()
        self.known = 0

    def slices(self, size: int) -> tuple[Slice, ...]:
        """Of a whole of so many characters the slices that were taken, in order."""
        return tuple([taken for whole, taken in self._slices if whole == size])

    @property
    def is_at_end(self) -> bool:
        """Whether nothing was read last, for want of more."""
        return self._end is not None

    def of_stream(
        self, stream: Any, method: str, arguments: tuple[object, ...], result: Any
    ) -> Iterator[tuple[End, _Text]]:
        """(where, what is lacking there) after a read of a stream."""
        kind = type(result)
        self._end = None
        if not self._left or self._copied > MAX_COPIED or (kind is not bytes and kind is not str):
            return
        wanted = arguments[0] if arguments else None
        whole = stream.getvalue()  # the same object for as long as nobody writes
        self._copied += len(whole)
        self._remember(result, whole, stream.tell() - len(result))
        if method == "readline":
            line_end = "\n" if kind is str else b"\n"
            if result.endswith(line_end) or (type(wanted) is int and 0 <= wanted <= len(result)):
                return
            end = self._end_of(whole)
            if result:
                self._open = end, line_end
                yield self._kept(end, line_end)
            else:
                self._end = end, self._before(end, kind)
        elif type(wanted) is int and wanted > len(result):
            yield from self._short(self._end_of(whole), wanted - len(result), result, _is_binary(whole))

    def of_buffer(self, size: int | None, missing: int) -> Iterator[tuple[End, _Text]]:
        """The same of a buffer of so many bytes, from which more have been unpacked; None if it may have been any."""
        if self._left and size is not None:
            yield from self._short(End(size, size), missing, b"\0", looks_binary=True)
        elif self._left:
            for filler in (*BINARY_FILLERS, *FILLERS):
                yield self._kept(End(ANY, ANY), missing * filler.encode())

    def of_slice(self, text: _Sliced, lower: object, upper: object, part: _Sliced) -> Iterator[tuple[End, _Text]]:
        """The same after a part of a text was taken."""
        self._end = None
        start, size = 0 if lower is None else lower, len(text)
        if type(start) is not int or start < 0:
            return
        self._remember(part, text, min(start, size), upper - start if type(upper) is int else None)
        if self._left and type(upper) is int and start < upper and upper > size:
            end = self._end_of(text)
            yield from self._short(end, upper - size, _plain(text[start:upper]), _is_binary(_plain(text[-_LOOKED_AT:])))

    def of_unpacking(self, receiver: object, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
        """Something was unpacked from a buffer by `struct.unpack_from`, or by the method of that name."""
        layout = receiver if type(receiver) is Struct else Struct(arguments[0])
        given = arguments if type(receiver) is Struct else arguments[1:]
        text: Any = given[0] if given else options.get("buffer")
        at = given[1] if len(given) > 1 else options.get("offset", 0)
        if is_readable(type(text)) and type(at) is int:
            _, whole, begin = self._parts.get(id(text), (None, len(text), 0))
            begin += at if at >= 0 else at + len(text)
            self._note_slice(whole, begin, begin + layout.size, begin + layout.size)

    def of_length(self, text: _Sliced, missing: int) -> Iterator[tuple[End, _Text]]:
        """The same after it was asked whether a text is longer than it is, by so much."""
        if not self._left or missing > MAX_MISSING:
            return
        got: _Text = "-" if isinstance(text, str) else b"-"
        yield from self._short(self._end_of(text), missing, got, _is_binary(_plain(text[-_LOOKED_AT:])))

    def following(self, wanted: object) -> Iterator[tuple[End, _Text]]:
        """The same where nothing, at the end, was compared with something."""
        if self._end is None or not self._left:
            return
        end, before = self._end
        kind = type(wanted)
        is_several = kind is tuple or kind is list or kind is set or kind is frozenset
        several: Any = wanted if is_several else (wanted,)
        texts: list[Any] = [text for text in map(scalar, list(several)) if type(text) is type(before) and text]
        for text in sorted(texts, key=lambda text: (len(text), text))[:MAX_WANTED]:
            yield self._kept(end, before + text)

    def _short(self, end: End, missing: int, got: _Text, looks_binary: bool) -> Iterator[tuple[End, _Text]]:
        """There are fewer characters before an end than were asked for, of which there were some."""
        before = self._before(end, type(got))
        if not got:
            self._end = end, before
        if missing > MAX_MISSING:
            return
        for filler in BINARY_FILLERS if looks_binary else FILLERS:
            added: Any = filler if isinstance(got, str) else filler.encode()
            yield self._kept(end, before + missing * added)

    def _before(self, end: End, kind: type) -> Any:
        """What has to stand before what is read at the end."""
        if self._open is not None and self._open[0] == end and type(self._open[1]) is kind:
            return self._open[1]
        return kind()

    def _remember(self, part: Any, text: Any, start: int, asked: int | None = None) -> None:
        """A part of a text begins there; so much of it was asked for."""
        self._held += len(part)
        if len(self._parts) >= MAX_PARTS or self._held > MAX_HELD:
            self._forget_parts()
            self._held = len(part)
            if self._held > MAX_HELD:
                return
        _, size, begin = self._parts.get(id(text), (None, len(text), 0))
        begin += start
        self._parts[id(part)] = part, size, begin
        self._note_slice(size, begin, begin + len(part), begin + (len(part) if asked is None else asked))

    def _note_slice(self, size: int, begin: int, end: int, asked: int) -> None:
        if len(self._slices) < MAX_SLICES:
            self._slices.append((size, Slice(begin, end, asked, self.known)))

    def _forget_parts(self) -> None:
        self._parts.clear()
        self._held = 0

    def _end_of(self, text: Any) -> End:
        known = self._parts.get(id(text))
        return End(len(text), len(text)) if known is None else End(known[1], known[2] + len(text))

    def _kept(self, end: End, lacking: _Text) -> tuple[End, _Text]:
        self._left = max(0, self._left - 1)
        return end, lacking


def _plain(part: _Sliced) -> _Text:
    return part if isinstance(part, str) else bytes(part)


def _is_binary(whole: _Text) -> bool:
    """Whether there are signs at its end that texts do not have."""
    end = whole[-_LOOKED_AT:]
    return is_binary(end if isinstance(end, bytes) else end.encode("utf-8", "surrogatepass"))
