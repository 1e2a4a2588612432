"""Inputs in whose execution a process was ended from outside: only running them again tells whether they are to blame.

A suspect is run by the process that follows the one that died, which is fresh; where that worker does not come back,
by a fresh process of another one.
"""

from collections import deque
from dataclasses import dataclass
from typing import ClassVar, Final

from fuzztui.engine.show.snapshot import WorkerState
from fuzztui.engine.show.text import Visible, say
from fuzztui.engine.work.call import Batch, Clean, Death, Failed, Item, Report
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import Listener

TRIES: Final = 3
"""How often a suspect's input must run clean to be cleared."""


@dataclass(slots=True)
class _Suspect:
    item: Item
    """As it is run again."""
    owner: Job
    """Which job's call the process died in; that job is told what came out."""
    original: Item
    """As the owner knows it."""
    suspicion: Visible
    clean_runs: int = 0
    new: int = 0
    """Edges that its runs covered first."""


class Suspects(Job):
    """Runs suspects again and tells their owners what came of it."""

    state: ClassVar = WorkerState.VALIDATING
    may_finish: ClassVar = True

    def __init__(self, account: Account, listener: Listener, *, wants_output: bool = False) -> None:
        """`wants_output`: whether the owners want what the target printed when a suspect was run again."""
        super().__init__(account)
        self.wants_output = wants_output
        self._listener = listener
        self._waiting: dict[int, deque[_Suspect]] = {}
        """By the worker whose process died."""
        self._left: deque[_Suspect] = deque()
        """Of workers that will not come back."""
        self._running: dict[int, _Suspect] = {}

    def add(self, worker: int, original: Item, owner: Job, suspicion: Visible) -> None:
        """A process of this worker was ended from outside while it ran an input of the owner's."""
        suspect = _Suspect(Item(original.data), owner, original, suspicion)
        self._waiting.setdefault(worker, deque()).append(suspect)

    @property
    def is_done(self) -> bool:
        """Whether no suspect waits or runs."""
        return not self._left and not self._running and not any(self._waiting.values())

    def needs_fresh_process(self, worker: int) -> bool:
        """For suspects of others; its own ones are run by a process that has just been started."""
        return bool(self._left) and not self._waiting.get(worker)

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """The oldest suspect of the worker's own, or one that is left."""
        queue = self._waiting.get(worker) or self._left
        if not queue:
            return None
        suspect = self._running[worker] = queue.popleft()
        return Batch([suspect.item])

    def give_back(self, worker: int, items: list[Item]) -> None:
        """The suspect stays this worker's."""
        if items:
            self._waiting.setdefault(worker, deque()).appendleft(self._running.pop(worker))

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
            self._waiting.setdefault(worker, deque()).appendleft(suspect)
            return
        message = say("worker {}: {}, input ran clean {}/{}", worker, suspect.suspicion, TRIES, TRIES)
        self._listener.warn(f"suspect {worker}", message)
        suspect.owner.take(worker, suspect.original, Clean(report.edges, suspect.new, report.output))

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """The process ended again: that is the answer, unless it may have ended since we asked it to."""
        assert item is not None
        if death.suspicion and death.was_being_ended:
            self.doubted(worker, item, death.suspicion)
            return
        suspect = self._running.pop(worker)
        suspect.owner.take(worker, suspect.original, Failed(death.failure))

    def leave(self, worker: int) -> None:
        """Whoever has a fresh process takes over."""
        self._left.extend(self._waiting.pop(worker, ()))

    def doubted(self, worker: int, item: Item, suspicion: Visible) -> None:  # noqa: ARG002
        """The run proves nothing: the suspect stays this worker's."""
        suspect = self._running.pop(worker)
        suspect.item = Item(item.data)
        self._waiting.setdefault(worker, deque()).appendleft(suspect)

    def close(self) -> None:
        """Nobody will run them again in this run: each is handed to its owner."""
        for worker in list(self._waiting):
            self.leave(worker)
        for suspect in (*self._running.values(), *self._left):
            suspect.owner.unproven(-1, suspect.item.data, suspect.suspicion)
        self._running.clear()
        self._left.clear()
