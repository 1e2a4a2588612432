"""Measures what inputs cover, line by line: each is run once with every line noted, which is far slower.

- Beside a search that is done as long as somebody wants to see it, for what is in the corpus and for crashers that do
  not end their process. One worker measures at a time, and then rests as long as that took.
- The command `coverage` does nothing else, with all workers: seeds, stored inputs, the generated corpus.
- The command's verdicts are those of a run: what fails is a crasher, a seed or stored input too. Beside a search it is
  known already, but for what has been found.
- That an input takes longer with every line noted is our doing. The command runs one that takes too long as a run
  would, which is its verdict, then once more with patience; what takes too long even so is left out, and counted.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from hashlib import sha256
from typing import ClassVar, Final

from fuzztui.engine.keep.corpus import Entry, Origin
from fuzztui.engine.keep.lineage import SHORT_DIGEST
from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import Visible
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.baseline import BATCH_BYTES, load_corpus
from fuzztui.engine.work.call import Batch, Death, Failed, Item, Report
from fuzztui.engine.work.favouring import favour_what_reaches
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.line_coverage import MeasuredInput
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspecting, Suspects
from fuzztui.protocol.messages import Measured

BATCH: Final = 16
"""Inputs of one call at most."""

PATIENCE: Final = 10.0
"""How many times the time-out an input may take: noting each line makes Python some ten times as slow."""

REST: Final = 1.0
"""How many times as long as a call took nothing is measured after it, beside a search."""

MOST_TRIES: Final = 3
"""Times that an input is run which loads modules that have not been there before."""

_ENDS: Final = frozenset(kind for kind in CrasherKind if kind.ends_the_process) | {CrasherKind.MEMORY}
"""Failures of inputs that are not run with every line noted."""


class Stage(Enum):
    """How an input is run next."""

    FIRST = auto()
    """With every line noted, within the time-out."""
    JUDGED = auto()
    """As in any other run, since it has taken too long: what comes of that is its verdict."""
    PATIENT = auto()
    """With every line noted, as long as that may take."""


@dataclass(slots=True)
class _Subject:
    """What is known of an input that waits or runs."""

    known: MeasuredInput
    stage: Stage
    tries: int = 0
    """Runs that have loaded modules which had not been there before."""
    runs_again: bool = False
    """Whether the run that has come to its end was such."""
    is_measured: bool = False
    is_recorded: bool = False
    """Whether its failure has been taken for a crasher."""


class Measuring(Suspecting):
    """Measures what there is to measure, whoever wants it."""

    instrumented: ClassVar = True
    first: ClassVar = Stage.PATIENT
    """How inputs are run first."""

    def __init__(self, account: Account, search: Search, suspects: Suspects) -> None:
        super().__init__(account, suspects)
        self._search = search
        self._waiting: deque[Item] = deque()
        self._running: dict[int, Item] = {}
        """In flight, by `id`."""
        self._subjects: dict[int, _Subject] = {}
        """Of those that wait or run, by `id`."""

    def _add(self, data: bytes, name: str, found: float, *, entry: Entry | None = None, crashes: bool = False) -> None:
        item = Item(data, entry)
        known = MeasuredInput(sha256(data).hexdigest(), data, name, found, crashes)
        self._subjects[id(item)] = _Subject(known, self.first)
        self._waiting.append(item)

    def _batch(self, most: int) -> Batch | None:
        if not self._waiting:
            return None
        stage = self._stage(self._waiting[0])
        items: list[Item] = []
        size = 0
        while self._waiting and len(items) < most and size < BATCH_BYTES and self._stage(self._waiting[0]) is stage:
            items.append(self._waiting.popleft())
            size += len(items[-1].data)
        self._running.update((id(item), item) for item in items)
        self._count()
        patience = PATIENCE if stage is Stage.PATIENT else 1.0
        return Batch(items, measured=stage is not Stage.JUDGED, patience=patience)

    def _stage(self, item: Item) -> Stage:
        return self._subjects[id(item)].stage

    def _run_again(self, item: Item, subject: _Subject, stage: Stage) -> None:
        """Have an input that has been run wait once more: last, since it is likely to take long."""
        again = Item(item.data, item.entry)
        subject.stage = stage
        self._subjects[id(again)] = subject
        self._waiting.append(again)

    def _count(self) -> None:
        self._search.lines.waiting = len(self._waiting) + len(self._running)

    def give_back(self, worker: int, items: list[Item]) -> None:  # noqa: ARG002
        """They come first again."""
        for item in reversed(items):
            self._running.pop(id(item), None)
            self._waiting.appendleft(item)
        self._count()

    def measured(self, worker: int, item: Item, measured: Measured) -> None:  # noqa: ARG002
        """An input has been run with every line noted."""
        subject = self._subjects.get(id(item))
        if subject is None:
            return
        if measured.is_partial and subject.tries + 1 < MOST_TRIES:
            subject.tries += 1
            subject.runs_again = True
        else:
            self._search.lines.add(measured, subject.known)
            subject.is_measured = True

    def take(self, worker: int, item: Item, report: Report) -> None:
        """What it covers has been told just before, where that was wanted."""
        self._running.pop(id(item), None)
        subject = self._subjects.pop(id(item), None)
        if subject is None:
            return
        if isinstance(report, Failed) and not subject.is_recorded:
            subject.is_recorded = True
            self._failed(worker, item, report.failure)
        if subject.runs_again:
            subject.runs_again = False
            self._run_again(item, subject, subject.stage)
        elif not subject.is_measured:
            self._not_measured(item, subject, report)
        self._count()

    def _failed(self, worker: int, item: Item, failure: Failure) -> None:
        self._search.record(worker, item.data, failure, item.seed)

    def _not_measured(self, item: Item, subject: _Subject, report: Report) -> None:
        """It was run as in any other run, or has ended its process."""
        ends = isinstance(report, Failed) and report.failure.kind in _ENDS
        if ends or subject.stage is Stage.PATIENT:
            self._search.lines.unmeasured += 1
        else:
            self._run_again(item, subject, Stage.PATIENT)

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """A failure like any other, but for one that noting each line may have brought about."""
        assert item is not None
        subject = self._subjects.get(id(item))
        is_ours = death.failure.kind in (CrasherKind.TIMEOUT, CrasherKind.MEMORY)
        if not is_ours or subject is None or subject.stage is Stage.JUDGED:
            super().died(worker, item, death)
        elif subject.stage is Stage.FIRST:
            del self._running[id(item)], self._subjects[id(item)]
            self._run_again(item, subject, Stage.JUDGED)
            self._count()
        else:
            self._leave_out(item)

    def _leave_out(self, item: Item) -> None:
        self._running.pop(id(item), None)
        subject = self._subjects.pop(id(item), None)
        self._search.lines.unmeasured += subject is not None and not subject.is_measured
        self._count()

    def undecided(self, worker: int, item: Item, failure: Failure, why: Visible) -> None:  # noqa: ARG002
        """It is in the corpus, or stored, in any case."""
        self._leave_out(item)

    def unproven(self, worker: int, data: bytes, suspicion: Visible) -> None:
        """It is in the corpus, or stored, in any case."""


class MeasuringCorpus(Measuring):
    """Measures everything that a run starts from."""

    state: ClassVar = WorkerState.EXECUTING
    phase: ClassVar = Phase.EXECUTING
    first: ClassVar = Stage.FIRST

    def begin(self, seeds: list[bytes]) -> None:
        """Collect what there is."""
        load_corpus(self._search, seeds)
        for entry in self._search.corpus.entries:
            self._add(entry.data, entry.name, 0.0, entry=entry)
        self._count()

    @property
    def is_done(self) -> bool:
        """Whether every input has been run."""
        return not self._waiting and not self._running

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """Some inputs: few enough that all workers end at about the same time."""
        return self._batch(max(1, min(BATCH, len(self._waiting) // (2 * workers))))


class MeasuringBeside(Measuring):
    """Measures what a search has in its corpus, and its crashers, for who looks at it."""

    state: ClassVar = WorkerState.MEASURING

    def __init__(self, account: Account, search: Search, suspects: Suspects) -> None:
        super().__init__(account, search, suspects)
        self._entries = 0
        """Entries of the corpus that have been looked at."""
        self._crashers: set[str] = set()
        """Crashers that have been."""
        self._since = 0.0
        """When in the run the call in flight was made."""
        self._rests_until = 0.0

    @property
    def is_done(self) -> bool:
        """There is always nothing left that anybody has to wait for."""
        return True

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """Some inputs that have not been measured, if somebody wants to know, and nobody else is at it."""
        now = self._search.clock.elapsed()
        if not self._search.lines.wishes or self._running or now < self._rests_until or not self.account.available:
            return None
        self._collect()
        self._since = now
        return self._batch(BATCH)

    def reload(self) -> None:
        """All is measured anew, if somebody wants to know."""
        self._suspects.drop(self)
        for known in (self._waiting, self._running, self._subjects, self._crashers):
            known.clear()
        self._entries = 0
        self._count()

    def _collect(self) -> None:
        search = self._search
        entries = search.corpus.entries
        while self._entries < len(entries):
            entry = entries[self._entries]
            self._entries += 1
            if entry.edges:  # others have failed: crashers, most of them
                name = entry.name if entry.origin is not Origin.GENERATED else entry.name[:SHORT_DIGEST]
                self._add(entry.data, name, entry.found, entry=entry)
        for crasher in search.crashers.crashers:
            if crasher.id not in self._crashers:
                self._crashers.add(crasher.id)
                if crasher.failure.kind not in _ENDS:
                    self._add(crasher.data, crasher.id, crasher.elapsed, crashes=True)

    def take(self, worker: int, item: Item, report: Report) -> None:
        """As all; then rest."""
        super().take(worker, item, report)
        if not self._running and self._search.lines.favoured is not None:
            favour_what_reaches(self._search)
        self._rest()

    def _failed(self, worker: int, item: Item, failure: Failure) -> None:
        """What has been stored is known; what else fails is of interest where it is new."""
        if item.seed is None and not self._search.crashers.is_known(failure.id):
            super()._failed(worker, item, failure)

    def _leave_out(self, item: Item) -> None:
        super()._leave_out(item)
        self._rest()

    def _rest(self) -> None:
        if not self._running:
            now = self._search.clock.elapsed()
            self._rests_until = now + REST * (now - self._since)
