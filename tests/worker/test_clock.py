"""The time of a call is that of a processor."""

import pytest

from fuzztui.worker.process.clock import MOST_BY_CLOCK, Clock, Timer, Turn

MILLISECOND = 1_000_000


class Times:
    """Both clocks, which go as a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._clock = self._processor = 5 * MILLISECOND
        monkeypatch.setattr(Clock, "nanoseconds", lambda: self._clock)
        monkeypatch.setattr(Clock, "processor", lambda: self._processor)

    def pass_by(self, clock: float, processor: float) -> None:
        """In milliseconds."""
        self._clock += int(clock * MILLISECOND)
        self._processor += int(processor * MILLISECOND)

    def left(self, turn: Turn) -> float:
        """Milliseconds until a turn is over, which are used up."""
        begun = self._clock
        while moment := turn.later():
            until = (moment - self._clock) / MILLISECOND
            self.pass_by(until, until)
        return (self._clock - begun) / MILLISECOND


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> Times:
    return Times(monkeypatch)


def test_time_in_which_others_had_the_processor_does_not_count(times: Times) -> None:
    turn = Turn(0.02)
    times.pass_by(20, 5)
    assert turn.later()
    times.pass_by(100, 3)
    assert times.left(turn) == 12
    times.pass_by(1, 1)
    assert times.left(turn) == 0


def test_a_rest_that_is_not_worth_the_asking_ends_a_turn(times: Times) -> None:
    turn = Turn(0.02)
    times.pass_by(20, 19.5)
    assert times.left(turn) == 0


def test_a_target_that_sleeps_has_a_turn_that_ends(times: Times) -> None:
    turn = Turn(0.02)
    times.pass_by(20 * MOST_BY_CLOCK - 1, 0)
    assert turn.later()
    times.pass_by(1, 0)
    assert times.left(turn) == 0


def test_a_part_of_a_turn_is_measured_alike(times: Times) -> None:
    timer = Timer()
    times.pass_by(100, 8)
    assert timer.seconds == 0.008
    times.pass_by(20 * MOST_BY_CLOCK - 100, 0)
    assert timer.seconds == 0.02


def test_what_was_slow_to_prepare_has_as_much_time_again(times: Times) -> None:
    turn = Turn(0.02)
    times.pass_by(300, 50)
    turn.prepared()
    assert times.left(turn) == 48, "but for a rest"


def test_a_look_tells_by_how_much_an_execution_took_longer_than_to_the_look(times: Times) -> None:
    turn = Turn(0.02)
    turn.prepared()
    times.pass_by(9, 3)
    turn.later()
    assert (turn.elapsed, turn.late) == (3 * MILLISECOND, MILLISECOND)
    times.pass_by(9, 2)
    turn.later()
    assert (turn.elapsed, turn.late) == (2 * MILLISECOND, 0)
    assert turn.seconds == 0.005
