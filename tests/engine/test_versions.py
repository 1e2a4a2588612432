"""One run executes one version of the code, whatever happens to the files meanwhile."""

import contextlib
import os
import py_compile
import shutil
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from fuzztui.engine.crew import current_code
from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.task import Replay
from fuzztui.engine.show.events import Warned, WorkerStarted
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.worker_row import WorkerState
from tests.support import Project, RunningEngine, make_project, wait_for

HARNESS = """
    import os
    import time
    import own.helper
    import plain

    def fuzz_it(data: bytes) -> None:
        time.sleep(0.002)
        if os.path.exists("{folder}/lazy"):
            from own import late
            late.look(data)
            open("{folder}/looked", "w").close()
        try:
            os.remove("{folder}/die")
        except FileNotFoundError:
            own.helper.look(data)
            plain.look(data)
        else:
            os._exit(3)
    """

MODULE = """
def look(data: bytes) -> int:
    # A comment.
    if data[:1] == b"a":
        return 1
    return 2
"""


def project_in(folder: Path, harness: str = HARNESS) -> Project:
    project = make_project(folder, textwrap.dedent(harness).replace("{folder}", str(folder)))
    (folder / "own").mkdir()
    (folder / "own" / "__init__.py").touch()
    for name in ("own/helper.py", "own/late.py", "plain.py"):
        (folder / name).write_text(MODULE)
    project.options.update(workers=2, exclude=("plain",), limit=Limit(), stop_on_crash=False)
    return project


def state(engine: RunningEngine, worker: int) -> tuple[WorkerState, str]:
    rows = engine.session.snapshot().workers
    return (rows[worker].state, rows[worker].reason) if rows else (WorkerState.STARTING, "")


def is_at_work(engine: RunningEngine, worker: int) -> bool:
    return state(engine, worker)[0] is WorkerState.FUZZING


def at_work(engine: RunningEngine, *workers: int) -> None:
    for worker in workers:
        wait_for(partial(is_at_work, engine, worker), f"worker {worker} at work")


def waiting(engine: RunningEngine, worker: int) -> str:
    """What a worker waits for that could not be replaced."""
    wait_for(lambda: state(engine, worker)[0] is WorkerState.RESTARTING and state(engine, worker)[1], "a wait")
    return state(engine, worker)[1]


# What changes, and back again --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, RunningEngine]]:
    """One run of two workers, which every edit here is made to, and undone."""
    folder = tmp_path_factory.mktemp("versions")
    engine = project_in(folder).start()
    try:
        at_work(engine, 0, 1)
        yield folder, engine
    finally:
        engine.session.force_stop()
        engine.join()


@contextlib.contextmanager
def kept(folder: Path) -> Iterator[None]:
    """Put everything back as it was, with other times."""
    before = {path: path.read_bytes() for path in folder.rglob("*.py") if path.is_file()}
    try:
        yield
    finally:
        for path, content in before.items():
            if path.is_dir():
                path.rmdir()
            path.write_bytes(content)


