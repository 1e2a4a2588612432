"""Joins a run to the other nodes of its campaign: hands what it finds to the exchange, and what comes to its job.

Nothing is kept for the exchange: what was published is a position in the corpus, which grows, so a store that is away
for hours costs nothing, and one that has lost everything is given all of it again.
"""

import asyncio
import os
import platform
import secrets
import time
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Final, Protocol

from fuzztui import __version__
from fuzztui.engine.keep.corpus import Origin
from fuzztui.engine.keep.lineage import SHORT_DIGEST, digest
from fuzztui.engine.keep.recording import utc_now
from fuzztui.engine.keep.storage import Folder, read_file
from fuzztui.engine.live.wishes import OrderNode
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.share.claims import MOST as MOST_CLAIMS
from fuzztui.engine.share.claims import SECONDS as CLAIM_SECONDS
from fuzztui.engine.share.claims import Claims
from fuzztui.engine.share.exchange import Exchange, interval
from fuzztui.engine.share.messages import (
    LONGEST,
    MOST_BEFORE,
    Beat,
    Claim,
    Crash,
    Decided,
    Find,
    Message,
    Order,
    encode,
    topic_of,
)
from fuzztui.engine.share.place import Place, name_from
from fuzztui.engine.share.records import record_of
from fuzztui.engine.share.rows import MOST_SHOWN, name_of, row_of
from fuzztui.engine.share.stores import store_at
from fuzztui.engine.shared_decisions import SharedDecisions
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import Steered
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.sharing import ENDED, NodeRow, NodeWorker
from fuzztui.engine.show.sharing import Sharing as Shown
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, label, one_line, say
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.from_others import FromOthers
from fuzztui.engine.work.search import Search

LAST_PATIENCE: Final = 2.0
"""Seconds that the end of a run waits until what it has found is published."""

BEAT_EVERY: Final = 1.0
"""Seconds between two words on how this node fares; the exchange sends them when it is time."""


CLAIM_EVERY: Final = 0.3
"""Seconds between two looks at which crashers this run learns more of: there may be thousands."""


class Crew(Protocol):
    """The workers, as far as others may ask for something; an unknown number is nobody's."""

    def stop_worker(self, worker: int) -> None:
        """End one worker's process for good."""

    def pause_worker(self, worker: int, paused: bool) -> None:
        """Hold one worker between two executions, or let it go on."""


