"""What a crasher needs that does not fail alone is found by real processes, kept with it, and replayed from there."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.keep.before import read_before
from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.request.task import RegressionTest
from fuzztui.engine.show.events import InputRan
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.results import InputResult, InputVerdict
from tests.support import Project, Run, mostly_soak

MakeProject = Callable[..., Project]

GATE = """
import ctypes, functools, os, sys, time
seen = []
def fuzz_it(data: bytes):
    {keeps}
    if {fails} and len(data) > 3:
        {act}
"""

NEEDS = {
    # name: what an execution keeps, when it fails then, how many inputs that takes
    "a counter": ("seen.append(1)", "len(seen) > 9", 9),
    "eight of a kind": ("seen.extend([1] * (len(data) == 2))", "len(seen) >= 8", 8),
    "two in order": (
        "seen.append(len(data)) if len(data) == (1, 2)[len(seen) % 2] and len(seen) < 2 else None",
        "seen == [1, 2]",
        2,
    ),
    "a handler that one registers": ("len(data) == 1 and seen.append(print)", "seen", 1),
    "an environment": ("if len(data) == 2: os.environ['SEEN'] = '1'", "'SEEN' in os.environ", 1),
    "a module of the library": ("if len(data) == 2: functools.cache = None", "functools.cache is None", 1),
    "another function ran": (
        "if data[:1] == b'h' or len(data) == 2: sys.setrecursionlimit(999)",
        "sys.getrecursionlimit() == 999",
        1,
    ),
    "descriptors": ("if len(data) == 2: seen.append(os.open('/dev/null', 0))", "len(seen) > 3", 4),
}

ACTS = {
    "an exception": ("raise RuntimeError('kept')", CrasherKind.EXCEPTION),
    "an exit": ("os._exit(7)", CrasherKind.EXIT),
    "a crash in C": ("ctypes.string_at(0)", CrasherKind.SIGNAL),
    "an abort": ("os.abort()", CrasherKind.SIGNAL),
    "a hang": ("time.sleep(99)", CrasherKind.TIMEOUT),
}


def judged(run: Run, folder: Path) -> list[InputResult]:
    """What a regression test says in a fresh copy of the project, without a cache."""
    for name in ("fuzz_it.py", "pyproject.toml", "testdata"):
        source = run.folder / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    again = Project(folder).run(task=RegressionTest(), limit=Limit(), seed=None, timeout=0.5)
    assert again.outcome.reason is StopReason.DONE
    return [event.result for event in again.events if isinstance(event, InputRan)]


def before(run: Run) -> tuple[bytes, ...] | None:
    (path,) = [path for path in run.stored if path.is_file()]
    target = PythonTarget(run.folder / "fuzz_it.py", "fuzz_it", run.folder)
    return read_before((target.crashers_dir,), path.name)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the number of runs ends the search for the shortest tail, not how busy the machine is."""
    monkeypatch.setattr("fuzztui.engine.work.confirmation.TAIL_SECONDS", 50.0)


@pytest.mark.parametrize("act", mostly_soak(ACTS, "an exception", "an abort"))
@pytest.mark.soak
def test_a_crasher_of_any_kind_that_needs_others_before_it_fails_in_a_clone_as_it_should(
    project: MakeProject, tmp_path_factory: pytest.TempPathFactory, act: str
) -> None:
    statement, kind = ACTS[act]
    keeps, fails, number = NEEDS["eight of a kind"]
    run = project(GATE.format(keeps=keeps, fails=fails, act=statement), timeout=0.5).run(limit=Limit(seconds=60.0))
    (crasher,) = run.crashers
    assert crasher.failure.kind is kind
    assert crasher.confirmation is not None
    assert crasher.confirmation.badge.endswith("needs state")
    assert crasher.before == before(run)
    assert number <= len(crasher.before) < 8 * number, "a short one, as far as there is time"
    (result,) = judged(run, tmp_path_factory.mktemp("clone"))
    assert result.verdict is InputVerdict.FAIL
    assert result.failure is not None
    assert result.failure.kind is kind
    assert f"{len(crasher.before)} inputs before it" in result.note


