"""Decides which job a worker serves next, and brings what comes back to the job that asked for it.

The board is where work becomes calls: executions are reserved, coverage that a process has not been told is added, and
every report is checked against the call in flight, for a worker may lie.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import Final

from fuzztui.engine.keep.lineage import Step, step
from fuzztui.engine.show.branches import shown_steps
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import Visible
from fuzztui.engine.show.yields import YieldSums
from fuzztui.engine.work.assignment import Assignment, CallInFlight
from fuzztui.engine.work.call import Batch, Clean, Death, Failed, Item, Work
from fuzztui.engine.work.coverage_log import group
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.search import Search
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import (
    Capped,
    Compared,
    Coverage,
    Done,
    Execute,
    Executed,
    Exported,
    Foretold,
    Found,
    Fuzz,
    Measured,
    Repeated,
    Shrunk,
)

MOST_SHRINKING: Final = 5_000
"""Executions that a worker may take to make one input smaller by itself: most take a few hundred."""

SHARE_OF_SHRINKING: Final = 4
"""Of what is left of a run's executions such a call takes one part of so many, or the others would wait for it."""


class Renewal(Enum):
    """What a worker may be told instead of a call."""

    FRESH_PROCESS = "fresh process"
    """The next work has to be the first that its process does, or wants its target instrumented, or not."""


