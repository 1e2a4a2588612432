"""Crashers are run again by real processes: what fails by itself is told from what chance or state has made."""

import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.task import Replay
from fuzztui.engine.show.crasher import Confirmation
from fuzztui.engine.show.events import CrasherConfirmed, CrasherFound, WorkerStarted
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.confirmation import FRESH
from tests.support import Project, Run, mostly_soak, while_read

MakeProject = Callable[..., Project]

STATE = {
    "a leak": "kept = []\ndef fuzz_it(data: bytes):\n    kept.append(bytearray(8 << 20))\n",
    "a cache": "import functools\n@functools.lru_cache(None)\ndef parse(n): return bytearray(8 << 20)\n"
    "n = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n    parse(n)\n",
    "a counter": "n = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n    if n > 300: raise RuntimeError\n",
    "a counter that ends the process": "import os\nn = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n"
    "    if n > 300: os._exit(7)\n",
    "a counter that crashes in C": "import ctypes\nn = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n"
    "    if n > 300: ctypes.string_at(0)\n",
    "an environment": "import os\nn = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n"
    "    if 'SEEN' in os.environ: raise ValueError\n    if n == 200: os.environ['SEEN'] = '1'\n",
    "a current folder": "import os\nhome = os.getcwd()\nn = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n"
    "    if os.getcwd() != home: raise ValueError\n    if n == 200: os.chdir('/')\n",
    "a module of the library": "import json\nn = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n"
    "    json.dumps(str(n))\n    if n == 200: json.dumps = None\n",
    "a warning that is told once": "import warnings\nn = 0\nwarnings.simplefilter('default')\n"
    "def fuzz_it(data: bytes):\n    global n\n    n += 1\n    with warnings.catch_warnings():\n"
    "        warnings.simplefilter('error' if n > 250 else 'ignore')\n        warnings.warn('old', stacklevel=1)\n",
    "threads that pile up": "import threading, time\nn = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n"
    "    if n % 20 == 0: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    "    if threading.active_count() > 10: raise RuntimeError\n",
    "a time-out of the two hundredth call": "import time\nn = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n"
    "    if n == 200: time.sleep(99)\n",
}

ALONE = {
    "an exception": ("raise ValueError", CrasherKind.EXCEPTION),
    "an exit": ("import os; os._exit(3)", CrasherKind.EXIT),
    "a crash in C": ("import ctypes; ctypes.string_at(0)", CrasherKind.SIGNAL),
    "an abort": ("import os; os.abort()", CrasherKind.SIGNAL),
    "want of memory": ("bytearray(1 << 30)", CrasherKind.MEMORY),
    "a hang": ("import time; time.sleep(99)", CrasherKind.TIMEOUT),
}
"""What an input may do, in a statement, and what that is."""


def confirmations(run: Run) -> list[Confirmation | None]:
    return [crasher.confirmation for crasher in run.crashers]


def fails_each_time(run: Run) -> bool:
    """Its one crasher, as often as there was time for."""
    (known,) = confirmations(run)
    return known is not None and known.failures == known.runs


def balances(run: Run) -> bool:
    outcome = run.outcome
    return outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved


@pytest.mark.parametrize("kind", mostly_soak(STATE, "a counter", "a counter that ends the process", "an environment"))
@pytest.mark.mostly_soak(1)
def test_what_state_has_made_fail_does_not_reproduce_alone(project: MakeProject, kind: str) -> None:
    options = {"memory_limit": None, "address_space": 512 << 20}
    run = project(STATE[kind], timeout=0.5, **options).run(limit=Limit(seconds=30.0))
    assert run.outcome.reason is StopReason.CRASHER
    assert run.outcome.exit_code == 1, "it was found"
    (known,) = confirmations(run)
    assert known is not None
    assert known.failures == known.others == 0
    assert [path.name for path in run.stored if path.is_file()] == [run.crashers[0].sha256]
    assert balances(run)
    (told,) = [event for event in run.events if isinstance(event, CrasherConfirmed)]
    found = next(event for event in run.events if isinstance(event, CrasherFound))
    assert run.events.index(found) < run.events.index(told)
    assert found.crasher.confirmation is None


