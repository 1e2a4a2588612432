"""Serves a run to dashboards elsewhere, over a socket of the user's own.

Each dashboard has two threads here: one sends what is new, as fast as it is taken and four times a second at most, one
takes commands and questions. A dashboard that is slow, stopped or gone holds up nobody else: of states it gets only the
newest, and one that takes no events is let go.
"""

import contextlib
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from fuzztui import __version__
from fuzztui.engine.questions.general import Question
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.codec import ForeignError, change, encode
from fuzztui.engine.show.events import Told
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import say
from fuzztui.sessions import running, wire
from fuzztui.sessions.running import Running

INTERVAL: Final = 0.25
"""Seconds between two states that a dashboard is sent."""

MOST_WAITING: Final = 10_000
"""Events and answers that wait for a dashboard before it is let go."""

MOST_CLIENTS: Final = 16

LAST_PATIENCE: Final = 2.0
"""Seconds that the end of a run waits for dashboards to take it."""


def described(options: Sequence[RunOptions], log: Path) -> Running:
    """What this process says of its run, which has these targets; `log`: where its output goes."""
    targets = [each.target for each in options if isinstance(each.target, PythonTarget)]
    first, *others = targets
    return Running(
        id=str(os.getpid()),
        pid=os.getpid(),
        target=say("a run of {:,} targets", len(targets)) if others else say("{}", first.id),
        file=first.file,
        name=first.name,
        log=log,
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        others=tuple((each.file, each.name) for each in others),
    )


