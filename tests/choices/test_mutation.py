"""Mutation of sequences of choices, and what their comparisons lead to."""

import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from fuzztui.target.choices.value import CHOICES, Plain
from fuzztui.worker.hypothesis.execution import PropertyTest
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.choices.apart import ApartChoices
from fuzztui.worker.mutate.choices.cuts import shorter, trim
from fuzztui.worker.mutate.choices.domain import ChoicesDomain
from fuzztui.worker.mutate.choices.record import CHOICES as MOST_CHOICES
from fuzztui.worker.mutate.choices.record import INPUTS, NOTHING, Constraint, Record, Records, Span
from tests.choices import properties
from tests.choices.properties import ALL

ENTRY: Plain = (0, True, 5, True, 7, False, "key")
ELEMENT, LIST, TEXT = 11, 12, 13
ANY = Constraint("int")
FLAG = Constraint("bool")
RECORD = Record(
    (None, FLAG, ANY, FLAG, Constraint("int", 0, 9), FLAG, Constraint("str", 0, 5, range(128))),
    (Span(1, 6, LIST, -1), Span(1, 3, ELEMENT, 0), Span(3, 5, ELEMENT, 0), Span(6, 7, TEXT, -1)),
)


class Letters:
    """An alphabet as Hypothesis has it."""

    def __contains__(self, character: str) -> bool:
        return character.isascii()


RECORD = RECORD._replace(
    constraints=(*RECORD.constraints[:-1], Constraint("str", 0, 5, Letters())),
)


def mutator(**known: Record) -> tuple[Mutator, ChoicesDomain]:
    made = Mutator((CHOICES,), random.Random(5), Dictionary(), 1000)
    (domain,) = made.domains
    assert isinstance(domain, ChoicesDomain)
    return made, domain


def mutations(entry: Plain, record: Record, count: int = 3000) -> Iterator[tuple[Any, list[str]]]:
    made, domain = mutator()
    domain.records.add(entry, record)
    made.add_to_pool((entry,))  # type: ignore[arg-type]
    for _ in range(count):
        (plain,) = made.mutate((entry,))  # type: ignore[arg-type]
        yield plain, made.last_operators()


def test_every_operator_comes_to_something_and_changes_the_choices() -> None:
    seen = set[str]()
    for plain, operators in mutations(ENTRY, RECORD):
        assert plain[1:] != ENTRY[1:]
        assert type(plain[0]) is int
        assert 0 <= plain[0] < 1 << 32
        seen.update(operators)
    assert seen >= {
        *("change_value", "change_values", "copy_value", "delete_span", "duplicate_span", "duplicate_and_change"),
        *("swap_spans", "replace_span", "insert_span", "add_element", "redraw_rest", "cross"),
    }


def test_numbers_are_changed_within_their_bounds() -> None:
    values = {plain[4] for plain, operators in mutations(ENTRY, RECORD) if operators == ["change_value"]}
    assert values == set(range(10))


def test_what_the_test_forces_is_left_as_it_is() -> None:
    forced = RECORD._replace(constraints=(None, None, None, *RECORD.constraints[3:]))
    for plain, operators in mutations(ENTRY, forced):
        if operators in (["change_value"], ["change_values"], ["copy_value"]):
            assert plain[1:3] == (True, 5)


def test_spans_are_left_out_and_repeated_as_wholes() -> None:
    by_operator: dict[str, set[Plain]] = {}
    for plain, operators in mutations(ENTRY, RECORD):
        if len(operators) == 1:
            by_operator.setdefault(operators[0], set()).add(plain[1:])
    assert by_operator["delete_span"] == {
        (True, 7, False, "key"),
        (True, 5, False, "key"),
        ("key",),
        (True, 5, True, 7, False),
    }
    assert (True, 5, True, 5, True, 7, False, "key") in by_operator["duplicate_span"]
    assert by_operator["swap_spans"] == {(True, 7, True, 5, False, "key")}
    assert (True, 7, True, 7, False, "key") in by_operator["replace_span"]


def test_an_input_of_which_nothing_is_known_is_drawn_anew_from_some_place_on() -> None:
    lengths = {len(plain) for plain, operators in mutations(ENTRY, NOTHING, 200) if operators == ["redraw_rest"]}
    assert lengths == set(range(1, len(ENTRY) + 1))


@pytest.mark.parametrize("test", ALL, ids=[each.__name__ for each in ALL])
def test_mutations_of_real_inputs_run(test: Any) -> None:
    made, domain = mutator()
    run = PropertyTest(test)
    run.record = domain.records.add
    entry: Plain = (3,)
    for _ in range(60):
        with suppress(AssertionError):
            run.run(entry)
        drawn = run.drawn
        assert domain.records.of(drawn) is not None
        made.add_to_pool((drawn,))  # type: ignore[arg-type]
        mutated: Any = made.mutate((drawn,))  # type: ignore[arg-type]
        (entry,) = mutated


# Records --------------------------------------------------------------------------------------------------------------


