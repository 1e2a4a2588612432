"""Inputs in whose execution a process was ended in a way that need not be their doing: they are run again.

A suspect is run by the process that follows the one that died, which is fresh; where that worker does not come back,
by a fresh process of another one. A process that grew too large or failed while it was being ended is believed when it
does so once more. A signal from outside is never proof by itself, since whoever sent the first may send a second. This
is the rule for these:

- An input is to blame if its process was killed in each of three further runs, and in no other moment. Each run is the
  first of a fresh process, which has stood idle before for at least twice as long as the process before it lived from
  the moment in which it was given the suspect.
- So an input that has its process killed is found out: such a process never dies idle. Somebody who kills workers at
  regular intervals is not taken for it: once he has hit one run, the next wait is longer than his interval. Nor is
  somebody who kills at random: processes spend most of their time idle, where a kill proves that he is there.
- A kill like one that has been shown to be an input's doing is believed at once: it is the same failure.
- After four kills that prove nothing the input is set aside: no crasher, and kept for the next run.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.text import NOTHING, Visible, label, say
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Batch, Clean, Death, Failed, Item, Report
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import Search

TRIES: Final = 3
"""How often a suspect's input must run clean to be cleared, and how often it must be killed to be to blame."""

MOST_KILLS: Final = TRIES + 1
"""Deaths by signals from outside after which a suspect is set aside."""

LEAST_IDLE: Final = 0.2
"""Seconds that a process stands idle before it runs a suspect that was killed: far longer than most executions take."""


@dataclass(slots=True, eq=False)
class _Suspect:
    item: Item
    """As it is run again."""
    owner: Job
    """Which job's call the process died in; that job is told what came out."""
    original: Item
    """As the owner knows it."""
    suspicion: Visible
    failure: Failure | None
    """What the newest kill by a signal from outside would be recorded as; None as long as there was none."""
    clean_runs: int = 0
    new: int = 0
    """Edges that its runs covered first."""
    kills: int = 0
    """Processes that a signal from outside ended while they ran it again."""
    idle_kills: int = 0
    """Processes that a signal from outside ended before they ran it again."""
    handed_at: float = 0.0
    """When in the run it was last handed out."""
    lived: float = 0.0
    """Seconds from then to the kill of that process."""

    @property
    def idle(self) -> float:
        """Seconds for which a process is to stand idle before it runs the suspect; none where a kill proves nothing."""
        could_prove = self.failure is not None and not self.clean_runs and not self.idle_kills
        return max(LEAST_IDLE, 2 * self.lived) if could_prove else 0.0

    @property
    def is_to_blame(self) -> bool:
        """Whether the kills are its doing."""
        return self.kills >= TRIES and not self.clean_runs and not self.idle_kills


