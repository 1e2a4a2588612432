"""The crashers of a campaign, as its nodes tell of them: for a dashboard that runs nothing itself. Pure."""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final

from fuzztui.engine.keep.record import Record, Smallest
from fuzztui.engine.share.messages import Crash, Decided, MalformedMessageError
from fuzztui.engine.share.records import record_from
from fuzztui.engine.shared_decisions import LONGEST
from fuzztui.engine.show import text
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.inputs import content_of, size_words
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.needed import Needed
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import Visible, one_line, say
from fuzztui.engine.triage.decision import BadDecisionError, Decision, parse
from fuzztui.protocol.caps import MOST_BUCKETS
from fuzztui.protocol.identity import is_identity
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import Value, decode

MOST_BYTES: Final = 128 << 20
"""Of all that is kept of crashers: of further ones only the number is."""

MOST_NODES: Final = 16
"""Nodes that are named as those that have met one."""


@dataclass(slots=True)
class _Known:
    crasher: Crasher
    hits: dict[str, int] = field(default_factory=dict)
    """By the identity of the node that has told them."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message has told."""

    crasher: Crasher
    is_new: bool
    is_confirmed: bool
    """Whether it is known now what came of running it again, or something else came of it."""


class Watched:
    """Crashers by their buckets, in the order in which they were heard of."""

    def __init__(self, parameters: tuple[str, ...]) -> None:
        """`parameters`: names of the target's types, by which inputs are read; none where they are not known."""
        self._parameters = parameters
        self._known: dict[str, _Known] = {}
        self._decided: dict[str, tuple[tuple[int, str], Decision | None]] = {}
        """What people have decided about buckets, each with what orders it, see `shared_decisions`."""
        self._bytes = 0
        self.left_out = 0
        """Messages of crashers for which there was no room."""

    @property
    def crashers(self) -> tuple[Crasher, ...]:
        """All of them."""
        return tuple(known.crasher for known in self._known.values())

    def hear(self, node: str, name: Visible, message: Crash, elapsed: float) -> Heard | None:
        """Take in what a node tells; None where there is no room. `node`: its identity, `name`: how it is called.
        MalformedMessageError for what is none.
        """
        record = record_from(message.record)
        if record.sha256 != sha256(message.data).hexdigest():
            raise MalformedMessageError("a record of another input")
        known = self._known.get(record.id)
        if known is None:
            size = len(message.data) + len(message.record) + len(message.smallest)
            if len(self._known) >= MOST_BUCKETS or self._bytes + size > MOST_BYTES:
                self.left_out += 1
                return None
            self._bytes += size
            known = self._known[record.id] = _Known(self._crasher(message, record, elapsed), {node: record.hits})
            known.crasher = self._with_decision(replace(known.crasher, nodes=(name,)))
            return Heard(known.crasher, is_new=True, is_confirmed=record.confirmation is not None)
        before = known.crasher
        if len(known.hits) < MOST_NODES or node in known.hits:
            known.hits[node] = record.hits
        known.crasher = self._told_more(before, message, record, name, sum(known.hits.values()))
        is_confirmed = known.crasher.confirmation != before.confirmation
        return Heard(known.crasher, is_new=False, is_confirmed=is_confirmed)

    def decide(self, message: Decided) -> bool:
        """Take in what somebody has decided; whether that counts. MalformedMessageError for what is none."""
        before = self._decided.get(message.bucket)
        if before is not None and (message.number, message.node) <= before[0]:
            return False
        if not is_identity(message.bucket) or len(self._decided) >= MOST_BUCKETS or len(message.decision) > LONGEST:
            raise MalformedMessageError("a decision about no bucket, or too long a one")
        try:
            decision = parse(message.decision) if message.decision else None
        except BadDecisionError as error:
            raise MalformedMessageError(error.reason) from None
        self._decided[message.bucket] = (message.number, message.node), decision
        if (known := self._known.get(message.bucket)) is not None:
            known.crasher = self._with_decision(known.crasher)
        return True

    def _with_decision(self, crasher: Crasher) -> Crasher:
        _, decision = self._decided.get(crasher.id, (None, None))
        if decision is None:
            return replace(crasher, is_decided=False, status=Status.NEW, note=text.NOTHING, merged_into=text.NOTHING)
        return replace(
            crasher,
            is_decided=True,
            status=decision.status,
            note=one_line(decision.note),
            merged_into=one_line(decision.alias) if decision.alias in self._known else text.NOTHING,
            is_fixed_here=decision.status is Status.FIXED,  # whether it has failed since, its nodes know
        )

    def _told_more(self, before: Crasher, message: Crash, record: Record, name: Visible, hits: int) -> Crasher:
        has_room = len(before.nodes) < MOST_NODES
        return replace(
            before,
            hits=hits,
            nodes=(*before.nodes, name) if has_room and name not in before.nodes else before.nodes,
            confirmation=record.confirmation or before.confirmation,
            before=tuple(message.before) if record.sha256 == before.sha256 else before.before,
            minimized=self._minimized(record, message) or before.minimized,
        )

    def _crasher(self, message: Crash, record: Record, elapsed: float) -> Crasher:
        arguments = self._arguments(message.data)
        return Crasher(
            failure=record.failure,
            data=message.data,
            path=None,
            seed_name=None,
            worker=0,
            elapsed=elapsed,
            hits=record.hits,
            command=text.NOTHING,
            values=record.values,
            size=size_words(arguments) if arguments else record.size,
            content=content_of(arguments) if arguments else message.data,
            confirmation=record.confirmation,
            before=tuple(message.before),
            minimized=self._minimized(record, message),
        )

    def _minimized(self, record: Record, message: Crash) -> Minimized | None:
        """What came of making its input smaller, if the smallest input was sent, too."""
        least: Smallest | None = record.minimized
        if least is None or sha256(message.smallest).hexdigest() != least.sha256:
            return None
        arguments = self._arguments(message.smallest)
        needed = Needed.of(least.free, least.is_joint, arguments) if least.free is not None and arguments else None
        is_another = least.sha256 != record.sha256
        return Minimized(
            name=one_line(record.sha256[:12]),
            failure=record.failure,
            sha256=least.sha256,
            before=len(message.data),
            after=len(message.smallest),
            sizes=say("{} -> {}", text.size(len(message.data)), text.size(len(message.smallest))),
            values=least.values,
            executions=least.executions,
            is_smallest=least.is_smallest,
            is_steady=True,
            path=None,
            command=text.NOTHING,
            data=message.smallest if is_another else None,
            needed=needed,
        )

    def _arguments(self, data: bytes) -> tuple[Value, ...]:
        try:
            return decode(data, self._parameters) if self._parameters else ()
        except MalformedInput:
            return ()
