"""Texts that a test puts together of what it draws become what they were compared with."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzztui.target.choices.value import Plain
from fuzztui.worker.hypothesis.execution import PropertyTest
from fuzztui.worker.mutate.choices import record as records
from fuzztui.worker.mutate.choices.apart import ApartChoices
from fuzztui.worker.mutate.choices.record import Record, Records, arguments_of
from fuzztui.worker.mutate.choices.spelling import MOST, respelled
from fuzztui.worker.mutate.operands import Comparison

NAME = st.sampled_from(["name", "age", "email"])
SIGN = st.sampled_from(["=", "<", "LIKE"])
VALUE = st.integers(0, 200).map(str) | st.text("abc%", max_size=6).map(lambda text: f"'{text}'")
CLAUSE = st.tuples(NAME, SIGN, VALUE).map(" ".join)

SEEN: list[str] = []


@given(st.lists(CLAUSE, min_size=1, max_size=3))
def clauses(several: list[str]) -> None:
    SEEN.append(" OR ".join(several))


class Drawn:
    """A test that has been executed some hundred times."""

    def __init__(self, test: Any, seeds: int = 200) -> None:
        self.records = Records()
        self.last: tuple[Plain, Record] = ((0,), Record((), ()))
        self.test = PropertyTest(test)
        self.test.record = self._note
        for seed in range(seeds):
            self.run((seed,))

    def _note(self, plain: Plain, record: Record) -> None:
        self.records.add(plain, record)
        self.last = plain, record

    def run(self, plain: Plain) -> str:
        """What it draws."""
        with suppress(AssertionError):
            self.test.run(plain)
        return SEEN[-1]

    def like(self, fits: Callable[[str], bool]) -> str:
        """Draw something that fits, and have it at hand."""
        return next(text for text in map(self.run, [(seed,) for seed in range(1000)]) if fits(text))

    def respelled(self, *comparisons: Comparison) -> list[str]:
        """What comes of the input that was drawn last."""
        return list(map(self.run, list(respelled(*self.last, self.records.spellings, comparisons))))


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return Drawn(clauses)


def test_words_and_numbers_of_a_text_give_way_to_those_that_are_wanted(drawn: Drawn) -> None:
    text = drawn.like(lambda text: text.count(" OR ") == 2 and "age" not in text)
    first = text.split(" OR ")[0]
    assert f"age < 173{text.removeprefix(first)}" in drawn.respelled(("==", first, "age < 173"))


def test_what_is_to_be_in_a_text_is_put_at_each_place_where_it_may_be_drawn(drawn: Drawn) -> None:
    text = drawn.like(lambda text: text.count(" OR ") == 2 and "age" not in text)
    one, two, three = text.split(" OR ")
    found = drawn.respelled(("in", "age = 150", text))
    assert {f"age = 150 OR {two} OR {three}", f"{one} OR age = 150 OR {three}", f"{one} OR {two} OR age = 150"} <= {
        *found
    }


def test_what_a_text_is_to_begin_with_may_end_within_something_that_was_drawn_elsewhere(drawn: Drawn) -> None:
    text = drawn.like(lambda text: " OR " not in text and not text.startswith("email"))
    found = drawn.respelled(("startswith", text, "email LIKE '%"))
    assert found
    assert all(each.startswith("email LIKE '%") for each in found)


def test_a_text_that_was_drawn_is_changed_as_far_as_what_stands_behind_it(drawn: Drawn) -> None:
    text = drawn.like(lambda text: " OR " not in text and text.endswith("'"))
    assert "name = 'cab%'" in drawn.respelled(("of", text, ("name = 'cab%'", "other")))


def test_what_cannot_be_drawn_leads_nowhere(drawn: Drawn) -> None:
    text = drawn.like(lambda text: " OR " not in text)
    assert drawn.respelled(("==", text, "size < 3"), ("==", text, "age < 201"), ("==", 5, text), ("<", text, "b")) == []


def test_a_text_of_which_every_part_stands_everywhere_takes_no_time() -> None:
    @given(st.lists(st.sampled_from(["a", "aa", "aaa"]), min_size=40, max_size=60).map("".join))
    def same(text: str) -> None:
        SEEN.append(text)

    made = Drawn(same, 20)
    text = SEEN[-1]
    assert len(made.respelled(("in", "a" * 30 + "b", text), ("==", text, "b" + "a" * 50))) <= MOST


def test_so_many_texts_are_remembered_of_each_kind() -> None:
    made = Drawn(clauses, 400)
    by_label = made.records.spellings._by_label
    assert max(map(len, by_label.values())) == records.SPELLINGS


def test_comparisons_of_an_entry_lead_to_its_text_spelled_otherwise(drawn: Drawn) -> None:
    text = drawn.like(lambda text: " OR " not in text and not text.startswith("age"))
    plain, record = drawn.last
    apart = ApartChoices(arguments_of(plain), record, drawn.records.spellings)
    found: list[Any] = [plain for (plain,) in apart.resized([("==", text, "age < 7")])]
    assert "age < 7" in map(drawn.run, found)


def test_a_text_that_is_one_choice_is_left_to_what_replaces_choices() -> None:
    @given(st.text("abc"))
    def check(text: str) -> None:
        SEEN.append(text)

    made = Drawn(check, 20)
    text = made.like(lambda text: len(text) > 1)
    assert made.respelled(("==", text, "abba")) == []
