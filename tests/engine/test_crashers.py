"""Nothing that was found is lost, and nothing is counted twice."""

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.confirmation import MOST_RUNS
from tests.support import Project

MakeProject = Callable[..., Project]

AT_ONCE = """
import os, time
def fuzz_it(data: bytes) -> None:
    here = {folder!r}
    open(os.path.join(here, str(os.getpid())), "w").close()
    while len(os.listdir(here)) < {workers}:
        time.sleep(0.001)
    {act}
"""


def _all_at_once(project: MakeProject, folder: Path, workers: int, act: str) -> None:
    folder.mkdir()
    target = project(AT_ONCE.format(folder=str(folder), workers=workers, act=act))
    for seed in range(workers):  # a baseline that keeps every worker at one of them
        target.seed(f"seed{seed}", bytes([seed]))
    run = target.run(workers=workers, limit=Limit(seconds=60.0))
    assert run.outcome.exit_code == 1
    assert run.outcome.received == run.outcome.stored + run.outcome.duplicates
    for found in run.found:
        assert found.crasher.path is not None
        assert found.crasher.path.read_bytes() == found.crasher.data
    assert all(row.state.is_final for row in run.snapshot.workers)


@pytest.mark.parametrize("act", ["raise ValueError(os.getpid())", "os._exit(3)", "os.abort()"])
@pytest.mark.mostly_soak(1)
def test_eight_workers_that_find_a_crasher_at_once_do_not_deadlock(
    project: MakeProject, tmp_path: Path, act: str
) -> None:
    _all_at_once(project, tmp_path / "here", 8, act)


@pytest.mark.soak
def test_eight_workers_that_find_crashers_at_once_300_times(project: MakeProject, tmp_path: Path) -> None:
    acts = ("raise ValueError(os.getpid())", "os._exit(3)", "os.abort()")
    for number in range(300):
        _all_at_once(project, tmp_path / f"here{number}", 8, acts[number % 3])


DISTINCT = """
def fuzz_it(data: bytes) -> None:
    if len(data) == 0: return
    kind = data[0] % 3
    if kind == 0:
        raise ValueError("one")
    if kind == 1:
        raise KeyError("two")
"""


def test_going_on_after_crashers_stores_each_kind_once_and_counts_all(project: MakeProject) -> None:
    run = project(DISTINCT).run(stop_on_crash=False, workers=2, limit=Limit(executions=3000))
    assert run.outcome.exit_code == 1
    assert run.outcome.reason is StopReason.EXECUTION_LIMIT
    assert {crasher.failure.type for crasher in run.crashers} == {"ValueError", "KeyError"}
    assert len(run.stored) == 2 == run.outcome.stored
    assert run.outcome.received == run.outcome.stored + run.outcome.duplicates
    assert run.snapshot.hits == run.outcome.received > 500
    assert {path.name for path in run.stored} == {crasher.sha256 for crasher in run.crashers}
    assert all(row.restarts == 0 for row in run.snapshot.workers), "a worker survives an exception"


def test_every_crasher_is_on_disk_before_anyone_is_told(project: MakeProject) -> None:
    from fuzztui.engine.session import Session
    from fuzztui.engine.show.events import CrasherFound, Event

    seen: list[bytes] = []

    def look(event: Event) -> None:
        if isinstance(event, CrasherFound):
            assert event.crasher.path is not None
            seen.append(event.crasher.path.read_bytes())

    Session(project(DISTINCT).options_for(stop_on_crash=False, limit=Limit(executions=500))).run(look)
    assert len(seen) == 2


def test_a_crasher_is_a_known_crasher_of_the_next_run(project: MakeProject) -> None:
    target = project("def fuzz_it(data: bytes):\n    if len(data) > 2: raise ValueError\n")
    first = target.run(limit=Limit(executions=3000))
    (crasher,) = first.stored
    before = crasher.stat().st_mtime_ns
    second = target.run(limit=Limit(executions=3000))
    assert second.outcome.exit_code == 1
    assert second.outcome.reason is StopReason.CRASHER
    assert second.outcome.detail.startswith(f"known crasher {crasher.name}: first seen ")
    assert second.crashers[0].seed_name == crasher.name
    assert second.outcome.received == 0
    assert second.stored == [crasher]
    assert crasher.stat().st_mtime_ns == before
    most = second.snapshot.baseline_total + MOST_RUNS
    assert second.snapshot.executions <= most, "nothing is mutated, one is run again"


def test_failing_seeds_are_told_and_fuzzing_goes_on_where_that_is_wished(project: MakeProject) -> None:
    target = project(
        DISTINCT.replace("def fuzz_it", "import fuzztui\n@fuzztui.fuzz(seeds=[b'\\0', b'x'])\ndef fuzz_it")
    )
    run = target.run(stop_on_crash=False, limit=Limit(executions=2000))
    assert {crasher.seed_name for crasher in run.crashers} == {"seed 1", None}
    assert run.outcome.exit_code == 1


def test_a_seed_that_ends_the_process_is_a_failing_seed(project: MakeProject) -> None:
    target = project("import os\ndef fuzz_it(data: bytes):\n    if data == b'die': os._exit(3)\n")
    for name, data in {"a": b"1", "b": b"die", "c": b"3"}.items():
        target.seed(name, data)
    run = target.run(stop_on_crash=False, limit=Limit(executions=20))
    (crasher,) = run.crashers
    assert crasher.seed_name == "b"
    assert crasher.failure.type == "exit status 3"
    assert run.snapshot.baseline_done == run.snapshot.baseline_total == 3
    assert len(run.stored) == 3


