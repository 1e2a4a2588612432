"""Makes the inputs of crashers smaller, beside the search that finds them.

By itself it takes the first of each group that has failed again each time, see `Search.unminimized`; whatever else a
person asks for.

- The process is kept for one crasher, so that nothing which others have left behind in it makes an input fail, and has
  no probes, as where crashers are confirmed.
- While the run goes on it is one crasher at a time, beside the workers of a search, and after each turn a rest, see
  `rest`. What a person has asked for begins with the next process that is free, and does not rest.
- When the end of the run has been decided there is no rest, and each worker takes a crasher. The run waits for that as
  long as `--minimize-time` says, unless somebody wants out.
- Executions are the run's. Where they are limited the turns and rests are counted in them: no clock decides then what
  is executed, as long as `--minimize-time` suffices.
- What comes to no end within `--minimize-time` is stored as far as it is; another search goes on from there.
"""

from collections import deque
from dataclasses import dataclass
from typing import ClassVar, Final

from fuzztui.engine.request.options import DEFAULT_MINIMIZE_TIME
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.text import Visible, say
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Batch, Clean, Failed, Item, Report
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.minimization import Minimization
from fuzztui.engine.work.rest import rest, rest_beside
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspecting, Suspects

TURN: Final = 5.0
"""Seconds after which another crasher, or nobody, has its turn: most are done before."""

LIMITED_TURN: Final = 1_000
"""Executions of a turn where they are limited."""


@dataclass(slots=True, eq=False)
class _Candidate:
    id: str
    """The crasher's."""
    minimization: Minimization
    is_wished: bool
    """Whether a person has asked for it."""
    limit: float
    """Seconds that it may take."""
    spent: float = 0.0
    """Seconds of the turns that are over."""
    since: float = 0.0
    """When in the run its turn began."""
    paced_since: float = 0.0
    """The same, by what turns are measured by."""
    began: float | None = None
    """When a process was there that could run it, by the same; None if there has been none in this turn."""


