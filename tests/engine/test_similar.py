"""Which crashers are suggested to be one bug."""

from dataclasses import replace

import pytest

from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.similar import MOST_SUGGESTED, Clue, clue, similar
from fuzztui.engine.show.text import NOTHING, Visible, label, visible


def failing(
    number: int,
    name: str = "ValueError",
    function: str = "parse",
    line: int = 3,
    source: str = "return int(text)",
    message: str = "",
    group: str = "",
) -> Failure:
    trace = f'Traceback (most recent call last):\n  File "/p/a.py", line {line}, in {function}\n    {source}\n{name}'
    return Failure(
        visible(f"3-{number}"),
        visible(group or f"3-g{number}"),
        CrasherKind.EXCEPTION,
        visible(name),
        visible(message),
        visible(trace, multiline=True),
        visible(function),
        visible(f"/p/a.py:{line}"),
        variant=visible(message),
    )


ONE = failing(1)
SIMILAR = {
    "by the same line, with another chain": failing(2),
    "reached in another way": failing(2, group="3-g1"),
    "in the same function": failing(2, source="raise ValueError", line=9),
    "by the same expression elsewhere": failing(2, function="other", line=40),
    "another type at the same line": failing(2, name="TypeError"),
}
OTHERS = {
    "the same": ONE,
    "another type in another line of the function": failing(2, name="TypeError", line=9),
    "elsewhere": failing(2, function="other", line=40, source="raise ValueError"),
    "of another kind": replace(failing(2), kind=CrasherKind.SIGNAL),
}


@pytest.mark.parametrize("what", SIMILAR)
def test_what_two_failures_have_in_common_is_said(what: str) -> None:
    found = clue(ONE, SIMILAR[what])
    assert found is not None
    assert what in found.value
    assert found is clue(SIMILAR[what], ONE)


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_failures_with_little_in_common_are_not_similar(other: Failure) -> None:
    assert clue(ONE, other) is None


def test_the_same_message_is_a_clue_and_none_is_not() -> None:
    here, there = (failing(n, function=f"f{n}", line=n, source=f"raise {n}", message="bad header") for n in (1, 2))
    assert clue(here, there) is Clue.SAME_MESSAGE
    assert (
        clue(replace(here, message=NOTHING, variant=NOTHING), replace(there, message=NOTHING, variant=NOTHING)) is None
    )


def test_a_few_are_suggested_in_their_order() -> None:
    many = [failing(number, source="raise ValueError") for number in range(2, 20)]
    found: tuple[tuple[Visible, Visible], ...] = similar(ONE, [ONE, *OTHERS.values(), *many])
    assert found == tuple((one.id, label("the same type in the same function")) for one in many[:MOST_SUGGESTED])


def test_a_crasher_that_is_reached_in_many_ways_is_suggested_once() -> None:
    ways = [failing(number, line=9, group="3-g2") for number in range(2, 9)]
    found = similar(ONE, [*ways, failing(9, function="other", line=40)])
    assert [other for other, _ in found] == ["3-2", "3-9"]


def test_better_reasons_come_before_those_that_many_have() -> None:
    here = replace(ONE, message=label("list index out of range"), variant=label("list index out of range"))
    crowd = [
        replace(here, id=visible(f"3-{n}"), group=visible(f"3-g{n}"), function=visible(f"f{n}"), traceback=NOTHING)
        for n in range(100, 120)
    ]
    ways = [failing(number, group=here.group) for number in range(200, 220)]
    alike = [
        one if one.group == here.group else replace(one, group=visible(f"3-h{n}"))
        for n, one in enumerate(SIMILAR.values())
    ]
    found = similar(here, [*crowd, *ways, *alike])
    assert [words for _, words in found] == [
        label(each.value)
        for each in (Clue.SAME_LINE, Clue.SAME_FUNCTION, Clue.SAME_EXPRESSION, Clue.ANOTHER_TYPE, Clue.SAME_GROUP)
    ]
