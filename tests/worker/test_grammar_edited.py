"""Inputs in which the text of one argument is another one."""

from collections.abc import Iterator
from itertools import count, islice

import pytest

from fuzztui.worker.grammar.edited import edited_texts


def _doubled(text: str) -> Iterator[str]:
    yield text + text
    yield text[1:]


def test_each_text_is_changed_in_its_turn_and_keeps_its_kind() -> None:
    made = list(edited_texts(("ab", 7, b"cd"), 100, 10, 10, _doubled))
    assert made == [("abab", 7, b"cd"), ("b", 7, b"cd"), ("ab", 7, b"cdcd"), ("ab", 7, b"d")]


def test_what_would_be_too_long_in_all_is_left_out() -> None:
    assert list(edited_texts(("ab", b"cd"), 5, 10, 10, _doubled)) == [("b", b"cd"), ("ab", b"d")]


def test_inputs_are_no_more_than_are_wanted() -> None:
    endless = edited_texts(("a",), 10, 3, 10, lambda text: (text for _ in count()))
    assert len(list(islice(endless, 10))) == 3


@pytest.mark.parametrize(("length", "made"), [(10, 2), (11, 0), (0, 0)])
def test_long_and_empty_texts_are_left_alone(length: int, made: int) -> None:
    assert len(list(edited_texts(("a" * length,), 100, 10, 10, _doubled))) == made
