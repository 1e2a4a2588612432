"""A worker that cannot fuzz is reported with a non-zero exit, and is never a crasher."""

import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.worker_row import WorkerState
from tests.support import Project, wait_for

MakeProject = Callable[..., Project]

SETUPS = {
    "skips": ("f.skip('not today')", "not today"),
    "fails": ("f.fail('no database')", "no database"),
    "raises": ("raise ValueError('broken set-up')", "broken set-up"),
    "raises a bare BaseException": ("raise BaseException('bare')", "bare"),
    "exits": ("import sys; sys.exit()", "SystemExit"),
    "exits at once": ("import os; print('last words', flush=True); os._exit(99)", "exit 99"),
}


@pytest.mark.parametrize(("body", "words"), SETUPS.values(), ids=SETUPS.keys())
def test_set_up_that_fails_is_no_crasher(project: MakeProject, body: str, words: str) -> None:
    run = project(f"import fuzztui\ndef fuzz_it(f: fuzztui.F) -> None:\n    {body}\n").run()
    assert run.outcome.exit_code == 70
    assert run.outcome.reason is StopReason.HARNESS
    assert run.outcome.detail.startswith("worker terminated without fuzzing: ")
    assert words in run.outcome.detail
    assert run.stored == []
    assert run.found == []
    assert any(row.state is WorkerState.FAILED for row in run.snapshot.workers)


def test_set_up_that_fails_in_four_workers_at_once_is_told_once_with_its_last_words(project: MakeProject) -> None:
    body, words = SETUPS["exits at once"]
    run = project(f"import fuzztui\ndef fuzz_it(f: fuzztui.F) -> None:\n    {body}\n").run(workers=4)
    assert run.outcome.exit_code == 70
    assert run.outcome.reason is StopReason.HARNESS
    assert run.outcome.detail.count(words) == run.outcome.detail.count("last words") == 1
    assert (run.stored, run.found) == ([], [])


IMPORTS = {
    "syntax error": ("def fuzz_it(data: bytes) ->:\n", "SyntaxError"),
    "raises at import": ("raise RuntimeError('at import')", "at import"),
}


@pytest.mark.parametrize(("source", "words"), IMPORTS.values(), ids=IMPORTS.keys())
def test_a_file_that_cannot_be_loaded_is_no_crasher(project: MakeProject, source: str, words: str) -> None:
    run = project(source).run()
    assert run.outcome.exit_code == 70
    assert words in run.outcome.detail
    assert run.stored == []


UNCALLABLE = {
    "unannotated": ("def fuzz_it(data): ...", "annot"),
    "unsupported type": ("def fuzz_it(data: list): ...", "list"),
    "import error": ("import no_such_module_anywhere\ndef fuzz_it(data: bytes): ...", "no_such_module_anywhere"),
    "missing name": ("def fuzz_other(data: bytes): ...", "fuzz_it"),
    "wrong seed": ("import fuzztui\n@fuzztui.fuzz(seeds=[3])\ndef fuzz_it(data: bytes): ...", "[int], want [bytes]"),
    "no target": ("import fuzztui\ndef fuzz_it(f: fuzztui.F): ...", "returned without calling f.fuzz"),
    "two targets": (
        "import fuzztui\ndef fuzz_it(f: fuzztui.F):\n    f.fuzz(print_it)\n    f.fuzz(print_it)\n"
        "def print_it(data: bytes): ...",
        "f.fuzz was called already",
    ),
    "wrong raises": (
        "import fuzztui\n@fuzztui.fuzz(raises=5)\ndef fuzz_it(data: bytes): ...",
        "want exception classes",
    ),
}


@pytest.mark.parametrize(("source", "words"), UNCALLABLE.values(), ids=UNCALLABLE.keys())
def test_a_target_that_no_values_can_be_made_for_is_a_mistake_and_no_crasher(
    project: MakeProject, source: str, words: str
) -> None:
    run = project(source).run()
    assert run.outcome.reason is StopReason.UNCALLABLE
    assert run.outcome.exit_code == 2
    assert words in run.outcome.detail
    assert run.stored == []
    assert any(row.state is WorkerState.FAILED for row in run.snapshot.workers)


def test_a_missing_file_is_no_crasher(project: MakeProject) -> None:
    gone = project("")
    (gone.folder / "fuzz_it.py").unlink()
    run = gone.run()
    assert run.outcome.exit_code == 70
    assert "fuzz_it.py" in run.outcome.detail


def test_a_hang_in_set_up_is_ended_and_its_place_named(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    made = project(
        """
        import pathlib, time, fuzztui
        def wait_for_godot():
            pathlib.Path(__file__).with_name("hangs").touch()
            time.sleep(1000)
        def fuzz_it(f: fuzztui.F) -> None:
            wait_for_godot()
        """
    )
    engine = made.start(startup_timeout=500.0, limit=Limit())
    wait_for((made.folder / "hangs").exists, "the set-up to hang")
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 500.0)
    monkeypatch.setattr("fuzztui.engine.crew.crew.time", later)
    engine.session.pause()  # has the worker's task look at the clock
    run = engine.join()
    assert run.outcome.exit_code == 70
    assert "not loaded within 500 s" in run.outcome.detail
    assert "wait_for_godot" in run.outcome.detail
    frames = [line for line in run.outcome.detail.splitlines() if line.lstrip().startswith("File ")]
    assert [line.rpartition(" in ")[2] for line in frames] == ["wait_for_godot", "fuzz_it"], "none of the fuzzer's"
    assert run.stored == []


@pytest.mark.parametrize("call", ["f.add(b'x')", "f.fail()", "f.skip()", "f.fuzz(lambda: None)"])
@pytest.mark.parametrize("swallow", [False, True])
@pytest.mark.mostly_soak(3)
def test_use_of_the_harness_inside_the_target_is_no_crasher(project: MakeProject, call: str, swallow: bool) -> None:
    statement = f"try: {call}\n        except BaseException: pass" if swallow else call
    run = project(
        f"import fuzztui\ndef fuzz_it(f: fuzztui.F):\n    @f.fuzz\n    def target(data: bytes):\n        {statement}\n"
    ).run()
    assert run.outcome.exit_code == 70
    assert "fuzz_it.py:5" in run.outcome.detail
    assert run.stored == []
