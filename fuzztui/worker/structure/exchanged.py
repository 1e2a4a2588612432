"""Inputs in which what one call of a function has read stands in the place of what another one has, there or in other
inputs.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import in_turns
from fuzztui.worker.structure.as_read import Reading, replaced
from fuzztui.worker.structure.calls import pieces_of

__builtins__ = PRIVATE_BUILTINS

MAX_PIECES: Final = 16
"""Of one function that are remembered: the latest."""

MAX_FUNCTIONS: Final = 64
MAX_SIZE: Final = 64
"""Bytes of a piece that is remembered."""

MAX_HOSTS: Final = 16
"""Inputs into which pieces go that are new: the latest."""


class Exchanges:
    """What is known of calls."""

    def __init__(self) -> None:
        self._pieces: dict[int, dict[bytes, None]] = {}
        """By function."""
        self._hosts: deque[Reading] = deque(maxlen=MAX_HOSTS)

    def learn(self, reading: Reading) -> Iterator[bytes]:
        """Learn of an input. Returns, each once, it with what other calls have read in the place of what one has, those
        in itself first, and those before it with what is new in it.
        """
        own, new = pieces_of(reading.data, reading.calls), {}
        for function, pieces in own.items():
            known = self._pieces.setdefault(function, {})
            new[function] = [each for each in pieces if each not in known and len(each) <= MAX_SIZE]
        known_pieces = {function: [*pieces][::-1] for function, pieces in self._pieces.items() if function in own}
        for function, pieces in new.items():
            known = self._pieces[function]
            known.update(dict.fromkeys(pieces))
            for old in [*known][:-MAX_PIECES]:
                del known[old]
        for function in [*self._pieces][:-MAX_FUNCTIONS]:
            del self._pieces[function]
        hosts = [*self._hosts][::-1]
        if reading.calls:
            self._hosts.append(reading)
        within = chain(_exchanged(reading, own), _exchanged(reading, known_pieces))
        return in_turns([within, in_turns(_exchanged(host, new) for host in hosts)])


def _exchanged(reading: Reading, pieces: Mapping[int, Sequence[bytes]]) -> Iterator[bytes]:
    """An input with these pieces, functions that were called seldom first: the fields of numbers come last."""
    data, calls = reading.data, reading.calls
    counts: dict[int, int] = {}
    for call in calls:
        counts[call.function] = counts.get(call.function, 0) + 1
    seen: set[tuple[int, int, bytes]] = set()
    for function, begin, end in sorted(calls, key=lambda call: counts[call.function]):
        for piece in pieces.get(function, ()):
            change = begin, end, piece
            if piece != data[begin:end] and change not in seen:
                seen.add(change)
                yield replaced(reading, begin, end, piece)
