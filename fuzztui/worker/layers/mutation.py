"""Random mutation of what is in an input. Hot code."""

from collections.abc import Callable
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.layers.parts import Layered
from fuzztui.worker.mutate import Mutator
from fuzztui.worker.mutate.companion import Companion
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
        self._companion: Companion | None = None

    def remember(self, entry: Arguments, layered: Layered) -> None:
        """What is in an entry."""
        if len(self._known) >= MOST_ENTRIES:
            self._known.clear()
        self._known[entry] = layered

    def beside(
        self,
        mutate: Callable[[Any], Any],
        entry: Arguments,
        right: Callable[[Arguments], Arguments],
        *,
        raw: bool,
        is_in_leg: bool = False,
    ) -> Callable[[Any], Any]:
        """A mutator that changes a layer of an entry in half of all cases, and leaves the other half to another one;
        `right`: puts what is made of the entry right; `is_in_leg`: whether it has a part of the time, and does so in
        all cases; `raw`: whether they take the one argument itself.
        """
        layered = self._known.get(entry)
        if layered is None:
            return mutate
        companion = self._companion
        if companion is None:
            surroundings = self._mutator.surroundings
            self._of_type = {kind: DOMAINS[kind.__name__].mutator(surroundings)[0] for kind in (bytes, str)}
            companion = self._companion = Companion(self._mutator, "change_layer")
        getrandbits = self._mutator.surroundings.random.getrandbits
        of_type, leave, made = self._of_type, companion.leave, companion.made
        first, values, together = len(entry), layered.values, layered.together
        count = len(values) - first

        def mutated(value: Any) -> Any:
            leave()
            bits = getrandbits(30)
            if bits & 1 or is_in_leg:
                at = first + (bits >> 1) % count
                inner = values[at]
                changed = together((*values[:at], of_type[type(inner)](inner), *values[at + 1 :]))
                if changed is not None and changed != entry:
                    changed = right(changed)
                    made()
                    return changed[0] if raw else changed
            return mutate(value)

        return mutated
