import pytest

from fuzztui.engine.crew.member import Backoff
from fuzztui.engine.running.clock import LONGEST_STEP, HangClock
from fuzztui.engine.show.history import WHOLE, History
from fuzztui.engine.work.coverage_log import CoverageLog
from fuzztui.engine.work.ledger import Account
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Module


def test_the_ledger_never_grants_more_than_the_limit() -> None:
    ledger = Account(10)
    assert ledger.reserve(7) == 7
    assert ledger.reserve(7) == 3
    assert ledger.reserve(7) == 0
    ledger.settle(7, 5)
    assert ledger.used == 5
    assert ledger.reserve(7) == 2
    ledger.settle(3, 3)
    ledger.settle(2, 2)
    assert ledger.is_spent
    assert ledger.used == 10


def test_a_worker_is_told_each_covered_probe_once() -> None:
    log = CoverageLog()
    log.register(Module("m", "m.py", [1, 2, 3]))
    log.register(Module("m", "m.py", [1, 2, 3]))
    assert log.probes == 3
    assert log.add({"m": [0, 2]}) == 2
    position = len(log)
    assert log.add({"m": [0, 1, 2]}) == 1
    assert log.since(position) == {"m": [1]}
    assert log.since(0) == {"m": [0, 2, 1]}


@pytest.mark.parametrize("coverage", [{"m": [3]}, {"n": [0]}])
def test_a_probe_that_cannot_exist_is_a_lie(coverage: dict[str, list[int]]) -> None:
    log = CoverageLog()
    log.register(Module("m", "m.py", [1, 2, 3]))
    with pytest.raises(ProtocolError):
        log.add(coverage)


def test_history_keeps_the_whole_run_in_bounded_room() -> None:
    history = History()
    for i in range(1, 5000):
        history.sample(i * 0.5, i * 100, i, i)
    assert len(history.whole) <= WHOLE
    assert history.whole[0].elapsed == 0.5
    assert history.whole[-1].elapsed > 2400
    assert len(history.recent) == 480
    assert {sample.rate for sample in history.recent} == {200.0}


def test_a_suspended_coordinator_is_no_hang_of_its_workers() -> None:
    clock = HangClock()
    clock.tick(100.0)
    assert clock.tick(1000.0) == (900.0, LONGEST_STEP)


def test_only_one_execution_counts_as_a_hang() -> None:
    clock = HangClock()
    for execution in range(100):
        clock.begin(execution)
        clock.add(0.1)
        assert clock.own == 0.1
    for _ in range(50):
        clock.add(0.1)
    assert clock.own == clock.clock == pytest.approx(5.1)


def test_a_worker_that_fails_again_and_again_is_tried_again_later_each_time_then_given_up() -> None:
    backoff = Backoff()
    delays = [backoff.failed(now=10.0 + number) for number in range(5)]
    assert delays == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6])
    assert backoff.failed(now=20.0) is None
    assert len(backoff) == 6


def test_failures_of_long_ago_or_before_a_person_asked_again_do_not_count() -> None:
    backoff = Backoff()
    for now in (0.0, 1.0, 2.0, 3.0):
        backoff.failed(now)
    assert backoff.failed(now=32.5) == pytest.approx(0.2), "only the last one is within the half minute"
    backoff.forgive()
    assert backoff.failed(now=33.0) == pytest.approx(0.1)
