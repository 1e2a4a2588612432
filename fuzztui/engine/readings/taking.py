"""Takes the readings of a run from which diagnoses are made: what happened in the last seconds, what each worker has
done, how long each process has been loading.
"""

import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from fuzztui.engine.crew import procfs
from fuzztui.engine.crew.findings import innermost_frame, users_stack
from fuzztui.engine.crew.member import Member
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.diagnoses import loading, plateau, slow_inputs
from fuzztui.engine.diagnoses.figures import (
    NO_GLANCES,
    Exceptional,
    Figures,
    Glances,
    Imported,
    Labour,
    Loading,
    Missing,
    Reading,
)
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.readings.accelerators import accelerator_of
from fuzztui.engine.readings.uncovered import missing
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import NamedTarget, PythonTarget
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.snapshot import ImportedModule, Phase
from fuzztui.engine.show.text import NOTHING, Visible, one_line, say
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.search import Search
from fuzztui.protocol.memory import STARTED, State
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, show

WINDOW: Final = 12.0
"""Seconds over which executions and failures are counted."""

WARM_UP: Final = 10.0
"""Seconds of a worker's fuzzing that do not count: what is found first comes to whoever was there first."""

MOST_GLANCES: Final = 1_200
"""Glances that count: those of two minutes at one worker."""

MOST_POINTS: Final = 120
"""Looks over which the rate of a worker is taken: about as long as glances count."""

OLDEST: Final = 3600.0
"""Seconds beyond which what a worker says of its clock is not believed."""

EXAMPLE_CHARACTERS: Final = 60

MOST_PLACES: Final = 200
"""Unstable probes whose lines are looked up."""

MOST_READINGS: Final = 240
"""Of one process; when there are more, every other one is dropped."""


@dataclass(frozen=True, slots=True)
class _Point:
    """The run's counters at one look."""

    elapsed: float
    executions: int
    failures: int
    types: "Counter[Visible]"


@dataclass(slots=True)
class _Career:
    """What one worker has done so far."""

    pid: int | None = None
    warmed_up: float = 0.0
    """Seconds of fuzzing of `WARM_UP` that it has behind it."""
    seconds: float = 0.0
    executions: int = 0
    found: int = 0
    executions_of_all: int = 0
    found_by_all: int = 0
    was_fuzzing: bool = False
    before: tuple[int, int] = (0, 0)
    """Executions and finds at the last look."""
    points: deque[tuple[float, int, float]] = field(default_factory=lambda: deque(maxlen=MOST_POINTS))
    """Seconds of fuzzing, executions by then, and seconds in which the process was ready and had no core, lately."""
    fuzzed: float = 0.0
    """Seconds, those of the warm-up included."""
    readings: list[Reading] = field(default_factory=list)
    stride: int = 1
    looks: int = 0

    @property
    def rate(self) -> float:
        """Executions per second of fuzzing lately."""
        return self._per_second(1)

    @property
    def waiting(self) -> float:
        """Share of that time, 0 to 1, in which it had no core."""
        return max(0.0, min(1.0, self._per_second(2)))

    def _per_second(self, which: int) -> float:
        if len(self.points) < 2:
            return 0.0
        first, last = self.points[0], self.points[-1]
        return (last[which] - first[which]) / (last[0] - first[0]) if last[0] > first[0] else 0.0

    def read(self, reading: Reading) -> None:
        if self.looks % self.stride == 0:
            self.readings.append(reading)
            if len(self.readings) > MOST_READINGS:
                del self.readings[1::2]
                self.stride *= 2
        self.looks += 1

    def begin_process(self, pid: int | None) -> None:
        self.pid = pid
        self.readings.clear()
        self.points.clear()
        self.stride, self.looks = 1, 0


