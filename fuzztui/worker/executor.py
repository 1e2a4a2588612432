"""The seam between serving calls and executing inputs: what a kind of target has to bring along to be fuzzed.

`serve` answers calls with the help of an `Executor` and knows nothing of what is executed. A kind of target is a
`Loader`, and a program that fuzzes it is `main.main(loader)`.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias

from fuzztui.protocol.messages import Coverage, Done, Fuzz, Load
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import HarnessError
from fuzztui.worker.process.executions import Executions
from fuzztui.worker.reports import Crash, Reports

__builtins__ = PRIVATE_BUILTINS


class Executor(Protocol):
    """Runs the inputs of one target that is loaded.

    Each execution is recorded by `Executions.begin` right before the target runs and, where nothing failed, by
    `Executions.end` right after: the coordinator takes the time in between, and blames the input for a death in it.
    A failed execution stays open until the failure has been reported, see `Crash.describe`.
    """

    @property
    def parameters(self) -> Sequence[str]:
        """Names of the parameters' types, in order, see `Pong`."""

    @property
    def seeds(self) -> Sequence[bytes]:
        """Inputs that the target declares."""

    @property
    def misuse(self) -> HarnessError | None:
        """A mistake in the use of the harness that the target has swallowed; it ends the worker after the call."""

    def learn(self, covered: Coverage) -> None:
        """A call begins: probes that were covered elsewhere count as known here. They may belong to modules that this
        process has not loaded.
        """

    def enter(self, island: int) -> None:
        """Go on with the search of this number, see `Fuzz`: what is learned from now on is learned for that one."""

    def run(self, data: bytes) -> Crash | None:
        """Run one input; how it failed, if it did. HarnessError where the failure is a misuse of the harness."""

    def shrink(self, data: bytes, executions: int) -> bytes:
        """The plainest input that fails as this one does, as the framework finds it that the test is written for in so
        many executions; this one where there is no such framework.
        """

    def export(self, data: bytes, index: int, to: str) -> Crash | None:
        """As `run`, but that what becomes of the input in the framework that the test is written for is reported, as of
        input `index` of its call. HarnessError where there is no such framework.
        """

    def foretell(self, tell: Callable[[list[str]], None]) -> None:
        """Have `tell` called with what the next input given to `run` is, in the execution, before the test is called;
        nothing where no framework knows that.
        """

    def tracing(self) -> AbstractContextManager[None]:
        """Note which steps an input takes that is given to `run` meanwhile."""

    def steps(self) -> list[tuple[str, int, int]]:
        """Those that were noted last, see `Executed`."""

    def measure(self, data: bytes, index: int) -> Crash | None:
        """As `run`, but that the arcs which the input takes are reported, as those of input `index` of its call, and
        nothing that it covers.
        """

    def compare(self, data: bytes, index: int, file: str, lines: Collection[int]) -> Crash | None:
        """As `run`, but that what the input compares in these lines of a file is reported, as of input `index` of its
        call, and nothing that it covers.
        """

    def canonical(self, data: bytes) -> bytes:
        """The last input given to `run`, in the form that means the same whatever becomes of the target's code; itself
        where it has one form only.
        """

    def covered(self) -> Coverage:
        """Everything that the last input given to `run` covered. Asked only where that input did not fail."""

    def fuzz(self, call: Fuzz) -> Done:
        """Mutate the call's entry and run what comes out; report what is new as `Found` and what fails as a crash.

        Ends when the call's executions or seconds are used up, or soon after `Executions.is_interrupted` turns true.
        """

    def be_copy(self) -> None:
        """This process is a copy of the one that has loaded the target, and does its work from now on."""

    def close(self) -> None:
        """Give back what the target holds; the process is about to end. HarnessError if the user's cleanup fails."""


Serve: TypeAlias = Callable[[Executor], None]
"""Answers the coordinator's calls with the help of an executor; returns when there are none any more."""

Loader: TypeAlias = Callable[[Load, Executions, Reports, Serve], None]
"""Loads the target that a call names, and has it served, once. What is open around the target is closed afterwards.

Raises HarnessError, in a sentence for people, where that cannot be.
"""
