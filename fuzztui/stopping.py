"""What signals do to a run."""

import signal
from collections.abc import Callable
from typing import Final

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.outcome import StopReason
from fuzztui.signals import Listener

STOP_REASONS: Final = {
    signal.SIGINT: StopReason.INTERRUPTED,
    signal.SIGTERM: StopReason.TERMINATED,
    signal.SIGHUP: StopReason.HANGUP,
}


def stopping(session: SessionLike, then: Callable[[StopReason], None] = lambda _: None) -> Listener:
    """A listener to signals: the first one stops the session, any further one kills the workers.

    `then` is told of each.
    """
    asked = False

    def stop(number: signal.Signals) -> None:
        nonlocal asked
        if asked:
            session.force_stop()
        asked = True
        session.stop(STOP_REASONS[number])
        then(STOP_REASONS[number])

    return stop
