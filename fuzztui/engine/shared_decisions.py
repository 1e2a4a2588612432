"""What people decide about crashers, told to the other nodes of a campaign, and taken over from them.

Which of two decisions about a bucket counts does not depend on clocks. Each has a number, one more than that of the
decision that was known where somebody made it, so what somebody has decided who knew of another decision counts more
than that one. Where two have decided without knowing of each other, that of the node counts whose identity is the
greater: on all nodes alike. What was decided before a node came has the number 0: it is told, too, and counts where
nothing is decided; nobody's file is replaced by it.

A decision lies in its file before it counts as taken over: so it outlives the campaign. What somebody decides on this
node at the same moment is not lost: the file is replaced only if it is as it was when it was last told of.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec

from fuzztui.engine.keep.disk import DiskLike
from fuzztui.engine.keep.storage import Folder, read_in, replace
from fuzztui.engine.share.messages import Decided, encode
from fuzztui.engine.share.store import is_node
from fuzztui.engine.show.text import NOTHING, Visible, one_line, os_error, say
from fuzztui.engine.triage.decision import BadDecisionError, Decision, parse
from fuzztui.engine.triage.decisions import said
from fuzztui.engine.triage.memory import Memory
from fuzztui.protocol.identity import is_identity

LONGEST: Final = 16_384
"""Characters of a decision that is shared."""

MOST: Final = 2_000
"""Buckets about which other nodes may have decided."""

MOST_AHEAD: Final = 1_000
"""By how much the number of a decision may be larger than what is known: who sends the largest number there is would
otherwise have the last word for ever.
"""

BURST: Final = 64.0
PER_SECOND: Final = 2.0
"""Decisions of others that are written: people decide no faster."""

LOOK_AGAIN: Final = 5.0
"""Seconds after which it is tried again to write one."""

LARGEST_FILE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Mark:
    """Which decision about a bucket counts here."""

    number: int
    node: str
    """The identity of the node where it was made."""
    digest: str
    """Of what it says; empty where what was decided has been taken back."""


class SharedDecisions:
    """All methods are called on the run's loop; files are read and written by `disk`, but for the first."""

    def __init__(
        self,
        node: str,
        memory: Callable[[], Memory],
        disk: DiskLike,
        folder: Folder,
        name: str,
        tell: Callable[[Visible], None],
        warn: Callable[[str, Visible], None],
    ) -> None:
        """`node`: this one's identity; `memory` gives what people have decided here; `folder` and `name`: of the file
        that remembers what counts; `tell` is told a sentence on each decision that is taken over.
        """
        self._node = node
        self._memory = memory
        self._disk = disk
        self._folder = folder
        self._name = name
        self._tell = tell
        self._warn = warn
        self._marks: dict[str, Mark] = {}
        self._seen: Memory | None = None
        """The one whose decisions were looked at last."""
        self._untold: dict[str, None] = {}
        """Buckets about which others are to be told."""
        self._coming: dict[str, tuple[Visible, Decided]] = {}
        """Decisions of others that are to be written."""
        self._writing = ""
        """The bucket whose file is being written."""
        self._room = BURST
        self._looked = 0.0
        self._not_before = 0.0
        self.refused = 0
        """Messages that were no decision."""

    def begin(self) -> None:
        """Remember what counted when the last run here ended, and have everything told that was decided."""
        try:
            content = read_in(self._folder, self._name, LARGEST_FILE)
            marks = msgspec.json.decode(content, type=dict[str, tuple[int, str, str]])
            self._marks = {bucket: Mark(*mark) for bucket, mark in marks.items() if is_identity(bucket)}
        except (OSError, msgspec.DecodeError, RecursionError):
            pass  # there is none, or it is none: then all that lies here is from before
        self._look_at_own(is_first=True)

    # What is decided here ---------------------------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """See what was decided here, and write something that others have decided; `now`: seconds of the run."""
        self._room = min(BURST, self._room + PER_SECOND * max(0.0, now - self._looked))
        self._looked = now
        if self._memory() is not self._seen:
            self._look_at_own()
        if self._coming and not self._writing and self._room >= 1.0 and now >= self._not_before:
            self._room -= 1.0
            self._write(now)

    def _look_at_own(self, *, is_first: bool = False) -> None:
        self._seen = memory = self._memory()
        decisions = memory.decisions
        if decisions is None or decisions.is_incomplete:
            return
        changed = False
        for bucket in dict.fromkeys((*decisions.by_bucket, *self._marks)):
            is_broken = bucket in decisions.places and bucket not in decisions.by_bucket
            if bucket == self._writing or is_broken or not is_identity(bucket):
                continue
            digest = _digest(decisions.by_bucket.get(bucket))
            mark = self._marks.get(bucket)
            if mark is None:
                self._marks[bucket] = Mark(0 if is_first else 1, self._node, digest)
            elif mark.digest != digest:
                self._marks[bucket] = Mark(mark.number + 1, self._node, digest)
            elif not is_first:
                continue
            changed = True
            self._untold[bucket] = None
        if changed:
            self._save()

    def untold(self) -> Iterator[tuple[str, bytes]]:
        """Messages that are to be published, with their buckets; `told` is to be called for each that was."""
        decisions = self._memory().decisions
        for bucket in list(self._untold):
            decision = decisions.by_bucket.get(bucket) if decisions is not None else None
            mark = self._marks[bucket]
            if _digest(decision) != mark.digest:  # it is another one by now, which is looked at in a moment
                continue
            text = said(decision)
            if len(text) > LONGEST:
                self._warn("decisions", say("What is decided about {} is too long to be shared", one_line(bucket)))
                del self._untold[bucket]
                continue
            yield bucket, encode(Decided(bucket, text, mark.number, mark.node))

    def told(self, bucket: str) -> None:
        """It was handed over."""
        self._untold.pop(bucket, None)

    def tell_all(self) -> None:
        """The store has lost everything."""
        self._untold.update(dict.fromkeys(self._marks))

    # What others have decided -----------------------------------------------------------------------------------------

    def take(self, name: Visible, message: Decided) -> None:
        """Take in what a node tells; `name`: how it is called."""
        bucket, mark = message.bucket, self._marks.get(message.bucket)
        number = mark.number if mark is not None else 0
        if (
            not (is_identity(bucket) and is_node(message.node))
            or len(message.decision) > LONGEST
            or not 0 <= message.number <= number + MOST_AHEAD
        ):
            self.refused += 1
            return
        if mark is not None and (not message.number or _order(message) <= (mark.number, mark.node)):
            return
        waiting = self._coming.get(bucket)
        if waiting is not None and _order(message) <= _order(waiting[1]):
            return
        if waiting is None and mark is None and len(self._coming) + len(self._marks) >= MOST:
            self.refused += 1
            return
        self._coming[bucket] = name, message

    def _write(self, now: float) -> None:
        bucket = next(iter(self._coming))
        name, message = self._coming.pop(bucket)
        mark = self._marks.get(bucket)
        if mark is not None and _order(message) <= (mark.number, mark.node):
            return
        try:
            decision = _decision(message)
        except (BadDecisionError, ValueError):
            self.refused += 1
            return
        taken = Mark(message.number, message.node, _digest(decision))
        if mark is not None and mark.digest == taken.digest:
            self._marks[bucket] = taken  # both have decided the same, or see one folder
            self._save()
            return
        memory, before = self._memory(), mark.digest if mark is not None else ""
        self._writing = bucket

        def write() -> bool | Visible:
            try:
                return memory.adopt(bucket, decision, lambda own: _digest(own) == before)
            except BadDecisionError as error:
                return say("the file of {} {}", bucket, error.reason)
            except OSError as error:
                return os_error(error)

        def written(result: bool | Visible) -> None:
            self._writing = ""
            if result is True:
                self._marks[bucket] = taken
                self._save()
                self._tell(_sentence(name, bucket, decision))
            elif result is False:  # somebody has decided here meanwhile, which is to count more
                self._marks[bucket] = Mark(message.number, message.node, before)
                self._look_at_own()
            else:
                self._warn("decisions", say("What other nodes have decided cannot be kept: {}", result))
                self._coming.setdefault(bucket, (name, message))
                self._not_before = now + LOOK_AGAIN

        self._disk.do(write, written)

    def _save(self) -> None:
        content = {bucket: [mark.number, mark.node, mark.digest] for bucket, mark in self._marks.items()}

        def save() -> Visible:
            try:
                replace(self._folder, self._name, msgspec.json.encode(content), durable=False)
            except OSError as error:
                return os_error(error, self._folder)
            return NOTHING

        def saved(problem: Visible) -> None:
            if problem:
                self._warn("decisions", say("Which decisions count cannot be kept: {}", problem))

        self._disk.do(save, saved)


def _order(message: Decided) -> tuple[int, str]:
    return message.number, message.node


def _digest(decision: Decision | None) -> str:
    text = said(decision)
    return sha256(text.encode()).hexdigest() if text else ""


def _decision(message: Decided) -> Decision | None:
    """What a message says; None where a decision is taken back. BadDecisionError, or ValueError, if that is none."""
    if not message.decision:
        return None
    decision = parse(message.decision)
    if decision.alias and not is_identity(decision.alias):
        raise ValueError("merged into no bucket")
    said(decision)  # ValueError for what no file can hold
    return decision


def _sentence(name: Visible, bucket: str, decision: Decision | None) -> Visible:
    """`on node b: ValueError in parse: ignored`."""
    if decision is None:
        return say("on node {}: what was decided about {} is taken back", name, bucket)
    what = say("merged into {}", one_line(decision.alias)) if decision.alias else say("{}", decision.status.value)
    note = say(": {}", one_line(decision.note, 200)) if decision.note else NOTHING
    return say("on node {}: {}: {}{}", name, one_line(decision.title, 200) or one_line(bucket), what, note)
