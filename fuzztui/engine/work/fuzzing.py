"""Mutates the entries of the corpus, in slices, until a limit is reached or a person has seen enough."""

from typing import ClassVar, Final

from fuzztui.engine.keep.corpus import Entry, Origin
from fuzztui.engine.keep.lineage import Step
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import Visible
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Clean, Death, Item, Report, Slice
from fuzztui.engine.work.islands import Islands
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspects
from fuzztui.protocol.messages import Coverage
from fuzztui.target.values import encode, zero

SLICE: Final = 0.02
"""Seconds of a processor that an entry is mutated before the next one gets its turn."""

LONG: Final = 4096
"""Bytes from which on it is not worth while to look at the comparisons of an entry which covers nothing of its own: the
longer it is, the longer that takes."""

UNHURRIED: Final = 3600.0
"""Seconds of a slice that only executions end."""

REPEATABLE_SLICE: Final = 500
"""Executions of a slice where a run is to be repeatable: no clock may decide then how far a worker gets."""

TRACED_AGAIN: Final = 100
TRACED_EARLY: Final = (5, 25)
"""An entry's comparisons are looked at in its first turn, in one of so many, and in these: by then more is known, and
what had been tried often enough in other entries gets a chance in this one.
"""

EXECUTIONS_PER_CALL: Final = 1 << 20
"""More than a slice can hold: without a limit of executions it is time that ends a call."""


class Fuzzing(Job):
    """The search itself."""

    state: ClassVar = WorkerState.FUZZING
    phase: ClassVar = Phase.FUZZING

    def __init__(self, account: Account, search: Search, suspects: Suspects) -> None:
        super().__init__(account)
        self._search = search
        self._suspects = suspects
        self._is_repeatable = search.options.seed is not None
        self._slices: dict[int, Slice] = {}
        """Worker -> the last one that it was given."""
        self._islands = Islands(search)

    @property
    def is_done(self) -> bool:
        """Never: a search has no end of its own."""
        return False

    def next(self, worker: int, workers: int) -> Slice | None:
        """The entry whose turn it is."""
        if not self.account.available:
            return None
        share, seconds = EXECUTIONS_PER_CALL, SLICE
        if self.account.is_limited:
            if self._is_repeatable:
                share, seconds = REPEATABLE_SLICE, UNHURRIED
            share = max(1, min(share, self.account.available // (2 * workers)))
        island = self._islands.turn(worker, workers)
        entries = self._search.schedule if island is None else island
        entry = entries.next()
        if entry is None:  # every entry failed in the baseline: a start that fails is better than none
            entry = Entry(encode(zero(self._search.parameters)), "zero value", Origin.ZERO)
            entries.add(entry)
        is_dear = entries.is_from_reserve and len(entry.data) > LONG
        trace = (entry.fuzzed % TRACED_AGAIN == 0 or entry.fuzzed in TRACED_EARLY) and not is_dear
        entry.fuzzed += 1
        self._slices[worker] = Slice(entry, seconds, share, trace, island)
        return self._slices[worker]

    def spent(self, worker: int, seconds: float) -> None:
        """An entry that is slow gets fewer turns, not more of the time. What is learned of it in its first turn takes
        long with any.
        """
        last = self._slices.pop(worker, None)
        if last is not None and not last.trace and last.seconds == SLICE:
            last.entry.cost = max(1.0, seconds / SLICE)

    def found(self, worker: int, data: bytes, edges: Coverage, step: Step | None) -> None:
        """An input is kept if it is new to all, not only to its worker."""
        self._search.check_input(data)
        new = self._search.coverage.add(edges)
        self._islands.found(worker, data, edges, step, is_new=bool(new))
        if new:  # otherwise another worker was faster, or has been here before
            self._search.admit(worker, data, edges, step, new)

    def take(self, worker: int, item: Item, report: Report) -> None:
        """A mutated input failed, or was a suspect and has been run again."""
        if not isinstance(report, Clean):
            self._islands.keep_way(worker, item.step)
            self._search.record(worker, item.data, report.failure, None, step=item.step)
        elif report.new:
            self._search.admit(worker, item.data, report.edges, item.step, report.new)

    def died(self, worker: int, item: Item | None, death: Death) -> None:  # noqa: ARG002
        """A crasher, or a suspect."""
        self._islands.keep_way(worker, death.step)
        if death.suspicion:
            self._suspects.add(worker, Item(death.data, step=death.step), self, death.suspicion, death.killed)
        else:
            self._search.record(worker, death.data, death.failure, None, step=death.step)

    def doubted(self, worker: int, item: Item, suspicion: Visible) -> None:
        """A suspect."""
        self._suspects.add(worker, item, self, suspicion)

    def undecided(self, worker: int, item: Item, failure: Failure, why: Visible) -> None:  # noqa: ARG002
        """The next run's baseline has it first."""
        self._search.set_aside(item.data, why)

    def unproven(self, worker: int, data: bytes, suspicion: Visible) -> None:  # noqa: ARG002
        """The next run's baseline has it first."""
        self._search.keep_for_next_run(data, suspicion)

    def leave(self, worker: int) -> None:
        """Its island is given up."""
        self._islands.leave(worker)

    def reload(self) -> None:
        """There is another program to search."""
        self._islands.reload()

    def close(self) -> None:
        """How what was found came about, and what it covers, is kept for later sessions."""
        self._search.keep_lineage()
        self._search.keep_measured()
