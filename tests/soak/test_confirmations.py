"""Runs that are stopped, paused or lose their workers while it is looked for what a crasher takes: nothing is lost."""

import os
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from fuzztui.engine.keep.before import read_before
from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.outcome import StopReason
from tests.support import Run, RunningEngine, children, make_project

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are recognised on Linux only"),
]

SEED = os.environ.get("FUZZTUI_SOAK_SEED", "1")
RUNS, FEW = 50, 1
"""The few are part of the ordinary tests."""

TARGET = """
import os
seen = 0
def fuzz_it(data: bytes):
    global seen
    seen += len(data) == 2
    if seen >= {needs} and len(data) > 3:
        {act}
    if seen >= {needs} + 3 and len(data) == 3:
        raise KeyError("another")
"""

ACTS = ["raise ValueError", "os._exit(7)", "os.abort()", "os.kill(os.getpid(), 11)"]
COMMANDS = ["pause", "resume", "stop_worker", "restart_worker", "validate", "pause_worker", "resume_worker"]
STOPS = [StopReason.USER, StopReason.INTERRUPTED, StopReason.TIME_LIMIT, StopReason.CRASHER]


def give(engine: RunningEngine, random: Random) -> None:
    session = engine.session
    command = random.choice(COMMANDS)
    crashers = session.snapshot().crashers
    if command == "validate":
        session.validate(crashers[0].id if crashers else "none")
    elif command.endswith("worker"):
        getattr(session, command)(random.randrange(2))
    else:
        getattr(session, command)()


def balances(run: Run) -> bool:
    outcome = run.outcome
    return outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved


@pytest.mark.parametrize(
    "number", [pytest.param(one, marks=[pytest.mark.soak] if one >= FEW else []) for one in range(RUNS)]
)
def test_whatever_ends_the_search_for_a_tail_loses_nothing(tmp_path: Path, number: int) -> None:
    random = Random(f"{SEED} {number}")
    source = TARGET.format(needs=random.choice([1, 8, 60]), act=random.choice(ACTS))
    options: dict[str, Any] = {"workers": 2, "limit": Limit(seconds=60.0), "stop_on_crash": random.random() < 0.3}
    engine = make_project(tmp_path, source).start(**options)
    try:
        engine.wait(lambda snapshot: snapshot.crashers, "a crasher")
        for _ in range(random.randrange(4)):
            time.sleep(random.uniform(0, 0.5))
            give(engine, random)
        time.sleep(random.uniform(0, 4))
        engine.session.stop(random.choice(STOPS))
        if random.random() < 0.2:
            engine.session.force_stop()
        run = engine.join()
    finally:
        engine.end()
    assert balances(run)
    assert "not all of them are accounted for" not in run.warnings
    assert run.outcome.exit_code == 1
    assert children() == []
    target = PythonTarget(run.folder / "fuzz_it.py", "fuzz_it", run.folder)
    for crasher in run.crashers:
        assert crasher.path is not None
        assert crasher.path.read_bytes() == crasher.data
        kept = read_before((target.crashers_dir,), crasher.sha256)
        known = crasher.confirmation
        if known is not None and known.before:
            assert kept == crasher.before
            assert len(kept) == known.before
            assert not known.failures
    assert not list(run.folder.rglob(".tmp-*"))