def test_an_entry_of_the_generated_corpus_that_fails_now_is_a_new_crasher(project: MakeProject) -> None:
    target = project("def fuzz_it(data: bytes):\n    if data[:1] == b'a': pass\n")
    first = target.run(limit=Limit(executions=3000))
    assert first.generated
    (target.folder / "fuzz_it.py").write_text("def fuzz_it(data: bytes):\n    assert data[:1] != b'a'\n")
    second = target.run(limit=Limit(executions=3000))
    assert second.outcome.reason is StopReason.CRASHER
    assert second.crashers[0].seed_name is None
    assert second.stored[0].read_bytes()[:1] == b"a"


def test_exceptions_of_the_contract_are_no_crashers(project: MakeProject) -> None:
    run = project(
        "import fuzztui\n@fuzztui.fuzz(raises=(ValueError, KeyError))\ndef fuzz_it(data: bytes):\n"
        "    raise [UnicodeError, KeyError][len(data) % 2]('x')\n".replace("UnicodeError", "ValueError")
    ).run(limit=Limit(executions=200))
    assert run.outcome.exit_code == 0


def test_the_same_bug_reached_by_recursion_of_any_depth_is_one_crasher(project: MakeProject) -> None:
    run = project(
        "def down(n):\n    if n == 0: raise ValueError\n    down(n - 1)\n"
        "def fuzz_it(data: bytes):\n    down(len(data) + 3)\n"
    ).run(stop_on_crash=False, limit=Limit(executions=300))
    assert len(run.crashers) == 1
    assert run.crashers[0].hits == run.outcome.received > 200


def test_a_crasher_that_finds_no_place_beside_its_target_goes_into_the_cache(project: MakeProject) -> None:
    target = project("def fuzz_it(data: bytes): assert len(data) < 3\n")
    (target.folder / "testdata").write_text("in the way")
    run = target.run()
    assert run.outcome.exit_code == 1
    (crasher,) = run.crashers
    assert crasher.path is not None
    assert crasher.path.is_relative_to(target.folder / ".fuzztui")
    assert crasher.path.read_bytes() == crasher.data
    assert "testdata" in run.warnings


def test_a_crasher_that_can_be_stored_nowhere_is_kept_and_the_exit_code_says_so(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path, name: str, data: bytes, durable: bool = True) -> bool:
        raise OSError(28, "No space left on device", str(folder))

    monkeypatch.setattr("fuzztui.engine.keep.stored.write_once", full)
    run = project("def fuzz_it(data: bytes): assert len(data) < 3\n").run()
    assert run.outcome.exit_code == 75
    assert run.outcome.unsaved == 1
    assert run.outcome.received == run.outcome.stored + run.outcome.duplicates + run.outcome.unsaved
    assert run.crashers[0].path is None
    assert len(run.crashers[0].data) >= 3
    assert "No space left" in run.warnings


def test_a_crasher_has_a_record_and_a_command(project: MakeProject) -> None:
    run = project("def fuzz_it(data: bytes):\n    if len(data) > 2: raise ValueError('long')\n").run()
    (crasher,) = run.crashers
    assert re.fullmatch(r"fuzztui replay \S+::fuzz_it \S+", crasher.command)
    assert crasher.sha256[:12] in crasher.command
    (record,) = (run.folder / ".fuzztui").rglob(f"{crasher.id}.json")
    content = json.loads(record.read_text())
    assert content["type"] == "ValueError"
    assert "long" in content["traceback"]
    assert sha256(crasher.data).hexdigest() == content["sha256"]


def test_a_worker_that_fails_between_executions_is_restarted_then_given_up_with_a_reason(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fuzztui.engine.crew.member.FIRST_DELAY", 0.001)
    run = project(
        "import os, sys\ndef end(frame, event, _):\n    if frame.f_code.co_name == '_end': os._exit(9)\n"
        "def fuzz_it(data: bytes):\n    sys.setprofile(end)\n"
    ).run(limit=Limit(), workers=2)
    assert run.outcome.exit_code == 70
    assert run.outcome.reason is StopReason.WORKERS_GAVE_UP
    assert "ended between two executions (exit 9)" in run.outcome.detail
    assert {row.state for row in run.snapshot.workers} == {WorkerState.GAVE_UP}
    assert {row.restarts for row in run.snapshot.workers} == {5}
    assert run.stored == []


def test_a_stored_input_that_has_its_process_killed_is_a_failing_seed(project: MakeProject) -> None:
    target = project("import os, signal\ndef fuzz_it(data: bytes):\n    if data == b'die': os.kill(os.getpid(), 9)\n")
    target.seed("stored", b"die")
    run = target.run()
    assert run.outcome.reason is StopReason.FAILING_SEED
    assert run.crashers[0].seed_name == "stored"
    assert [path.name for path in run.stored] == ["stored"]


def test_a_suspect_that_nobody_ran_again_is_kept_for_the_next_run(project: MakeProject) -> None:
    target = project("import os\ndef fuzz_it(data: bytes):\n    if len(data) > 2: os.kill(os.getpid(), 9)\n")
    # With as many executions as it takes to be killed once: the one that would run it again is not granted.
    for executions in range(3, 60):
        run = target.run(limit=Limit(executions=executions), seed=5)
        if run.generated or run.crashers:
            break
    assert run.crashers == []
    assert any(len(path.read_bytes()) > 2 for path in run.generated)
    assert "not run again" in run.warnings
