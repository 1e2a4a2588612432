"""Runs what other nodes have found, each input once.

Nothing that a node says of its inputs is believed: one that covers something new here enters the corpus, one that fails
here is a crasher of this run, like any other. A crasher of another node that runs clean here is remembered as one that
was seen there only. So nodes that run other versions of the code, or of Python, do no harm, and neither does one that
sends whatever it likes: all that it costs is a share of the time.
"""

from collections import deque
from dataclasses import dataclass, field
from hashlib import sha256
from typing import ClassVar, Final

from fuzztui.engine.keep.corpus import Entry, Origin
from fuzztui.engine.keep.record import Record
from fuzztui.engine.keep.storage import Folder, replace, write_once
from fuzztui.engine.share.messages import Crash, Find, MalformedMessageError
from fuzztui.engine.share.records import record_from
from fuzztui.engine.show.events import SeenElsewhere
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.sharing import Elsewhere
from fuzztui.engine.show.text import Visible, os_error, say
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.call import Batch, Clean, Death, Item, Report
from fuzztui.engine.work.learned import Learned, Lesson
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspecting, Suspects
from fuzztui.protocol.framing import ProtocolError

BATCH: Final = 32
"""Inputs of one call at most."""

ROOM: Final = 256
"""Inputs that may wait here: the others wait where they come from."""

SHARE: Final = 0.25
"""Of the workers' time that inputs of others may take. What nodes find is run in far less."""

BURST: Final = 20.0
"""Seconds of one worker that they may take beyond that: who comes late has much to catch up with."""

DEATH_SECONDS: Final = 1.0
"""That the end of a process costs besides: the target is loaded anew."""

MOST_REMEMBERED: Final = 100_000
"""Digests of inputs that have come, so that none is run twice: the newest."""

MOST_DEATHS: Final = 2
"""Processes that may end before a crasher's own input is reached: what has to run before it fails by itself here."""

MOST_ELSEWHERE: Final = 200
"""Crashers that were seen on other nodes only: of further ones only the number is kept."""

MOST_NODES: Final = 16
"""Nodes that are named as those that have seen one."""


@dataclass(slots=True)
class _Given:
    """What came from another node, as one input or as a crasher with what has to run before it."""

    node: Visible
    items: list[Item]
    record: Record | None = None
    """Of a crasher."""
    lesson: Lesson | None = None
    """Of the smaller input of a crasher that is known here."""
    deaths: int = 0
    """Processes that have ended while they ran it."""


@dataclass(slots=True)
class Counts:
    """What has come."""

    received: int = 0
    refused: int = 0
    run: int = 0
    taken: int = 0
    failing: int = 0
    elsewhere: int = 0
    by_node: dict[str, int] = field(default_factory=dict)
    """Of what was refused."""


