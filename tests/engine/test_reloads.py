"""Code that is edited during a run is loaded anew in all workers at once, and every crasher runs again on it."""

import os
import textwrap
from collections.abc import Iterator
from functools import partial
from itertools import product
from pathlib import Path

import pytest

from fuzztui.engine.request.options import Limit, Watching
from fuzztui.engine.show.events import CodeChanged, Reloaded, ReloadFailed, WorkerEnded, WorkerStarted
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.reload import Fate, ReloadCounts, ReloadStage
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.worker_row import WorkerState
from tests.support import Project, Run, RunningEngine, children, make_project, mostly_soak, wait_for

HARNESS = """
    import time

    import fuzztui
    import parser

    @fuzztui.fuzz(seeds=[b"a", b"b", b"c"])
    def fuzz_it(data: bytes) -> None:
        time.sleep(0.002)
        parser.parse(data)
    """
"""Workers leave the processor to those who look for changes."""

PARSER = """
def parse(data):
    if data[:1] == b"a":
        raise ValueError("a")
    if data[:1] == b"b":
        raise KeyError("b")
    return len(data)
"""

FIXED = PARSER.replace('raise ValueError("a")', "return 1")


def project_in(folder: Path, harness: str = HARNESS, **options: object) -> Project:
    project = make_project(folder, textwrap.dedent(harness))
    (folder / "parser.py").write_text(PARSER)
    given = {"workers": 2, "limit": Limit(), "stop_on_crash": False, "watching": Watching.RELOAD, **options}
    project.options.update(given)
    return project


def started(folder: Path, harness: str = HARNESS, **options: object) -> RunningEngine:
    """A run that has found both crashers, and of which all workers are at work."""
    engine = project_in(folder, harness, **options).start()
    engine.wait(lambda shown: len(shown.crashers) == 2, "two crashers")
    engine.wait(is_fuzzing, "workers at work")
    return engine


def is_fuzzing(shown: Snapshot) -> bool:
    return shown.phase is Phase.FUZZING and all(row.state is WorkerState.FUZZING for row in shown.workers)


def edit(folder: Path, content: str, name: str = "parser.py") -> None:
    """As an editor saves a file: another one takes its place."""
    (folder / f".{name}.swp").write_text(content)
    (folder / f".{name}.swp").rename(folder / name)


def told(engine: RunningEngine, kind: type[Reloaded | ReloadFailed | CodeChanged], number: int = 1) -> object:
    """The event of this kind that comes as the so-manyth."""
    events = partial(of_kind, engine, kind)
    return wait_for(lambda: len(events()) >= number and events()[number - 1], f"{kind.__name__} {number}")


def of_kind(engine: RunningEngine, kind: type) -> list[object]:
    return [event for event in engine.events if isinstance(event, kind)]


def reloaded(engine: RunningEngine, number: int = 1) -> ReloadCounts:
    event = told(engine, Reloaded, number)
    assert isinstance(event, Reloaded)
    return event.counts


def ended(engine: RunningEngine) -> Run:
    """The run ends when it is told to, and all it has received is accounted for."""
    engine.session.stop()
    run = engine.join()
    outcome = run.outcome
    assert outcome.reason is StopReason.USER, outcome
    assert outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved
    assert not children()
    return run


@pytest.fixture
def engines() -> Iterator[None]:
    yield
    RunningEngine.end_all()


pytestmark = pytest.mark.usefixtures("engines")


@pytest.mark.soak
def test_what_is_fixed_and_what_still_fails_is_said(tmp_path: Path) -> None:
    engine = started(tmp_path)
    edges = engine.session.snapshot().edges_total
    edit(tmp_path, FIXED + "\ndef more(data):\n    if data:\n        return 1\n")
    counts = reloaded(engine)
    assert counts == ReloadCounts(fixed=1, fail=1)
    engine.wait(is_fuzzing, "workers at work again")
    shown = engine.session.snapshot()
    fates = {crasher.failure.type: crasher.recheck.fate for crasher in shown.crashers if crasher.recheck is not None}
    assert fates == {"ValueError": Fate.FIXED, "KeyError": Fate.FAILS}
    assert shown.edges_total > edges
    assert shown.reloading.changed == ()
    run = ended(engine)
    assert [row.restarts for row in run.snapshot.workers] == [0, 0], "nobody was restarted for a reason of its own"


