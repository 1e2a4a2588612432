"""The lists of breaks fit the code as it is now; whether tests notice the breaks is for `make mutants`."""

from collections import Counter

import pytest

from tests.mutants.__main__ import ROOT, chosen, listed
from tests.mutants.breaks import Break

BREAKS = chosen((), listed())


def test_a_break_is_chosen_by_its_name_or_by_that_of_its_list() -> None:
    lists = listed()
    assert "work" in lists
    assert chosen(["work"], lists) == lists["work"]
    assert chosen([lists["work"][3].name, "work"], lists)[0] == lists["work"][3]
    with pytest.raises(KeyError):
        chosen(["no such break"], lists)


def test_a_break_applies_to_the_one_place_that_it_names() -> None:
    fault = Break("name", "file", "a", "b", ())
    assert fault.applied("x a y") == "x b y"
    assert fault.applied("x y") is None
    assert fault.applied("a a") is None


@pytest.mark.parametrize("each", BREAKS, ids=lambda each: each.name)
def test_every_break_applies_and_its_tests_are_there(each: Break) -> None:
    broken = each.applied((ROOT / each.file).read_text())
    assert broken is not None
    compile(broken, each.file, "exec")
    assert each.tests
    assert all((ROOT / file).is_file() for file in each.tests)


def test_no_two_breaks_have_one_name() -> None:
    assert [name for name, times in Counter(each.name for each in BREAKS).items() if times > 1] == []
