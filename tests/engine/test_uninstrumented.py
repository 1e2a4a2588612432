"""A run says where nothing of what it executes is instrumented, and only there."""

from collections.abc import Callable

from fuzztui.engine.request.options import Limit
from tests.support import Project

REFUSING = """
from dataclasses import dataclass

@dataclass
class Order:
    product: int

    def __post_init__(self):
        if self.product <= 0:
            raise ValueError("no such product")

def fuzz_it(order: Order):
    order.product > 7
"""


def test_a_first_input_that_a_class_refuses_is_no_lack_of_coverage(project: Callable[..., Project]) -> None:
    snapshot = project(REFUSING, limit=Limit(executions=2_000)).run().snapshot
    assert snapshot.refused > 0
    assert not any("No coverage" in warning for warning in snapshot.warnings)