def appended(name: str, text: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        with (folder / name).open("a") as stream:
            stream.write(text)

    return edit


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        content = (folder / name).read_text()
        assert old in content
        (folder / name).write_text(content.replace(old, new))

    return edit


def as_folder(folder: Path) -> None:
    (folder / "own" / "helper.py").unlink()
    (folder / "own" / "helper.py").mkdir()


def another_branch(folder: Path) -> None:
    for name in ("fuzz_it.py", "own/helper.py", "plain.py"):
        appended(name, "\nx = 1\n")(folder)


EDITS: dict[str, tuple[Callable[[Path], object], str]] = {
    "harness": (appended("fuzz_it.py", "\nx = 1\n"), "fuzz_it.py has"),
    "module": (replaced("own/helper.py", "return 1", "return 11"), "own/helper.py has"),
    "more probes": (appended("own/helper.py", MODULE.replace("look", "other")), "own/helper.py has"),
    "fewer probes": (replaced("own/helper.py", 'if data[:1] == b"a":\n        return 1', ""), "own/helper.py has"),
    "module without probes": (replaced("plain.py", "return 1", "return 11"), "plain.py has"),
    "line moved": (replaced("own/helper.py", "def look", "\n\ndef look"), "own/helper.py has"),
    "comment": (replaced("own/helper.py", "A comment", "Another comment"), "own/helper.py has"),
    "syntax error in the harness": (appended("fuzz_it.py", "x = (\n"), "fuzz_it.py has"),
    "syntax error in a module": (appended("own/helper.py", "x = (\n"), "own/helper.py has"),
    "name that is gone": (replaced("own/helper.py", "def look", "def looks"), "own/helper.py has"),
    "process that ends as it loads": (appended("plain.py", "import os; os._exit(5)\n"), "plain.py has"),
    "deleted harness": (lambda folder: (folder / "fuzz_it.py").unlink(), "fuzz_it.py has"),
    "deleted module": (lambda folder: (folder / "plain.py").unlink(), "plain.py has"),
    "renamed": (lambda folder: (folder / "plain.py").rename(folder / "plainer"), "plain.py has"),
    "folder": (as_folder, "own/helper.py has"),
    "emptied": (lambda folder: (folder / "own" / "helper.py").write_text(""), "own/helper.py has"),
    "signature": (replaced("fuzz_it.py", "data: bytes", "data: str"), "fuzz_it.py has"),
    "seeds": (
        replaced("fuzz_it.py", "def fuzz_it", "import fuzztui\n@fuzztui.fuzz(seeds=[b'1'])\ndef fuzz_it"),
        "fuzz_it.py has",
    ),
    "branch": (another_branch, "have"),
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.mostly_soak(2)
def test_a_worker_that_is_replaced_waits_while_the_code_is_another(
    running: tuple[Path, RunningEngine], name: str
) -> None:
    folder, engine = running
    edit, expected = EDITS[name]
    with kept(folder):
        edit(folder)
        begun = sum(isinstance(event, WorkerStarted) for event in engine.events)
        engine.session.restart_worker(1)
        reason = waiting(engine, 1)
        assert expected in reason
        assert reason.endswith("changed since this run began")
        if name == "branch":
            assert all(file in reason for file in ("fuzz_it.py", "own/helper.py", "plain.py"))
        assert sum(isinstance(event, WorkerStarted) for event in engine.events) == begun
        at_work(engine, 0)
        assert "Run it again" in "".join(engine.session.snapshot().warnings)
    at_work(engine, 1)
    assert engine.session.snapshot().crashers == ()
    assert "Run it again" not in "".join(engine.session.snapshot().warnings)


@pytest.mark.parametrize("name", ["touched", "written again", "moved away and back", "another file", "bytecode gone"])
def test_what_leaves_the_code_as_it_was_is_no_change(running: tuple[Path, RunningEngine], name: str) -> None:
    folder, engine = running
    helper = folder / "own" / "helper.py"
    match name:
        case "touched":
            os.utime(helper)
        case "written again":
            helper.write_bytes(helper.read_bytes())
        case "moved away and back":
            helper.rename(folder / "away.py").rename(helper)
        case "another file":
            (folder / "own" / "unused.py").write_text("x = 1\n")
        case _:
            for cached in folder.rglob("__pycache__"):
                shutil.rmtree(cached)
    starts = engine.session.snapshot().workers[1].restarts
    engine.session.restart_worker(1)
    engine.wait(lambda snapshot: snapshot.workers[1].restarts > starts, "another process")
    at_work(engine, 1)
    assert state(engine, 1)[1] == ""


def test_a_worker_that_waits_for_the_code_can_be_stopped(tmp_path: Path) -> None:
    engine = project_in(tmp_path).start()
    at_work(engine, 0, 1)
    appended("plain.py", "x = 1\n")(tmp_path)
    engine.session.restart_worker(1)
    waiting(engine, 1)
    engine.session.stop_worker(1)
    wait_for(lambda: state(engine, 1)[0] is WorkerState.STOPPED, "the stop")
    engine.session.stop()
    assert engine.join().outcome.exit_code == 0


# The end ------------------------------------------------------------------------------------------------------------


def test_a_run_that_nobody_can_go_on_with_ends_and_says_what_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_code, "CODE_PATIENCE", 1.0)
    engine = project_in(tmp_path).start()
    at_work(engine, 0, 1)
    appended("fuzz_it.py", "\nx = (\n")(tmp_path)
    engine.session.restart_worker(0)
    waiting(engine, 0)
    assert engine.session.snapshot().stop_reason is None
    engine.session.restart_worker(1)
    run = engine.join()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.CODE_CHANGED, 70)
    assert "fuzz_it.py has changed since this run began" in run.outcome.detail
    assert "Run it again" in run.outcome.detail
    assert {row.state for row in run.snapshot.workers} == {WorkerState.ENDED}


