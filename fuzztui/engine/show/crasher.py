"""A distinct failure with its inputs, and all that is known of it."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from fuzztui.engine.show.drawn import Drawn, drawn
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.lineage import Ancestor
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.reload import Recheck
from fuzztui.engine.show.scene import Scene
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import NOTHING, Visible, label, say

CLEAN_RUNS: Final = 3
"""Clean runs of an input that failed each time before, after which it may be taken for mended."""

MOST_CLEAN_RUNS: Final = 30

_CHOICES: Final = b"fuzztui choices "
"""How the input of a property test begins."""

LUCK: Final = 0.05
"""How likely it may be that an input which still fails now and then is taken for mended."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What came of running a crasher's input again, by itself in fresh processes that have no probes."""

    runs: int
    """At least one."""
    failures: int
    """Runs in which the input failed in this way."""
    others: int = 0
    """Runs in which it failed in another way."""
    before: int = 0
    """Where it fails only then: how many inputs have to run before it in its process; 0 where none have to, or it is
    not known which.
    """
    is_chance: bool = False
    """Whether it ran clean though all had run before it that had when it failed."""
    slow: float = 0.0
    """For a time-out that is none: seconds after which the input ended when it was given more time; 0 for all others.
    """
    had_failed: bool = False
    """Whether it ran clean each time though it had failed by itself before, and often enough to be taken for mended."""
    node: Visible = NOTHING
    """The node of a shared campaign that has done it; empty if this one has."""

    @property
    def reproduces(self) -> bool:
        """Whether the input has failed again at all."""
        return self.failures > 0

    @property
    def count(self) -> Visible:
        """`2/3`: failures of runs."""
        return say("{}/{}", self.failures, self.runs)

    @property
    def badge(self) -> Visible:
        """The shortest form: `10/10`, `3/10 flaky`, `0/10 needs state`, `0/10 clean`."""
        if self.slow:
            return say("{} slow", self.count)
        if self.had_failed:
            return say("{} clean", self.count)
        if self.failures == self.runs:
            return self.count
        if self.failures or self.is_chance:
            return say("{} flaky", self.count)
        if self.before:
            return say("{} needs state", self.count)
        return say("{} fails otherwise" if self.others else "{} needs state?", self.count)

    @property
    def sentence(self) -> Visible:
        """The badge, and what it tells of the crasher."""
        where = say(" on node {}", self.node) if self.node else NOTHING
        return say("{}{}: {}", self.badge, where, self._meaning)

    @property
    def _meaning(self) -> Visible:
        if self.slow:
            return say("ends after {:.3g} s", self.slow)
        if self.had_failed:
            return label("runs clean now, having failed before: it may be fixed")
        if self.before:
            inputs = label("the input") if self.before == 1 else say("the {:,} inputs", self.before)
            return say("ran clean alone, fails after {} before it", inputs)
        if self.is_chance:
            return label("ran clean, after all that ran before it too: chance, or the work of probes")
        if not self.failures and self.others:
            return say("failed in another way {}/{}, does not reproduce alone", self.others, self.runs)
        if not self.failures:
            return label("ran clean in fresh processes without probes, does not reproduce alone")
        if self.failures < self.runs:
            return label("failed again not each time, depends on chance or state")
        return label("failed again each time")

    def after(self, before: "Confirmation | None") -> "Confirmation":
        """The same, told by one who knows what came of running the input again `before`."""
        is_clean = not (self.failures or self.others or self.before)
        if before is None or not is_clean:
            return self
        has_failed = before.failures or (before.before and self.is_chance)
        is_enough = self.runs >= clean_runs_wanted(before)
        return replace(self, had_failed=before.had_failed or bool(has_failed and is_enough))

    def fields(self) -> dict[str, object]:
        """The form in records and JSON Lines."""
        return {
            "runs": self.runs,
            "failures": self.failures,
            "other_failures": self.others,
            "reproduces": self.reproduces,
            "badge": self.badge,
            "before": self.before,
            "chance": self.is_chance,
            "slow": round(self.slow, 3),
            "had_failed": self.had_failed,
            **({"node": self.node} if self.node else {}),
        }


