"""What a worker tells its coordinator, beside the answers to calls: modules, new inputs, crashes."""

from collections.abc import Callable
from typing import Final, Protocol

from fuzztui.protocol.memory import ACTIVITY, STATE, State
from fuzztui.protocol.messages import Crashed, Failure, Imported, Module, Repeated, Result
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.executions import REPORTING, Executions

__builtins__ = PRIVATE_BUILTINS

_IDLE: Final = int(State.IDLE)

UNSENT_SHARE: Final = 64
"""Repeats of known failures wait to be sent until they are one in so many of those that were sent before. A process
that dies takes unsent ones along, so that is the part of its repeats that a death can lose. One that fails all the
time sends some hundred messages more in a million failures."""


class Crash(Protocol):
    """How an execution failed."""

    @property
    def bucket(self) -> str:
        """Equal for failures that are likely one bug."""

    def describe(self) -> Failure:
        """The failure in words. May run code of the target's, so the execution is not over before."""


class Reports:
    """Sends results, and each kind of failure in full only once."""

    def __init__(self, send: Callable[[Result], None], executions: Executions) -> None:
        """`send` delivers one result; what it raises ends the worker."""
        self._send = send
        self._words = executions.memory.words
        self._modules: list[Module | Imported] = []
        """Modules not announced yet. The target's threads may import some at any time; only this one sends."""
        self._reported: set[str] = set()
        """Buckets of the failures that have been sent in full."""
        self._unsent: dict[str, int] = {}
        """Repeats by bucket."""
        self._repeats_unsent = 0
        self._repeats_sent = 0

    def note_module(self, module: Module | Imported) -> None:
        """Announce a module before the next result. May be called from any thread."""
        self._modules.append(module)

    def send(self, result: Result) -> None:
        """Send a result, after the modules that have been noted."""
        modules, self._modules = self._modules, []
        for module in modules:
            self._send(module)
        self._send(result)

    def crash(self, crash: Crash, data: bytes, index: int | None = None) -> None:
        """Report that an input has failed, and close its execution.

        `index`: position in the inputs of an `Execute` call, each of which is answered in full; None in fuzzing, where
        a failure of a bucket that has been reported is only counted.
        """
        words = self._words
        activity = words[ACTIVITY]
        words[ACTIVITY] = REPORTING
        bucket = crash.bucket
        if index is None and bucket in self._reported:
            self._unsent[bucket] = self._unsent.get(bucket, 0) + 1
            self._repeats_unsent += 1
            if self._repeats_unsent * UNSENT_SHARE >= self._repeats_sent:
                self.send_repeats()
        else:
            failure = crash.describe()
            words[STATE] = State.REPORTING
            self._reported.add(bucket)
            self.send(Crashed(data=data, index=index, failure=failure))
        words[STATE] = _IDLE
        words[ACTIVITY] = activity

    def send_repeats(self) -> None:
        """Send the repeats counted since the last time."""
        unsent, self._unsent = self._unsent, {}
        self._repeats_sent += self._repeats_unsent
        self._repeats_unsent = 0
        for bucket, hits in unsent.items():
            self.send(Repeated(bucket=bucket, hits=hits))
