"""Runs stored inputs once each, in order, and says which of them fail: `replay` and `test`.

An input that passes though it is recorded as a crasher is run up to three times, and that is told of it. One with which
inputs are kept that have to run before it is run after them, in a process of its own.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Final

from fuzztui.engine.keep import places
from fuzztui.engine.keep.altered import alterations
from fuzztui.engine.keep.corpus import displaced_files, irregular_sentence, stored_files_and_others
from fuzztui.engine.keep.record import Record
from fuzztui.engine.keep.recording import utc_now
from fuzztui.engine.keep.records import passes, read_records
from fuzztui.engine.keep.seeds import SeedFiles
from fuzztui.engine.keep.unfit import unfit
from fuzztui.engine.request import task as task_types
from fuzztui.engine.request.task import Chosen, RegressionTest
from fuzztui.engine.show import text
from fuzztui.engine.show.crasher import Confirmation
from fuzztui.engine.show.drawn import call_of, with_call
from fuzztui.engine.show.events import InputRan
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.results import InputResult, InputVerdict
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Batch, Clean, Death, Failed, Item, Report
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspects
from fuzztui.protocol.messages import Foretold
from fuzztui.target.values import decode, show

VALUES_CHARACTERS: Final = 500
NAME_CHARACTERS: Final = 4_096

FRESH: Final = 3
"""How many of several runs have a process of their own, as where crashers are confirmed."""

TRIES: Final = 3
"""How often an input that is recorded as a crasher must pass."""

Inputs = Callable[[list[bytes]], list[tuple[text.Visible, bytes]]]
"""Makes names and inputs of the seeds that the target declares."""


@dataclass(slots=True)
class _Input:
    name: text.Visible
    data: bytes
    before: tuple[bytes, ...] = ()
    """Inputs that run before it in its process."""
    is_unexplained: bool = False
    """Whether it is known that it did not fail alone, but not what it takes."""
    problem: text.Visible = text.NOTHING
    """Why these could not all be run, if so."""
    passes: int = 0
    """Runs so far that have passed."""
    failures: list[Failure] = field(default_factory=list)
    """How the others have failed."""
    call: Sequence[text.Visible] = ()
    """What the test is called with, as far as that was told before it was."""
    process: object = None
    """What its process is kept for, where it is run several times."""
    started: float = 0.0
    """When in the run it was last handed out."""

    @property
    def runs(self) -> int:
        """Runs so far."""
        return self.passes + len(self.failures)

    @property
    def needs(self) -> text.Visible:
        """What it is run after."""
        number = len(self.before)
        return text.label("the input before it") if number == 1 else text.say("the {:,} inputs before it", number)


class Replay(Job):
    """Inputs that are run one at a time, so that what the target prints belongs to one of them."""

    state: ClassVar = WorkerState.EXECUTING
    phase: ClassVar = Phase.EXECUTING
    wants_output = True

    def __init__(self, account: Account, search: Search, suspects: Suspects, inputs: Inputs) -> None:
        super().__init__(account)
        self._search = search
        self._suspects = suspects
        self._inputs = inputs
        task = search.options.task
        self._is_test = isinstance(task, RegressionTest)
        self._times = task.times if isinstance(task, task_types.Replay) else 1
        self._waiting: deque[_Input] = deque()
        self._running: dict[int, tuple[_Input, Item]] = {}
        """By `id` of the item."""
        self._preceding: dict[int, tuple[_Input, list[Item]]] = {}
        """The inputs that run before another: by `id` of each of their items, which stay as long as they are here."""
        self._records: dict[str, Record] = {}

    def begin(self, seeds: list[bytes]) -> None:
        """Collect the inputs, and what is recorded of them."""
        self._waiting.extend(self._with_what_runs_before(name, data) for name, data in self._inputs(seeds))
        # A seed of the target's code has no such name.
        changed = alterations((Path(each.name), each.data) for each in self._waiting)
        if changed:
            self._search.listener.warn("altered", changed)
        options = self._search.options
        try:
            self._records = read_records(options.target.records_dir(options.cache_dir)).by_input()
        except OSError as error:
            self._search.listener.warn("records", text.say("What is known of crashers: {}", text.os_error(error)))

    def _with_what_runs_before(self, name: text.Visible, data: bytes) -> _Input:
        one = _Input(name, data)
        try:
            before = self._search.kept_before(data)
        except OSError as error:
            one.problem = text.say("what has to run before it cannot be read: {}", text.os_error(error))
            return one
        if before is None:
            return one
        if any(unfit(Path(), each, self._search.parameters) for each in before):
            one.problem = text.label("what had to run before it was written for other parameters")
            return one
        one.before, one.is_unexplained = before, not before
        return one

    @property
    def is_done(self) -> bool:
        """Whether every input has been judged."""
        return not self._waiting and not self._running

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """One input; those that are none are told of on the way."""
        while self._waiting:
            one = self._waiting.popleft()
            if (misfit := unfit(Path(), one.data, self._search.parameters)) is not None:
                problem = misfit.reason(self._search.parameters)
                self._tell(InputResult(one.name, InputVerdict.MALFORMED, text.NOTHING, problem=problem))
                continue
            item = Item(one.data)
            one.started = one.started if one.runs and self._times > 1 else self._search.clock.elapsed()
            self._running[id(item)] = (one, item)
            foretold = not self._is_test
            if not one.before and self._times > 1:
                one.process = object() if one.runs < FRESH else one.process
                return Batch([item], alone=one.process, foretold=foretold)
            if not one.before:
                return Batch([item], foretold=foretold)
            preceding = [Item(data) for data in one.before]
            self._preceding.update((id(each), (one, preceding)) for each in preceding)
            return Batch([*preceding, item], alone=item, foretold=foretold)
        return None

    def give_back(self, worker: int, items: list[Item]) -> None:  # noqa: ARG002
        """They come first again, each after all that has to run before it."""
        for item in reversed(items):
            if self._preceding.pop(id(item), None) is None:
                one, _ = self._running.pop(id(item))
                self._waiting.appendleft(one)

    def take(self, worker: int, item: Item, report: Report) -> None:  # noqa: ARG002
        """PASS or FAIL; an input that is recorded as a crasher has to pass more than once."""
        if self._preceding.pop(id(item), None) is not None:
            return  # how the inputs fare that run before it is no question here
        one, _ = self._running.pop(id(item))
        record = self._records.get(sha256(one.data).hexdigest())
        if isinstance(report, Clean):
            one.passes += 1
        else:
            one.failures.append(report.failure)
        is_crasher = record is not None or one.before or one.is_unexplained
        tries = self._times if self._times > 1 else TRIES if is_crasher and not one.failures else 1
        if one.runs < tries:
            self._waiting.appendleft(one)
            return
        failure = one.failures[0] if one.failures else None
        if failure is None:
            verdict, note = InputVerdict.PASS, _why_it_passes(one, record)
        else:
            verdict, note = self._judged(one, failure, self._how_it_fails(one, failure))
        if record is not None:
            self._note(one, record)
        values = show(decode(item.data, self._search.parameters), VALUES_CHARACTERS)
        self._tell(
            InputResult(
                name=one.name,
                verdict=verdict,
                values=text.one_line(values, VALUES_CHARACTERS),
                seconds=self._search.clock.elapsed() - one.started,
                output=text.visible(report.output, multiline=True),
                failure=failure,
                runs=one.runs,
                failures=len(one.failures),
                data=one.data,
                note=note,
            )
        )

    def _how_it_fails(self, one: _Input, failure: Failure) -> text.Visible:
        note = text.NOTHING
        if self._times > 1:
            alike = sum(failure.is_like(each) for each in one.failures)
            others = len(one.failures) - alike
            note = Confirmation(one.runs, alike, others).badge
            note = text.say("{}, in another way {}/{}", note, others, one.runs) if others else note
        elif one.passes:
            times = text.label("once" if one.passes == 1 else "twice")
            note = text.say("passed {} before it failed: it depends on chance or state", times)
        elif one.before:
            note = text.say("fails after {}, which it needs", one.needs)
        return text.joined("; ", filter(None, (note, one.problem)))

    def _note(self, one: _Input, record: Record) -> None:
        """Have the record of a known crasher say that it has failed again, or that it does not any more."""
        alike = sum(record.failure.is_like(failure) for failure in one.failures)
        now = utc_now()
        changes: dict[str, Any] = {}
        if self._times > 1 and not one.before:
            others = len(one.failures) - alike
            changes["confirmation"] = Confirmation(one.runs, alike, others)
        if alike:
            is_fixed = self._search.crashers.memory.decision(record.failure, record.sha256).status is Status.FIXED
            changes |= {"last_seen": now, "passed": "", **({"regressed": now} if is_fixed else {})}
        elif not one.failures:
            changes["passed"] = now
        self._search.amend_record(record.id, lambda known: replace(known, **changes))

    def _judged(self, one: _Input, failure: Failure, note: text.Visible) -> tuple[InputVerdict, text.Visible]:
        """What people have decided about a failure says whether it is one, and is told."""
        decision = self._search.crashers.memory.decision(failure, sha256(one.data).hexdigest())
        verdict, words = InputVerdict.FAIL, text.NOTHING
        if decision.status is Status.FIXED:
            words = text.label("REGRESSED: marked fixed, and fails again")
        elif decision.status is Status.IGNORED:
            # Who names an input wants to see it fail; who tests everything does not.
            verdict = InputVerdict.IGNORED if self._is_test else InputVerdict.FAIL
            words = text.label("ignored")
        elif decision.status is Status.TRIAGED:
            words = text.label("triaged")
        if words and decision.note:
            words = text.say("{}: {}", words, text.one_line(decision.note))
        return verdict, text.joined("; ", filter(None, (words, note)))

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """FAIL, or run again where only that tells."""
        assert item is not None
        preceding = self._preceding.pop(id(item), None)
        if preceding is not None:
            self._died_before(*preceding, item, death)
        elif death.suspicion and not self._running[id(item)][0].before:
            self._suspects.add(worker, item, self, death.suspicion, death.killed)
        else:
            one, _ = self._running[id(item)]
            self.take(worker, item, Failed(with_call(death.failure, one.call) if one.call else death.failure))

    def foretold(self, worker: int, item: Item, foretold: Foretold) -> None:  # noqa: ARG002
        """What an input is, in case it ends its process."""
        if id(item) in self._running:
            self._running[id(item)][0].call = call_of(foretold)

    def _died_before(self, one: _Input, preceding: list[Item], item: Item, death: Death) -> None:
        """An input that has to run before another has ended the process, unless others have. The other has been given
        back: it is run again, after those before.
        """
        if death.was_being_ended or death.is_from_outside:
            return
        number = next(place for place, each in enumerate(preceding, 1) if each is item)
        why = text.say(
            "input {:,} of {:,} before it ended the process ({})", number, len(preceding), death.failure.type
        )
        one.problem = text.say("{}, so it was run alone", why)
        one.before = ()

    def doubted(self, worker: int, item: Item, suspicion: text.Visible) -> None:
        """Run again: only that tells."""
        if self._preceding.pop(id(item), None) is None:
            self._suspects.add(worker, item, self, suspicion)

    def undecided(self, worker: int, item: Item, failure: Failure, why: text.Visible) -> None:
        """FAIL: whoever asks about this one input wants to hear that it does not run."""
        self.take(worker, item, Failed(replace(failure, message=why)))

    def _tell(self, result: InputResult) -> None:
        self.failing += result.verdict.is_failure
        self._search.listener.on_event(InputRan(self._search.clock.elapsed(), result))


def _why_it_passes(one: _Input, record: Record | None) -> text.Visible:
    """What is known of an input that passes."""
    if one.before:
        note = text.say("passes {0}/{0} after {1}, with which it failed: it may be fixed", one.passes, one.needs)
    elif record is not None:
        note = passes(record, one.passes)
    elif one.is_unexplained:
        note = text.say("passes {0}/{0}, as it did alone when it was found: it depends on state or chance", one.passes)
    elif one.passes > 1:
        note = text.say("0/{}: it passes each time", one.passes)
    else:
        note = text.NOTHING
    return text.joined("; ", filter(None, (note, one.problem)))


def given(inputs: tuple[tuple[str, bytes], ...]) -> Inputs:
    """Just these."""
    return lambda seeds: [(text.visible(name, NAME_CHARACTERS), data) for name, data in inputs]  # noqa: ARG005


def named(wanted: task_types.Replay) -> Inputs:
    """These seeds, then these inputs."""

    def collect(seeds: list[bytes]) -> list[tuple[text.Visible, bytes]]:
        numbered = _numbered(seeds)
        return [*(numbered[index] for index in wanted.seeds if index < len(numbered)), *given(wanted.inputs)(seeds)]

    return collect


def chosen(only: Chosen) -> Inputs:
    """These seeds, then these inputs."""
    return lambda seeds: [*_numbered(seeds)[only.seeds.start : only.seeds.stop], *given(only.inputs)(seeds)]


def _numbered(seeds: list[bytes]) -> list[tuple[text.Visible, bytes]]:
    """Seeds that the target declares, by the names that people are shown."""
    return [(text.say("seed {}", number), data) for number, data in enumerate(seeds, 1)]


def seeds_and_stored(search: Search) -> Inputs:
    """The seeds that the target declares, those that lie elsewhere, every input stored beside it, and crashers that
    found no place there.
    """

    def collect(seeds: list[bytes]) -> list[tuple[text.Visible, bytes]]:
        target = search.options.target
        read = [stored_files_and_others(folder) for folder in target.stored_dirs]
        files = [each for found, _ in read for each in found]
        if irregular := irregular_sentence([sentence for _, others in read for sentence in others]):
            search.listener.warn("irregular", irregular)
        if target.sharing:
            shared = Path(target.stored_dirs[-1])
            is_others = {path for path, data in files if path.parent == shared and unfit(path, data, search.parameters)}
            if any(path.parent == shared for path, _ in files):
                where = text.say("{} holds inputs of several targets", places.shown_path(shared))
                search.listener.warn("shared", text.say("{}; {}", where, target.sharing))
            files = [each for each in files if each[0] not in is_others]
        stored = {data for _, data in files}
        displaced = displaced_files(target.records_dir(search.options.cache_dir))
        files += [(path, data) for path, data in displaced if data not in stored]
        given = SeedFiles(search.options.seeds, search.capacity)
        beside = [(text.visible(seed.shown, NAME_CHARACTERS), seed.data) for seed in given if seed.data not in stored]
        if given.problem:
            search.listener.warn("seeds", given.problem)
        return [
            *_numbered(seeds),
            *beside,
            *((text.visible(places.shown_path(path), NAME_CHARACTERS), data) for path, data in files),
        ]

    return collect