def test_no_process_is_started_before_the_last_of_the_old_has_ended(tmp_path: Path) -> None:
    engine = started(tmp_path, workers=3)
    before = len(engine.events)
    edit(tmp_path, FIXED)
    reloaded(engine)
    since = engine.events[before:]
    ends = [number for number, event in enumerate(since) if isinstance(event, WorkerEnded)][:3]
    starts = [number for number, event in enumerate(since) if isinstance(event, WorkerStarted)]
    assert max(ends) < min(starts)
    ended(engine)


def test_code_that_cannot_be_loaded_keeps_the_workers_and_is_told_with_its_place(tmp_path: Path) -> None:
    engine = started(tmp_path)
    pids = [row.pid for row in engine.session.snapshot().workers]
    edit(tmp_path, PARSER + "\nreturn = 1\n")
    failed = told(engine, ReloadFailed)
    assert isinstance(failed, ReloadFailed)
    assert failed.why.endswith("parser.py:9: SyntaxError: invalid syntax")
    shown = engine.session.snapshot()
    assert [row.pid for row in shown.workers] == pids
    assert shown.reloading.failure == failed.why
    edit(tmp_path, FIXED)
    assert reloaded(engine).fixed == 1
    assert engine.session.snapshot().reloading.failure == ""
    ended(engine)


@pytest.mark.soak
def test_what_it_lacked_is_loaded_when_it_is_there(tmp_path: Path) -> None:
    engine = started(tmp_path)
    edit(tmp_path, "import lacking\n" + FIXED)
    failed = told(engine, ReloadFailed)
    assert isinstance(failed, ReloadFailed)
    assert "parser.py:1: ModuleNotFoundError: No module named 'lacking'" in failed.why
    (tmp_path / "lacking.py").write_text("x = 1\n")
    assert reloaded(engine).fixed == 1
    ended(engine)


def test_a_person_is_told_and_asks(tmp_path: Path) -> None:
    engine = started(tmp_path, watching=Watching.CODE)
    edit(tmp_path, FIXED)
    engine.wait(lambda shown: shown.reloading.changed, "the change")
    assert engine.session.snapshot().reloading.sentence.endswith("parser.py")
    edit(tmp_path, PARSER)
    engine.wait(lambda shown: not shown.reloading.changed, "the change undone")
    edit(tmp_path, FIXED)
    engine.wait(lambda shown: shown.reloading.changed, "the change again")
    assert engine.session.snapshot().reloading.reloads == 0
    engine.session.reload()
    assert reloaded(engine).fixed == 1
    ended(engine)


@pytest.mark.soak
def test_where_no_worker_is_left_that_has_loaded_the_old_code_the_new_one_is_loaded(tmp_path: Path) -> None:
    engine = started(tmp_path, watching=Watching.CODE)
    edit(tmp_path, FIXED)
    engine.wait(lambda shown: shown.reloading.changed, "the change")
    for worker in (0, 1):
        engine.session.restart_worker(worker)
    assert reloaded(engine).fixed == 1
    engine.wait(is_fuzzing, "workers at work again")
    ended(engine)
    ends = [event for event in engine.events if isinstance(event, WorkerEnded)]
    assert len(ends) > 4
    assert all(event.is_orderly for event in ends), "what has changed is told of, not that processes end for it"


@pytest.mark.parametrize("change", mostly_soak(["touch", "chmod", "another file", "the same content"], "touch"))
def test_what_changes_nothing_is_no_change(tmp_path: Path, change: str) -> None:
    (tmp_path / "other.py").write_text("x = 1\n")
    engine = started(tmp_path)
    match change:
        case "touch":
            os.utime(tmp_path / "parser.py", (1, 1))
        case "chmod":
            (tmp_path / "parser.py").chmod(0o600)
        case "another file":
            edit(tmp_path, "x = 2\n", "other.py")
        case _:
            edit(tmp_path, PARSER)
    edit(tmp_path, FIXED)  # is the first that is told of
    assert reloaded(engine).fixed == 1
    assert len(of_kind(engine, Reloaded)) == 1
    assert len(of_kind(engine, CodeChanged)) == 1
    ended(engine)


@pytest.mark.soak
def test_a_target_that_takes_something_else_is_another_run(tmp_path: Path) -> None:
    engine = started(tmp_path)
    edit(tmp_path, textwrap.dedent(HARNESS).replace("data: bytes", "data: str").replace('b"', '"'), "fuzz_it.py")
    failed = told(engine, ReloadFailed)
    assert isinstance(failed, ReloadFailed)
    assert "takes (str) now, and the inputs of this run are for (bytes): undo that to go on here, or end" in failed.why
    ended(engine)


