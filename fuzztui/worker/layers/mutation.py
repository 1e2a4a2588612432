"""Random mutation of what is in an input. Hot code."""

from collections.abc import Callable
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.layers.parts import Layered
from fuzztui.worker.mutate import Mutator
from fuzztui.worker.mutate.adaptive import UNTOUCHED, Bandit
from fuzztui.worker.mutate.domains import DOMAINS
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MOST_ENTRIES: Final = 512
"""Entries whose layers are remembered; beyond that, all are forgotten."""


class LayerMutator:
    """Mutates the layers of entries, beside the mutator of the entries themselves."""

    def __init__(self, mutator: Mutator) -> None:
        self._mutator = mutator
        self._known: dict[Arguments, Layered] = {}
        self._of_type: dict[type, Callable[[Any], Any]] = {}
        """Made when there is something to mutate: most targets decode nothing."""
        self._bandit: Bandit[Any] | None = None
        self._count = 0

    def remember(self, entry: Arguments, layered: Layered) -> None:
        """What is in an entry."""
        if len(self._known) >= MOST_ENTRIES:
            self._known.clear()
        self._known[entry] = layered

    def beside(self, mutate: Callable[[Any], Any], entry: Arguments, *, raw: bool) -> Callable[[Any], Any]:
        """A mutator that changes a layer of an entry in half of all cases, and leaves the other half to another one;
        `raw`: whether they take the one argument itself.
        """
        layered = self._known.get(entry)
        if layered is None:
            return mutate
        if self._bandit is None:
            self._begin()
        bandit = self._bandit
        assert bandit is not None, "it has just been made"
        getrandbits = self._mutator.surroundings.random.getrandbits
        trail, trails, of_type = bandit.trail, self._mutator.trails, self._of_type
        first, values, together = len(entry), layered.values, layered.together
        count = len(values) - first

        def mutated(value: Any) -> Any:
            trail[0] = UNTOUCHED
            bits = getrandbits(30)
            if bits & 1:
                at = first + (bits >> 1) % count
                inner = values[at]
                changed = together((*values[:at], of_type[type(inner)](inner), *values[at + 1 :]))
                if changed is not None and changed != entry:
                    for each in trails:
                        each[0] = UNTOUCHED
                    trail[0] = 0
                    self._count += 1
                    return changed[0] if raw else changed
            return mutate(value)

        return mutated

    def _begin(self) -> None:
        surroundings = self._mutator.surroundings
        self._of_type = {kind: DOMAINS[kind.__name__].mutator(surroundings)[0] for kind in (bytes, str)}

        def change_layer(value: Any, _bits: int) -> Any:
            return value  # what it stands for is done above

        self._bandit = Bandit({change_layer: 1}, stops=1)
        self._mutator.accompany(self._bandit, self._take_count)

    def _take_count(self) -> int:
        count, self._count = self._count, 0
        return count