class Suspects(Job):
    """Runs suspects again and tells their owners what came of it."""

    state: ClassVar = WorkerState.VALIDATING
    may_finish: ClassVar = True

    def __init__(self, account: Account, search: Search, *, wants_output: bool = False) -> None:
        """`wants_output`: whether the owners want what the target printed when a suspect was run again."""
        super().__init__(account)
        self.wants_output = wants_output
        self._listener = search.listener
        self._now: Callable[[], float] = search.clock.elapsed
        self._proven: set[str] = set()
        """Identities of failures that kills have been shown to be."""
        self._waiting: dict[int, deque[_Suspect]] = {}
        """By the worker that is to run them: the one whose process died, or that took one over."""
        self._left: deque[_Suspect] = deque()
        """Of workers that will not come back."""
        self._running: dict[int, _Suspect] = {}

    def add(self, worker: int, original: Item, owner: Job, suspicion: Visible, killed: Failure | None = None) -> None:
        """A process of this worker was ended while it ran an input of the owner's, perhaps not by that.

        `killed`: where a signal from outside ended it, what the input would be recorded as.
        """
        suspect = _Suspect(Item(original.data), owner, original, suspicion, killed)
        self._waiting.setdefault(worker, deque()).append(suspect)

    def drop(self, owner: Job) -> None:
        """Forget the suspects of a job that will have their inputs run anew."""
        for queue in (*self._waiting.values(), self._left):
            kept = [suspect for suspect in queue if suspect.owner is not owner]
            queue.clear()
            queue.extend(kept)

    def reload(self) -> None:
        """What was killed by the old code need not be by the new: they are judged by further runs alone."""
        self._proven.clear()
        for suspect in (*self._left, *(one for queue in self._waiting.values() for one in queue)):
            suspect.item = Item(suspect.item.data)
            suspect.clean_runs = suspect.new = suspect.kills = suspect.idle_kills = 0

    @property
    def is_done(self) -> bool:
        """Whether no suspect waits or runs."""
        return not self._left and not self._running and not any(self._waiting.values())

    @property
    def left(self) -> int:
        """Suspects that wait or run."""
        return len(self._left) + len(self._running) + sum(map(len, self._waiting.values()))

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """The oldest suspect of the worker's own, or one that is left, from then on its own."""
        queue = self._waiting.get(worker) or self._left
        if not queue:
            return None
        suspect = self._running[worker] = queue.popleft()
        suspect.handed_at = self._now()
        return Batch([suspect.item], alone=suspect, idle=suspect.idle)

    def give_back(self, worker: int, items: list[Item]) -> None:
        """The suspect stays this worker's."""
        if items:
            self._wait(worker, self._running.pop(worker))

    def _wait(self, worker: int, suspect: _Suspect) -> None:
        self._waiting.setdefault(worker, deque()).appendleft(suspect)

    def take(self, worker: int, item: Item, report: Report) -> None:
        """A clean run counts towards clearing; a failure is the answer."""
        suspect = self._running.pop(worker)
        if isinstance(report, Failed):
            suspect.owner.take(worker, suspect.original, report)
            return
        suspect.clean_runs += 1
        suspect.new += report.new
        if suspect.clean_runs < TRIES:
            suspect.item = Item(item.data)
            self._wait(worker, suspect)
            return
        message = say("worker {}: {}, input ran clean {}/{}", worker, suspect.suspicion, TRIES, TRIES)
        self._listener.warn(f"suspect {worker}", message)
        suspect.owner.take(worker, suspect.original, Clean(report.edges, suspect.new, report.output))

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """The process ended again: that is the answer, unless it may have ended since we or others wanted it to."""
        assert item is not None
        if death.suspicion and death.was_being_ended:
            self.doubted(worker, item, death.suspicion)
            return
        suspect = self._running.pop(worker)
        if not death.is_from_outside or death.failure.id in self._proven:
            suspect.owner.take(worker, suspect.original, Failed(death.failure))
            return
        suspect.kills += suspect.failure is not None  # before the first kill nobody has waited for a second
        suspect.suspicion, suspect.failure = death.suspicion, death.failure
        suspect.lived = self._now() - suspect.handed_at
        if suspect.is_to_blame:
            self._proven.add(death.failure.id)
            suspect.owner.take(worker, suspect.original, Failed(death.failure))
        else:
            self._try_again(worker, suspect)

    def killed_idle(self, worker: int) -> None:
        """Somebody kills workers: kills in this suspect's runs prove nothing."""
        if queue := self._waiting.get(worker):
            suspect = queue.popleft()  # the one that was given back just now
            suspect.idle_kills += 1
            self._try_again(worker, suspect)

    def _try_again(self, worker: int, suspect: _Suspect) -> None:
        """Have the suspect run once more, unless that has been tried often enough."""
        if suspect.failure is None or suspect.kills + suspect.idle_kills < MOST_KILLS:
            suspect.item = Item(suspect.item.data)
            self._wait(worker, suspect)
            return
        before = say(", {} before it did", _times(suspect.idle_kills)) if suspect.idle_kills else NOTHING
        why = say("{} {} while it ran{}", suspect.suspicion, _times(suspect.kills), before)
        suspect.owner.undecided(worker, suspect.original, suspect.failure, why)

    def leave(self, worker: int) -> None:
        """Whoever has a fresh process takes over."""
        self._left.extend(self._waiting.pop(worker, ()))

    def doubted(self, worker: int, item: Item, suspicion: Visible) -> None:  # noqa: ARG002
        """The run proves nothing: the suspect stays this worker's."""
        suspect = self._running.pop(worker)
        suspect.item = Item(item.data)
        self._wait(worker, suspect)

    def close(self) -> None:
        """Nobody will run them again in this run: each is handed to its owner."""
        for worker in list(self._waiting):
            self.leave(worker)
        for suspect in (*self._running.values(), *self._left):
            suspect.owner.unproven(-1, suspect.item.data, suspect.suspicion)
        self._running.clear()
        self._left.clear()


def _times(number: int) -> Visible:
    return label("once") if number == 1 else say("{} times", number)


class Suspecting(Job):
    """A job of batches: what only another run tells is left to the suspects."""

    def __init__(self, account: Account, suspects: Suspects) -> None:
        super().__init__(account)
        self._suspects = suspects

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """A failure like any other, or run again where only that tells."""
        assert item is not None
        if death.suspicion:
            self._suspects.add(worker, item, self, death.suspicion, death.killed)
        else:
            self.take(worker, item, Failed(death.failure))

    def doubted(self, worker: int, item: Item, suspicion: Visible) -> None:
        """Run again: only that tells."""
        self._suspects.add(worker, item, self, suspicion)
