"""When it is worth to ask whether an input has been executed before."""

from random import Random

import pytest

from fuzztui.worker.guidance.executed import CHEAP, LAST_SLOT, Executed
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.companion import Companion


@pytest.mark.parametrize(("times", "pays"), [(0.5, False), (2.0, True)])
def test_of_cheap_executions_it_is_not_asked(times: float, pays: bool) -> None:
    executed = Executed()
    assert executed.pays
    executed.settle(1000, 1000 * CHEAP * times)
    assert executed.pays is pays


def test_in_the_beginning_nothing_has_been() -> None:
    assert 0 not in Executed().slots  # that of the empty input
    assert LAST_SLOT & LAST_SLOT + 1 == 0


def test_of_what_was_made_and_not_executed_no_operator_counts_a_try() -> None:
    mutator = Mutator(("bytes",), Random(1), Dictionary(), 100)
    companion = Companion(mutator, "change_parts")
    for _ in range(80):
        companion.made()
    yields = mutator.take_yields((b"x",), 60, part=0.5)
    assert yields["change_parts"] == (40, 0)
    assert all(tries <= 60 for tries, _ in yields.values())
