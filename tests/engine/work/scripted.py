"""The jobs of a run without its processes: workers that answer as a test says, and a clock that the test moves.

A `ScriptedWorker` does what the crew does with a process and its end, in the same order: it asks the board, takes
results to it, settles a dead call and then says what the death means.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from fuzztui.engine.crew.member import HELPER
from fuzztui.engine.request.options import Limit, RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.request.task import FUZZ, Task
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.share.place import Place
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import CorpusChanged, Event, InputRan
from fuzztui.engine.show.failure import CrasherKind, Failure, Tail
from fuzztui.engine.show.reload import Fate
from fuzztui.engine.show.results import CorpusChange, InputResult
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import NOTHING, Visible, label, say, visible
from fuzztui.engine.work import plan
from fuzztui.engine.work.assignment import Assignment, CallInFlight
from fuzztui.engine.work.board import Board, Renewal
from fuzztui.engine.work.call import Death
from fuzztui.engine.work.confirming import Confirming
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.search import Search
from fuzztui.protocol.messages import Coverage, Done, Execute, Executed, Foretold, Found, Fuzz, Module, Repeated, Yields

MODULE = "m"
PROBES = 1000
CAPACITY = 10_000
"""Bytes of the largest input."""

J = TypeVar("J", bound=Job)


def failure(name: str = "ValueError", kind: CrasherKind = CrasherKind.EXCEPTION) -> Failure:
    return Failure(
        say("1-{}", name),
        say("1-{}", name),
        kind,
        visible(name),
        NOTHING,
        say("{} raised", name),
        label("parse"),
        label("parser.py:7"),
    )


KILLED = label("killed by SIGKILL from outside")


class Clock:
    """Tells the time that the test has set, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Told:
    """Keeps what the jobs tell."""

    def __init__(self) -> None:
        self.crashers: list[Crasher] = []
        self.entries = 0
        self.events: list[Event] = []
        self.warnings: list[str] = []

    def on_crasher(self, crasher: Crasher) -> None:
        self.crashers.append(crasher)

    def on_new_entry(self) -> None:
        self.entries += 1

    def on_event(self, event: Event) -> None:
        self.events.append(event)

    def warn(self, topic: str, message: str) -> None:
        self.warnings.append(message)

    @property
    def results(self) -> list[InputResult]:
        return [event.result for event in self.events if isinstance(event, InputRan)]

    @property
    def changes(self) -> list[CorpusChange]:
        return [event.change for event in self.events if isinstance(event, CorpusChanged)]


class Work:
    """Everything of a run that is not its processes, for a target in `folder`."""

    def __init__(
        self,
        folder: Path,
        task: Task = FUZZ,
        *,
        executions: int | None = None,
        workers: int = 1,
        seed: int | None = None,
        parameters: tuple[str, ...] = ("bytes",),
        confirms: bool = False,
        minimize_time: float = 0.0,
        is_helped: bool = False,
        given: tuple[Path, ...] = (),
        share: Place | None = None,
    ) -> None:
        """`confirms`: whether crashers are run again, which stands in the way of looking at other jobs; `is_helped`:
        whether the search has a process beside its workers for what helps it; `given`: places of further seeds.
        """
        self.options = RunOptions(
            target=PythonTarget(folder / "fuzz_it.py", "fuzz_it", folder),
            cache_dir=folder / ".fuzztui",
            workers=workers,
            task=task,
            limit=Limit(executions=executions),
            seed=seed,
            minimize_time=minimize_time,
            seeds=given,
            share=share,
        )
        self.clock = Clock()
        self.told = Told()
        self.search = Search(self.options, CAPACITY, RunClock(self.clock), self.told)
        jobs = [job for job in plan.jobs(self.search) if confirms or not isinstance(job, Confirming)]
        for job in jobs:
            job.beside = job.beside and is_helped
        self.board = Board(self.search, jobs)
        self.parameters = parameters

    @property
    def stored(self) -> Path:
        """Folder of failing inputs and the user's own."""
        return self.options.target.crashers_dir.path

    @property
    def generated(self) -> Path:
        """Folder of the generated corpus."""
        return self.options.target.generated_dir(self.options.cache_dir).path

    @property
    def records(self) -> Path:
        """Folder of what is known of crashers."""
        return self.options.target.records_dir(self.options.cache_dir).path

    def begin(self, *seeds: bytes) -> "Work":
        """The target is loaded and declares these seeds."""
        self.search.coverage.register(Module(MODULE, "m.py", list(range(PROBES))))
        self.search.begin(self.parameters, list(seeds))
        self.board.begin(list(seeds))
        return self

    def reload(self, *workers: "ScriptedWorker", seeds: Sequence[bytes] = ()) -> "Work":
        """These workers' processes have ended, and those that come have loaded other code, which declares `seeds`."""
        for worker in workers:
            worker.ends()
        self.search.reload(list(seeds))
        self.search.coverage.register(Module(MODULE, "m.py", list(range(PROBES))))
        self.board.reload()
        for worker in workers:
            worker.start()
        return self

    def fate(self, name: str = "ValueError") -> Fate | None:
        """What has become of a crasher."""
        recheck = self.search.crashers.get(failure(name).id).recheck
        return recheck.fate if recheck is not None else None

    # Methods, since a checker takes a property for what it was when it was last asserted.

    def phase(self) -> Phase | None:
        return self.board.phase

    def is_done(self) -> bool:
        return self.board.is_done

    def can_finish(self) -> bool:
        return self.board.can_finish

    def patience(self) -> float:
        return self.board.patience

    def is_spent(self) -> bool:
        return self.board.is_spent

    def job(self, kind: type[J]) -> J:
        (found,) = [job for job in self.board.jobs if isinstance(job, kind)]
        return found

    def worker(self, number: int = 0) -> "ScriptedWorker":
        return ScriptedWorker(self.board, number, self.options.workers)

    def helper(self) -> "ScriptedWorker":
        return ScriptedWorker(self.board, HELPER, self.options.workers)

    def fuzzing(self, *seeds: bytes) -> "ScriptedWorker":
        """A worker in a run whose baseline is over; each seed covers an edge of its own."""
        self.begin(*seeds)
        worker = self.worker()
        for number in range(len(self.search.corpus)):
            worker.ask()
            worker.clean(number)
            worker.done()
        return worker


