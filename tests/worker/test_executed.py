"""When it is worth to ask whether an input has been executed before."""

from fuzztui.worker.guidance.executed import CHEAP, LAST_SLOT, Executed


def test_of_cheap_executions_it_is_not_asked() -> None:
    executed = Executed()
    pays = [executed.pays]
    for seconds in (1000 * CHEAP / 2, 1000 * CHEAP * 2):
        executed.settle(1000, seconds)
        pays.append(executed.pays)
    assert pays == [True, False, True]


def test_in_the_beginning_nothing_has_been() -> None:
    assert 0 not in Executed().slots  # that of the empty input
    assert LAST_SLOT & LAST_SLOT + 1 == 0
