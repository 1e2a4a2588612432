"""What an input has right: constants of the program that it was compared with, and is equal to where it was.

Where a word like that is broken, most programs that read binary data look at nothing else. So mutations leave them as
they are in most cases, as a mutation mask does that keeps an input on a rare branch (Lemieux and Sen, FairFuzz, 2018);
that takes an execution for each byte of an input, while it is known of a traced one what it was compared with. Texts
are left out: in them a word is one of many, and what stands in its place is looked at, too.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.dictionary import Dictionary
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sized import is_binary
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.structure.mutation import StructureMutator

__builtins__ = PRIVATE_BUILTINS

MOST: Final = 12
"""Words of one input, the first ones that it was compared with."""

SHORTEST: Final = 2
"""Characters of such a word: single signs come and go."""

LONGEST: Final = 4096
"""Bytes of an input of which it is looked at: else it would take longer than to make it."""

AGAIN: Final = 3
"""Mutations of an input that are made in turn until one breaks no word."""

MAX_ENTRIES: Final = 1024
"""Inputs that are remembered; beyond that, all are forgotten."""


class Held:
    """Of the inputs that have been traced."""

    def __init__(self, dictionary: Dictionary, structure: StructureMutator | None) -> None:
        """`dictionary`: knows the program's constants; `structure`: which sums an input has."""
        self._dictionary: Final = dictionary
        self._structure: Final = structure
        self._known: dict[Arguments, tuple[tuple[bytes, int], ...]] = {}
        """By input of binary data, words and how often they are in it."""
        self._again = 0

    def learn(self, arguments: Arguments, comparisons: Sequence[Comparison]) -> None:
        """An input has been traced, and compared so."""
        value = arguments[0]
        if len(arguments) != 1 or type(value) is not bytes or len(value) > LONGEST or not is_binary(value):
            return
        if len(self._known) >= MAX_ENTRIES:
            self._known.clear()
        found: dict[bytes, int] = {}
        for operator, left, right in comparisons:
            word: Any = _held(operator, left, right)
            if word is None or len(word) < SHORTEST or not self._dictionary.has(word):
                continue
            if isinstance(word, str):
                word = word.encode("utf-8", "surrogatepass")
            count = value.count(word)
            if count:
                found[word] = count
                if len(found) == MOST:
                    break
        if found:
            self._known[arguments] = tuple(found.items())

    def keeping(
        self, mutate: Callable[[Any], Any], entry: Arguments, getrandbits: Callable[[int], int], *, raw: bool
    ) -> Callable[[Any], Any]:
        """A mutator of an entry that leaves its words as they are, and puts its sums right, in seven of eight cases
        each; the one that is given if it has none. `raw`: whether they take the one argument itself.
        """
        known = self._known.get(entry)
        kept = mutate if known is None else self._keeping(mutate, known, getrandbits, raw=raw)
        return kept if self._structure is None else self._structure.checked(kept, entry, raw=raw)

    def heading(
        self, mutate: Callable[[Any], Any], entry: Arguments, getrandbits: Callable[[int], int], *, raw: bool
    ) -> Callable[[Any], Any]:
        """The same of the word that it begins with alone, for a mutator that knows of parts and of sums: what stands
        within parts comes and goes with them.
        """
        text: Any = entry[0]
        known = [(word, count) for word, count in self._known.get(entry, ()) if text.startswith(word)]
        return self._keeping(mutate, known, getrandbits, raw=raw) if known else mutate

    def take_again(self) -> int:
        """Mutations since last asked that were made in place of others, which nothing was done with."""
        again, self._again = self._again, 0
        return again

    def _keeping(
        self,
        mutate: Callable[[Any], Any],
        words: Sequence[tuple[bytes, int]],
        getrandbits: Callable[[int], int],
        *,
        raw: bool,
    ) -> Callable[[Any], Any]:
        """Hot."""

        def mutated(value: Any) -> Any:
            changed = mutate(value)
            if not getrandbits(3):
                return changed
            for _ in range(AGAIN):
                text = changed if raw else changed[0]
                for word, count in words:
                    if text.count(word) < count:
                        break
                else:
                    return changed
                self._again += 1
                changed = mutate(value)
            return changed

        return mutated


def _held(operator: str, left: object, right: object) -> object:
    """The text that was as wanted; None if it was not, or none is known."""
    if isinstance(left, bytes | str):
        if operator in ("==", "!="):
            return left if left == right else None
        if operator == "of":
            return left if isinstance(right, tuple) and left in right else None
        if operator in ("startswith", "endswith"):
            return _end(operator, left, right)
        if operator in ("in", "not in"):
            if isinstance(right, tuple):
                return left if left in right else None
            if type(left) is type(right):
                text: Any = right
                return left if left in text else None
    return None


def _end(operator: str, left: Any, right: object) -> object:
    for each in right if isinstance(right, tuple) else (right,):
        if type(each) is type(left) and getattr(left, operator)(each):
            return each
    return None
