"""Crashers are made smaller by real processes, beside the search and after the decision to end it."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import CrasherConfirmed, InputMinimized
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from tests.support import Project, Run, mostly_soak

MakeProject = Callable[..., Project]

LONG = b"begin " * 40 + b"<tag>" + b" end" * 40

TARGET = f"""
import fuzztui

@fuzztui.fuzz(seeds=[{LONG.replace(b"<", b"_")!r}])
def fuzz_it(data: bytes):
    if b"<" in data and len(data) > 3:
        {{}}
"""

FAILS = {
    "an exception": "raise ValueError(data)",
    "an exit": "import os; os._exit(3)",
    "a crash in C": "import ctypes; ctypes.string_at(0)",
    "an abort": "import os; os.abort()",
    "want of memory": "bytearray(1 << 30)",
}
"""What an input may do, in a statement."""


def slowly(act: str, seconds: float = 0.0005) -> str:
    """The target, which leaves the processor to the process beside it."""
    return TARGET.format(act).replace("if b", f"import time; time.sleep({seconds})\n    if b")


def minimized(run: Run) -> list[Minimized]:
    return [event.minimized for event in run.events if isinstance(event, InputMinimized)]


def balances(run: Run) -> bool:
    outcome = run.outcome
    return outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved


@pytest.mark.parametrize("kind", FAILS)
@pytest.mark.parametrize("workers", mostly_soak([1, 3], 1))
@pytest.mark.mostly_soak(2)
def test_a_run_that_stops_at_its_first_crasher_ends_with_a_small_input(
    project: MakeProject, kind: str, workers: int
) -> None:
    run = project(TARGET.format(FAILS[kind]), workers=workers, minimize_time=30.0, address_space=512 << 20).run()
    assert run.outcome.reason is StopReason.CRASHER
    assert run.outcome.exit_code == 1
    (one,) = minimized(run)
    assert one.after == 4
    assert one.is_smallest
    assert one.path is not None
    assert b"<" in one.path.read_bytes()
    (crasher,) = run.crashers
    assert crasher.minimized == one
    assert crasher.path is not None
    assert crasher.path.read_bytes() == crasher.data
    assert {crasher.path, one.path} <= set(run.stored)
    told = [type(event) for event in run.events if isinstance(event, CrasherConfirmed | InputMinimized)]
    assert told == [CrasherConfirmed, InputMinimized]
    assert balances(run)


@pytest.mark.soak
def test_a_hang_is_made_smaller_by_short_limits(project: MakeProject) -> None:
    target = project(TARGET.format("import time; time.sleep(99)"), timeout=0.3, minimize_time=60.0)
    run = target.run(limit=Limit(seconds=60.0))
    (one,) = minimized(run)
    assert run.crashers[0].failure.kind is CrasherKind.TIMEOUT
    assert one.failure is not None
    assert one.failure.kind is CrasherKind.TIMEOUT
    assert one.after < 60 < one.before
    assert one.path is not None
    assert b"<" in one.path.read_bytes()


def test_the_search_goes_on_meanwhile(project: MakeProject) -> None:
    slow = slowly("raise ValueError(data)", 0.002)
    engine = project(slow).start(workers=1, minimize_time=30.0, stop_on_crash=False, limit=Limit())
    engine.wait(lambda s: s.crashers and s.crashers[0].minimized, "a crasher that is made smaller")
    engine.wait(lambda snapshot: not _minimized(snapshot.crashers).is_running, "the end of the search for it")
    before = engine.session.snapshot().executions
    engine.wait(lambda snapshot: snapshot.executions > before + 50, "the search to go on")
    assert engine.session.snapshot().phase is Phase.FUZZING
    engine.session.stop()
    run = engine.join()
    assert _minimized(run.snapshot.crashers).after == 4
    assert len(minimized(run)) == 1


def test_any_crasher_is_made_smaller_when_somebody_asks(project: MakeProject) -> None:
    engine = project(slowly("raise ValueError(data)")).start(stop_on_crash=False, limit=Limit(seconds=60.0))
    engine.wait(lambda snapshot: snapshot.crashers, "a crasher")
    crasher = engine.session.snapshot().crashers[0]
    assert crasher.minimized is None
    engine.session.minimize("1-nobody")
    engine.session.minimize(crasher.id)
    engine.wait(lambda snapshot: (m := snapshot.crashers[0].minimized) and not m.is_running, "a small input")
    engine.session.stop()
    assert minimized(engine.join())[0].after == 4


@pytest.mark.parametrize("reason", [StopReason.INTERRUPTED, StopReason.TERMINATED, StopReason.USER])
@pytest.mark.mostly_soak(1)
def test_whoever_wants_out_does_not_wait_for_it_and_loses_nothing(project: MakeProject, reason: StopReason) -> None:
    engine = project(slowly("raise ValueError(data)", 0.05)).start(minimize_time=600.0, limit=Limit(seconds=600.0))
    engine.wait(lambda snapshot: snapshot.phase is Phase.FINISHING, "the end to be decided")
    engine.wait(lambda s: (m := s.crashers[0].minimized) is not None and m.after < m.before, "something smaller")
    began = time.monotonic()
    engine.session.stop(reason)
    run = engine.join()
    assert time.monotonic() - began < 300, "it would have gone on for minutes"
    assert run.outcome.reason is StopReason.CRASHER
    (one,) = minimized(run)
    assert not one.is_smallest
    assert one.path is not None
    assert len(one.path.read_bytes()) == one.after < one.before
    (crasher,) = run.crashers
    assert crasher.path is not None
    assert crasher.path.read_bytes() == crasher.data


def test_without_time_the_end_waits_for_nothing(project: MakeProject) -> None:
    run = project(TARGET.format("raise ValueError(data)")).run(minimize_time=0.0)
    assert run.outcome.reason is StopReason.CRASHER
    assert minimized(run) == []
    assert len(run.stored) == 1


def test_executions_are_exact_with_it(project: MakeProject) -> None:
    run = project(TARGET.format("raise ValueError(data)")).run(
        minimize_time=30.0, stop_on_crash=False, limit=Limit(executions=4_001), workers=3
    )
    assert run.snapshot.executions == 4_001
    assert run.outcome.reason is StopReason.EXECUTION_LIMIT
    assert balances(run)


def _minimized(crashers: tuple[Crasher, ...]) -> Minimized:
    assert crashers[0].minimized is not None
    return crashers[0].minimized


BRANCHES = """
import fuzztui

