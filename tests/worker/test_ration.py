"""Work that is put off."""

import pytest

from fuzztui.worker.guidance import ration
from fuzztui.worker.guidance.ration import TimeShare


class Time:
    """A clock that goes on when it is told to."""

    now = 0

    @classmethod
    def processor(cls) -> int:
        return cls.now


def test_work_has_its_part_of_the_time_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ration, "Clock", Time)
    monkeypatch.setattr(Time, "now", 0)
    share = TimeShare(0.25)
    assert share.allows(0.0)
    with share.spending():
        Time.now += 1_000_000_000
    assert not share.allows(0.5)
    assert share.allows(1.0), "so much may be spent at once"
    Time.now += 3_000_000_000
    assert share.allows(0.0)


def test_no_clock_decides_where_a_run_is_to_be_repeatable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ration, "Clock", Time)
    share = TimeShare(0.25)
    with share.spending():
        Time.now += 60_000_000_000
    assert share.allows(3600.0)
