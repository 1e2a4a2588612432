# ruff: noqa: B027 - a job overrides what concerns it

"""What workers do, as the board knows it.

A job is asked for the next piece of work for a worker, and told what became of it: a report for each input, or the
death of the process in the middle of it. What a death means is the job's to say: for fuzzing it is a crasher, for a
suspect that is run again it is the answer. A job knows workers by their ids only, and nothing of processes, messages,
clocks or reasons to stop, so each is tested without any of them.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from fuzztui.engine.show.snapshot import Phase, WorkerState
from fuzztui.engine.show.text import Visible
from fuzztui.engine.work.call import Death, Item, Report, Work
from fuzztui.engine.work.ledger import Account
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Coverage


class Job(ABC):
    """One thing that the workers of a run do, alone or beside others."""

    state: ClassVar[WorkerState]
    """What people are told that a worker is doing which does this."""
    phase: ClassVar[Phase | None] = None
    """The run's phase as long as this is the first job that is not done; None for one that goes on beside others."""
    comes_first: ClassVar[bool] = False
    """Whether later jobs wait until this one is done."""
    may_finish: ClassVar[bool] = False
    """Whether the job is still asked when the end of the run has been decided."""
    wants_output: bool = False
    """Whether reports are to bring what the target printed."""

    def __init__(self, account: Account) -> None:
        """`account`: where the executions of this job are reserved."""
        self.account = account
        self.failing = 0
        """Inputs whose failure is this job's result, without being crashers of the run."""
        self.unsaved = 0
        """Inputs that this job was to store and could not."""

    def begin(self, seeds: list[bytes]) -> None:
        """The target has been loaded and its parameters are known; `seeds`: those that it declares.

        MalformedCorpus if inputs that the user keeps cannot be used, OSError if they cannot be read.
        """

    @property
    @abstractmethod
    def is_done(self) -> bool:
        """Whether there is nothing left, in flight included."""

    def needs_fresh_process(self, worker: int) -> bool:  # noqa: ARG002 - for jobs that do
        """Whether the next work for this worker is to be the first that its process does."""
        return False

    @abstractmethod
    def next(self, worker: int, workers: int) -> Work | None:
        """The next work for one of so many workers; None if there is none for it now."""

    def give_back(self, worker: int, items: list[Item]) -> None:
        """Inputs that were handed out for this worker and not run."""
        raise AssertionError(f"{type(self).__name__} handed out no inputs, worker {worker} gives back {len(items)}")

    @abstractmethod
    def take(self, worker: int, item: Item, report: Report) -> None:
        """An input has been run."""

    def found(self, worker: int, data: bytes, edges: Coverage) -> None:  # noqa: ARG002 - for jobs that mutate
        """A mutated input reached something that was new to its worker. ProtocolError for a job that mutates none."""
        raise ProtocolError("a found input outside of fuzzing")

    @abstractmethod
    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """The process ended while it ran an input: one of a batch (`item`), or a mutated one."""

    @abstractmethod
    def doubted(self, worker: int, item: Item, suspicion: Visible) -> None:
        """An input failed, but perhaps only since its process was being ended (`suspicion`): to be run again."""

    def unproven(self, worker: int, data: bytes, suspicion: Visible) -> None:
        """An input may have failed, and nobody will run it again in this run; `suspicion`: how its process ended."""

    def leave(self, worker: int) -> None:
        """The worker will not come back for what was set aside for it."""

    def close(self) -> None:
        """The run is over: nothing will be asked for or told any more."""