def parse(data):
    kind = data[:1]
    if kind == b"<":
        size = len(data)
        for byte in data[1:]:
            if byte == 62:
                raise ValueError(size)
    return None

@fuzztui.fuzz(seeds=[b"<no tag"])
def fuzz_it(data: bytes):
    parse(data)
"""


def test_the_branches_are_told_that_a_neighbour_which_passes_does_not_take(project: MakeProject) -> None:
    run = project(BRANCHES, minimize_time=30.0).run(limit=Limit(seconds=60.0))
    (one,) = minimized(run)
    assert one.values == "b'<>'"
    told = [(Path(branch.file).name, branch.line, branch.to) for branch in one.branches]
    lines = BRANCHES.splitlines()
    at = {text.strip(): number for number, text in enumerate(lines, 1)}
    assert told in (
        [("fuzz_it.py", at['if kind == b"<":'], at["size = len(data)"])],
        [("fuzz_it.py", at["if byte == 62:"], at["raise ValueError(size)"])],
    )
    assert one.neighbour.startswith("b'")


def test_a_crasher_that_has_failed_again_shows_what_that_looks_like_from_inside(project: MakeProject) -> None:
    run = project(TARGET.format("local = len(data); raise ValueError(local)")).run()
    (crasher,) = run.crashers
    (scene,) = crasher.scenes
    assert ("local", str(len(crasher.data))) in [(variable.name, variable.value) for variable in scene.variables]
    (record,) = (run.folder / ".fuzztui" / "crashes").rglob("*.json")
    assert json.loads(record.read_bytes())["scenes"][0]["variables"]["local"] == str(len(crasher.data))


def test_it_is_told_what_is_needed_and_what_the_failure_looks_like_from_inside(project: MakeProject) -> None:
    run = project(TARGET.format("local = len(data); raise ValueError(local)"), minimize_time=30.0).run()
    (one,) = minimized(run)
    assert one.needed is not None
    assert one.path is not None
    data = one.path.read_bytes()
    free = {at for part in one.needed.free for at in range(part.start, part.end)}
    assert free == set(range(4)) - {data.index(b"<")}
    (scene,) = one.scenes
    assert scene.function == "fuzz_it"
    assert ("local", "4") in [(variable.name, variable.value) for variable in scene.variables]
    assert "raise ValueError" in scene.source[scene.line - scene.first]