# The end in the middle of it --------------------------------------------------------------------------------------

SLOW_TO_LOAD = "import time\ntime.sleep(30)\n"

SLOW_TO_END = """
import signal, time

def parse(data):
    if data[:1] == b"a":
        raise ValueError("a")
    if data[:1] == b"b":
        raise KeyError("b")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(0.7)
"""

HANGS_NOW = PARSER.replace('raise ValueError("a")', "import time; time.sleep(60)")

STAGES: dict[str, tuple[str, str, ReloadStage]] = {
    "loading": (PARSER, SLOW_TO_LOAD + PARSER, ReloadStage.LOADING),
    "replacing": (SLOW_TO_END, FIXED, ReloadStage.REPLACING),
    "rechecking": (PARSER, HANGS_NOW, ReloadStage.RECHECKING),
}


@pytest.mark.parametrize(
    "moment",
    mostly_soak(list(product(STAGES, ("stop", "force"))), ("loading", "stop"), ("replacing", "force")),
    ids="-".join,
)
def test_the_run_can_be_ended_at_every_moment_of_a_reload(tmp_path: Path, moment: tuple[str, str]) -> None:
    stage, how = moment
    before, after, wanted = STAGES[stage]
    project = project_in(tmp_path, workers=2)
    (tmp_path / "parser.py").write_text(before)
    engine = project.start()
    engine.wait(lambda shown: len(shown.crashers) == 2, "two crashers")
    edit(tmp_path, after)
    engine.wait(lambda shown: shown.reloading.stage is wanted, wanted.value)
    if how == "force":
        engine.session.force_stop()
        outcome = engine.join().outcome
        assert outcome.reason is StopReason.USER
        assert outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved
        assert not children()
    else:
        ended(engine)


@pytest.mark.soak
def test_an_edit_during_a_reload_is_loaded_after_it(tmp_path: Path) -> None:
    engine = started(tmp_path)
    edit(tmp_path, "import time\ntime.sleep(0.5)\n" + PARSER)
    engine.wait(lambda shown: shown.reloading.stage is ReloadStage.LOADING, "loading")
    edit(tmp_path, FIXED)

    def is_fixed(shown: Snapshot) -> bool:
        return any(crasher.is_fixed for crasher in shown.crashers) and is_fuzzing(shown)

    engine.wait(is_fixed, "the newest code")
    assert not engine.session.snapshot().reloading.changed
    ended(engine)


@pytest.mark.soak
def test_a_limit_that_is_reached_during_a_reload_ends_the_run_in_order(tmp_path: Path) -> None:
    engine = project_in(tmp_path, limit=Limit(seconds=2.0)).start()
    engine.wait(lambda shown: len(shown.crashers) == 2, "two crashers")
    edit(tmp_path, SLOW_TO_LOAD + PARSER)
    run = engine.join()
    assert run.outcome.reason is StopReason.TIME_LIMIT
    assert run.outcome.exit_code == 1
    assert not children()


@pytest.mark.soak
def test_a_paused_run_loads_new_code_and_executes_nothing(tmp_path: Path) -> None:
    engine = started(tmp_path)
    engine.session.pause()
    engine.wait(lambda shown: shown.is_paused, "the pause")
    edit(tmp_path, FIXED)
    engine.wait(lambda shown: shown.reloading.reloads == 1, "the reload")
    engine.wait(lambda shown: all(row.state is WorkerState.PAUSED for row in shown.workers), "workers that are held")
    executions = engine.session.snapshot().executions
    assert not of_kind(engine, Reloaded)
    assert engine.session.snapshot().executions == executions
    engine.session.resume()
    assert reloaded(engine).fixed == 1
    ended(engine)


@pytest.mark.soak
def test_a_worker_that_somebody_has_stopped_stays_stopped(tmp_path: Path) -> None:
    engine = started(tmp_path)
    engine.session.stop_worker(1)
    engine.wait(lambda shown: shown.workers[1].state is WorkerState.STOPPED, "the stopped worker")
    edit(tmp_path, FIXED)
    assert reloaded(engine).fixed == 1
    assert engine.session.snapshot().workers[1].state is WorkerState.STOPPED
    ended(engine)
