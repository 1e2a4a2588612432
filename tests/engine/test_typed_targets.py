"""Runs of targets whose parameters have types that are put together."""

from collections.abc import Callable

from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.events import Ended
from fuzztui.engine.show.outcome import StopReason
from tests.support import Project

REFUSING = """
from dataclasses import dataclass

@dataclass
class Order:
    number: int

    def __post_init__(self) -> None:
        if self.number:
            raise ValueError("not that")

def fuzz_it(order: Order) -> None: ...
"""


def test_a_parameter_that_no_values_can_be_made_for_is_a_mistake_of_usage(project: Callable[..., Project]) -> None:
    source = "import threading\n\n\ndef fuzz_it(locks: list[threading.local]) -> None: ...\n"
    run = project(source).run(limit=Limit(executions=10))
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.UNCALLABLE, 2)
    words = str(run.outcome.detail)
    assert "parameter locks of fuzz_it is annotated _local, of which fuzztui makes no values: annotate it" in words
    assert "\n" not in words


def test_executions_that_a_class_refuses_are_counted(project: Callable[..., Project]) -> None:
    run = project(REFUSING).run(limit=Limit(executions=500), workers=1)
    assert run.snapshot.executions == 500
    assert 250 < run.snapshot.refused < 500  # the first one is 0, which is taken
    ended = run.events[-1]
    assert isinstance(ended, Ended)
    assert ended.refused == run.snapshot.refused
