"""A run elsewhere as a session: its coordinator is asked over a socket, and goes on when nobody looks."""

import contextlib
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, TypeVar

from fuzztui import __version__
from fuzztui.engine.questions.general import Question
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import UnansweredError
from fuzztui.engine.show.codec import ForeignError, changed, decode, encode
from fuzztui.engine.show.events import Ended, Event
from fuzztui.engine.show.exit_status import FAILED
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, label, one_line, os_error, say
from fuzztui.sessions import lost, recording, running, wire

T = TypeVar("T")

GONE: Final = label("the coordinator is gone: it was killed, or its machine ran out of memory")

SILENT: Final = label(
    "the coordinator does not answer: it is suspended (kill -CONT lets it go on), or its machine is overloaded"
)

_NOBODY: Final[tuple[Any, None]] = (None, None)


class UnattachableError(Exception):
    """There is nothing to attach to, a sentence says why."""

    def __init__(self, sentence: Visible) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class AttachedSession:
    """Shows and steers a run elsewhere (see `SessionLike`, whose commands are all sent as they are)."""

    def __init__(self, path: Path, patience: float = running.PATIENCE) -> None:
        """Connect, and wait for the first state for so many seconds. UnattachableError if that does not come."""
        self._path = path
        self._patience = patience
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._asked: dict[int, tuple[Any, Future[Any]]] = {}
        self.is_detached = False
        """Whether this dashboard has let go of the run, which goes on."""
        self._is_over = False
        """Whether nothing will be received any more."""
        self._connect()

    def _connect(self) -> None:
        path = self._path
        try:
            connection = running.connected(path)
        except BlockingIOError:
            raise UnattachableError(say("{}: {}", path, SILENT)) from None
        except OSError as error:
            raise UnattachableError(os_error(error, path)) from None
        connection.settimeout(self._patience)
        self._channel = wire.Channel(connection)
        self._messages = self._channel.receive()
        try:
            hello = self._next("hello")
            self.options = _options(hello)
            self._pid = decode(int, hello[0].get("pid"))
            _, plain = self._next("snapshot")
            self._snapshot = decode(Snapshot, plain)
        except (OSError, ForeignError, StopIteration) as error:
            self._channel.close()
            known = SILENT if isinstance(error, TimeoutError) else GONE
            said = error.sentence if isinstance(error, ForeignError) else known
            raise UnattachableError(say("{}: {}", path, said)) from None
        connection.settimeout(None)

    def _next(self, kind: str) -> list[Any]:
        message = next(self._messages)
        if message[0] != kind:
            raise ForeignError(say("it says {} where {} is due", one_line(str(message[0])[:40]), kind))
        return message[1:]

    def run(self, on_event: Callable[[Event], None]) -> Outcome:
        """Receive until the run is over, or this dashboard lets go of it."""
        why = NOTHING
        try:
            while not self._receive(on_event) and self._is_let_in_again():
                pass
        except ForeignError as error:
            why = say("what the coordinator says cannot be read: {}", error.sentence)
        finally:
            self._channel.close()
            self._refuse_rest()
        return self._outcome(why, on_event)

    def _receive(self, on_event: Callable[[Event], None]) -> bool:
        """Receive until the connection is closed; whether nothing was left to be said. ForeignError as `_take`."""
        try:
            for message in self._messages:
                if message[0] == "over":
                    return True
                self._take(message, on_event)
        except OSError:  # the other end is gone, or does not want us any more
            return False
        return False

    def _is_let_in_again(self) -> bool:
        """Connect once more to a run that goes on: it lets go of a dashboard that was suspended for long, say."""
        if self.is_detached or self._snapshot.outcome is not None:
            return False
        self._channel.close()
        self._refuse_asked()
        try:
            self._connect()
        except UnattachableError:
            return False
        return self._is_kept()

    def _is_kept(self) -> bool:
        """Whether nobody has detached while the connection was made."""
        if self.is_detached:
            self._channel.close()
        return not self.is_detached

    def _take(self, message: list[Any], on_event: Callable[[Event], None]) -> None:
        match message:
            case ["snapshot", bool(is_whole), plain]:
                before = self._snapshot
                self._snapshot = decode(Snapshot, plain) if is_whole else changed(Snapshot, before, plain)
            case ["event", plain]:
                on_event(decode(wire.EVENT, plain))
            case ["answer", int(number), bool(is_answer), plain]:
                with self._lock:
                    kind, future = self._asked.pop(number, _NOBODY)
                if future is not None and future.set_running_or_notify_cancel():
                    if is_answer:
                        future.set_result(decode(kind, plain))
                    else:
                        future.set_exception(UnansweredError(str(plain)))
            case _:
                raise ForeignError(say("a message {}", one_line(repr(message[0])[:60])))

    def _outcome(self, why: Visible, on_event: Callable[[Event], None]) -> Outcome:
        """How it ended, as far as is known here."""
        shown = self._snapshot
        if shown.outcome is not None:
            return shown.outcome
        if self.is_detached:
            return lost_outcome(StopReason.USER, NOTHING, 0, shown.elapsed)
        final = lost_outcome(StopReason.INTERNAL, why, FAILED, shown.elapsed) if why else self._what_is_left(shown)
        self._snapshot = lost.ended(shown, final)
        workers, refused = self._snapshot.workers, shown.refused
        on_event(Ended(shown.elapsed, final, shown.executions, workers, shown.yields, refused=refused))
        return final

    def _what_is_left(self, shown: Snapshot) -> Outcome:
        """How a run ended whose coordinator has gone, as far as it has written that down."""
        folder = self.options.target.sessions_dir(self.options.cache_dir)
        name = ""
        with contextlib.suppress(OSError):
            name = recording.name_of(folder, self._pid)
            if name and (final := lost.end_of(folder, name)) is not None:
                return final
        return lost.outcome(shown, GONE, folder, name)

    def _refuse_rest(self) -> None:
        with self._lock:
            self._is_over = True
        self._refuse_asked()

    def _refuse_asked(self) -> None:
        with self._lock:
            asked, self._asked = self._asked, {}
        for _, future in asked.values():
            if future.set_running_or_notify_cancel():
                future.set_exception(UnansweredError("there is no engine any more"))

    def snapshot(self) -> Snapshot:
        """The newest state that has arrived."""
        return self._snapshot

    def detach(self) -> None:
        """Let go of the run, which goes on."""
        self.is_detached = True
        self._channel.close()

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        """End the run, if somebody wishes that; whatever else ends this dashboard ends nothing but it."""
        if reason is StopReason.USER:
            self._do("stop", reason)
        else:
            self.detach()

    def ask(self, question: Question[T]) -> "Future[T]":
        """Have the coordinator answer a question."""
        future: Future[T] = Future()
        with self._lock:
            number = next(self._numbers)
            is_over = self._is_over
            if not is_over:
                self._asked[number] = wire.answer_type(question), future
        if is_over:
            future.set_exception(UnansweredError("there is no engine any more"))
            return future
        try:
            self._channel.send("ask", number, wire.name_of(question), encode(type(question), question))
        except OSError:
            self._refuse_rest()
        return future

    def _do(self, name: str, *arguments: Any) -> None:
        if self.is_detached or self._is_over:
            return
        try:
            self._channel.send("do", name, wire.encode_arguments(name, arguments))
        except OSError:
            return  # who receives learns of it, and says so

    def __getattr__(self, name: str) -> Any:
        """Every other command."""
        if name not in wire.COMMANDS:
            raise AttributeError(name)
        return lambda *arguments: self._do(name, *arguments)


def lost_outcome(reason: StopReason, detail: Visible, exit_code: int, seconds: float) -> Outcome:
    """How a run ended of whose crashers nothing is known here."""
    return Outcome(reason, detail, exit_code, received=0, stored=0, duplicates=0, unsaved=0, seconds=seconds)


def _options(hello: list[Any]) -> RunOptions:
    """What a dashboard needs to know of the run: its target and its cache. ForeignError for another version's."""
    fields = hello[0] if hello and isinstance(hello[0], dict) else {}
    version = one_line(str(fields.get("fuzztui"))[:40])
    if fields.get("format") != wire.FORMAT or fields.get("fuzztui") != __version__:
        raise ForeignError(say("fuzztui {} runs it, and this is {}: attach with that one", version, __version__))
    target = decode(PythonTarget, fields.get("target"))
    return RunOptions(target=target, cache_dir=decode(Path, fields.get("cache_dir")), workers=1)
