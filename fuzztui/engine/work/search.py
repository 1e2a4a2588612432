"""What the jobs of a run share: the target's parameters, the corpus, the coverage, the crashers, who brought what."""

import os
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Final, Protocol

from fuzztui.engine.keep.before import read_before
from fuzztui.engine.keep.corpus import Corpus, Entry, Origin
from fuzztui.engine.keep.crashers import CrasherBook
from fuzztui.engine.keep.disk import AtOnce, DiskLike
from fuzztui.engine.keep.keeping import Keeping
from fuzztui.engine.keep.lineage import SHORT_DIGEST, Lineage, Step, digest
from fuzztui.engine.keep.measured import Known, Measured, fingerprints
from fuzztui.engine.keep.record import NoRecordError, Record
from fuzztui.engine.keep.records import amend_record
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.keep.storage import replace as replace_file
from fuzztui.engine.keep.stored import Stored, store_input
from fuzztui.engine.readings.neighbours import theirs
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.show.crasher import Confirmation, Crasher
from fuzztui.engine.show.events import CrasherConfirmed, Event, InputMinimized
from fuzztui.engine.show.failure import CrasherKind, Failure, Tail
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.observed import ObservedSums
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, os_error, say
from fuzztui.engine.show.yields import YieldSums
from fuzztui.engine.triage.memory import Memory
from fuzztui.engine.triage.triage import Triage
from fuzztui.engine.work.ancestry import ancestors
from fuzztui.engine.work.coverage_log import CoverageLog
from fuzztui.engine.work.favouring import follow
from fuzztui.engine.work.line_coverage import LineCoverage
from fuzztui.engine.work.rarity import Rarity
from fuzztui.engine.work.schedule import PowerSchedule
from fuzztui.engine.work.stability import Stability
from fuzztui.engine.work.tail import KeptTails
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Coverage
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, is_parameter

LINEAGE_EVERY: Final = 30.0
"""Seconds between two times that it is written down how what was found came about."""

MADE: Final = (Origin.GENERATED, Origin.GIVEN)
"""Where entries come from that are not run again where it is known what they cover: there may be tens of thousands."""

MOST_PENDING: Final = 1_000
"""Files that wait to be written from which on workers get no more calls: what is found faster than any disk stores it
would otherwise fill the memory, and the end of the run would have to wait for all of it."""


MOST_NAMED: Final = 3
"""Damaged files that are named in one sentence."""


class Listener(Protocol):
    """Who acts upon what the jobs notice."""

    def on_crasher(self, crasher: Crasher) -> None:
        """The first of its kind; it is on disk if that was at all possible."""

    def on_new_entry(self) -> None:
        """The corpus has grown."""

    def on_event(self, event: Event) -> None:
        """Something rare, as front ends are told it."""

    def warn(self, topic: str, message: Visible) -> None:
        """Something that a person should know; a later message on a topic replaces the one before."""


