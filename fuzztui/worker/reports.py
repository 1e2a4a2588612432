"""What a worker tells its coordinator, beside the answers to calls: modules, new inputs, crashes."""

import sys
from collections.abc import Callable
from typing import Final, Protocol

from fuzztui.protocol.caps import MOST_BUCKETS, MOST_BUCKETS_OF_GROUP, MOST_VARIANTS
from fuzztui.protocol.memory import ACTIVITY, EXECUTIONS, STATE, State
from fuzztui.protocol.messages import (
    Capped,
    Crashed,
    Failure,
    Imported,
    Layout,
    Measured,
    Module,
    Remark,
    Repeated,
    Result,
    Source,
    Stray,
)
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.protocol.shape import shape_of
from fuzztui.worker.failures.tails import Tails
from fuzztui.worker.process.clock import Clock
from fuzztui.worker.process.executions import REPORTING, Executions

__builtins__ = PRIVATE_BUILTINS

_IDLE: Final = int(State.IDLE)

_CAPPED: Final = ""
"""In the place of a bucket: of a failure that is beyond the caps."""

UNSENT_SHARE: Final = 64
"""Repeats of known failures wait to be sent until they are one in so many of those that were sent before. A process
that dies takes unsent ones along, so that is the part of its repeats that a death can lose. One that fails all the
time sends some hundred messages more in a million failures."""


LONGEST_INTERVAL: Final = 17
"""Failures of a known bucket of which one is looked at, as long as looking tells nothing new: to make a message and its
shape takes some microseconds. A prime number, since what fails in turns often does so in even ones."""

RARE_INTERVAL: Final = 1_021
"""The same where messages are long, and so take longer to be made."""

LONG_MESSAGE: Final = 1_000
"""Characters of such."""

NOTABLE: Final = 32
"""An input is worth sending if it is smaller than the smallest one of its variant that was sent, by one part in so many
at least: so that a series that shrinks byte by byte makes some hundred messages and not a million."""

NEWS_AT_FIRST: Final = 0.2
"""Seconds that a process spends at any time on describing failures of known buckets: enough for a thousand."""

NEWS_SHARE: Final = 0.002
"""Part of its time that it may spend on them besides. Where a thousand bugs fail all the time, each is met by smaller
inputs again and again, and the coordinator spends ten times as long on storing one as this process on describing it."""


class Crash(Protocol):
    """How an execution failed."""

    @property
    def bucket(self) -> str:
        """Equal for failures that are likely one bug and reached alike."""

    @property
    def group(self) -> str:
        """Equal for failures that are likely one bug."""

    def message(self) -> str:
        """What it says. May run code of the target's, so the execution is not over before."""

    def describe(self, *, detailed: bool = False) -> Failure:
        """The failure in words, with its scenes where they are wanted and there are any. May run code of the target's,
        so the execution is not over before.
        """


class _Known:
    """A bucket that has been reported."""

    __slots__ = ("interval", "sizes", "until_look", "worth")

    def __init__(self) -> None:
        self.sizes: dict[int, int] = {}
        """Hash of a variant's shape -> bytes of its smallest input that was sent."""
        self.worth = sys.maxsize
        """Inputs of fewer bytes are looked at in any case."""
        self.interval = 1
        self.until_look = 1
        """Failures until one is looked at, whatever its size."""

    def note(self, message: str, size: int) -> bool:
        """Note what a failure says; whether nothing has been sent that says it, or only what is notably larger."""
        shape = hash(shape_of(message))
        before = self.sizes.get(shape)
        is_news = len(self.sizes) < MOST_VARIANTS if before is None else size < _notably_less(before)
        longest = LONGEST_INTERVAL if len(message) < LONG_MESSAGE else RARE_INTERVAL
        self.interval = 1 if is_news and before is None else min(2 * self.interval, longest)
        if is_news:
            self.sizes[shape] = size
        self.until_look = self.interval
        self.worth = min(self.worth, _notably_less(size))
        return is_news


def _not_noted(_bucket: str, _data: bytes) -> None:
    """Nobody else is to know."""


def _notably_less(size: int) -> int:
    """Inputs of fewer bytes are notably smaller."""
    return size - size // NOTABLE