class Readings:
    """Looks at a run again and again, on its loop."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        target = options.target
        # A function by its name is what is fuzzed itself: there is no harness around it.
        is_named = isinstance(target, NamedTarget)
        self._own_file = str(target.file) if isinstance(target, PythonTarget) and not is_named else ""
        self._looked_at = 0.0
        self._was_fuzzing = False
        self._fuzzing_for = 0.0
        self._executions_before = 0
        """Those that were not of fuzzing."""
        self._executions = 0
        self._new_at = 0.0
        """Of fuzzing, when something new was found."""
        self._known = (0, 0)
        """Edges and corpus then."""
        self._points: deque[_Point] = deque()
        self._careers: dict[int, _Career] = {}
        self._before_of_all = (0, 0)
        self._stood: dict[int, tuple[int, Visible, float]] = {}
        """By worker its process, the place where it was seen loading, and since when."""
        self._ages: deque[tuple[int, float]] = deque(maxlen=MOST_GLANCES)
        """At each glance the worker, and the seconds for which its execution had been in progress; 0 where none was."""
        self._oldest: tuple[float, bytes] = (0.0, b"")
        """The age of the oldest that was seen, and its input."""
        self._accelerators: dict[str, Visible] = {}
        self._missing: tuple[tuple[int, int], tuple[Missing, ...]] = ((-1, 0), ())
        """How much was known when it was last looked for what is missing, and what that was."""

    def look(self, elapsed: float, phase: Phase, executions: int, search: Search, members: Iterable[Member]) -> Figures:
        """Take a reading at `elapsed` seconds of the run, and say what all of them amount to."""
        members = tuple(members)
        step = max(0.0, elapsed - self._looked_at)
        self._looked_at = elapsed
        is_fuzzing = phase is Phase.FUZZING
        if is_fuzzing and self._was_fuzzing:
            self._fuzzing_for += step
            self._executions += executions - self._executions_before
        self._executions_before = executions
        self._was_fuzzing = is_fuzzing
        known = (len(search.coverage), search.corpus.new)
        if known != self._known or not is_fuzzing:
            self._known, self._new_at = known, self._fuzzing_for
        self._count(elapsed, is_fuzzing, executions, search)
        self._follow(elapsed, step, executions, search, members)
        first, last = (self._points[0], self._points[-1]) if self._points else (None, None)
        window = last.elapsed - first.elapsed if first and last else 0.0
        ran = last.executions - first.executions if first and last else 0
        since_new = self._fuzzing_for - self._new_at
        return Figures(
            elapsed=elapsed,
            fuzzing_for=self._fuzzing_for,
            executions=self._executions,
            rate=ran / window if window > 0 else 0.0,
            window=window,
            window_executions=ran,
            window_failures=last.failures - first.failures if first and last else 0,
            failures=_types(first, last, search),
            all_executions=executions,
            discarded=sum(member.refused for member in members),
            edges=len(search.coverage),
            edges_total=search.coverage.probes,
            edges_outside=search.coverage.reached_outside(self._own_file),
            imports=tuple(
                Imported(
                    each.name,
                    each.instrumented,
                    is_compiled=not each.instrumented and "is compiled" in each.reason,
                    probes=each.probes,
                    reached=search.coverage.reached_in(each.name),
                    accelerator=self._accelerator(each, search),
                )
                for each in search.coverage.imports
            ),
            since_new=since_new,
            singles=search.rarity.singles,
            checked_finds=search.stability.checked,
            unstable_finds=search.stability.unstable,
            unstable=_places(search),
            missing=self._look_for_missing(search) if since_new >= plateau.LEAST_SECONDS else (),
            labours=tuple(
                Labour(
                    worker,
                    career.seconds,
                    career.executions,
                    career.found,
                    career.found_by_all,
                    career.executions_of_all,
                    tuple(career.readings),
                )
                for worker, career in self._careers.items()
            ),
            glances=self._glances(search),
            loading=self._loading(elapsed, members),
            startup_timeout=self._options.startup_timeout,
        )

    def glance(self, members: Iterable[Member]) -> None:
        """Look which executions are in progress at this moment, and for how long. Costs next to nothing: it is done all
        the time.
        """
        now = time.perf_counter_ns()  # the workers' clock
        for member in members:
            stint = member.stint
            if stint is None or member.is_paused or not _fuzzes(stint):
                continue
            memory = stint.process.memory
            is_running = memory.state is State.RUNNING
            age = (now - memory.words[STARTED]) / 1e9 if is_running else 0.0
            self._ages.append((member.id, age))
            if slow_inputs.LEAST_AGE <= age < OLDEST and age > self._oldest[0]:
                data = memory.recorded_input()
                if data is not None and memory.state is State.RUNNING:
                    self._oldest = age, data

    def _glances(self, search: Search) -> Glances:
        """Each worker is compared with itself: one that is slow in all it does has no slow inputs."""
        by_worker: dict[int, list[float]] = {}
        for worker, age in self._ages:
            by_worker.setdefault(worker, []).append(age)
        each = [
            slow_inputs.slow_ones(ages, career.rate, career.waiting)
            for worker, ages in by_worker.items()
            if (career := self._careers.get(worker)) is not None
        ]
        if not each:
            return NO_GLANCES
        usual, _ = max(each, key=lambda one: len(one[1]))
        slow = tuple(age for _, ages in each for age in ages)
        return Glances(len(self._ages), slow, usual, self._example(search) if slow else NOTHING)

    def _example(self, search: Search) -> Visible:
        try:
            arguments = decode(self._oldest[1], search.parameters)
        except MalformedInput:
            return NOTHING
        return one_line(show(arguments, EXAMPLE_CHARACTERS), EXAMPLE_CHARACTERS)

    def _count(self, elapsed: float, is_fuzzing: bool, executions: int, search: Search) -> None:
        if not is_fuzzing:
            self._points.clear()
            return
        types: Counter[Visible] = Counter()
        for crasher in search.crashers.crashers:
            types[crasher.failure.type] += crasher.hits
        self._points.append(_Point(elapsed, executions, search.crashers.hits, types))
        while len(self._points) > 2 and elapsed - self._points[1].elapsed >= WINDOW:
            self._points.popleft()

    def _follow(self, elapsed: float, step: float, executions: int, search: Search, members: Sequence[Member]) -> None:
        """Note what each worker has done since the last look, where it was fuzzing then and is now."""
        found_by_all = search.found.total()
        done_by_all = executions - self._before_of_all[0], found_by_all - self._before_of_all[1]
        self._before_of_all = executions, found_by_all
        for member in members:
            career = self._careers.setdefault(member.id, _Career())
            stint = member.stint
            if stint is None or stint.process.pid != career.pid:
                career.begin_process(stint.process.pid if stint is not None else None)
                career.was_fuzzing = False
            is_fuzzing = stint is not None and not member.is_paused and _fuzzes(stint)
            executed, found = member.executions, search.found[member.id]
            if is_fuzzing and stint is not None:
                career.fuzzed += step if career.was_fuzzing else 0.0
                waited = procfs.waited(stint.process.pid).get(stint.process.pid, 0.0)
                career.points.append((career.fuzzed, executed, waited))
            if is_fuzzing and career.was_fuzzing:
                if career.warmed_up < WARM_UP:
                    career.warmed_up += step
                else:
                    career.seconds += step
                    career.executions += executed - career.before[0]
                    career.found += found - career.before[1]
                    career.executions_of_all += done_by_all[0]
                    career.found_by_all += done_by_all[1]
                    usage = stint.memory.usage if stint is not None else None
                    if usage is not None and member.meter.rate is not None:
                        career.read(Reading(elapsed, member.meter.rate, usage.rss))
            career.before = executed, found
            career.was_fuzzing = is_fuzzing

    def _loading(self, elapsed: float, members: Sequence[Member]) -> tuple[Loading, ...]:
        """Where the workers stand that load their target; the stack that a process is asked for is there at the next
        look.
        """
        found: list[Loading] = []
        for member in members:
            stint = member.stint
            if stint is None or stint.is_ready or _is_ending(stint):
                self._stood.pop(member.id, None)
                continue
            seconds = stint.seconds
            if seconds < loading.LEAST_SECONDS / 2:
                continue
            place = _place_of(stint.process.stack())
            pid = stint.process.pid
            before = self._stood.get(member.id)
            if before is None or before[:2] != (pid, place):
                self._stood[member.id] = (pid, place, elapsed)
            stint.process.request_stack()
            found.append(Loading(member.id, seconds, place, elapsed - self._stood[member.id][2] if place else 0.0))
        return tuple(found)

    def _accelerator(self, module: ImportedModule, search: Search) -> Visible:
        """Looked up once for each: it takes reading the module's files."""
        known = self._accelerators.get(module.name)
        if known is None and module.instrumented and self._fuzzing_for:
            found = accelerator_of(module.name, search.coverage.files)
            known = self._accelerators[module.name] = one_line(found)
        return known or NOTHING

    def _look_for_missing(self, search: Search) -> tuple[Missing, ...]:
        state = len(search.coverage), search.lines.version
        if self._missing[0] != state:
            self._missing = state, missing(search.coverage.uncovered(), search.lines.files)
        return self._missing[1]


