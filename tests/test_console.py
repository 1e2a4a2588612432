"""A run without a dashboard ends whatever happens to those who print it."""

import io
import threading
from collections.abc import Callable
from typing import Any, cast

import pytest

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.events import Ended, PhaseChanged, Told
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import NOTHING, Visible
from fuzztui.plain.console import run_headless


class Endless:
    """A session that ends when it is stopped."""

    def __init__(self) -> None:
        self.reasons: list[StopReason] = []
        self._stopped = threading.Event()

    def run(self, on_event: Callable[[Told], None]) -> Outcome:
        on_event(PhaseChanged(0.0, Phase.FUZZING))
        assert self._stopped.wait(10), "nobody has stopped the run"
        outcome = Outcome(self.reasons[0], NOTHING, 0, 0, 0, 0, 0, 0.0)
        on_event(Ended(0.0, outcome, 0, (), ()))
        return outcome

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        self.reasons.append(reason)
        self._stopped.set()


def test_a_run_ends_when_what_prints_it_fails() -> None:
    session = Endless()

    def broken(_event: Told) -> Visible:
        raise ZeroDivisionError("broken on purpose")

    with pytest.raises(ZeroDivisionError):
        run_headless(cast(SessionLike, session), [(cast(Any, io.StringIO()), broken)])
    assert session.reasons == [StopReason.INTERNAL]
