"""A session that only watches a campaign of others: it runs nothing, and writes nothing until somebody steers a node.

What there is to see is what nodes tell each other: how each fares, and the crashers. Whoever steers a node is a node as
well, since only nodes are heard; one that watches, which no other counts.
"""

import os
import platform
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Final, TypeVar

from fuzztui import __version__
from fuzztui.engine.crew.verdict import exit_code
from fuzztui.engine.live.wishes import OrderNode, Wish
from fuzztui.engine.questions.general import Question
from fuzztui.engine.session import ReadOnly, UnansweredError
from fuzztui.engine.share.campaigns import Found, campaigns_at
from fuzztui.engine.share.exchange import Exchange, Peer, interval
from fuzztui.engine.share.messages import Beat, Crash, Decided, Find, MalformedMessageError, Message, Order, encode
from fuzztui.engine.share.place import Place, name_from
from fuzztui.engine.share.rows import name_of, row_of
from fuzztui.engine.share.store import StoreError
from fuzztui.engine.share.stores import store_at
from fuzztui.engine.show.charts import MarkerKind
from fuzztui.engine.show.events import (
    CrasherConfirmed,
    CrasherFound,
    Ended,
    Event,
    NodeChanged,
    PhaseChanged,
    Stats,
    Steered,
    Warned,
)
from fuzztui.engine.show.history import INTERVAL as HISTORY_INTERVAL
from fuzztui.engine.show.history import History
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.sharing import ENDED, NodeRow, Sharing
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, label, one_line, say
from fuzztui.engine.watched import Watched

T = TypeVar("T")

STEP: Final = 0.25
"""Seconds between two looks at what has come."""

STATS_INTERVAL: Final = 3.0

MOST_TAKEN: Final = 512
"""Messages that are taken at one look: who comes late has much to read, and is to see something meanwhile."""

FIND_AGAIN: Final = 1.0
"""Seconds after which it is looked again whether a campaign has begun."""

LAST_PATIENCE: Final = 1.0
"""Seconds that the end waits for what somebody has asked of a node."""

WAITING: Final = label("no node yet")