class Server:
    """An onlooker that others look through (see `fuzztui.engine.session.Onlooker`)."""

    def __init__(self, about: Running, options: RunOptions, number: int | None = None) -> None:
        """Listen, and make the run known; or listen for one of its several targets, which has this number. OSError and
        UnusableFolderError where that is impossible.
        """
        self._options = options
        self.running = about
        self._is_whole = number is None
        self._place = running.folder()
        if self._is_whole:
            running.forget(self._place, about.id)  # of an earlier process of this number
        path = self._place / (about.socket if number is None else about.socket_of(number))
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.bind(os.fspath(path))
            path.chmod(0o600)  # the folder has kept others out until here
            self._socket.listen()
            if self._is_whole:
                running.register(about)
        except BaseException:
            self._socket.close()
            running.forget(self._place, about.id)
            raise
        self._session: SessionLike | None = None
        self._changed = threading.Condition()
        """Guards the fields below, and is notified when there is something to send."""
        self._newest: Snapshot | None = None
        self._is_over = False
        self._clients: list[_Client] = []

    # Called in the engine's thread ------------------------------------------------------------------------------------

    def begin(self, session: SessionLike) -> None:
        """See `Onlooker`."""
        self._session = session
        self._newest = session.snapshot()
        threading.Thread(target=self._accept, name="takes in dashboards", daemon=True).start()

    def on_event(self, event: Told) -> None:
        """Every dashboard is told."""
        with self._changed:
            for client in self._clients:
                client.put(event)
            self._changed.notify_all()

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Every dashboard is sent the newest when it is time."""
        with self._changed:
            self._newest = snapshot
            self._changed.notify_all()

    def close(self) -> None:
        """Let every dashboard have the end, then let nobody in any more."""
        with self._changed:
            self._is_over = True
            clients = list(self._clients)
            self._changed.notify_all()
        until = time.monotonic() + LAST_PATIENCE
        for client in clients:
            if client.sender.ident is not None:
                client.sender.join(max(0.0, until - time.monotonic()))
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        if self._is_whole:
            running.forget(self._place, self.running.id)

    # Threads ----------------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                with self._changed:
                    if self._is_over:
                        return
                time.sleep(INTERVAL)  # too many descriptors are open, say: that may pass
                continue
            if running.peer_of(connection) != os.getuid():
                connection.close()
                continue
            client = _Client(self, wire.Channel(connection))
            with self._changed:
                is_welcome = len(self._clients) < MOST_CLIENTS and not self._is_over
                if is_welcome:
                    self._clients.append(client)
            if is_welcome:
                client.start()
            else:
                client.channel.close()

    def leave(self, client: "_Client") -> None:
        """A dashboard has gone."""
        client.channel.close()
        with self._changed:
            if client in self._clients:
                self._clients.remove(client)

    @property
    def hello(self) -> dict[str, Any]:
        """What a dashboard is told first."""
        return {
            "format": wire.FORMAT,
            "fuzztui": __version__,
            "target": encode(PythonTarget, self._options.target),
            "cache_dir": encode(Path, self._options.cache_dir),
            "id": self.running.id,
            "pid": self.running.pid,
        }

    def wait(self, client: "_Client", before: Snapshot | None, due: float) -> tuple[Snapshot | None, list[Any], bool]:
        """Wait for something to send: a state if it is `due`, on the monotonic clock, what else waits, and whether
        nothing will follow.
        """
        with self._changed:
            while not (self._is_over or client.waiting):
                left = due - time.monotonic()
                if self._newest is not before and left <= 0:
                    break
                self._changed.wait(left if self._newest is not before else None)
            told = list(client.waiting)
            client.waiting.clear()
            is_due = self._is_over or time.monotonic() >= due
            return self._newest if is_due else before, told, self._is_over

    def answered(self, client: "_Client", number: int, question: Question[Any], future: "Future[Any]") -> None:
        """An answer has come."""
        try:
            plain = ("answer", number, True, encode(wire.answer_type(question), future.result()))
        except Exception as error:  # whatever it is, the one who asked is to know that there is no answer
            plain = ("answer", number, False, f"{type(error).__name__}: {error}")
        with self._changed:
            client.put(plain)
            self._changed.notify_all()

    def command(self, name: Any, arguments: Any) -> None:
        """See `wire.do`."""
        assert self._session is not None, "dashboards are let in when there is a session"
        wire.do(self._session, name, arguments)

    def ask(self, client: "_Client", number: Any, name: Any, fields: Any) -> None:
        """Have a question answered. ForeignError if it is none."""
        assert self._session is not None, "dashboards are let in when there is a session"
        if not isinstance(number, int):
            raise ForeignError(say("a question without a number"))
        question = wire.question_named(name, fields)
        self._session.ask(question).add_done_callback(lambda future: self.answered(client, number, question, future))


class _Client:
    """One dashboard."""

    def __init__(self, server: Server, channel: wire.Channel) -> None:
        self._server = server
        self.channel = channel
        self.waiting: deque[Any] = deque()
        """Events, and answers in their plain form; guarded by the server."""
        self.sender = threading.Thread(target=self._send, name="sends to a dashboard", daemon=True)

    def start(self) -> None:
        """Begin to serve it."""
        self.sender.start()
        threading.Thread(target=self._receive, name="hears a dashboard", daemon=True).start()

    def put(self, item: Any) -> None:
        """Have something sent. Called with the server's lock held."""
        self.waiting.append(item)
        if len(self.waiting) > MOST_WAITING:
            self.waiting.clear()
            self.channel.close()

    def _send(self) -> None:
        before: Snapshot | None = None
        due = 0.0
        try:
            self.channel.send("hello", self._server.hello)
            while True:
                newest, told, is_over = self._server.wait(self, before, due)
                if newest is not None and newest is not before:
                    is_first = before is None
                    plain = encode(Snapshot, newest) if before is None else change(Snapshot, before, newest)
                    self.channel.send("snapshot", is_first, plain)
                    before, due = newest, time.monotonic() + INTERVAL
                for item in told:
                    if isinstance(item, tuple):
                        self.channel.send(*item)
                    else:
                        self.channel.send("event", encode(wire.EVENT, item))
                if is_over:
                    self.channel.send("over")
                    return
        except OSError:  # nobody is there any more
            return
        finally:
            self._server.leave(self)

    def _receive(self) -> None:
        try:
            for message in self.channel.receive():
                match message:
                    case ["do", name, arguments]:
                        self._server.command(name, arguments)
                    case ["ask", number, name, fields]:
                        self._server.ask(self, number, name, fields)
                    case _:
                        return
        except (OSError, ForeignError):  # gone, or none of ours: nobody is told of either
            return
        finally:
            self._server.leave(self)
