from collections import Counter

from fuzztui.engine.keep.corpus import Entry, Origin
from fuzztui.engine.work.schedule import PowerSchedule


def _entry(name: str, size: int = 10) -> Entry:
    return Entry(name.encode().ljust(size, b"."), name, Origin.GENERATED)


def _turns(schedule: PowerSchedule, turns: int) -> Counter[str]:
    names: Counter[str] = Counter()
    for _ in range(turns):
        entry = schedule.next()
        assert entry is not None
        names[entry.name] += 1
    return names


def test_nothing_can_be_scheduled_before_there_is_an_entry() -> None:
    assert PowerSchedule().next() is None


def test_the_newest_entry_comes_first() -> None:
    schedule = PowerSchedule()
    for name in "abc":
        schedule.add(_entry(name), [ord(name)])
    assert [entry.name for entry in (schedule.next(), schedule.next(), schedule.next()) if entry] == ["c", "b", "a"]


def test_every_entry_gets_turns() -> None:
    schedule = PowerSchedule()
    for i in range(50):
        schedule.add(_entry(f"e{i}", size=10 + i), range(i + 1))
    assert len(_turns(schedule, 5000)) == 50


def test_rare_edges_earn_turns() -> None:
    schedule = PowerSchedule()
    for i in range(10):
        schedule.add(_entry(f"common{i}"), [1, 2, 3])
    schedule.add(_entry("rare"), [1, 2, 3, 4, 5])
    _turns(schedule, 11)
    names = _turns(schedule, 1000)
    assert names["rare"] > 3 * max(turns for name, turns in names.items() if name != "rare")


def test_an_entry_whose_edges_smaller_ones_reach_waits() -> None:
    schedule = PowerSchedule()
    schedule.add(_entry("large", size=100), [1, 2])
    schedule.add(_entry("small", size=5), [1, 2])
    _turns(schedule, 2)
    names = _turns(schedule, 1000)
    assert names["small"] > 5 * names["large"] > 0


def test_workers_that_ask_in_a_row_get_different_entries() -> None:
    schedule = PowerSchedule()
    for i in range(8):
        schedule.add(_entry(f"e{i}"), [i])
    _turns(schedule, 8)
    assert len(_turns(schedule, 8)) == 8


def test_a_long_entry_gets_fewer_turns_but_some() -> None:
    schedule = PowerSchedule()
    for i in range(20):
        schedule.add(_entry(f"short{i}"), [i])
    schedule.add(_entry("long", size=100_000), [99])
    _turns(schedule, 21)
    names = _turns(schedule, 10_000)
    assert names["short0"] / 15 < names["long"] < names["short0"] / 5


def test_length_is_held_against_the_average() -> None:
    schedule = PowerSchedule()
    for i in range(20):
        schedule.add(_entry(f"e{i}", size=5000), [i])
    schedule.add(_entry("twice", size=10_000), [99])
    _turns(schedule, 21)
    names = _turns(schedule, 10_000)
    assert 0.4 < names["twice"] / names["e0"] < 0.6


def test_an_entry_whose_turns_take_longer_gets_fewer_of_them() -> None:
    schedule = PowerSchedule()
    slow, quick = _entry("slow"), _entry("quick")
    schedule.add(slow, [1])
    schedule.add(quick, [2])
    slow.cost = 10.0
    _turns(schedule, 2)
    names = _turns(schedule, 1100)
    assert abs(names["quick"] - 10 * names["slow"]) <= 10
