"""Ways in which programs check what they have read, each of which is passed soon: searches from nothing."""

from collections.abc import Iterator

import pytest

from fuzztui.target.kinds import KINDS
from fuzztui.target.kinds.kind import LATE
from fuzztui.worker.guidance.moments import spelled
from fuzztui.worker.guidance.spellings import Spellings, in_base
from fuzztui.worker.guidance.tables import lacking_in, values_of_both, wanted_of_parts
from fuzztui.worker.guidance.trace import ComparisonTrace
from fuzztui.worker.mutate import objects
from tests.worker.world import inhabited

PROGRAM = """
{before}

class Passed(Exception):
    pass


def fuzz(data):
    try:
        name, sign, value = data.decode().partition("=")
        if name == "tint" and ({check}):
            raise Passed
    except ValueError:
        return
"""

EXECUTIONS = 20_000


@pytest.fixture(autouse=True)
def takes_bytes_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in the process of a target that takes nothing but bytes, whatever classes another test has made known."""
    monkeypatch.setattr(objects, "KNOWN", {})
    late = [*LATE]
    LATE.clear()
    yield
    LATE[:] = late


@pytest.fixture(scope="module", autouse=True)
def after_another_test() -> None:
    """One has made a class known."""
    KINDS["date"].resolve()


@pytest.mark.parametrize(
    ("before", "check"),
    [
        ("", "int(value, 16) == 0x7391AB"),
        ("", "int(value, 36) == 7391447"),
        ("", "int(value, base=2) in (0b110101101, 0b1011)"),
        ("import datetime", "datetime.date.fromisoformat(value) == datetime.date(2031, 2, 28)"),
        (
            "import datetime",
            "datetime.datetime.strptime(value, '%Y/%m/%d %H:%M:%S') == datetime.datetime(2031, 2, 28, 7, 9, 11)",
        ),
        ("PAIRS = {('rim', 'ochre'), ('hub', 'umber')}", "tuple(value.split('.')) in PAIRS"),
        ("", "tuple(value.split('.')) in [('rim', 'ochre'), ('hub', 'umber')]"),
        ("", "dict([each.split(':') for each in value.split(',')]) == {'rim': 'ochre', 'hub': 'umber'}"),
        ("", "len(value) == 2 and all(0x400 <= ord(each) < 0x500 for each in value)"),
    ],
)
def test_a_check_is_passed_soon(before: str, check: str) -> None:
    with inhabited(PROGRAM.format(before=before, check=check)) as world:
        assert world.search(b"", EXECUTIONS) is not None


@pytest.mark.parametrize(
    ("number", "base", "like", "spelling"),
    [
        (255, 16, "1", "ff"),
        (255, 16, "0A", "FF"),
        (255, 16, "000a", "00ff"),
        (10, 2, "1", "1010"),
        (-35, 36, "z", "-z"),
        (0, 8, "7", "0"),
        (255, 0, "0x1", "0xff"),
        (255, 16, "0x1", "0xff"),
        (12, 0, "5", "12"),
    ],
)
def test_a_number_is_spelled_as_another_in_its_base(number: int, base: int, like: str, spelling: str) -> None:
    assert in_base(number, base, like) == spelling


def test_it_is_known_what_numbers_were_read_from() -> None:
    spellings = Spellings()
    assert not spellings
    for arguments, options in ((("11", 2), {}), ((b"z",), {"base": 36}), (("7",), {}), (("8", 10), {}), ((), {})):
        number = int(*arguments, **options)
        spellings.note(number, arguments, options)
    assert list(spellings.of(3, 5)) == [("11", "101")]
    assert list(spellings.of(3, (3, 4, "text"))) == [("11", "100")]
    assert list(spellings.of(35, 36)) == [(b"z", b"10")]
    assert list(spellings.of(7, 5)) == list(spellings.of(8, 5)) == []
    spellings.clear()
    assert list(spellings.of(3, 5)) == []


def test_moments_of_classes_of_the_targets_are_not_looked_into() -> None:
    class date:  # noqa: N801 - it has to be named like the other
        def isoformat(self) -> str:
            raise AssertionError

    assert list(spelled(date(), date())) == []
    assert list(spelled("2031", "2032")) == []


def test_values_of_two_dicts_with_the_same_keys_belong_together() -> None:
    class Key:
        def __eq__(self, other: object) -> bool:
            raise AssertionError

        __hash__ = object.__hash__

    assert values_of_both({"a": 1, "b": 2, Key(): 3}, {"b": 4, "a": 5, 1: 6, Key(): 7}) == [(1, 5), (2, 4)]
    many: dict[object, object] = dict.fromkeys(range(1000))
    assert values_of_both(many, many) == []


def test_what_one_of_two_equal_dicts_lacks_is_told_with_its_value() -> None:
    class Key:
        def __eq__(self, other: object) -> bool:
            raise AssertionError

        __hash__ = object.__hash__

    assert lacking_in({"a": 1, Key(): 2}, {"a": 3, "b": 4, Key(): 5}) == [("b", 4)]
    assert lacking_in({}, dict.fromkeys(range(1000))) == []
    trace = ComparisonTrace()
    assert not trace.compare("==", {}, {1: 5})
    assert trace.comparisons == [("lacks", 1, ()), ("wants", 5, ())]


def test_what_is_wanted_of_a_pair_does_not_depend_on_the_order_of_a_set() -> None:
    pairs = [(f"name{number}", "x") for number in range(9)]
    wanted = [[("a", tuple([name for name, _ in pairs]))]] * 2
    assert [list(wanted_of_parts(("a", "x"), frozenset(order))) for order in (pairs, pairs[::-1])] == wanted
