"""All that is known of a target's crashers without running anything: records, stored inputs, people's decisions.

The engine reads it when a run begins, front ends when they show what earlier sessions have left. Nothing here knows of
a run. A `Triage` is what lay on the disk when it was loaded; to see what has changed since, load it again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.corpus import is_input_name
from fuzztui.engine.keep.places import decisions_dir
from fuzztui.engine.keep.record import NoRecordError, Record
from fuzztui.engine.keep.records import Records, clear_regression, read_records
from fuzztui.engine.keep.storage import Folder, names
from fuzztui.engine.request.target import Target
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, one_line, os_error, say
from fuzztui.engine.triage.decision import BadDecisionError, Decision
from fuzztui.engine.triage.decisions import Decisions, change_decision, read_decisions, stamp

UNDECIDED: Final = Decision()

MOST_INPUTS: Final = 16
"""Inputs that a decision names: enough to recognise its bucket by."""

NAMED: Final = 3
"""Buckets that are named where one was typed that is none, or is several."""


class UndecidableError(Exception):
    """Nothing can be decided about a bucket; the sentence says why."""

    def __init__(self, sentence: Visible) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of one bucket."""

    bucket: Visible
    record: Record | None
    """What sessions have learned; None where this machine's cache has nothing: somebody else decided about it."""
    decision: Decision
    """What people have decided; `UNDECIDED` if nothing."""
    inputs: tuple[Path, ...]
    """Inputs on disk that are known to show it, the newest first, those of buckets that are merged into it last."""
    minimized: Path | None
    """Where the smallest input lies."""
    merged: tuple[Visible, ...]
    """Buckets that people have merged into it."""
    hits: int
    """In all sessions, those of merged buckets included."""

    @property
    def status(self) -> Status:
        """What people have decided."""
        return self.decision.status

    @property
    def is_regressed(self) -> bool:
        """Whether it has failed since it was marked fixed, and not passed after that."""
        record = self.record
        return self.status is Status.FIXED and record is not None and record.regressed > record.passed

    @property
    def group(self) -> Visible:
        """Its group, or what stands for one where that is not known: the bucket."""
        return self.record.failure.group if self.record is not None else self.bucket

    @property
    def type(self) -> Visible:
        """`ValueError`; empty if it is not known."""
        if self.record is not None:
            return self.record.failure.type
        return one_line(self.decision.title.partition(" in ")[0])

    @property
    def title(self) -> Visible:
        """`ValueError in parse`."""
        if self.record is not None:
            return self.record.failure.title
        return one_line(self.decision.title) or label("a crasher")


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be decided; None leaves that as it is, an empty text takes it away."""

    status: Status | None = None
    note: str | None = None
    link: str | None = None
    alias: str | None = None
    """A bucket, as a whole."""

    def applied_to(self, decision: Decision) -> Decision:
        """The decision with this change."""
        return replace(
            decision,
            status=decision.status if self.status is None else self.status,
            note=decision.note if self.note is None else _encodable(self.note),
            link=decision.link if self.link is None else _encodable(self.link),
            alias=decision.alias if self.alias is None else _encodable(self.alias),
        )


def _encodable(typed: str) -> str:
    """Arguments of a command may hold bytes that are no text: these are spelled out."""
    return typed.encode("utf-8", "backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class Decided:
    """What has been written."""

    path: Path
    decision: Decision | None
    """As it is now; None where there is none any more."""


class Triage:
    """What lay on the disk about one target when it was loaded."""

    def __init__(
        self,
        target: Target,
        cache_dir: Path,
        records: Records,
        decisions: Decisions,
        files: dict[str, Path],
        *,
        is_incomplete: bool = False,
    ) -> None:
        """`files`: the inputs on disk by their SHA-256, or by whatever a person has named them."""
        self.is_incomplete = is_incomplete
        """Whether there is a folder that could not be read, so that much may be missing."""
        self._target = target
        self._cache_dir = cache_dir
        self._records = records
        self._decisions = decisions
        self._files = files

    @classmethod
    def load(cls, target: Target, cache_dir: Path) -> "Triage":
        """Read all there is. What is damaged, or cannot be read, is among the `problems` and counts as not there."""
        problems: list[Visible] = []  # whole folders that cannot be read
        records = Records({}, ())
        try:
            records = read_records(target.records_dir(cache_dir))
        except OSError as error:
            problems.append(os_error(error))
        files: dict[str, Path] = {}
        for folder in (*target.stored_dirs, target.records_dir(cache_dir)):
            try:
                found = names(folder)
            except OSError as error:
                problems.append(os_error(error))
                continue
            for name in found:
                path = Path(folder) / name
                if (folder in target.stored_dirs or is_input_name(name)) and not path.is_dir():
                    files.setdefault(name, path)
        decisions = cls._read_decisions(target)
        is_incomplete = bool(problems) or decisions.is_incomplete
        records = replace(records, problems=tuple(dict.fromkeys((*problems, *records.problems))))
        return cls(target, cache_dir, records, decisions, files, is_incomplete=is_incomplete)

    @staticmethod
    def _read_decisions(target: Target) -> Decisions:
        return read_decisions(_decisions_dirs(target))

    def has_new_decisions(self) -> bool:
        """Whether files of decisions have been written since they were read."""
        return self._decisions.stamp != stamp(_decisions_dirs(self._target))

    def with_new_decisions(self) -> "Triage":
        """The same with the decisions as they are on the disk now."""
        return Triage(self._target, self._cache_dir, self._records, self._read_decisions(self._target), self._files)

    @property
    def problems(self) -> tuple[Visible, ...]:
        """A sentence for each file that is damaged, or could not be read. It stays as it is."""
        return (*self._records.problems, *self._decisions.problems)

    def record(self, bucket: str) -> Record | None:
        """What sessions have learned of a bucket."""
        return self._records.by_bucket.get(bucket)

    def by_input(self) -> dict[str, Record]:
        """The newest record of each input, by the input's SHA-256."""
        return self._records.by_input()

    # Decisions -------------------------------------------------------------------------------------------------------

    def canonical(self, bucket: str) -> str:
        """The bucket that this one is merged into, or itself. Of buckets that are merged in a circle, which edits of
        two people may make, the first by name.
        """
        seen = [bucket]
        while alias := self._decisions.by_bucket.get(seen[-1], UNDECIDED).alias:
            if alias in seen:
                return min(seen[seen.index(alias) :])
            seen.append(alias)
        return seen[-1]

    def is_merged_into(self, bucket: str) -> bool:
        """Whether another bucket is merged into this one."""
        return any(decision.alias == bucket for decision in self._decisions.by_bucket.values())

    def decision_for(self, bucket: str, sha256: str = "", type_name: str = "") -> tuple[str, Decision]:
        """What people have decided about a failure, and the bucket that its hits count for.

        `sha256`: of the input that shows it; `type_name`: of the failure. A bucket that nobody has decided about takes
        the decision of another one by an input of that, if it still fails alike: the code, or the rule by which
        failures are told apart, has changed meanwhile.
        """
        canonical = self.canonical(bucket)
        decision = self._decisions.by_bucket.get(canonical)
        if decision is not None:
            return canonical, decision
        record = self.record(canonical)
        inputs = [sha256, *(record.inputs if record is not None else ())]
        type_name = type_name or (record.failure.type if record is not None else "")
        for digest in inputs:
            for owner in self._owners.get(digest, ()):
                decision = self._decisions.by_bucket[owner]
                if type_name and not decision.is_about(type_name):
                    continue
                merged_into = self.canonical(owner)
                if merged_into != owner:
                    return merged_into, self._decisions.by_bucket.get(merged_into, UNDECIDED)
                return canonical, decision
        return canonical, UNDECIDED

    @cached_property
    def _owners(self) -> dict[str, list[str]]:
        """Buckets with decisions by the inputs that these name."""
        owners: dict[str, list[str]] = {}
        for bucket, decision in self._decisions.by_bucket.items():
            for digest in decision.inputs:
                owners.setdefault(digest, []).append(bucket)
        return owners

    def decided(self, bucket: str) -> Decided:
        """What is decided about a bucket, and where that is written, or would be."""
        folder = self._decisions.places.get(bucket, _decisions_dirs(self._target)[0])
        return Decided(folder / f"{bucket}.toml", self._decisions.by_bucket.get(bucket))

    def decide(self, bucket: str, change: Change | None) -> Decided:
        """Write a decision about a bucket; None takes away what was decided. The file as it is at this moment is what
        is changed, not as it was when this was loaded.

        UndecidableError where the bucket is merged into another one, or would be into itself, or its file is broken;
        OSError where the file cannot be written.
        """
        merged_into = self.canonical(bucket)
        if change is not None and change.alias and self.canonical(change.alias) == bucket:
            raise UndecidableError(say("{} would be merged into itself", bucket))
        if change is not None and merged_into != bucket and change.alias != "":
            what = label("to undo that, take its decision back, or decide about the other one")
            raise UndecidableError(say("{} is merged into {}: {}", bucket, merged_into, what))
        folder = self._decisions.places.get(bucket, _decisions_dirs(self._target)[0])
        path = folder / f"{bucket}.toml"
        written: list[Decision | None] = []

        def changed(before: Decision | None) -> Decision | None:
            after = None
            if change is not None:
                own = before if before is not None else self.decision_for(bucket)[1]
                after = change.applied_to(self._described(bucket, own))
            written.append(after)
            return after

        try:
            change_decision(folder, bucket, changed)
        except BadDecisionError as error:
            raise UndecidableError(say("{} {}: mend it, or remove it", path, error.reason)) from None
        if change is not None and change.status is Status.FIXED:
            try:
                clear_regression(self._target.records_dir(self._cache_dir), bucket)
            except (OSError, NoRecordError):  # only the cache remembers that it has failed since: the decision stands
                return Decided(path, written[0])
        return Decided(path, written[0])

    @property
    def decisions(self) -> Decisions:
        """All decisions, with the files that hold none."""
        return self._decisions

    def adopt(self, bucket: str, decision: Decision | None, is_known: Callable[[Decision | None], bool]) -> bool:
        """Write what was decided on another machine, None where that is taken back. False, and nothing written, where
        the file as it is at this moment is not what `is_known`. BadDecisionError and OSError as `change_decision`.
        """
        folder = self._decisions.places.get(bucket, _decisions_dirs(self._target)[0])
        is_adopted = False

        def adopted(own: Decision | None) -> Decision | None:
            nonlocal is_adopted
            is_adopted = is_known(own)
            if not is_adopted or decision is None:
                return None if is_adopted else own
            kept = own if own is not None else UNDECIDED
            return replace(decision, others=kept.others, comment=kept.comment)

        change_decision(folder, bucket, adopted)
        return is_adopted

    def _described(self, bucket: str, decision: Decision) -> Decision:
        """With what tells the next reader, and the next rule, which bucket it is about."""
        record = self.record(bucket)
        if record is None:
            return decision
        stored = [digest for digest in record.inputs if digest in self._files]
        inputs = sorted(dict.fromkeys((*decision.inputs, *stored)))[:MOST_INPUTS]
        return replace(decision, title=decision.title or record.failure.title, inputs=tuple(inputs))

    # All buckets -----------------------------------------------------------------------------------------------------

    @cached_property
    def buckets(self) -> tuple[Known, ...]:
        """All buckets that are not merged into another one: the last seen first, those of which nothing but a decision
        is known last.
        """
        merged: dict[str, list[str]] = {}
        for bucket in dict.fromkeys((*self._records.by_bucket, *self._decisions.by_bucket)):
            canonical, _ = self.decision_for(self._successor(bucket))
            merged.setdefault(canonical, [])
            if canonical != bucket:
                merged[canonical].append(bucket)
        known = [self._known(bucket, others) for bucket, others in merged.items()]
        renamed = {owner for each in known if each.record is not None for owner in self._named_by(each)}
        known = [each for each in known if each.record is not None or each.bucket not in renamed]
        known.sort(key=lambda each: each.bucket)
        known.sort(key=lambda each: each.record.last_seen if each.record is not None else "", reverse=True)
        return tuple(known)

    def _successor(self, bucket: str) -> str:
        """The bucket that a bucket of an earlier rule has become, as an input of both tells; otherwise itself."""
        record = self.record(bucket)
        if record is None:
            return bucket
        own = self._decisions.by_bucket.get(bucket)
        for digest in record.inputs:
            newest = self._newest[digest]
            if newest.failure.type == record.failure.type and _rule(newest.id) != _rule(bucket):
                taken_along = own is None or self.decision_for(newest.id)[1] is own
                return newest.id if taken_along else bucket
        return bucket

    @cached_property
    def _newest(self) -> dict[str, Record]:
        return self.by_input()

    def record_by(self, sha256: str, type_name: str) -> Record | None:
        """The newest record of an input, if it failed with this type then; None if there is none."""
        record = self._newest.get(sha256)
        return record if record is not None and record.failure.type == type_name else None

    def _named_by(self, known: Known) -> Iterable[str]:
        """Buckets whose decision a bucket has taken along."""
        if known.bucket in self._decisions.by_bucket or known.record is None:
            return ()
        return [owner for digest in known.record.inputs for owner in self._owners.get(digest, ())]

    def _known(self, bucket: str, others: Sequence[str]) -> Known:
        record = self.record(bucket)
        _, decision = self.decision_for(bucket)
        alike = [each for each in (record, *map(self.record, others)) if each is not None]
        shown = [digest for each in alike for digest in each.inputs] + list(decision.inputs)
        for other in others:
            shown += self._decisions.by_bucket.get(other, UNDECIDED).inputs
        minimized = [each.minimized.sha256 for each in alike if each.minimized is not None]
        return Known(
            bucket=one_line(bucket),
            record=record,
            decision=decision,
            inputs=tuple(self._files[digest] for digest in dict.fromkeys(shown) if digest in self._files),
            minimized=next((self._files[digest] for digest in minimized if digest in self._files), None),
            merged=tuple(map(one_line, others)),
            hits=sum(each.hits for each in alike),
        )

    @property
    def unknown_inputs(self) -> tuple[Path, ...]:
        """Stored inputs of which no failure is known: a person's own, or this machine's cache is new."""
        known = {path for each in self.buckets for path in (*each.inputs, each.minimized)}
        return tuple(path for path in self._files.values() if path not in known)

    def find(self, beginning: str) -> str:
        """The one bucket whose name, or name without the number of its rule, begins so. UndecidableError names the
        nearest ones where there is none, or several.
        """
        all_of_them = list(dict.fromkeys((*self._records.by_bucket, *self._decisions.places)))
        if beginning in all_of_them:
            return beginning
        found = [
            bucket
            for bucket in all_of_them
            if beginning and (bucket.startswith(beginning) or bucket.partition("-")[2].startswith(beginning))
        ]
        if len(found) == 1:
            return found[0]
        shown = one_line(beginning)
        if found:
            more = say(" and {:,} more", len(found) - NAMED) if len(found) > NAMED else NOTHING
            these = joined(", ", map(self._worded, found[:NAMED]))
            raise UndecidableError(say("'{}' is the beginning of {}{}: type more of one", shown, these, more))
        if not all_of_them:
            raise UndecidableError(say("no crasher of {} is known, so there is no bucket '{}'", self._target.id, shown))
        nearest = get_close_matches(beginning, all_of_them, n=1, cutoff=0.0)
        lead = say("no bucket of {} begins with '{}'", self._target.id, shown)
        raise UndecidableError(say("{}; the nearest is {}", lead, joined(", ", map(self._worded, nearest))))

    def _worded(self, bucket: str) -> Visible:
        record, decision = self.record(bucket), self._decisions.by_bucket.get(bucket, UNDECIDED)
        title = record.failure.title if record is not None else one_line(decision.title)
        return say("{} ({})", bucket, title) if title else one_line(bucket)


def _rule(bucket: str) -> str:
    """Number of the rule by which failures are told apart that a bucket was named by."""
    return bucket.partition("-")[0]


def _decisions_dirs(target: Target) -> tuple[Folder, ...]:
    """Where decisions lie: first where new ones are put, then where they lay before namesakes came or went."""
    own = target.crashers_dir
    return tuple(map(decisions_dir, (own, *(each for each in target.stored_dirs if each != own))))