def _places(search: Search) -> tuple[Visible, ...]:
    """Lines, `file:line`, of the probes that are unstable, each once."""
    if not search.stability.probes:
        return ()
    lines = (search.coverage.place(*probe) for probe in islice(search.stability.probes, MOST_PLACES))
    return tuple(dict.fromkeys(say("{}:{}", shown_path(Path(file)), line) for file, line in lines if file))


def _types(first: _Point | None, last: _Point | None, search: Search) -> tuple[Exceptional, ...]:
    if first is None or last is None:
        return ()
    kinds = {crasher.failure.type: crasher.failure.kind for crasher in search.crashers.crashers}
    return tuple(
        Exceptional(name, hits, kinds.get(name) is CrasherKind.EXCEPTION)
        for name, hits in (last.types - first.types).most_common(5)
    )


def _fuzzes(stint: Stint) -> bool:
    call = stint.assignment.call
    is_idle = _is_ending(stint) or stint.is_suspended
    return not is_idle and stint.is_ready and call is not None and call.job.state is WorkerState.FUZZING


def _is_ending(stint: Stint) -> bool:
    return stint.process.ended.is_set() or stint.process.stop_asked_at is not None


def _place_of(stack: str) -> Visible:
    """`file:line` of the innermost frame that is no machinery of ours, the file as short as it can be typed."""
    place, function = innermost_frame(users_stack(stack))
    if not place:
        return NOTHING
    file, _, line = place.rpartition(":")
    return say("{}:{} in {}", shown_path(Path(file)), line, function) if function else say("{}", place)