@pytest.mark.parametrize("name", NEEDS)
@pytest.mark.mostly_soak(1)
def test_what_it_takes_is_found_and_no_more(
    project: MakeProject, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    keeps, fails, number = NEEDS[name]
    act = "raise RuntimeError('kept')"
    run = project(GATE.format(keeps=keeps, fails=fails, act=act)).run(limit=Limit(seconds=60.0))
    (crasher,) = run.crashers
    assert crasher.confirmation is not None
    assert crasher.confirmation.before == len(crasher.before)
    assert number - 1 <= len(crasher.before) <= 3 * number, "the input itself may count, and runs may be too few"
    (result,) = judged(run, tmp_path_factory.mktemp("clone"))
    assert result.verdict is InputVerdict.FAIL
    outcome = run.outcome
    assert outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved


def test_executions_for_it_are_the_runs(project: MakeProject, tmp_path: Path) -> None:
    log = tmp_path / "log"
    keeps, fails, _ = NEEDS["eight of a kind"]
    keeps = f"os.write(log, b'x'); {keeps}"
    source = GATE.format(keeps=keeps, fails=fails, act="raise RuntimeError")
    source = source.replace(
        "seen = []", f"seen = []\nlog = os.open({str(log)!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)"
    )
    run = project(source).run(limit=Limit(executions=20_000), stop_on_crash=False, workers=3)
    assert run.outcome.reason is StopReason.EXECUTION_LIMIT
    assert run.snapshot.executions == log.stat().st_size == 20_000


@pytest.mark.soak
def test_a_coin_is_flaky_and_needs_nothing(project: MakeProject) -> None:
    engine = project(
        "import os\ndef fuzz_it(data: bytes):\n    if len(data) > 3 and os.urandom(1)[0] < 128: raise RuntimeError\n"
    ).start(limit=Limit(), stop_on_crash=False)
    known = engine.wait(lambda s: s.crashers and s.crashers[0].confirmation, "the crasher to be run again")
    engine.session.stop()
    run = engine.join()
    assert known.runs == 10
    assert known.badge in {*(f"{number}/10 flaky" for number in range(10)), "10/10", "0/10 needs state?"}
    assert 0 < known.failures < 10, "but for one in five hundred"
    assert before(run) is None


def test_what_fails_in_every_fresh_process_is_run_ten_times(project: MakeProject) -> None:
    run = project("def fuzz_it(data: bytes):\n    if len(data) > 3: raise ValueError\n").run()
    assert [crasher.confirmation.badge for crasher in run.crashers if crasher.confirmation] == ["10/10"]


def test_what_is_decided_with_each_process_is_flaky(project: MakeProject, tmp_path: Path) -> None:
    """Such as the order of sets: within one process it is always the same."""
    note = tmp_path / "note"
    source = f"""
    import os
    odd = os.path.exists({str(note)!r}) and os.path.getsize({str(note)!r}) % 2
    with open({str(note)!r}, "ab") as file: file.write(b"x")
    def fuzz_it(data: bytes):
        if not odd and len(data) > 3: raise ValueError
    """
    run = project(source).run(limit=Limit(seconds=30.0), stop_on_crash=True)
    (crasher,) = run.crashers
    assert crasher.confirmation is not None
    assert 0 < crasher.confirmation.failures < crasher.confirmation.runs


def test_a_slow_input_is_no_hang(project: MakeProject) -> None:
    run = project("import time\ndef fuzz_it(data: bytes):\n    if len(data) > 3: time.sleep(1.6)\n", timeout=1.0).run()
    (crasher,) = run.crashers
    assert crasher.failure.kind is CrasherKind.TIMEOUT
    known = crasher.confirmation
    assert known is not None
    assert known.badge == "1/1 slow"
    assert 1.0 < known.slow < 2.0


@pytest.mark.soak
def test_a_person_may_have_a_crasher_run_again(project: MakeProject) -> None:
    engine = project("def fuzz_it(data: bytes):\n    if len(data) > 3: raise ValueError\n").start(
        limit=Limit(), stop_on_crash=False
    )
    (crasher,) = engine.wait(lambda s: s.crashers and s.crashers[0].confirmation and s.crashers, "the first time")
    engine.session.validate(crasher.id)
    engine.session.validate("nothing of this name")
    engine.wait(lambda s: s.crashers[0].confirmation is not crasher.confirmation, "the second time")
    engine.session.stop()
    run = engine.join()
    engine.session.validate(crasher.id)
    assert [each.confirmation.badge for each in run.crashers if each.confirmation] == ["10/10"]


def test_what_lies_in_the_sub_folder_is_no_input(project: MakeProject) -> None:
    made = project("def fuzz_it(data: bytes):\n    pass\n")
    made.seed("a", b"seed")
    made.seed("before", b"").unlink()
    (made.folder / "testdata" / "corpus" / "fuzz_it" / "before").mkdir()
    (made.folder / "testdata" / "corpus" / "fuzz_it" / "before" / "x").write_bytes(b"what is this")
    run = made.run(task=RegressionTest(), limit=Limit(), seed=None)
    results = [event.result for event in run.events if isinstance(event, InputRan)]
    assert [Path(result.name).name for result in results] == ["a"]
    assert run.outcome.exit_code == os.EX_OK
