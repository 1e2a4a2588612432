"""Commands and questions reach the run whenever they come, before it, during it and at its end."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine import session as session_module
from fuzztui.engine.questions.general import Question, View, WorkerOutput
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import Ended, Event
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import NOTHING
from tests.engine.scripted_target import ScriptedTarget

OUTCOME = Outcome(StopReason.USER, NOTHING, 0, 0, 0, 0, 0, 0.0)


class FakeRun:
    """Keeps the commands that it is given, and ends when the test lets it."""

    def __init__(self, options: RunOptions, emit: Callable[[Event], None], publish: object) -> None:
        self.commands: list[tuple[Any, ...]] = []
        self.threads: set[str] = set()
        self.members: dict[int, Any] = {}
        self.search: Any = None
        self.desk = self
        self._over = asyncio.Event()
        FakeRun.newest = self

    newest: "FakeRun"

    async def run(self) -> Outcome:
        STARTED.set()
        await self._over.wait()
        return OUTCOME

    def end(self) -> None:
        self._over.set()

    def __getattr__(self, name: str) -> Callable[..., None]:
        def note(*arguments: object) -> None:
            self.threads.add(threading.current_thread().name)
            self.commands.append((name, *arguments))

        return note


STARTED = threading.Event()


@dataclass(frozen=True)
class Known(Question[str]):
    """Something that only the search can tell."""

    def answer(self, view: View) -> str:
        return "".join(view.search.parameters)


@dataclass(frozen=True)
class Commands(Question[list[tuple[Any, ...]]]):
    """What the run has been told so far."""

    def answer(self, view: View) -> list[tuple[Any, ...]]:
        return list(view.commands)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Unanswerable(Question[None]):
    def answer(self, view: View) -> None:
        raise LookupError("there is no such thing")


@dataclass(frozen=True)
class TheEnd(Question[None]):
    """Not a question at all: lets the fake run end."""

    def answer(self, view: View) -> None:
        view.end()  # type: ignore[attr-defined]


class Running:
    def __init__(self, session: Session) -> None:
        self._outcomes: list[Outcome] = []
        self._thread = threading.Thread(target=lambda: self._outcomes.append(session.run(lambda event: None)))
        self._thread.name = "engine"
        self._thread.start()

    def join(self) -> Outcome:
        self._thread.join(10)
        return self._outcomes[0]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr(session_module, "Run", FakeRun)
    STARTED.clear()
    made = Session(RunOptions(ScriptedTarget(Path("/p")), Path("/p/.fuzztui"), 1))
    yield made
    made.ask(TheEnd())


EVERY_COMMAND: list[tuple[str, tuple[Any, ...], tuple[Any, ...]]] = [
    ("stop", (StopReason.TIME_LIMIT,), ("stop", StopReason.TIME_LIMIT)),
    ("stop", (), ("stop", StopReason.USER)),
    ("force_stop", (), ("force_stop",)),
    ("pause", (), ("pause",)),
    ("resume", (), ("resume",)),
    ("stop_worker", (3,), ("stop_worker", 3)),
    ("restart_worker", (3,), ("restart_worker", 3)),
    ("pause_worker", (3,), ("pause_worker", 3, True)),
    ("resume_worker", (3,), ("pause_worker", 3, False)),
    ("set_stop_on_crash", (True,), ("set_stop_on_crash", True)),
]
EXPECTED = [expected for _, _, expected in EVERY_COMMAND]


def give_all(session: Session) -> None:
    for name, arguments, _ in EVERY_COMMAND:
        getattr(session, name)(*arguments)


def test_commands_before_the_run_are_its_first_in_their_order(session: Session) -> None:
    give_all(session)
    asked = session.ask(Commands())
    assert not asked.done()
    running = Running(session)
    assert asked.result(10) == EXPECTED
    assert FakeRun.newest.threads == {"engine"}
    session.ask(TheEnd())
    assert running.join() is OUTCOME


def test_commands_during_the_run_are_given_in_its_thread(session: Session) -> None:
    running = Running(session)
    assert STARTED.wait(10)
    give_all(session)
    assert session.ask(Commands()).result(10) == EXPECTED
    assert FakeRun.newest.threads == {"engine"}
    session.ask(TheEnd())
    running.join()


def test_commands_after_the_run_change_nothing_and_questions_are_answered(session: Session) -> None:
    running = Running(session)
    session.pause()
    session.ask(TheEnd())
    running.join()
    give_all(session)
    asked = session.ask(Commands())
    assert asked.done()
    assert asked.result() == [("pause",)]


def test_commands_that_come_with_the_end_are_run(session: Session) -> None:
    running = Running(session)
    assert STARTED.wait(10)

    def all_at_once() -> None:
        FakeRun.newest.end()
        session.resume()

    assert session._loop is not None
    session._loop.call_soon_threadsafe(all_at_once)
    running.join()
    assert FakeRun.newest.commands == [("resume",)]


def test_a_command_that_a_signal_gives_in_the_middle_of_another_is_given_too(session: Session) -> None:
    class Interrupting(list[Any]):
        """Where early commands wait: a handler runs, in the same thread, just when the first is handed over."""

        def append(self, command: Any) -> None:
            super().append(command)
            if len(self) == 1:
                session.stop(StopReason.TERMINATED)

    session._early = Interrupting()
    giving = threading.Thread(target=session.stop, args=(StopReason.INTERRUPTED,), daemon=True)
    giving.start()
    giving.join(10)
    if giving.is_alive():
        session._lock = threading.RLock()  # the end of the test must not wait for the other one too
        pytest.fail("the second command waits for the first, which waits for the second")
    running = Running(session)
    asked = session.ask(Commands())
    assert asked.result(10) == [("stop", StopReason.INTERRUPTED), ("stop", StopReason.TERMINATED)]
    session.ask(TheEnd())
    running.join()


@pytest.mark.parametrize("moment", ["before", "during", "after"])
def test_a_question_that_cannot_be_answered_says_so_to_who_asked(session: Session, moment: str) -> None:
    asked = session.ask(Unanswerable()) if moment == "before" else None
    running = Running(session)
    assert STARTED.wait(10)
    if moment == "during":
        asked = session.ask(Unanswerable())
    session.ask(TheEnd())
    running.join()
    asked = asked or session.ask(Unanswerable())
    assert isinstance(asked.exception(10), LookupError)


def test_a_question_that_nobody_wants_answered_any_more_does_no_harm(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    given_up = session.ask(Commands())
    assert given_up.cancel()
    running = Running(session)
    session.ask(TheEnd())
    running.join()
    assert given_up.cancelled()
    assert caplog.records == [], "an exception in the engine's loop ends a run"


def test_every_question_around_the_end_is_answered(session: Session) -> None:
    """Asked all the time while the run ends: no answer is forgotten in between."""
    running = Running(session)
    assert STARTED.wait(10)
    asked = [session.ask(Commands()) for _ in range(100)]
    session.ask(TheEnd())
    while running._thread.is_alive():
        asked.append(session.ask(Commands()))
    asked += [session.ask(Commands()) for _ in range(100)]
    assert all(each.result(10) == [] for each in asked)


def test_a_question_is_answered_if_the_run_ends_while_it_is_handed_over(session: Session) -> None:
    running = Running(session)
    assert STARTED.wait(10)
    real = session._lock
    asker = threading.current_thread()

    class Slow:
        """The lock, as a thread uses it that stands still for the rest of the run whenever it has let go."""

        def __enter__(self) -> None:
            real.acquire()

        def __exit__(self, *error: object) -> None:
            loop = session._loop
            real.release()
            if threading.current_thread() is asker and loop is not None:
                loop.call_soon_threadsafe(FakeRun.newest.end)
                running.join()

    session._lock = Slow()  # type: ignore[assignment]
    assert session.ask(Commands()).result(10) == []


def test_what_a_worker_that_there_is_not_printed_is_empty(session: Session) -> None:
    asked = session.ask(WorkerOutput(7))
    running = Running(session)
    assert asked.result(10) == ""
    session.ask(TheEnd())
    running.join()


def test_there_is_a_snapshot_before_the_run(session: Session) -> None:
    snapshot = session.snapshot()
    assert (snapshot.version, snapshot.phase, snapshot.outcome) == (0, Phase.STARTING, None)
    assert session.snapshot() is snapshot


def test_a_run_that_cannot_begin_has_an_outcome(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_descriptors() -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(asyncio, "new_event_loop", no_descriptors)
    events: list[Event] = []
    outcome = session.run(events.append)
    monkeypatch.undo()
    assert (outcome.reason, outcome.exit_code) == (StopReason.INTERNAL, 70)
    assert outcome.detail == "the run cannot begin: Too many open files"
    (ended,) = events
    assert isinstance(ended, Ended)
    assert ended.outcome is outcome
    assert (session.snapshot().outcome, session.snapshot().phase) == (outcome, Phase.ENDED)


@pytest.mark.parametrize("moment", ["before", "at the end", "after"])
@pytest.mark.parametrize("question", [WorkerOutput(0), Known()], ids=["output", "search"])
def test_a_question_is_answered_though_the_run_never_began(
    session: Session, monkeypatch: pytest.MonkeyPatch, moment: str, question: Question[str]
) -> None:
    def no_descriptors() -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(asyncio, "new_event_loop", no_descriptors)
    answers: list[Future[str]] = []

    def ask(_event: object = None) -> None:
        answers.append(session.ask(question))

    if moment == "before":
        session.stop()
        ask()
    session.run(ask if moment == "at the end" else lambda _event: None)
    monkeypatch.undo()
    if moment == "after":
        session.stop()
        ask()
    (answer,) = answers
    assert answer.result(10) == ""
