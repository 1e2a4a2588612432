"""The crashers of a run: told apart, stored before anyone hears of them, accounted for."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from fuzztui.engine.keep import variants
from fuzztui.engine.keep.before import folder_of, read_before, remove_before, write_before
from fuzztui.engine.keep.corpus import Entry
from fuzztui.engine.keep.disk import AtOnce, DiskLike
from fuzztui.engine.keep.limit_words import limit_words
from fuzztui.engine.keep.places import input_word
from fuzztui.engine.keep.provenance import Provenance
from fuzztui.engine.keep.recording import Recorder, utc_now
from fuzztui.engine.keep.stored import Stored, store_input
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.show import text
from fuzztui.engine.show.crasher import Confirmation, Crasher
from fuzztui.engine.show.drawn import drawn, with_call
from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.inputs import content_of, size_words
from fuzztui.engine.show.lineage import Ancestor
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.reload import Fate, Recheck
from fuzztui.engine.show.status import Status
from fuzztui.engine.triage.memory import Memory
from fuzztui.protocol.caps import MOST_BUCKETS, MOST_BUCKETS_OF_GROUP, MOST_VARIANTS
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import Value, decode, show

VALUES_CHARACTERS = 2_000

UNWRITTEN_BYTES: Final = 64 << 20
"""Bytes of variants' inputs that are held in memory until there is room on the disk."""

_NO_ANSWER: Final = text.label("the disk does not answer")


@dataclass(slots=True)
class _Pending:
    """A crasher that is being stored, of which nobody has been told."""

    crasher: Crasher
    is_seed: bool
    then: Callable[[Crasher], None]