class Reports:
    """Sends results, and of each kind of failure in full only what tells something new."""

    def __init__(self, send: Callable[[Result], None], executions: Executions) -> None:
        """`send` delivers one result; what it raises ends the worker."""
        self._send = send
        self._words = executions.memory.words
        self._tails = Tails(executions.memory)
        self._modules: list[Module | Imported | Source | Remark | Layout | Measured] = []
        """Modules and sources not announced yet. The target's threads may import some any time; only this one sends."""
        self._known: dict[str, _Known] = {}
        """Buckets of the failures that have been sent in full."""
        self._of_group: dict[str, int] = {}
        """Group -> buckets of it among these."""
        self._strays: set[str] = set()
        """Buckets of the failures that were sent as strays."""
        self._unsent: dict[str, int] = {}
        """Repeats by bucket; those under no bucket are beyond the caps."""
        self._repeats_unsent = 0
        self._repeats_sent = 0
        self._left_for_news = NEWS_AT_FIRST
        """Seconds that may be spent on describing failures of known buckets."""
        self._described_at = Clock.seconds()
        self.steps: list[tuple[str, int, int]] = []
        """What the input that fails next has taken, where that was noted."""
        self.operators: Callable[[], list[str]] = list
        """What has made the input that is being fuzzed, for whoever makes inputs to set."""
        self.noted: Callable[[str, bytes], object] = _not_noted
        """Called with the bucket and the input of each failure that is told in full."""

    def note_module(self, module: Module | Imported | Source | Remark | Layout | Measured) -> None:
        """Announce a module, a source or a remark before the next result, and what loading has executed. May be called
        from any thread.
        """
        self._modules.append(module)

    def send(self, result: Result) -> None:
        """Send a result, after the modules that have been noted."""
        modules, self._modules = self._modules, []
        for module in modules:
            self._send(module)
        self._send(result)

    def crash(
        self,
        crash: Crash,
        data: bytes,
        index: int | None = None,
        *,
        detailed: bool = False,
        canonical: bytes | None = None,
    ) -> None:
        """Report that an input has failed, and close its execution.

        `index`: position in the inputs of an `Execute` call, each of which is answered in full; None in fuzzing, where
        a failure of a bucket that has been reported is only counted, unless its input is notably smaller or it says
        something else; so are failures beyond the caps.

        `detailed`: with its scenes; `canonical`: see `Crashed`, where that may be another input than this.
        """
        canonical = None if canonical == data else canonical
        words = self._words
        activity = words[ACTIVITY]
        words[ACTIVITY] = REPORTING
        bucket = crash.bucket
        known = self._known.get(bucket)
        if known is not None and index is None:
            known.until_look -= 1
            if known.until_look > 0 and len(data) >= known.worth:
                self._count(bucket)
            else:
                self._look(known, crash, data)
        elif known is None and self._is_beyond(crash.group):
            if index is None:
                self._count(_CAPPED)
            else:
                self._send_crash(crash, data, index, detailed=detailed, canonical=canonical)
        else:
            known = known or self._learn(bucket, crash.group)
            self._send_crash(crash, data, index, known, detailed=detailed, canonical=canonical)
        words[STATE] = _IDLE
        words[ACTIVITY] = activity

    def _look(self, known: _Known, crash: Crash, data: bytes) -> None:
        """See whether a failure of a known bucket is worth describing, if there is time for that."""
        now = Clock.seconds()
        self._left_for_news = min(NEWS_AT_FIRST, self._left_for_news + NEWS_SHARE * (now - self._described_at))
        self._described_at = now
        if self._left_for_news <= 0 or not known.note(crash.message(), len(data)):
            self._count(crash.bucket)
            return
        self._send_crash(crash, data, None)
        self._left_for_news -= Clock.seconds() - now

    def _is_beyond(self, group: str) -> bool:
        """Whether so many buckets have been reported, in all or of this group, that one more is only counted."""
        return len(self._known) >= MOST_BUCKETS or self._of_group.get(group, 0) >= MOST_BUCKETS_OF_GROUP

    def _learn(self, bucket: str, group: str) -> _Known:
        known = self._known[bucket] = _Known()
        self._of_group[group] = self._of_group.get(group, 0) + 1
        return known

    def _send_crash(
        self,
        crash: Crash,
        data: bytes,
        index: int | None,
        known: _Known | None = None,
        *,
        detailed: bool = False,
        canonical: bytes | None = None,
    ) -> None:
        """Send a failure in full; `known`: where it is to be noted what that says."""
        failure = crash.describe(detailed=detailed)
        self._words[STATE] = State.REPORTING
        if known is not None:
            known.note(failure.message, len(data))
        before, executions = self._tails.take(failure.group), self._words[EXECUTIONS] - 1
        operators = self.operators() if index is None else []
        steps, self.steps = self.steps, []
        self.send(Crashed(data, index, failure, canonical, before, executions, operators, steps))
        if before:
            self._tails.told()
        self.noted(failure.bucket, data if canonical is None else canonical)

    def _count(self, bucket: str) -> None:
        self._unsent[bucket] = self._unsent.get(bucket, 0) + 1
        self._repeats_unsent += 1
        if self._repeats_unsent * UNSENT_SHARE >= self._repeats_sent:
            self.send_repeats()

    def stray(self, crash: Crash, origin: str) -> None:
        """Report a failure that no input is to blame for, once; its traceback goes where the target prints."""
        if crash.bucket in self._strays:
            return
        self._strays.add(crash.bucket)
        failure = crash.describe()
        print(failure.traceback, file=sys.stderr)
        self.send(Stray(origin=origin, failure=failure))

    def send_repeats(self) -> None:
        """Send the repeats counted since the last time."""
        unsent, self._unsent = self._unsent, {}
        self._repeats_sent += self._repeats_unsent
        self._repeats_unsent = 0
        capped = unsent.pop(_CAPPED, 0)
        if unsent:
            self.send(Repeated(hits=unsent))
        if capped:
            self.send(Capped(hits=capped))
