"""What people have decided about crashers, for screens: read once, changed on the disk."""

import time
from dataclasses import dataclass
from typing import Final, Protocol

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.keep.storage import read_file
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import NOTHING, Visible, label, one_line, os_error, say
from fuzztui.engine.triage.exporting import LARGEST, Limits, export_test
from fuzztui.engine.triage.triage import Change, Triage, UndecidableError
from fuzztui.outside.bisect import Question, question
from fuzztui.outside.tryout import Test
from fuzztui.target.errors import MalformedInput, TargetNotFound

LOOK_AGAIN: Final = 0.5
"""Seconds after which files are looked at again that somebody else may have written."""

NOTE_LIMIT = 2_000
"""Characters of a note that are shown."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What people have decided about one crasher."""

    status: Status = Status.NEW
    note: Visible = NOTHING
    merged_into: Visible = NOTHING
    """The crasher that this one is an alias of; empty if of none."""
    is_regressed: bool = False
    """Whether it was marked fixed, and fails."""
    since: Visible = NOTHING
    """The commit since which it fails, where somebody has bisected it."""


UNDECIDED = Verdict()


@dataclass(frozen=True, slots=True)
class Exported:
    """A test that lies in the project now."""

    test: Test
    words: Visible
    """Whether it was written now."""


class Decider(Protocol):
    """Knows and changes what people have decided."""

    def verdict(self, crasher: Crasher) -> Verdict:
        """What is decided about a crasher now."""

    def decide(self, crasher: Crasher, change: Change | None) -> Visible:
        """Write a decision, None takes it back; a sentence if that is impossible, or nothing."""

    def export(self, crasher: Crasher) -> Exported | Visible:
        """Write a test for pytest that fails as the crasher does, or why that cannot be."""

    def question(self, crasher: Crasher) -> Question | Visible:
        """What is to be bisected of a crasher, or why that cannot be."""

    def forget(self) -> None:
        """Read again what is known of crashers when it is asked for next."""


class Undecided:
    """Where nothing can be decided: a session without a target of its own."""

    def verdict(self, crasher: Crasher) -> Verdict:  # noqa: ARG002
        """Nothing."""
        return UNDECIDED

    def decide(self, crasher: Crasher, change: Change | None) -> Visible:  # noqa: ARG002
        """Impossible."""
        return label("decisions have no place in this session")

    def export(self, crasher: Crasher) -> Exported | Visible:  # noqa: ARG002
        """Impossible."""
        return label("Tests have no place in this session.")

    def question(self, crasher: Crasher) -> Question | Visible:  # noqa: ARG002
        """Impossible."""
        return label("Commits cannot be asked in this session.")

    def forget(self) -> None:
        """There is nothing."""


class DiskDecider:
    """Decisions in files beside the target's stored inputs, where `fuzztui status` has them too."""

    def __init__(self, options: RunOptions) -> None:
        """Nothing is read before somebody asks."""
        self._options = options
        self._target = options.target
        self._cache_dir = options.cache_dir
        self._triage: Triage | None = None
        self._looked_at = 0.0
        """When the files were last looked at, on the monotonic clock."""
        self._verdicts: dict[tuple[str, bool], Verdict] = {}
        self._fixed_now: set[str] = set()
        """Crashers that have been marked fixed in this session: that they failed before is no regression."""

    def verdict(self, crasher: Crasher) -> Verdict:
        """Looked up once: lists ask for hundreds, four times a second."""
        self._look()
        if crasher.status is Status.FIXED and not crasher.is_regressed:
            self._fixed_now.discard(crasher.id)  # the session knows it too: what it says from now on is news
        key = (crasher.id, crasher.is_regressed)
        known = self._verdicts.get(key)
        if known is None:
            known = self._verdicts[key] = self._look_up(crasher)
        return known

    def _look(self) -> None:
        """Take in now and then what somebody else has decided."""
        now = time.monotonic()
        if self._triage is None or now - self._looked_at < LOOK_AGAIN:
            return
        self._looked_at = now
        if self._triage.has_new_decisions():
            self._triage = self._triage.with_new_decisions()
            self._verdicts.clear()

    def _look_up(self, crasher: Crasher) -> Verdict:
        triage = self._triage = self._triage or Triage.load(self._target, self._cache_dir)
        bucket, decision = triage.decision_for(crasher.id, crasher.sha256, crasher.failure.type)
        merged = triage.canonical(crasher.id) == bucket != crasher.id
        record = triage.record(crasher.id)
        return Verdict(
            decision.status,
            one_line(decision.note, NOTE_LIMIT),
            one_line(bucket) if merged else NOTHING,
            decision.status is Status.FIXED and crasher.is_regressed and crasher.id not in self._fixed_now,
            record.first_bad.sentence if record is not None and record.first_bad is not None else NOTHING,
        )

    def decide(self, crasher: Crasher, change: Change | None) -> Visible:
        """Write a decision into its file, of which the record of a crasher of this run is a part."""
        triage = Triage.load(self._target, self._cache_dir)
        try:
            triage.decide(crasher.id, change)
        except UndecidableError as error:
            return error.sentence
        except OSError as error:
            return os_error(error)
        finally:
            self._triage = triage.with_new_decisions()
            self._verdicts.clear()
        if change is not None and change.status is Status.FIXED:
            self._fixed_now.add(crasher.id)
        return NOTHING

    def export(self, crasher: Crasher) -> Exported | Visible:
        """As `fuzztui export` does, of the smallest input that is known."""
        if not isinstance(self._target, PythonTarget):
            return label("A test can be written for a target in Python only.")
        limits = Limits(self._options.timeout, self._options.memory_limit)
        try:
            written = export_test(
                self._target,
                crasher.failure,
                _smallest(crasher),
                limits,
                self._cache_dir,
                arguments=self._options.program_words[1:],
            )
        except OSError as error:
            return say("No test: {}", os_error(error))
        except (TargetNotFound, MalformedInput) as error:
            return say("No test: {}", error)
        test = Test(written.path, written.test, crasher.failure, self._target.python, self._options.timeout)
        edited = say("; {} was edited, and stays", shown_path(written.edited[0])) if written.edited else NOTHING
        return Exported(test, say("{}{}", "written" if written.is_new else "as it was", edited))

    def question(self, crasher: Crasher) -> Question | Visible:
        """As `fuzztui bisect` asks, of the smallest input that is known."""
        if not isinstance(self._target, PythonTarget):
            return label("Commits can be asked for a target in Python only.")
        try:
            data = _smallest(crasher)
        except OSError as error:
            return os_error(error)
        return question(self._options, data, crasher.failure, "", "HEAD")

    def forget(self) -> None:
        """The next look reads everything."""
        self._triage = None
        self._verdicts.clear()


def _smallest(crasher: Crasher) -> bytes:
    """The smallest input that is known to fail alike."""
    known = crasher.minimized
    if known is None or not known.is_smaller:
        return crasher.data
    if known.path is None:
        return known.data if known.data is not None else crasher.data
    return read_file(known.path, LARGEST)
