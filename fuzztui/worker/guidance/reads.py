"""Where a program has read up to the end of a text or of binary data, and what it would have read on.

A parser that asks for four bytes of which there are two is told so by no comparison: it gets two, or Python raises.
What it asked for tells how long the input has to be, and what it compares with nothing at the end tells what would have
to follow. Parts are read like the whole: it is remembered of each where in the whole it stands.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO
from struct import Struct, calcsize
from typing import Any, Final, NamedTuple, cast

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.contexts import site_of
from fuzztui.worker.guidance.frames import Frames
from fuzztui.worker.guidance.plain import scalar
from fuzztui.worker.mutate.enclosing import Extent
from fuzztui.worker.mutate.sized import is_binary
from fuzztui.worker.structure.slices import Read, Slice

__builtins__ = PRIVATE_BUILTINS

MAX_READS: Final = 8
"""What is kept of one traced execution: most read beyond the end once, and stop."""

MAX_READS_OF_BINARY: Final = 32
"""The same of binary data: of parts within parts each has an end, and any byte may have been compared with another."""

MAX_MISSING: Final = 1024
"""Characters that are missing; who asks for more asks for all that there is."""

MAX_WANTED: Final = 4
"""What may follow at one end."""

MAX_SLICES: Final = 256
"""Of one traced execution of which it is kept where they stand."""

MAX_NUMBERS: Final = 512
"""The same of what was taken for numbers."""

MAX_SITES: Final = 512
"""Reads of one traced execution of which it is told from where they were made."""

MAX_PARTS: Final = 4096
MAX_HELD: Final = 4 * 2**20
"""Parts of which it is remembered where they stand, and their characters in all; beyond that, all are forgotten."""

MAX_ENCLOSING: Final = 16
"""Parts within each other of which it is remembered where they lie."""

MAX_PIECES: Final = 64
"""Of one text that was cut into many."""

SMALL: Final = 1
MAX_PLACES: Final = 3
"""Characters of what is one object wherever it was taken, and the latest places at which it may have been.
"""

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

_ORDERS: Final = ("<", ">", "=", "!", "@")
_INTEGERS: Final = "bBhHiIlLqQnN"
_TEXTS: Final = {"s": 0, "p": 1}
"""Codes, and bytes of what they stand for that are no text."""
_CODES: Final = re.compile(r"(\d*)([a-zA-Z?])")

_Text = str | bytes
_Sliced = str | bytes | bytearray | memoryview


class End(NamedTuple):
    """Where a text ends that was read."""

    size: int
    """Of the whole of which it is a part."""
    at: int
    """Its end in there."""
    enclosing: tuple[Extent, ...] = ()
    """The part that ends there, and those that it is a part of, the innermost first; not the whole."""
    taken: int = 0
    """Characters before the end in whose place something else is wanted."""


def is_stream(kind: type) -> bool:
    """Whether it is told of what such an object has read. By identity: the equality of types is their metaclass's."""
    return kind is BytesIO or kind is StringIO


def is_readable(kind: type) -> bool:
    """The same of parts, and of a length."""
    return kind is bytes or kind is str or kind is bytearray or kind is memoryview


def is_of_bytes(container: object) -> bool:
    """Whether a member of it is a byte, and a part of it is several."""
    kind = type(container)
    return kind is bytes or kind is bytearray or (kind is memoryview and cast("memoryview", container).format == "B")


COPYING: Final[tuple[object, ...]] = (bytes, bytearray, memoryview, BytesIO)
"""Functions that make the same bytes something else."""


class _Part(NamedTuple):
    """Part of a text."""

    text: _Sliced
    """Kept alive, since it is known by its identity."""
    size: int
    """Of the whole."""
    begin: int
    """Where in the whole it begins."""
    enclosing: tuple[Extent, ...]
    """Where it and what encloses it lies, see `End`."""
    is_binary: bool
    """Whether the whole is: of a part that is short nobody could tell."""
    content: bytes = b""
    """What was in it, where it may change."""


