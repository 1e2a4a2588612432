"""How an input came about: from a seed on, what was done to it, step by step. Plain values."""

from dataclasses import dataclass
from typing import Any, Final

from fuzztui.engine.show.text import NOTHING, Visible, joined, one_line, say

CHANGE_BYTES: Final = 24
"""Bytes of what was there and of what is there now that a change shows."""


@dataclass(frozen=True, slots=True)
class Ancestor:
    """One input on the way from a seed to a crasher, the crasher's own included."""

    sha256: str
    """Of its file form."""
    name: Visible
    """`seed 2`, `zero value`, the first digits of a file's name, `this input`."""
    operators: tuple[Visible, ...]
    """Mutation operators that made it from the one before, in order; empty for the first, and where that is unknown."""
    change: Visible
    """What they changed, see `changed`; empty for the first, and where the one before is gone."""

    @property
    def sentence(self) -> Visible:
        """The step that led to it, in words."""
        if not self.operators and not self.change:
            return self.name
        how = joined(", ", self.operators) if self.operators else say("an unknown operator")
        return say("{}: {}{}", self.name, how, say(" ({})", self.change) if self.change else NOTHING)

    def fields(self) -> dict[str, Any]:
        """The form in records."""
        how = joined(", ", self.operators) if self.operators else NOTHING if self.change else self.name
        return {"sha256": self.sha256, "operator": how, "change": self.change}


def changed(before: bytes, after: bytes) -> Visible:
    """What differs between two inputs in their file form, as one replaced part: `at 12: b'old' -> b'new'`."""
    if before == after:
        return say("nothing")
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    rest = shorter - start
    end = next((at for at in range(rest) if before[-1 - at] != after[-1 - at]), rest)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if not old:
        return say("at {}: {} put in", start, _shown(new))
    if not new:
        return say("at {}: {} left out", start, _shown(old))
    return say("at {}: {} -> {}", start, _shown(old), _shown(new))


def _shown(part: bytes) -> Visible:
    more = say("... ({:,} bytes)", len(part)) if len(part) > CHANGE_BYTES else NOTHING
    return say("{}{}", one_line(repr(part[:CHANGE_BYTES]), 4 * CHANGE_BYTES + 3), more)