class WatchSession(ReadOnly):
    """Shows a campaign as its nodes tell of it (see `SessionLike`), until it is stopped or its limit is reached."""

    reason = label("this dashboard only watches")

    def __init__(
        self,
        place: Place,
        campaign: Found | None,
        limit: float | None = None,
        choose: Callable[[list[Found]], Found | None] = lambda found: found[0] if found else None,
        exchange: Callable[[Found, str], Exchange] | None = None,
    ) -> None:
        """`campaign`: None as long as no node has come, then `choose` is given all that there are; `limit`: seconds;
        `exchange`: another than that of the place, for a campaign and the identity that this session has.
        """
        self._place = place
        self._limit = limit
        self._choose = choose
        self._id = f"{name_from(platform.node())}.{secrets.token_hex(4)}"
        self._make = exchange or self._of_place
        self._changed = threading.Condition()
        """Guards what is asked from other threads: the reason to stop, and the wishes."""
        self._stop_reason: StopReason | None = None
        self._wishes: list[OrderNode] = []
        self._began = time.monotonic()
        self._exchange: Exchange | None = None
        self._campaign: Found | None = None
        self._watched = Watched(())
        self._history = History()
        self._rows: dict[str, NodeRow] = {}
        self._before = 0
        """Executions of which nodes had told before we came."""
        self._refused = 0
        self._received = 0
        self._found_at: float | None = None
        """When the newest find was heard of."""
        self._looked_for = self._sampled = self._told = 0.0
        self._problem: Visible = NOTHING
        self._warned: dict[str, Visible] = {}
        self._beats = 0
        """How often this session has told of itself: not once as long as it only watches."""
        self._snapshot = self._composed(0, Phase.WATCHING)
        if campaign is not None:
            self._open(campaign)
            self._snapshot = self._composed(0, Phase.WATCHING)

    def _of_place(self, campaign: Found, node: str) -> Exchange:
        place, topic = self._place, campaign.topic
        return Exchange(lambda: store_at(place, topic, node))

    def _open(self, campaign: Found) -> None:
        self._campaign = campaign
        self._watched = Watched(campaign.parameters)
        self._exchange = self._make(campaign, self._id)

    # The session's thread ---------------------------------------------------------------------------------------------

    def run(self, on_event: Callable[[Event], None]) -> Outcome:
        """Watch until the session is stopped."""
        self._began = time.monotonic()
        if self._exchange is not None:
            self._exchange.begin()
        on_event(PhaseChanged(0.0, Phase.WATCHING))
        try:
            while (reason := self._reason_to_end()) is None:
                self._look(on_event)
                with self._changed:
                    if not self._stop_reason and not self._wishes:
                        self._changed.wait(STEP)
            self._look(on_event)
        finally:
            self._leave()
        return self._conclude(reason, on_event)

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _reason_to_end(self) -> StopReason | None:
        if self._stop_reason is None and self._limit is not None and self._elapsed >= self._limit:
            return StopReason.TIME_LIMIT
        return self._stop_reason

    def _look(self, on_event: Callable[[Event], None]) -> None:
        """Take in what has come, and show it."""
        if self._exchange is None:
            self._find()
        else:
            self._do_wishes(on_event)
            for node, message in self._exchange.take(MOST_TAKEN):
                self._take(node, message, on_event)
            self._see_nodes(self._exchange.peers(), on_event)
            self._warn_of(self._exchange, on_event)
            if self._beats:
                self._exchange.tell(self._beat("watching"))
        elapsed = self._elapsed
        self._snapshot = self._composed(elapsed, Phase.WATCHING)
        if elapsed - self._sampled >= HISTORY_INTERVAL:
            self._sampled = elapsed
            shown = self._snapshot
            self._history.sample(elapsed, shown.executions - self._before, shown.edges, shown.corpus)
        if elapsed - self._told >= STATS_INTERVAL:
            self._told = elapsed
            on_event(Stats(elapsed, self._snapshot))

    def _find(self) -> None:
        """See whether a campaign has begun."""
        if self._looked_for and self._elapsed - self._looked_for < FIND_AGAIN:
            return
        self._looked_for = self._elapsed
        try:
            chosen = self._choose(campaigns_at(self._place))
        except StoreError as error:
            self._problem = error.sentence
            return
        self._problem = NOTHING
        if chosen is not None:
            self._open(chosen)
            assert self._exchange is not None
            self._exchange.begin()

    def _take(self, node: str, message: Message, on_event: Callable[[Event], None]) -> None:
        assert self._exchange is not None
        self._received += 1
        match message:
            case Find():
                self._found_at = self._elapsed
            case Crash():
                self._take_crash(node, name_of(node, self._exchange.peers().get(node)), message, on_event)
            case Decided():
                try:
                    self._watched.decide(message)
                except MalformedMessageError:
                    self._refused += 1

    def _take_crash(self, node: str, name: Visible, message: Crash, on_event: Callable[[Event], None]) -> None:
        try:
            heard = self._watched.hear(node, name, message, self._elapsed)
        except MalformedMessageError:
            self._refused += 1
            return
        if heard is None:
            return
        if heard.is_new:
            self._history.mark(self._elapsed, MarkerKind.CRASHER)
            on_event(CrasherFound(self._elapsed, heard.crasher))
        if heard.is_confirmed:
            on_event(CrasherConfirmed(self._elapsed, heard.crasher))

    def _see_nodes(self, peers: dict[str, Peer], on_event: Callable[[Event], None]) -> None:
        now = time.monotonic()
        for node in sorted(peers):
            row = row_of(node, peers[node], now, since=self._began)
            if row is None:
                continue
            before = self._rows.get(node)
            self._before += row.executions if before is None else 0
            self._rows[node] = row
            if before is None or (before.state, before.silent is None) != (row.state, row.silent is None):
                on_event(NodeChanged(self._elapsed, row))

    def _warn_of(self, exchange: Exchange, on_event: Callable[[Event], None]) -> None:
        problem = exchange.failure or (exchange.problem if self._rows or self._elapsed > 1.0 else NOTHING)
        if problem and problem != self._problem:
            on_event(Warned(self._elapsed, say("{}: {}", self._place.shown, problem)))
        self._problem = problem

    # Steering a node --------------------------------------------------------------------------------------------------

    def _do_wishes(self, on_event: Callable[[Event], None]) -> None:
        with self._changed:
            wishes, self._wishes = self._wishes, []
        for wish in wishes:
            asked = say("node {} is asked to {} worker {}", one_line(wish.node, 60), one_line(wish.action), wish.worker)
            is_sent = self._send(Order(str(wish.node), wish.worker, wish.action))
            message = asked if is_sent else label("the store takes nothing now: the node is not asked")
            on_event(Steered(self._elapsed, message, is_refused=not is_sent))

    def _send(self, message: Message) -> bool:
        """Have nodes told something; False if the store takes nothing now."""
        exchange = self._exchange
        if exchange is None or not exchange.is_connected or exchange.problem:
            return False
        exchange.tell(self._beat("watching"))  # only who tells of itself is heard
        return exchange.offer(encode(message))

    def _beat(self, state: str) -> bytes:
        assert self._exchange is not None
        self._beats += 1
        return encode(
            Beat(
                name=self._id.rpartition(".")[0],
                host=platform.node(),
                pid=os.getpid(),
                number=self._beats,
                every=interval(len(self._exchange.peers()) + 1),
                state=state,
                workers=0,
                executions=0,
                rate=0.0,
                edges=0,
                corpus=0,
                crashers=0,
                version=__version__,
                python=platform.python_version(),
                watches=True,
            )
        )

    # The end ----------------------------------------------------------------------------------------------------------

    def _leave(self) -> None:
        if (exchange := self._exchange) is None:
            return
        if self._beats:
            exchange.tell(self._beat(ENDED))
        patience = LAST_PATIENCE if self._beats else 0.0  # who has told of nothing has nothing to send
        exchange.close(patience)
        until = time.monotonic() + patience
        while not exchange.has_ended and time.monotonic() < until:
            time.sleep(0.02)

    def _conclude(self, reason: StopReason, on_event: Callable[[Event], None]) -> Outcome:
        failing = sum(crasher.is_wanted for crasher in self._watched.crashers)
        code = exit_code(reason, failing=failing, unsaved=0, failed_workers=0)
        hits = self._snapshot.hits
        distinct = len(self._watched.crashers)
        outcome = Outcome(
            reason,
            NOTHING,
            code,
            received=hits,
            stored=distinct,
            duplicates=max(0, hits - distinct),
            unsaved=0,
            seconds=self._elapsed,
        )
        self._snapshot = replace(self._composed(outcome.seconds, Phase.ENDED), stop_reason=reason, outcome=outcome)
        on_event(Stats(outcome.seconds, self._snapshot))
        on_event(Ended(outcome.seconds, outcome, self._snapshot.executions, (), ()))
        return outcome

    # What is shown ----------------------------------------------------------------------------------------------------

    def _composed(self, elapsed: float, phase: Phase) -> Snapshot:
        exchange, campaign = self._exchange, self._campaign
        rows = sorted(self._rows.values(), key=lambda row: row.id)
        alive = [row for row in rows if row.silent is None and not row.is_over]
        beats = [peer.beat for peer in exchange.peers().values()] if exchange is not None else []
        crashers = self._watched.crashers
        name = campaign.name if campaign is not None else WAITING
        left_out = self._watched.left_out
        return Snapshot(
            version=self._snapshot.version + 1 if hasattr(self, "_snapshot") else 0,
            target_id=name,
            target_word=name,
            phase=phase,
            is_paused=False,
            stop_reason=None,
            elapsed=elapsed,
            time_limit=self._limit,
            execution_limit=None,
            stop_on_crash=False,
            baseline_done=0,
            baseline_total=0,
            executions=sum(row.executions for row in rows),
            rate=sum(row.rate for row in alive) if alive else None,
            average_rate=None,
            edges=max((row.edges for row in rows), default=0),
            edges_total=max((beat.edges_total for beat in beats if beat is not None), default=0),
            corpus=max((row.corpus for row in rows), default=0),
            corpus_new=0,
            last_new=elapsed - self._found_at if self._found_at is not None else None,
            workers=(),
            crashers=crashers,
            hits=sum(crasher.hits for crasher in crashers),
            recent=self._history.recent,
            history=self._history.whole,
            markers=self._history.markers,
            warnings=(
                *self._warned.values(),
                *((say("{:,} messages of further crashers found no room", left_out),) if left_out else ()),
            ),
            yields=(),
            outcome=None,
            loaded_at=0.0,
            sharing=Sharing(
                place=self._place.shown,
                is_connected=exchange is not None and exchange.is_connected,
                problem=self._problem,
                received=self._received,
                refused=self._refused + sum(row.refused for row in rows),
                nodes=tuple(rows),
            ),
        )

    def snapshot(self) -> Snapshot:
        """The newest state."""
        return self._snapshot

    # Commands: from any thread ----------------------------------------------------------------------------------------

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        """Watch no longer; the nodes go on."""
        with self._changed:
            self._stop_reason = self._stop_reason or reason
            self._changed.notify()

    def force_stop(self) -> None:
        """The same."""
        self.stop()

    def steer(self, wish: Wish) -> None:
        """Ask a node for something; whatever else is wished is a run's."""
        if isinstance(wish, OrderNode):
            with self._changed:
                self._wishes.append(wish)
                self._changed.notify()

    def ask(self, question: Question[T]) -> "Future[T]":
        """Nodes are asked nothing."""
        future: Future[T] = Future()
        future.set_exception(UnansweredError(f"{type(question).__name__} is a question for a run"))
        return future

    def pause(self) -> None:
        """Nothing runs here that could be held."""

    def resume(self) -> None:
        """Nothing is held."""
