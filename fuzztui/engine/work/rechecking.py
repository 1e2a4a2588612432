"""Runs every crasher again when other code has been loaded, and tells which are fixed.

- The processes are those of the new code, and have run nothing but crashers before, so that nothing which others leave
  behind makes an input fail or run clean. What has to run before an input is run before it, in a process of its own.
- An input that fails as it did still fails, if not at the same line: one run is enough. One that runs clean is run
  again, thrice in all, and more often where it did not fail each time before: as often as leaves a chance of one in
  twenty that it was luck.
- One that fails in another way is said to, and that failure is a crasher of its own; a new one, where an earlier
  reload had shown this one to be fixed.
- An input that has never failed by itself proves nothing by running clean.
- Hangs come last, and one worker at a time has them: the others go on with the search.
- These runs are no hits, but they are executions.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import ClassVar, Final

from fuzztui.engine.keep.corpus import Entry, Origin
from fuzztui.engine.show.crasher import Crasher, clean_runs_wanted
from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.reload import Fate, Recheck, ReloadCounts
from fuzztui.engine.show.text import Visible, label, say
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Batch, Death, Failed, Item, Report
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspecting, Suspects

MOST_TRIES: Final = 9
"""How often one is handed out in vain, since its process ended before it was run."""


@dataclass(slots=True, eq=False)
class _Candidate:
    crasher: Crasher
    was_fixed: bool
    """Whether an earlier reload had fixed it."""
    wanted: int
    """Clean runs after which it is fixed."""
    items: list[Item] = field(default_factory=list)
    """As they are being run, or were run last."""
    clean: int = 0
    tries: int = 0
    """How often it was handed out without an answer."""

    @property
    def is_hang(self) -> bool:
        return self.crasher.failure.kind is CrasherKind.TIMEOUT

    @property
    def proves(self) -> bool:
        """Whether clean runs tell that it is fixed: only of an input that has failed by itself, or after what is run
        before it again.
        """
        known = self.crasher.confirmation
        return known is None or bool(known.failures or self.crasher.before or known.slow)


class Rechecking(Suspecting):
    """Does nothing before the first reload."""

    state: ClassVar = WorkerState.VALIDATING
    may_finish: ClassVar = True

    def __init__(self, account: Account, search: Search, suspects: Suspects) -> None:
        super().__init__(account, suspects)
        self._search = search
        self._waiting: deque[_Candidate] = deque()
        self._running: dict[int, _Candidate] = {}
        """By the worker that runs it."""
        self._doubted: dict[int, _Candidate] = {}
        """By the `id` of an item that the suspects have."""
        self._fates: dict[str, Fate] = {}
        """What has become of those that have been run."""
        self._recorded: set[str] = set()
        """Identities of other failures of theirs."""
        self._known: set[str] = set()
        """Crashers that there were before the reload."""

    def reload(self) -> None:
        """All crashers are run again. Called after it is noted that of none is known whether it fails."""
        self._suspects.drop(self)
        fixed = {name for name, fate in self._fates.items() if fate.is_fixed}
        candidates = [
            _Candidate(crasher, crasher.id in fixed, clean_runs_wanted(crasher.confirmation))
            for crasher in self._search.crashers.crashers
        ]
        self._waiting = deque(sorted(candidates, key=lambda candidate: candidate.is_hang))
        self._running.clear()
        self._doubted.clear()
        self._recorded.clear()
        self._fates = {}
        self._known = {candidate.crasher.id for candidate in candidates}

    # Handing out -----------------------------------------------------------------------------------------------------

    @property
    def is_done(self) -> bool:
        """Whether the fate of every crasher is known."""
        return not self.left

    @property
    def left(self) -> int:
        """Crashers that wait or are being run."""
        return len(self._waiting) + len(self._running) + len(self._doubted)

    @property
    def total(self) -> int:
        """Crashers that there were when the code was loaded anew."""
        return len(self._known)

    @property
    def patience(self) -> float:
        """As long as one that hangs may take."""
        candidates = (*self._waiting, *self._running.values())
        return self._search.options.timeout if any(candidate.is_hang for candidate in candidates) else 0.0

    def next(self, worker: int, workers: int) -> Batch | None:
        """The next crasher."""
        candidate = self._running.get(worker)
        if candidate is None:
            if not self._waiting or not self._may_begin(self._waiting[0], workers):
                return None
            candidate = self._waiting[0]
        inputs = (*candidate.crasher.before, candidate.crasher.data)
        if self.account.available < len(inputs):
            return None
        if worker not in self._running:
            self._running[worker] = self._waiting.popleft()
        candidate.tries += 1
        if candidate.tries > MOST_TRIES:
            self._decide(self._running.pop(worker), Fate.UNKNOWN, label("no process came to run it"))
            return None
        candidate.items = [Item(data) for data in inputs]
        return Batch(candidate.items, alone=object() if len(inputs) > 1 else self)

    def _may_begin(self, candidate: _Candidate, workers: int) -> bool:
        hangs = sum(other.is_hang for other in self._running.values())
        return not candidate.is_hang or workers == 1 or not hangs

    def give_back(self, worker: int, items: list[Item]) -> None:
        """It is run anew: what has to run before it, too."""
        candidate = self._running.get(worker)
        if candidate is not None and items and items[-1] is candidate.items[-1]:
            del self._running[worker]
            self._waiting.appendleft(candidate)

    def leave(self, worker: int) -> None:
        """Whoever comes next takes over."""
        if (candidate := self._running.pop(worker, None)) is not None:
            self._waiting.appendleft(candidate)

    # What comes back -------------------------------------------------------------------------------------------------

    def take(self, worker: int, item: Item, report: Report) -> None:
        """A crasher has been run again, or an input that has to run before one."""
        failure = report.failure if isinstance(report, Failed) else None
        candidate = self._answered(worker, item)
        if candidate is None:
            if failure is not None:
                self._record(worker, item, failure, None)
            return
        if failure is None:
            candidate.clean += 1
            candidate.tries = 0
            if candidate.clean < candidate.wanted:
                self._waiting.appendleft(candidate)
                return
            self._decide(candidate, *self._clean_fate(candidate))
        elif _still_fails(candidate.crasher.failure, failure):
            self._search.crashers.count_for(failure.id, candidate.crasher.id)
            fate = Fate.FAILS_AGAIN if candidate.was_fixed else Fate.FAILS
            self._decide(candidate, fate, _difference(candidate.crasher.failure, failure))
        elif candidate.was_fixed:
            self._record(worker, item, failure, _seed(candidate.crasher), is_new=True)
            self._decide(candidate, Fate.STAYED_FIXED, say("its input fails by {}", failure.title))
        else:
            self._record(worker, item, failure, _seed(candidate.crasher))
            self._decide(candidate, Fate.DIFFERS, failure.title)

    def _answered(self, worker: int, item: Item) -> _Candidate | None:
        """Whose answer this is; None for an input that only runs before one, or is of code that has been replaced."""
        if (candidate := self._doubted.pop(id(item), None)) is not None:
            return candidate
        candidate = self._running.get(worker)
        if candidate is None or item is not candidate.items[-1]:
            return None
        return self._running.pop(worker)

    def _clean_fate(self, candidate: _Candidate) -> tuple[Fate, Visible]:
        times = say("{0}/{0} clean", candidate.clean)
        if candidate.was_fixed:
            return Fate.STAYED_FIXED, times
        return (Fate.FIXED if candidate.proves else Fate.UNKNOWN), times

    def _decide(self, candidate: _Candidate, fate: Fate, detail: Visible | None = None) -> None:
        name = candidate.crasher.id
        self._fates[name] = fate
        self._search.crashers.recheck(name, Recheck(fate, detail) if detail is not None else Recheck(fate))

    def _record(self, worker: int, item: Item, failure: Failure, seed: Entry | None, *, is_new: bool = False) -> None:
        if not self._search.crashers.is_known(failure.id):
            if not is_new:
                self._recorded.add(failure.id)
            self._search.record(worker, item.data, failure, seed)

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """A failure like any other, or run again where only that tells."""
        assert item is not None
        candidate = self._running.get(worker)
        is_last = candidate is not None and item is candidate.items[-1]
        if death.suspicion and is_last:
            self._doubt(worker, item)
        super().died(worker, item, death)
        if candidate is not None and not is_last and self._running.get(worker) is candidate:
            self.leave(worker)  # an input before it has ended the process, and its own has not been run

    def doubted(self, worker: int, item: Item, suspicion: Visible) -> None:
        """Run again: only that tells."""
        self._doubt(worker, item)
        super().doubted(worker, item, suspicion)

    def _doubt(self, worker: int, item: Item) -> None:
        candidate = self._running.get(worker)
        if candidate is not None and item is candidate.items[-1]:
            self._doubted[id(item)] = self._running.pop(worker)

    def undecided(self, worker: int, item: Item, failure: Failure, why: Visible) -> None:  # noqa: ARG002
        """Nothing tells whether it still fails."""
        if (candidate := self._answered(worker, item)) is not None:
            self._decide(candidate, Fate.UNKNOWN, why)

    # What came of it --------------------------------------------------------------------------------------------------

    def counts(self) -> ReloadCounts:
        """How many have which fate; what has been met first on the new code is new, but for other ways in which these
        crashers fail now.
        """
        crashers = self._search.crashers.crashers
        new = sum(one.id not in self._known and one.id not in self._recorded for one in crashers)
        fates = list(self._fates.values())
        return ReloadCounts(
            fixed=fates.count(Fate.FIXED),
            stayed_fixed=fates.count(Fate.STAYED_FIXED),
            fail=fates.count(Fate.FAILS),
            fail_again=fates.count(Fate.FAILS_AGAIN),
            differ=fates.count(Fate.DIFFERS),
            unknown=fates.count(Fate.UNKNOWN),
            new=new,
        )


def _still_fails(before: Failure, now: Failure) -> bool:
    """Whether one input fails as it did, on code that may have been edited in just that line: alike, or by the same
    type in the same function.
    """
    is_same = before.kind is now.kind and bool(now.function) and before.title == now.title
    return is_same or before.is_like(now)


def _difference(before: Failure, now: Failure) -> Visible | None:
    """What is to be said of a failure that is still the same."""
    if now.message != before.message:
        return say("now {}", now.sentence)
    return say("now at {}", now.location) if now.location and now.location != before.location else None


def _seed(crasher: Crasher) -> Entry | None:
    """The seed or stored input that a crasher is."""
    if crasher.seed_name is None:
        return None
    origin = Origin.STORED if crasher.path is not None else Origin.SEED
    return Entry(crasher.data, crasher.seed_name, origin, crasher.path)
