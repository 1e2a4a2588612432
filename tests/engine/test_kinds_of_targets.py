"""The engine runs any kind of target alike: a Python function, or scripts that a program of another kind executes."""

import os
import signal
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.task import ImportCorpus, MinimizeCorpus, RegressionTest, Replay
from fuzztui.engine.show.events import CorpusChanged, InputRan
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.results import InputVerdict
from tests.engine.scripted_target import make_scripted
from tests.engine.scripted_worker import SEPARATOR
from tests.support import Project, Run, while_read

MakeProject = Callable[..., Project]

IN_PYTHON = """
import builtins, os, time
import fuzztui

eaten = b""

def cover(number):
    if number == 1: pass
    elif number == 2: pass
    elif number == 3: pass

def do(command, *arguments):
    if command == "cover": [cover(int(number)) for number in arguments]
    elif command == "raise": raise getattr(builtins, arguments[0])(" ".join(arguments[1:]))
    elif command == "mem": raise MemoryError
    elif command == "exit": os._exit(int(arguments[0]))
    elif command == "kill": os.kill(os.getpid(), int(arguments[0]))
    elif command == "hang": time.sleep(1000)
    elif command == "eat":
        global eaten
        eaten += b"x" * (int(arguments[0]) << 20)
        time.sleep(1000)
    elif command == "read": open(arguments[0]).read()

@fuzztui.fuzz(seeds={seeds!r})
def fuzz_it(data: bytes):
    for line in data.decode("ascii", "replace").splitlines():
        if line.split(): do(*line.split())
"""

MakeTarget = Callable[..., Project]


@pytest.fixture(params=["python", "scripts"])
def target(request: pytest.FixtureRequest, project: MakeProject, tmp_path: Path) -> MakeTarget:
    """Makes the same target in either way."""

    def make(*seeds: bytes, **options: Any) -> Project:
        if request.param == "python":
            return project(IN_PYTHON.replace("{seeds!r}", repr(list(seeds))), **options)
        return make_scripted(project("", **options).folder, seeds, **options)

    return make


@pytest.fixture
def scripted(project: MakeProject) -> MakeTarget:
    def make(*seeds: bytes, **options: Any) -> Project:
        return make_scripted(project("").folder, seeds, **options)

    return make


def generated(made: Project, *inputs: bytes) -> list[Path]:
    """Put inputs into the generated corpus."""
    folder = made.folder / ".fuzztui" / "corpus" / "fuzz_it.py" / "fuzz_it"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / sha256(data).hexdigest() for data in inputs]
    for path, data in zip(paths, inputs, strict=True):
        path.write_bytes(data)
    return paths


FAILURES = {
    b"raise ValueError x": (CrasherKind.EXCEPTION, "ValueError"),
    b"mem": (CrasherKind.MEMORY, "MemoryError"),
    b"exit 3": (CrasherKind.EXIT, "exit status 3"),
    b"kill 11": (CrasherKind.SIGNAL, "SIGSEGV"),
    b"kill 9": (CrasherKind.SIGNAL, "SIGKILL again when run again"),
    b"hang": (CrasherKind.TIMEOUT, "timeout after 0.5 s"),
}


@pytest.mark.parametrize("script", FAILURES)
@pytest.mark.mostly_soak(2)
def test_an_input_that_fails_is_judged_and_stored(target: MakeTarget, script: bytes) -> None:
    made = target(b"cover 1", timeout=0.5)
    generated(made, script)
    run = made.run()
    (crasher,) = run.crashers
    assert (crasher.failure.kind, crasher.failure.type.partition(" (")[0]) == FAILURES[script]
    assert crasher.data == script
    assert [path.read_bytes() for path in run.stored] == [script]
    assert crasher.path == run.stored[0]
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.CRASHER, 1)
    assert (run.outcome.received, run.outcome.stored) == (1, 1)


@pytest.mark.mostly_soak(1)
def test_more_memory_than_the_limit_is_a_crasher(target: MakeTarget) -> None:
    made = target(b"cover 1", memory_limit=64 << 20)
    generated(made, b"eat 300")
    run = made.run()
    assert [crasher.failure.kind for crasher in run.crashers] == [CrasherKind.MEMORY]
    assert run.outcome.exit_code == 1


@pytest.mark.mostly_soak(1)
def test_a_seed_that_fails_is_named_and_not_stored(target: MakeTarget) -> None:
    run = target(b"cover 1", b"exit 3").run()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.FAILING_SEED, 1)
    assert [crasher.seed_name for crasher in run.crashers] == ["seed 2"]
    assert run.stored == []