@pytest.mark.soak
def test_what_a_target_keeps_of_each_input_is_no_crasher_and_ends_no_run(project: MakeProject) -> None:
    target = "kept = []\ndef fuzz_it(data: bytes):\n    kept.append(b'x' * (4 << 20))\n"
    run = project(target, memory_limit=100 << 20).run(limit=Limit(executions=400))
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.EXECUTION_LIMIT, 0)
    assert run.crashers == []
    assert run.snapshot.workers[0].restarts >= 1
    assert "keeps something of each input" in run.warnings or "ran clean" in run.warnings


@pytest.mark.parametrize("kind", ALONE)
@pytest.mark.mostly_soak(2)
def test_what_fails_by_itself_fails_again(project: MakeProject, kind: str) -> None:
    act, expected = ALONE[kind]
    run = project(
        f"def fuzz_it(data: bytes):\n    if len(data) > 3:\n        {act}\n", timeout=0.5, memory_limit=256 << 20
    ).run(limit=Limit(seconds=30.0))
    (crasher,) = run.crashers
    assert crasher.failure.kind is expected
    assert fails_each_time(run)
    assert balances(run)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.mostly_soak(1)
def test_a_run_that_goes_on_runs_a_crasher_three_times(project: MakeProject, workers: int) -> None:
    engine = project(
        "import time\ndef fuzz_it(data: bytes):\n    time.sleep(0.001)\n    if len(data) > 3: raise ValueError\n"
    ).start(limit=Limit(), stop_on_crash=False, workers=workers)
    engine.wait(lambda s: s.crashers and s.crashers[0].confirmation, "the crasher to be run again")
    engine.wait(lambda s: all(row.state is WorkerState.FUZZING for row in s.workers), "all to fuzz")
    engine.session.stop()
    run = engine.join()
    assert fails_each_time(run)
    assert balances(run)
    assert not any(row.restarts for row in run.snapshot.workers), "a process that was renewed is no restart"


@pytest.mark.soak
def test_the_only_worker_goes_on_while_its_crashers_are_confirmed_and_minimized(project: MakeProject) -> None:
    engine = project("def fuzz_it(data: bytes):\n    if len(data) > 3: raise RuntimeError\n").start(
        limit=Limit(), stop_on_crash=False, workers=1, minimize_time=30.0
    )
    engine.wait(lambda s: s.crashers and s.crashers[0].confirmation, "the crasher to be run again")
    engine.wait(lambda s: s.crashers[0].minimized and not s.crashers[0].minimized.is_running, "its input to be smaller")
    engine.wait(lambda s: s.helper is None, "the helper to be gone")
    engine.session.stop()
    run = engine.join()
    assert len([event for event in run.events if isinstance(event, WorkerStarted)]) == 1
    assert fails_each_time(run)
    assert balances(run)
    assert run.snapshot.executions > run.snapshot.workers[0].executions, "what the helper does counts"


def test_a_coin_is_told_from_a_bug(project: MakeProject, tmp_path: Path) -> None:
    note = tmp_path / "note"
    engine = project(
        "import os, time\nfrom pathlib import Path\n"
        f"searches = Path({str(tmp_path / 'searches')!r})\nnote = Path({str(note)!r})\n"
        "if not searches.exists(): searches.write_text(str(os.getpid()))\n"
        "def fuzz_it(data: bytes):\n    if len(data) > 3:\n"
        "        is_first = searches.read_text() == str(os.getpid())\n"
        "        thrown = note.stat().st_size if note.exists() else 0\n"
        "        if is_first: time.sleep(0.01)  # leaves the processor to those that run it again\n"
        "        if not is_first: note.write_bytes(bytes(thrown + 1))\n"
        "        if is_first or thrown % 2 == 0: raise RuntimeError\n"
    ).start(limit=Limit(), stop_on_crash=False)
    known = engine.wait(lambda s: s.crashers and s.crashers[0].confirmation, "the crasher to be run again")
    engine.session.stop()
    engine.join()
    assert 0 < known.failures < known.runs


