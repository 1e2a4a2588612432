"""Diagnoses a run again and again, so that what is said does not come and go with each look."""

from collections.abc import Iterable
from typing import Final

from fuzztui.engine.crew.member import Member
from fuzztui.engine.diagnoses.diagnose import diagnoses
from fuzztui.engine.readings.taking import Readings
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.events import Diagnosed
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.work.search import Search

KEPT: Final = 3
"""Looks for which a diagnosis stays that is not made any more."""


class Diagnosing:
    """What is wrong with a run now, and what has not been told yet."""

    def __init__(self, options: RunOptions) -> None:
        self._readings = Readings(options)
        self._missed: dict[str, int] = {}
        """For each diagnosis that is shown, the looks since it was last made."""
        self.current: tuple[Diagnosis, ...] = ()

    def glance(self, members: Iterable[Member]) -> None:
        """See `Readings.glance`."""
        self._readings.glance(members)

    def look(
        self, elapsed: float, phase: Phase, executions: int, search: Search, members: Iterable[Member]
    ) -> list[Diagnosed]:
        """Diagnose the run: tells of the diagnoses that it did not have before, and of those that it has no longer."""
        figures = self._readings.look(elapsed, phase, executions, search, members)
        made = {found.name: found for found in diagnoses(figures)}
        before = {shown.name: shown for shown in self.current}
        self._missed = {name: 0 if name in made else missed + 1 for name, missed in self._missed.items()}
        self._missed |= dict.fromkeys(made, 0)
        over = [before[name] for name, missed in self._missed.items() if missed > KEPT]
        self._missed = {name: missed for name, missed in self._missed.items() if missed <= KEPT}
        kept = [shown for name, shown in before.items() if name in self._missed and name not in made]
        self.current = (*made.values(), *kept)
        new = [Diagnosed(elapsed, found) for name, found in made.items() if name not in before]
        return [*new, *(Diagnosed(elapsed, shown, is_over=True) for shown in over)]
