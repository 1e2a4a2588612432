"""Makes one failing input as small and plain as it can be while it fails in the same way."""

from dataclasses import replace
from typing import ClassVar

from fuzztui.engine.keep.corpus import MalformedCorpus
from fuzztui.engine.keep.record import Record, Smallest
from fuzztui.engine.keep.recording import smallest
from fuzztui.engine.keep.storage import names
from fuzztui.engine.show import text
from fuzztui.engine.show.events import InputMinimized
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Batch, Clean, Failed, Item, Report
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.minimization import Minimization
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspecting, Suspects
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode


class Shrinking(Suspecting):
    """Runs an input to learn how it fails, then what the search proposes, until that finds nothing smaller.

    What fails in another way is a crasher of its own.
    """

    state: ClassVar = WorkerState.MINIMIZING
    phase: ClassVar = Phase.EXECUTING

    def __init__(self, account: Account, search: Search, suspects: Suspects, name: str, data: bytes) -> None:
        """`name`: the input's, as people are shown it."""
        super().__init__(account, suspects)
        self._search = search
        self._name = text.one_line(name)
        self._data = data
        self._minimization: Minimization | None = None
        """None as long as the target is not loaded."""
        self._records = frozenset[str]()
        """Names of the records of crashers that earlier runs have found."""

    def begin(self, seeds: list[bytes]) -> None:  # noqa: ARG002 - it is about one input only
        """MalformedCorpus if the input is none of this target's, OSError if the cache cannot be read."""
        try:
            decode(self._data, self._search.parameters)
        except MalformedInput as error:
            raise MalformedCorpus(text.say("{}: {}", self._name, error)) from None
        self._records = frozenset(names(self._search.records))
        self._minimization = Minimization(self._search, self._name, self._data)

    @property
    def is_done(self) -> bool:
        """Whether nothing smaller can be found."""
        return self._minimization is not None and self._minimization.is_over

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """What is to be run next, spread over the workers."""
        if self._minimization is None:
            return None
        items = self._minimization.hand_out(workers)
        looks, shrinks = self._minimization.looks, self._minimization.shrinks
        return Batch(items, detailed=looks, traced=looks, shrunk=shrinks) if items else None

    def give_back(self, worker: int, items: list[Item]) -> None:  # noqa: ARG002
        """They come first again, unless what they were to answer is answered."""
        assert self._minimization is not None
        self._minimization.give_back(items)

    def shrunk(self, worker: int, item: Item, executions: int) -> None:  # noqa: ARG002
        """They count like those of this search."""
        assert self._minimization is not None
        self._minimization.executions += executions

    def take(self, worker: int, item: Item, report: Report) -> None:
        """An alternative fails alike or not; how the input itself fails says what alike means."""
        assert self._minimization is not None
        failure = report.failure if isinstance(report, Failed) else None
        fails = self._minimization.answer(item, failure, report.steps if isinstance(report, Clean) else ())
        if failure is not None and not fails and f"{failure.id}.json" not in self._records:
            self._search.record(worker, item.data, failure, None)

    def undecided(self, worker: int, item: Item, failure: Failure, why: text.Visible) -> None:  # noqa: ARG002
        """What cannot be said to fail does not fail alike."""
        assert self._minimization is not None
        self._search.listener.warn("suspect", text.say("an input is not judged ({})", why))
        self._minimization.skip(item)

    def close(self) -> None:
        """Store the smallest input beside the target, and tell of it."""
        if self._minimization is not None:
            self._minimization.conclude(self._tell)

    def _tell(self, minimized: Minimized) -> None:
        self.unsaved += minimized.data is not None
        if minimized.failure is None:
            self._tell_what_it_needs()
        elif (known := smallest(minimized)) is not None:
            self._search.amend_record(minimized.bucket, lambda record: _with_smallest(record, known))
        self._search.listener.on_event(InputMinimized(self._search.clock.elapsed(), minimized))

    def _tell_what_it_needs(self) -> None:
        """The input does not fail: it may be one that never does by itself."""
        try:
            before = self._search.kept_before(self._data)
        except OSError as error:
            why = text.os_error(error)
            self._search.listener.warn("before", text.say("what has to run before it cannot be read: {}", why))
            return
        if before:
            inputs = text.label("the input") if len(before) == 1 else text.say("the {:,} inputs", len(before))
            self._search.listener.warn(
                "before",
                text.say(
                    "{} fails only after {} kept with it, and what is minimized is run by itself", self._name, inputs
                ),
            )


def _with_smallest(record: Record, known: Smallest) -> Record:
    """The record with what came of making an input smaller, unless a smaller one is known."""
    is_smaller = record.minimized is None or known.bytes <= record.minimized.bytes
    return replace(record, minimized=known) if is_smaller else record