def test_what_was_found_wins_over_the_change_of_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_code, "CODE_PATIENCE", 0.5)
    engine = project_in(tmp_path).start(workers=1)
    at_work(engine, 0)
    appended("own/helper.py", "\nx = 1\n")(tmp_path)
    (tmp_path / "die").touch()
    run = engine.join()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.CODE_CHANGED, 1)
    assert [crasher.failure.type for crasher in run.crashers] == ["exit status 3"]


def test_an_edit_that_is_undone_brings_all_workers_back(tmp_path: Path) -> None:
    engine = project_in(tmp_path).start()
    at_work(engine, 0, 1)
    with kept(tmp_path):
        appended("fuzz_it.py", "x = (\n")(tmp_path)
        for worker in (0, 1):
            (tmp_path / "die").touch()
            wait_for(lambda: not (tmp_path / "die").exists(), "a death")
            del worker
        waiting(engine, 0)
        waiting(engine, 1)
    at_work(engine, 0, 1)
    engine.session.stop()
    run = engine.join()
    assert run.outcome.reason is StopReason.USER
    assert run.outcome.exit_code == 1


# Loaded late, generated, compiled -------------------------------------------------------------------------------------


@pytest.mark.soak
def test_workers_that_load_a_module_late_load_one_version_of_it(tmp_path: Path) -> None:
    project = project_in(tmp_path)
    engine = project.start()
    at_work(engine, 0, 1)
    engine.session.pause_worker(1)
    wait_for(lambda: state(engine, 1)[0] is WorkerState.PAUSED, "a pause")
    (tmp_path / "lazy").touch()
    wait_for((tmp_path / "looked").exists, "the late module")
    replaced("own/late.py", 'if data[:1] == b"a":\n        return 1', "pass")(tmp_path)
    engine.session.resume_worker(1)
    assert "own/late.py has changed" in waiting(engine, 1)
    at_work(engine, 0)
    (tmp_path / "own" / "late.py").write_text(MODULE)
    at_work(engine, 1)
    engine.session.stop()
    run = engine.join()
    assert (run.outcome.exit_code, run.crashers) == (0, [])


@pytest.mark.parametrize("content", ["the same", "another"])
def test_a_module_that_the_target_writes_is_no_change_but_workers_do_not_disagree_silently(
    tmp_path: Path, content: str
) -> None:
    number = "1" if content == "the same" else "{os.getpid()}"
    generate = f"""
    import os
    from pathlib import Path
    Path("{{folder}}/made.py").write_text(f"def look(data):\\n    return {number}\\n")
    import made
    """
    project = project_in(tmp_path, textwrap.dedent(generate) + textwrap.dedent(HARNESS))
    engine = project.start()
    at_work(engine, 0, 1)
    engine.session.restart_worker(1)
    engine.wait(lambda snapshot: snapshot.workers[1].restarts, "another process")
    at_work(engine, 1)
    warnings = "".join(event.message for event in engine.events if isinstance(event, Warned))
    engine.session.stop()
    run = engine.join()
    assert run.outcome.exit_code == 0
    assert ("made.py is not the same in each worker" in warnings) == (content == "another")


