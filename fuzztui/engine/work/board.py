"""Decides which job a worker serves next, and brings what comes back to the job that asked for it.

The board is where work becomes calls: executions are reserved, coverage that a process has not been told is added, and
every report is checked against the call in flight, for a worker may lie.
"""

from collections.abc import Sequence
from enum import Enum

from fuzztui.engine.show.snapshot import Failure, Phase
from fuzztui.engine.show.text import Visible
from fuzztui.engine.work.assignment import Assignment, CallInFlight
from fuzztui.engine.work.call import Batch, Clean, Death, Failed, Item, Work
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.search import Search
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Coverage, Done, Execute, Executed, Found, Fuzz, Repeated


class Renewal(Enum):
    """What a worker may be told instead of a call."""

    FRESH_PROCESS = "fresh process"
    """The next work has to be the first that its process does."""


class Board:
    """The jobs of a run, in the order in which they are asked."""

    def __init__(self, search: Search, jobs: Sequence[Job]) -> None:
        self._search = search
        self._turned_away = False
        """Whether a worker has been told, since others were last said to be waiting, that there is nothing for it."""
        self.jobs = tuple(jobs)

    # Handing out -----------------------------------------------------------------------------------------------------

    def next_call(
        self, assignment: Assignment, workers: int, *, finishing: bool = False
    ) -> CallInFlight | Renewal | None:
        """The next call for an idle process, of so many workers in all; from then on it is in flight.

        None if there is nothing for it now. `finishing`: only jobs that may still finish are asked.
        """
        for job in self.jobs:
            if finishing and not job.may_finish:
                continue
            if assignment.calls and job.needs_fresh_process(assignment.worker):
                return Renewal.FRESH_PROCESS
            work = job.next(assignment.worker, workers)
            call = self._call(job, assignment, work) if work is not None else None
            if call is not None:
                assignment.call = call
                assignment.calls += 1
                return call
            if job.comes_first and not job.is_done:
                break
        self._turned_away = True
        return None

    def _call(self, job: Job, assignment: Assignment, work: Work) -> CallInFlight | None:
        """Reserve what the work takes and put it into a call; what the budget does not allow goes back."""
        if isinstance(work, Batch):
            granted = job.account.reserve(len(work.items))
            items = work.items[:granted]
            if granted < len(work.items):
                job.give_back(assignment.worker, work.items[granted:])
            if not items:
                return None
            return CallInFlight(job, Execute([item.data for item in items], self._untold(assignment)), granted, items)
        granted = job.account.reserve(work.executions)
        if not granted:
            return None
        message = Fuzz(work.entry.data, work.seconds, granted, self._untold(assignment), work.trace)
        return CallInFlight(job, message, granted)

    def _untold(self, assignment: Assignment) -> Coverage:
        coverage = self._search.coverage
        covered = coverage.since(assignment.log_position)
        assignment.log_position = len(coverage)
        return covered

    # Taking in -------------------------------------------------------------------------------------------------------

    def take_executed(self, assignment: Assignment, result: Executed, output: str = "") -> None:
        """An input of a batch ran clean; `output`: what the target printed, where the job wants it."""
        call, item = _answered(assignment, result.index)
        new = self._search.coverage.add(result.edges)
        item.answered = True
        self._search.ran_clean = True
        call.job.take(assignment.worker, item, Clean(result.edges, new, output))

    def take_found(self, assignment: Assignment, result: Found) -> None:
        """A mutated input reached something that was new to its worker."""
        call = assignment.call
        if call is None or call.items:
            raise ProtocolError("a found input outside of fuzzing")
        call.job.found(assignment.worker, result.data, result.edges)

    def take_crashed(
        self, assignment: Assignment, data: bytes, index: int | None, failure: Failure, output: str = ""
    ) -> None:
        """An input failed its target; `index`: its place in the batch, None for a mutated one."""
        call, item = self._failed_item(assignment, data, index)
        call.job.take(assignment.worker, item, Failed(failure, output))

    def take_unproven(self, assignment: Assignment, data: bytes, index: int | None, suspicion: Visible) -> None:
        """An input failed, but perhaps only since its process was being ended: it is run again."""
        call, item = self._failed_item(assignment, data, index)
        call.job.doubted(assignment.worker, item, suspicion)

    def _failed_item(self, assignment: Assignment, data: bytes, index: int | None) -> tuple[CallInFlight, Item]:
        call = assignment.call
        if call is None:
            raise ProtocolError("a crasher outside of a call")
        self._search.check_input(data)
        if index is None:
            if call.items:
                raise ProtocolError("a crasher that is no input of its batch")
            return call, Item(data)
        call, item = _answered(assignment, index)
        if item.data != data:
            raise ProtocolError("a crasher that is not the input it was given")
        item.answered = True
        return call, item

    def take_repeated(self, assignment: Assignment, result: Repeated) -> None:
        """A failure that is known came up again."""
        if assignment.call is None or result.hits > assignment.call.granted:
            raise ProtocolError(f"{result.hits} repetitions of a failure, more than there were executions")
        self._search.repeat(assignment.worker, result.bucket, result.hits)

    def take_done(self, assignment: Assignment, result: Done) -> bool:
        """A call is over; whether there may be something now for workers that were told there was nothing."""
        call = assignment.call
        if call is None:
            raise ProtocolError("the end of a call that was not made")
        if result.executions > call.granted:
            raise ProtocolError(f"{result.executions} executions of a call that was granted {call.granted}")
        unanswered = call.unanswered
        answered = len(call.items) - len(unanswered)
        if call.items and result.executions != answered:
            raise ProtocolError(f"{result.executions} executions of a call with {answered} answers")
        self._search.yields.add(result.yields, result.executions * len(self._search.parameters))
        call.job.account.settle(call.granted, result.executions)
        assignment.settle(result.executions)
        if unanswered:
            call.job.give_back(assignment.worker, unanswered)
        others_wait, self._turned_away = self._turned_away, False
        return others_wait

    # A death ---------------------------------------------------------------------------------------------------------

    def settle_dead(self, assignment: Assignment, counter: int) -> tuple[CallInFlight | None, Item | None]:
        """Account for the call that a process died in, its own counter of executions at `counter`.

        Returns the call and, for a batch, the input that was being run; what the process did not come to goes back.
        """
        call = assignment.call
        if call is None:
            return None, None
        used = assignment.used(counter)
        call.job.account.settle(call.granted, used)
        assignment.settle(used)
        unanswered = call.unanswered
        was_executing = bool(unanswered) and used > len(call.items) - len(unanswered)
        rest = unanswered[1:] if was_executing else unanswered
        if rest:
            call.job.give_back(assignment.worker, rest)
        return call, unanswered[0] if was_executing else None

    def died(self, assignment: Assignment, call: CallInFlight, item: Item | None, death: Death) -> None:
        """The input that was being run may be why the process ended: its job decides what that means."""
        if call.items and item is None:
            return  # between two inputs: every one of them has its report or has gone back
        call.job.died(assignment.worker, item, death)

    def innocent(self, assignment: Assignment, call: CallInFlight | None, item: Item | None) -> None:
        """The input that was being run is not to blame for the process's end: it is run again."""
        if call is not None and item is not None:
            call.job.give_back(assignment.worker, [item])

    def leave(self, worker: int) -> None:
        """The worker will not come back."""
        for job in self.jobs:
            job.leave(worker)

    def close(self) -> None:
        """The run is over."""
        for job in self.jobs:
            job.close()

    # Where the run stands --------------------------------------------------------------------------------------------

    def begin(self, seeds: list[bytes]) -> None:
        """The target has been loaded. MalformedCorpus and OSError as the jobs raise them."""
        for job in self.jobs:
            job.begin(seeds)

    @property
    def phase(self) -> Phase | None:
        """That of the first job that is not done; None if all are."""
        return next((job.phase for job in self.jobs if job.phase is not None and not job.is_done), None)

    @property
    def is_done(self) -> bool:
        """Whether no job has anything left."""
        return all(job.is_done for job in self.jobs)

    @property
    def is_spent(self) -> bool:
        """Whether the budget of a job that is not done is used up and nothing can come back."""
        return any(job.account.is_spent for job in self.jobs if not job.is_done)

    @property
    def can_finish(self) -> bool:
        """Whether a job that may still finish has something left to do, within its budget."""
        return any(job.may_finish and not job.is_done and not job.account.is_spent for job in self.jobs)

    @property
    def failing(self) -> int:
        """Inputs whose failure is a job's result."""
        return sum(job.failing for job in self.jobs)

    @property
    def unsaved(self) -> int:
        """Inputs that a job was to store and could not."""
        return sum(job.unsaved for job in self.jobs)


def _answered(assignment: Assignment, index: int) -> tuple[CallInFlight, Item]:
    call = assignment.call
    if call is None or index >= len(call.items) or call.items[index].answered:
        raise ProtocolError(f"a result for input {index}, which was not asked for")
    return call, call.items[index]
