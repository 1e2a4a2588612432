"""Input-to-state: what comparison operands say about the input that led to them.

Where an operand (in one of the encodings that programs decode) occurs in the input, it probably came from there; the
other operand is then put in its place, and the comparison turns out the other way. The idea is REDQUEEN's (Aschermann
et al., NDSS 2019).
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, AnyStr, Final, NamedTuple, TypeAlias

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.mutate.dictionary import MAX_TOKEN
from fuzztui.worker.mutate.encodings import Encoder, decimal_of, encoders, float_of, int_of, numbers_in, spelled
from fuzztui.worker.mutate.operands import (
    ALONE,
    Comparison,
    Scalar,
    examples_of,
    replacements_of,
    scalar_key,
    scalar_of,
    scalars_of,
    steps_of,
)
from fuzztui.worker.mutate.sized import replace_sized
from fuzztui.worker.mutate.sizes import Arguments, Value, size

__builtins__ = OWN_BUILTINS

MAX_COMPARISONS: Final = 2000
_MAX_PLANS: Final = 20_000
_MAX_PLACES: Final = 8
_MAX_PLACES_OF_ONE: Final = 3
_MAX_RESIZED: Final = 4096
_MAX_SEPARATORS: Final = 4
"""Bounds, so that the work for one entry stays within some ten milliseconds, whatever its comparisons are."""

_MAX_SHORT: Final = 16
"""Characters of an operand; a longer one is most likely all the rest of an input."""

_RANKS: Final = 4

CHANCES: Final = 3
"""Entries that may lead to a candidate which replaces one operand by another."""


class _Site(NamedTuple):
    """Where an operand may have come from."""

    rank: int
    """How likely it is a coincidence: 0 hardly, 3 very."""
    argument: int
    """Its position."""
    operand: Scalar
    old: Any
    """What to replace: all of the argument or, of bytes and str, a part, where it occurs."""
    encode: Encoder
    """From an operand to what takes the place of `old`; None if that operand cannot stand there."""


_Plan: TypeAlias = tuple[_Site, Scalar]
"""Where to put which operand, once it is encoded."""


class Tried:
    """What has been tried already, in whatever input: which comparisons, and which operands in place of which.

    A parser compares its characters with the same few again and again, in every entry. What else an entry holds may
    have been in the way, so everything gets several chances; and what is missing rather than replaced gets any number.
    """

    def __init__(self, chances: int = CHANCES, capacity: int = 1 << 16) -> None:
        """`capacity`: things that are remembered; beyond that, all are forgotten."""
        self._counts: dict[int, int] = {}
        """By hash: the operands themselves would take several times the memory."""
        self._chances = chances
        self._capacity = capacity

    def fresh(self, comparisons: Iterable[Comparison]) -> list[Comparison]:
        """Count these comparisons; returns those that still had a chance. All operands have to be hashable.

        A long text is a piece of the input, different in each: comparisons with one count as one, which has more
        chances. So has what is missing: there are many places where it could go.
        """
        found = []
        for comparison in comparisons:
            operator, left, right = comparison
            one, other = _short(left), _short(right)
            is_rare = one is None or other is None or operator in ALONE
            chances = 3 * self._chances if is_rare else self._chances
            if self._has_chance((operator, type(left), one, type(right), other), chances):
                found.append(comparison)
        return found

    def again(self, old: Scalar, new: Scalar) -> bool:
        """Count one more try to put `new` in the place of `old`; whether there still was a chance."""
        return self._has_chance((scalar_key(old), scalar_key(new)), self._chances)

    def _has_chance(self, what: Hashable, chances: int) -> bool:
        key = hash(what)
        count = self._counts.get(key, 0)
        if count >= chances:
            return False
        if len(self._counts) >= self._capacity:
            self._counts.clear()
        self._counts[key] = count + 1
        return True


def _short(operand: object) -> object:
    """The operand, or if it is a long text, None."""
    if isinstance(operand, bytes | str) and len(operand) > _MAX_SHORT:
        return None
    return operand if isinstance(operand, bytes | str | int | float) else hash(operand)


def candidates(
    arguments: Arguments,
    comparisons: Sequence[Comparison],
    limit: int,
    max_len: int = 2**20,
    tried: Tried | None = None,
) -> Iterator[Arguments]:
    """At most `limit` inputs of total size up to `max_len`, in which an operand has been replaced by its counterpart.

    Best first: an operand that occurs as a whole argument or is long is no coincidence, a single character may be
    one. None equals `arguments` or another candidate. The order depends on the arguments of this call alone, and on
    `tried`, which keeps away what other entries have led to often enough.
    """
    room = max_len - sum(map(size, arguments))
    seen = {_key(arguments)}
    for index, old, new in _replacements(arguments, comparisons[:MAX_COMPARISONS], tried):
        value = arguments[index]
        for changed in _replaced(value, old, new):
            if size(changed) - size(value) > room:
                continue
            candidate = (*arguments[:index], changed, *arguments[index + 1 :])
            key = _key(candidate)
            if key in seen:
                continue
            seen.add(key)
            if len(seen) - 1 > limit:
                return
            yield candidate


def tokens(comparisons: Sequence[Comparison], arguments: Arguments = ()) -> Iterator[Scalar]:
    """Operands that are worth a place in the dictionary, each once, in the order in which they were met.

    Not worth one is what havoc finds by itself (single characters, tiny numbers) and what stands in `arguments`
    already, since it is likely to be a piece of the input rather than of the program.
    """
    seen: set[Hashable] = set()
    for operator, left, right in comparisons[:MAX_COMPARISONS]:
        for operand in (left, sum(examples_of(right), ()) if operator == "matches" else right):
            for scalar in scalars_of(operand):
                key = scalar_key(scalar)
                if key in seen:
                    continue
                seen.add(key)
                if _is_token(scalar) and not _stands_in(scalar, arguments):
                    yield scalar


def _key(arguments: Arguments) -> Hashable:
    return tuple(map(scalar_key, arguments))


def _replacements(
    arguments: Arguments, comparisons: Sequence[Comparison], tried: Tried | None
) -> Iterator[tuple[int, Any, Any]]:
    """(position of an argument, what to replace, by what) in the order in which to try them.

    By rank, and within a rank in turns, so that one comparison with many counterparts does not keep others waiting.
    Little is done before it is needed: what comes late is rarely asked for.
    """
    ranks = _plans(arguments, comparisons)
    yield from _rebuilt_values(arguments, comparisons)
    separators = _separators(comparisons)
    planned: set[Hashable] = set()  # loops compare the same again and again
    for plans in ranks:
        for site, new in _in_turns(plans):
            replacement = site.encode(new)
            if replacement is None:
                continue
            plan = (site.argument, site.old, scalar_key(replacement))
            if plan in planned:
                continue
            planned.add(plan)
            is_missing = isinstance(site.old, bytes | str) and not site.old
            if tried is not None and not is_missing and not tried.again(site.operand, new):
                continue
            yield site.argument, site.old, replacement
            if is_missing:
                for separator in separators:  # the piece is empty for want of what it goes after
                    encoded = encoders(type(site.old), separator)[0](separator)
                    if encoded is not None:
                        yield site.argument, site.old, encoded + replacement


def _plans(arguments: Arguments, comparisons: Sequence[Comparison]) -> list[list[Iterator[_Plan]]]:
    """For each rank the plans, those of one comparison together."""
    ranks: list[list[Iterator[_Plan]]] = [[] for _ in range(_RANKS)]
    finder = _Finder(arguments)
    count = 0
    for operator, left, right in comparisons:
        own: list[list[tuple[_Site, list[Scalar]]]] = [[] for _ in range(_RANKS)]
        for old, alternatives in replacements_of(operator, left, right):
            sites = finder.sites(old)
            if sites:
                news = list(alternatives)
                count += len(news)
                for site in sites:
                    own[site.rank].append((site, news))
        for rank, places in enumerate(own):
            if places:
                ranks[rank].append(_crossed(places))
        if count > _MAX_PLANS:
            break
    return ranks


def _crossed(places: list[tuple[_Site, list[Scalar]]]) -> Iterator[_Plan]:
    for turn in range(max(len(news) for _, news in places)):
        for site, news in places:
            if turn < len(news):
                yield site, news[turn]


def _in_turns(plans: list[Iterator[_Plan]]) -> Iterator[_Plan]:
    while plans:
        plan = [(each, next(each, None)) for each in plans]
        plans = [each for each, found in plan if found is not None]
        yield from [found for _, found in plan if found is not None]


def _rebuilt_values(arguments: Arguments, comparisons: Sequence[Comparison]) -> Iterator[tuple[int, Any, Any]]:
    for _, left, right in comparisons:
        for steps in (steps_of(left, right), steps_of(right, left)):
            for index, value in enumerate(arguments if len(steps) > 1 else ()):
                rebuilt = _rebuilt(value, steps)
                if rebuilt is not None:
                    yield index, value, rebuilt


def _separators(comparisons: Sequence[Comparison]) -> list[bytes | str]:
    """Short texts that were looked for in longer ones, and are likely to be what inputs are split at."""
    found: dict[Hashable, bytes | str] = {}
    for operator, left, right in comparisons:
        if operator == "in" and type(left) is type(right):
            separator = scalar_of(left)
            if isinstance(separator, bytes | str) and 0 < len(separator) <= 2 and not separator.isalnum():
                found.setdefault(separator, separator)
                if len(found) == _MAX_SEPARATORS:
                    break
    return list(found.values())


def _rank(piece: bytes | str, value: bytes | str) -> int:
    return 0 if piece == value else 3 - min(len(piece), 3)


def _as_text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


class _Finder:
    """Finds where operands may have come from."""

    def __init__(self, arguments: Arguments) -> None:
        self._arguments = arguments
        self._lowered = [_as_text(value).lower() if isinstance(value, bytes | str) else "" for value in arguments]
        self._numbers: dict[int, dict[int | float, str]] = {}
        self._known: dict[Hashable, list[_Site]] = {}

    def sites(self, old: Scalar) -> list[_Site]:
        key = scalar_key(old)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = list(self._find(old))
        return found

    def _find(self, old: Scalar) -> Iterator[_Site]:
        for index, value in enumerate(self._arguments):
            if isinstance(value, bytes | str):
                yield from self._find_in_text(old, index, value)
            elif isinstance(value, bool):
                continue  # havoc flips it often enough
            elif isinstance(value, float):
                if value == old:
                    yield _Site(0, index, old, value, float_of)
            elif value == old:
                yield _Site(0, index, old, value, int_of)
            elif decimal_of(old) == value:
                yield _Site(0, index, old, value, decimal_of)
            elif isinstance(old, int):
                for mask in (2**8 - 1, 2**16 - 1, 2**32 - 1, 2**64 - 1):
                    if value & mask == old:
                        yield _Site(1, index, old, value, _masked(value, mask))

    def _contains(self, index: int, text: bytes | str) -> bool:
        """Whether an ASCII text occurs in an argument, in whatever case. Most do not, and this is the quick way out."""
        return _as_text(text).lower() in self._lowered[index]

    def _find_number(self, old: int | float, index: int, value: bytes | str) -> Iterator[_Site]:
        """Where a number may be spelled out in a way that it would not be written in."""
        numbers = self._numbers.get(index)
        if numbers is None:
            numbers = self._numbers[index] = numbers_in(_as_text(value))
        word = numbers.get(old)
        if word is not None:
            piece = word if isinstance(value, str) else word.encode()
            yield _Site(_rank(piece, value), index, old, piece, spelled(type(value)))

    def _find_in_text(self, old: Scalar, index: int, value: bytes | str) -> Iterator[_Site]:
        if isinstance(old, bytes | str) and old.isascii() and not self._contains(index, old):
            return
        pieces: set[bytes | str] = set()
        for encode in encoders(type(value), old):
            piece = encode(old)
            # A single character of which nothing tells how it was read: as it most likely was.
            if piece is None or piece not in value or (len(piece) == 1 and piece in pieces):
                continue
            pieces.add(piece)
            yield _Site(_rank(piece, value), index, old, piece, encode)
        if isinstance(old, int | float):
            yield from self._find_number(old, index, value)
        if isinstance(old, int) and len(value) == old:
            yield _Site(1 if old > 8 else 2, index, old, value, _resizing(value))


def _resizing(value: Any) -> Encoder:
    """The operand was the length of the value."""
    filler = value[-1:] or ("0" if isinstance(value, str) else b"\0")

    def encode(length: Scalar) -> bytes | str | None:
        if not isinstance(length, int) or not 0 <= length <= _MAX_RESIZED:
            return None
        resized: bytes | str = value[:length] + filler * (length - len(value))
        return resized

    return encode


def _masked(value: int, mask: int) -> Encoder:
    """The operand was the low bits of the value."""

    def encode(bits: Scalar) -> int | None:
        return value & ~mask | bits if isinstance(bits, int) and 0 <= bits <= mask else None

    return encode


def _rebuilt(value: Value, steps: list[tuple[Scalar, Scalar]]) -> Value | None:
    """The value with all the elements of a sequence replaced; None if not all are found, in their order."""
    if isinstance(value, bytes):
        return _all_replaced(value, steps)
    if isinstance(value, str):
        return _all_replaced(value, steps)
    return None


def _all_replaced(value: AnyStr, steps: list[tuple[Scalar, Scalar]]) -> AnyStr | None:
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


def _replaced(value: Value, old: Any, new: Any) -> Iterator[Value]:
    if isinstance(value, bytes | str) and value != old:
        yield from _occurrences_replaced(value, old, new)
    else:
        yield new


def _occurrences_replaced(value: AnyStr, old: AnyStr, new: AnyStr) -> Iterator[AnyStr]:
    if not old:  # a slice beyond the end is empty: something should be there
        yield value + new
        yield new + value
        return
    most = _MAX_PLACES if len(old) > 1 else _MAX_PLACES_OF_ONE
    at = value.find(old)
    places = 0
    while at >= 0 and places < most:
        yield value[:at] + new + value[at + len(old) :]
        if len(new) != len(old) and isinstance(value, bytes):
            yield replace_sized(value, at, at + len(old), new)
        places += 1
        at = value.find(old, at + 1)
    if places > 1:
        yield value.replace(old, new)


def _is_token(scalar: Scalar) -> bool:
    if isinstance(scalar, bytes | str):
        return 2 <= len(scalar) <= MAX_TOKEN
    return not -16 <= scalar <= 16


def _stands_in(scalar: Scalar, arguments: Arguments) -> bool:
    for value in arguments:
        if isinstance(value, bytes | str):
            # As it is or in decimal: other encodings of a number are too short to mean anything.
            form = scalar if isinstance(scalar, bytes | str) else str(scalar)
            if any(
                (piece := encode(form)) is not None and piece in value for encode in encoders(type(value), form)[:1]
            ):
                return True
        elif type(value) is type(scalar) and value == scalar:
            return True
    return False
