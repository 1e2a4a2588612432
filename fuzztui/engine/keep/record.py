"""The record of a bucket: what all sessions so far have learned of it. Pure; `record_parser.py` reads it.

Times are ISO 8601 in UTC; of records that earlier versions wrote, the day alone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from fuzztui.engine.show.branches import Branch
from fuzztui.engine.show.crasher import Confirmation, Variant
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.needed import Span
from fuzztui.engine.show.scene import Scene
from fuzztui.engine.show.text import NOTHING, Visible, one_line, say

FORMAT: Final = 2
"""Version of the form. Those without a number are of the first."""

LONGEST: Final = 1 << 20
"""Bytes of a record beyond which it is none: a traceback has 40,000 characters, each four bytes at most."""

MOST_INPUTS: Final = 64
"""Inputs that a record names: the newest."""

MOST_STEPS: Final = 256
"""Steps of a lineage: the last ones, which lead to the crasher."""

MOST_SCENES: Final = 16
"""Functions that are looked into: the innermost."""

MOST_VARIANTS: Final = 64
"""Variants that are kept of all sessions."""

MOST_VERSIONS: Final = 256
"""Distributions whose versions are kept."""

NAME_CHARACTERS: Final = 200
MESSAGE_CHARACTERS: Final = 2_000
TRACEBACK_CHARACTERS: Final = 45_000
"""A little more than is kept of one: what was cut bears a note of that."""


class NoRecordError(ValueError):
    """A content that is no record."""

    def __init__(self, reason: Visible) -> None:
        super().__init__(reason)
        self.reason = reason
        """A clause."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """The moment when the bucket was first met."""

    worker: int
    elapsed: float
    """Seconds of that session."""
    executions: int
    edges: int
    """Covered at that moment."""

    def fields(self) -> dict[str, Any]:
        """The form in records."""
        return {
            "worker": self.worker,
            "elapsed": self.elapsed,
            "executions": self.executions,
            "edges": self.edges,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One step of how an input came about: from a seed, by an operator, or from an entry by another."""

    sha256: str
    """Of the input that the step made."""
    operator: Visible
    """What made it: `seed 2`, `stored`, or the name of a mutation."""
    change: Visible
    """What it changed, in a clause; may be empty."""

    def fields(self) -> dict[str, Any]:
        """The form in records."""
        return {"sha256": self.sha256, "operator": self.operator, "change": self.change}


@dataclass(frozen=True, slots=True)
class Smallest:
    """The smallest and plainest input that was found to fail alike."""

    sha256: str
    bytes: int
    """Of its file form."""
    before: int = 0
    """Bytes of the input that it was made of."""
    values: Visible = NOTHING
    """Its arguments as Python would write them, truncated."""
    executions: int = 0
    """That the search took."""
    is_smallest: bool = False
    """Whether the search came to its end."""
    free: tuple[Span, ...] | None = None
    """The parts that can be anything; None where it is not known which."""
    is_joint: bool = False
    """Whether they can at the same time."""
    neighbour: Visible = NOTHING
    """Arguments of the nearest input that passes; empty where none is known."""
    branches: tuple[Branch, ...] = ()
    """Those that it takes and the neighbour does not."""
    scenes: tuple[Scene, ...] = ()
    """What its failure looks like from inside, the innermost function last."""
    others: Mapping[str, Any] = field(default_factory=dict)
    """What else stands there, which this version does not know: it stays."""

    def fields(self) -> dict[str, Any]:
        """The form in records."""
        needed = {"free": list(map(list, self.free)), "together": self.is_joint} if self.free is not None else None
        return {
            "sha256": self.sha256,
            "bytes": self.bytes,
            "before": self.before,
            "values": self.values,
            "execs": self.executions,
            "smallest": self.is_smallest,
            "needed": needed,
            "neighbour": self.neighbour,
            "branches": [branch.fields() for branch in self.branches],
            "scenes": [scene.fields() for scene in self.scenes],
            **self.others,
        }


@dataclass(frozen=True, slots=True)
class Revision:
    """Where the repository of the project under test stood."""

    commit: str
    is_dirty: bool
    """Whether files that the repository knows were changed."""