class Reads:
    """What one execution has read past the end."""

    def __init__(self) -> None:
        self._left = MAX_READS
        self._is_of_binary = False
        """Whether that is as much as is kept of binary data."""
        self._end: tuple[End, Any] | None = None
        """Of what was read last, if that was nothing for want of more: where that was, and what lies before that has
        been begun and not ended.
        """
        self._open: tuple[End, _Text] | None = None
        """Where a line has been read that does not end, and what would end it."""
        self._parts: dict[int, _Part] = {}
        """By identity."""
        self._small: dict[int, list[_Part]] = {}
        """The latest places of those that are so small that Python has one object for all of them."""
        self._held = 0
        """Characters of these."""
        self._byte: tuple[int, Any, int] | None = None
        """The last one that was read: which, of what, and where in there."""
        self._copied = 0
        self._numbers: dict[tuple[int, int, int], None] = {}
        """(size of the whole, begin, end), in order."""
        self._slices: list[tuple[int, Slice]] = []
        """(size of the whole, slice of it), in order."""
        self._sites: list[tuple[int, Read]] = []
        """(size of the whole, read of it), in order."""
        self._frames: Final = Frames()
        self._notes_sites = False
        self.known = 0
        """Comparisons of this execution."""

    def clear(self, *, notes_sites: bool = False) -> None:
        """Another execution begins; `notes_sites`: in which it is noted from where something is read."""
        self._notes_sites = notes_sites
        self._sites.clear()
        self._frames.clear()
        self._left, self._is_of_binary = MAX_READS, False
        self._end = self._open = self._byte = None
        self._forget_parts()
        self._copied = 0
        self._slices.clear()
        self._numbers.clear()
        self.known = 0

    def slices(self, size: int) -> tuple[Slice, ...]:
        """Of a whole of so many characters the slices that were taken, in order."""
        return tuple([taken for whole, taken in self._slices if whole == size])

    def sites(self, size: int) -> tuple[Read, ...]:
        """Of a whole of so many characters from where it was read, in order."""
        return tuple([read for whole, read in self._sites if whole == size])

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
        is_uncounted = wanted is None or (type(wanted) is int and wanted < 0)
        self._remember(result, whole, stream.tell() - len(result), is_uncounted=is_uncounted and method == "read")
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
            gap = max(0, stream.tell() - len(whole))  # it may have been moved behind the end
            missing = gap + wanted - len(result)
            yield from self._short(self._end_of(whole), missing, result, self._is_binary(whole), gap)

    def of_read_into(self, stream: Any, buffer: Any, count: object) -> Iterator[tuple[End, _Text]]:
        """The same after so much was read into a buffer."""
        if not self._left or self._copied > MAX_COPIED or type(count) is not int or not is_of_bytes(buffer):
            return
        whole = stream.getvalue()
        self._copied += len(whole)
        if count == len(buffer):
            self._remember(buffer, whole, stream.tell() - count)
        else:
            self._note_slice(len(whole), len(whole) - count, len(whole), len(whole) - count + len(buffer))
            yield from self._short(
                self._end_of(whole), len(buffer) - count, bytes(buffer[:count]), self._is_binary(whole)
            )

    def of_buffer(self, size: int | None, missing: int) -> Iterator[tuple[End, _Text]]:
        """The same of a buffer of so many bytes, from which more have been unpacked; None if it may have been any."""
        if self._left and size is not None:
            yield from self._short(End(size, size), missing, b"\0", looks_binary=True)
        elif self._left:
            for filler in (*BINARY_FILLERS, *FILLERS):
                yield self._kept(End(ANY, ANY), missing * filler.encode())

    def of_slice(self, text: _Sliced, lower: object, upper: object, part: _Sliced) -> Iterator[tuple[End, _Text]]:
        """The same after a part of a text was taken."""
        start, size = 0 if lower is None else lower, len(text)
        if upper is not None:
            self._end = None
        if type(start) is not int:
            return
        if start < 0:
            self._remember(part, text, max(0, size + start))
            return
        asked = upper - start if type(upper) is int and upper >= 0 else None
        self._remember(part, text, start, asked, is_uncounted=upper is None)
        if self._left and type(upper) is int and start < upper and upper > size:
            got = _plain(text[start:upper])
            for end in self._ends_of(text):
                yield from self._short(end, upper - size, got, self._is_binary(text), max(0, start - size))

    def of_pieces(self, text: Any, pieces: Sequence[Any], gap: Any) -> None:
        """A text was cut into pieces that stand in it in this order, with such a gap between two of them."""
        at = 0
        for piece in pieces[:MAX_PIECES]:
            start = text.find(piece, at)
            if start < 0:
                return
            self._remember(piece, text, start)
            at = start + len(piece) + len(gap)

    def of_unpacking(
        self, receiver: object, arguments: tuple[Any, ...], options: dict[str, Any], values: Sequence[object]
    ) -> None:
        """These values were unpacked from a buffer by `struct.unpack_from`, or by the method of that name."""
        layout, text, at = _unpacked(receiver, arguments, options)
        if is_readable(type(text)) and type(at) is int:
            self.of_layout(layout, text, values, at)

    def of_unpacking_in_vain(
        self, receiver: object, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> Iterator[tuple[End, _Text]]:
        """The same where there was too little to be unpacked."""
        layout, text, at = _unpacked(receiver, arguments, options)
        if is_of_bytes(text) and type(at) is int and at >= 0:
            missing = at + layout.size - len(text)
            if missing > 0:
                yield from self.of_length(text, missing)

    def of_layout(self, layout: Struct, text: Any, values: Sequence[object], at: int = 0) -> None:
        """So much of a buffer was taken for these values. Of a part it was told already that it was taken."""
        known = self._known(text)
        size, begin = (len(text), 0) if known is None else (known.size, known.begin)
        start = at if at >= 0 else at + len(text)
        begin += start
        if known is None or layout.size < len(text):
            self._note_slice(size, begin, begin + layout.size, begin + layout.size)
        texts = [value for value in values if type(value) is bytes]
        for field in fields_of(layout.format):
            if not field.is_text:
                self._keep_number(size, begin + field.begin, begin + field.end)
            elif texts:
                self._remember(texts.pop(0), text, start + field.begin, is_uncounted=True, notes_site=False)

    def of_length(self, text: _Sliced, missing: int) -> Iterator[tuple[End, _Text]]:
        """The same after it was asked whether a text is longer than it is, by so much."""
        if not self._left or missing > MAX_MISSING:
            return
        got: _Text = "-" if isinstance(text, str) else b"-"
        for end in self._ends_of(text):
            yield from self._short(end, missing, got, self._is_binary(text))

    def following(self, wanted: object) -> Iterator[tuple[End, _Text]]:
        """The same where nothing, at the end, was compared with something."""
        if self._end is None or not self._left:
            return
        end, before = self._end
        texts: list[Any] = [text for text in map(scalar, _several(wanted)) if type(text) is type(before) and text]
        for text in sorted(texts, key=lambda text: (len(text), text))[:MAX_WANTED]:
            yield self._kept(end, before + text)

    def instead(self, part: bytes, wanted: object) -> Iterator[tuple[End, _Text]]:
        """The same of a part of binary data in whose place a text of another size is wanted."""
        known = self._known(part)
        if known is None or not known.is_binary or not known.enclosing or not self._left:
            return
        texts = [text for text in _several(wanted) if type(text) is bytes and 0 < len(text) != len(part)]
        for text in sorted(texts, key=lambda text: (len(text), text))[:MAX_WANTED]:
            yield self._kept(self._end_of(part)._replace(taken=len(part)), text)

    def of_copy(self, source: Any, made: Any) -> None:
        """The same bytes are something else from now on."""
        if type(made) is BytesIO:
            made = made.getvalue()
        if made is source or not is_of_bytes(made) or len(made) != len(source) or not self._has_room(len(made)):
            return
        known = self._known(source) or _Part(source, len(source), 0, (), _looks_binary(source))
        content = bytes(made) if type(made) is bytearray else b""
        self._parts[id(made)] = known._replace(text=made, content=content)

    def of_byte(self, data: Any, at: int, value: int) -> None:
        """One byte was taken out of data."""
        at = at if at >= 0 else len(data) + at
        self._byte = value, data, at
        known = self._known(data)
        size, begin = (len(data), 0) if known is None else (known.size, known.begin)
        self._note_number(size, begin + at, begin + at + 1)

    def instead_of_byte(self, value: int, wanted: object) -> Iterator[tuple[End, _Text]]:
        """What should have stood in the place of the byte that was read last, if it was this one."""
        if self._byte is None or self._byte[0] != value or not self._left:
            return
        _, data, at = self._byte
        end = self._end_of(data)
        place = end._replace(at=end.at - len(data) + at + 1, taken=1)
        others = {each for each in _several(wanted) if type(each) is int and 0 <= each < 256 and each != value}
        for other in sorted(others)[:MAX_WANTED]:
            yield self._kept(place, bytes((other,)))

    def _short(
        self, end: End, missing: int, got: _Text, looks_binary: bool, gap: int = 0
    ) -> Iterator[tuple[End, _Text]]:
        """There are fewer characters before an end than were asked for, of which there were some. `gap`: characters
        between the end and where it was read.
        """
        before = self._before(end, type(got))
        if not got:
            filler: Any = (BINARY_FILLERS if looks_binary else FILLERS)[0]
            filled = gap * (filler if isinstance(got, str) else filler.encode()) if gap <= MAX_MISSING else before[:0]
            self._end = end, before + filled
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

    def _remember(
        self,
        part: Any,
        text: Any,
        start: int,
        asked: int | None = None,
        *,
        is_uncounted: bool = False,
        notes_site: bool = True,
    ) -> None:
        """A part of a text begins there; so much of it was asked for. `is_uncounted`: whether no number says how much;
        `notes_site`: whether it is noted from where it was read.
        """
        if not self._has_room(len(part)):
            return
        known = self._known(text)
        whole = known or _Part(text, len(text), 0, (), _looks_binary(text))
        # A stream may have been moved behind its end, and a slice may begin there.
        begin, enclosing = whole.begin + min(start, len(text)), whole.enclosing
        if whole.is_binary and not self._is_of_binary:
            self._is_of_binary = True
            self._left += MAX_READS_OF_BINARY - MAX_READS
        asked = len(part) if asked is None else asked
        self._note_slice(
            whole.size, begin, begin + len(part), begin + asked, is_uncounted=is_uncounted, notes_site=notes_site
        )
        if part is not text:
            if len(enclosing) < MAX_ENCLOSING:
                enclosing = ((begin, begin + len(part)), *enclosing)
            content = bytes(part) if type(part) is bytearray else b""
            made = self._parts[id(part)] = _Part(part, whole.size, begin, enclosing, whole.is_binary, content)
            if len(part) <= SMALL:
                places = self._small.setdefault(id(part), [])
                places.append(made)
                del places[:-MAX_PLACES]

    def _has_room(self, size: int) -> bool:
        """Whether a part of such a size is to be remembered."""
        self._held += size
        if len(self._parts) >= MAX_PARTS or self._held > MAX_HELD:
            self._forget_parts()
            self._held = size
        return self._held <= MAX_HELD

    def _known(self, text: Any) -> _Part | None:
        """Where a text stands in a whole, if that is known: what is left of one that had its beginning taken away
        stands further behind, and one that has become another stands nowhere.
        """
        part = self._parts.get(id(text))
        if part is None or type(text) is not bytearray or text == part.content:
            return part
        gone = len(part.content) - len(text)
        if gone > 0 and part.content.endswith(text):
            return part._replace(begin=part.begin + gone)
        return None

    def numbers(self, size: int) -> tuple[tuple[int, int], ...]:
        """Of a whole of so many characters, (begin, end) of what was taken as numbers besides the slices."""
        return tuple([(begin, end) for whole, begin, end in self._numbers if whole == size])

    def _note_site(self, size: int, begin: int, end: int) -> None:
        if self._notes_sites and len(self._sites) < MAX_SITES:
            self._sites.append((size, Read(begin, end, *site_of(sys._getframe(1), self._frames))))

    def _note_number(self, size: int, begin: int, end: int) -> None:
        self._note_site(size, begin, end)
        self._keep_number(size, begin, end)

    def _keep_number(self, size: int, begin: int, end: int) -> None:
        if len(self._numbers) < MAX_NUMBERS:
            self._numbers[size, begin, end] = None

    def _note_slice(
        self, size: int, begin: int, end: int, asked: int, *, is_uncounted: bool = False, notes_site: bool = True
    ) -> None:
        if notes_site:
            self._note_site(size, begin, end)
        if len(self._slices) < MAX_SLICES:
            self._slices.append((size, Slice(begin, end, asked, self.known, is_uncounted)))

    def _forget_parts(self) -> None:
        self._parts.clear()
        self._small.clear()
        self._held = 0

    def _end_of(self, text: Any) -> End:
        known = self._known(text)
        return End(len(text), len(text)) if known is None else End(known.size, known.begin + len(text), known.enclosing)

    def _ends_of(self, text: Any) -> list[End]:
        """That of the part that was taken last, and others that it may have been: what is one object wherever it came
        from may be a whole, too.
        """
        places = [End(each.size, each.begin + len(text), each.enclosing) for each in self._small.get(id(text), ())]
        own = [End(len(text), len(text))] if places else []
        return list(dict.fromkeys([self._end_of(text), *own, *places[::-1]]))

    def _is_binary(self, text: _Sliced) -> bool:
        known = self._known(text)
        return _looks_binary(text) if known is None else known.is_binary

    def _kept(self, end: End, lacking: _Text) -> tuple[End, _Text]:
        self._left = max(0, self._left - 1)
        return end, lacking


def _unpacked(receiver: object, arguments: tuple[Any, ...], options: dict[str, Any]) -> tuple[Struct, Any, Any]:
    """(layout, buffer, place) of a call of `struct.unpack_from`, or of the method of that name."""
    layout = receiver if type(receiver) is Struct else Struct(arguments[0])
    given = arguments if type(receiver) is Struct else arguments[1:]
    text: Any = given[0] if given else options.get("buffer")
    return layout, text, given[1] if len(given) > 1 else options.get("offset", 0)


class LayoutField(NamedTuple):
    """One value of a layout of `struct`."""

    begin: int
    end: int
    is_text: bool


def fields_of(layout: str) -> list[LayoutField]:
    """The integers and texts of a layout, in order, and nothing for other values."""
    found: list[LayoutField] = []
    order = layout[:1] if layout[:1] in _ORDERS else "@"
    done = order
    for times, code in _CODES.findall(layout):
        at = calcsize(f"{done}0{code}")  # what is native is aligned
        done += times + code
        if code in _TEXTS:
            found.append(LayoutField(at + _TEXTS[code], calcsize(done), is_text=True))
        elif code in _INTEGERS or code == "c":
            places = range(at, calcsize(done), calcsize(order + code))
            found += [LayoutField(place, place + places.step, is_text=code == "c") for place in places]
    return found


def _several(wanted: Any) -> list[Any]:
    """What may be wanted: the members of a container, or else the one."""
    kind = type(wanted)
    return list(wanted) if kind is tuple or kind is list or kind is set or kind is frozenset else [wanted]


def _plain(part: _Sliced) -> _Text:
    return part if isinstance(part, str) else bytes(part)


def _looks_binary(whole: _Sliced) -> bool:
    """Whether there are signs at its end that texts do not have."""
    end = _plain(whole[-_LOOKED_AT:])
    return is_binary(end if isinstance(end, bytes) else end.encode("utf-8", "surrogatepass"))
