"""Lengths of what encloses a place, where it is known which parts do: a traced run has read them.

Each part is preceded by its length, in whatever form, close before it. Other fields may stand between.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS, in_sevens

__builtins__ = PRIVATE_BUILTINS

Extent: TypeAlias = tuple[int, int]
"""Where a part begins and ends."""

MAX_FIELDS: Final = 3
"""Fields of one part that may be its length, and forms that a field may have."""

_FARTHEST: Final = 16
"""Bytes between a length and what it counts."""

_FARTHEST_BYTE: Final = 4
"""The same for a length of one byte, which is there by chance more often."""

_WIDEST: Final = 4
"""Bytes of a length of a fixed width, at most."""

_BESIDES: Final = (0, 1, 2, 4, 8)
"""Bytes that a length counts besides the part: its own, and those of other fields."""

_LONG: Final = 128
"""From so many bytes on, the length's form in DER, and in seven bits a byte, takes several bytes."""

_DER, _LOW_FIRST, _HIGH_FIRST = -1, -2, -3
"""Widths of lengths in DER's short and long form, and in seven bits a byte, of either order."""


class Field(NamedTuple):
    """A length."""

    at: int
    stop: int
    width: int
    """In bytes, or a form in which that depends on the number."""
    is_little: bool = False
    """Whether the low bytes come first."""
    besides: int = 0
    """Bytes that it counts besides the part."""

    def spelled(self, size: int) -> bytes | None:
        """For a part of another size; None if the field has no room."""
        return _spelled(size + self.besides, self.width, is_little=self.is_little)


def fields(data: bytes, extent: Extent) -> tuple[Field, ...]:
    """What may be the length of a part, the likeliest first. Hot: into one input many things are put, one by one."""
    if len(data) > _MAX_REMEMBERED:
        return tuple(islice(_fields(data, *extent), MAX_FIELDS))
    key = data, extent
    found = _LATEST.get(key)
    if found is None:
        if len(_LATEST) == _MAX_LATEST:
            _LATEST.clear()
        found = _LATEST[key] = tuple(islice(_fields(data, *extent), MAX_FIELDS))
    return found


_LATEST: Final[dict[tuple[bytes, Extent], tuple[Field, ...]]] = {}

_MAX_LATEST: Final = 512
_MAX_REMEMBERED: Final = 4096
"""Parts whose lengths are remembered, and bytes of the data that they lie in."""


def grown(data: bytes, extents: Sequence[Extent], at: int, new: bytes, taken: int = 0) -> Iterator[bytes]:
    """Data with `new` put in at a place, for so many bytes that stand there, and the lengths of the parts that enclose
    it adjusted: of these `extents`, the innermost first. Several ways, each once, where the length of the innermost may
    be one of several fields.
    """
    seen: set[bytes] = set()
    inner: list[Field | None] = [*fields(data, extents[0])] if extents else []
    outers = [fields(data, extent) for extent in extents[1:]]
    for first in inner or [None]:
        outer = [_spelled_alike(each, first) for each in outers]
        made = _adjusted(data, extents, (first, *outer), data[:at] + new + data[at + taken :])
        if made is not None and made not in seen:
            seen.add(made)
            yield made


def _spelled_alike(found: Sequence[Field], inner: Field | None) -> Field | None:
    """The likeliest of several fields, of a form in which how long they are depends on the number if the inner one is
    of that: as long as all are short, nothing tells that form from a byte.
    """
    alike = (each for each in found if inner is not None and each.width == inner.width < 0)
    return next(alike, None) or next(iter(found), None)


def _adjusted(data: bytes, extents: Sequence[Extent], lengths: Sequence[Field | None], changed: bytes) -> bytes | None:
    """The changed data with these lengths of theirs right; None if one has no room."""
    for (start, stop), length in zip(extents, lengths, strict=False):
        if length is not None:
            # An inner length lies in here, and may have become longer itself.
            spelled = length.spelled(stop - start + len(changed) - len(data))
            if spelled is None:
                return None
            changed = changed[: length.at] + spelled + changed[length.stop :]
    return changed


def _fields(data: bytes, start: int, stop: int) -> Iterator[Field]:
    size = stop - start
    for width in (_DER, _LOW_FIRST, _HIGH_FIRST):
        piece = _spelled(size, width)
        if piece and len(piece) > 1 and data.endswith(piece, 0, start):
            yield Field(start - len(piece), start, width)
    window = data[max(0, start - _FARTHEST - _WIDEST) : start]
    for besides in _BESIDES if size else (0,):
        pieces = [each for each in _packed(size + besides) if each[0] in window]
        found = False
        for gap in range(_FARTHEST + 1 if size else 1) if pieces else ():
            end = start - gap
            for piece, width, is_little in pieces:
                if (width > 1 or (gap <= _FARTHEST_BYTE and not besides)) and data.endswith(piece, 0, max(0, end)):
                    found = True
                    field = Field(end - width, end, width, is_little, besides)
                    yield field
                    if width == 1 and not gap and size < _LONG:
                        yield field._replace(width=_DER)
            if found and not gap:
                return
        if found:
            return


def _packed(count: int) -> list[tuple[bytes, int, bool]]:
    """The forms of a number in one, two and four bytes, wide ones first: each with its width, and whether the low bytes
    come first.
    """
    found = _FORMS.get(count)
    if found is None:
        if len(_FORMS) == _MAX_LATEST:
            _FORMS.clear()
        forms = ((width, is_little) for width in (_WIDEST, 2, 1) for is_little in (False, True)[: 1 + (width > 1)])
        made = [(_spelled(count, width, is_little=is_little), width, is_little) for width, is_little in forms]
        found = _FORMS[count] = [(piece, width, is_little) for piece, width, is_little in made if piece is not None]
    return found


_FORMS: Final[dict[int, list[tuple[bytes, int, bool]]]] = {}


def _spelled(count: int, width: int, *, is_little: bool = False) -> bytes | None:
    if count < 0:
        return None
    if width > 0:
        return count.to_bytes(width, BYTE_ORDERS[is_little]) if count < 256**width else None
    if width == _DER:
        if count < _LONG:
            return bytes((count,))
        digits = count.to_bytes((count.bit_length() + 7) // 8, "big")
        return bytes((_LONG | len(digits),)) + digits
    return in_sevens(count, is_high_first=width == _HIGH_FIRST)
