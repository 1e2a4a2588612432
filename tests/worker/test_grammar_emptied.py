"""Values of texts made empty."""

from fuzztui.worker.grammar.emptied import MAX_EMPTIED, emptied_values
from fuzztui.worker.guidance.following import Following
from fuzztui.worker.mutate.whole import Plain


def test_a_word_is_left_out_or_gives_way_to_quotes_that_the_program_knows() -> None:
    assert list(emptied_values(("[a=b]",), 100, ["'", "["])) == [("[a='']",), ("[a=]",), ("[''=b]",), ("[=b]",)]
    assert list(emptied_values((b'a="b c"',), 100, ['"'])) == [(b'a=""',), (b"a=",), (b'""="b c"',), (b'="b c"',)]
    assert list(emptied_values(("a",), 1, ["'"])) == [("",)]
    assert list(emptied_values((b"\0\1\xff", 5, ""), 100, ["'"])) == []
    assert len(list(emptied_values(("a " * 200,), 1000, ["'"]))) == MAX_EMPTIED


def test_values_are_emptied_in_what_an_entry_suggests_with_quotes_of_any_input() -> None:
    following = Following(100)
    following.learn(("x",), [("==", "'", "x")])
    assert ("[a='']",) in following.structural(Plain(("[a=b]",)), [])
