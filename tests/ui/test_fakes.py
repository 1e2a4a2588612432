"""The scripted session shows what a real one shows: each field of its values has a form that a real run produces."""

import contextlib
import os
import re
import signal
import threading
from collections import defaultdict
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.session import Session
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import Ended, Event
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.worker_row import WorkerRow, WorkerState
from tests.support import DEADLINE, Project, make_project, wait_for
from tests.ui.demo import LiveSession
from tests.ui.fakes import OPTIONS, ObedientSession, crasher, empty_snapshot, ended, profiled, snapshot, worker

pytestmark = pytest.mark.processes

Forms: TypeAlias = dict[tuple[str, str, str], set[str]]
"""Of each field: class, kind of value (a worker's state, a run's phase), field -> the forms that were seen."""

PATTERNED = {
    (WorkerRow, "detail"),
    (WorkerRow, "exit"),
    (WorkerRow, "location"),
    (Failure, "id"),
    (Failure, "location"),
    (Crasher, "values"),
    (Crasher, "command"),
}
"""Texts that front ends take apart, or that people type: what counts is also how they are written."""

GIVEN = {"time_limit", "execution_limit", "stop_on_crash", "profile", "helper"}
"""What follows from a run's options, or from how many crashers it has just found: another run has it otherwise."""

TARGET = """
import os, time
import fuzztui

time.sleep(0.6)  # so that a worker that loads its target is looked at twice

def is_first(name):
    try:
        os.mkdir(os.path.join({folder!r}, name))
    except FileExistsError:
        return False
    return True

def long(data):
    raise ValueError("too long")

@fuzztui.fuzz(seeds=[b"", b"a", b"q", b"hang"])
def fuzz_it(data: bytes):
    time.sleep(0.001)
    if data == b"hang" and is_first("hang"): time.sleep(2.0)
    if data == b"q" and is_first("exit"): os._exit(3)
    if data[:1] == b"x": pass
    if len(data) > 4: long(data)
"""


class RecordedSession(Session):
    """Keeps all that it shows."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.shown: list[Snapshot] = []
        self.ended: list[Ended] = []

    def _publish(self, snapshot: Snapshot) -> None:
        self.shown.append(snapshot)
        super()._publish(snapshot)

    def take(self, event: Event) -> None:
        if isinstance(event, Ended):
            self.ended.append(event)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> list[Snapshot]:
    """What a real run of three workers shows: they are paused, suspended and stopped, and find crashers."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "examples").mkdir()
    project = make_project(folder / "examples", TARGET.format(folder=str(folder)))
    with contextlib.chdir(folder):  # as a person runs what lies below the current folder
        return _recorded(project)


def _recorded(project: Project) -> list[Snapshot]:
    session = RecordedSession(
        project.options_for(workers=3, limit=Limit(), stop_on_crash=False, include=("nowhere",), seed=None)
    )
    engine = threading.Thread(target=session.run, args=(session.take,))
    engine.start()

    def until(state: WorkerState, number: int) -> WorkerRow:
        def row() -> WorkerRow | None:
            return next((row for row in session.snapshot().workers if (row.id, row.state) == (number, state)), None)

        found: WorkerRow = wait_for(row, f"worker {number} to be {state.value}")
        return found

    def published() -> bool:
        session.set_stop_on_crash(False)  # is shown at once
        return len(session.shown) >= 5

    try:
        wait_for(published, "snapshots of workers about which nothing has been measured")
        wait_for(lambda: len(session.snapshot().crashers) == 2 and session.snapshot().yields, "two crashers")
        wait_for(lambda: session.snapshot().last_new is not None, "a find")
        wait_for(lambda: any(one.confirmation for one in session.snapshot().crashers), "a confirmation")
        wait_for(lambda: any(row.location for shown in session.shown for row in shown.workers), "a stall")
        for number in range(3):
            until(WorkerState.FUZZING, number)
        session.pause_worker(0)
        until(WorkerState.PAUSED, 0)
        session.pause()
        wait_for(lambda: session.snapshot().is_paused, "the pause")
        session.resume()
        session.resume_worker(0)
        os.kill(until(WorkerState.FUZZING, 1).pid or 0, signal.SIGSTOP)
        until(WorkerState.STALLED, 1)
        session.stop_worker(2)
        until(WorkerState.STOPPED, 2)
        wait_for(lambda: session.snapshot().rate, "a rate")
    finally:
        session.stop()
        engine.join(DEADLINE)
        session.force_stop()
    assert [event.outcome for event in session.ended] == [session.snapshot().outcome]
    return session.shown


def form(value: object, *, patterned: bool = False) -> str:
    """What of a value a front end relies on: whether there is one, of which type, and how a text is written."""
    match value:
        case None:
            return "None"
        case Enum():
            return type(value).__name__
        case str() if patterned:
            return _pattern(value)
        case str():
            return "text" if value else "no text"
        case Path():
            return "absolute path" if value.is_absolute() else "relative path"
    return type(value).__name__


