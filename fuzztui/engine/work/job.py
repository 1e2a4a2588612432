# ruff: noqa: B027 - a job overrides what concerns it

"""What workers do, as the board knows it.

A job is asked for the next piece of work for a worker, and told what became of it: a report for each input, or the
death of the process in the middle of it. What a death means is the job's to say: for fuzzing it is a crasher, for a
suspect that is run again it is the answer. A job knows workers by their ids only, and nothing of processes, messages,
clocks or reasons to stop, so each is tested without any of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from fuzztui.engine.keep.lineage import Step
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import Visible
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Death, Item, Report, Work
from fuzztui.engine.work.ledger import Account
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Compared, Coverage, Exported, Foretold, Measured


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
    instrumented: ClassVar[bool] = True
    """Whether it wants processes in which the target is instrumented; otherwise in none that is."""
    beside: bool = False
    """Whether it helps a search, and a process beside the search's workers does it as long as that goes on."""
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

    @property
    def is_wished(self) -> bool:
        """Whether a person waits for something that it has to do."""
        return False

    @property
    def left(self) -> int:
        """For a job that may still finish: how many things it has left to do, each of which takes a process."""
        return 0

    @property
    def patience(self) -> float:
        """For a job that may still finish: seconds more than a moment that it is likely to take, such as where an input
        is left that is expected to run until the time-out ends it.
        """
        return 0.0

    @abstractmethod
    def next(self, worker: int, workers: int) -> Work | None:
        """The next work for one of so many workers; None if there is none for it now."""

    def spent(self, worker: int, seconds: float) -> None:
        """The worker is done with its last work, which took it so many seconds of a processor."""

    def expects(self, worker: int) -> bool:  # noqa: ARG002 - for jobs whose processes are not like the others
        """Whether it has work for the worker's next process, as far as can be told before there is one."""
        return False

    def crashers_of(self, worker: int) -> Sequence[str]:  # noqa: ARG002 - for jobs that work for crashers
        """Ids of the crashers that the worker's process is kept for, the one that it runs now first."""
        return ()

    def give_back(self, worker: int, items: list[Item]) -> None:
        """Inputs that were handed out for this worker and not run. Where they want a process of their own, the worker
        is about to have one.
        """
        raise AssertionError(f"{type(self).__name__} handed out no inputs, worker {worker} gives back {len(items)}")

    def lacks_copies(self, worker: int) -> None:
        """The worker's process cannot be copied, which what it was handed out last was to be run in: it goes back, and
        the job is asked again.
        """
        raise AssertionError(f"{type(self).__name__} wanted no copies of worker {worker}'s process")

    @abstractmethod
    def take(self, worker: int, item: Item, report: Report) -> None:
        """An input has been run."""

    def measured(self, worker: int, item: Item, measured: Measured) -> None:  # noqa: ARG002
        """An input has been run with every line noted. ProtocolError for a job that wants no such thing."""
        raise ProtocolError("lines that nobody asked for")

    def compared(self, worker: int, item: Item, compared: Compared) -> None:  # noqa: ARG002
        """An input has been run with its comparisons noted. ProtocolError for a job that wants no such thing."""
        raise ProtocolError("comparisons that nobody asked for")

    def shrunk(self, worker: int, item: Item, executions: int) -> None:  # noqa: ARG002
        """A worker has made an input plain by itself, in so many executions. ProtocolError for a job that wants no such
        thing.
        """
        raise ProtocolError("an input made plain that nobody asked for")

    def exported(self, worker: int, item: Item, exported: Exported) -> None:  # noqa: ARG002
        """An input has run clean, and gone where it was to go. ProtocolError for a job that wants no such thing."""
        raise ProtocolError("exported inputs that nobody asked for")

    def foretold(self, worker: int, item: Item, foretold: Foretold) -> None:  # noqa: ARG002
        """A test is about to be called with an input. ProtocolError for a job that does not want to know."""
        raise ProtocolError("what a test is called with, which nobody wants to know")

    def found(self, worker: int, data: bytes, edges: Coverage, step: Step | None) -> None:  # noqa: ARG002
        """A mutated input reached something that was new to its worker; `step`: how it was made. ProtocolError for a
        job that mutates none.
        """
        raise ProtocolError("a found input outside of fuzzing")

    @abstractmethod
    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """The process ended while it ran an input: one of a batch (`item`), or a mutated one."""

    @abstractmethod
    def doubted(self, worker: int, item: Item, suspicion: Visible) -> None:
        """An input failed, but perhaps only since its process was being ended (`suspicion`): to be run again."""

    def undecided(self, worker: int, item: Item, failure: Failure, why: Visible) -> None:  # noqa: ARG002
        """Running an input again has not told whether it is to blame for a process's end, and it is not run any more.
        `failure`: what it would be recorded as; `why`: a clause on what happened.
        """
        raise AssertionError(f"{type(self).__name__} sets no inputs aside")

    def killed_idle(self, worker: int) -> None:
        """The worker's process was ended from outside before it began what it had been given, which was given back."""

    def unproven(self, worker: int, data: bytes, suspicion: Visible) -> None:
        """An input may have failed, and nobody will run it again in this run; `suspicion`: how its process ended."""

    def leave(self, worker: int) -> None:
        """The worker will not come back for what was set aside for it."""

    def reload(self) -> None:
        """Every process has ended, and those that come have loaded other code: what was being learned of the old is to
        be learned anew. What was found stays found.
        """

    def finish(self) -> None:
        """The end of the run has been decided: a job that may still finish contents itself with less."""

    def close(self) -> None:
        """The run is over: nothing will be asked for or told any more."""
