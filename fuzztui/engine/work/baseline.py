"""Runs every input that a fuzzing run starts from, once, before anything is mutated."""

from collections import deque
from typing import ClassVar, Final

from fuzztui.engine.show.snapshot import Phase, WorkerState
from fuzztui.engine.show.text import Visible, joined, say
from fuzztui.engine.work.call import Batch, Clean, Death, Item, Report
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspects
from fuzztui.target.values import encode, zero

BATCH: Final = 32
"""Inputs of one call at most: a worker's death gives the unanswered ones back."""

BATCH_BYTES: Final = 4 << 20
"""Bytes from which on a call takes no further input, so that any input fits into one."""


class Baseline(Job):
    """Seeds, stored inputs and the generated corpus, spread over the workers."""

    state: ClassVar = WorkerState.BASELINE
    phase: ClassVar = Phase.BASELINE
    comes_first: ClassVar = True

    def __init__(self, account: Account, search: Search, suspects: Suspects) -> None:
        super().__init__(account)
        self._search = search
        self._suspects = suspects
        self._items: deque[Item] = deque()
        self.done = 0
        """Inputs run."""
        self.total = 0

    def begin(self, seeds: list[bytes]) -> None:
        """Collect what there is."""
        search = self._search
        search.corpus.load(search.parameters, seeds, encode(zero(search.parameters)), search.capacity)
        if search.corpus.skipped:
            skipped = search.corpus.skipped
            files = say("{} malformed or unreadable {}", skipped, "file" if skipped == 1 else "files")
            search.listener.warn("skipped", say("{} in the generated corpus skipped", files))
        if search.corpus.irregular:
            sentences = joined("; ", search.corpus.irregular)
            search.listener.warn("irregular", say("skipped among the stored inputs: {}", sentences))
        if search.corpus.left:
            search.listener.warn("left", say("cannot be tidied up: {}", joined("; ", search.corpus.left)))
        self._items.extend(Item(entry.data, entry) for entry in search.corpus.entries)
        self.total = len(self._items)

    @property
    def is_done(self) -> bool:
        """Whether every input has been run."""
        return self.done == self.total

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """Some inputs: few enough that all workers end at about the same time."""
        share = max(1, min(BATCH, len(self._items) // (2 * workers)))
        items: list[Item] = []
        size = 0
        while self._items and len(items) < share and size < BATCH_BYTES:
            items.append(self._items.popleft())
            size += len(items[-1].data)
        return Batch(items) if items else None

    def give_back(self, worker: int, items: list[Item]) -> None:  # noqa: ARG002
        """They come first again."""
        self._items.extendleft(reversed(items))

    def take(self, worker: int, item: Item, report: Report) -> None:
        """A clean input is fuzzed from now on; a failing one is a failing seed, or a new crasher where it was made."""
        if isinstance(report, Clean):
            if item.entry is not None:
                self._search.schedule.add(item.entry, self._search.coverage.numbers(report.edges))
        else:
            self._search.record(worker, item.data, report.failure, item.seed)
        self.done += 1

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """A crasher, or a suspect that the baseline waits for."""
        assert item is not None
        if death.suspicion:
            self._suspects.add(worker, item, self, death.suspicion)
        else:
            self._search.record(worker, death.data, death.failure, item.seed)
            self.done += 1

    def doubted(self, worker: int, item: Item, suspicion: Visible) -> None:
        """A suspect that the baseline waits for."""
        self._suspects.add(worker, item, self, suspicion)

    def unproven(self, worker: int, data: bytes, suspicion: Visible) -> None:  # noqa: ARG002
        """The next run's baseline has it first."""
        self._search.keep_for_next_run(data, suspicion)
