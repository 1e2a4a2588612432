"""Elements of texts put together anew: what stands between the signs at which a program splits and compares its texts.

One element more, one less, two in the other order, one twice or in the place of all, one of another input in the place
of one, one within another. Random cuts hardly ever begin and end where elements do.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.markup import rearranged
from fuzztui.worker.grammar.words import words_apart
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.scalars import scalar_of
from fuzztui.worker.mutate.sequence import RandomBits
from fuzztui.worker.mutate.sized import edges, is_binary, replace_sized

__builtins__ = PRIVATE_BUILTINS

MAX_SIGNS: Final = 16
_MAX_SIGN: Final = 2
_MAX_SIZE: Final = 1024
_MAX_JOINED: Final = 128
_USUAL: Final = ("\n", ",", ";", " ", "&", "=", ":")
_LINE_END: Final = "\n"
_PAIRS: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}


class Signs:
    """Short texts without letters that a program compares pieces of its inputs with, the latest last."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self.texts: tuple[str, ...] = _USUAL
        self.splitting: tuple[str, ...] = ()
        """Those that were looked for in texts."""

    def add(self, comparisons: Iterable[Comparison]) -> None:
        """Those of one traced run."""
        before = len(self._known)
        for operator, left, right in comparisons:
            if operator in ("==", "!=", "in", "of", "startswith", "endswith") and len(self._known) < MAX_SIGNS:
                for operand in (left, right):
                    sign = _sign(operand)
                    if sign:
                        self._known.setdefault(sign)
                        if operator == "in" and operand is left and sign not in self.splitting:
                            self.splitting = (*self.splitting, sign)
        if len(self._known) != before:
            self.texts = tuple(dict.fromkeys((*self._known, *_USUAL)))


def recombined(value: Any, other: Any, signs: Sequence[str], random: RandomBits) -> Any:
    """A value with its elements, or one of another's, put together in another way; both are bytes, or both are str."""
    if len(value) > _MAX_SIZE or len(other) > _MAX_SIZE:
        return value
    getrandbits = random.getrandbits
    if isinstance(value, bytes) and (is_binary(value) or is_binary(other)) and getrandbits(2):
        return _with_part(value, other, random)
    searched = value if isinstance(value, str) else value.decode("latin-1")
    if ("</" in searched or "/>" in searched) and getrandbits(1):
        return rearranged(value, other, random)
    inside = [sign for sign in signs if sign in searched]
    choice = getrandbits(4)
    if choice < (3 if len(value) + len(other) <= _MAX_JOINED else 1) or not inside:
        # Where inputs are statements, one after the other, each finds what those before it have left.
        sign: Any = signs[getrandbits(30) % len(signs)]
        sign = sign if isinstance(value, str) else sign.encode("latin-1")
        first, second = (value, other) if getrandbits(1) else (other, value)
        if inside and getrandbits(1):
            return _within(first, second, inside[getrandbits(30) % len(inside)], random)
        return first + second if getrandbits(1) else first + sign + second
    text = inside[getrandbits(30) % len(inside)]
    if text in _PAIRS and choice & 1:
        return _nested(value, other, text, random)
    if 2 * text in searched and getrandbits(1):
        text *= 2  # between paragraphs
    sign = text if isinstance(value, str) else text.encode("latin-1")
    parts = value.split(sign)
    at = getrandbits(30) % len(parts)
    if choice in (13, 15):
        return sign.join(_alike(parts, at, random))
    if choice < 5:
        others = other.split(sign)
        parts.insert(getrandbits(30) % (len(parts) + 1), others[getrandbits(30) % len(others)])
    elif choice < 8:
        others = other.split(sign)
        parts[at] = others[getrandbits(30) % len(others)]
    elif choice < 10:
        bits = getrandbits(30)
        is_record = text == _LINE_END and not choice & 1  # which may be several lines
        run = 1 + (bits >> 28 if is_record else 0)
        to = bits % (len(parts) + 1)
        parts[to:to] = parts[at : at + run]
    elif choice < 12:
        del parts[at]
    elif choice < 13 and getrandbits(1):
        parts = [parts[at]] * len(parts)  # what one of several has to fulfil, the others may have to, too
    elif choice < 14:
        to = getrandbits(30) % len(parts)
        parts[at], parts[to] = parts[to], parts[at]
    else:
        # From one sign on all of the other: what has gone before is another state for it.
        others = other.split(sign)
        parts[at + 1 :] = others[getrandbits(30) % len(others) :]
    return sign.join(parts)


