"""What is wrong with a run that goes on, in words, with its figures and what to do about it. Plain values."""

from dataclasses import dataclass
from typing import Any

from fuzztui.engine.show.text import Visible, say


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Something that keeps a run from finding more, or from finding it sooner."""

    name: str
    """What tells it from others: one word, which stays the same while its figures change."""
    finding: Visible
    """What is the matter, with figures: a sentence."""
    advice: Visible
    """What to do about it: one sentence or several."""
    figures: tuple[tuple[str, float], ...] = ()
    """The same figures for programs."""

    @property
    def text(self) -> Visible:
        """Finding and advice in one paragraph."""
        return say("{} {}", self.finding, self.advice)

    def fields(self) -> dict[str, Any]:
        """The form in JSON Lines."""
        return {
            "name": self.name,
            "finding": self.finding,
            "advice": self.advice,
            "figures": {name: round(value, 6) for name, value in self.figures},
        }
