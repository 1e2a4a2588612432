"""What other nodes have learned of crashers that this run knows, too: whether they fail again, and a smaller input.

It is believed where nobody but nodes can write to the store: then one node runs a crasher again and makes its input
smaller, and the others need not. That the smaller input fails here as well is seen by running it once.
"""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from fuzztui.engine.keep.record import Record
from fuzztui.engine.keep.stored import Stored
from fuzztui.engine.share.messages import Crash
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.inputs import size_words
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.needed import Needed
from fuzztui.engine.show.text import NOTHING, Visible, one_line, say
from fuzztui.engine.work.search import Search
from fuzztui.target.values import decode, show

MOST: Final = 512
"""Buckets of which something waits until they are known here."""

MOST_BYTES: Final = 32 << 20

VALUES_CHARACTERS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a node has told of a bucket."""

    node: Visible
    record: Record
    before: tuple[bytes, ...]
    smallest: bytes


class Learned:
    """Keeps what was told until the crasher is known here, then adds it to what is known."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._believes = search.options.share is not None and not search.options.share.doubts
        self._waiting: dict[str, Lesson] = {}
        self._bytes = 0

    def hear(self, node: Visible, message: Crash, record: Record) -> None:
        """Keep what a node tells, if that is more than that there is a crasher."""
        if not self._believes or (record.confirmation is None and record.minimized is None):
            return
        self._forget(record.id)
        self._waiting[record.id] = Lesson(node, record, tuple(message.before), message.smallest)
        self._bytes += len(message.smallest)
        while len(self._waiting) > MOST or self._bytes > MOST_BYTES:
            self._forget(next(iter(self._waiting)))

    def _forget(self, bucket: str) -> None:
        if (lesson := self._waiting.pop(bucket, None)) is not None:
            self._bytes -= len(lesson.smallest)

    @property
    def buckets(self) -> frozenset[str]:
        """Those of which something waits: nobody need begin to learn it here."""
        return frozenset(self._waiting)

    def learn(self) -> list[Lesson]:
        """Add what is told of crashers that are known by now; the lessons whose smaller input is to be run."""
        book = self._search.crashers
        ready = [lesson for bucket, lesson in self._waiting.items() if book.is_told(bucket)]
        for lesson in ready:
            self._forget(lesson.record.id)
        return [lesson for lesson in ready if self._takes(lesson)]

    def _takes(self, lesson: Lesson) -> bool:
        search, record = self._search, lesson.record
        crasher = search.crashers.get(record.id)
        is_same = crasher.sha256 == record.sha256
        known = record.confirmation
        # That another input fails only after others says nothing of ours.
        if known is not None and crasher.confirmation is None and (is_same or known.failures):
            by = known.node or lesson.node
            search.learn_confirmed(crasher.id, replace(known, node=by), lesson.before if is_same else ())
        least = record.minimized
        if least is None or crasher.minimized is not None or sha256(lesson.smallest).hexdigest() != least.sha256:
            return False
        search.take_unminimized(crasher.id)
        if least.sha256 == crasher.sha256:
            self._tell(lesson, crasher.failure, None)
            return False
        return True

    def ran(self, lesson: Lesson, failure: Failure | None) -> None:
        """The smaller input has run here: it is the crasher's if it has failed alike, otherwise one is looked for."""
        book = self._search.crashers
        if failure is not None and book.key(failure.id) == book.key(lesson.record.id):
            self._search.store_smallest(lesson.smallest, lambda stored: self._tell(lesson, failure, stored))
        else:
            self._search.unminimized.append(book.get(lesson.record.id).id)

    def _tell(self, lesson: Lesson, failure: Failure, stored: Stored | None) -> None:
        search, least = self._search, lesson.record.minimized
        assert least is not None, "there is a smallest input"
        crasher = search.crashers.get(lesson.record.id)
        arguments = decode(lesson.smallest, search.parameters)
        path = stored.path if stored is not None else None
        needed = Needed.of(least.free, least.is_joint, arguments) if least.free is not None else None
        search.minimized(
            crasher.id,
            Minimized(
                name=crasher.failure.title,
                failure=failure,
                sha256=least.sha256,
                before=len(crasher.data),
                after=len(lesson.smallest),
                sizes=say("{} -> {}", crasher.size, size_words(arguments)),
                values=one_line(show(arguments, VALUES_CHARACTERS), VALUES_CHARACTERS),
                executions=least.executions,
                is_smallest=least.is_smallest,
                is_steady=True,
                path=path,
                command=search.crashers.command(path) if path is not None else NOTHING,
                data=lesson.smallest if stored is not None and path is None else None,
                needed=needed,
            ),
        )
