"""Runs each new crasher again in fresh processes, so that people hear whether its input fails alone, or what it takes.

A crasher is stored and told of the moment it is reported; this job only adds to what is known of it. A leak that has
filled the memory, a failure after state has built up, a coin that fell badly: their inputs run clean in a process that
has run nothing else.

- In these processes the target is not instrumented, as in the one of a replay: what only code does that looks at itself
  and meets our probes fails in neither.
- What is run for each of them, and how often, is told in `confirmation`. What failed by an exception is run in copies
  of processes, if there can be any (`worker.copies`): then a few processes are enough for many crashers, which are run
  again together, each in three of them. A copy is believed only that an input fails as it did before: whatever else
  comes of it, the crasher is run again without copies.
- While a search goes on a process beside its workers confirms; in other runs, and where one is to be repeatable, one
  worker at a time does. It rests after its crashers, and after each turn of some seconds with them, as `rest` says, so
  that a flood of crashers does not end the search. Nobody rests before what a person has asked for. Workers that have
  something else to do do that meanwhile.
- When the end of the run has been decided there is no rest; what has been answered when the time is over is told.
- A run that proves nothing, since the process was ended from outside or by us, is made again, a few times.
- Executions are the run's: a crasher that none is left for stays unconfirmed.
"""

from collections import deque
from typing import ClassVar, Final

from fuzztui.engine.keep.corpus import Entry, Origin
from fuzztui.engine.show.crasher import Crasher, clean_runs_wanted
from fuzztui.engine.show.drawn import call_of
from fuzztui.engine.show.events import Steered
from fuzztui.engine.show.failure import CrasherKind, Tail
from fuzztui.engine.show.text import Visible, say
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Batch, Clean, Death, Failed, Item, Report
from fuzztui.engine.work.confirmation import (
    MOST_RUNS,
    PATIENCE,
    RUNS,
    TAIL_SECONDS,
    Answer,
    Candidate,
    Claim,
    Trial,
    course,
)
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.rest import rest, rest_beside
from fuzztui.engine.work.search import Search
from fuzztui.protocol.messages import Foretold

MOST_TOGETHER: Final = 50
"""Crashers that are run again together: a turn is long enough for them where executions are short."""


TURN: Final = 3.0
"""Seconds after which a crasher that takes many processes lets the search go on for a while."""

TURN_BESIDE: Final = 10.0
"""The same where that happens beside the search."""

REPEATABLE_REST: Final = 5_000
"""Executions that the next confirmation waits for where a run is to be repeatable: no clock may decide then."""

MOST_TRIES: Final = 9
"""How often one run is tried that a worker turns down for a fresh process or that proves nothing."""