def _pattern(text: str) -> str:
    """The text without what differs from one run to the next: numbers, names of files, what an input holds."""
    text = re.sub(r"\bb(['\"]).*\1…?", "BYTES", text)
    text = re.sub(r"b'.*…$", "BYTES", text)
    text = re.sub(r"\b[0-9a-f]{12,64}\b", "HEX", text)
    text = re.sub(r"/?(?:[\w.-]+/)+", lambda match: "/FOLDER/" if match[0][0] == "/" else "FOLDER/", text)
    text = re.sub(r"\b\w+\.py(::\w+)?", r"FILE", text)
    text = re.sub(r"SIG[A-Z]+", "SIGNAL", text)
    return re.sub(r"\d+", "9", text)


def kind(value: object) -> str:
    match value:
        case WorkerRow():
            return value.state.value
        case Snapshot():
            return value.phase.value
    return ""


def forms(values: list[Any]) -> Forms:
    """Of all fields of these values, and of the values within them. A tuple has the forms of its items."""
    found: Forms = defaultdict(set)
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        for each in fields(value):
            inner = getattr(value, each.name)
            items = inner if isinstance(inner, tuple) else (inner,)
            if each.name not in GIVEN:
                waiting += [item for item in items if is_dataclass(item)]
                patterned = (type(value), each.name) in PATTERNED
                found[type(value).__name__, kind(value), each.name] |= {
                    form(item, patterned=patterned) for item in items
                }
    return found


def fakes() -> list[Any]:
    """What tests build on: before they change anything about it."""
    states = [WorkerState.STARTING, WorkerState.FUZZING, WorkerState.PAUSED, WorkerState.STOPPING]
    states += [WorkerState.STOPPED, WorkerState.ENDED, WorkerState.STALLED]
    rows = [worker(number, state) for number, state in enumerate(states)]
    return [empty_snapshot(), snapshot(), ended(), ended(StopReason.USER), *rows, crasher(3), *profiled(2)]


def scripted() -> list[Snapshot]:
    """The life of the scripted session that can be looked at in a terminal."""
    session = LiveSession(60.0)
    shown: list[Snapshot] = []
    session._on_event = lambda event: None
    for step in range(100):
        if step == 75:
            session.pause_worker(0)
        if step == 80:
            session.resume_worker(0)
        if step == 82:
            session.stop()
        session._advance(step * 0.25)
        shown.append(session.snapshot())
    session._end(25.0)
    return [*shown, session.snapshot()]


@pytest.mark.parametrize("made", [fakes, scripted])
def test_every_field_of_the_fakes_has_a_form_that_a_real_run_produces(real: list[Snapshot], made: Any) -> None:
    known = forms(real)
    strange = [
        f"{' '.join(filter(None, field))}: {found - known[field]}, a real run has {known[field] or 'none'}"
        for field, found in forms(made()).items()
        if found - known[field]
    ]
    assert not strange, "\n".join(strange)


def agrees(shown: Snapshot, *, is_helped: bool = False) -> None:
    """What is true of every snapshot, whoever makes it; `is_helped`: a helper may have worked beside the workers."""
    own = shown.executions - sum(row.executions for row in shown.workers)
    assert own == 0 or (is_helped and own > 0), "only a helper has executions that are in nobody's row"
    assert shown.hits == sum(one.hits for one in shown.crashers) == sum(row.crashers for row in shown.workers)
    assert shown.corpus_new == sum(row.found for row in shown.workers) <= shown.corpus
    assert shown.edges <= shown.edges_total
    assert shown.baseline_done <= shown.baseline_total
    assert (shown.stop_reason is not None) is (shown.phase in (Phase.FINISHING, Phase.STOPPING, Phase.ENDED))
    assert (shown.outcome is not None) is (shown.phase is Phase.ENDED)
    assert [each.elapsed for each in shown.history] == sorted(each.elapsed for each in shown.history)
    assert [each.finds for each in shown.yields] == sorted((each.finds for each in shown.yields), reverse=True)
    for one in shown.crashers:
        assert one.path is None or one.path.name == one.sha256
        assert bool(one.command) is (one.path is not None)
        assert one.elapsed <= shown.elapsed
        assert one.worker in {row.id for row in shown.workers}
    if shown.outcome is not None:
        account = shown.outcome
        assert account.reason is shown.stop_reason
        assert account.received == account.stored + account.duplicates + account.unsaved
        assert account.received <= shown.hits, "failing seeds are not received, but they may be met again"
        assert account.seconds <= shown.elapsed
        assert all(row.state.is_final for row in shown.workers)


def test_the_figures_of_the_fakes_agree_as_those_of_a_real_run_do(real: list[Snapshot]) -> None:
    for shown in real:
        agrees(shown, is_helped=True)
    for shown in [snapshot(), empty_snapshot(), ended(), *scripted()]:
        agrees(shown)


def test_an_obedient_session_ends_as_a_real_one_does() -> None:
    session = ObedientSession()
    session.stop(StopReason.INTERRUPTED)
    agrees(session.snapshot())
    assert session.snapshot().stop_reason is StopReason.INTERRUPTED


def test_crashers_are_written_nowhere() -> None:
    made = crasher(4711)
    assert not (OPTIONS.target.records_dir(OPTIONS.cache_dir) / f"{made.id}.json").exists()
