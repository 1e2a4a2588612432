"""What the domains of bytes and str have in common: values that have a length, and operands inside of them."""

import re
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any, AnyStr, ClassVar, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.adaptive import Bandit, Weighted
from fuzztui.worker.mutate.dictionary import MAX_TOKEN, Dictionary
from fuzztui.worker.mutate.domain import Domain, Finder, Occurrence, Surroundings
from fuzztui.worker.mutate.encodings import CASES, Encoder, encoders, numbers_in, pieces, spelled
from fuzztui.worker.mutate.pool import Pool
from fuzztui.worker.mutate.scalars import Scalar
from fuzztui.worker.mutate.sequence import PIECE, Material, RandomBits, havoc, picker, sequence_operators

__builtins__ = PRIVATE_BUILTINS

_MAX_PLACES: Final = 8
_MAX_PLACES_OF_ONE: Final = 3
_MAX_LAST: Final = 3
_MAX_LOOKED: Final = 32
_MAX_RESIZED: Final = 4096
_MAX_REPAIRED: Final = 6
"""Bounds, so that the work for one entry stays within some ten milliseconds, whatever its comparisons are."""

_MAX_GROWN: Final = 1 << 16
"""Length by which all occurrences together may make a value longer, if it is not as long itself: a sign that stands in
each field of a large input would make it a hundred times as long, in vain."""

_FEWEST_DIGITS: Final = 2

_LARGE: Final = 1000
"""Integers below are positions more often than lengths and checksums."""