class Board:
    """The jobs of a run, in the order in which they are asked.

    Those that are done beside a search are left to its *helper*, a process beside the workers. A worker that left the
    search for them would have to load the target twice more, and be told again what is known. When the run finishes all
    do together what is left.
    """

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
        pressing = self._pressing(assignment.worker) if assignment.is_beside else []
        for job in self.jobs:
            if self._is_anothers(job, assignment, finishing=finishing):
                if assignment.is_beside and job.comes_first and not job.is_done:
                    break
                continue
            if pressing and job not in pressing:
                continue
            work = job.next(assignment.worker, workers)
            alone = work.alone if isinstance(work, Batch) else None
            is_fit = assignment.instrumented is job.instrumented and assignment.is_fit_for(alone)
            if isinstance(work, Batch) and not is_fit:
                job.give_back(assignment.worker, work.items)
                return Renewal.FRESH_PROCESS
            if isinstance(work, Batch) and work.copied and not assignment.copies:
                job.give_back(assignment.worker, work.items)
                job.lacks_copies(assignment.worker)
                return self.next_call(assignment, workers, finishing=finishing)
            call = self._call(job, assignment, work) if work is not None else None
            if call is not None:
                assignment.begin(call, alone)
                return call
            if job.comes_first and not job.is_done:
                break
        if assignment.is_beside:
            return None
        if not (assignment.instrumented or finishing or self.is_done or self.is_spent):
            return Renewal.FRESH_PROCESS
        self._turned_away = True
        return None

    def _is_anothers(self, job: Job, assignment: Assignment, *, finishing: bool) -> bool:
        """Whether a job has nothing for a process like this, or not now."""
        if (finishing and not job.may_finish) or (job.instrumented and not assignment.instrumented):
            return True
        if assignment.is_beside:
            return not job.beside
        return job.beside and not finishing

    def _pressing(self, helper: int) -> list[Job]:
        """Of the jobs that the helper may do now, those that a person waits for: they come before the others."""
        found = []
        for job in self.jobs:
            if job.beside and job.is_wished and job.expects(helper):
                found.append(job)
            if job.comes_first and not job.is_done:
                break
        return found

    def wants_instrumented(self, worker: int, *, finishing: bool = False) -> bool:
        """Whether the worker's next process is to have its target instrumented."""
        mine = (job for job in self.jobs if finishing or not job.beside)
        return not any(job.expects(worker) for job in mine if not job.instrumented)

    def wants_helper(self, helper: int) -> bool:
        """Whether there is something for a process beside the workers; `helper`: what it is known by to jobs."""
        for job in self.jobs:
            if job.beside and job.expects(helper):
                return True
            if job.comes_first and not job.is_done:
                break
        return False

    def _call(self, job: Job, assignment: Assignment, work: Work) -> CallInFlight | None:
        """Reserve what the work takes and put it into a call; what the budget does not allow goes back."""
        if isinstance(work, Batch):
            wanted = len(work.items)
            if work.shrunk:
                wanted += min(MOST_SHRINKING, job.account.available // SHARE_OF_SHRINKING)
            granted = job.account.reserve(wanted)
            items = work.items[:granted]
            if len(items) < len(work.items):
                job.give_back(assignment.worker, work.items[granted:])
            if not items:
                return None
            file, lines = work.compared or ("", ())
            message = Execute(
                [item.data for item in items],
                self._untold(assignment),
                work.detailed,
                work.traced,
                work.measured,
                work.copied,
                self._search.options.memory_limit if work.copied else None,
                compared=file,
                lines=list(lines),
                shrunk=work.shrunk,
                exported=work.exported,
                executions=granted if work.shrunk else 0,
                foretold=work.foretold,
            )
            return CallInFlight(job, message, granted, items, idle=work.idle, patience=work.patience)
        granted = job.account.reserve(work.executions)
        if not granted:
            return None
        assignment.enter(work.island)
        single: Coverage = {}
        if assignment.instrumented and work.island is None:
            single = self._search.rarity.since(assignment.singles_position)
            assignment.singles_position = len(self._search.rarity)
        tokens = self._search.tokens[assignment.tokens_told :]
        assignment.tokens_told += len(tokens)
        untold, number = self._untold(assignment), work.island.number if work.island is not None else 0
        slice_of = Fuzz(work.entry.data, work.seconds, granted, untold, work.trace, single, tokens, number)
        return CallInFlight(job, slice_of, granted)

    def _untold(self, assignment: Assignment) -> Coverage:
        if not assignment.instrumented:
            return {}
        coverage, island = self._search.coverage, assignment.island
        if island is not None:
            edges, assignment.island_position = island.since(assignment.island_position), len(island)
            return group(coverage.edges[edge] for edge in edges)
        covered = coverage.since(assignment.log_position)
        assignment.log_position = len(coverage)
        return covered

    # Taking in -------------------------------------------------------------------------------------------------------

    def take_executed(self, assignment: Assignment, result: Executed, output: str = "", seconds: float = 0.0) -> None:
        """An input of a batch ran clean; `output`: what the target printed, where the job wants it; `seconds`: that it
        took, as far as it was looked at.
        """
        call, item = _answered(assignment, result.index)
        new = self._search.coverage.add(result.edges)
        item.answered = True
        self._search.ran_clean = True
        call.job.take(assignment.worker, item, Clean(result.edges, new, output, seconds, shown_steps(result.steps)))

    def take_measured(self, assignment: Assignment, result: Measured) -> None:
        """An input of a batch has been run with every line noted; how that ended is told next."""
        call = assignment.call
        is_asked = call is not None and isinstance(call.message, Execute) and call.message.measured
        if call is None or not is_asked or result.index is None:
            raise ProtocolError("lines of an input that was not asked for them")
        _, item = _answered(assignment, result.index)
        call.job.measured(assignment.worker, item, result)

    def take_compared(self, assignment: Assignment, result: Compared) -> None:
        """An input of a batch has been run with its comparisons noted; how that ended is told next."""
        call = assignment.call
        if call is None or not isinstance(call.message, Execute) or not call.message.compared:
            raise ProtocolError("comparisons of an input that was not asked for them")
        _, item = _answered(assignment, result.index)
        call.job.compared(assignment.worker, item, result)

    def take_shrunk(self, assignment: Assignment, result: Shrunk) -> None:
        """An input of a batch has been made plain; how what came of it fails is told next."""
        call = assignment.call
        if call is None or not isinstance(call.message, Execute) or not call.message.shrunk:
            raise ProtocolError("an input made plain that was not asked for")
        if result.executions > call.granted:
            raise ProtocolError(f"{result.executions} executions of a call that was granted {call.granted}")
        _, item = _answered(assignment, result.index)
        call.job.shrunk(assignment.worker, item, result.executions)

    def take_exported(self, assignment: Assignment, result: Exported) -> None:
        """An input of a batch has been given to the framework of its test; that it ran clean is told next."""
        call = assignment.call
        if call is None or not isinstance(call.message, Execute) or not call.message.exported:
            raise ProtocolError("what became of an input that was not to be exported")
        _, item = _answered(assignment, result.index)
        call.job.exported(assignment.worker, item, result)

    def take_foretold(self, assignment: Assignment, result: Foretold) -> None:
        """The test is about to be called with an input of a batch."""
        call = assignment.call
        if call is None or not isinstance(call.message, Execute) or not call.message.foretold:
            raise ProtocolError("what a test is called with, which nobody has asked for")
        _, item = _answered(assignment, result.index)
        call.job.foretold(assignment.worker, item, result)

    def take_found(self, assignment: Assignment, result: Found) -> None:
        """A mutated input reached something that was new to its worker."""
        call = assignment.call
        if call is None or call.items:
            raise ProtocolError("a found input outside of fuzzing")
        coverage = self._search.coverage
        before = len(coverage)
        call.job.found(assignment.worker, result.data, result.edges, _step(call, result.operators))
        self._search.rarity.found(coverage.since(before), result.edges)
        self._search.stability.take(result)

    def take_crashed(
        self,
        assignment: Assignment,
        data: bytes,
        index: int | None,
        failure: Failure,
        output: str = "",
        operators: Sequence[str] = (),
        canonical: bytes | None = None,
    ) -> None:
        """An input failed its target; `index`: its place in the batch, None for a mutated one, made by `operators`."""
        call, item = self._failed_item(assignment, data, index)
        if canonical is not None:
            self._search.check_input(canonical)
        if index is None:
            item.step = _step(call, operators)
        call.job.take(assignment.worker, item, Failed(failure, output, canonical))

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
        if isinstance(call.message, Execute) and call.message.shrunk:
            item.data = data
        if item.data != data:
            raise ProtocolError("a crasher that is not the input it was given")
        item.answered = True
        return call, item

    def take_repeated(self, assignment: Assignment, result: Repeated) -> None:
        """Failures that are known came up again."""
        total = sum(result.hits.values())
        call = _with_room_for(assignment, total)
        for bucket, hits in result.hits.items():
            self._search.repeat(assignment.worker, bucket, hits)
        call.repeated += total

    def take_capped(self, assignment: Assignment, result: Capped) -> None:
        """Failures came up that are not told apart any more."""
        call = _with_room_for(assignment, result.hits)
        self._search.cap(assignment.worker, None, result.hits)
        call.repeated += result.hits

    def take_done(self, assignment: Assignment, result: Done) -> bool:
        """A call is over; whether there may be something now for workers that were told there was nothing."""
        call = assignment.call
        if call is None:
            raise ProtocolError("the end of a call that was not made")
        if result.executions > call.granted:
            raise ProtocolError(f"{result.executions} executions of a call that was granted {call.granted}")
        unanswered = call.unanswered
        answered = len(call.items) - len(unanswered)
        is_shrunk = isinstance(call.message, Execute) and call.message.shrunk
        if call.items and (result.executions < answered if is_shrunk else result.executions != answered):
            raise ProtocolError(f"{result.executions} executions of a call with {answered} answers")
        self._search.rarity.met_again(result.again)
        self._search.observed.add(result)
        # What an island finds again is no find of the run's: what it tells of that is checked all the same.
        yields = self._search.yields if assignment.island is None else YieldSums()
        yields.add(result.yields, result.executions * len(self._search.parameters))
        call.job.account.settle(call.granted, result.executions)
        assignment.settle(result.executions)
        call.job.spent(assignment.worker, result.seconds)
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
        if item is None:  # what made it has died with the process
            death = replace(death, step=_step(call, ()))
        call.job.died(assignment.worker, item, death)

    def innocent(self, assignment: Assignment, call: CallInFlight | None, item: Item | None) -> None:
        """The input that was being run is not to blame for the process's end: it is run again."""
        if call is not None and item is not None:
            call.job.give_back(assignment.worker, [item])

    def killed_idle(self, assignment: Assignment, call: CallInFlight) -> None:
        """The process was ended from outside before it began what the call was to have it run."""
        call.job.killed_idle(assignment.worker)

    def leave(self, worker: int) -> None:
        """The worker will not come back."""
        for job in self.jobs:
            job.leave(worker)

    def helped(self, cpu: float) -> None:
        """So many seconds of the processor have processes beside the workers had so far, all together."""
        self._search.helped = cpu

    def reload(self) -> None:
        """Every process has ended, and those that come have loaded other code."""
        for job in self.jobs:
            job.reload()

    def finish(self) -> None:
        """The end of the run has been decided: what may still finish is to be short."""
        for job in self.jobs:
            job.finish()

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
        return any(job.account.is_spent and not job.is_done for job in self.jobs)

    @property
    def can_finish(self) -> bool:
        """Whether a job that may still finish has something left to do, within its budget."""
        return any(job.may_finish and not job.account.is_spent and not job.is_done for job in self.jobs)

    @property
    def is_congested(self) -> bool:
        """Whether what was found waits for the disk, so that nothing more is to be handed out for a moment."""
        return self._search.is_congested

    @property
    def left(self) -> int:
        """How many processes could do something at once for jobs that may still finish."""
        return sum(job.left for job in self.jobs if job.may_finish)

    @property
    def patience(self) -> float:
        """Seconds more than a moment that jobs which may still finish are likely to take for what they have left."""
        return max((job.patience for job in self.jobs if job.may_finish), default=0.0)

    @property
    def failing(self) -> int:
        """Inputs whose failure is a job's result."""
        return sum(job.failing for job in self.jobs)

    @property
    def unsaved(self) -> int:
        """Inputs that a job was to store and could not."""
        return sum(job.unsaved for job in self.jobs)


def _step(call: CallInFlight, operators: Sequence[str]) -> Step | None:
    """How a mutated input of the call was made."""
    message = call.message
    return step(message.entry, list(operators)) if isinstance(message, Fuzz) else None


def _with_room_for(assignment: Assignment, hits: int) -> CallInFlight:
    """The call in which so many failures came up that are only counted."""
    call = assignment.call
    if call is None or call.repeated + hits > call.granted:
        raise ProtocolError(f"{hits} repetitions of a failure, more than there were executions")
    return call


def _answered(assignment: Assignment, index: int) -> tuple[CallInFlight, Item]:
    call = assignment.call
    if call is None or index >= len(call.items) or call.items[index].answered:
        raise ProtocolError(f"a result for input {index}, which was not asked for")
    return call, call.items[index]
