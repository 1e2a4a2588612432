"""What workers spend their time on."""

from dataclasses import dataclass
from enum import Enum


class Cost(Enum):
    """What a worker's time is spent on, in the order in which it is shown. Values are the words shown to people."""

    TARGET = "target"
    """The target runs; as long as nothing is known of what its probes cost, they are in here."""
    INSTRUMENTATION = "instrumentation"
    """The probes in the target run: an estimate, from entries that were timed with and without them."""
    MUTATION = "mutation"
    """An input is being made from another."""
    BOOKKEEPING = "bookkeeping"
    """An input is recorded, its coverage compared with what is known; calls begin and end."""
    MEASURING = "measuring"
    """A found input runs again, to learn what it covers and to make it shorter."""
    TRACING = "tracing"
    """A new entry runs with its comparisons traced, and inputs are made that they suggest."""
    REPORTING = "reporting"
    """A failure is described, told apart from others and sent."""
    WAITING = "waiting"
    """The worker has no call to serve."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What workers' time was spent on, as far as looks at random moments tell. Time in which a worker loads its target,
    is held or is ending does not count.
    """

    weights: tuple[tuple[Cost, float], ...]
    """How many looks found a worker at what. (A look cannot tell the target from its probes: parts of one.)"""

    @property
    def samples(self) -> int:
        """Looks in all."""
        return round(sum(weight for _, weight in self.weights))

    def share(self, cost: Cost) -> float | None:
        """Part of the time that was spent on `cost`, 0 to 1; None before the first look."""
        whole = sum(weight for _, weight in self.weights)
        return sum(weight for what, weight in self.weights if what is cost) / whole if whole else None