class SequenceDomain(Domain[AnyStr]):
    """Bytes or str: a domain whose values have a length."""

    is_sized = True
    widest: ClassVar[int]
    """The most that one element counts towards `max_len`."""
    filler: AnyStr
    """Stands where a value has to be longer."""

    # Mutation -----------------------------------------------------------------------------------------------------

    def mutator(self, surroundings: Surroundings, /) -> tuple[Callable[[AnyStr], AnyStr], Bandit[AnyStr]]:
        """A havoc stack of the operators that all sequences have and of this domain's own."""
        random, dictionary, pool, max_len, custom = surroundings
        material = self.material(dictionary, pool)
        pick = picker(material)
        others = material.pool
        made_from_nothing = self.beginnings(random)

        def fresh(bits: int) -> AnyStr:
            choice = bits & 3
            if choice == 0 and others:
                return others[(bits >> 2) % len(others)][:PIECE]
            if choice == 1 or choice == 2:
                return made_from_nothing[choice - 1](bits >> 2)
            return pick(bits >> 2)

        bandit = Bandit({**sequence_operators(random, material), **self.operators(random, pick), **custom})
        return havoc(random, bandit, fresh, self.clip, self.widest, max_len), bandit

    @abstractmethod
    def material(self, dictionary: Dictionary, pool: Pool) -> Material[AnyStr]:
        """What is inserted into values."""

    @abstractmethod
    def operators(self, random: RandomBits, pick: Callable[[int], AnyStr], /) -> Weighted[AnyStr]:
        """The operators that only this domain has, with weights. `pick` chooses a token."""

    @abstractmethod
    def beginnings(self, random: RandomBits) -> tuple[Callable[[int], AnyStr], Callable[[int], AnyStr]]:
        """Two functions from 21 random bits to a short value, where there is nothing to mutate."""

    # Lengths of parts ---------------------------------------------------------------------------------------------

    def has_lengths(self, _value: AnyStr, /) -> bool:
        """Whether there may be lengths of parts among the elements of a value."""
        return False

    def with_lengths(self, _value: AnyStr, _start: int, _end: int, _new: AnyStr, /) -> Iterator[AnyStr]:
        """A range of a value replaced, with the lengths of what encloses it adjusted, where that can be."""
        return iter(())

    # Trimming -----------------------------------------------------------------------------------------------------

    def cuts(self, value: AnyStr, /) -> Callable[[int, int], Iterator[AnyStr]]:
        """The value without the piece."""

        def without(at: int, piece: int) -> Iterator[AnyStr]:
            yield value[:at] + value[at + piece :]

        return without

    # Input-to-state -----------------------------------------------------------------------------------------------

    @abstractmethod
    def of_text(self, text: str) -> AnyStr:
        """An ASCII text as a piece of a value."""

    def is_token(self, scalar: AnyStr, /) -> bool:
        """Not a single character, nor what is too long for the dictionary."""
        return 2 <= len(scalar) <= MAX_TOKEN

    def spells(self, value: AnyStr, scalar: Scalar) -> bool:
        """As it is or in decimal: other encodings of a number are too short to mean anything."""
        form = scalar if isinstance(scalar, bytes | str) else str(scalar)
        return any((piece := encode(form)) is not None and piece in value for encode in encoders(type(value), form)[:1])

    def finder(self, value: AnyStr, argument: int) -> Finder:
        """Finds an operand as a piece of the value in one of its encodings, as a number that is spelled out, and as
        the value's length.
        """
        kind: type = type(value)
        lowered = _as_text(value).lower()
        numbers: dict[int | float, str] | None = None

        def spelled_out(old: int | float) -> Iterator[Occurrence]:
            nonlocal numbers
            if numbers is None:
                numbers = numbers_in(_as_text(value))
            word = numbers.get(old)
            if word is not None:
                piece = self.of_text(word)
                yield Occurrence(_rank(piece, value), argument, old, piece, spelled(kind))

        def find(old: Scalar) -> Iterator[Occurrence]:
            most = None
            if isinstance(old, bytes | str) and old.isascii():
                # Most texts do not occur, in whatever case, and this is the quick way out.
                if _as_text(old).lower() not in lowered:
                    return
                most = CASES + 1 if old.lower() != old.upper() else 1  # others spell ASCII alike
            found: dict[AnyStr, Encoder] = {}
            for piece, encode in pieces(kind, old)[:most]:
                if piece not in value:
                    continue
                if len(piece) == 1 and (first := found.get(piece)) is not None:
                    # A single character of which nothing tells how it was read: as it most likely was, if it can be.
                    yield Occurrence(_rank(piece, value), argument, old, piece, _unless(first, encode))
                    continue
                found[piece] = encode
                yield Occurrence(_rank(piece, value), argument, old, piece, encode)
            if isinstance(old, int | float):
                yield from spelled_out(old)
            if isinstance(old, int) and len(value) == old:
                yield Occurrence(1 if old > 8 else 2, argument, old, value, _resizing(value, self.filler))

        return find

    def replaced(self, value: AnyStr, old: AnyStr, new: AnyStr, /) -> Iterator[AnyStr]:
        """Each of the first occurrences replaced, of words the last ones, then all of them."""
        if value == old:
            yield new
            return
        if not old:  # a slice beyond the end is empty: something should be there
            yield value + new
            yield new + value
            return
        most = _MAX_PLACES if len(old) > 1 else _MAX_PLACES_OF_ONE
        places = _places(value, old, most)
        for at in places:
            yield value[:at] + new + value[at + len(old) :]
            if len(new) != len(old):
                yield from self.with_lengths(value, at, at + len(old), new)
        if len(places) > 1 and value.count(old) * (len(new) - len(old)) <= max(_MAX_GROWN, len(value)):
            yield value.replace(old, new)

    def rebuilt(self, value: AnyStr, steps: Sequence[tuple[Scalar, Scalar]], /) -> AnyStr | None:
        """The value with all the elements of a sequence replaced; None if not all are found, in their order."""
        done, rest = value[:0], value
        for old, new in steps:
            for encode in encoders(type(value), old):
                piece, replacement = encode(old), encode(new)
                if piece and replacement is not None and (at := rest.find(piece)) >= 0:
                    done += rest[:at] + replacement
                    rest = rest[at + len(piece) :]
                    break
            else:
                return None
        return done + rest

    # Conditions ---------------------------------------------------------------------------------------------------

    def stores(self, value: AnyStr, operand: Scalar) -> bool:
        """In any encoding."""
        return any(piece in value for encode in self._encoders(value, operand) if (piece := encode(operand)))

    def repaired(self, value: AnyStr, old: Scalar, new: Any) -> Iterator[AnyStr]:
        """Each of the first occurrences in each encoding replaced."""
        seen = {value}
        for encode in self._encoders(value, old):
            piece, replacement = encode(old), encode(new)
            if piece and replacement is not None:
                for changed in _at_each_place(value, piece, replacement):
                    if changed not in seen:
                        seen.add(changed)
                        yield changed

    def _encoders(self, value: AnyStr, operand: Scalar) -> tuple[Encoder, ...]:
        """A small number that is compared while a text is read is a position in it, unless it ends a line; in binary
        data it may be a length.
        """
        known = encoders(type(value), operand)
        if not isinstance(operand, int) or abs(operand) >= _LARGE or self.has_lengths(value):
            return known
        return tuple([encode for encode in known if _ends_line(encode(operand), value)])