def test_a_module_of_bytecode_alone_has_versions_too(tmp_path: Path) -> None:
    project = project_in(tmp_path)

    def compile_plain() -> None:
        py_compile.compile(str(tmp_path / "plain.py"), str(tmp_path / "plain.pyc"), doraise=True)

    compile_plain()
    (tmp_path / "plain.py").rename(tmp_path / "plain.txt")
    engine = project.start()
    at_work(engine, 0, 1)
    (tmp_path / "plain.py").write_text(MODULE.replace("return 1", "return 11"))
    compile_plain()
    (tmp_path / "plain.py").unlink()
    engine.session.restart_worker(1)
    assert "plain.pyc has changed" in waiting(engine, 1)
    engine.session.stop()
    engine.join()


def test_workers_that_disagree_from_the_start_are_told_of(tmp_path: Path) -> None:
    edited = """
    import os
    import time
    try:
        os.mkdir("{folder}/first")
    except FileExistsError:
        while not os.path.exists("{folder}/edited"):
            time.sleep(0.01)
    """
    project = project_in(tmp_path, textwrap.dedent(edited) + textwrap.dedent(HARNESS))
    engine = project.start()
    engine.wait(lambda snapshot: snapshot.executions, "the first worker at work")
    appended("own/helper.py", "x = 1\n")(tmp_path)
    (tmp_path / "edited").touch()
    late = next(row.id for row in engine.session.snapshot().workers if not row.executions)
    assert "own/helper.py has changed" in waiting(engine, late)
    engine.session.stop()
    engine.join()


def test_a_module_that_another_file_hides_is_another_version(tmp_path: Path) -> None:
    engine = project_in(tmp_path).start()
    at_work(engine, 0, 1)
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "__init__.py").write_text(MODULE.replace("return 1", "return 11"))
    engine.session.restart_worker(1)
    assert "plain/__init__.py has changed" in waiting(engine, 1)
    shutil.rmtree(tmp_path / "plain")
    at_work(engine, 1)
    engine.session.stop()
    assert engine.join().outcome.exit_code == 0


def test_a_target_that_loads_a_module_anew_each_time_is_told_of_and_goes_on(tmp_path: Path) -> None:
    harness = """
    import itertools
    import os
    import sys
    import plugin
    numbers = itertools.count(os.getpid())
    def fuzz_it(data: bytes) -> None:
        with open("{folder}/plugin.py", "w") as stream:
            stream.write(f"x = {next(numbers)}\\n")
        sys.modules.pop("plugin", None)
        try:
            import plugin
        except SyntaxError:  # the other worker was just writing
            pass
    """
    (tmp_path / "plugin.py").write_text("x = 0\n")
    engine = project_in(tmp_path, harness).start()
    at_work(engine, 0, 1)
    engine.session.restart_worker(1)
    engine.wait(lambda snapshot: snapshot.workers[1].restarts, "another process")
    at_work(engine, 1)
    engine.session.stop()
    run = engine.join()
    assert run.outcome.exit_code == 0
    assert "plugin.py is not the same in each worker" in run.warnings


def test_inputs_that_are_run_again_are_run_by_one_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_code, "CODE_PATIENCE", 0.5)
    harness = """
    import os
    import plain
    def fuzz_it(data: bytes) -> None:
        if data == b"edit":
            with open("{folder}/plain.py", "a") as stream:
                stream.write("x = 1\\n")
            os._exit(3)
    """
    project = project_in(tmp_path, harness)
    run = project.start(workers=1, task=Replay((("one", b"edit"), ("two", b"fine")))).join()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.CODE_CHANGED, 1)
    assert "plain.py has changed" in run.outcome.detail
