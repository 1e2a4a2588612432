"""A worker is looked at closely: what it does at this moment, and what it has done, without being held up by that."""

from collections.abc import Callable

from fuzztui.engine.questions.worker import LookAtWorker
from fuzztui.engine.request.options import Limit
from fuzztui.engine.running.clock import RateHistory
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.worker_look import WorkerLook
from tests.support import Project, wait_for

SLOW = """
import time
from fuzztui import fuzz

def inner(data: bytes) -> None:
    time.sleep(0.05)

@fuzz(seeds=[b"seed"])
def fuzz_it(data: bytes) -> None:
    if data[:1] == b"a":
        time.sleep(0.01)
    inner(data)
"""


def test_its_input_stack_finds_and_rates_are_told_and_it_works_on(project: Callable[..., Project]) -> None:
    engine = project(SLOW).start(limit=Limit(), seed=None)
    engine.wait(lambda snapshot: snapshot.phase is Phase.FUZZING, "fuzzing")

    def look(worker: int = 0) -> WorkerLook:
        return engine.session.ask(LookAtWorker(worker)).result(10)

    def standing() -> WorkerLook | None:
        seen = look()
        return seen if "inner" in seen.stack else None

    seen = wait_for(standing, "a stack of the target")
    lines = seen.stack.splitlines()
    assert lines[-1].endswith("  inner"), "the innermost call last"
    assert "fuzz_it.py:" in lines[-1]
    assert not any("fuzztui/worker" in line for line in lines), "none of the machinery"
    assert seen.values.startswith("b")
    assert seen.size.endswith(" B")
    wait_for(lambda: look().rates, "a figure")
    assert all(0 <= rate < 100 for _, rate in look().rates)
    assert look(99) == WorkerLook()
    before = engine.session.snapshot()
    engine.wait(lambda snapshot: snapshot.executions > before.executions, "it to go on")
    assert not engine.session.snapshot().workers[0].restarts
    engine.session.stop()
    run = engine.join()
    assert not run.crashers
    after = engine.session.ask(LookAtWorker(0)).result(10)
    assert after.age is None, "its process is gone"


def test_rates_are_one_a_second_and_no_older_than_they_may_be() -> None:
    history = RateHistory(seconds=3)
    for quarter in range(41):
        history.add(quarter / 4, quarter * 25)
    rates = history.ago(10.0)
    assert [ago for ago, _ in rates] == [2.0, 1.0, 0.0]
    assert {rate for _, rate in rates} == {100.0}