def _unless(first: Encoder, then: Encoder) -> Encoder:
    """As by the second of two encoders what the first cannot encode."""
    return lambda operand: then(operand) if first(operand) is None else None


def _as_text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _ends_line(piece: AnyStr | None, value: AnyStr) -> bool:
    """Whether a piece of several digits stands behind a sign at the end of a line, as sums do."""
    if piece is None or len(piece) < _FEWEST_DIGITS or piece not in value:
        return False
    return re.search(rf"[^\w\s]0*{re.escape(_as_text(piece))}\s*$", _as_text(value), re.MULTILINE) is not None


def _places(value: AnyStr, piece: AnyStr, most: int) -> list[int]:
    """Where a piece stands as a word, the last ones first, since of statements the last one is what a program has
    stopped at; then the first places where it stands.
    """
    found: dict[int, None] = {}
    at = len(value)
    for _ in range(_MAX_LOOKED if piece.isalnum() else 0):
        at = value.rfind(piece, 0, at + len(piece) - 1)
        if at < 0 or len(found) == _MAX_LAST:
            break
        if not value[at - 1 : at].isalnum() and not value[at + len(piece) : at + len(piece) + 1].isalnum():
            found.setdefault(at)
    at = value.find(piece)
    for _ in range(most):
        if at < 0:
            break
        found.setdefault(at)
        at = value.find(piece, at + 1)
    return list(found)


def _rank(piece: AnyStr, value: AnyStr) -> int:
    return 0 if piece == value else 3 - min(len(piece), 3)


def _resizing(value: AnyStr, filler: AnyStr) -> Encoder:
    """The operand was the length of the value."""
    last = value[-1:] or filler

    def encode(length: Scalar) -> "AnyStr | None":  # made while the target runs: `|` would import `typing`
        if not isinstance(length, int) or not 0 <= length <= _MAX_RESIZED:
            return None
        return value[:length] + last * (length - len(value))

    return encode


def _at_each_place(value: AnyStr, piece: AnyStr, replacement: AnyStr) -> Iterator[AnyStr]:
    """A number of another length with zeros before it first, as in a field of a fixed width."""
    at = value.find(piece)
    places = 0
    padding = value[:0]
    if piece.isalnum() and replacement.isalnum() and len(piece) != len(replacement):
        padding = value[:0].zfill(abs(len(piece) - len(replacement)))
    while at >= 0 and places < _MAX_REPAIRED:
        end = at + len(piece)
        if len(replacement) < len(piece):
            yield value[:at] + padding + replacement + value[end:]
        elif padding and value[:at].endswith(padding):
            yield value[: at - len(padding)] + replacement + value[end:]
        yield value[:at] + replacement + value[end:]
        places += 1
        at = value.find(piece, at + 1)