class MinimizingCrashers(Suspecting):
    """Runs smaller forms of crashers' inputs and notes which fail alike."""

    state: ClassVar = WorkerState.MINIMIZING
    may_finish: ClassVar = True
    instrumented: ClassVar = False

    def __init__(self, account: Account, search: Search, suspects: Suspects, *, beside: bool = False) -> None:
        super().__init__(account, suspects)
        self._search = search
        self.beside = beside
        self._is_finishing = False
        self._wished: deque[str] = deque()
        self._claimed: dict[int, _Candidate] = {}
        """By the worker whose process is kept for it, or is about to be."""
        self._paused: deque[_Candidate] = deque()
        """Those whose turn is over, or whose worker will not come back."""
        self._rests_until = 0.0
        """On the clock of `_paced`."""
        self._suspended: dict[str, bool] = {}
        """Crashers of code that has been replaced, of which it is not known yet whether they still fail, and whether a
        person has asked for each.
        """

    # What there is to do ---------------------------------------------------------------------------------------------

    def wish(self, failure_id: str) -> None:
        """Make a crasher's input smaller, whatever is known of it. Nothing happens if it is unknown, or being done."""
        if not self._search.crashers.is_told(failure_id) or failure_id in self._wished:
            return
        for candidate in self._candidates:
            if candidate.id == failure_id:
                candidate.is_wished = True
                return
        self._search.take_unminimized(failure_id)
        self._wished.append(failure_id)

    @property
    def is_wished(self) -> bool:
        """Whether somebody has asked for one of them."""
        return bool(self._wished) or any(candidate.is_wished for candidate in self._candidates)

    @property
    def _candidates(self) -> list[_Candidate]:
        return [*self._claimed.values(), *self._paused]

    @property
    def left(self) -> int:
        """Crashers that wait or are being made smaller."""
        begun = sum(map(self._is_wanted, self._candidates))
        return begun + len(self._wished) + len(self._search.unminimized)

    @property
    def is_done(self) -> bool:
        """Whether there is nothing to make smaller."""
        return not self.left

    @property
    def patience(self) -> float:
        """As long as the option says, if there is anything to do."""
        return self._search.options.minimize_time if self.left else 0.0

    def _is_wanted(self, candidate: _Candidate) -> bool:
        return candidate.is_wished or self._search.is_wanted(candidate.id)

    @property
    def _now(self) -> float:
        return self._search.clock.elapsed()

    @property
    def _paced(self) -> float:
        """What turns and rests are measured by: executions where they are limited, else seconds."""
        return self.account.used if self.account.is_limited else self._now

    def reload(self) -> None:
        """What has been found is stored: it fails the old code. Each crasher waits until it is known whether it fails
        at all now, and is then begun anew from the smallest that is known.
        """
        for candidate in self._candidates:
            if candidate.minimization.is_smaller:
                self._conclude(candidate)
            else:
                self._search.crashers.minimize(candidate.id, None)
            self._suspended[candidate.id] = candidate.is_wished
        self._suspended.update(dict.fromkeys(self._search.unminimized, False))
        self._suspended.update(dict.fromkeys(self._wished, True))
        for queue in (self._wished, self._paused, self._search.unminimized):
            queue.clear()
        self._claimed.clear()

    def _resume(self) -> None:
        """Take up those of which it is known by now that they still fail."""
        for failure_id, is_wished in list(self._suspended.items()):
            recheck = self._search.crashers.get(failure_id).recheck
            if recheck is not None:
                del self._suspended[failure_id]
                if recheck.fate.fails:
                    (self._wished if is_wished else self._search.unminimized).append(failure_id)

    # Turns -----------------------------------------------------------------------------------------------------------

    def next(self, worker: int, workers: int) -> Batch | None:
        """What is to be run next for the worker's own crasher, or for one that is its own from then on."""
        if not self.account.available:
            return None
        self._end_unwanted(worker, workers)
        self._resume()
        candidate = self._claimed.get(worker)
        if candidate is not None and self._is_turn_over(candidate):
            self._end_turn(worker, workers)
            candidate = None
        candidate = candidate or self._claim(worker)
        if candidate is None:
            return None
        items = candidate.minimization.hand_out(1)
        looks, shrinks = candidate.minimization.looks, candidate.minimization.shrinks
        return Batch(items, alone=candidate, detailed=looks, traced=looks, shrunk=shrinks) if items else None

    def expects(self, worker: int) -> bool:
        """Whether the worker's own crasher has something to run, or it would get one if it asked now."""
        if not self.account.available:
            return False
        candidate = self._claimed.get(worker)
        return candidate.minimization.waits if candidate is not None else self._has_waiting

    def crashers_of(self, worker: int) -> list[str]:
        """The one that the worker makes smaller."""
        candidate = self._claimed.get(worker)
        return [candidate.id] if candidate is not None else []

    def _is_turn_over(self, candidate: _Candidate) -> bool:
        if candidate.spent + self._now - candidate.since >= candidate.limit:
            return True
        turn = LIMITED_TURN if self.account.is_limited else TURN
        may_stay = candidate.is_wished or self._is_finishing
        return not may_stay and self._paced - candidate.paced_since >= turn

    def _end_unwanted(self, worker: int, workers: int) -> None:
        """Leave crashers as far as they are that people do not want to hear of any more."""
        if (candidate := self._claimed.get(worker)) is not None and not self._is_wanted(candidate):
            del self._claimed[worker]
            self._account_for(candidate, workers)
            self._conclude(candidate)
        for candidate in [one for one in self._paused if not self._is_wanted(one)]:
            self._paused.remove(candidate)
            self._conclude(candidate)

    def _end_turn(self, worker: int, workers: int) -> None:
        candidate = self._claimed.pop(worker)
        self._account_for(candidate, workers)
        if candidate.spent >= candidate.limit:
            self._conclude(candidate)
        else:
            self._paused.append(candidate)

    def _account_for(self, candidate: _Candidate, workers: int) -> None:
        candidate.spent += self._now - candidate.since
        if not candidate.is_wished:
            took, others_wait = self._paced - candidate.paced_since, bool(self._search.unconfirmed)
            if self.beside:
                cpu = self._search.take_helped()
                self._rests_until = self._paced + rest_beside(took, cpu, workers, others_wait=others_wait)
                return
            # The worker is about to change its process once more, for one that is instrumented.
            took += (candidate.paced_since if candidate.began is None else candidate.began) - candidate.paced_since
            self._rests_until = self._paced + rest(took, workers, others_wait=others_wait)

    def _claim(self, worker: int) -> _Candidate | None:
        if (candidate := self._take_waiting()) is not None:
            candidate.since, candidate.paced_since, candidate.began = self._now, self._paced, None
            self._claimed[worker] = candidate
        return candidate

    @property
    def _may_go_on(self) -> bool:
        """Whether one that nobody has asked for may have its turn."""
        return self._is_finishing or not (self._claimed or self._paced < self._rests_until)

    @property
    def _has_waiting(self) -> bool:
        is_wished = bool(self._wished) or any(candidate.is_wished for candidate in self._paused)
        return is_wished or (self._may_go_on and bool(self._search.unminimized or self._paused))

    def _take_waiting(self) -> _Candidate | None:
        for candidate in self._paused:
            if candidate.is_wished:
                self._paused.remove(candidate)
                return candidate
        if self._wished:
            return self._begin(self._wished.popleft(), is_wished=True)
        if not self._may_go_on:
            return None
        if self._search.unminimized:
            return self._begin(self._search.unminimized.popleft())
        return self._paused.popleft() if self._paused else None

    def _begin(self, failure_id: str, *, is_wished: bool = False) -> _Candidate:
        crasher = self._search.crashers.get(failure_id)
        limit = self._search.options.minimize_time
        minimization = Minimization(self._search, crasher.failure.title, crasher.data, crasher.failure)
        candidate = _Candidate(
            failure_id, minimization, is_wished, max(limit, DEFAULT_MINIMIZE_TIME) if is_wished else limit
        )
        self._show(candidate)
        return candidate

    def _show(self, candidate: _Candidate) -> None:
        self._search.crashers.minimize(candidate.id, candidate.minimization.result(None, is_running=True))

    # What comes back -------------------------------------------------------------------------------------------------

    def _running(self, item: Item) -> _Candidate | None:
        """What the item was handed out for; None where its answer is not waited for any more."""
        return next((one for one in self._candidates if one.minimization.holds(item)), None)

    def give_back(self, worker: int, items: list[Item]) -> None:  # noqa: ARG002
        """They come first again."""
        for item in reversed(items):
            if (candidate := self._running(item)) is not None:
                candidate.minimization.give_back([item])
                self._go_on(candidate)

    def shrunk(self, worker: int, item: Item, executions: int) -> None:  # noqa: ARG002
        """They count like those of this search."""
        if (candidate := self._running(item)) is not None:
            candidate.minimization.executions += executions

    def take(self, worker: int, item: Item, report: Report) -> None:
        """A smaller form fails alike or not; what fails in another way is a crasher of its own."""
        candidate = self._running(item)
        failure = report.failure if isinstance(report, Failed) else None
        fails = False
        if candidate is not None:
            worker = self._search.crashers.get(candidate.id).worker  # who makes it smaller has found nothing
            if candidate.began is None:
                candidate.began = self._paced
            steps = report.steps if isinstance(report, Clean) else ()
            fails = candidate.minimization.answer(item, failure, steps)
            self._go_on(candidate)
        if failure is not None and not fails and not self._search.crashers.is_known(failure.id):
            self._search.record(worker, item.data, failure, None)

    def undecided(self, worker: int, item: Item, failure: Failure, why: Visible) -> None:  # noqa: ARG002
        """What cannot be said to fail does not fail alike."""
        if (candidate := self._running(item)) is not None:
            self._search.listener.warn("suspect", say("an input is not judged ({})", why))
            candidate.minimization.skip(item)
            self._go_on(candidate)

    def _go_on(self, candidate: _Candidate) -> None:
        """Show how far it has come, or tell that it is over."""
        if not candidate.minimization.is_over:
            self._show(candidate)
            return
        for worker, claimed in list(self._claimed.items()):
            if claimed is candidate:
                del self._claimed[worker]
                self._account_for(candidate, self._search.options.workers)
        if candidate in self._paused:
            self._paused.remove(candidate)
        self._conclude(candidate)

    def _conclude(self, candidate: _Candidate) -> None:
        def tell(minimized: Minimized) -> None:
            self.unsaved += minimized.data is not None
            self._search.minimized(candidate.id, minimized)

        candidate.minimization.conclude(tell)

    # The end ---------------------------------------------------------------------------------------------------------

    def leave(self, worker: int) -> None:
        """Whoever has a process for it takes over."""
        if (candidate := self._claimed.pop(worker, None)) is not None:
            candidate.spent += self._now - candidate.since
            self._paused.appendleft(candidate)

    def finish(self) -> None:
        """There is nothing left that a rest would be good for."""
        self._is_finishing = True

    def close(self) -> None:
        """What has been found is stored and told of; what was never begun is not."""
        for candidate in self._candidates:
            self._conclude(candidate)
        self._claimed.clear()
        self._paused.clear()
