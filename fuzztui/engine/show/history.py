"""The series behind the plots, bounded in size however long a run is."""

from collections import deque
from typing import Final

from fuzztui.engine.show.charts import Marker, MarkerKind, Sample

INTERVAL: Final = 0.5
"""Seconds between two samples."""

RECENT: Final = 480
"""Samples of the last four minutes."""

WHOLE: Final = 512
"""Samples of the whole run: more than any terminal has columns of dots."""

MARKERS: Final = 200


class History:
    """Samples of the last minutes, and of the whole run at a resolution that halves each time its room is full."""

    def __init__(self) -> None:
        self._recent: deque[Sample] = deque(maxlen=RECENT)
        self._whole: list[Sample] = []
        self._stride = 1
        self._count = 0
        self._markers: deque[Marker] = deque(maxlen=MARKERS)
        self._previous = (0.0, 0)

    def sample(self, elapsed: float, executions: int, edges: int, corpus: int) -> None:
        """Take one sample; `executions`: total so far."""
        before, executed = self._previous
        if elapsed <= before:
            return
        self._previous = (elapsed, executions)
        sample = Sample(elapsed, (executions - executed) / (elapsed - before), edges, corpus)
        self._recent.append(sample)
        if self._count % self._stride == 0:
            self._whole.append(sample)
            if len(self._whole) > WHOLE:
                del self._whole[1::2]
                self._stride *= 2
        self._count += 1

    def mark(self, elapsed: float, kind: MarkerKind) -> None:
        """Remember that something happened."""
        self._markers.append(Marker(elapsed, kind))

    @property
    def recent(self) -> tuple[Sample, ...]:
        """Samples of the last four minutes."""
        return tuple(self._recent)

    @property
    def whole(self) -> tuple[Sample, ...]:
        """Samples of the whole run."""
        return tuple(self._whole)

    @property
    def markers(self) -> tuple[Marker, ...]:
        """The latest markers."""
        return tuple(self._markers)
