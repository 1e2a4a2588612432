"""Parts of a text that are preceded by their length in digits, decimal or hexadecimal: `4:spam`, `$4\\r\\nspam`.

Works on bytes and on str alike: what is passed in decides what comes out.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_MAX_DIGITS: Final = 4
_MAX_SIGNS: Final = 2
"""Between the digits and what they count."""

_MAX_LOOK_BACK: Final = 256
_MAX_COUNTED: Final = 32
_LENGTHS: Final = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]+(?=[^0-9A-Za-z])").finditer
"""Digits, and something else behind them."""


class Counted(NamedTuple):
    """A part, and where its length stands."""

    start: int
    """Of the digits."""
    end: int
    """Of the digits."""
    begin: int
    """Of the part."""
    stop: int
    """Of the part."""
    base: int


def counted(value: Any, most: int = _MAX_COUNTED) -> list[Counted]:
    """The first parts of a value that are preceded by their length; what lies in such a part is looked at, too."""
    return list(islice(_parts(_as_text(value), len(value)), most))


def recounted(value: Any, start: int, end: int, new: Any) -> Iterator[Any]:
    """`value[start:end]` replaced, and the digits adjusted that count the innermost part which encloses the range."""
    low = max(0, start - _MAX_LOOK_BACK)
    best: Counted | None = None
    # Digits behind the range are not looked for: they count nothing that encloses it.
    parts = _parts(_as_text(value[low:]), start - low) if len(value) > _MAX_LOOK_BACK else _parts_of(value)
    for part in islice(parts, 4 * _MAX_COUNTED):
        if low + part.begin > start or low + part.end >= start:
            break
        if end <= low + part.stop and (part.stop > part.begin or start == end):
            best = part
    if best is not None:
        length = best.stop - best.begin + len(new) - (end - start)
        digits = spelled(value, length, best.base)
        yield value[: low + best.start] + digits + value[low + best.end : start] + new + value[end:]


def may_count(value: Any) -> bool:
    """Whether there may be digits in a value that count a part of it: one that is long is not looked through."""
    return len(value) > _MAX_LOOK_BACK or bool(_parts_of(value))


def spelled(value: Any, length: int, base: int) -> Any:
    """A length in digits, of the type of `value`."""
    text = f"{length:x}" if base == 16 else str(length)
    return text.encode() if isinstance(value, bytes) else text


def another(value: Any, part: Counted, new: Any) -> Any:
    """A counted part like this one, with what stands around it, that holds something else."""
    before = part.start - 1 if part.start and not value[part.start - 1 : part.start].isalnum() else part.start
    signs = value[part.end : part.begin]
    tail = signs if value[part.stop : part.stop + len(signs)] == signs and signs.isspace() else value[:0]
    sign = value[before : part.start] if signs.isspace() else value[:0]
    return sign + spelled(value, len(new), part.base) + signs + new + tail


def _parts_of(value: Any) -> list[Counted]:
    """All parts of a value that is not long. Hot: of one value after the other, many changes are made."""
    found = _LATEST.get(value)
    if found is None:
        if len(_LATEST) == _MAX_LATEST:
            _LATEST.clear()
        found = _LATEST[value] = list(_parts(_as_text(value), len(value)))
    return found


_LATEST: Final[dict[Any, list[Counted]]] = {}

_MAX_LATEST: Final = 64
"""Values of which the parts are remembered."""


def _parts(text: str, end: int) -> Iterator[Counted]:
    """Those whose digits stand before `end`, with something between."""
    for match in _LENGTHS(text, 0, end):
        part = _part(text, match.start(), match.end())
        if part is not None:
            yield part


def _part(text: str, at: int, end: int) -> Counted | None:
    size = len(text)
    begin = end
    while begin < size and begin - end < _MAX_SIGNS and not text[begin].isalnum():
        begin += 1
    if begin == end:
        return None
    begins = (begin, begin - 1) if begin - end == _MAX_SIGNS else (begin,)
    for base in (10, 16):
        digits = text[at:end] if base == 16 else text[at:end].lstrip("abcdefABCDEF")
        if not digits or len(digits) > _MAX_DIGITS or (base == 10 and not digits.isdigit()):
            continue
        length = int(digits, base)
        for start in begins:
            if start + length <= size:
                return Counted(end - len(digits), end, start, start + length, base)
    return None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
