"""The front end without a dashboard: plain lines on stderr, or JSON Lines on stdout.

Events arrive in the engine's thread, which must never wait for a slow terminal or a full pipe: they are queued there
and printed by the thread that called `run_headless`.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from types import FrameType
from typing import Final, TextIO, TypeAlias

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.events import (
    Ended,
    Told,
)
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.plain.backlog import Backlog
from fuzztui.plain.lines import Formatter
from fuzztui.plain.output import is_lost, put
from fuzztui.signals import ATTENDANT
from fuzztui.stopping import stopping

Printer: TypeAlias = tuple[TextIO | None, Formatter]
"""Where the lines of a formatter go; None for one that only listens."""

HOLD: Final = 1.0
"""Seconds that a suspension waits for the engine to have told the workers."""


def run_headless(
    session: SessionLike,
    printers: Sequence[Printer],
    status: Callable[[Outcome], int] = attrgetter("exit_code"),
    *,
    ends_unread: bool = True,
) -> Outcome:
    """Run a session to its end, printing what happens. When nobody takes what is printed the run ends, if it
    `ends_unread`.

    SIGINT, SIGTERM and SIGHUP stop the run, a second one kills the workers. `status` is what the process ends with if
    it has to end before all is printed.
    """
    events = Backlog()
    engine = threading.Thread(target=_engine, args=(session, events.put, status), name="engine")
    with ATTENDANT.heard_by(stopping(session)), held_while_suspended(session):
        engine.start()
        try:
            return _print_until_end(session, events, printers, ends_unread=ends_unread)
        except BaseException:
            session.stop(StopReason.INTERNAL)  # the process waits for the engine's thread, whatever happened here
            raise
        finally:
            engine.join()


def _engine(
    session: SessionLike, put: Callable[[Told | BaseException], None], status: Callable[[Outcome], int]
) -> None:
    try:
        ATTENDANT.restore_mask()
        ATTENDANT.decide(status(session.run(put)))
    except BaseException as error:
        put(error)


def _print_until_end(
    session: SessionLike, events: Backlog, printers: Sequence[Printer], *, ends_unread: bool
) -> Outcome:
    while True:
        event = events.get()
        if isinstance(event, BaseException):
            raise event
        for out, formatter in printers:
            line = formatter(event)
            if not line or out is None or is_lost(out):
                continue
            put(out, line)
            if is_lost(out) and ends_unread:
                session.stop(StopReason.USER)  # nobody is left to run for
        if isinstance(event, Ended):
            return event.outcome


@contextmanager
def held_while_suspended(session: SessionLike) -> Iterator[None]:
    """Have the workers wait while ctrl+z holds this process: they have sessions of their own, so it stops nobody else.

    Without that they would go on unseen, and the run's limit would pass.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTSTP) != signal.SIG_DFL:
        yield
        return

    def suspend(number: int, _frame: FrameType | None) -> None:
        session.pause()
        until = time.monotonic() + HOLD
        while not (session.snapshot().is_paused or session.snapshot().is_over) and time.monotonic() < until:
            time.sleep(0.01)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # here we are suspended, unless there is nobody who could let us go on
        signal.signal(number, suspend)
        session.resume()

    signal.signal(signal.SIGTSTP, suspend)
    try:
        yield
    finally:
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
