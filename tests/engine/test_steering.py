"""A run is changed while it goes on: each wish holds from then on, and what came of it is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.keep.contract import contract_line
from fuzztui.engine.live.wishes import (
    AddWorker,
    DropWorker,
    Expect,
    FocusOn,
    GiveInput,
    SetDictionary,
    SetMaxLen,
    SetMemoryLimit,
    SetTimeout,
    Wish,
)
from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.charts import MarkerKind
from fuzztui.engine.show.events import Steered
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.snapshot import Phase
from tests.support import Project, RunningEngine

BUSY = """
from fuzztui import fuzz

def helper(data: bytes) -> int:
    return 1 if data[:1] == b"h" else 2

@fuzz(seeds=[b"seed"])
def fuzz_it(data: bytes) -> None:
    helper(data)
"""

FAILING = """
import json
from fuzztui import fuzz

@fuzz(seeds=[b"[]"])
def fuzz_it(data: bytes) -> None:
    if data.startswith(b"K"):
        raise KeyError("k")
    json.loads(data.decode("latin-1"))
"""


def steered(engine: RunningEngine, wish: Wish) -> Steered:
    """Have something done, and wait for what came of it."""
    known = sum(isinstance(event, Steered) for event in engine.events)
    engine.session.steer(wish)

    def told() -> list[Steered]:
        return [event for event in engine.events if isinstance(event, Steered)][known:]

    engine.wait(lambda _: told(), f"what came of {wish}")
    return told()[0]


@pytest.fixture
def fuzzing(project: Callable[..., Project]) -> Callable[..., RunningEngine]:
    def start(source: str, **options: object) -> RunningEngine:
        engine = project(source).start(**{"limit": Limit(), "seed": None, "stop_on_crash": False, **options})
        engine.wait(lambda snapshot: snapshot.phase is Phase.FUZZING and snapshot.executions, "fuzzing")
        return engine

    return start


def test_limits_workers_focus_and_what_cannot_be(fuzzing: Callable[..., RunningEngine], tmp_path: Path) -> None:
    engine = fuzzing(BUSY)
    assert steered(engine, SetTimeout(0.5)).message == "the time-out is 0.5 s now"
    assert steered(engine, SetMemoryLimit(1 << 30)).message == "the memory limit is 1.1 GB now"
    assert steered(engine, SetTimeout(0.0)).is_refused
    assert steered(engine, DropWorker()).is_refused, "never the last one"
    assert steered(engine, AddWorker()).message == "worker 1 is started: 2 in all"
    engine.wait(lambda snapshot: snapshot.workers[-1].executions, "the new worker to work")
    assert steered(engine, DropWorker()).message == "worker 1 is stopped: 1 left"
    engine.wait(lambda snapshot: snapshot.workers[1].state.is_final, "it to have ended")
    assert steered(engine, AddWorker()).message == "worker 1 is started: 2 in all", "the same one comes back"
    favoured = steered(engine, FocusOn("helper"))
    assert favoured.message.startswith("helper is favoured: ")
    refused = steered(engine, FocusOn("no.such"))
    assert refused.is_refused
    assert "no instrumented module or function is named no.such; modules: fuzz_it" in refused.message
    settings = engine.session.snapshot().settings
    assert (settings.timeout, settings.memory_limit, settings.focus) == (0.5, 1 << 30, "helper")
    marks = [mark.kind for mark in engine.session.snapshot().markers]
    assert marks.count(MarkerKind.SETTING) == 6, "one for each that was done"
    engine.session.stop()
    run = engine.join()
    assert run.outcome.exit_code == 0


def test_a_shorter_time_out_ends_an_execution_that_has_begun(fuzzing: Callable[..., RunningEngine]) -> None:
    slow = 'import time\ndef fuzz_it(data: bytes) -> None:\n    if data == b"slow":\n        time.sleep(600)\n'
    engine = fuzzing("from fuzztui import fuzz\n" + slow.replace("def fuzz", "@fuzz\ndef fuzz", 1), timeout=300.0)
    engine.session.steer(GiveInput(b"slow"))
    engine.wait(lambda snapshot: any(row.state.value == "stalled" for row in snapshot.workers), "the slow input to run")
    steered(engine, SetTimeout(0.2))
    engine.wait(lambda snapshot: snapshot.crashers, "the time-out to hold")
    engine.session.stop()
    run = engine.join()
    assert run.crashers[0].failure.kind is CrasherKind.TIMEOUT


def test_an_exception_becomes_part_of_the_contract(fuzzing: Callable[..., RunningEngine]) -> None:
    engine = fuzzing(FAILING, workers=2)
    engine.wait(lambda snapshot: any("JSON" in one.failure.type for one in snapshot.crashers), "a crasher")
    snapshot = engine.session.snapshot()
    crasher = next(one for one in snapshot.crashers if "JSON" in one.failure.type)
    told = steered(engine, Expect(str(crasher.id)))
    line = "@fuzz(seeds=[b'[]'], raises=json.decoder.JSONDecodeError)"
    assert line in told.message
    assert engine.session.snapshot().settings.contract.startswith(line)
    assert "fuzz_it.py:5" in told.message
    assert steered(engine, Expect(str(crasher.id))).is_refused
    assert steered(engine, Expect("nothing")).is_refused
    engine.wait(lambda snapshot: not snapshot.settings.renewing, "every worker to be replaced")
    engine.wait(lambda snapshot: all(row.state.value == "fuzzing" for row in snapshot.workers), "all to work again")
    before = engine.session.snapshot()
    engine.wait(lambda snapshot: snapshot.executions > before.executions + 2_000, "the search to go on")
    after = engine.session.snapshot()
    ours = [one for one in after.crashers if one.failure.type == crasher.failure.type]
    assert all(one.is_expected and not one.is_wanted for one in ours)
    known = {one.id: one.hits for one in before.crashers}
    assert {one.id: one.hits for one in ours} == {one.id: known[one.id] for one in ours}, "no hit more"
    assert not any(row.restarts for row in after.workers), "being replaced is no restart"
    engine.session.stop()
    run = engine.join()
    assert run.outcome.exit_code == int(any(one.is_wanted for one in run.crashers))


def test_longer_inputs_and_a_dictionary_hold_when_workers_have_been_replaced(
    fuzzing: Callable[..., RunningEngine], tmp_path: Path
) -> None:
    source = """
    from fuzztui import fuzz

    @fuzz(seeds=[b"seed"])
    def fuzz_it(data: bytes) -> None:
        if len(data) > 5000 or b"wordfromdict" in data:
            raise ValueError(len(data) > 5000)
    """
    tokens = tmp_path / "tokens.dict"
    tokens.write_text("nonsense\n")
    engine = fuzzing(source, max_len=64)
    bad = steered(engine, SetDictionary(tokens))
    assert bad.is_refused
    assert "tokens.dict:1: not a dictionary entry" in bad.message
    assert steered(engine, SetDictionary(tmp_path / "none")).is_refused
    tokens.write_text('"wordfromdict"\n')
    assert "1 tokens" in steered(engine, SetDictionary(tokens)).message
    engine.wait(lambda snapshot: snapshot.crashers, "the word to be tried")
    assert steered(engine, SetMaxLen(1 << 40)).is_refused
    assert not steered(engine, SetMaxLen(1 << 16)).is_refused
    assert engine.session.snapshot().settings.max_len == 1 << 16
    engine.session.stop()
    engine.join()


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("@fuzz\ndef fuzz_it(x: int): ...", (1, "@fuzz(raises=(KeyError, a.B))")),
        ("import f\n\n@f.fuzz()\ndef fuzz_it(x: int): ...", (3, "@f.fuzz(raises=(KeyError, a.B))")),
        (
            "@fuzz(raises=ValueError, seeds=[1])\ndef fuzz_it(x: int): ...",
            (1, "@fuzz(seeds=[1], raises=(ValueError, KeyError, a.B))"),
        ),
        ("@fuzz(raises=(KeyError,))\ndef fuzz_it(x: int): ...", (1, "@fuzz(raises=(KeyError, a.B))")),
        (
            "def fuzz_it(f: F):\n    @f.fuzz\n    def one(x: int): ...",
            (2, "@f.fuzz(raises=(KeyError, a.B))"),
        ),
        ("import f\n\ndef fuzz_it(x: int): ...", (3, "@fuzztui.fuzz(raises=(KeyError, a.B))")),
        ("def fuzz_it(f: F):\n    f.fuzz(other)", None),
        ("def other(): ...", None),
        ("def broken(", None),
    ],
)
def test_the_line_to_write_keeps_what_the_harness_has(source: str, line: tuple[int, str] | None) -> None:
    assert contract_line(source.encode(), "fuzz_it", ["KeyError", "a.B"]) == line
