"""Talks to the store in a thread of its own, so that the engine never waits for it.

What is to be published is handed over only as long as there is room, and read only as long as there is room: what
waits, waits in the corpus and in the store, which both outlive this process. So memory is bounded, and a store that is
away for long costs nothing.

Why nothing is lost. A message counts as published when the store has said so; what was published in the last seconds
before the store went away is published again, for a server that is killed may lose that. One that comes back without
anything is told from the one that was there (`Store.open`), and everything is published again. A reader goes on after
the last message that it has handed over. All of this may bring a message twice, which the reader sees by its digest.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from fuzztui.engine.share.messages import Beat, MalformedMessageError, Message, decode_beat, decode_message, size_of
from fuzztui.engine.share.stir import Stir
from fuzztui.engine.share.store import MOST_AT_ONCE, MOST_NODES, START, RefusedError, Store, StoreError
from fuzztui.engine.show.sharing import ENDED
from fuzztui.engine.show.text import NOTHING, Visible, label, one_line, say

MOST_WAITING: Final = 256
"""Messages that wait for the store."""

MOST_UNREAD: Final = 256
"""Messages of one node that wait to be taken: of no node more than the others."""

MOST_BYTES: Final = 32 << 20
"""Of messages that wait to be taken, and of those that wait for the store."""

WAIT: Final = 0.1
"""Seconds between two readings that bring something, or two publishings, at most."""

EFFORT: Final = 0.03
"""Of a processor that each of both may take, as long as that makes nobody wait for longer: what is found in the first
seconds is told together then.
"""

BEAT: Final = 2.0
"""Seconds between two words on how a node fares. Of many nodes each speaks less often, see `interval`."""

FIRST_LOOK: Final = 0.1
"""Seconds until it is looked again who else there is, at first: nodes that are started together come one by one. After
each look it is twice as many, until it is as many as between two words.
"""

CROWD: Final = 100
"""Nodes up to which each speaks so often."""

ALIVE_SECONDS: Final = 60.0
"""After its last sign of life a node is asked less often whether it has told something: where nodes come and go, most
of those that are known have ended.
"""

LONGEST_INTERVAL: Final = 600.0
"""Seconds between two words of a node that are believed."""

CATCH_UP: Final = 10.0
"""Seconds after which what was told before we came counts as read, so that nothing waits for that any longer."""

LOST_SECONDS: Final = 10.0
"""What a server that is killed may lose, a generous guess: by default they write to the disk each second."""

MOST_REPEATED: Final = 2_000
"""Messages that are published again after a break."""

MOST_BYTES_AT_ONCE: Final = 4 << 20
"""Of messages that are published at once."""

FIRST_RETRY: Final = 0.2
LAST_RETRY: Final = 3.0
"""Seconds before the store is tried again."""


def interval(nodes: int) -> float:
    """Seconds between two words of a node that is one of so many: all read what all say, so with each more they have
    to say less.
    """
    return BEAT * max(1.0, nodes / CROWD)


def gap(nodes: int) -> float:
    """Seconds between two readings that bring nothing, where one of so many nodes may not ask all the time: a server
    takes 0.3 ms to look whether there is anything new, and 0.7 us more for each node, for each of them. So it is kept
    busy for a quarter of its time at most. 0 where they are few.
    """
    seconds = 4 * nodes * (0.3e-3 + 0.7e-6 * nodes)
    return seconds if seconds > WAIT else 0.0


@dataclass(slots=True)
class Peer:
    """Another node, as it is known here."""

    beat: Beat | None = None
    content: bytes = b""
    """Of the beat, as it was sent."""
    heard: float | None = None
    """When it last gave a sign of life, on the monotonic clock; None for one that has been silent since we came."""
    malformed: int = 0
    """Messages of its that are none."""
    received: int = 0
    unread: deque[Message] = field(default_factory=deque)


class Exchange:
    """All methods may be called on the engine's loop: none blocks."""

    def __init__(self, store: Callable[[], Store], clock: Callable[[], float] = time.monotonic) -> None:
        """`store` makes the store; it is called on the exchange's thread."""
        self._make = store
        self._clock = clock
        self._lock = threading.Lock()
        """Guards what both threads change: what waits to be published or taken, and the peers."""
        self._outbox: deque[bytes] = deque()
        self._outbox_bytes = 0
        self._peers: dict[str, Peer] = {}
        self._unread_bytes = 0
        self._beat: bytes | None = None
        self._stir = Stir()
        """Set where there is something to do for the thread, which may be waiting."""
        self._hear: Callable[[], None] | None = None
        """Is called on the thread when something has come, until the exchange is closed."""
        self._until: float | None = None
        """When the thread gives up publishing what is left, on the clock; None as long as nobody has closed."""
        self._thread = threading.Thread(target=self._work, name="shares what is found", daemon=True)
        # The thread's own:
        self._store_id = ""
        self._after: dict[str, str] = {}
        """Node -> the last position that was read."""
        self._recent: deque[tuple[float, bytes]] = deque()
        """What was published just now, and when."""
        self._has_looked = False
        self._telling: set[str] = set()
        """Nodes that may have more to tell, for they are new or had something when they were last asked."""
        self._asks_all = True
        """Whether the next reading is to ask nodes, too, that give no sign of life."""
        self._opened_at = 0.0
        # What it tells, each in one assignment:
        self.is_connected = False
        self.problem: Visible = label("not connected yet")
        """Why the store cannot be used, or written to; empty as long as it can."""
        self.sent = 0
        """Messages that were published."""
        self.has_lost_all = False
        """Whether the store has come back without what was published. Whoever offers it again sets this back."""
        self.has_caught_up = False
        """Whether all was read that had been told before we came, or the store came back without what was published."""
        self.failure: Visible = NOTHING
        """What the thread has broken at, a failure of ours; empty as long as it has not."""

    # The engine's side ------------------------------------------------------------------------------------------------

    def begin(self, hear: Callable[[], None] | None = None) -> None:
        """Start the thread, which calls `hear` when there is something to be taken."""
        self._hear = hear
        self._thread.start()

    def offer(self, message: bytes) -> bool:
        """Hand a message over to be published; False if there is no room now."""
        with self._lock:
            if len(self._outbox) >= MOST_WAITING or self._outbox_bytes + len(message) > MOST_BYTES:
                return False
            self._outbox.append(message)
            self._outbox_bytes += len(message)
        self._stir.set()
        return True

    def tell(self, beat: bytes) -> None:
        """Say how this node fares, when it is time for that."""
        self._beat = beat

    def take(self, most: int) -> list[tuple[str, Message]]:
        """So many messages of other nodes that nobody has taken yet, one of each node in turn."""
        found: list[tuple[str, Message]] = []
        with self._lock:
            waiting = [(node, peer.unread) for node, peer in self._peers.items() if peer.unread]
            while waiting and len(found) < most:
                for node, unread in waiting[: most - len(found)]:
                    message = unread.popleft()
                    self._unread_bytes -= size_of(message)
                    found.append((node, message))
                waiting = [(node, unread) for node, unread in waiting if unread]
        return found

    def peers(self) -> dict[str, Peer]:
        """The other nodes by their identities, to be read only."""
        with self._lock:
            return dict(self._peers)

    @property
    def alive(self) -> int:
        """How many of the other nodes give signs of life."""
        now = self._clock()
        with self._lock:
            return sum(_is_alive(peer, now) for peer in self._peers.values())

    @property
    def waiting(self) -> int:
        """Messages that were handed over and are not published."""
        return len(self._outbox)

    def close(self, patience: float) -> None:
        """Publish what waits, say the last word, and end, all within so many seconds; see `has_ended`."""
        with self._lock:
            self._hear = None
        self._until = self._clock() + patience
        self._stir.set()

    @property
    def has_ended(self) -> bool:
        """Whether the thread has ended, or was never begun."""
        return not self._thread.is_alive()

    # The thread -------------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            self._serve()
        except BaseException as error:
            self.failure = say("{}: {}", type(error).__name__, one_line(str(error), 200))
            self.problem = say("sharing has ended: {}", self.failure)
        self.is_connected = False

    @property
    def _is_late(self) -> bool:
        return self._until is not None and self._clock() >= self._until

    def _serve(self) -> None:
        wait = FIRST_RETRY
        while not self._is_late:
            store = self._make()
            try:
                self._open(store)
                wait = FIRST_RETRY
                self._talk(store)
                return
            except StoreError as error:
                self.is_connected = False
                self.problem = error.sentence
                self._repeat_recent()
            finally:
                store.close()
            self._rest(wait)
            wait = min(LAST_RETRY, 2 * wait)

    def _rest(self, seconds: float) -> None:
        """Wait, but no longer than until the end, which may be decided meanwhile."""
        until = self._clock() + seconds
        while (left := min(until, self._until or until) - self._clock()) > 0:
            self._stir.wait(min(left, WAIT))

    def _open(self, store: Store) -> None:
        found = store.open()
        if self._store_id and found != self._store_id:
            self._after = dict.fromkeys(self._after, START)
            self._telling = set(self._after)
            self.has_caught_up = False
            self.has_lost_all = True
        self._store_id = found
        if self._after:
            self._after.update(store.ends(self._after))
        self._look_around(store)
        self._opened_at = self._clock()
        self.problem = NOTHING
        self.is_connected = True

    def _talk(self, store: Store) -> None:
        """Until the end. StoreError if the store is away."""
        looked, told, tries_at, reads_at = self._clock(), None, 0.0, 0.0
        looks_every = FIRST_LOOK * max(1.0, len(self._peers) / CROWD)
        while True:
            is_closing, now = self._until is not None, self._clock()
            every = interval(self.alive + 1)
            looks_every = min(looks_every, interval(len(self._peers) + 1))
            try:
                if now >= tries_at:
                    if self._beat is not None and (told is None or now - told >= every):
                        store.tell(self._beat)
                        told = now
                    tries_at = now + self._publish(store)
                    self.problem = NOTHING
                    if is_closing and not self._outbox:
                        if self._beat is not None:
                            store.tell(self._beat)
                        return
            except RefusedError as error:
                self.problem = error.sentence
                tries_at = now + FIRST_RETRY * 5
            if self._is_late:
                return
            if now - looked >= looks_every:
                self._look_around(store)
                looked, looks_every = now, 2 * looks_every
            patience = self._patience(now, looked + looks_every, now + WAIT if told is None else told + every, tries_at)
            if now < reads_at:
                self._stir.wait(min(patience, reads_at - now))
                continue
            began = time.thread_time()
            number = self._read(store, patience)
            if number:
                reads_at = self._clock() + (0.0 if number >= MOST_AT_ONCE else _rest(time.thread_time() - began))
            else:
                reads_at = now + gap(self.alive)

    def _patience(self, now: float, looks_at: float, tells_at: float, tries_at: float) -> float:
        """Seconds until there is something else to do than to read, unless it is stirred."""
        next_at = min(looks_at, max(tries_at, now if self._outbox else tells_at))
        return max(0.0, min(next_at, self._until or next_at) - now)

    def _publish(self, store: Store) -> float:
        """Some of what waits; returns for how many seconds the rest has time."""
        began = time.thread_time()
        with self._lock:
            batch: list[bytes] = []
            size = 0
            for message in self._outbox:
                if len(batch) >= MOST_AT_ONCE or (batch and size + len(message) > MOST_BYTES_AT_ONCE):
                    break
                batch.append(message)
                size += len(message)
        if not batch:
            return 0.0
        store.publish(batch)
        now = self._clock()
        with self._lock:
            for message in batch:
                self._outbox.popleft()
                self._outbox_bytes -= len(message)
        self.sent += len(batch)
        self._recent.extend((now, message) for message in batch)
        while self._recent and (now - self._recent[0][0] > LOST_SECONDS or len(self._recent) > MOST_REPEATED):
            self._recent.popleft()
        return 0.0 if self._outbox or self._until is not None else _rest(time.thread_time() - began)

    def _repeat_recent(self) -> None:
        """What the store has taken just before it went away may be lost with it."""
        now = self._clock()
        again = [message for at, message in self._recent if now - at <= LOST_SECONDS]
        self._recent.clear()
        self.sent -= len(again)
        with self._lock:
            self._outbox.extendleft(reversed(again))
            self._outbox_bytes += sum(map(len, again))

    def _look_around(self, store: Store) -> None:
        """See who there is, and who lives."""
        now = self._clock()
        beats = store.beats()
        with self._lock:
            for node, content in beats.items():
                peer = self._peers.get(node)
                if peer is None:
                    if len(self._peers) >= MOST_NODES:
                        continue
                    peer = self._peers[node] = Peer()
                    self._after.setdefault(node, START)
                    self._telling.add(node)
                    is_new = self._has_looked  # otherwise it may have been silent for days
                else:
                    is_new = True
                if content != peer.content:
                    peer.content = content
                    _take_beat(peer, content, now if is_new else None)
        self._has_looked = self._asks_all = True

    def _read(self, store: Store, patience: float) -> int:
        """Read as much as there is room for, and wait for it so many seconds where the store can: how many messages
        that has brought.
        """
        now = self._clock()
        with self._lock:
            is_full = self._unread_bytes >= MOST_BYTES
            wanted = {
                node: position
                for node, position in self._after.items()
                if not is_full
                and len(self._peers[node].unread) < MOST_UNREAD
                and (self._asks_all or node in self._telling or _is_alive(self._peers[node], now))
            }
        if not self._telling or now - self._opened_at > CATCH_UP:
            self.has_caught_up = True
        if not wanted:
            self._stir.wait(min(patience, WAIT))
            return 0
        self._asks_all = False
        told = store.read(wanted, 0.0 if gap(len(wanted)) else patience, self._stir)
        self._telling = self._telling.difference(wanted).union(each.node for each in told)
        with self._lock:
            for node, position, content in told:
                peer = self._peers[node]
                self._after[node] = position
                peer.received += 1
                try:
                    message = decode_message(content)
                except MalformedMessageError:
                    peer.malformed += 1
                    continue
                if message is not None:
                    peer.unread.append(message)
                    self._unread_bytes += size_of(message)
            if told and self._hear is not None:
                self._hear()
        return len(told)


def _rest(seconds: float) -> float:
    """Seconds until something is done again that has taken so many of a processor."""
    return min(WAIT, seconds / EFFORT)


def _is_alive(peer: Peer, now: float) -> bool:
    """Whether a node has given a sign of life lately, and has not said that it ends."""
    if peer.heard is None or peer.beat is None or peer.beat.state == ENDED:
        return False
    return now - peer.heard < max(ALIVE_SECONDS, 5 * min(peer.beat.every, LONGEST_INTERVAL))


def _take_beat(peer: Peer, content: bytes, now: float | None) -> None:
    try:
        beat = decode_beat(content)
    except MalformedMessageError:
        peer.malformed += 1
        return
    if beat is not None and (peer.beat is None or beat.number != peer.beat.number):
        peer.beat = beat
        peer.heard = now
