"""Learns what is compared in a line, by running inputs that reach it once more: for a person who looks at a branch."""

from collections import deque
from typing import ClassVar, Final

from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.text import Visible
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Batch, Death, Failed, Item, Report
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.line_coverage import Met
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspecting, Suspects
from fuzztui.protocol.messages import Compared

MOST_RUN: Final = 20
"""Inputs that are run for a line: the smallest that reach it."""

PATIENCE: Final = 10.0
"""How many times the time-out an input may take: noting comparisons makes it slower."""

_Spot = tuple[str, tuple[int, ...]]


class Comparing(Suspecting):
    """Runs inputs for the lines that somebody has asked for."""

    state: ClassVar = WorkerState.MEASURING

    def __init__(self, account: Account, search: Search, suspects: Suspects) -> None:
        super().__init__(account, suspects)
        self._search = search
        self._waiting: deque[tuple[_Spot, Met, list[Item]]] = deque()
        self._running: dict[int, tuple[_Spot, Met, Item]] = {}
        """By `id` of the item."""

    def wish(self, file: str, line: int) -> int:
        """Learn what is compared in a line; returns how many inputs are run for that."""
        lines = self._search.lines
        known = lines.files.get(file)
        inputs = sorted({each.data for each in lines.reaching(file, line)}, key=lambda data: (len(data), data))
        if known is None or not inputs:
            return 0
        met = lines.ask_met(file, line)
        items = [Item(data) for data in inputs[:MOST_RUN]]
        met.waiting = len(items)
        self._waiting.append(((file, known.lines_of(line)), met, items))
        return len(items)

    @property
    def is_done(self) -> bool:
        """There is never anything left that anybody has to wait for."""
        return True

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """The inputs of the line that was asked for first."""
        if not self._waiting or not self.account.available:
            return None
        spot, met, items = self._waiting.popleft()
        self._running.update((id(item), (spot, met, item)) for item in items)
        return Batch(list(items), compared=spot, patience=PATIENCE)

    def give_back(self, worker: int, items: list[Item]) -> None:  # noqa: ARG002
        """They come first again."""
        given = [running for item in items if (running := self._running.pop(id(item), None)) is not None]
        if given:
            spot, met, _ = given[0]
            self._waiting.appendleft((spot, met, [item for _, _, item in given]))

    def compared(self, worker: int, item: Item, compared: Compared) -> None:  # noqa: ARG002
        """An input has been run."""
        if (running := self._running.get(id(item))) is not None:
            running[1].add(compared.operands)

    def take(self, worker: int, item: Item, report: Report) -> None:
        """What it compares has been told just before; only a failure that is new is of interest."""
        self._over(item)
        if isinstance(report, Failed) and not self._search.crashers.is_known(report.failure.id):
            self._search.record(worker, item.data, report.failure, None)

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """A failure like any other, but for one that noting comparisons may have brought about."""
        assert item is not None
        if death.failure.kind in (CrasherKind.TIMEOUT, CrasherKind.MEMORY):
            self._over(item)
        else:
            super().died(worker, item, death)

    def undecided(self, worker: int, item: Item, failure: Failure, why: Visible) -> None:  # noqa: ARG002
        """It is in the corpus, or stored, in any case."""
        self._over(item)

    def unproven(self, worker: int, data: bytes, suspicion: Visible) -> None:
        """It is in the corpus, or stored, in any case."""

    def reload(self) -> None:
        """What was asked for was asked of other code."""
        self._suspects.drop(self)
        self._waiting.clear()
        self._running.clear()

    def _over(self, item: Item) -> None:
        if (running := self._running.pop(id(item), None)) is not None:
            running[1].waiting -= 1