def test_a_record_tells_bounds_and_spans() -> None:
    run = PropertyTest(properties.sums)
    found: dict[Plain, Record] = {}
    run.record = found.__setitem__
    run.run((0, True, 7, True, 9, False, "a"))
    record = found[(0, True, 7, True, 9, False, "a")]
    kinds = [each and each.kind for each in record.constraints]
    assert kinds == [None, "bool", "int", "bool", "int", "bool", "str"]
    spans = {(start, end) for start, end, _, _ in record.spans}
    assert spans >= {(1, 6), (1, 3), (3, 5), (2, 3), (4, 5), (6, 7)}
    one, other = (next(each for each in record.spans if each[:2] == part) for part in ((1, 3), (3, 5)))
    assert one.label == other.label
    assert one.parent == other.parent
    assert record.spans[one.parent][:2] == (1, 6)


def test_values_of_different_types_are_different_inputs() -> None:
    records = Records()
    records.add((0, True), RECORD)
    assert records.of((0, 1)) is None
    assert records.of((0, True)) is RECORD


def test_so_many_records_are_kept_and_no_more() -> None:
    records = Records()
    for number in range(INPUTS + 1):
        records.add((0, number), Record((None, ANY), ()))
    assert records.of((0, 0)) is None
    assert records.of((0, 1)) is not None
    long: Plain = (0, *[1] * MOST_CHOICES)
    records.add(long, Record((None, *[ANY] * MOST_CHOICES), ()))
    assert records.of(long) is not None
    assert records.of((0, INPUTS)) is None


# Guidance -------------------------------------------------------------------------------------------------------------


def apart() -> ApartChoices:
    return ApartChoices((ENTRY,), RECORD)  # type: ignore[arg-type]


def test_operands_go_where_they_may_be_drawn() -> None:
    made: Any = apart()
    assert made.values == (True, 5, True, 7, False, "key")
    assert made.together((True, 99, True, 7, False, "key")) == ((0, True, 99, True, 7, False, "key"),)
    assert made.together((True, 5, True, 99, False, "key")) is None
    assert made.together((True, 5, True, 7, False, "too long")) is None
    assert made.together((True, 5, True, 7, False, "ü")) is None


def test_a_whole_number_goes_where_a_float_is_drawn() -> None:
    made = ApartChoices(((0, 0.5),), Record((None, Constraint("float", 0.0, 10.0)), ()))  # type: ignore[arg-type]
    assert repr(made.together((7,))) == "((0, 7.0),)"


def test_a_key_that_was_looked_up_in_vain_is_put_where_texts_are_drawn_and_where_something_ends() -> None:
    found = [plain for (plain,) in apart().resized([("lacks", "port", ())])]
    assert (0, True, 5, True, 7, False, "port") in found
    assert (0, True, 5, True, 7, True, "port", False, "key") in found
    assert (0, True, 5, True, 7, True, "port", 1) in found


def test_a_key_takes_the_place_of_another_one_with_any_type_behind_it_where_there_is_no_room_for_more() -> None:
    text = Constraint("str", 0, 8, Letters())
    full = ((0, True, "mode", 1, "fast", True, "a", 1, "b"),)
    record = Record((None, FLAG, text, ANY, text, FLAG, text, ANY, text), ())
    found = [plain for (plain,) in ApartChoices(full, record).resized([("lacks", "level", ())])]  # type: ignore[arg-type]
    assert (0, True, "mode", 1, "fast", True, "level", 0) in found
    assert (0, True, "level", 0) in found


def test_something_is_repeated_as_often_as_its_number_was_compared_with() -> None:
    found = [plain for (plain,) in apart().resized([("==", 2, 4)])]
    assert (0, True, 5, True, 7, True, 7, True, 7, False, "key") in found
    found = [plain for (plain,) in apart().resized([("==", 2, 1)])]
    assert (0, True, 5, False, "key") in found


# Trimming -------------------------------------------------------------------------------------------------------------


def test_spans_are_left_out_largest_first_then_texts_are_cut() -> None:
    found = list(shorter(ENTRY, RECORD))
    assert found[0] == (0, "key")
    assert set(found[1:3]) == {(0, True, 7, False, "key"), (0, True, 5, False, "key")}
    assert (0, True, 5, True, 7, False, "y") in found


def test_trimming_keeps_what_was_drawn_and_stops_after_so_many_tries() -> None:
    run, records = PropertyTest(properties.sums), Records()
    run.record = records.add
    tries = 0

    def keeps(plain: Plain) -> bool:
        nonlocal tries
        tries += 1
        with suppress(AssertionError):
            run.run(plain)
        return 9 in run.drawn

    entry = (0, True, 1, True, 9, True, 2, True, 3, False, "abc")
    assert keeps(entry)
    assert trim(entry, keeps, records.of, lambda: run.drawn, 100) == (0, True, 9, False, "")
    tries = 0
    trim(entry, keeps, records.of, lambda: run.drawn, 3)
    assert tries == 3


def test_a_sequence_of_several_choices_is_replaced_as_a_whole() -> None:
    found = [plain for (plain,) in apart().resized([("==", [5, 7], [4, 2])])]
    assert (0, True, 4, True, 2, False, "key") in found
    others: list[Any] = [plain for (plain,) in apart().resized([("==", [7, 5], [40, 20])])]
    assert not [plain for plain in others if {40, 20} <= set(plain)]


def test_a_number_is_changed_by_what_something_computed_from_it_lacks() -> None:
    """Of 5 something was made that is 23, where 500 was wanted."""
    found: list[Any] = [plain for (plain,) in apart().resized([("==", 23, 500)])]
    assert (0, True, 482, True, 7, False, "key") in found
    assert not [plain for plain in found if plain[4] == 484]  # beyond its bounds
