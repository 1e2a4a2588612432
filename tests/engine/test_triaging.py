"""What earlier sessions left is run again and made smaller on a person's word, by runs of the engine."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fuzztui.engine.show.events import CrasherConfirmed, Event, InputMinimized, Steered
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.triaging import TriageSession
from tests.support import Project, children, wait_for

MakeProject = Callable[..., Project]

LONG = b"begin " * 20 + b"<tag>" + b" end" * 20

TARGET = f"""
import fuzztui

@fuzztui.fuzz(seeds=[{LONG.replace(b"<", b"_")!r}])
def fuzz_it(data: bytes):
    if b"<" in data and len(data) > 3:
        raise ValueError("an angle")
"""


class Sitting:
    """A session of triage in a thread of its own."""

    def __init__(self, session: TriageSession) -> None:
        self.session = session
        self.events: list[Event] = []
        self.outcomes: list[Outcome] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.outcomes.append(self.session.run(self.events.append))

    def end(self, reason: StopReason = StopReason.USER) -> Outcome:
        self.session.stop(reason)
        self._thread.join(60)
        (outcome,) = self.outcomes
        return outcome


def minimized(one: Sitting) -> Minimized | None:
    return one.session.snapshot().crashers[0].minimized


@contextmanager
def sitting(project: Project) -> Iterator[Sitting]:
    """Triage of what a project's earlier sessions left; always ended."""
    one = Sitting(TriageSession(project.options_for(), ("bytes",)))
    try:
        yield one
    finally:
        one.session.force_stop()
        one._thread.join(60)


def test_crasher_of_an_earlier_session_is_there_with_all_that_is_known(project: MakeProject) -> None:
    made = project(TARGET, workers=1)
    (before,) = made.run().crashers
    with sitting(made) as one:
        shown = one.session.snapshot()
        assert shown.phase is Phase.TRIAGE
        (crasher,) = shown.crashers
        assert (crasher.id, crasher.data, crasher.path) == (before.id, before.data, before.path)
        assert (crasher.values, crasher.size, crasher.content) == (before.values, before.size, before.content)
        assert crasher.failure.traceback == before.failure.traceback
        assert crasher.confirmation == before.confirmation
        assert crasher.command.startswith("fuzztui replay ")
        assert crasher.is_known
        assert children() == [], "nothing runs before somebody asks"
        outcome = one.end()
    assert (outcome.reason, outcome.exit_code) == (StopReason.USER, 0)
    assert one.session.snapshot().is_over


def test_crasher_is_validated_and_made_smaller_when_asked_for(project: MakeProject) -> None:
    made = project(TARGET, workers=1)
    (before,) = made.run().crashers
    with sitting(made) as one:
        one.session.validate(before.id)
        one.session.minimize(before.id)
        wait_for(lambda: any(isinstance(event, InputMinimized) for event in one.events), "a smaller input")
        wait_for(lambda: (m := minimized(one)) is not None and not m.is_running, "the end of it in a snapshot")
        (crasher,) = one.session.snapshot().crashers
        assert crasher.confirmation is not None
        assert (crasher.confirmation.runs, crasher.confirmation.failures) == (10, 10)
        assert crasher.minimized is not None
        assert crasher.minimized.after == 4
        assert not crasher.minimized.is_running
        assert [type(event) for event in one.events if isinstance(event, CrasherConfirmed | InputMinimized)] == [
            CrasherConfirmed,
            InputMinimized,
        ]
        wait_for(lambda: children() == [], "an end of the workers")
        one.end()


def test_crasher_that_was_mended_is_found_clean(project: MakeProject) -> None:
    made = project(TARGET, workers=1)
    (before,) = made.run().crashers
    (made.folder / "fuzz_it.py").write_text(TARGET.replace("raise ValueError", "str"))
    with sitting(made) as one:
        one.session.validate(before.id)
        wait_for(lambda: any(isinstance(event, CrasherConfirmed) for event in one.events), "an answer")
        wait_for(
            lambda: (c := one.session.snapshot().crashers[0].confirmation) and c.runs == 10 and not c.failures, "it"
        )
        known = one.session.snapshot().crashers[0].confirmation
        assert known is not None
        assert (known.runs, known.failures) == (10, 0)


def test_stop_in_the_middle_of_a_wish_ends_its_run_and_all_processes(project: MakeProject) -> None:
    made = project(TARGET, workers=1)
    (before,) = made.run().crashers
    (made.folder / "fuzz_it.py").write_text(TARGET.replace("raise ValueError", "import time; time.sleep(60) or print"))
    with sitting(made) as one:
        one.session.minimize(before.id)
        wait_for(lambda: children() != [], "a worker")
        one.session.force_stop()
        outcome = one.end(StopReason.TERMINATED)
    assert (outcome.reason, outcome.exit_code) == (StopReason.USER, 0)
    assert children() == []


def test_signal_is_the_reason_and_its_status_that_of_the_process(project: MakeProject) -> None:
    made = project(TARGET, workers=1)
    made.run()
    with sitting(made) as one:
        outcome = one.end(StopReason.TERMINATED)
    assert (outcome.reason, outcome.exit_code) == (StopReason.TERMINATED, 143)


def test_crasher_whose_input_is_gone_is_counted_not_shown(project: MakeProject) -> None:
    made = project(TARGET, workers=1)
    (before,) = made.run().crashers
    assert before.path is not None
    before.path.unlink()
    with sitting(made) as one:
        shown = one.session.snapshot()
        assert shown.crashers == ()
        assert "Of 1 known crasher no input is there any more: ValueError in fuzz_it." in shown.warnings


def test_harness_that_cannot_be_loaded_is_told_of_and_the_session_goes_on(project: MakeProject) -> None:
    made = project(TARGET, workers=1)
    (before,) = made.run().crashers
    (made.folder / "fuzz_it.py").write_text(TARGET + "\nraise RuntimeError('broken here')\n")
    with sitting(made) as one:
        one.session.validate(before.id)
        wait_for(lambda: "broken here" in "\n".join(one.session.snapshot().warnings), "the reason")
        assert one.session.snapshot().phase is Phase.TRIAGE
        (answer,) = (event for event in one.events if isinstance(event, Steered))
        assert answer.is_refused
        assert answer.crashers == (before.id,), "nobody waits for it any more"
        assert "broken here" in answer.message
        assert one.end().exit_code == 0