class FromOthers(Suspecting):
    """Is given what has come, and has it run."""

    state: ClassVar = WorkerState.EXECUTING

    def __init__(self, account: Account, search: Search, suspects: Suspects, baseline: Baseline) -> None:
        """`baseline`: must be over before it can be said what is new."""
        super().__init__(account, suspects)
        self._search = search
        self._baseline = baseline
        self._finds: deque[_Given] = deque()
        self._crashes: deque[_Given] = deque()
        self._owners: dict[int, _Given] = {}
        """By the `id` of an item that waits or runs."""
        self._since: dict[int, float] = {}
        """Worker -> when it was given what it runs, or has answered last, in seconds of the run."""
        self._used = 0.0
        """Seconds of workers that have been spent so far."""
        self._seen: dict[str, None] = {}
        """Digests of inputs that have come, the newest last."""
        self._buckets: dict[str, Elsewhere] = {}
        self.learned = Learned(search)
        self.counts = Counts()

    # What comes -------------------------------------------------------------------------------------------------------

    @property
    def room(self) -> int:
        """How much more may be given."""
        return max(0, ROOM - len(self._finds) - len(self._crashes))

    @property
    def elsewhere(self) -> tuple[Elsewhere, ...]:
        """Crashers that were seen on other nodes only."""
        return tuple(self._buckets.values())

    def has_brought(self, digest: str) -> bool:
        """Whether an input of this digest has come from another node."""
        return digest in self._seen

    def forget_brought(self) -> None:
        """The store has lost all that was told: what others had told this node is to be told by whoever has it."""
        self._seen.clear()

    def give(self, node: str, name: Visible, message: Find | Crash) -> None:
        """Take in what a node has told: `node`: its identity, `name`: how it is called."""
        try:
            given = self._checked(name, message)
        except (MalformedMessageError, ProtocolError):
            self.counts.refused += 1
            self.counts.by_node[node] = self.counts.by_node.get(node, 0) + 1
            return
        self.counts.received += 1
        if given is None:
            return
        for item in given.items:
            self._owners[id(item)] = given
        (self._finds if given.record is None else self._crashes).append(given)

    def _checked(self, name: Visible, message: Find | Crash) -> _Given | None:
        """What is to be run of it; None if nothing is, for it is known."""
        search = self._search
        search.check_input(message.data)
        digest = sha256(message.data).hexdigest()
        is_known = digest in self._seen
        if not isinstance(message, Crash):
            self._note(digest)
            if is_known or search.corpus.get(digest) is not None or digest in search.crashers.digests:
                return None
            return _Given(name, [Item(message.data)])
        record = record_from(message.record)
        for data in message.before:
            search.check_input(data)
        if record.sha256 != digest:
            raise MalformedMessageError("a record of another input")
        if message.smallest:
            search.check_input(message.smallest)
        self.learned.hear(name, message, record)
        self._note(digest)
        known = self._buckets.get(record.id)
        if known is not None:
            self._seen_there_too(known, name)
        if search.crashers.is_known(record.id) or is_known:
            return None
        return _Given(name, [*map(Item, message.before), Item(message.data)], record)

    def learn(self) -> None:
        """Add what others have learned of crashers that are known by now, and have their smaller inputs run."""
        for lesson in self.learned.learn():
            item = Item(lesson.smallest)
            self._note(sha256(lesson.smallest).hexdigest())
            self._owners[id(item)] = given = _Given(lesson.node, [item], lesson=lesson)
            self._crashes.append(given)

    def _note(self, digest: str) -> None:
        """Also of what this node has itself: it need not be told once more."""
        self._seen[digest] = None
        if len(self._seen) > MOST_REMEMBERED:
            del self._seen[next(iter(self._seen))]

    # Running ----------------------------------------------------------------------------------------------------------

    @property
    def is_done(self) -> bool:
        """Whether all that has come has been run."""
        return not self._owners

    def next(self, worker: int, workers: int) -> Batch | None:
        """Some of what has come, once it is known what the run began with, and as long as it takes no more than its
        share.
        """
        if not self._baseline.is_done or not (self._finds or self._crashes):
            return None
        now = self._search.clock.elapsed()
        if self._used > BURST + SHARE * now * workers:
            return None
        self._since[worker] = now
        if self._crashes:
            given = self._crashes.popleft()
            return Batch(given.items, alone=given if len(given.items) > 1 else None)
        found = [self._finds.popleft() for _ in range(min(BATCH, len(self._finds)))]
        return Batch([item for given in found for item in given.items])

    def give_back(self, worker: int, items: list[Item]) -> None:  # noqa: ARG002
        """They come first again. Of a crasher, all that has to run before it does so once more."""
        back: dict[int, _Given] = {}
        for item in items:
            given = self._owners.pop(id(item))
            if any(item is each for each in given.items):  # otherwise all of it has gone back before
                back[id(given)] = given
        for given in reversed(list(back.values())):
            if given.record is not None and given.deaths >= MOST_DEATHS:
                self._ran_clean(given, given.record)
                continue
            if given.record is not None:
                given.items = [Item(old.data) for old in given.items]
            for item in given.items:
                self._owners[id(item)] = given
            (self._finds if given.record is None else self._crashes).appendleft(given)

    def take(self, worker: int, item: Item, report: Report) -> None:
        """Something new is fuzzed from now on, a failure is recorded, a crasher that runs clean is one of others."""
        self._spend(worker)
        given = self._owners.pop(id(item), None)  # None for what had to run before a crasher that is run anew
        self.counts.run += 1
        if not isinstance(report, Clean):
            self.counts.failing += 1
            self._search.record(worker, item.data, report.failure, None)
        elif given is not None and given.record is not None and item is given.items[-1]:
            self._ran_clean(given, given.record)
        if given is not None and given.lesson is not None:
            self.learned.ran(given.lesson, report.failure if not isinstance(report, Clean) else None)
        if isinstance(report, Clean) and report.new:
            self._admit(item.data, report)

    def _admit(self, data: bytes, report: Clean) -> None:
        search = self._search
        digest = sha256(data).hexdigest()
        entry = Entry(data, digest, Origin.GENERATED, elapsed=search.clock.elapsed(), brought=report.new)
        if search.corpus.take_in(entry):
            self.counts.taken += 1
            search.schedule.add(entry, search.coverage.numbers(report.edges))
            search.keep_generated(data)
            search.listener.on_new_entry()

    def _spend(self, worker: int, more: float = 0.0) -> None:
        now = self._search.clock.elapsed()
        self._used += now - self._since.get(worker, now) + more
        self._since[worker] = now

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """It has cost a process, too."""
        self._spend(worker, DEATH_SECONDS)
        if item is not None and (given := self._owners.get(id(item))) is not None:
            given.deaths += 1
        super().died(worker, item, death)

    def undecided(self, worker: int, item: Item, failure: Failure, why: Visible) -> None:  # noqa: ARG002
        """Whoever has found it keeps it."""
        self._owners.pop(id(item), None)

    def unproven(self, worker: int, data: bytes, suspicion: Visible) -> None:
        """Whoever has found it keeps it."""

    # What was seen elsewhere ------------------------------------------------------------------------------------------

    def _ran_clean(self, given: _Given, record: Record) -> None:
        known = self._buckets.get(record.id)
        if known is not None:
            self._seen_there_too(known, given.node)
            return
        self.counts.elsewhere += 1
        if len(self._buckets) >= MOST_ELSEWHERE:
            return
        found = Elsewhere((given.node,), record.failure, record.sha256, record.values, record.size)
        self._buckets[record.id] = found
        self._search.listener.on_event(SeenElsewhere(self._search.clock.elapsed(), found))
        self._keep(record, given.items[-1].data)

    def _seen_there_too(self, known: Elsewhere, name: Visible) -> None:
        if name not in known.nodes and len(known.nodes) < MOST_NODES:
            self._buckets[known.id] = Elsewhere(
                (*known.nodes, name), known.failure, known.sha256, known.values, known.size
            )

    def _keep(self, record: Record, data: bytes) -> None:
        """The machine that has met it may be gone tomorrow."""
        records = self._search.records
        folder = Folder(records.root, (*records.parts, "elsewhere"))

        def keep() -> Visible | None:
            try:
                write_once(folder, record.sha256, data)
                replace(folder, f"{record.id}.json", record.to_json(), durable=False)
            except OSError as error:
                return os_error(error, folder)
            return None

        def kept(problem: Visible | None) -> None:
            if problem is not None:
                self._search.listener.warn(
                    "elsewhere", say("A crasher that was seen on another node could not be kept: {}", problem)
                )

        self._search.disk.do(keep, kept)
