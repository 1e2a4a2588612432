"""Runs every input that a fuzzing run starts from, once, before anything is mutated."""

from collections import deque
from typing import ClassVar, Final

from fuzztui.engine.keep.corpus import Entry, irregular_sentence
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import NOTHING, Visible, say
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Batch, Clean, Death, Item, Report
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import MADE, Search
from fuzztui.engine.work.suspects import Suspects
from fuzztui.target.values import encode, zero

BATCH: Final = 32
"""Inputs of one call at most: a worker's death gives the unanswered ones back."""

BATCH_BYTES: Final = 4 << 20
"""Bytes from which on a call takes no further input, so that any input fits into one."""


RUN_AGAIN: Final = 256
"""Entries that are run though it is known what they cover: as many as a worker splices with."""


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
        self._open: dict[int, Item] = {}
        """By `id`, those of which it is not known yet what comes of them. What is in there no more counts no more: an
        input may be told of twice, by a process and by its end, say, or by one that ran other code before.
        """
        self.total = 0
        self._users_total = 0
        """Of these, seeds and stored inputs."""
        self._was_finished = False
        """Whether it had been finished on code that has been replaced since."""
        self._is_settled = False
        """Whether the corpus has been distilled."""
        self._has_looked_back = True
        """Whether it has been looked what earlier sessions have measured: once it is known which code is run."""

    def begin(self, seeds: list[bytes]) -> None:
        """Collect what there is."""
        load_corpus(self._search, seeds)
        self._collect()
        self._has_looked_back = False

    def reload(self) -> None:
        """All of the corpus is run anew, what was found in this run included."""
        self._was_finished |= self.is_done
        self._suspects.drop(self)
        self._collect()

    def _look_back(self) -> None:
        """Take over what earlier sessions have measured, and run those entries no more; but for some of them, the
        smallest for each edge: workers splice with what they have run.
        """
        self._has_looked_back = True
        search = self._search
        known = search.measured_before()
        entries = [
            (len(entry.data), entry.number, entry, known.entries[digest])
            for digest, entry in search.corpus.by_digest.items()
            if digest in known.entries and entry.origin in MADE
        ]
        entries.sort(key=lambda each: each[:2])
        covered: set[int] = set()
        left = RUN_AGAIN
        taken: dict[int, Entry] = {}
        search.coverage.add(known.coverage)
        numbers = search.coverage.numbering(known.edges)
        for _, _, entry, edges in entries:
            new = set(edges).difference(covered)
            covered |= new
            if new and left:
                left -= 1
                continue
            entry.brought = len(new)
            taken[id(entry)] = entry
            search.schedule.add(entry, [numbers[edge] for edge in edges])
        self._items = deque(item for item in self._items if id(item.entry) not in taken)
        self._open = {id(item): item for item in self._items}
        self.total = len(self._items)

    def _collect(self) -> None:
        self._items = deque(Item(entry.data, entry) for entry in self._search.corpus.entries)
        self._open = {id(item): item for item in self._items}
        self.total = len(self._items)
        self._is_settled = False
        self._users_total = sum(item.seed is not None for item in self._items)

    @property
    def done(self) -> int:
        """Inputs run."""
        return self.total - len(self._open)

    @property
    def is_done(self) -> bool:
        """Whether every input has been run."""
        return not self._open

    @property
    def unfinished(self) -> Visible:
        """How much was run, in a sentence; empty if that is all, or was before other code was loaded."""
        if self.is_done or self._was_finished:
            return NOTHING
        if not self._users_total:
            return say("{} of {} inputs to begin with were run", self.done, self.total)
        users_done = self._users_total - sum(item.seed is not None for item in self._open.values())
        if users_done < self._users_total:
            return say("{} of {} seeds and stored inputs were run", users_done, self._users_total)
        made, all_made = self.done - users_done, self.total - self._users_total
        users = say("all {} seeds and stored inputs", self._users_total)
        return say("{} and {} of {} inputs of the generated corpus were run", users, made, all_made)

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """Some inputs: few enough that all workers end at about the same time."""
        if not self._has_looked_back:
            self._look_back()
        share = max(1, min(BATCH, len(self._items) // (2 * workers)))
        items: list[Item] = []
        size = 0
        while self._items and len(items) < share and size < BATCH_BYTES:
            items.append(self._items.popleft())
            size += len(items[-1].data)
        return Batch(items) if items else None

    def give_back(self, worker: int, items: list[Item]) -> None:  # noqa: ARG002
        """They come first again."""
        self._items.extendleft(item for item in reversed(items) if id(item) in self._open)

    def take(self, worker: int, item: Item, report: Report) -> None:
        """A clean input is fuzzed from now on; a failing one is a failing seed, or a new crasher where it was made."""
        is_first = self._open.pop(id(item), None) is not None
        if isinstance(report, Clean):
            if item.entry is not None and is_first:
                item.entry.brought = report.new
                self._search.schedule.add(item.entry, self._search.coverage.numbers(report.edges))
        else:
            made = item.data if report.canonical is None or item.seed is not None else report.canonical
            self._search.record(worker, made, report.failure, item.seed)
        self._settle()

    def _settle(self) -> None:
        """If everything has been run, have what covers nothing of its own wait."""
        if self.is_done and not self._is_settled:
            self._is_settled = True
            self._search.schedule.distill()
            self._search.keep_measured()

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """A crasher, or a suspect that the baseline waits for."""
        assert item is not None
        if death.suspicion:
            self._suspects.add(worker, item, self, death.suspicion, death.killed)
        else:
            self._open.pop(id(item), None)
            self._search.record(worker, death.data, death.failure, item.seed)
            self._settle()

    def doubted(self, worker: int, item: Item, suspicion: Visible) -> None:
        """A suspect that the baseline waits for."""
        self._suspects.add(worker, item, self, suspicion)

    def undecided(self, worker: int, item: Item, failure: Failure, why: Visible) -> None:  # noqa: ARG002
        """The next run's baseline has it first; this one does not wait for it any more."""
        self._open.pop(id(item), None)
        self._search.set_aside(item.data, why)
        self._settle()

    def unproven(self, worker: int, data: bytes, suspicion: Visible) -> None:  # noqa: ARG002
        """The next run's baseline has it first."""
        self._search.keep_for_next_run(data, suspicion)


def load_corpus(search: Search, seeds: list[bytes]) -> None:
    """Collect all that a run starts from, and tell what is wrong with some of it. MalformedCorpus and OSError as
    `Corpus.load` raises them.
    """
    search.corpus.load(search.parameters, seeds, encode(zero(search.parameters)), search.capacity)
    if search.corpus.skipped:
        skipped = search.corpus.skipped
        files = say("{} malformed or unreadable {}", skipped, "file" if skipped == 1 else "files")
        search.listener.warn("skipped", say("{} in the generated corpus skipped", files))
    if search.corpus.unread:
        search.listener.warn("unread", search.corpus.unread)
    if search.corpus.shared:
        search.listener.warn("shared", search.corpus.shared)
    for sentence in search.corpus.doubtful:
        search.listener.warn("doubtful", sentence)
    if irregular := irregular_sentence(search.corpus.irregular):
        search.listener.warn("irregular", irregular)
    if search.corpus.moved:
        moved, folder = search.corpus.moved, search.options.target.crashers_dir
        what = say("{} {} of earlier runs", moved, "crasher" if moved == 1 else "crashers")
        search.listener.warn("moved", say("{} moved from the cache to {}", what, shown_path(folder.path)))
    if search.corpus.altered:
        search.listener.warn("altered", search.corpus.altered)