class Confirming(Job):
    """Runs crashers again and notes what came of it."""

    state: ClassVar = WorkerState.VALIDATING
    may_finish: ClassVar = True
    instrumented: ClassVar = False

    def __init__(self, account: Account, search: Search, *, beside: bool = False) -> None:
        super().__init__(account)
        self._search = search
        self.beside = beside
        self.is_finishing = False
        self._groups: set[str] = set()
        """Of crashers that have been run ten times, or are about to be."""
        self._claimed: dict[int, Claim] = {}
        """By the worker that has it."""
        self._left: deque[Claim] = deque()
        """Whose turn is over, and of workers that will not come back."""
        self.may_copy = True
        """Whether no process has been found so far that cannot be copied."""
        self._rests_until = 0.0
        """On the clock of `_now`."""
        self._suspended: dict[str, None] = {}
        """Crashers of code that has been replaced, of which it is not known yet whether they still fail, in order."""
        self.is_repeatable = account.is_limited and search.options.seed is not None

    @property
    def timeout(self) -> float:
        """Seconds that an input may take."""
        return self._search.options.timeout

    def check_input(self, data: bytes) -> None:
        """ProtocolError if it is none of the target's."""
        self._search.check_input(data)

    def spent_on(self, candidate: Candidate) -> float:
        """Seconds of the turns that a crasher has had, which has them for itself."""
        own = next(claim for claim in self._claims if candidate in claim.candidates)
        return own.spent + self._search.clock.elapsed() - own.since

    @property
    def is_done(self) -> bool:
        """Whether every crasher so far has been run again."""
        self._resume()
        return not (self._search.unconfirmed or any(map(self._has_candidate, self._claims)))

    @property
    def left(self) -> int:
        """Crashers that wait or are being run."""
        return len(self._candidates) + len(self._search.unconfirmed)

    @property
    def is_wished(self) -> bool:
        """Whether somebody has asked for one of them."""
        return self._is_wanted or any(claim.is_wanted for claim in self._claims)

    @property
    def _candidates(self) -> list[Candidate]:
        """Those of which more is to be learned."""
        return [one for claim in self._claims for one in claim.candidates if self._goes_on(one)]

    @property
    def _claims(self) -> tuple[Claim, ...]:
        return *self._claimed.values(), *self._left

    def _has_candidate(self, claim: Claim) -> bool:
        return any(map(self._goes_on, claim.candidates))

    def _goes_on(self, candidate: Candidate) -> bool:
        """Whether it has not come about meanwhile that people do not want to hear of it."""
        return candidate.is_wanted or self._search.is_wanted(candidate.failures[0].id)

    @property
    def patience(self) -> float:
        """As long as a time-out may take, or the search for a tail, or what is sure so far may be made smaller."""
        candidates = self._candidates
        waiting = map(self._search.crashers.get, self._search.unconfirmed)
        seconds = 0.0
        if any(one.is_timeout for one in candidates) or any(map(_is_timeout, waiting)):
            seconds += PATIENCE * self._search.options.timeout
        if any(one.looks_for_tail for one in candidates):
            seconds += TAIL_SECONDS
        if any(one.runs and len(one.failed) == one.runs for one in candidates):
            seconds += self._search.options.minimize_time  # it is about to be made smaller, but not before it is sure
        return seconds

    @property
    def _turn(self) -> float:
        """Seconds of a turn."""
        return TURN_BESIDE if self.beside else TURN

    @property
    def _now(self) -> float:
        """What a rest is measured by: seconds, or executions."""
        return self.account.used if self.is_repeatable else self._search.clock.elapsed()

    def reload(self) -> None:
        """What old code did is not counted together with what new code does. Each crasher waits until it is known
        whether it fails at all now.
        """
        for candidate in (candidate for claim in self._claims for candidate in claim.candidates):
            self._search.tails.keep(candidate.failures[0].id, candidate.tail)
            self._suspended[candidate.failures[0].id] = None
        self._suspended.update(dict.fromkeys(self._search.unconfirmed))
        self._claimed.clear()
        self._left.clear()
        self._search.unconfirmed.clear()
        self._search.wanted.clear()
        self.may_copy = True

    def _resume(self) -> None:
        """Take up those of which it is known by now that they still fail."""
        for failure_id in list(self._suspended):
            recheck = self._search.crashers.get(failure_id).recheck
            if recheck is not None:
                del self._suspended[failure_id]
                if recheck.fate.fails and failure_id not in self._search.unconfirmed:
                    self._search.unconfirmed.append(failure_id)

    # Handing out -----------------------------------------------------------------------------------------------------

    def next(self, worker: int, workers: int) -> Batch | None:
        """The next trial of the worker's own crashers, or of some that are its own from then on."""
        if not self.account.available:
            return None
        self._put_off_unwanted()
        self._resume()
        claim = self._claimed.get(worker) or self._claim(workers)
        if claim is None:
            return None
        self._claimed[worker] = claim
        while claim.candidates:
            if (
                claim.answers
                and not claim.is_wanted
                and not self.is_finishing
                and self._now - claim.began >= self._turn
            ):
                self._put_back([each for each in claim.candidates if each.is_copied and each.copied_from is None])
            candidate = claim.fitting()
            if candidate is None:
                if self._is_turn_over(claim):
                    self._put_off(worker)
                    return None
                claim.process, claim.copies = object(), 0
                continue
            trial = candidate.trial
            if trial is not None and trial.tries < MOST_TRIES and self.account.available >= len(trial.inputs):
                return self._batch(claim, candidate, trial)
            self._conclude(worker, candidate)
        self._end_claim(worker)
        return None

    def crashers_of(self, worker: int) -> list[str]:
        """Those of the worker's claim."""
        claim = self._claimed.get(worker)
        if claim is None:
            return []
        waiting = [one for one in claim.candidates if one is not claim.running]
        return [one.failures[0].id for one in (claim.running, *waiting) if one is not None]

    def _batch(self, claim: Claim, candidate: Candidate, trial: Trial) -> Batch:
        trial.tries += 1
        if not claim.answers:
            claim.began = self._now
        claim.running = candidate
        trial.items = [Item(data) for data in trial.inputs]
        return Batch(
            trial.items,
            alone=claim.process if trial.is_copied else trial.process,
            patience=trial.patience,
            copied=trial.is_copied,
            detailed=not (trial.is_copied and candidate.failed),  # once is enough, and takes as long as all the rest
            foretold=candidate.failures[0].kind.ends_the_process,  # then there is nobody to tell it later
        )

    def lacks_copies(self, worker: int) -> None:
        """From now on every trial has a process of its own, and every crasher its own turn."""
        self.may_copy = False
        claim = self._claimed[worker]
        candidate = claim.running
        assert candidate is not None
        self._put_back([other for other in claim.candidates if other is not candidate])
        before = candidate.trial
        assert before is not None
        if candidate.is_copied:
            self._begin(candidate, is_copied=False)
            assert candidate.trial is not None
            candidate.trial.tries = before.tries - 1
        else:
            before.process = object()

    def _put_off_unwanted(self) -> None:
        """Leave crashers that people do not want to hear of any more: what is not known of them is not told."""
        for claim in self._claims:
            for candidate in [one for one in claim.candidates if not self._goes_on(one)]:
                claim.candidates.remove(candidate)
                self._search.put_off(candidate.failures[0].id)
        for worker in list(self._claimed):
            self._end_claim(worker)
        for claim in [one for one in self._left if not one.candidates]:
            self._left.remove(claim)

    def expects(self, worker: int) -> bool:
        """Whether a crasher is the worker's own, or would be if it asked now."""
        self._resume()
        may_claim = self._may_claim and (any(claim.candidates for claim in self._left) or self._search.unconfirmed)
        return bool(self.account.available and (worker in self._claimed or may_claim))

    @property
    def _may_claim(self) -> bool:
        return self.is_finishing or not (self._claimed or (self._now < self._rests_until and not self._is_wanted))

    @property
    def _is_wanted(self) -> bool:
        """Whether a person has asked for the crasher that is the next."""
        waiting = self._search.unconfirmed
        return bool(waiting) and waiting[0] in self._search.wanted

    def _claim(self, workers: int) -> Claim | None:
        if not self._may_claim:
            return None
        if self._left:
            claim = self._left.popleft()
        elif self._search.unconfirmed:
            most = -(-len(self._search.unconfirmed) // workers) if self.is_finishing else MOST_TOGETHER
            claim = Claim([self._take_first()])
            while claim.candidates[0].is_copied and len(claim.candidates) < most and self._is_next_copied:
                claim.candidates.append(self._take_first())
        else:
            return None
        claim.since, claim.paced_since = self._search.clock.elapsed(), self._now
        claim.answers = 0
        return claim

    @property
    def _is_next_copied(self) -> bool:
        """Whether the next crasher may be run in copies of processes."""
        waiting = self._search.unconfirmed
        return bool(waiting) and self._is_to_be_copied(self._search.crashers.get(waiting[0]))

    def _is_to_be_copied(self, crasher: Crasher) -> bool:
        return self.may_copy and not self.is_repeatable and crasher.failure.kind is CrasherKind.EXCEPTION

    def _take_first(self) -> Candidate:
        is_wanted = self._is_wanted
        crasher = self._search.crashers.get(self._search.unconfirmed.popleft())
        self._search.wanted.discard(crasher.id)
        group = crasher.failure.group
        runs = MOST_RUNS if is_wanted or group not in self._groups else RUNS
        self._groups.add(group)
        tail = self._search.tails.take(crasher.id)
        if crasher.before:
            tail = Tail(crasher.before, -1)
        # What has failed now and then has to run clean more often, so that this is no luck.
        runs = max(runs, clean_runs_wanted(crasher.confirmation)) if is_wanted else runs
        wanted = RUNS if _is_timeout(crasher) else runs
        is_copied = self._is_to_be_copied(crasher)
        candidate = Candidate([crasher.failure], crasher.data, _seed(crasher), tail, wanted, is_wanted, is_copied)
        self._begin(candidate, is_copied=is_copied)
        return candidate

    def _begin(self, candidate: Candidate, *, is_copied: bool) -> None:
        """Begin with a crasher, or anew."""
        candidate.is_copied = is_copied
        candidate.runs = 0
        candidate.failed = []
        candidate.course = course(candidate, self)
        candidate.trial = next(candidate.course)

    def _put_back(self, candidates: list[Candidate]) -> None:
        """Crashers that have not been run wait again."""
        for candidate in reversed(candidates):
            for claim in self._claimed.values():
                if candidate in claim.candidates:
                    claim.candidates.remove(candidate)
            failure = candidate.failures[0]
            if candidate.wanted > RUNS:
                self._groups.discard(failure.group)
            if candidate.is_wanted:
                self._search.wanted.add(failure.id)
            self._search.tails.keep(failure.id, candidate.tail)
            self._search.unconfirmed.appendleft(failure.id)

    def _put_off(self, worker: int) -> None:
        """The worker's turn is over, though its crashers have more to run."""
        claim = self._claimed.pop(worker)
        self._left.appendleft(claim)
        self._end_turn(claim)

    def _end_claim(self, worker: int) -> None:
        """The worker's turn is over if it has nothing left to run."""
        claim = self._claimed.get(worker)
        if claim is not None and not claim.candidates:
            del self._claimed[worker]
            self._end_turn(claim)

    def _end_turn(self, claim: Claim) -> None:
        """Let the search have what it had to do without."""
        claim.spent += self._search.clock.elapsed() - claim.since
        now = self._now
        if self.is_repeatable:
            self._rests_until = now + REPEATABLE_REST
            return
        took, workers, others_wait = (
            now - claim.paced_since,
            self._search.options.workers,
            bool(self._search.unminimized),
        )
        if self.beside:
            cpu = self._search.take_helped()
            self._rests_until = now + rest_beside(took, cpu, workers, others_wait=others_wait)
            return
        took += claim.began - claim.paced_since  # to change its process once more, for one that is instrumented
        self._rests_until = now + rest(took, workers, others_wait=others_wait)

    def _is_turn_over(self, claim: Claim) -> bool:
        may_be = not (self.is_finishing or self.is_repeatable or claim.is_wanted)
        return may_be and self._search.clock.elapsed() - claim.since >= self._turn

    def give_back(self, worker: int, items: list[Item]) -> None:
        """The crasher stays the worker's; what had begun with a tail begins again with another process."""
        claim = self._claimed.get(worker)
        candidate = claim.running if claim is not None else None
        trial = candidate.trial if candidate is not None else None
        is_its = trial is not None and bool(items and trial.items) and items[-1] is trial.items[-1]
        if trial is not None and is_its and trial.is_tail and not trial.is_copied:
            trial.process = object()

    # What becomes of it ----------------------------------------------------------------------------------------------

    def take(self, worker: int, item: Item, report: Report) -> None:
        """An input has been run: it failed, or it did not."""
        candidate = self._running(worker, item)
        if candidate is None:
            return
        failure = report.failure if isinstance(report, Failed) else None
        if failure is not None:
            self._search.crashers.look_into(failure)
        seconds = report.seconds if isinstance(report, Clean) else 0.0
        if candidate.is_copied and (failure is None or not candidate.failures[0].is_like(failure)):
            self._distrust_copies(worker, candidate)
            return
        self._ran(worker, candidate, item, Answer(failure, seconds))

    def _distrust_copies(self, worker: int, candidate: Candidate) -> None:
        """Another thing has come of a copy than a failure as before: processes of its own are to tell."""
        claim = self._claimed[worker]
        self._begin(candidate, is_copied=False)
        if len(claim.candidates) > 1:
            claim.candidates.remove(candidate)
            self._left.append(Claim([candidate]))

    def foretold(self, worker: int, item: Item, foretold: Foretold) -> None:
        """What a crasher's input is, whose failure could not tell of it."""
        candidate = self._running(worker, item)
        if candidate is not None and candidate.trial is not None and item is candidate.trial.items[-1]:
            self._search.crashers.tell_of_call(candidate.failures[0].id, call_of(foretold))

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """The input has ended its process, unless that may have been somebody else's doing."""
        assert item is not None
        candidate = self._running(worker, item)
        if candidate is None or (death.was_being_ended and death.suspicion):
            return
        if candidate.is_copied:
            self._distrust_copies(worker, candidate)
            return
        if death.is_from_outside and not candidate.knows(death.failure):
            return
        is_last = candidate.trial is not None and item is candidate.trial.items[-1]
        self._ran(worker, candidate, item, Answer(death.failure))
        if not is_last and self._has(worker, candidate):
            self._go_on(worker, candidate, Answer(None))  # an input before it ends the process, and had not before

    def doubted(self, worker: int, item: Item, suspicion: Visible) -> None:
        """The run proves nothing: it is made again."""

    def _running(self, worker: int, item: Item) -> Candidate | None:
        """What the worker runs for this job; None where the answer is not waited for any more."""
        claim = self._claimed.get(worker)
        candidate = claim.running if claim is not None else None
        if claim is None or candidate is None or candidate.trial is None or candidate not in claim.candidates:
            return None
        return candidate if any(item is one for one in candidate.trial.items) else None

    def _has(self, worker: int, candidate: Candidate) -> bool:
        """Whether the candidate is the worker's, and not concluded meanwhile."""
        claim = self._claimed.get(worker)
        return claim is not None and candidate in claim.candidates

    def _ran(self, worker: int, candidate: Candidate, item: Item, answer: Answer) -> None:
        """One of a trial's inputs has been run: note what is new, and go on if it was the last."""
        trial, failure = candidate.trial, answer.failure
        assert trial is not None
        is_last = item is trial.items[-1]
        if is_last and not trial.is_tail and (failure is not None or not trial.is_control):
            candidate.runs += 1
            candidate.failed += [failure] if failure is not None else []
        is_known = failure is None or (is_last and candidate.fails_like(failure))
        is_new = not is_known and failure is not None and not self._search.crashers.is_known(failure.id)
        if failure is not None and is_new and not trial.is_copied:
            if is_last:
                candidate.failures.append(failure)
            seed = candidate.seed if is_last else None
            finder = self._search.crashers.get(candidate.failures[0].id).worker  # who runs it again has found nothing
            self._search.record(finder, item.data, failure, seed, is_run_again=False)
        if self._has(worker, candidate) and is_last:
            self._go_on(worker, candidate, answer)
        # Otherwise what was recorded just now has ended the run, and so answered this one.

    def _go_on(self, worker: int, candidate: Candidate, answer: Answer) -> None:
        claim = self._claimed[worker]
        before = candidate.trial
        claim.answers += 1
        if before is not None and before.is_copied:
            claim.copies += 1
            candidate.copied_from = claim.process
        try:
            candidate.trial = candidate.course.send(answer)
        except StopIteration:
            candidate.trial = None
            self._conclude(worker, candidate)
            return
        wants_another_process = before is None or candidate.trial.process is not before.process
        if wants_another_process and not candidate.is_copied and self._is_turn_over(claim):
            self._put_off(worker)
            if len(candidate.before) != candidate.told:
                self._tell(candidate)  # a shorter tail may take a while

    # The end of a confirmation ---------------------------------------------------------------------------------------

    def _conclude(self, worker: int, candidate: Candidate) -> None:
        """Nothing more is to be learned of one of the worker's crashers."""
        self._claimed[worker].candidates.remove(candidate)
        self._end_claim(worker)
        self._tell(candidate)
        if candidate.is_wanted and not candidate.runs:
            failure = candidate.failures[0]
            what = say("{} was not run again: each process that was to do it ended before", failure.title)
            steered = Steered(self._search.clock.elapsed(), what, is_refused=True, crashers=(failure.id,))
            self._search.listener.on_event(steered)

    def _tell(self, candidate: Candidate) -> None:
        candidate.told = len(candidate.before)
        if candidate.runs:
            for failure in candidate.failures:
                before = candidate.before if failure is candidate.failures[0] else ()
                self._search.confirm(failure.id, candidate.confirmation(failure), before)

    def leave(self, worker: int) -> None:
        """Whoever has a process for it takes over."""
        if (claim := self._claimed.pop(worker, None)) is not None:
            self._left.append(claim)

    def finish(self) -> None:
        """A hang that has been seen again is answered: it takes long."""
        self.is_finishing = True
        for worker, claim in list(self._claimed.items()):
            for candidate in list(claim.candidates):
                if candidate.is_timeout and candidate.fails_again:
                    self._conclude(worker, candidate)

    def close(self) -> None:
        """What is known is told; what could not be run again stays unconfirmed."""
        for claim in self._claims:
            for candidate in claim.candidates:
                self._tell(candidate)
        self._claimed.clear()
        self._left.clear()


def _is_timeout(crasher: Crasher) -> bool:
    return crasher.failure.kind is CrasherKind.TIMEOUT


def _seed(crasher: Crasher) -> Entry | None:
    """The seed or stored input that a crasher is, as far as another crasher of it is told of."""
    if crasher.seed_name is None:
        return None
    origin = Origin.STORED if crasher.path is not None else Origin.SEED
    return Entry(crasher.data, crasher.seed_name, origin, crasher.path)
