"""When it is worth to ask whether an input has been executed before."""

import pytest

from fuzztui.worker.guidance.executed import CHEAP, LAST_SLOT, Executed


@pytest.mark.parametrize(("times", "pays"), [(0.5, False), (2.0, True)])
def test_of_cheap_executions_it_is_not_asked(times: float, pays: bool) -> None:
    executed = Executed()
    assert executed.pays
    executed.settle(1000, 1000 * CHEAP * times)
    assert executed.pays is pays


def test_in_the_beginning_nothing_has_been() -> None:
    assert 0 not in Executed().slots  # that of the empty input
    assert LAST_SLOT & LAST_SLOT + 1 == 0