COUNTED = """
import os
log = os.open({log!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
n = 0
def fuzz_it(data: bytes):
    global n
    n += 1
    os.write(log, b"x")
    {act}
"""

ACTS = {
    "an exception": "if len(data) > 3: raise ValueError",
    "an exit": "if len(data) > 3: os._exit(3)",
    "a state": "if n > 100: raise ValueError",
}


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.mostly_soak(1)
def test_executions_are_exactly_those_that_were_asked_for(
    project: MakeProject, tmp_path: Path, act: str, workers: int
) -> None:
    log = tmp_path / "log"
    wanted = 101 if act == "an exit" else 1001  # each exit costs a process
    run = project(COUNTED.format(log=str(log), act=ACTS[act])).run(
        limit=Limit(executions=wanted), workers=workers, stop_on_crash=False
    )
    assert run.outcome.reason is StopReason.EXECUTION_LIMIT
    assert run.snapshot.executions == log.stat().st_size == wanted
    assert balances(run)


def test_a_crasher_for_which_no_execution_was_left_is_not_run_again(project: MakeProject) -> None:
    run = project("def fuzz_it(data: bytes):\n    raise ValueError\n").run(limit=Limit(executions=1))
    assert confirmations(run) == [None]
    assert run.snapshot.executions == 1