@dataclass(frozen=True, slots=True)
class FirstBad:
    """The commit since which the input fails so, as bisecting has found."""

    commit: str
    """Its whole hash."""
    date: str
    """When its author made it, in ISO 8601."""
    author: Visible
    subject: Visible

    def fields(self) -> dict[str, Any]:
        """The form in records, and in what is printed as JSON."""
        return {"commit": self.commit, "date": self.date, "author": self.author, "subject": self.subject}

    @property
    def sentence(self) -> Visible:
        """`0123456789ab of 2026-02-28 by somebody: subject`."""
        return say(
            "{} of {} by {}: {}", one_line(self.commit[:12]), one_line(self.date[:10]), self.author, self.subject
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of a bucket, and not by people's decisions."""

    failure: Failure
    """As it was last met."""
    target: str
    """Id of the target."""
    inputs: tuple[str, ...]
    """SHA-256 of inputs that show it, the newest first; at least one."""
    values: Visible = NOTHING
    """The arguments of the newest input as Python would write them, truncated."""
    size: Visible = NOTHING
    seed: Visible | None = None
    """Name of the seed or stored input that the newest input was."""
    first_seen: str
    last_seen: str
    hits: int = 1
    """In all sessions."""
    sessions: int = 1
    """Those that have met it."""
    discovery: Discovery | None = None
    lineage: tuple[Step, ...] = ()
    """From a seed to the input; empty where it is not known."""
    confirmation: Confirmation | None = None
    """What came of running it again, the newest."""
    scenes: tuple[Scene, ...] = ()
    """What the failure looked like from inside, the innermost function last."""
    variants: tuple[Variant, ...] = ()
    """What its failures say, each with the smallest input that is known."""
    minimized: Smallest | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of Python and of distributions whose modules the target loads, when it was last met."""
    revision: Revision | None = None
    """Where the repository stood then; None outside of one."""
    first_bad: FirstBad | None = None
    """The commit to blame, the newest that was found; None as long as nobody has bisected."""
    passed: str = ""
    """When its input was last run again and passed; empty if it has failed since."""
    regressed: str = ""
    """When it last failed though it was marked fixed; empty if it has not since."""

    @property
    def id(self) -> Visible:
        """The bucket's."""
        return self.failure.id

    @property
    def reproduces(self) -> bool | None:
        """Whether its input failed when it was last run again; None if it never was."""
        if self.passed:
            return False
        return self.confirmation.reproduces if self.confirmation is not None else None

    @property
    def day(self) -> Visible:
        """When it was last seen: `2026-02-28`; empty where that is not known."""
        return one_line(self.last_seen[:10])

    @property
    def sha256(self) -> str:
        """Of the newest input."""
        return self.inputs[0]

    def to_json(self) -> bytes:
        """The content of its file."""
        fields = {
            "record": FORMAT,
            **self.failure.fields(),
            "sha256": self.sha256,
            "target": self.target,
            "values": self.values,
            "size": self.size,
            "seed": self.seed,
            "first_seen": self.first_seen,
            "last_seen": self.last_seen,
            "hits": self.hits,
            "sessions": self.sessions,
            "discovery": self.discovery.fields() if self.discovery is not None else None,
            "inputs": list(self.inputs),
            "lineage": [step.fields() for step in self.lineage],
            "confirmation": self.confirmation.fields() if self.confirmation is not None else None,
            "scenes": [scene.fields() for scene in self.scenes],
            "variants": [variant.fields() for variant in self.variants],
            "minimized": self.minimized and self.minimized.fields(),
            "versions": dict(self.versions),
            "revision": (
                {"commit": self.revision.commit, "dirty": self.revision.is_dirty} if self.revision is not None else None
            ),
            "first_bad": self.first_bad.fields() if self.first_bad is not None else None,
            "passed": self.passed,
            "regressed": self.regressed,
        }
        return _indented(fields)

    def bounded(self) -> "Record":
        """Without what is beyond the sizes that are kept."""
        return replace(
            self,
            inputs=self.inputs[:MOST_INPUTS],
            lineage=self.lineage[-MOST_STEPS:],
            scenes=self.scenes[-MOST_SCENES:],
            variants=self.variants[:MOST_VARIANTS],
            versions=dict(list(self.versions.items())[:MOST_VERSIONS]),
        )


def _indented(fields: Mapping[str, Any]) -> bytes:
    """As `json.dumps` with an indent has it, whose encoder then takes twenty times as long: a flood of failures would
    keep it busy.
    """
    flat = json.dumps(fields, ensure_ascii=False).encode("utf-8", "backslashreplace")
    try:
        return msgspec.json.format(flat, indent=2)
    except msgspec.DecodeError:  # what another version has written there, such as NaN or half a character
        return json.dumps(fields, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace")


def merged(before: Record, now: Record) -> Record:
    """What a later session, or a later look of one, adds to what was known. `hits` and `sessions` of `now` are what is
    to be added. Nothing gives way to nothing: what `now` does not know stays as it was.
    """
    failure = now.failure
    if not failure.traceback and before.failure.traceback:  # a stack could not be had this time
        failure = before.failure
    if not failure.output and before.failure.output:
        failure = replace(failure, output=before.failure.output, is_output_exact=before.failure.is_output_exact)
    is_newest = now.last_seen >= before.last_seen
    newest, oldest = (now, before) if is_newest else (before, now)
    return replace(
        newest,
        failure=failure if is_newest else before.failure,
        inputs=tuple(dict.fromkeys((*newest.inputs, *oldest.inputs))),
        first_seen=min(before.first_seen, now.first_seen),
        hits=before.hits + now.hits,
        sessions=before.sessions + now.sessions,
        seed=newest.seed or (oldest.seed if newest.sha256 == oldest.sha256 else None),
        discovery=before.discovery or now.discovery,
        lineage=newest.lineage or oldest.lineage,
        confirmation=newest.confirmation or oldest.confirmation,
        scenes=newest.scenes or oldest.scenes,
        variants=_smallest_of_each(oldest.variants, newest.variants),
        minimized=newest.minimized or oldest.minimized,
        versions=newest.versions or oldest.versions,
        revision=newest.revision or oldest.revision,
        first_bad=newest.first_bad or oldest.first_bad,
        passed=newest.passed or (oldest.passed if oldest.passed > newest.last_seen else ""),
        regressed=max(before.regressed, now.regressed),
    ).bounded()


def _smallest_of_each(before: tuple[Variant, ...], now: tuple[Variant, ...]) -> tuple[Variant, ...]:
    """The variants of both, by shape; of one that both know the smaller input, and the larger number of hits."""
    found = {variant.shape: variant for variant in before}
    for variant in now:
        other = found.get(variant.shape, variant)
        smaller = variant if variant.size <= other.size else other
        found[variant.shape] = replace(smaller, hits=max(variant.hits, other.hits))
    return tuple(found.values())
