"""Columns, what is open, and values of other kinds."""

from typing import Any

from fuzztui.worker.grammar.blanks import filled_blanks
from fuzztui.worker.grammar.closed import MAX_CLOSED, closed_texts
from fuzztui.worker.grammar.columns import MAX_COLUMNS, with_columns
from fuzztui.worker.grammar.kinds import MAX_KINDS, of_other_kinds
from fuzztui.worker.guidance.following import Following
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.whole import Plain

LACKING: Comparison = ("in", "amount", ("kind",))


def columns(text: Any, *comparisons: Comparison, signs: tuple[str, ...] = ()) -> list[Any]:
    return [made for (made,) in with_columns((text,), comparisons, 200, signs)]


def test_a_name_that_is_lacking_becomes_a_column_with_a_value_in_each_row() -> None:
    assert columns("kind\ncredit\n\ndebit\n", LACKING)[0] == "kind,amount\ncredit,1\n\ndebit,1\n"
    assert columns(b"#\r\nkind;x\r\na;b", LACKING)[0] == b"#\r\nkind;x;amount\r\na;b;1"
    assert "kind/amount\na/1" in columns("kind\na", LACKING, signs=("\n", "/"))
    assert "kind,amount\na,a" in columns("kind\na", LACKING)


def test_there_are_no_columns_without_rows_or_without_a_name_that_is_known() -> None:
    assert columns("kind\n", LACKING) == []
    assert columns("kinds\na", LACKING) == []
    assert columns("kind\na", ("in", "kind", ("kind",))) == []


def test_columns_are_bounded() -> None:
    many: list[Comparison] = [("in", f"key{at}", ("kind",)) for at in range(100)]
    assert 10 < len(columns("kind\na", *many)) <= MAX_COLUMNS
    assert columns("kind\n" + "a\n" * 100, LACKING) == []
    assert columns("kind\n" + "a" * 190, LACKING) == [], "there is no room"


def closed(text: Any) -> list[Any]:
    return [made for (made,) in closed_texts((text,), 100)]


def test_what_is_open_is_closed_the_innermost_first() -> None:
    assert closed("(a [b") == ["(a [b])", "(a [b]"]
    assert closed(b"{'a\n") == [b"{'a'}\n", b"{'a\n'}", b"{'a'\n", b"{'a\n'"]
    assert closed("<a><b x='1'><c/>t")[0] == "<a><b x='1'><c/>t</b></a>"
    assert closed("<a><br></a>") == closed("(')')") == closed("plain") == []
    assert closed("<a><b><c></b>")[0] == "<a><b><c></b></a>"
    assert closed("(" * 40) == []
    assert len(closed("<a>(\n")) <= MAX_CLOSED


def kinds(text: Any, *keys: str) -> list[Any]:
    found: list[Comparison] = [("in", key, keys) for key in keys]
    return [made for (made,) in of_other_kinds((text,), found, 200)]


def test_values_behind_keys_that_were_found_become_of_another_kind() -> None:
    assert kinds("[tool]\nserver=1", "tool", "server")[:2] == ["[tool]\nserver={}", "[tool]\nserver=[]"]
    assert b"port: true\nx" in kinds(b"port: 80\nx", "port")
    assert "a={port=[1, 1]}" in kinds("a={port=[1]}", "port")
    assert 'x="a", y=2' in kinds("x=1, y=2", "x")


def test_values_of_json_and_of_other_words_stay() -> None:
    assert kinds('{"a": 1}', "a") == []
    assert kinds("ports=1", "port") == []
    assert [made for (made,) in of_other_kinds(("port=1",), [("in", "port", ("x",))], 100)] == []
    assert len(kinds("a=1\nb=1\nc=1\nd=1\ne=1\nf=1\ng=1", *"abcdefg")) <= MAX_KINDS


def test_they_follow_from_entries_and_from_what_has_come_further() -> None:
    following = Following(200)
    for text, comparison, wanted in (
        ("kind\na", LACKING, "kind,amount\na,1"),
        ("f(a", ("in", "x", ("y",)), "f(a)"),
        ("port=1", ("in", "port", ("port",)), "port={}"),
    ):
        apart = Plain((text,))
        assert (wanted,) in list(following.steps(apart, [comparison], []))
        assert (wanted,) in list(following.structural(apart, [comparison]))
        assert ((wanted,) in list(following.lacking(apart, [comparison]))) == (comparison is LACKING)


def test_what_is_blank_is_filled_behind_a_sign_that_stands_between_words() -> None:
    blank: list[Comparison] = [("like", "", "1")]
    made = [value for (value,) in filled_blanks(("a,b\nc\n",), blank, 100)]
    assert "a,b\nc,1\n" in made
    told: list[Comparison] = [*blank, ("in", ";", "a,b\nc\n")]
    assert "a,b\nc;1\n" in [value for (value,) in filled_blanks(("a,b\nc\n",), told, 100)]
