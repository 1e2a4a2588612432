"""Whether inputs cover the same when they are run again at once."""

from itertools import islice
from typing import Final

from fuzztui.protocol.messages import Found

MOST_UNSTABLE: Final = 1_000
"""Probes that are noted because inputs cover them at one time and not at another: some tell enough."""


class Stability:
    """What was seen of that in one run."""

    def __init__(self) -> None:
        self.checked = 0
        """Finds that were run twice, to see whether they cover the same."""
        self.unstable = 0
        """Of these, those that do not."""
        self.probes: dict[tuple[str, int], None] = {}
        """What they cover at one time and not at another, in order of appearance."""

    def take(self, found: Found) -> None:
        """Note whether a find covers the same when it is run again, where that was looked at."""
        if found.is_checked:
            self.checked += 1
            self.unstable += bool(found.unstable)
            probes = ((name, index) for name, indices in found.unstable.items() for index in indices)
            for probe in islice(probes, max(0, MOST_UNSTABLE - len(self.probes))):
                self.probes[probe] = None

    @property
    def share(self) -> float:
        """Share of the finds looked at that cover the same when they are run again, 0 to 1."""
        return 1.0 - self.unstable / self.checked if self.checked else 1.0