class CrasherBook:
    """All crashers of a run, one for each failure's identity, in order of appearance.

    At every moment received = stored + duplicates + unsaved + pending. Failing seeds are crashers too, but they were
    not found by this run and are not counted as received. Beyond the caps (`fuzztui.protocol.caps`) failures that are
    told apart from all others are duplicates all the same, and `capped` says how many of these there are.

    What waits for the disk is done by `disk`; all other methods are called on the engine's loop.
    """

    def __init__(
        self,
        options: RunOptions,
        clock: RunClock,
        disk: DiskLike | None = None,
        tell: Callable[[str, text.Visible], None] = lambda _topic, _sentence: None,
    ) -> None:
        """Crashers go beside the target; their records, variants, and crashers that find no place there, into the
        cache. `tell` is told, in a sentence each on a topic, which cap has been reached.
        """
        self._tell = tell
        self._clock = clock
        self._disk = AtOnce() if disk is None else disk
        self._target = options.target
        self._folder = options.target.crashers_dir
        self._records = options.target.records_dir(options.cache_dir)
        self._pending: dict[str, _Pending] = {}
        """By identity: crashers whose first input is being stored."""
        self._positions: dict[str, int] = {}
        """Identity of a failure -> its crasher's place in `crashers`."""
        self._unsaved: dict[str, bytes] = {}
        """Inputs that lie nowhere on disk yet, by the identity of their crasher."""
        self._recalled: set[str] = set()
        """Identities of crashers that are known from earlier sessions only."""
        self._retried: set[str] = set()
        """Those of them that are being stored once more."""
        self._unwritten: dict[tuple[str, str], bytes] = {}
        """Smallest inputs of variants that could not be written, by bucket and shape."""
        self._of_group: Counter[str] = Counter()
        """Group -> buckets of it."""
        self._parameters: tuple[str, ...] = ()
        self._limits = limit_words(options)
        self._program_words = options.program_words
        self._names: dict[str, str] = {}
        """Identity of a failure -> that of the crasher that it counts for, where that is another one."""
        self.memory = Memory()
        """What earlier sessions and people have left about crashers."""
        self._provenances = [Provenance()]
        """Of the code that was run, and last of the code that is."""
        self.progress: Callable[[], tuple[int, int]] = lambda: (0, 0)
        """Executions of the run so far, and edges covered."""
        self._is_rereading = False
        """Whether the disk is looking at what people have decided."""
        self._recorder = Recorder(self._records, self._target.id, self._disk, self.provenance)
        self.crashers: list[Crasher] = []
        """Those that have been told of."""
        self.received = 0
        self.stored = 0
        self.duplicates = 0
        self.capped = 0
        """Of these, failures that are like no crasher, but beyond a cap."""
        self.problem = text.NOTHING
        """Why the last attempt to store a crasher failed; empty if it did not."""
        self.record_problem = text.NOTHING
        """Why the last record of a crasher could not be written; empty if it could."""
        self.attributes_problem = text.NOTHING
        """Why Git could not be told to leave stored inputs as they are; empty if it could."""

    def set_parameters(self, parameters: tuple[str, ...]) -> None:
        """Names of the target's types, known once a worker has loaded it."""
        self._parameters = parameters

    def adopt(self, options: RunOptions) -> None:
        """Go on by these: what has become part of the contract is no failure any more."""
        self._limits = limit_words(options)
        self._program_words = options.program_words
        for crasher in (*self.crashers, *(pending.crasher for pending in self._pending.values())):
            failure = crasher.failure
            if failure.kind is CrasherKind.EXCEPTION and failure.type in options.expected and not crasher.is_expected:
                self._change(replace(crasher, is_expected=True))

    @property
    def unsaved(self) -> int:
        """Crashers that lie nowhere on disk yet, though they were to be stored."""
        return len(self._unsaved)

    @property
    def pending(self) -> int:
        """Crashers that are being stored, failing seeds not counted."""
        return sum(not pending.is_seed for pending in self._pending.values())

    @property
    def digests(self) -> set[str]:
        """SHA-256 of the first input of each crasher, those included that are being stored."""
        crashers = (*self.crashers, *(pending.crasher for pending in self._pending.values()))
        return {crasher.sha256 for crasher in crashers}

    @property
    def is_awaited(self) -> bool:
        """Whether there is a crasher that nobody has been told of and that people want to hear of, failing seeds
        included.
        """
        return any(pending.crasher.is_wanted for pending in self._pending.values())

    @property
    def failing(self) -> int:
        """Crashers that make the run fail: those that people want to hear of."""
        return sum(crasher.is_wanted for crasher in self.crashers)

    @property
    def hits(self) -> int:
        """How often any crasher appeared, failing seeds included."""
        return sum(crasher.hits for crasher in self.crashers) + self.capped

    def record(
        self,
        data: bytes,
        failure: Failure,
        *,
        worker: int,
        seed: Entry | None = None,
        then: Callable[[Crasher], None] = lambda _crasher: None,
        lineage: tuple[Ancestor, ...] = (),
    ) -> None:
        """Take in a failing input. If it is the first of its kind, `then` is called with its crasher when that is on
        disk, or no folder has taken it. `seed`: the seed or stored input that it is; `lineage`: how it
        came about.
        """
        self.received += seed is None
        if self._repeats(failure.id, 1):
            self.duplicates += seed is None
            self._take_variant(failure, data)
            return
        self._of_group[failure.group] += 1
        values, arguments = self._values(data)
        executions, edges = self.progress()
        crasher = Crasher(
            failure=failure,
            data=data,
            path=seed.path if seed is not None else None,
            seed_name=text.visible(seed.name, text.LINE_LIMIT) if seed is not None else None,
            worker=worker,
            elapsed=self._clock.elapsed(),
            hits=1,
            command=text.NOTHING,
            values=text.one_line(values, VALUES_CHARACTERS),
            size=size_words(arguments) if arguments else text.size(len(data)),
            content=content_of(arguments) if arguments else data,
            lineage=lineage,
            variants=(variants.first_of(failure, data),),
            executions=executions,
            edges=edges,
        )
        crasher = self.memory.recalled(crasher)
        self._pending[failure.id] = _Pending(crasher, seed is not None, then)
        write_record = self._recorder.begin(crasher)
        self._disk.do(partial(self._keep, crasher, write_record), partial(self._kept, failure.id))

    def recall(self, crasher: Crasher) -> None:
        """Know a crasher that an earlier session has stored, with all that is known of it, without it being met."""
        earlier = crasher.earlier
        assert earlier is not None, "it was met before"
        crasher = self.memory.decided(crasher)
        self._recorder.recall(crasher, earlier.first_seen, earlier.last_seen)
        self._of_group[crasher.failure.group] += 1
        self._positions[crasher.id] = len(self.crashers)
        self.crashers.append(crasher)
        self._recalled.add(crasher.id)

    def _kept(self, failure_id: str, stored: Stored) -> None:
        """The crasher is stored as far as it can be: enter it, and tell of it."""
        pending = self._pending.pop(failure_id, None)
        if pending is None:
            return  # given up, and told of as lost
        crasher = pending.crasher
        self._recorder.wrote(failure_id, stored.record_problem)
        self.problem, self.record_problem = stored.problem, stored.record_problem
        self.attributes_problem = stored.attributes_problem
        if not pending.is_seed:
            self._count(failure_id, crasher.data, stored)
        path = stored.path
        crasher = _stored_at(replace(crasher, command=self.command(path) if path is not None else text.NOTHING), path)
        self._positions[failure_id] = len(self.crashers)
        self.crashers.append(crasher)
        if self.memory.is_merged_into(failure_id):
            self._decided()
        pending.then(self.get(failure_id))

    def _count(self, failure_id: str, data: bytes, stored: Stored) -> None:
        if stored.path is None:
            self._unsaved[failure_id] = data
        elif stored.is_new:
            self.stored += 1
        else:
            self.duplicates += 1

    def give_up(self) -> None:
        """The disk does not answer: whatever is being stored counts as unsaved from now on, and is told of."""
        for failure_id, pending in list(self._pending.items()):
            self._kept(failure_id, Stored(pending.crasher.path, problem=_NO_ANSWER, record_problem=_NO_ANSWER))

    def is_beyond(self, failure: Failure) -> bool:
        """Whether a failure is like no crasher, and there are as many crashers as there may be."""
        if self.is_known(failure.id):
            return False
        buckets = len(self.crashers) + len(self._pending)
        return buckets >= MOST_BUCKETS or self._of_group[failure.group] >= MOST_BUCKETS_OF_GROUP

    def cap(self, failure: Failure | None, hits: int) -> None:
        """Count `hits` failures that are beyond a cap; `failure`: how they fail, None where only a worker knows."""
        self.received += hits
        self.duplicates += hits
        self.capped += hits
        if len(self.crashers) + len(self._pending) >= MOST_BUCKETS:
            sentence = text.say("There are {:,} crashers: what fails in further ways is only counted.", MOST_BUCKETS)
            self._tell("crashers", sentence)
        elif failure is None or self._of_group[failure.group] >= MOST_BUCKETS_OF_GROUP:
            which = text.say("{} is", failure.title) if failure is not None else text.label("Some failures are")
            sentence = text.say(
                "{} reached in more than {} ways: of further ones only the number is kept.",
                which,
                MOST_BUCKETS_OF_GROUP,
            )
            self._tell("ways", sentence)

    def repeat(self, failure_id: str, hits: int) -> bool:
        """Count `hits` more appearances of a known failure; False if it is unknown."""
        if not self._repeats(failure_id, hits):
            if not self.capped:
                return False
            self.cap(None, hits)  # a worker does not know that what it has told of is beyond a cap here
            return True
        self.received += hits
        self.duplicates += hits
        return True

    def named(self, failure: Failure, data: bytes) -> Failure:
        """The failure with the identity of the crasher that it counts for: what people have merged is one crasher.
        `data`: the input that shows it.
        """
        known = self.key(failure.id)
        if not self.is_known(known):
            known = self.memory.bucket_of(failure, sha256(data).hexdigest())
        if known == failure.id:
            return failure
        self._names[failure.id] = known
        return replace(failure, id=text.one_line(known))

    def key(self, failure_id: str) -> str:
        """The identity of the crasher that failures of this identity count for."""
        if failure_id in self._positions or failure_id in self._pending:
            return failure_id
        return self._names.get(failure_id) or self.memory.canonical(failure_id)

    def count_for(self, failure_id: str, crasher_id: str) -> None:
        """Failures of an identity that no crasher has count for this one from now on: its input fails so on code that
        was loaded anew, where it is reached in another way.
        """
        if not self.is_known(failure_id):
            self._names[failure_id] = crasher_id

    def is_known(self, failure_id: str) -> bool:
        """Whether some input has shown this failure."""
        key = self.key(failure_id)
        return key in self._positions or key in self._pending

    def is_told(self, failure_id: str) -> bool:
        """Whether a crasher with this identity has been told of."""
        return self.key(failure_id) in self._positions

    def get(self, failure_id: str) -> Crasher:
        """The crasher with this identity that has been told of; KeyError if there is none."""
        return self.crashers[self._positions[self.key(failure_id)]]

    def reread_decisions(self, then: Callable[[], None] = lambda: None) -> None:
        """Look at what people have decided meanwhile: that counts from now on. `then` is called where that is
        something else than before.

        What is merged now stays where it is, so that it can be taken back, with its hits: it counts no more.
        """

        def reread(memory: Memory | None) -> None:
            self._is_rereading = False
            if memory is not None:
                self.memory = memory
                self._decided()
                then()

        if not self._is_rereading:  # a disk that does not answer is asked once
            self._is_rereading = True
            self._disk.do(self.memory.reread, reread)

    def _decided(self) -> None:
        known = (*self.crashers, *(pending.crasher for pending in self._pending.values()))
        ids = frozenset(crasher.id for crasher in known)
        for crasher in known:
            decided = self.memory.redecided(crasher, ids)
            if decided != crasher:
                self._change(decided)

    def confirm(
        self, failure_id: str, confirmation: Confirmation, before: tuple[bytes, ...], then: Callable[[], None]
    ) -> Crasher | None:
        """Note what came of running a crasher's input again; the crasher, or None if it has not been told of yet.
        `before`: the inputs that have to run before it, where some have to.

        `then` is called when that is in the crasher's record, or could not be put there.
        """
        key = self.key(failure_id)
        pending = self._pending.get(key)
        if pending is not None:
            pending.crasher = replace(pending.crasher, confirmation=confirmation, before=before)
            return None
        crasher = self.get(key)
        was_clean = bool(crasher.passed)
        if key in self._recalled or was_clean:  # it is told of other code than that which it failed on
            confirmation = confirmation.after(crasher.confirmation)
        crasher = replace(crasher, confirmation=confirmation, before=before)
        if confirmation.had_failed:
            crasher = _passing(crasher)
        elif confirmation.reproduces and (key in self._recalled or was_clean):
            crasher = _failing(crasher)
        self._change(crasher)

        def kept(problem: text.Visible) -> None:
            self._note(crasher, then, problem)

        self._disk.do(partial(self._keep_before, crasher), kept)
        return crasher

    def look_into(self, failure: Failure) -> None:
        """Show what a crasher's failure looks like from inside, of which another run has told; it is written down with
        what comes of that run.
        """
        if failure.scenes and self.is_told(failure.id):
            self._change(replace(self.get(failure.id), scenes=failure.scenes))

    def tell_of_call(self, failure_id: str, notes: Sequence[text.Visible]) -> None:
        """Show what a property test was called with that has ended its process, or does not end, which is told when it
        is run again.
        """
        if notes and self.is_told(failure_id):
            crasher = self.get(failure_id)
            if drawn(crasher.failure.traceback) is None:
                self._change(replace(crasher, failure=with_call(crasher.failure, notes)))
                self._note(self.get(failure_id))

    def minimize(self, failure_id: str, minimized: Minimized | None) -> None:
        """Show how far a crasher's input has been made smaller; None if that has been given up without a result."""
        self._change(replace(self.get(failure_id), minimized=minimized))

    def reload(self) -> None:
        """Other code is run from now on: of no crasher is it known whether it fails that. Records of those that come
        name the new code.
        """
        self.crashers = [replace(crasher, recheck=None, passed=text.NOTHING) for crasher in self.crashers]
        for pending in self._pending.values():
            pending.crasher = replace(pending.crasher, recheck=None)
        self._provenances.append(Provenance())
        self._recorder.provenance = self.provenance

    @property
    def provenance(self) -> Provenance:
        """Of the code that is run now."""
        return self._provenances[-1]

    def close(self) -> None:
        """Give up what is still being looked up of the code."""
        for provenance in self._provenances:
            provenance.close()

    def recheck(self, failure_id: str, recheck: Recheck) -> None:
        """Note what has become of a crasher on the code that is run now."""
        crasher = replace(self.get(failure_id), recheck=recheck)
        if recheck.fate.is_fixed:
            crasher = _passing(crasher)
        elif recheck.fate.fails:
            crasher = _failing(crasher)
        self._change(crasher)
        if recheck.fate.is_fixed or recheck.fate is Fate.FAILS_AGAIN:
            self._note(crasher)

    def note(self, failure_id: str, then: Callable[[], None]) -> None:
        """Write down what is known of a crasher; `then` is called when that is done, or could not be."""
        self._note(self.get(failure_id), then)

    def _note(
        self, crasher: Crasher, then: Callable[[], None] = lambda: None, other_problem: text.Visible = text.NOTHING
    ) -> None:
        """As `note`. `other_problem`: why something else that belongs to it could not be written, to be told too."""

        def written(problem: text.Visible) -> None:
            self.record_problem = problem or other_problem
            then()

        self._recorder.note(crasher, written)

    def is_stored(self, failure_id: str) -> bool:
        """Whether an input that shows this failure lies on disk."""
        return self.is_told(failure_id) and self.get(failure_id).path is not None

    def retry_unsaved(self) -> None:
        """Try again to store what could not be stored, and is not being tried again already."""
        unwritten, self._unwritten = self._unwritten, {}
        for (bucket, shape), data in unwritten.items():
            self._keep_variant(bucket, shape, data)
        for failure_id in self._unsaved.keys() - self._retried:
            self._retried.add(failure_id)
            crasher = self.crashers[self._positions[failure_id]]
            self._disk.do(partial(self._keep, crasher), partial(self._tried_again, failure_id))
        # What a disk takes that has no room for an input is not worth trying.
        self._recorder.look([crasher for crasher in self.crashers if crasher.id not in self._unsaved])

    def write_records(self) -> None:
        """Have everything that is known by now in the records: the run is about to end."""
        self._recorder.look(self.crashers, all_of_them=True)

    def _tried_again(self, failure_id: str, stored: Stored) -> None:
        self._retried.discard(failure_id)
        self.problem = stored.problem
        self.attributes_problem = stored.attributes_problem
        if stored.path is None:
            return
        self._count(failure_id, self._unsaved.pop(failure_id), stored)
        command = self.command(stored.path)
        crasher = _stored_at(replace(self.get(failure_id), command=command), stored.path)
        self._change(crasher)
        self._note(crasher)

    def _repeats(self, failure_id: str, hits: int) -> bool:
        crasher = self._find(failure_id)
        if crasher is None:
            return False
        crasher = replace(crasher, hits=crasher.hits + hits)
        has_run_clean = crasher.recheck is not None and not crasher.recheck.fate.fails
        if has_run_clean or crasher.passed:
            crasher = _failing(
                crasher, text.label("the search has met it again")
            )  # by another input, or of another mood
        self._change(crasher)
        return True

    def _find(self, failure_id: str) -> Crasher | None:
        """The crasher with this identity, told of or not."""
        pending = self._pending.get(failure_id)
        if pending is not None:
            return pending.crasher
        position = self._positions.get(failure_id)
        return self.crashers[position] if position is not None else None

    def _change(self, crasher: Crasher) -> None:
        """Put a crasher in the place of what it was."""
        pending = self._pending.get(crasher.id)
        if pending is not None:
            pending.crasher = crasher
        else:
            self.crashers[self._positions[crasher.id]] = crasher

    # Variants --------------------------------------------------------------------------------------------------------

    def _take_variant(self, failure: Failure, data: bytes) -> None:
        """A known crasher has come up again: keep its input if it is the smallest that says what it says."""
        crasher = self._find(failure.id)
        assert crasher is not None
        known, is_smallest = variants.with_one_more(crasher.variants, failure, data)
        if known is crasher.variants:
            sentence = text.say(
                "{} fails with more than {} kinds of messages: of further ones only the number is kept.",
                crasher.failure.title,
                MOST_VARIANTS,
            )
            self._tell("variants", sentence)
        self._change(replace(crasher, variants=known))
        if is_smallest:
            self._keep_variant(failure.id, failure.variant, data)

    def _keep_variant(self, bucket: str, shape: str, data: bytes) -> None:
        job = partial(variants.keep, self._records, bucket, shape, data)
        self._disk.do(job, partial(self._kept_variant, bucket, shape, data))

    def _kept_variant(self, bucket: str, shape: str, data: bytes, kept: variants.Kept) -> None:
        crasher = self._find(bucket)
        assert crasher is not None
        self.record_problem = kept.problem
        if kept.path is None:
            if sum(map(len, self._unwritten.values())) + len(data) <= UNWRITTEN_BYTES:
                self._unwritten[bucket, shape] = data
            return
        is_written = any(one.shape == shape and one.path is not None for one in crasher.variants)
        crasher = replace(crasher, variants=variants.placed(crasher.variants, shape, kept))
        self._change(crasher)
        if bucket in self._positions and not is_written:  # that it is a smaller one now is told with the hits
            self._note(crasher)

    # What is shown ---------------------------------------------------------------------------------------------------

    def command(self, path: Path) -> text.Visible:
        """The command that runs a stored input again, within the limits of this run."""
        word = text.path_word(input_word(path, self._folder))
        words = (*self._target.command_words, word, *self._limits, *self._program_words)
        return text.command("fuzztui", "replay", *words)

    def _values(self, data: bytes) -> tuple[str, tuple[Value, ...]]:
        """The arguments as Python would write them, and they themselves; none where that cannot be told."""
        try:
            arguments = decode(data, self._parameters) if self._parameters else ()
        except MalformedInput as error:
            return f"<{error}>", ()
        return show(arguments, VALUES_CHARACTERS), arguments

    # On the disk's thread: nothing here looks at what the loop changes ------------------------------------------------

    def _keep(self, crasher: Crasher, write_record: Callable[[], text.Visible] | None = None) -> Stored:
        """Store a crasher, and its record; a failing seed lies where it lies."""
        is_seed = crasher.seed_name is not None
        stored = Stored(crasher.path) if is_seed else self._store(crasher.sha256, crasher.data)
        return replace(stored, record_problem=write_record()) if write_record is not None else stored

    def _store(self, name: str, data: bytes) -> Stored:
        return store_input(self._folder, self._records, name, data)

    def _keep_before(self, crasher: Crasher) -> text.Visible:
        """Keep what has to run before a crasher's input with the input. Returns why it could not be written, if so."""
        known = crasher.confirmation
        try:
            if known is not None and not known.failures and not known.others and not known.is_chance:
                folders = (self._folder, self._records)
                if crasher.before or read_before(folders, crasher.sha256) is None:
                    write_before(self._folder, self._records, crasher.sha256, crasher.before)
            elif known is not None:
                remove_before((self._folder, self._records), crasher.sha256)
        except OSError as error:
            return text.os_error(error, folder_of(self._folder))
        return text.NOTHING


def _passing(crasher: Crasher) -> Crasher:
    """Its input has been run again and passes."""
    is_marked = crasher.status is Status.FIXED
    return replace(crasher, passed=text.one_line(utc_now()), is_fixed_here=is_marked or crasher.is_fixed_here)


def _failing(crasher: Crasher, how: text.Visible = text.NOTHING) -> Crasher:
    """It fails on code of which that was not known: one that is marked fixed has regressed. `how`: a clause."""
    recheck = crasher.recheck
    if recheck is not None and not recheck.fate.fails:
        recheck = Recheck(Fate.FAILS_AGAIN, how)
    is_marked = crasher.status is Status.FIXED
    return replace(crasher, recheck=recheck, passed=text.NOTHING, is_fixed_here=crasher.is_fixed_here and not is_marked)


def _stored_at(crasher: Crasher, path: Path | None) -> Crasher:
    """A crasher once its input lies somewhere, which is the smallest of its variant as long as no other is."""
    known = tuple(replace(one, path=path) if one.sha256 == crasher.sha256 else one for one in crasher.variants)
    return replace(crasher, path=path, variants=known)