class Search:
    """The state of one run's search. Changed by its jobs and the board only."""

    def __init__(
        self,
        options: RunOptions,
        capacity: int,
        clock: RunClock,
        listener: Listener,
        disk: DiskLike | None = None,
    ) -> None:
        """`capacity`: bytes of the largest input that workers have room for; `disk` does what waits for the disk, at
        once if it is None.
        """
        target = options.target
        self.options = options
        self.capacity = capacity
        self.clock = clock
        self.listener = listener
        self.parameters: tuple[str, ...] = ()
        """Names of the target's types, known once a worker has loaded it."""
        self.seeds: tuple[bytes, ...] = ()
        """What the target declares, as the first worker has loaded it."""
        self.coverage = self._coverage()
        self.lines = LineCoverage(partial(theirs, target))
        self.tokens: list[bytes] = []
        """What people have given in this run to be tried in inputs."""
        self.corpus = Corpus(
            target.stored_dirs,
            target.generated_dir(options.cache_dir),
            (target.records_dir(options.cache_dir), options.cache),
            target.sharing,
            (target.records_dir(options.cache_dir), target.crashers_dir),
            options.seeds,
        )
        self.lineage = Lineage(
            Folder(options.cache.root, (*options.cache.parts, "lineage")),
            f"{digest(target.id.encode('utf-8', 'surrogateescape'))[:SHORT_DIGEST]}.json",
        )
        self._lineage_kept_at = 0.0
        self._measured = Measured(
            Folder(options.cache.root, (*options.cache.parts, "covered")),
            digest(target.id.encode("utf-8", "surrogateescape"))[:SHORT_DIGEST],
            os.path.realpath(target.command()[0]) if isinstance(target, PythonTarget) else "",
        )
        self.code: Callable[[], Mapping[str, bytes]] = dict
        """Digests of the files that workers have loaded, by path: what makes what was measured comparable."""
        self.schedule = PowerSchedule()
        self._disk = AtOnce() if disk is None else disk
        self._keeping = Keeping(self._keep, self._disk, self._told_of_corpus)
        self.crashers = CrasherBook(options, clock, self._disk, listener.warn)
        self.yields = YieldSums()
        self.observed = ObservedSums()
        self.rarity = Rarity()
        self.stability = Stability()
        self.found: Counter[int] = Counter()
        """New corpus entries, by the worker that brought them."""
        self.hits: Counter[int] = Counter()
        """Crashers reported, repeated ones included, by worker."""
        self.unkept = 0
        """New corpus entries that could not be stored for the next run."""
        self.unkept_because = NOTHING
        self._kept: set[str] = set()
        """Digests of inputs that were left for the next run."""
        self._untold: dict[str, Counter[int]] = {}
        """The same for crashers that are being stored, by the identity of their failure."""
        self.unconfirmed: deque[str] = deque()
        """Ids of crashers that nobody has begun to run again, in the order in which that is to be done."""
        self.wanted: set[str] = set()
        """Those of them that a person has asked for."""
        self.helped = 0.0
        """CPU seconds that processes beside the workers have had."""
        self._helped_before = 0.0
        """Of these, those that were rested after."""
        self.tails = KeptTails()
        """What ran before these, as far as there is room."""
        self.unminimized: deque[str] = deque()
        """Ids of crashers that are to be made smaller without anybody having asked, the oldest first."""
        self._left_to_others: frozenset[str] = frozenset()
        """Crashers of which another node of the campaign learns more."""
        self._put_off_unconfirmed: deque[str] = deque()
        self._put_off_unminimized: deque[str] = deque()
        """Those that would be among these if people wanted to hear of them."""
        self._groups_to_minimize: set[str] = set()
        """Groups of which one has been among them."""
        self.ran_clean = False
        """Whether any input has run to its end: only then a lack of coverage means something."""

    def begin(self, parameters: tuple[str, ...], seeds: list[bytes]) -> None:
        """A worker has loaded the target. ProtocolError if it told nonsense."""
        if not parameters or not all(map(is_parameter, parameters)):
            raise ProtocolError(f"a target that takes {parameters}")
        for seed in seeds:
            self.check_input(seed, parameters)
        self.parameters = parameters
        self.seeds = tuple(seeds)
        self.crashers.set_parameters(parameters)
        self.lineage.load()
        self._remember()

    def reload(self, seeds: list[bytes]) -> None:
        """Every process has ended, and those that come have loaded other code: coverage begins anew, the corpus and the
        crashers stay. `seeds`: what the target declares now. ProtocolError for what is no input.
        """
        for seed in seeds:
            self.check_input(seed)
        self.seeds = tuple(seeds)
        self.corpus.declare(seeds)
        for entry in self.corpus.entries:
            entry.edges, entry.fuzzed = (), 0
        self.coverage = self._coverage()
        favoured, source = self.lines.favoured, self.lines.favoured_source
        self.lines = self.lines.begin_anew()
        self.schedule = self.schedule.begin_anew()
        self.crashers.reload()
        self.ran_clean = False
        if favoured is not None:
            follow(self, favoured, source)

    def _coverage(self) -> CoverageLog:
        """Nothing covered."""
        return CoverageLog(partial(theirs, self.options.target))

    def adopt(self, options: RunOptions) -> None:
        """Go on by these."""
        self.options = options
        self.crashers.adopt(options)
        self._put_off_unwanted()

    def _is_expected(self, failure: Failure) -> bool:
        """Whether it is part of the target's contract by now."""
        return failure.kind is CrasherKind.EXCEPTION and failure.type in self.options.expected

    def _remember(self) -> None:
        """Read what earlier sessions and people have left about crashers."""
        triage = Triage.load(self.options.target, self.options.cache_dir)
        self.crashers.memory = Memory(triage)
        if triage.problems:
            damaged = joined("; ", triage.problems[:MOST_NAMED])
            more = say(" and {:,} more", len(triage.problems) - MOST_NAMED)
            more = more if len(triage.problems) > MOST_NAMED else NOTHING
            self.listener.warn("triage", say("not used of what is known of crashers: {}{}", damaged, more))

    def check_input(self, data: bytes, parameters: tuple[str, ...] | None = None) -> None:
        """ProtocolError if a worker cannot have run this input."""
        if len(data) > self.capacity:
            raise ProtocolError(f"an input of {len(data)} bytes")
        try:
            decode(data, self.parameters if parameters is None else parameters)
        except MalformedInput as error:
            raise ProtocolError(f"an input that is none: {error}") from None

    def record(
        self,
        worker: int,
        data: bytes,
        failure: Failure,
        seed: Entry | None,
        *,
        is_run_again: bool = True,
        step: Step | None = None,
    ) -> None:
        """Store a failing input, then tell of it.

        `seed`: the seed or stored input that it is; `is_run_again`: whether it is to be confirmed by a run of its own;
        `step`: how it was made, as far as that is known.
        """
        if self._is_expected(failure):
            return
        failure = self.crashers.named(failure, data)
        if self.crashers.is_beyond(failure):
            self.cap(worker, failure, int(seed is None))
            return
        self._count(worker, failure.id, 1)
        tail, failure = failure.tail, replace(failure, tail=Tail())
        then = partial(self._recorded, is_run_again=is_run_again, tail=tail)
        lineage = () if self.crashers.is_known(failure.id) else ancestors(self.lineage, self.corpus, data, step)
        self.crashers.record(data, failure, worker=worker, seed=seed, then=then, lineage=lineage)

    def _recorded(self, crasher: Crasher, *, is_run_again: bool, tail: Tail) -> None:
        """A crasher is on disk if that was at all possible: now it may be told of."""
        self.hits.update(self._untold.pop(crasher.id))
        if self.crashers.problem:
            sentence = say("A crasher could not be stored in its place: {}", self.crashers.problem)
            self.listener.warn("storage", sentence)
        self._warn_of_records()
        if is_run_again:
            (self.unconfirmed if self.is_wanted(crasher.id) else self._put_off_unconfirmed).append(crasher.id)
            self.tails.keep(crasher.id, tail)
        self.listener.on_crasher(crasher)
        if crasher.confirmation is not None:  # it was answered while it was being stored
            self.confirm(crasher.id, crasher.confirmation, crasher.before)

    def confirm(self, failure_id: str, confirmation: Confirmation, before: tuple[bytes, ...] = ()) -> None:
        """Note what came of running a crasher's input again, and tell of it; `before`: what has to run before it. Of a
        failure beyond the caps nothing is noted.
        """
        if not self.crashers.is_known(failure_id):
            return
        crasher = self.crashers.confirm(failure_id, confirmation, before, self._warn_of_records)
        if crasher is not None:
            if self._is_to_be_minimized(crasher, confirmation):
                self._groups_to_minimize.add(crasher.failure.group)
                (self.unminimized if self.is_wanted(crasher.id) else self._put_off_unminimized).append(crasher.id)
            self.listener.on_event(CrasherConfirmed(self.clock.elapsed(), crasher))

    def reread_decisions(self) -> None:
        """Look at what people have decided meanwhile, and act on it: see `is_wanted`."""
        self.crashers.reread_decisions(self._put_off_unwanted)

    def take_helped(self) -> float:
        """CPU seconds that processes beside the workers have had since this was last asked."""
        before, self._helped_before = self._helped_before, self.helped
        return self.helped - before

    def is_wanted(self, failure_id: str) -> bool:
        """Whether more is to be learned of a crasher though nobody has asked for it now: people want to hear of it, and
        no other node of the campaign learns it.
        """
        return self.crashers.get(failure_id).is_wanted and failure_id not in self._left_to_others

    def leave_to_others(self, buckets: frozenset[str]) -> None:
        """Have other nodes run these crashers again and make their inputs smaller, and no others from now on."""
        self._left_to_others = frozenset(map(self.crashers.key, buckets))
        self._put_off_unwanted()

    @property
    def unlearned(self) -> list[Crasher]:
        """Crashers that this run is to run again or to make smaller, or is at it."""
        smaller = set(self.unminimized)
        return [
            crasher
            for crasher in self.crashers.crashers
            if (
                crasher.confirmation is None
                or crasher.id in smaller
                or (crasher.minimized is not None and crasher.minimized.is_running)
            )
            and self.is_wanted(crasher.id)
        ]

    def learn_confirmed(self, failure_id: str, confirmation: Confirmation, before: tuple[bytes, ...]) -> None:
        """Another node has run the crasher again: nobody need here."""
        for queue in (self.unconfirmed, self._put_off_unconfirmed):
            if failure_id in queue:
                queue.remove(failure_id)
        self.confirm(failure_id, confirmation, before)

    def put_off(self, failure_id: str) -> None:
        """Learn no more of a crasher that has been begun with, until people want to hear of it again."""
        self._put_off_unconfirmed.append(failure_id)

    def _put_off_unwanted(self) -> None:
        """Have nobody begin with crashers that people do not want to hear of, and with those again that they do."""
        for queue, put_off in (
            (self.unconfirmed, self._put_off_unconfirmed),
            (self.unminimized, self._put_off_unminimized),
        ):
            waiting = [*queue, *put_off]
            queue.clear()
            put_off.clear()
            for each in waiting:
                (queue if each in self.wanted or self.is_wanted(each) else put_off).append(each)

    def kept_before(self, data: bytes) -> tuple[bytes, ...] | None:
        """The inputs that are kept with this one because they have to run before it; None if nothing is known of any,
        empty if it is known that it takes some. OSError if that cannot be read.
        """
        target = self.options.target
        folders = (*target.stored_dirs, target.records_dir(self.options.cache_dir))
        return read_before(folders, sha256(data).hexdigest())

    def validate(self, failure_id: str) -> bool:
        """Have a crasher run again before all others; False if there is none of this id that has been told of."""
        if not self.crashers.is_told(failure_id):
            return False
        for queue in (self.unconfirmed, self._put_off_unconfirmed):
            if failure_id in queue:
                queue.remove(failure_id)
        self.unconfirmed.appendleft(failure_id)
        self.wanted.add(failure_id)
        return True

    def take_unminimized(self, failure_id: str) -> None:
        """Somebody makes this crasher's input smaller now: nobody else need."""
        for queue in (self.unminimized, self._put_off_unminimized):
            if failure_id in queue:
                queue.remove(failure_id)

    def _is_to_be_minimized(self, crasher: Crasher, confirmation: Confirmation) -> bool:
        """Whether nobody need ask for it: the first of its group that fails each time. A seed or stored input is a
        person's, or has been minimized before.
        """
        is_sure = confirmation.failures == confirmation.runs
        is_first = crasher.failure.group not in self._groups_to_minimize
        return self.options.minimize_time > 0 and is_sure and is_first and crasher.seed_name is None

    def minimized(self, failure_id: str, minimized: Minimized) -> None:
        """Note what has come of making a crasher's input smaller, and tell of it."""
        self.crashers.minimize(failure_id, minimized)
        self.crashers.note(failure_id, self._warn_of_records)
        self.listener.on_event(InputMinimized(self.clock.elapsed(), minimized))

    @property
    def disk(self) -> DiskLike:
        """Does what waits for the disk."""
        return self._disk

    @property
    def records(self) -> Folder:
        """Where what is known of crashers is kept."""
        return self.options.target.records_dir(self.options.cache_dir)

    def amend_record(self, bucket: str, change: Callable[[Record], Record]) -> None:
        """Add to what is known of a bucket; nothing happens where nothing is."""
        folder = self.records

        def amend() -> Visible:
            try:
                amend_record(folder, bucket, change)
            except NoRecordError as error:
                return say("{}/{}.json {}, and is left as it is", folder, bucket, error.reason)
            except OSError as error:
                return os_error(error, folder)
            return NOTHING

        def told(problem: Visible) -> None:
            if problem:
                self.listener.warn("records", say("What is known of a crasher could not be kept: {}", problem))

        self._disk.do(amend, told)

    def keep_progress(self, name: str, data: bytes) -> None:
        """Keep the smallest input so far for a later search."""
        folder = self.records

        def keep() -> Visible:
            try:
                replace_file(folder, name, data, durable=False)
            except OSError as error:
                return say("how far an input is minimized cannot be kept: {}", os_error(error, folder))
            return NOTHING

        self._disk.do(keep, lambda problem: self.listener.warn("progress", problem) if problem else None)

    def store_smallest(self, data: bytes, then: Callable[[Stored], None]) -> None:
        """Store the smallest input that a search has found; `then` is called with what has come of that."""
        home, refuge = self.options.target.crashers_dir, self.records

        def done(stored: Stored) -> None:
            if stored.problem:
                self.listener.warn(
                    "storage", say("The smallest input could not be stored in its place: {}", stored.problem)
                )
            if stored.attributes_problem:
                self.listener.warn("attributes", say("Git may change stored inputs: {}", stored.attributes_problem))
            then(stored)

        self._disk.do(lambda: store_input(home, refuge, digest(data), data), done)

    def _warn_of_records(self) -> None:
        if self.crashers.record_problem:
            sentence = say("What is known of a crasher could not be kept: {}", self.crashers.record_problem)
            self.listener.warn("records", sentence)
        if self.crashers.attributes_problem:
            problem = self.crashers.attributes_problem
            self.listener.warn("attributes", say("Git may change stored inputs: {}", problem))

    @property
    def is_congested(self) -> bool:
        """Whether the disk is so far behind that workers had better find nothing more for a moment."""
        return self._disk.pending + len(self._keeping) >= MOST_PENDING

    def repeat(self, worker: int, failure_id: str, hits: int) -> None:
        """A known failure came up again. ProtocolError if it is not known."""
        failure_id = self.crashers.key(failure_id)
        if not self.crashers.repeat(failure_id, hits):
            raise ProtocolError("a repeated failure that was never reported")
        self._count(worker, failure_id, hits)

    def cap(self, worker: int, failure: Failure | None, hits: int) -> None:
        """Failures came up that are beyond the caps, see `CrasherBook.cap`."""
        self.crashers.cap(failure, hits)
        self.hits[worker] += hits

    def _count(self, worker: int, failure_id: str, hits: int) -> None:
        """A worker has met a failure; one that nobody has been told of counts when it is told of."""
        is_told = self.crashers.is_told(failure_id)
        (self.hits if is_told else self._untold.setdefault(failure_id, Counter()))[worker] += hits

    def admit(self, worker: int, data: bytes, edges: Coverage, step: Step | None = None, new: int = 0) -> None:
        """Make an input an entry of the corpus and have it fuzzed; `step`: how it was made; `new`: edges that nothing
        had covered before.
        """
        entry = self.corpus.add(data, self.clock.elapsed(), new)
        if entry is not None:
            entry.found = self.clock.elapsed()
            if step is not None:
                self.lineage.note(data, step)
                if self.clock.elapsed() - self._lineage_kept_at >= LINEAGE_EVERY:
                    self.keep_lineage()
            self.keep_generated(data)
            entry.worker = worker
            self.found[worker] += 1
            self.schedule.add(entry, self.coverage.numbers(edges))
            self.listener.on_new_entry()

    def keep_lineage(self) -> None:
        """Write down how what was found came about. It only explains, so nobody is told where that fails: the warning
        of the corpus, which lies beside it, says what is wrong.
        """
        if self.lineage.is_kept:
            return
        self._lineage_kept_at = self.clock.elapsed()
        content = self.lineage.content()

        def keep() -> bool:
            try:
                self.lineage.keep(content)
            except OSError:
                return False
            return True

        def kept(is_kept: bool) -> None:
            self.lineage.is_kept = self.lineage.is_kept and is_kept

        self._disk.do(keep, kept)

    def measured_before(self) -> Known:
        """What earlier sessions have measured and still holds."""
        return self._measured.load(fingerprints(self.coverage.instrumented.values(), self.code()))

    def keep_measured(self) -> None:
        """Write down what the entries of the generated corpus cover. It only saves time, so nobody is told where that
        fails, see `keep_lineage`.
        """
        content = self._measured.content(
            fingerprints(self.coverage.instrumented.values(), self.code()),
            self.coverage.edges,
            {sha256: entry.edges for sha256, entry in self.corpus.by_digest.items() if entry.origin in MADE},
        )

        def keep() -> None:
            with suppress(OSError):
                self._measured.keep(content)

        self._disk.do(keep, lambda _: None)

    def _told_of_corpus(self, problem: Visible) -> None:
        if problem:
            self.unkept += 1
            self.unkept_because = say("the generated corpus cannot be written: {}", problem)
            self.listener.warn("corpus", self.unkept_because)

    def keep_generated(self, data: bytes) -> None:
        """Store an input that has been taken in, so that the next run begins with it."""
        self._disk.do(lambda: self._keep(data), self._told_of_corpus)

    def keep_for_next_run(self, data: bytes, suspicion: Visible) -> None:
        """Have an input run first in the next run; `suspicion`: how its process ended."""
        self._keep_and_tell(data, say("an input was not run again ({})", suspicion))

    def set_aside(self, data: bytes, why: Visible) -> None:
        """Have an input of which running it again has told nothing run first in the next run; `why`: a clause."""
        self._keep_and_tell(data, say("an input is not counted as a crasher ({})", why))

    def known_inputs(self) -> frozenset[str]:
        """Digests of all inputs that are in the corpus, or that this run has stored for whatever reason."""
        smallest = (crasher.minimized for crasher in self.crashers.crashers)
        return frozenset(
            {
                *self.corpus.digests,
                *self._kept,
                *self.crashers.digests,
                *(minimized.sha256 for minimized in smallest if minimized is not None),
            }
        )

    def _keep_and_tell(self, data: bytes, what: Visible) -> None:
        self._kept.add(sha256(data).hexdigest())

        def tell(problem: Visible) -> None:
            kept = label("it is kept in the generated corpus and will be run first next time")
            fate = say("it could not be kept: {}", problem) if problem else kept
            self.listener.warn("suspect", say("{}; {}", what, fate))

        self._disk.do(lambda: self._keep(data), tell)

    def _keep(self, data: bytes) -> Visible:
        """Store an input in the generated corpus; why that failed, if it did. Called on the disk's thread."""
        try:
            self.corpus.keep(data)
        except OSError as error:
            return os_error(error, self.options.target.generated_dir(self.options.cache_dir))
        return NOTHING
