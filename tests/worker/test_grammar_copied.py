"""Pieces of texts once more: with another key, or several filled alike."""

from itertools import islice
from typing import Any

import pytest

from fuzztui.worker.grammar.copied import MAX_COPIED, copied_pieces, lacking_beside
from fuzztui.worker.grammar.filled import MAX_FILLED, filled_pieces
from fuzztui.worker.grammar.statements import more_statements
from fuzztui.worker.guidance.following import Following
from fuzztui.worker.guidance.progress import Progress
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.whole import Plain
from fuzztui.worker.structure.slices import Slices

LINES = "a[0] x\nb"
OF_LINES: Comparison = ("in", "\n", LINES)


def copied(text: str, *comparisons: Comparison) -> list[str]:
    return [str(made) for (made,) in copied_pieces((text,), comparisons, 200)]


def test_a_line_with_a_key_that_is_lacking_stands_behind_one_with_a_key_that_is_known() -> None:
    assert "a[0] x\na[1] x\nb" in copied(LINES, OF_LINES, ("in", 1, (0,)))
    assert "a[0] x\na[0] y\nb" in copied(LINES, OF_LINES, ("not in", "y", ("x", "z")))
    assert copied(LINES, OF_LINES, ("in", 0, (0,))) == []
    assert copied("a[10] x", ("in", " ", "a[10] x"), ("in", 1, (0,))) == []


def test_the_only_member_of_a_list_is_followed_by_another_behind_the_sign_that_was_looked_for() -> None:
    text = "take a from b"
    lacking: list[Comparison] = [("in", ",", "a"), ("in", "x", ("a",))]
    assert "take a,x from b" in copied(text, *lacking)
    assert not [each for each in copied(text, ("in", ",", "a b"), ("in", "x", ("a",))) if ",x" in each]


def test_of_two_lists_that_were_compared_all_that_is_lacking_comes_at_once_and_each_by_itself() -> None:
    made = copied(LINES, OF_LINES, ("!=", (0,), (0, 1, 2)))
    assert made[0] == "a[0] x\na[1] x\na[2] x\nb"
    assert {"a[0] x\na[1] x\nb", "a[0] x\na[2] x\nb"} <= set(made)
    assert lacking_beside([("!=", (), (0, 1))]) == []


def test_copies_are_bounded_and_of_texts_alone() -> None:
    many = "\n".join(["0"] * 300)
    lacking: Comparison = ("!=", (0,), tuple(range(40)))
    assert 0 < len(list(copied_pieces((many,), [("in", "\n", many), lacking], 9000))) <= MAX_COPIED
    assert list(copied_pieces((b"\0\1\xff", 5), [lacking], 100)) == []
    assert list(copied_pieces((LINES,), [OF_LINES, lacking], len(LINES))) == []
    assert (b"a[0] x\na[1] x\nb",) in copied_pieces((LINES.encode(),), [OF_LINES, ("in", 1, (0,))], 100)


def filled(text: str, *comparisons: Comparison) -> list[str]:
    return [str(made) for (made,) in filled_pieces((text,), comparisons, 200)]


def test_all_pieces_that_are_blank_are_filled_with_what_one_was_compared_with_or_is() -> None:
    text = "4//a/ w"
    made = filled(text, ("in", "/", "4//a/"), ("!=", 0, 8))
    assert {"4/8/a/8 w", "8/8/8/8 w", "4/4/a/4 w", "4/4/4/4 w"} <= set(made)
    assert filled(text, ("!=", 0, 8)) == []
    assert (b"8/8",) in filled_pieces((b"/",), [("in", "/", "/"), ("==", 0, 8)], 10)
    assert not list(filled_pieces((b"/",), [("in", "/", "/"), ("==", 0, 8)], 1))


def test_no_filling_is_made_twice_or_is_what_is_there() -> None:
    made = filled("4/4", ("in", "/", "4/4"), ("!=", 4, 8))
    assert made == ["8/8"]
    made = filled("/", ("in", "/", "/"), ("!=", 0, 8))
    assert made == ["8/8"]


def test_fillings_are_bounded() -> None:
    text = "/".join(map(str, range(60)))
    split: list[Comparison] = [("in", "/", text[at:]) for at in range(20)]
    assert 0 < len(list(filled_pieces((text,), split, 9000))) <= MAX_FILLED


@pytest.mark.parametrize("way", ["structural", "steps", "followers"])
def test_pieces_are_copied_in_what_follows_from_an_input(way: str) -> None:
    following: Any = Following(100)
    compared: list[Comparison] = [OF_LINES, ("in", 1, (0,))]
    apart = Plain((LINES,))
    made = {
        "structural": lambda: following.structural(apart, compared),
        "steps": lambda: following.steps(apart, compared, []),
        "followers": lambda: following.followers(apart, compared, iter(()), 40, Slices((), [], ())),
    }[way]()
    assert ("a[0] x\na[1] x\nb",) in made


def test_pieces_are_filled_in_what_an_entry_suggests() -> None:
    assert ("8/8",) in Following(100).structural(Plain(("/",)), [("in", "/", "/"), ("==", 0, 8)])


def test_a_statement_gives_way_to_another_of_its_kind_far_before_the_end_too() -> None:
    text = "set a\n" + "\n".join(f"do {number}" for number in range(12))
    made = [str(each) for (each,) in more_statements((text,), [("in", "\n", text)], [], 500, ["set b"])]
    assert "set b" + text[5:] in made


def test_how_much_of_a_list_is_as_it_has_to_be_is_a_state() -> None:
    progress = Progress()
    assert progress.is_new([("!=", (), (0, 1))], [], (b"x",))
    assert progress.is_new([("!=", (0,), (0, 1))], [], (b"x",))
    assert not progress.is_new([("!=", (0,), (0, 5))], [], (b"x",))
    assert progress.is_new([("!=", (0, 1), (0, 1))], [], (b"x",))


def test_copies_come_early_among_what_follows_from_what_has_come_further() -> None:
    compared: list[Comparison] = [OF_LINES, ("in", 1, (0,)), *[("==", "a", word) for word in ("one", "two", "three")]]
    made = Following(100).followers(Plain((LINES,)), compared, iter(()), 40, Slices((), [], ()))
    assert ("a[0] x\na[1] x\nb",) in islice(made, 6)
