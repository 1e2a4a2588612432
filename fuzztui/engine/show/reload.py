"""What people are shown of code that changes during a run: what has changed, what came of loading it."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say


class Fate(Enum):
    """What has become of a crasher when the code was loaded anew. Values are the words shown to people."""

    FIXED = "fixed by reload"
    STAYED_FIXED = "fixed by an earlier reload"
    FAILS = "still fails"
    FAILS_AGAIN = "fails again"
    """It was fixed by a reload before."""
    DIFFERS = "fails differently"
    UNKNOWN = "not known"
    """It ran clean, but had not failed by itself before either."""

    @property
    def is_fixed(self) -> bool:
        """Whether its input does not fail any more."""
        return self in (Fate.FIXED, Fate.STAYED_FIXED)

    @property
    def fails(self) -> bool:
        """Whether its input fails as it did."""
        return self in (Fate.FAILS, Fate.FAILS_AGAIN)


@dataclass(frozen=True, slots=True)
class Recheck:
    """What came of running a crasher's input on code that was loaded anew."""

    fate: Fate
    detail: Visible = NOTHING
    """A clause: how it fails now, or how often it ran clean."""

    @property
    def sentence(self) -> Visible:
        """`fails differently: TypeError in parse`."""
        words = label(self.fate.value)
        return say("{}: {}", words, self.detail) if self.detail else words


@dataclass(frozen=True, slots=True)
class ReloadCounts:
    """How many crashers have which fate, and how many have been met for the first time on the new code."""

    fixed: int = 0
    stayed_fixed: int = 0
    fail: int = 0
    fail_again: int = 0
    differ: int = 0
    unknown: int = 0
    new: int = 0

    @property
    def is_bad(self) -> bool:
        """Whether something fails, or cannot be told."""
        return bool(self.fail or self.fail_again or self.differ or self.unknown or self.new)

    @property
    def words(self) -> Visible:
        """`3 fixed, 5 still fail, 1 new`."""
        parts = [
            say("{:,} fixed", self.fixed) if self.fixed else NOTHING,
            say("{:,} still {}", self.fail, "fails" if self.fail == 1 else "fail") if self.fail else NOTHING,
            say("{:,} {} again", self.fail_again, _fail(self.fail_again)) if self.fail_again else NOTHING,
            say("{:,} {} differently", self.differ, _fail(self.differ)) if self.differ else NOTHING,
            say("{:,} fixed before", self.stayed_fixed) if self.stayed_fixed else NOTHING,
            say("{:,} cannot be told", self.unknown) if self.unknown else NOTHING,
            say("{:,} new", self.new) if self.new else NOTHING,
        ]
        return joined(", ", [part for part in parts if part]) or label("no crasher fails")


def _fail(number: int) -> str:
    return "fails" if number == 1 else "fail"


class ReloadStage(Enum):
    """What is being done to load the code anew. Values are the words shown to people."""

    NONE = ""
    LOADING = "loading the new code"
    """In a process beside the workers, which go on."""
    REPLACING = "replacing all workers"
    RECHECKING = "running the crashers again"


@dataclass(frozen=True, slots=True)
class Reloading:
    """Where a run stands with code that changes."""

    by_itself: bool = False
    """Whether what changes is loaded without anybody asking."""
    changed: tuple[Visible, ...] = ()
    """Files that are not what the run executes, as they are shown."""
    stage: ReloadStage = ReloadStage.NONE
    failure: Visible = NOTHING
    """Why the changed code cannot be loaded: `miniyaml.py:63: SyntaxError: ...`; the workers go on with the old."""
    counts: ReloadCounts | None = None
    """What came of the last reload; None before that is known."""
    told_at: float = 0.0
    """When in the run that was known."""
    reloads: int = 0

    @property
    def changed_words(self) -> Visible:
        """`miniyaml.py`, `3 files`; empty if nothing has changed."""
        if len(self.changed) > 1:
            return say("{:,} files", len(self.changed))
        return self.changed[0] if self.changed else NOTHING

    @property
    def sentence(self) -> Visible:
        """What a person should read of it now; empty if there is nothing."""
        if self.stage is not ReloadStage.NONE:
            return say("reload: {}", self.stage.value)
        if self.failure:
            return say("not reloaded: {}", self.failure)
        if self.changed:
            return say("changed: {}", self.changed_words)
        if self.counts is not None:
            return say("reloaded: {}", self.counts.words)
        return NOTHING


NO_RELOAD: Final = Reloading()
"""Nothing has changed, as far as anybody has looked."""
