"""A target that fails a thousand times a second, hardly ever in the same line: nothing grows, all is accounted for."""

import threading
import time
from pathlib import Path

import psutil
import pytest

from benchmarks.flood import source
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import CrasherConfirmed, Event, PhaseChanged
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.protocol.caps import MOST_BUCKETS
from tests.support import wait_for

pytestmark = [pytest.mark.processes, pytest.mark.soak]

SECONDS = 60.0

GROWTH = 1.1
"""Times the coordinator's memory half-way, at most, at the end."""


def test_a_flood_of_failures_fills_nothing_and_is_accounted_for(tmp_path: Path) -> None:
    file = tmp_path / "fuzz_flood.py"
    file.write_text(source())
    (tmp_path / "pyproject.toml").touch()
    target = PythonTarget(file, "fuzz", tmp_path)
    options = RunOptions(target, tmp_path / ".fuzztui", workers=2, stop_on_crash=False, minimize_time=60.0)
    session = Session(options)
    events: list[Event] = []
    running = threading.Thread(target=session.run, args=(events.append,))
    running.start()
    try:
        wait_for(lambda: any(isinstance(e, PhaseChanged) and e.phase is Phase.FUZZING for e in events), "fuzzing")
        began, coordinator, resident, versions = time.monotonic(), psutil.Process(), [], [session.snapshot().version]
        for half in (1, 2):
            while time.monotonic() < began + half * SECONDS / 2:
                time.sleep(1.0)
                versions.append(session.snapshot().version)
            resident.append(coordinator.memory_info().rss)
        wait_for(lambda: len(session.snapshot().crashers) == MOST_BUCKETS, "as many crashers as are told apart")
    finally:
        session.stop()
        running.join()
    snapshot = session.snapshot()
    outcome = snapshot.outcome
    assert outcome is not None
    assert outcome.reason is StopReason.USER
    assert outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved
    assert (outcome.stored, outcome.unsaved) == (MOST_BUCKETS, 0)
    assert outcome.capped > 0
    assert snapshot.hits == outcome.received
    assert resident[1] < GROWTH * resident[0]
    assert len(set(versions)) > len(versions) / 2, "what is shown is never long out of date"
    confirmed = [event for event in events if isinstance(event, CrasherConfirmed)]
    assert confirmed
    assert all(event.crasher.confirmation and event.crasher.confirmation.failures for event in confirmed)
    assert sum(1 for path in target.crashers_dir.path.iterdir() if len(path.name) == 64) == MOST_BUCKETS