def _within(value: Any, other: Any, text: str, random: RandomBits) -> Any:
    """A value with all of the other before or behind one of its signs: what begins and ends may have it inside."""
    sign: Any = text if isinstance(value, str) else text.encode("latin-1")
    parts = value.split(sign)
    bits = random.getrandbits(30)
    at = (bits >> 1) % len(parts)
    parts[at] = other + parts[at] if bits & 1 else parts[at] + other
    return sign.join(parts)


def _alike(parts: list[Any], at: int, random: RandomBits) -> list[Any]:
    """One of the parts with a word of another, mostly from the same place: what belongs together has a name in common,
    and parts that stem from different inputs have none.
    """
    bits = random.getrandbits(30)
    other = bits % len(parts)
    words, others = words_apart(parts[at]), words_apart(parts[other])
    to = 2 * (bits >> 8) % (len(words) + 1)
    of = to if bits & 64 and to < len(others) else 2 * (bits >> 16) % (len(others) + 1)
    words[to] = others[of]
    return [*parts[:at], words[0][:0].join(words), *parts[at + 1 :]]


def _nested(value: Any, other: Any, opening: str, random: RandomBits) -> Any:
    """What is in brackets, with them, put into brackets or in the place of what is in others."""
    getrandbits = random.getrandbits
    inner = _in_brackets(other if getrandbits(1) else value, opening, getrandbits(30))
    outer = _in_brackets(value, opening, getrandbits(30))
    if inner is None or outer is None:
        return value
    text, start, end = inner
    new = text[start:end]
    _, start, end = outer
    if getrandbits(1):
        return value[: start + 1] + new + value[start + 1 :]
    return value[:start] + new + value[end:]


def _in_brackets(value: Any, opening: str, bits: int) -> "tuple[Any, int, int] | None":
    left: Any = opening if isinstance(value, str) else opening.encode()
    right: Any = _PAIRS[opening] if isinstance(value, str) else _PAIRS[opening].encode()
    start = value.find(left, bits % (len(value) or 1))
    start = value.find(left) if start < 0 else start
    if start < 0:
        return None
    depth = 0
    for at in range(start, len(value)):
        sign = value[at : at + 1]
        depth += (sign == left) - (sign == right)
        if not depth:
            return value, start, at + 1
    return None


def _with_part(value: bytes, other: bytes, random: RandomBits) -> bytes:
    """A part of the other, from where one may begin to where one may end, put where one may begin in the value."""
    getrandbits = random.getrandbits
    ends, places = edges(other), edges(value)
    start = getrandbits(30) % (len(ends) or 1)
    stop = start + 1 + getrandbits(2)
    part = other[ends[start] : ends[min(stop, len(ends) - 1)]]
    index = getrandbits(30) % len(places)
    at = places[index]
    if getrandbits(1):
        return value[:at] + part + value[at:]
    end = at if getrandbits(1) else places[min(index + 1, len(places) - 1)]
    return replace_sized(value, at, end, part)


def _sign(operand: object) -> str:
    scalar = scalar_of(operand)
    if isinstance(scalar, bytes):
        scalar = scalar.decode("latin-1")
    if not isinstance(scalar, str) or not 0 < len(scalar) <= _MAX_SIGN or any(each.isalnum() for each in scalar):
        return ""
    return scalar if scalar.isascii() and (scalar.isprintable() or scalar.isspace()) else ""