class SharedCampaign:
    """This run as a node. All methods are called on the run's loop."""

    def __init__(
        self,
        place: Place,
        options: RunOptions,
        search: Search,
        job: FromOthers,
        baseline: Baseline,
        clock: RunClock,
        warn: Callable[[str, Visible], None],
        wake: Callable[[], None],
        crew: Crew,
        exchange: Exchange | None = None,
    ) -> None:
        """`warn` is told a sentence on a topic; `wake` is called when there is something to run; `crew` does what other
        nodes ask for; `exchange`: another than that of the place.
        """
        self._place = place
        self._target = options.target.id
        self._project = str(options.target.project) if isinstance(options.target, PythonTarget) else ""
        self._search = search
        self._job = job
        self._baseline = baseline
        self._clock = clock
        self._warn = warn
        self._wake = wake
        self._crew = crew
        self.name = options.node or name_from(platform.node())
        self.id = f"{self.name}.{secrets.token_hex(4)}"
        self._given_exchange = exchange
        self._exchange: Exchange | None = None
        self._next_entry = 0
        """Number of the first corpus entry that was not published."""
        self._told: dict[str, object] = {}
        """Of each crasher that was published, by its id: what was known of it then."""
        self._messages: Iterator[bytes] = iter(())
        self._unsent: bytes | None = None
        """A message for which there was no room."""
        self._too_large = 0
        self._has_heard = False
        """Whether all was taken in that others had told before: a node that was killed, and goes on with what it has on
        its disk, has told nearly all of that before.
        """
        self._is_over = False
        """Whether nothing can be found any more, so that crashers do not wait for the baseline."""
        self._claims = Claims(self.id)
        self._held: frozenset[str] = frozenset()
        """Buckets that are left to other nodes."""
        self._decisions = SharedDecisions(
            self.id,
            lambda: self._search.crashers.memory,
            search.disk,
            Folder(options.cache.root, (*options.cache.parts, "decided")),
            f"{digest(options.target.id.encode('utf-8', 'surrogateescape'))[:SHORT_DIGEST]}.json",
            self._tell,
            warn,
        )
        self._smallest: dict[str, tuple[str, bytes | None]] = {}
        """Of crashers that were made smaller, by id: digest and content of the smallest input; None as long as that is
        not read.
        """
        self._claimed_at = -CLAIM_EVERY
        self._beats = 0
        self._told_at = -BEAT_EVERY

    def begin(self, hear: Callable[[], None] | None = None) -> None:
        """A worker has loaded the target, so that it is known what nodes must have in common; `hear` is called on
        another thread when something has come.
        """
        topic = topic_of(self._target, self._search.parameters)
        if self._place.doubts:
            self._warn("share", self._place.doubts)
        place, node = self._place, self.id
        self._exchange = self._given_exchange or Exchange(lambda: store_at(place, topic, node))
        self._exchange.begin(hear)
        self._decisions.begin()

    def look(self, snapshot: Snapshot, *, takes: bool = True) -> None:
        """See how things stand, and `talk`. To be called several times a second; `snapshot`: the newest."""
        exchange = self._exchange
        if exchange is None:
            return
        if exchange.has_lost_all:
            exchange.has_lost_all = False
            self._next_entry, self._unsent = 0, None
            self._told.clear()
            self._smallest.clear()
            self._claims.mine.clear()
            self._decisions.tell_all()
            self._job.forget_brought()
            self._has_heard = False
        now = self._clock.elapsed()
        self._job.learn()
        self._decisions.look(now)
        self._leave_to_others(exchange, now if takes else None)
        if now - self._told_at >= BEAT_EVERY:
            self._told_at = now
            exchange.tell(self._beat(exchange, snapshot, snapshot.phase.value))
        self.talk(takes=takes)
        if exchange.failure:
            self._warn("share", say("Sharing has ended by a failure of fuzztui: {}", exchange.failure))

    def talk(self, *, takes: bool) -> None:
        """Hand over what there is, take what has come, if anybody is to run it: `takes`."""
        exchange = self._exchange
        if exchange is None:
            return
        now, peers, room = self._clock.elapsed(), exchange.peers(), self._job.room
        taken = exchange.take(room) if takes else []
        for node, message in taken:
            self._take(node, name_of(node, peers.get(node)), message, now)
        if any(isinstance(message, Claim) for _, message in taken):
            self._leave_to_others(exchange, now)  # before its crasher is run, which comes with it
        if taken:
            self._wake()
        self._has_heard = self._has_heard or (exchange.has_caught_up and len(taken) < room)
        self._offer(exchange)

    def _take(self, node: str, name: Visible, message: Message, now: float) -> None:
        match message:
            case Find() | Crash():
                self._job.give(node, name, message)
            case Order():
                self._obey(name, message)
            case Claim():
                self._claims.hear(node, message.bucket, message.seconds, now)
            case Decided() if self._place.doubts:
                self._warn(
                    "decisions", say("node {} has decided about a crasher, which counts not: anybody could", name)
                )
            case Decided():
                self._decisions.take(name, message)

    def _tell(self, sentence: Visible) -> None:
        self._search.listener.on_event(Steered(self._clock.elapsed(), sentence))

    def _leave_to_others(self, exchange: Exchange, now: float | None) -> None:
        """Have this run learn no more of what other nodes have claimed; `now`: None where they may not be done before
        it is over.
        """
        held: frozenset[str] = frozenset()
        if now is not None and not self._place.doubts:
            peers, clock = exchange.peers(), time.monotonic()

            def is_alive(node: str) -> bool:
                row = row_of(node, peers[node], clock) if node in peers else None
                return row is not None and row.silent is None and not row.is_over

            held = self._claims.held(now, is_alive) | self._job.learned.buckets
        if held != self._held:
            self._held = held
            self._search.leave_to_others(held)

    # Orders -----------------------------------------------------------------------------------------------------------

    def order(self, wish: OrderNode) -> Visible | None:
        """Ask another node for something: what was asked, or None if the store takes nothing now."""
        exchange = self._exchange
        if exchange is None or not exchange.is_connected or exchange.problem:
            return None
        if not exchange.offer(encode(Order(str(wish.node), wish.worker, wish.action))):
            return None
        return say("node {} is asked to {} worker {}", one_line(wish.node, 60), one_line(wish.action), wish.worker)

    def _obey(self, name: Visible, order: Order) -> None:
        if order.node != self.id:
            return
        asked = say("node {} has asked to {} worker {}", name, one_line(order.action, 20), order.worker)
        if self._place.doubts:
            self._warn("order", say("{}, which is not done: anybody could", asked))
            return
        match order.action:
            case "stop":
                self._crew.stop_worker(order.worker)
            case "pause" | "resume":
                self._crew.pause_worker(order.worker, order.action == "pause")
            case _:
                return
        self._warn("order", asked)

    async def finish(self, snapshot: Snapshot) -> None:
        """Publish what is left, for a moment at most, and tell what stays here."""
        exchange = self._exchange
        if exchange is None:
            return
        until = time.monotonic() + LAST_PATIENCE
        self._is_over = True
        self._offer(exchange)
        while self._left(exchange) and time.monotonic() < until and not exchange.has_ended:
            await asyncio.sleep(0.02)
            self._offer(exchange)
        exchange.tell(self._beat(exchange, snapshot, ENDED))
        exchange.close(max(0.1, until - time.monotonic()))
        while not exchange.has_ended and time.monotonic() < until:
            await asyncio.sleep(0.02)
        if left := self._left(exchange):
            why = exchange.problem or say("it took more than {:g} s", LAST_PATIENCE)
            self._warn("unsent", say("{:,} finds and crashers stay here, others have not been told: {}", left, why))

    def abandon(self) -> None:
        """The run is over, in whatever way."""
        if self._exchange is not None:
            self._exchange.close(0.0)

    # What is published ------------------------------------------------------------------------------------------------

    def _offer(self, exchange: Exchange) -> None:
        for bucket, decided in self._decisions.untold():
            if not exchange.offer(decided):
                return
            self._decisions.told(bucket)
        if not (self._baseline.is_done and self._has_heard) and not self._is_over:
            return  # what others already know is not known yet
        while True:
            message = self._unsent if self._unsent is not None else next(self._messages, None)
            self._unsent = None
            if message is None:
                self._messages = self._unpublished()
                message = next(self._messages, None)
                if message is None:
                    return
            if not exchange.offer(message):
                self._unsent = message
                return

    def _unpublished(self) -> Iterator[bytes]:
        """Messages of what is new since the last one that was made."""
        yield from self._crashes()
        yield from self._claim()
        if not self._baseline.is_done:
            return  # what this run has looked at is what others may have, and the next run looks at it again
        entries = self._search.corpus
        last = entries.entries[-1].number if entries.entries else -1
        while self._next_entry <= last:
            entry = entries.by_number.get(self._next_entry)
            self._next_entry += 1
            is_of_use = entry is not None and entry.origin is not Origin.ZERO
            if entry is None or not is_of_use or not (entry.edges or entry.elapsed is not None):
                continue
            if not self._job.has_brought(entries.digest_of(entry)):
                yield from self._sendable(Find(entry.data))

    def _crashes(self) -> Iterator[bytes]:
        for crasher in list(self._search.crashers.crashers):
            own = crasher.confirmation if crasher.confirmation is None or not crasher.confirmation.node else None
            known = own, self._least(crasher)
            if self._told.get(crasher.id) == known or crasher.is_expected:
                continue
            is_new = crasher.id not in self._told
            self._told[crasher.id] = known
            if is_new and self._job.has_brought(crasher.sha256):
                continue  # others know it
            record = record_of(crasher, self._target, utc_now(), self._project).to_json()
            is_unlearned = crasher.confirmation is None and self._search.is_wanted(crasher.id)
            if is_new and is_unlearned and not (self._place.doubts or self._is_over):
                yield from self._claimed(str(crasher.id), self._clock.elapsed())
            before = list(crasher.before) if len(crasher.before) <= MOST_BEFORE else []
            _, smallest = self._smallest.get(crasher.id, ("", None))
            yield from self._sendable(Crash(crasher.data, before, record, smallest or b""))

    def _least(self, crasher: Crasher) -> str:
        """Digest of the smallest input that this run has found; empty as long as there is none, or it is being read."""
        minimized = crasher.minimized
        if minimized is None or minimized.is_running or minimized.failure is None:
            return ""
        known, data = self._smallest.get(crasher.id, ("", None))
        if known != minimized.sha256:
            self._smallest[crasher.id] = minimized.sha256, None
            self._read_smallest(crasher, minimized)
            known, data = self._smallest[crasher.id]
        return known if data is not None and not self._job.has_brought(known) else ""

    def _read_smallest(self, crasher: Crasher, minimized: Minimized) -> None:
        path = minimized.path
        if path is None:  # it is the crasher's own, or could be stored nowhere
            self._smallest[crasher.id] = minimized.sha256, crasher.data if minimized.data is None else minimized.data
            return

        def read() -> bytes | None:
            try:
                return read_file(path, LONGEST)
            except OSError:
                return None  # somebody has removed it: others look for a small input themselves

        def done(data: bytes | None) -> None:
            self._smallest[crasher.id] = minimized.sha256, data

        self._search.disk.do(read, done)

    def _claim(self) -> Iterator[bytes]:
        """Say of which crashers this run learns more, and of which no longer."""
        if self._place.doubts or self._is_over:
            return
        now = self._clock.elapsed()
        if now - self._claimed_at < CLAIM_EVERY:
            return
        self._claimed_at = now
        unlearned = {str(crasher.id) for crasher in self._search.unlearned}
        for bucket in [bucket for bucket in self._claims.mine if bucket not in unlearned]:
            del self._claims.mine[bucket]
            yield encode(Claim(bucket, 0.0))
        for bucket in unlearned:
            if bucket in self._told:
                yield from self._claimed(bucket, now)

    def _claimed(self, bucket: str, now: float) -> Iterator[bytes]:
        if len(self._claims.mine) < MOST_CLAIMS and bucket not in self._claims.mine:
            self._claims.mine[bucket] = now + CLAIM_SECONDS
            yield encode(Claim(bucket, CLAIM_SECONDS))

    def _sendable(self, message: Find | Crash) -> Iterator[bytes]:
        content = encode(message)
        if len(content) <= LONGEST:
            yield content
            return
        self._too_large += 1
        self._warn(
            "large",
            say("{:,} inputs of over {:,} bytes are not shared: they stay on this node", self._too_large, LONGEST),
        )

    def _left(self, exchange: Exchange) -> int:
        """How many messages are not published, as far as that is known: those of one crasher count once."""
        entries = self._search.corpus.entries
        unread = takewhile(lambda entry: entry.number >= self._next_entry, reversed(entries))
        entries_left = sum(1 for _ in unread) if self._baseline.is_done else 0
        return exchange.waiting + entries_left + (self._unsent is not None)

    def _beat(self, exchange: Exchange, snapshot: Snapshot, state: str) -> bytes:
        self._beats += 1
        return encode(
            Beat(
                name=self.name,
                host=platform.node(),
                pid=os.getpid(),
                number=self._beats,
                every=interval(exchange.alive + 1),
                state="paused" if snapshot.is_paused and state != ENDED else state,
                workers=len(snapshot.workers),
                executions=snapshot.executions,
                rate=snapshot.rate or 0.0,
                edges=snapshot.edges,
                corpus=snapshot.corpus,
                crashers=snapshot.distinct,
                version=__version__,
                python=platform.python_version(),
                crew=[(row.id, row.state.value, row.executions, row.crashers) for row in snapshot.workers[:MOST_SHOWN]],
                edges_total=snapshot.edges_total,
                target=self._target,
                parameters=list(self._search.parameters),
            )
        )

    # What people see --------------------------------------------------------------------------------------------------

    def shown(self, snapshot: Snapshot) -> Shown:
        """How it goes; `snapshot`: the newest, for the row of this node."""
        exchange, counts = self._exchange, self._job.counts
        peers = exchange.peers() if exchange is not None else {}
        now = time.monotonic()
        rows = [row_of(node, peer, now, refused=counts.by_node.get(node, 0)) for node, peer in peers.items()]
        is_over = snapshot.outcome is not None
        return Shown(
            place=self._place.shown,
            node=one_line(self.name),
            is_connected=exchange is not None and exchange.is_connected,
            problem=exchange.problem if exchange is not None and not is_over else NOTHING,
            waiting=self._left(exchange) if exchange is not None else 0,
            sent=exchange.sent if exchange is not None else 0,
            received=counts.received,
            refused=counts.refused + sum(peer.malformed for peer in peers.values()),
            run=counts.run,
            taken=counts.taken,
            failing=counts.failing,
            nodes=(self._own_row(snapshot), *sorted((row for row in rows if row is not None), key=lambda row: row.id)),
            elsewhere=self._job.elsewhere,
        )

    def _own_row(self, snapshot: Snapshot) -> NodeRow:
        return NodeRow(
            id=one_line(self.id),
            name=one_line(self.name),
            host=one_line(platform.node(), 100),
            pid=os.getpid(),
            is_here=True,
            state=say("{}", "paused" if snapshot.is_paused else snapshot.phase.value),
            silent=None,
            age=0.0,
            workers=len(snapshot.workers),
            executions=snapshot.executions,
            rate=snapshot.rate or 0.0,
            edges=snapshot.edges,
            corpus=snapshot.corpus,
            crashers=snapshot.distinct,
            version=say("Python {}, fuzztui {}", platform.python_version(), __version__),
            crew=tuple(
                NodeWorker(row.id, label(row.state.value), row.executions, row.crashers)
                for row in snapshot.workers[:MOST_SHOWN]
            ),
        )
