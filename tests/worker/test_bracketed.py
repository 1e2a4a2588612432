"""What stands in brackets of one input, put into those of others."""

from fuzztui.worker.grammar.bracketed import MAX_MADE, Contents, contents_of, with_contents
from fuzztui.worker.guidance.following import Following
from fuzztui.worker.guidance.recent import Recent
from fuzztui.worker.mutate.whole import Plain


def test_contents_reach_to_the_bracket_that_closes_them_or_to_the_end() -> None:
    assert contents_of(("f(a[1]){b;{c}",)) == [("(", "a[1]"), ("[", "1"), ("{", "b;{c}"), ("{", "c")]
    assert contents_of((b"() )]", 5, b"\0\1\xff{a}")) == []


def test_contents_are_put_at_the_beginning_and_the_end_of_what_stands_in_such_brackets() -> None:
    made = [str(each) for (each,) in with_contents(("g{c=1}",), 100, [("{", "a->b")], [";"])]
    assert made == ["g{a->bc=1}", "g{c=1a->b}", "g{a->b;c=1}", "g{c=1;a->b}"]
    assert list(with_contents(("g(c)",), 100, [("{", "a")], [])) == []
    assert list(with_contents(("g{ab}",), 100, [("{", "a")], [])) == []
    assert list(with_contents((b"{}",), 3, [("{", "a"), ("{", "long")], [])) == [(b"{a}",), (b"{a}",)]


def test_inputs_with_contents_are_bounded() -> None:
    known = [("{", str(number)) for number in range(90)]
    assert len(list(with_contents(("{}{}",), 100, known, []))) == MAX_MADE


def test_the_latest_contents_are_remembered() -> None:
    contents = Contents()
    for number in range(20):
        contents.add((f"({number})",))
    contents.add(("(15)",))
    assert contents.latest()[:2] == [("(", "15"), ("(", "19")]
    assert len(contents.latest()) == 8


def test_what_stands_in_brackets_of_other_inputs_is_put_into_those_of_an_entry_and_of_earlier_ones() -> None:
    following = Following(100)
    following.learn(("g{a;b",), [("==", ";", "a")])
    assert ("g{c;a;b}",) in following.structural(Plain(("g{c}",)), [])
    recent = Recent()
    list(recent.add(Plain(("g{c}",)), [], 100))
    assert ("g{c;a}",) in recent.add(Plain(("g{a",)), [], 100)