def test_a_process_killed_from_outside_leaves_no_crasher(target: MakeTarget) -> None:
    made = target(b"cover 1")
    fifo = made.folder / "fifo"
    os.mkfifo(fifo)
    made.seed("waits", f"read {fifo}".encode())
    engine = made.start(limit=Limit())
    with while_read(fifo):  # opened once the worker reads
        row = engine.session.snapshot().workers[0]
        assert row.pid is not None
        fifo.unlink()
        fifo.touch()  # from now on it is read at once
        os.kill(row.pid, signal.SIGKILL)
    engine.wait(lambda s: s.baseline_done == s.baseline_total == 2, "the baseline's end")
    engine.session.stop()
    run = engine.join()
    assert "killed by SIGKILL from outside, input ran clean 3/3" in run.warnings
    assert CrasherKind.SIGNAL not in {crasher.failure.kind for crasher in run.crashers}
    assert run.snapshot.workers[0].restarts == 1


def test_inputs_are_replayed_with_their_verdicts(target: MakeTarget) -> None:
    given = tuple(
        (str(number), script) for number, script in enumerate((b"cover 1", b"exit 3", b"raise KeyError x", b""))
    )
    run = target().run(task=Replay(given))
    told = [event.result for event in run.events if isinstance(event, InputRan)]
    assert [(each.name, each.verdict) for each in told] == [
        ("0", InputVerdict.PASS),
        ("1", InputVerdict.FAIL),
        ("2", InputVerdict.FAIL),
        ("3", InputVerdict.PASS),
    ]
    assert [each.failure.type for each in told if each.failure] == ["exit status 3", "KeyError"]
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.DONE, 1)
    assert run.stored == []


def test_seeds_and_stored_inputs_are_tested(target: MakeTarget) -> None:
    made = target(b"cover 1", b"raise KeyError x")
    made.seed("mine", b"kill 6")
    run = made.run(task=RegressionTest())
    told = [event.result for event in run.events if isinstance(event, InputRan)]
    assert [each.verdict for each in told] == [InputVerdict.PASS, InputVerdict.FAIL, InputVerdict.FAIL]
    assert told[2].failure is not None
    assert told[2].failure.type == "SIGABRT"
    assert run.outcome.exit_code == 1
    made = target(b"cover 1")
    assert made.run(task=RegressionTest()).outcome.exit_code == 0


@pytest.mark.mostly_soak(1)
def test_a_corpus_is_minimized(target: MakeTarget) -> None:
    made = target(b"cover 1")
    double, other, failing = generated(made, b"cover 1 ", b"cover 2", b"exit 3")
    run = made.run(task=MinimizeCorpus())
    (changed,) = [event.change for event in run.events if isinstance(event, CorpusChanged)]
    assert not double.exists()
    assert other.exists()
    assert not failing.exists()
    assert (changed.kept, changed.dropped) == (1, 1)
    assert [path.read_bytes() for path in run.stored] == [b"exit 3"]
    assert run.outcome.exit_code == 1


def test_what_covers_something_new_is_imported(target: MakeTarget, tmp_path: Path) -> None:
    made = target(b"cover 1")
    folder = tmp_path / "theirs"
    folder.mkdir()
    for name, data in {"a": b"cover 1\n", "b": b"cover 2", "c": b"cover 2 2", "d": b"cover 3"}.items():
        (folder / name).write_bytes(data)
    run = made.run(task=ImportCorpus(folder))
    (changed,) = [event.change for event in run.events if isinstance(event, CorpusChanged)]
    assert (changed.kept, changed.dropped) == (2, 2)
    assert sorted(path.read_bytes() for path in run.generated) == [b"cover 2", b"cover 3"]
    assert run.outcome.exit_code == 0


def test_a_target_that_cannot_be_loaded_is_the_harness_fault(project: MakeProject) -> None:
    run = make_scripted(project("").folder, name="failing").run()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.HARNESS, 70)
    assert "\\ud800" in run.outcome.detail


def fuzzed(*scripts: bytes) -> bytes:
    """An entry that mutates into these scripts."""
    return SEPARATOR.join([b"cover 1", *scripts])


@pytest.mark.parametrize("script", FAILURES)
@pytest.mark.mostly_soak(1)
def test_what_mutation_finds_is_judged_and_stored(scripted: MakeTarget, script: bytes) -> None:
    run = scripted(fuzzed(b"cover 2", script), timeout=0.5).run()
    (crasher,) = run.crashers
    assert (crasher.failure.kind, crasher.failure.type.partition(" (")[0]) == FAILURES[script]
    assert [path.read_bytes() for path in run.stored] == [script] == [crasher.data]
    assert [path.read_bytes() for path in run.generated] == [b"cover 2"]
    assert run.outcome.exit_code == 1


def test_what_covers_something_new_is_kept_and_the_limit_of_executions_is_met(scripted: MakeTarget) -> None:
    run: Run = scripted(fuzzed(b"cover 2 3", b"cover 1", b"cover 4")).run(limit=Limit(executions=99), workers=2)
    assert (run.snapshot.edges, run.snapshot.edges_total, run.snapshot.executions) == (4, 100, 99)
    assert sorted(path.read_bytes() for path in run.generated) == [b"cover 2 3", b"cover 4"]
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.EXECUTION_LIMIT, 0)