def clean_runs_wanted(known: Confirmation | None) -> int:
    """How often a crasher must run clean to be taken for mended; `known`: what came of running it again before."""
    if known is None or not known.failures or known.failures == known.runs:
        return CLEAN_RUNS
    wanted = math.ceil(math.log(LUCK) / math.log(1 - known.failures / known.runs))
    return max(CLEAN_RUNS, min(MOST_CLEAN_RUNS, wanted))


@dataclass(frozen=True, slots=True)
class Variant:
    """Failures of one bucket whose messages have one shape, with the smallest input of these that is known."""

    shape: Visible
    """What the messages have in common, see `fuzztui.protocol.shape`; empty for failures without a message."""
    message: Visible
    """Of the smallest input's failure."""
    sha256: str
    """Of the smallest input's file form."""
    size: int
    """Bytes of it."""
    hits: int = 1
    """How often it was met by those who looked: of failures that come all the time only some are looked at."""
    path: Path | None = None
    """Where the smallest input lies; None if it could not be stored, or is being stored."""

    def fields(self) -> dict[str, str | int | None]:
        """The form in records and JSON Lines."""
        return {
            "shape": self.shape,
            "message": self.message,
            "sha256": self.sha256,
            "size": self.size,
            "hits": self.hits,
            "path": str(self.path) if self.path is not None else None,
        }


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the sessions before this one knew of a crasher."""

    first_seen: Visible
    """ISO 8601 in UTC; the day alone where no more is known."""
    last_seen: Visible
    hits: int
    sessions: int

    @property
    def sentence(self) -> Visible:
        """A clause: `first seen 2026-02-28, 14 hits in 3 sessions`."""
        hits, sessions = self.hits, self.sessions
        return say(
            "first seen {}, {:,} {} in {:,} {}",
            say("{}", self.first_seen[:10]),
            hits,
            "hit" if hits == 1 else "hits",
            sessions,
            "session" if sessions == 1 else "sessions",
        )

    def fields(self) -> dict[str, str | int]:
        """The form in JSON Lines."""
        return {
            "first_seen": self.first_seen,
            "last_seen": self.last_seen,
            "hits": self.hits,
            "sessions": self.sessions,
        }


@dataclass(frozen=True, slots=True)
class Crasher:
    """One distinct failure with the first input that showed it."""

    failure: Failure
    data: bytes
    """The input, in its file form."""
    path: Path | None
    """Where the input lies; None if it could not be stored."""
    seed_name: Visible | None
    """Name of the failing seed or stored input, or None for an input that the fuzzer made."""
    worker: int
    elapsed: float
    """Seconds from the start of the run to its first appearance."""
    hits: int
    """How often it appeared."""
    command: Visible
    """The one command that runs it again; empty where the input lies nowhere."""
    values: Visible
    """The arguments as Python would write them, truncated."""
    size: Visible
    """How large the values are: `3 B`, or `2 args` where none is bytes or text."""
    content: bytes | None
    """The bytes of the value, where the input is one bytes or text; None for any other."""
    confirmation: Confirmation | None = None
    """What came of running its input again; None as long as that is not known."""
    before: tuple[bytes, ...] = ()
    """Where it fails only then: the inputs that have to run before it in its process, in order."""
    scenes: tuple[Scene, ...] = ()
    """What its failure looks like from inside, where an exception tells and it has failed again; see `minimized` for
    that of the smallest input.
    """
    lineage: tuple[Ancestor, ...] = ()
    """How it came about, from a seed on; empty for a seed, and where that is unknown."""
    minimized: "Minimized | None" = None
    """How far its input has been made smaller; None as long as nobody has tried."""
    variants: tuple[Variant, ...] = ()
    """What its failures say, in order of appearance. Each has its smallest input, which need not be `data`: that is the
    first, which was confirmed and lies beside the target.
    """

    executions: int = 0
    """Of the run when it was first met."""
    edges: int = 0
    """Covered then."""
    earlier: Earlier | None = None
    """What sessions before this one knew of it; None if none has met it, as far as this machine's cache tells."""
    is_decided: bool = False
    """Whether somebody has decided about it, if only that it is new."""
    status: Status = Status.NEW
    """What was decided."""
    note: Visible = NOTHING
    """What whoever decided has noted."""
    is_expected: bool = False
    """Whether its exception has become part of the target's contract while the run went on."""
    is_fixed_here: bool = False
    """Whether it has not failed since it was marked fixed: that it has failed before is no regression."""
    merged_into: Visible = NOTHING
    """The crasher of this run that it has been merged into since both were met; empty if into none."""
    recheck: Recheck | None = None
    """What has become of it when the code was loaded anew; None if it was not, or that is not known yet."""
    passed: Visible = NOTHING
    """When its input was last run again and passed (ISO 8601, UTC); empty if it has failed since."""
    nodes: tuple[Visible, ...] = ()
    """Where nothing is run here: names of the nodes of a shared campaign that have met it, and keep its input."""

    @property
    def is_lost(self) -> bool:
        """Whether its input lies nowhere, though it was to be stored."""
        return self.path is None and self.seed_name is None and not self.nodes

    @property
    def is_stored_input(self) -> bool:
        """Whether it was there before the run, in a file."""
        return self.seed_name is not None and self.path is not None

    @property
    def is_fixed(self) -> bool:
        """Whether its input does not fail any more on the code that is run now: a reload has shown that, or somebody
        has said so and it passes.
        """
        return (self.recheck is not None and self.recheck.fate.is_fixed) or self.is_settled

    @property
    def is_settled(self) -> bool:
        """Whether somebody has marked it fixed, and its input passes: nothing is left to be done about it."""
        return self.status is Status.FIXED and bool(self.passed) and not self.is_regressed

    @property
    def is_known(self) -> bool:
        """Whether it was known before this run: it is a crasher then, not a seed that somebody wrote."""
        return self.earlier is not None or self.is_decided

    @property
    def is_regressed(self) -> bool:
        """Whether it fails though it was marked fixed."""
        return self.status is Status.FIXED and not self.is_fixed_here

    @property
    def is_ignored(self) -> bool:
        """Whether nobody wants to hear of it: it fails no run."""
        return self.status is Status.IGNORED or self.is_expected

    @property
    def is_wanted(self) -> bool:
        """Whether it counts, and more is to be learned of it."""
        return not self.is_ignored and not self.merged_into and not self.is_settled

    @property
    def words(self) -> Visible:
        """What it is: `crasher`, `known crasher`, `REGRESSED crasher`, `ignored crasher`, `failing seed 2` (which the
        target declares), `failing stored input 0a1b...` (of which nothing was known).
        """
        what = label("known crasher" if self.is_known else "crasher")
        if self.is_regressed:
            what = label("REGRESSED crasher")
        elif self.is_expected:
            what = label("expected failure")
        elif self.is_ignored:
            what = label("ignored crasher")
        if self.seed_name is None:
            return what
        if not self.is_stored_input:
            return say("failing {}", self.seed_name)
        return say("{} {}", what if self.is_known else "failing stored input", self.seed_name)

    @property
    def memory(self) -> Visible:
        """What is remembered of it, a clause; empty for one that was not known."""
        decided = NOTHING
        if self.is_regressed:
            decided = label("marked fixed, and fails again")
        elif self.status is not Status.NEW:
            decided = label(self.status.value)
        if decided and self.note:
            decided = say("{}: {}", decided, self.note)
        elif self.note:
            decided = self.note
        seen = self.earlier.sentence if self.earlier is not None else NOTHING
        return say("{}{}{}", seen, "; " if seen and decided else "", decided)

    @property
    def drawn(self) -> Drawn | None:
        """What the property test was called with, in the smallest form that is known; None for any other target."""
        if not self.data.startswith(_CHOICES):
            return None
        smallest = self.minimized.failure if self.minimized is not None and self.minimized.is_smaller else None
        found = drawn(smallest.traceback) if smallest is not None else None
        return found or drawn(self.failure.traceback)

    @property
    def id(self) -> Visible:
        """What tells this crasher from all others."""
        return self.failure.id

    @property
    def sha256(self) -> str:
        """Digest of the input's file form; also the name of its file."""
        return hashlib.sha256(self.data).hexdigest()


def counted(crashers: Iterable[Crasher]) -> list[Crasher]:
    """Those that count as one each: what is merged counts with the other one."""
    return [crasher for crasher in crashers if not crasher.merged_into]