class ScriptedWorker:
    """A place at work and the process in it, of which a test says what its executions come to."""

    def __init__(self, board: Board, worker: int, workers: int) -> None:
        self.id = worker
        self._board = board
        self._workers = workers
        self.executed: list[bytes] = []
        """Inputs of batches whose execution has begun, in all processes."""
        self.executions = 0
        """Of processes that have ended."""
        self.copies = False
        """Whether its processes can be copied."""
        self.processes = 0
        """Started so far."""
        self.start()

    def start(self) -> None:
        """A new process, of which nothing is known."""
        is_beside = self.id == HELPER
        instrumented = not is_beside and self._board.wants_instrumented(self.id)
        self.assignment = Assignment(self.id, instrumented, is_beside, self.copies)
        self.processes += 1
        self.counter = 0
        """Executions that the process has begun."""

    # Calls -----------------------------------------------------------------------------------------------------------

    def ask(self, *, finishing: bool = False) -> list[bytes] | Fuzz | Renewal | None:
        """Ask for the next call: the inputs of a batch, an entry to be mutated, or what the board says instead."""
        call = self._board.next_call(self.assignment, self._workers, finishing=finishing)
        if not isinstance(call, CallInFlight):
            return call
        call.executions_before = self.counter
        return call.message.inputs if isinstance(call.message, Execute) else call.message

    def is_busy(self) -> bool:
        return self.assignment.call is not None

    @property
    def call(self) -> CallInFlight:
        assert self.assignment.call is not None
        return self.assignment.call

    @property
    def covered(self) -> Coverage:
        """What the process is told with its call that others have covered."""
        return self.call.message.covered

    def _begin(self) -> tuple[int | None, bytes]:
        """Begin the next execution: place in the batch and input, or an input that was made by mutation."""
        self.counter += 1
        if isinstance(self.call.message, Fuzz):
            return None, b"mutated %d" % self.counter
        index = next(index for index, item in enumerate(self.call.items) if not item.answered)
        data = self.call.items[index].data
        self.executed.append(data)
        return index, data

    # Results ---------------------------------------------------------------------------------------------------------

    def clean(self, *edges: int, output: str = "", seconds: float = 0.0) -> None:
        """The next input of the batch runs to its end and covers these edges."""
        index, _ = self._begin()
        assert index is not None
        self._board.take_executed(self.assignment, Executed(index, {MODULE: list(edges)}), output, seconds)

    def fails(
        self,
        name: str = "ValueError",
        data: bytes | None = None,
        output: str = "",
        tail: Tail | None = None,
        like: str = "",
        title: str = "",
        canonical: bytes | None = None,
    ) -> None:
        """The next input, or a mutated one, fails by an exception; `tail`: what its process ran before, if it tells;
        `like`: name of a failure that is likely the same bug, reached in another way; `title`: the exception's type;
        `canonical`: see `Crashed`.
        """
        index, given = self._begin()
        failed = replace(
            failure(name),
            type=visible(title or name),
            group=failure(like or name).group,
            tail=tail or Tail(executions=-1),
        )
        self._board.take_crashed(self.assignment, data or given, index, failed, output, canonical=canonical)

    def foretells(self, *notes: str) -> None:
        """The test is about to be called with the next input."""
        index = next(index for index, item in enumerate(self.call.items) if not item.answered)
        self._board.take_foretold(self.assignment, Foretold(index, list(notes)))

    def fails_while_ended(self, data: bytes | None = None) -> None:
        """The next input, or a mutated one, fails, perhaps only since its process has been sent a signal."""
        index, given = self._begin()
        self._board.take_unproven(
            self.assignment, data or given, index, label("it failed while its worker was being ended")
        )

    def finds(self, data: bytes, *edges: int) -> None:
        """A mutated input covers something that the worker did not know."""
        self.counter += 1
        self._board.take_found(self.assignment, Found(data, {MODULE: list(edges)}))

    def repeats(self, hits: int, name: str = "ValueError") -> None:
        """A failure that has been reported came up again while fuzzing."""
        self.counter += hits
        self._board.take_repeated(self.assignment, Repeated({failure(name).id: hits}))

    def done(self, yields: Yields | None = None, seconds: float = 0.0) -> bool:
        """The call is over, after so many seconds of a processor; whether workers that wait are to ask again."""
        used = self.counter - self.call.executions_before
        return self._board.take_done(self.assignment, Done(used, yields or {}, seconds=seconds))

    def use(self, executions: int) -> None:
        """Execute mutated inputs of which there is nothing to tell."""
        self.counter += executions

    # Ends ------------------------------------------------------------------------------------------------------------

    def dies(
        self,
        name: str = "exit status 3",
        *,
        suspicion: Visible = NOTHING,
        was_being_ended: bool = False,
        data: bytes | None = None,
    ) -> None:
        """The process ends while it runs the next input, or a mutated one; another one is started in its place."""
        _, given = self._begin()
        self._end(Death(data or given, failure(name), suspicion, was_being_ended, suspicion is KILLED))

    def exits(self, name: str = "exit status 3", data: bytes | None = None) -> None:
        """The next input, or a mutated one, ends the process by itself; another one is started in its place."""
        _, given = self._begin()
        self._end(Death(data or given, failure(name, CrasherKind.EXIT), NOTHING))

    def hangs(self, name: str = "timeout", data: bytes | None = None) -> None:
        """The process is ended since the next input, or a mutated one, runs too long."""
        _, given = self._begin()
        self._end(Death(data or given, failure(name, CrasherKind.TIMEOUT), NOTHING))

    def killed_idle(self) -> None:
        """The process is ended from outside before it begins what it has been given; another one is started."""
        call = self.call
        assert call.is_unbegun
        self._end(None)
        self._board.killed_idle(Assignment(self.id), call)

    def dies_between(self, suspicion: Visible = NOTHING) -> None:
        """The process is killed between two executions, and what its memory still shows is the input before."""
        shown = self.executed[-1] if self.executed else b""
        self._end(Death(shown, failure("between"), suspicion))

    def fails_by_itself(self, *, executing: bool) -> None:
        """The process ends for reasons that are not its input's."""
        if executing:
            self._begin()
        self._end(None)

    def renews(self) -> None:
        """The process has been asked to end between two calls, and another one is started."""
        assert self.assignment.call is None
        self._end(None)

    def ends(self) -> None:
        """The process has ended since it was asked to, in a call or between two: what it did not come to goes back."""
        self._end(None)

    def leaves(self) -> None:
        """Nobody starts another process in this place."""
        self._board.leave(self.id)

    def _end(self, death: Death | None) -> None:
        call, item = self._board.settle_dead(self.assignment, self.counter)
        if death is not None and call is not None:
            self._board.died(self.assignment, call, item, death)
        if death is None:
            self._board.innocent(self.assignment, call, item)
        self.executions += self.assignment.executions(self.counter)
        self.start()

    @property
    def all_executions(self) -> int:
        """Of all processes of this place."""
        return self.executions + self.assignment.executions(self.counter)


def store(folder: Path, *inputs: bytes) -> list[Path]:
    """Files with these contents, named after them."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / data.decode("ascii", "backslashreplace").replace("/", "_") for data in inputs]
    for path, data in zip(paths, inputs, strict=True):
        path.write_bytes(data)
    return paths


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("[!.]*")) if folder.is_dir() else []


def contents(folder: Path) -> Sequence[bytes]:
    return sorted(path.read_bytes() for path in folder.glob("[!.]*")) if folder.is_dir() else []
