"""What a run remembers of crashers: what earlier sessions have learned, what people have decided."""

from collections.abc import Callable, Collection
from dataclasses import replace

from fuzztui.engine.show.crasher import Crasher, Earlier
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import LINE_LIMIT, NOTHING, one_line
from fuzztui.engine.triage.decision import Decision
from fuzztui.engine.triage.decisions import Decisions
from fuzztui.engine.triage.triage import UNDECIDED, Triage


class Memory:
    """A value: what is remembered does not change, but `reread` gives another one with newer decisions."""

    def __init__(self, triage: Triage | None = None, now: Triage | None = None) -> None:
        """`triage`: as it was when the run began, None for a run that remembers nothing; `now`: with the decisions as
        they were last read.
        """
        self._triage = triage
        self._now = now or triage

    def canonical(self, bucket: str) -> str:
        """The bucket that this one is merged into, or itself."""
        return self._now.canonical(bucket) if self._now is not None else bucket

    def is_merged_into(self, bucket: str) -> bool:
        """Whether another bucket is merged into this one."""
        return self._now is not None and self._now.is_merged_into(bucket)

    def bucket_of(self, failure: Failure, sha256: str) -> str:
        """The bucket that a failure counts for; `sha256`: of the input that shows it."""
        if self._now is None:
            return failure.id
        return self._now.decision_for(failure.id, sha256, failure.type)[0]

    def decision(self, failure: Failure, sha256: str) -> Decision:
        """What people have decided about a failure; `sha256`: of the input that shows it."""
        if self._now is None:
            return UNDECIDED
        return self._now.decision_for(failure.id, sha256, failure.type)[1]

    def recalled(self, crasher: Crasher) -> Crasher:
        """The crasher with all that is remembered of it."""
        record = self._triage.record(crasher.id) if self._triage is not None else None
        if record is None and self._triage is not None:  # it may have had another name
            record = self._triage.record_by(crasher.sha256, crasher.failure.type)
        earlier = None
        if record is not None:
            first, last = one_line(record.first_seen), one_line(record.last_seen)
            earlier = Earlier(first, last, record.hits, record.sessions)
        return self.decided(replace(crasher, earlier=earlier))

    def decided(self, crasher: Crasher) -> Crasher:
        """The crasher with what people have decided about it as it was last read."""
        decision = self.decision(crasher.failure, crasher.sha256)
        if decision is UNDECIDED:
            return replace(crasher, is_decided=False, status=Status.NEW, note=NOTHING)
        note = one_line(decision.note, LINE_LIMIT)
        return replace(crasher, is_decided=True, status=decision.status, note=note)

    def redecided(self, crasher: Crasher, known: Collection[str]) -> Crasher:
        """The same of a crasher that was met before these decisions were read; `known`: ids of all that were."""
        decided = self.decided(crasher)
        into = self.canonical(crasher.id)
        # It has failed before somebody has said that it is mended, so that is no regression.
        is_fixed_here = decided.is_fixed_here or crasher.status is not Status.FIXED
        return replace(
            decided,
            merged_into=one_line(into) if into != crasher.id and into in known else NOTHING,
            is_fixed_here=is_fixed_here and decided.status is Status.FIXED,
        )

    @property
    def decisions(self) -> Decisions | None:
        """What people have decided, by bucket, as it was last read; None for a run that remembers nothing."""
        return self._now.decisions if self._now is not None else None

    def adopt(self, bucket: str, decision: Decision | None, is_known: Callable[[Decision | None], bool]) -> bool:
        """See `Triage.adopt`."""
        assert self._now is not None, "who remembers nothing is told nothing"
        return self._now.adopt(bucket, decision, is_known)

    def reread(self) -> "Memory | None":
        """The same with the decisions as they are now; None where none has been written since."""
        if self._now is None or not self._now.has_new_decisions():
            return None
        return Memory(self._triage, self._now.with_new_decisions())
