"""Dates as arguments: mutation, and comparisons that lead to the one day that a target looks for."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest

from fuzztui.protocol.messages import Crashed, Done, Found
from fuzztui.target.kinds import KINDS
from fuzztui.target.values import decode, encode
from fuzztui.worker.guidance.trace import ComparisonTrace
from fuzztui.worker.mutate import Dictionary, Mutator, candidates, tokens
from fuzztui.worker.mutate.domains import DOMAINS
from fuzztui.worker.mutate.domains.date import date_operators
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.trimming import trim
from tests.worker.world import inhabited

DAY = date(2024, 2, 29)
EDGES = (date.min, date.max, DAY, date(2023, 1, 31), date(9999, 12, 1), date(4, 2, 29))


@pytest.fixture(autouse=True)
def known_class() -> None:
    """As in the process of a target that takes a date."""
    KINDS["date"].resolve()


def test_every_kind_has_a_domain_of_its_name() -> None:
    assert {name: domain.name for name, domain in DOMAINS.items()} == {name: name for name in KINDS}


def test_every_operator_stays_within_the_calendar() -> None:
    random = Random(1)
    dictionary = Dictionary()
    for token in (0, -1, 13, 32, 10_000, 2**70, 3_652_059, 3_652_060, date.max):
        dictionary.add(token)
    for operator in date_operators(random, dictionary):
        for day in EDGES:
            for _ in range(300):
                assert type(operator(day, random.getrandbits(23))) is date


def test_mutation_reaches_the_ends_of_the_calendar_of_months_and_leap_days() -> None:
    mutate = Mutator(("date",), Random(1), Dictionary(), 10).mutate
    seen: set[date] = set()
    for _ in range(5000):
        (day,) = mutate((date(1999, 6, 15),))
        assert isinstance(day, date)
        seen.add(day)
    assert date(1999, 6, 15) not in seen
    assert {date.min, date.max, date(1999, 6, 30), date(1999, 6, 1), date(1999, 12, 31), date(1999, 6, 16)} <= seen
    assert {(day.month, day.day) for day in seen} >= {(2, 29), (2, 28), (3, 1)}
    assert len({day.year for day in seen}) > 500


def test_a_date_of_the_dictionary_and_its_numbers_get_in() -> None:
    dictionary = Dictionary()
    dictionary.add(date(1815, 12, 10))
    dictionary.add(4711)
    assert dictionary.values("date") == [date(1815, 12, 10)]
    mutate = Mutator(("date",), Random(1), dictionary, 10).mutate
    seen = [mutate((DAY,))[0] for _ in range(3000)]
    assert date(1815, 12, 10) in seen
    assert any(isinstance(day, date) and day.year == 4711 for day in seen)


def test_a_date_has_no_length_and_is_not_trimmed() -> None:
    shorter, tries = trim((DAY, "abc"), lambda a: "b" in a[1], 50)
    assert shorter == (DAY, "b")
    assert 0 < tries <= 50
    mutate = Mutator(("date", "str"), Random(1), Dictionary(), 5).mutate
    assert all(len(str(mutate((DAY, "abcde"))[1]).encode("utf-8", "surrogatepass")) <= 5 for _ in range(500))


def test_a_date_that_is_compared_is_traced_and_a_subclass_is_not() -> None:
    class Day(date):
        __slots__ = ()

    trace = ComparisonTrace()
    trace.compare("==", DAY, date(2031, 5, 17))
    trace.compare("in", DAY, (date(2031, 5, 17), date.max))
    trace.compare("==", Day(2024, 2, 29), DAY)
    assert trace.comparisons == [
        ("==", DAY, date(2031, 5, 17)),
        ("in", DAY, (date(2031, 5, 17), date.max)),
    ]
    assert list(tokens(trace.comparisons, (DAY,))) == [date(2031, 5, 17), date.max]


@pytest.mark.parametrize(
    ("day", "comparison", "wanted"),
    [
        (DAY, ("==", DAY, date(2031, 5, 17)), [date(2031, 5, 17)]),
        (DAY, ("<", date(2031, 5, 17), DAY), [date(2031, 5, 16), date(2031, 5, 17), date(2031, 5, 18)]),
        (DAY, (">", DAY, date.max), [date.max, date(9999, 12, 30)]),
        (DAY, ("of", DAY, (date.min, date.max)), [date.min, date.max]),
        (DAY, ("==", 2024, 2031), [date(2031, 2, 28)]),
        (DAY, ("==", 24, 99), [date(2099, 2, 28)]),
        (DAY, ("==", 2, 11), [date(2024, 11, 29)]),
        (date(2023, 2, 28), ("==", 28, 31), [date(2023, 1, 31)]),
        (DAY, ("==", DAY.weekday(), 6), [date(2024, 3, 3)]),
        (DAY, ("==", DAY.isoweekday(), 1), [date(2024, 2, 26)]),
        (DAY, ("==", DAY.toordinal(), 1000), [date.fromordinal(1000)]),
        (DAY, ("==", DAY.timetuple().tm_yday, 366), [date(2024, 12, 31)]),
        (DAY, ("==", DAY.isocalendar().week, 10), [date(2024, 3, 7)]),
        (DAY, ("==", (DAY - date(1970, 1, 1)).days, 123_456), [date(1970, 1, 1) + timedelta(123_456)]),
        (DAY, ("==", "2024-02-29", "2031-05-17"), [date(2031, 5, 17)]),
        (DAY, ("startswith", "20240229", "1999"), []),
        (DAY, ("startswith", "2024-02-29", "1984"), [date(1984, 2, 29)]),
        (date(2023, 5, 17), ("startswith", "20230517", "1999"), [date(1999, 5, 17)]),
        (DAY, ("==", (2024, 2, 29), (1906, 12, 9)), [date(1906, 12, 9)]),
        (DAY, ("==", (2, 29), (12, 31)), [date(2024, 12, 31)]),
        (DAY, ("==", "2024-02-29", "2031-02-30"), []),
        (DAY, ("==", 2024, 2**70), []),
        (DAY, ("==", 1.5, b"x"), []),
    ],
)
def test_what_a_date_is_compared_with_leads_to_the_date_that_passes(
    day: date, comparison: Comparison, wanted: list[date]
) -> None:
    made = [candidate for (candidate,) in candidates((day,), [comparison], 100)]
    assert set(wanted) <= set(made)
    assert all(type(candidate) is date for candidate in made)
    assert bool(made) == bool(wanted)


def test_numbers_that_no_day_has_lead_to_none() -> None:
    for day in EDGES:
        shown = (day.year, day.month, day.day, day.weekday(), day.isoweekday(), day.toordinal(), day.year % 100)
        for new in (-1, 0, 13, 32, 54, 367, 10_000, 3_652_060, -(2**70), 2**70):
            for old in shown:
                for (candidate,) in candidates((day,), [("==", old, new)], 100):
                    assert type(candidate) is date


SOURCES = {
    "the day": "if day == date(2031, 5, 17): raise LookupError",
    "numbers of the day": """
    if day.year == 2031:
        if day.month == 11:
            if day.day == 23:
                raise LookupError""",
    "borders": "if day > date(2031, 5, 16) and day < date(2031, 5, 18): raise LookupError",
    "several numbers at once": "if (day.month, day.day) == (10, 31): raise LookupError",
    "text": "if day.isoformat() == '2031-05-17': raise LookupError",
    "days since another": "if (day - date(2000, 1, 1)).days == 77_123: raise LookupError",
    "a set of days": "if day in {date(2031, 5, 17), date(1815, 12, 10)}: raise LookupError",
}


@pytest.mark.parametrize("body", SOURCES.values(), ids=SOURCES)
def test_a_worker_finds_the_day_that_its_target_looks_for(body: str) -> None:
    source = f"from datetime import date\ndef fuzz(day):\n    {body}\n"
    with inhabited(source, ("date",)) as world:
        executor = world.executor()
        entries = [encode((date(1970, 1, 1),))]
        executions = 0
        crashed: list[Crashed] = []

        def run(entry: bytes) -> Iterator[bytes]:
            nonlocal executions
            for result in world.fuzz(executor, entry, 200, trace=True):
                if isinstance(result, Found):
                    yield result.data
                elif isinstance(result, Crashed):
                    crashed.append(result)
                elif isinstance(result, Done):
                    executions += result.executions

        while not crashed and executions < 4000:
            entries += run(entries.pop(0)) if len(entries) > 1 else run(entries[0])
        assert crashed
        assert crashed[0].failure.type == "LookupError"
        assert type(decode(crashed[0].data, ("date",))[0]) is date