def test_signals_of_a_person_end_a_confirmation_at_once(project: MakeProject, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    engine = project(
        "import time\nn = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n    time.sleep(0.001)\n"
        "    if n > 100: raise ValueError\n"
        f"    if n == 1 and len(data) > 0:\n        open({str(fifo)!r}, 'rb').read()\n"
    ).start(limit=Limit(), stop_on_crash=False)
    with while_read(fifo):  # opened once the crasher is run in the new process
        engine.wait(lambda snapshot: snapshot.crashers, "the crasher")
        assert engine.session.snapshot().crashers[0].confirmation is None
        engine.session.stop(StopReason.INTERRUPTED)
        run = engine.join()
    assert run.outcome.reason is StopReason.INTERRUPTED
    assert confirmations(run) == [None]
    assert Phase.FINISHING not in [event.phase for event in run.events if hasattr(event, "phase")]


def test_a_run_that_stops_at_a_time_out_waits_for_one_more(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fuzztui.engine.running.finishing.BUDGET", 1.0)
    run = project("import time\ndef fuzz_it(data: bytes):\n    if len(data) > 3: time.sleep(99)\n", timeout=2.0).run()
    assert run.crashers[0].failure.kind is CrasherKind.TIMEOUT
    assert fails_each_time(run)


def test_a_target_that_takes_long_to_load_is_loaded_once_more(
    project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fuzztui.engine.running.finishing.BUDGET", 1.0)
    run = project("import time\ntime.sleep(1.5)\ndef fuzz_it(data: bytes):\n    raise ValueError\n").run()
    assert fails_each_time(run)


def test_many_workers_that_find_a_crasher_at_once_start_no_more_processes_for_it_than_one(project: MakeProject) -> None:
    run = project("def fuzz_it(data: bytes):\n    if len(data) > 3: raise ValueError\n").run(workers=4)
    assert fails_each_time(run)
    again = [event for event in run.endings if event.why == "renewed for its next work"]
    assert len(again) <= FRESH


def test_a_failing_seed_is_run_again_too(project: MakeProject) -> None:
    made = project("def fuzz_it(data: bytes):\n    if data == b'seed': raise ValueError\n")
    made.seed("a", b"seed")
    run = made.run()
    assert run.outcome.reason is StopReason.FAILING_SEED
    assert fails_each_time(run)


def test_the_record_of_a_crasher_says_what_came_of_it(project: MakeProject) -> None:
    run = project(STATE["a counter"].replace("300", "30")).run()
    assert run.crashers[0].confirmation is not None
    (path,) = (run.folder / ".fuzztui" / "crashes").rglob("*.json")
    assert json.loads(path.read_bytes())["confirmation"] == run.crashers[0].confirmation.fields()


# Whoever kills workers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.mostly_soak(1)
def test_a_target_that_has_its_own_process_killed_each_time_is_found_out(project: MakeProject, number: int) -> None:
    run = project(
        f"import os\ndef fuzz_it(data: bytes):\n    if len(data) > 3: os.kill(os.getpid(), {int(number)})\n"
    ).run(limit=Limit())
    (crasher,) = run.crashers
    assert crasher.failure.kind is CrasherKind.SIGNAL
    assert crasher.failure.type == f"{signal.Signals(number).name} again when run again"
    assert fails_each_time(run)


@pytest.mark.parametrize("period", mostly_soak([0.2, 0.9], 0.2))
def test_somebody_who_kills_workers_makes_no_crasher(project: MakeProject, period: float) -> None:
    engine = project("import time\ndef fuzz_it(data: bytes):\n    time.sleep(0.05)\n").start(limit=Limit())
    at_work = (WorkerState.FUZZING, WorkerState.VALIDATING)
    for _ in range(6):
        row = engine.wait(lambda s: s.workers and s.workers[0].state in at_work and s.workers[0], "a process at work")
        threading.Event().wait(period)
        if row.pid == engine.session.snapshot().workers[0].pid:
            os.kill(row.pid, signal.SIGKILL)
        engine.wait(lambda s, pid=row.pid: s.workers[0].pid != pid, "its end")  # type: ignore[misc]
    engine.wait(lambda s: s.workers[0].state is WorkerState.FUZZING, "the search to go on")
    engine.session.stop()
    run = engine.join()
    assert run.crashers == []
    assert run.outcome.exit_code == 0
    assert "SIGKILL from outside" in run.warnings


LOOKING_AT_ITSELF = {
    "locals": "for ch in 'abc':\n        pass\n"
    "    assert not [name for name in sys._getframe().f_locals if '@' in name]",
    "names of variables": "for ch in 'abc':\n        pass\n"
    "    assert fuzz_it.__code__.co_varnames == ('data', 'ch'), fuzz_it.__code__.co_varnames",
    "the module's globals": "assert not [name for name in globals() if '@' in name]",
    "the size of the code": "if data == b'x':\n        pass\n"
    "    plain = compile(inspect.getsource(sys.modules[__name__]), __file__, 'exec')\n"
    "    (code,) = [each for each in plain.co_consts if getattr(each, 'co_name', '') == 'fuzz_it']\n"
    "    assert code.co_code == fuzz_it.__code__.co_code",
    "constants": "if data == b'x':\n        pass\n"
    "    assert {*map(type, fuzz_it.__code__.co_consts)} <= {type(None), bytes, "
    "type, set, str, tuple, frozenset}",
    "a copy of the builtins": "assert not [name for name in vars(builtins) if '@' in name]",
}
"""Statements of a target that fail in instrumented code alone."""


@pytest.mark.parametrize("way", LOOKING_AT_ITSELF)
@pytest.mark.mostly_soak(1)
def test_what_only_our_probes_make_fail_is_not_confirmed_and_a_replay_agrees(project: MakeProject, way: str) -> None:
    made = project(f"import builtins, inspect, sys\ndef fuzz_it(data: bytes):\n    {LOOKING_AT_ITSELF[way]}\n")
    run = made.run(limit=Limit(seconds=30.0))
    (crasher,) = run.crashers
    assert crasher.confirmation is not None
    assert (crasher.confirmation.failures, crasher.before) == (0, ())
    replay = made.run(task=Replay((("stored", crasher.data),)))
    assert replay.outcome.exit_code == 0
