"""How inputs were read, the latest of them, and which lines of the program read turn by turn."""

from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.sized import is_binary
from fuzztui.worker.structure.as_read import Reading, reading_of
from fuzztui.worker.structure.lengths import with_measured
from fuzztui.worker.structure.measures import Measures
from fuzztui.worker.structure.slices import Slices
from fuzztui.worker.structure.suggested import totals_of, values_of

__builtins__ = PRIVATE_BUILTINS

MAX_READINGS: Final = 512
MAX_LATEST: Final = 48
"""Inputs of which pieces are put into others."""

MAX_SIZE: Final = 1024
"""Bytes of an input that is looked at."""

MAX_LOOPS: Final = 256


class Readings:
    """Those of one search."""

    def __init__(self) -> None:
        self._known: dict[bytes, Reading] = {}
        self.latest: Final[list[Reading]] = []
        self._slices: list[Slices] = []
        """What the program has taken of these."""
        self._measures: Final = Measures()
        self._revised: list[Reading] = []
        self._loops: dict[int, None] = {}
        """Kinds of runs of which there has been one of several turns."""

    def get(self, data: bytes) -> Reading | None:
        """How data were read; None if that is not known."""
        return self._known.get(data)

    def learn(self, data: bytes, slices: Slices) -> Reading | None:
        """How data have been read in a traced run; None if they have not, or are no binary data."""
        known = self._known.get(data)
        if known is not None or len(data) > MAX_SIZE or not is_binary(data):
            return known
        reading = reading_of(data, slices, values_of(slices.compared), self._loops, totals_of(slices.compared))
        if reading is None:
            return None
        measured = self._measures.known
        self._measures.learn(data, slices, [(each.begin, each.end) for each in reading.lengths])
        reading = self._measured(reading, slices)
        if len(self._known) >= MAX_READINGS:
            self._known.clear()
        self._known[data] = reading
        self.latest.append(reading)
        self._slices.append(slices)
        del self.latest[:-MAX_LATEST]
        del self._slices[:-MAX_LATEST]
        if self._measures.known > measured:
            self._measure_anew()
        new = {run.kind: None for run in reading.runs if run.turns > 1 and run.kind not in self._loops}
        if new and len(self._loops) < MAX_LOOPS:
            self._loops |= new
            self._read_anew()
        return reading

    def take_revised(self) -> list[Reading]:
        """The latest inputs, as of now, that have been found to have runs since last asked: of one turn each, of what
        later inputs have shown to be loops.
        """
        revised, self._revised = self._revised, []
        return revised

    def _measured(self, reading: Reading, slices: Slices) -> Reading:
        lengths = with_measured(reading.lengths, self._measures.of(reading.data, slices))
        return reading._replace(lengths=tuple(lengths))

    def _measure_anew(self) -> None:
        for at, (reading, slices) in enumerate(zip(self.latest, self._slices, strict=True)):
            made = self._measured(reading, slices)
            self.latest[at] = made
            if reading.data in self._known:
                self._known[reading.data] = made

    def _read_anew(self) -> None:
        for at, reading in enumerate(self.latest):
            made = reading.with_loops(self._loops)
            if made.runs != reading.runs:
                self.latest[at] = made
                if reading.data in self._known:
                    self._known[reading.data] = made
                self._revised.append(made)
