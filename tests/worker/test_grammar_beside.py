"""Elements in the places that a program tells: behind pieces, in brackets, behind marks, after words that declare."""

from typing import Any

import pytest

from fuzztui.worker.grammar.begun import begun_pieces
from fuzztui.worker.grammar.beside import (
    behind_marks,
    behind_pieces,
    declared,
    hints_of,
    in_blank_brackets,
    in_brackets,
)
from fuzztui.worker.grammar.elements import missing_in_texts, wanted_of
from fuzztui.worker.guidance.following import Following
from fuzztui.worker.guidance.trace import ComparisonTrace
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.whole import Plain


def missing(text: str, *comparisons: Comparison) -> list[str]:
    return [str(made) for (made,) in missing_in_texts((text,), comparisons, 200)]


def test_a_parameter_goes_behind_the_piece_that_was_split_at_its_sign() -> None:
    text = "BEGIN:CARD\nTEL:6\nEND:CARD"
    hints = hints_of([("in", ";", "TEL"), ("in", ";", "other")], text)
    assert hints.split == ((";", "TEL"),)
    assert list(behind_pieces(text, "PREF", "1", hints, ["=", ";"])) == [
        "BEGIN:CARD\nTEL;PREF=1:6\nEND:CARD",
        "BEGIN:CARD\nTEL;PREF:6\nEND:CARD",
    ]
    assert "BEGIN:CARD\nTEL;PREF=1:6\nEND:CARD" in missing(text, ("in", ";", "TEL"), ("lacks", "PREF", ()))


def test_a_key_of_one_letter_may_begin_a_word_that_is_its_value() -> None:
    text = "G1 Y5"
    hints = hints_of([("in", " ", "G1 Y5"), ("in", " ", "Y5")], f"{text}\n")
    assert next(behind_pieces(f"{text}\n", "X", "1", hints, ["="])) == "G1 Y5 X1\n"
    assert "G1 Y5 X1" in missing(text, ("in", " ", text), ("in", "X", ("Y",)), ("lacks", "X", ()))


def test_an_attribute_goes_into_brackets_that_were_looked_for() -> None:
    text = "graph {a->b;c}"
    lacking: list[Comparison] = [("!=", ";", "["), ("lacks", "head", ()), ("startswith", "", "near")]
    assert "graph {a->b[head=1];c}" in in_brackets(text, "head", "1", hints_of(lacking, text), ["="])
    assert "graph {a->b[head=near];c}" in missing(text, *lacking)
    assert not list(in_brackets(text, "head", "1", hints_of(lacking[1:], text), ["="]))


def test_options_of_a_letter_go_behind_their_mark_together() -> None:
    lacking: list[Comparison] = [("startswith", "/", "-"), ("lacks", "f", ()), ("lacks", "r", ())]
    hints = hints_of(lacking, "rm /")
    assert {"rm -rf /", "rm -r /", "rm / -f"} <= set(behind_marks("rm /", ["r", "f"], hints, [" "]))
    assert "rm -rf /" in missing("rm /", *lacking)


def test_a_name_that_is_used_is_declared_by_a_word_of_the_programs() -> None:
    text = "graph{a->b[head=near];c=1}"
    lacking: list[Comparison] = [("==", "c", "cluster"), ("==", "}", "{"), ("lacks", "near", ())]
    hints = hints_of(lacking, text)
    assert hints.words == ("cluster",)
    assert "graph{cluster near{};a->b[head=near];c=1}" in declared(text, "near", hints, [";"])
    assert "graph{cluster near{};a->b[head=near];c=1}" in missing(text, *lacking)
    assert "let x\nx" in declared("x", "x", hints_of([("of", "x", ("let", "x"))], "x"), ["\n"])


def test_what_is_lacking_goes_into_brackets_with_nothing_in_them_though_it_stands_elsewhere() -> None:
    assert list(in_blank_brackets("f(){a;b[]}", "a")) == ["f(){a;b[a]}", "f(a){a;b[]}"]
    assert list(in_blank_brackets("(])", "a")) == []
    assert "graph{near{a};a->b}" in missing("graph{near{};a->b}", ("lacks", "a", ()))


def test_what_is_lacking_right_after_a_key_may_be_its_value() -> None:
    lacking: list[Comparison] = [("lacks", "TYPE", ()), ("lacks", "fax", ()), ("in", "x", ("y",)), ("lacks", "z", ())]
    values = {each.key: each.values for each in wanted_of(lacking)}
    assert values["TYPE"] == ("fax",)
    assert "z" not in values["fax"]


@pytest.mark.parametrize("kind", ["id", "sign"])
def test_parts_of_tuples_are_compared_each_by_itself_too(kind: str) -> None:
    trace = ComparisonTrace()
    assert trace.compare("!=", (kind, "a"), ("sign", "[")) is True
    assert ("!=", "a", "[") in trace.comparisons
    assert ("!=", kind, "sign") in trace.comparisons


@pytest.mark.parametrize("kind", [str, bytes])
def test_a_piece_more_begins_as_those_that_are_there_were_to_begin(kind: type) -> None:
    text = "BEGIN:CARD\nTEL:6\nEND:CARD"
    compared: list[Comparison] = [("in", "\n", text), ("startswith", "TEL:6", (" ", "\t")), ("startswith", text, "#")]
    value: Any = text if kind is str else text.encode()
    wanted = "BEGIN:CARD\nTEL:6\n 1\nEND:CARD"
    assert (wanted if kind is str else wanted.encode(),) in begun_pieces((value,), compared, 100)
    assert not list(begun_pieces((value,), compared, len(text)))
    assert not list(begun_pieces((value,), compared[:1] + compared[2:], 100))
    assert not list(begun_pieces((b"\0\1", 5), compared, 100))
    structural = Following(100).structural(Plain((value,)), compared)
    assert (wanted if kind is str else wanted.encode(),) in structural
