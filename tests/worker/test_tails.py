"""What ran before a failing input is told in reasonable number: to read and to send it takes time."""

import pytest

from fuzztui.protocol.memory import SharedMemory, create
from fuzztui.worker.failures import tails as module
from fuzztui.worker.failures.tails import AT_FIRST, SHARE, Tails


class FakeClock:
    def __init__(self) -> None:
        self.now = 0.0

    def seconds(self) -> float:
        return self.now


def test_the_time_that_a_tail_takes_to_be_sent_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    monkeypatch.setattr(module, "Clock", clock)
    memory = SharedMemory(create(1000), 1000)
    for data in (b"one", b"two"):
        memory.write(data)
    tails = Tails(memory)
    assert tails.take("first") == [b"one"]
    clock.now += 2 * AT_FIRST
    tails.told()
    assert tails.take("second") == [], "the first has taken all there is"
    clock.now += 2 * AT_FIRST / SHARE
    assert tails.take("second") == [b"one"], "what was left comes when there is time"
    tails.told()
    assert tails.take("second") == [], "one is enough for a group"
    memory.close()
