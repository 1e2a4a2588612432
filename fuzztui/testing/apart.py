"""Runs an input of a target in a worker process: a replay, as the command line does it."""

import threading
from collections.abc import Callable

from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import Event, InputRan
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.results import InputResult


def run_apart(options: RunOptions) -> tuple[list[InputResult], Outcome]:
    """What became of the inputs of a replay, and how the run ended; a person's Ctrl-C ends it."""
    results: list[InputResult] = []
    outcomes: list[Outcome | BaseException] = []

    def note(event: Event) -> None:
        results.extend([event.result] if isinstance(event, InputRan) else [])

    session = Session(options)
    engine = threading.Thread(target=_kept, args=(lambda: session.run(note), outcomes.append), name="fuzztui")
    engine.start()
    try:
        while engine.is_alive():
            engine.join(0.2)  # not for good: a signal is handled between two
    except BaseException:
        session.stop(StopReason.INTERRUPTED)
        engine.join()
        raise
    (outcome,) = outcomes
    if isinstance(outcome, BaseException):
        raise outcome
    return results, outcome


def _kept(run: Callable[[], Outcome], keep: Callable[[Outcome | BaseException], None]) -> None:
    try:
        keep(run())
    except BaseException as error:
        keep(error)
