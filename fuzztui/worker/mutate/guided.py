"""Input-to-state: what comparison operands say about the input that led to them.

Where an operand (in one of the encodings that programs decode) occurs in the input, it probably came from there; the
other operand is then put in its place, and the comparison turns out the other way. The idea is REDQUEEN's (Aschermann
et al., NDSS 2019).
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.affixes import out_of_form, without_affixes
from fuzztui.worker.mutate.domain import Occurrence
from fuzztui.worker.mutate.domains import domain_of
from fuzztui.worker.mutate.encodings import encoders
from fuzztui.worker.mutate.operands import (
    ALONE,
    MEMBERSHIPS,
    NUMBER_OF_ARGUMENTS,
    READS,
    Comparison,
    examples_of,
    replacements_of,
    scalars_of,
    steps_of,
)
from fuzztui.worker.mutate.scalars import Scalar, scalar_key, scalar_of
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_COMPARISONS: Final = 2000
_MAX_PLANS: Final = 20_000
_MAX_SEPARATORS: Final = 4
_MAX_SEARCHED: Final = 64 << 20
"""Bounds, so that the work for one entry stays within some ten milliseconds, whatever its comparisons are, and whatever
bytes of it have to be searched for them."""

_MAX_SHORT: Final = 16
"""Characters of an operand; a longer one is most likely all the rest of an input."""

_RANKS: Final = 4

_SPELLINGS: Final = 8
"""In which an operand is searched for, about."""

CHANCES: Final = 3
"""Entries that may lead to a candidate which replaces one operand by another."""


_Plan: TypeAlias = tuple[Occurrence, Scalar]
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
    domains = [domain_of(value) for value in arguments]
    sizes = [domain.size(value) for domain, value in zip(domains, arguments, strict=True)]
    total = sum(sizes)
    # Not the inputs themselves, which may be large; of an input one argument is another than it was.
    seen = {hash((index, scalar_key(value))) for index, value in enumerate(arguments)}
    most = len(seen) + limit
    for index, old, new in _replacements(arguments, comparisons[:MAX_COMPARISONS], tried):
        domain, others = domains[index], total - sizes[index]
        for changed in domain.replaced(arguments[index], old, new):
            if others + domain.size(changed) > max_len:
                continue
            key = hash((index, scalar_key(changed)))
            if key in seen:
                continue
            seen.add(key)
            if len(seen) > most:
                return
            yield (*arguments[:index], changed, *arguments[index + 1 :])


def tokens(comparisons: Sequence[Comparison], arguments: Arguments = ()) -> Iterator[Scalar]:
    """Operands that are worth a place in the dictionary, each once, in the order in which they were met.

    Not worth one is what havoc finds by itself (single characters, tiny numbers) and what stands in `arguments`
    already, since it is likely to be a piece of the input rather than of the program.
    """
    spellings = [(domain_of(value).spells, value) for value in arguments]
    each_search, searched = _SPELLINGS * sum(map(size, arguments)), 0
    seen: set[Hashable] = set()
    for operator, left, right in comparisons[:MAX_COMPARISONS]:
        if operator in (READS, NUMBER_OF_ARGUMENTS):
            continue
        others: object = sum(examples_of(right), ()) if operator == "matches" else right
        if operator == "named" and isinstance(left, str):
            others = tuple(chain.from_iterable(inner for _, inner in without_affixes(left, list(scalars_of(right)))))
        for operand in (left, others):
            for scalar in scalars_of(operand):
                key = scalar_key(scalar)
                if key in seen:
                    continue
                seen.add(key)
                if not domain_of(scalar).is_token(scalar):
                    continue
                searched += each_search
                if searched > _MAX_SEARCHED:
                    return
                if not any(spells(value, scalar) for spells, value in spellings):
                    yield scalar


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
        for occurrence, new in _in_turns(plans):
            replacement = occurrence.encode(new)
            if replacement is None:
                continue
            plan = (occurrence.argument, occurrence.old, scalar_key(replacement))
            if plan in planned:
                continue
            planned.add(plan)
            is_missing = domain_of(occurrence.old).is_sized and not occurrence.old
            if tried is not None and not is_missing and not tried.again(occurrence.operand, new):
                continue
            yield occurrence.argument, occurrence.old, replacement
            if is_missing:
                for separator in separators:  # the piece is empty for want of what it goes after
                    encoded = encoders(type(occurrence.old), separator)[0](separator)
                    if encoded is not None:
                        yield occurrence.argument, occurrence.old, encoded + replacement


def _plans(arguments: Arguments, comparisons: Sequence[Comparison]) -> list[list[Iterator[_Plan]]]:
    """For each rank the plans, those of one comparison together."""
    ranks: list[list[Iterator[_Plan]]] = [[] for _ in range(_RANKS)]
    finder = _Finder(arguments)
    count = 0
    for operator, left, right in comparisons:
        own: list[list[tuple[Occurrence, list[Scalar]]]] = [[] for _ in range(_RANKS)]
        # A container may be made of the input. Its members are not put together: there may be a hundred of them.
        is_table = operator in MEMBERSHIPS and scalar_of(right) is None
        for old, alternatives in replacements_of(operator, left, right):
            occurrences = finder.occurrences(old)
            found: list[tuple[list[Occurrence], Iterable[Scalar]]] = [(occurrences, alternatives)]
            if not occurrences and isinstance(old, bytes | str) and not (is_table and type(alternatives) is tuple):
                others = list(alternatives)
                inner = chain(without_affixes(old, others), out_of_form(old, others) if is_table else ())
                found = [(finder.occurrences(each), new) for each, new in inner]
            for occurrences, instead in found:
                news = list(instead) if occurrences else []
                count += len(news)
                for occurrence in occurrences:
                    own[occurrence.rank].append((occurrence, news))
        for rank, places in enumerate(own):
            if places:
                ranks[rank].append(_crossed(places))
        if count > _MAX_PLANS or finder.searched > _MAX_SEARCHED:
            break
    return ranks


def _crossed(places: list[tuple[Occurrence, list[Scalar]]]) -> Iterator[_Plan]:
    for turn in range(max(len(news) for _, news in places)):
        for occurrence, news in places:
            if turn < len(news):
                yield occurrence, news[turn]


def _in_turns(plans: list[Iterator[_Plan]]) -> Iterator[_Plan]:
    while plans:
        plan = [(each, next(each, None)) for each in plans]
        plans = [each for each, found in plan if found is not None]
        yield from [found for _, found in plan if found is not None]


def _rebuilt_values(arguments: Arguments, comparisons: Sequence[Comparison]) -> Iterator[tuple[int, Any, Any]]:
    for _, left, right in comparisons:
        for steps in (steps_of(left, right), steps_of(right, left)):
            for index, value in enumerate(arguments if len(steps) > 1 else ()):
                rebuilt = domain_of(value).rebuilt(value, steps)
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


class _Finder:
    """Finds the occurrences of operands in all arguments, each operand once."""

    def __init__(self, arguments: Arguments) -> None:
        self._finders = [domain_of(value).finder(value, index) for index, value in enumerate(arguments)]
        self._known: dict[Hashable, list[Occurrence]] = {}
        self._size = _SPELLINGS * sum(map(size, arguments))
        self.searched = 0
        """Bytes so far, roughly."""

    def occurrences(self, operand: Scalar) -> list[Occurrence]:
        key = scalar_key(operand)
        found = self._known.get(key)
        if found is None:
            self.searched += self._size
            found = self._known[key] = [occurrence for find in self._finders for occurrence in find(operand)]
        return found
