"""Inputs with a key that was looked up in vain, to be traced: whether it has been found shows in no coverage where the
value that comes with it is of no use, or where a default is as good.

Each key has so many tries: among all that a program looks up there are few that matter, and it is not known which.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import as_text
from fuzztui.worker.grammar.json_values import documents
from fuzztui.worker.guidance.once import Once
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.scalars import scalar_of
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_SOUGHT: Final = 32
"""Inputs in which something is lacking that wait to be gone on from: the latest."""

MAX_KEYS: Final = 512
"""Keys of which it is remembered how often they have been sought; of more, all are forgotten."""

SHORTEST: Final = 2
"""Characters of a key: a single one is found by mutation, if it needs no more than itself, as it does in JSON."""

TRIES: Final = 1000
SUCCESSES: Final = 4
"""Inputs that are traced for the sake of one key, and such in which it is found, after which it is sought no more."""


class _Sought:
    def __init__(self, keys: tuple[str, ...], inputs: Iterator[Arguments]) -> None:
        self.keys = keys
        self.inputs: Final = inputs
        self.taken = 0
        """Inputs that have been traced."""


def _may_be_put_in(key: str, text: str, is_json: bool) -> bool:
    if is_json:
        return f'"{key}"' not in text
    return len(key) >= SHORTEST and key not in text


class Seeking:
    """Of one search."""

    def __init__(self) -> None:
        self._sought: list[_Sought] = []
        self._tries: dict[str, int] = {}
        self._handed_out: Final = Once()
        """Entries are looked at again and again."""

    def __bool__(self) -> bool:
        """Whether there is something that may make one more."""
        return bool(self._sought)

    def clear(self) -> None:
        """Forget all."""
        self._sought.clear()
        self._tries.clear()
        self._handed_out.clear()

    def add(self, values: Arguments, keys: Collection[str], inputs: Iterator[Arguments]) -> None:
        """Have these tried, which are to have some of the keys; none if all of these have had their tries, or are
        words of the `values` that lack them: a program that makes tables of an input looks up what is to go into them.
        """
        texts = [value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in values]
        known = [(text, bool(documents(text))) for text in texts]
        left = tuple(key for key in self._left(keys) if all(_may_be_put_in(key, *each) for each in known))
        if left:
            self._sought.append(_Sought(left, inputs))
            del self._sought[:-MAX_SOUGHT]

    def _left(self, keys: Collection[str]) -> tuple[str, ...]:
        return tuple(key for key in keys if self._tries.get(key, 0) < TRIES)

    def has_found(self, keys: Collection[str], comparisons: Sequence[Comparison]) -> bool:
        """Whether one of the keys is where the program has looked it up, in an input that was to have some of them."""
        found = {
            key
            for operator, left, right in comparisons
            if operator == "in" and type(right) is tuple and left in right
            if (key := as_text(scalar_of(left))) in keys and key is not None
        }
        for key in found:
            self._tries[key] = self._tries.get(key, 0) + TRIES // SUCCESSES
        return bool(found)

    def next(self) -> tuple[tuple[str, ...], Arguments] | None:
        """(the keys, an input), for the keys that have had the fewest tries; None if there was none, or if it has been
        traced.
        """
        tries = self._tries
        sought = min(self._sought, key=lambda each: (min(tries.get(key, 0) for key in each.keys), each.taken))
        sought.keys = self._left(sought.keys)
        made = next(sought.inputs, None) if sought.keys else None
        if made is None:
            self._sought.remove(sought)
            return None
        sought.taken += 1
        if not self._handed_out.add(made):
            return None
        if len(tries) > MAX_KEYS:
            tries.clear()
        for key in sought.keys:
            tries[key] = tries.get(key, 0) + 1
        return sought.keys, made
