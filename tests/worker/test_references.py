"""Names that are declared and referred to."""

import pytest

from fuzztui.worker.grammar.references import MAX_MADE, Reference, References, with_references
from fuzztui.worker.guidance.following import Following
from fuzztui.worker.guidance.recent import Recent
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.whole import Plain
from tests.worker.world import inhabited


def learned(text: str, name: str, sign: str = ";") -> list[Reference]:
    references = References()
    references.add((text,), [("in", sign, text), ("not in", name, ("HOME", name))])
    return references.latest()


def referring(text: str, known: list[Reference]) -> list[str]:
    return [str(each) for (each,) in with_references((text,), [("in", ";", text)], 200, known)]


@pytest.mark.parametrize(
    ("text", "name", "declaration", "spelled"),
    [
        ("D=;echo $D", "D", "D=", "$D"),
        ("x;echo ${HOME}/a", "HOME", "", "${HOME}"),
        ("a: add;jump a", "a", "a: add", "a"),
        ("k=1;path=%(k)", "k", "k=1", "%(k)"),
    ],
)
def test_how_a_name_that_was_found_is_declared_and_referred_to_is_told_by_where_it_stands(
    text: str, name: str, declaration: str, spelled: str
) -> None:
    assert learned(text, name) == [Reference(declaration, spelled)]


@pytest.mark.parametrize(
    ("text", "name", "declaration", "spelled"),
    [
        ("x=${k}/a;k=1", "k", "k=1", "${k}"),
        ("jump a;add 1; a: dec", "a", " a: dec", "a"),
    ],
)
def test_what_is_referred_to_may_be_declared_behind(text: str, name: str, declaration: str, spelled: str) -> None:
    assert learned(text, name) == [Reference(declaration, spelled, is_behind=True)]


def test_what_is_declared_behind_is_so_in_other_texts() -> None:
    known = [Reference("k=1", "${k}", is_behind=True)]
    assert "[a];x=${k}/;k=1" in referring("[a];x=/", known)
    assert "[a];x=${k}/;k=1" in referring("[a];x=/;", known)
    assert "k=1;x=${k}/" in referring("k=1;x=/", known)
    assert "[a];x=${k}/;k=1;[b];c" in referring("[a];x=/;[b];c", known)


def test_what_is_declared_before_is_so_within_a_section_too() -> None:
    assert {"k=1;[a];y;x=${k}/", "[a];y;k=1;x=${k}/"} <= set(referring("[a];y;x=/", [Reference("k=1", "${k}")]))


@pytest.mark.parametrize(
    ("text", "known", "made"),
    [
        ("[s];l=/a;x=${l}", Reference("l=/a", "${l}"), "[s];b=/a;l=/${b};x=${l}"),
        ("l=/a;[s];x=${l}", Reference("l=/a", "${l}"), "b=/a;l=/${b};[s];x=${l}"),
        ("x=${l};l=/a;y=", Reference("l=/a", "${l}", is_behind=True), "x=${l};l=/${b};b=/a;y="),
        ("x=${l};l=/a", Reference("l=/a", "${l}", is_behind=True), "x=${l};l=/${b};b=/a"),
        ("&a1 x;*a1;y", Reference("&a1 x", "*a1"), "&a0 x;&a1 x;*a1;*a0"),
    ],
)
def test_beside_what_is_declared_and_referred_to_another_one_is_that_may_be_referred_to(
    text: str, known: Reference, made: str
) -> None:
    assert made in referring(text, [known])


def test_another_name_is_one_that_a_text_does_not_have_yet() -> None:
    text = ";".join([f"{letter}=1" for letter in "abcdefghijklmnopqrstuvwxyz"])
    made = referring(text, [Reference("c=1", "$c")])
    assert made
    assert all(each.count("=") == text.count("=") for each in made)


def test_a_name_that_stands_alone_is_none_that_is_referred_to() -> None:
    assert learned("echo x", "echo") == []
    assert learned("D=1;echo $D", "HOME") == []
    references = References()
    references.add(("D=;echo $D",), [("in", "D", ("other",)), ("in", "not one word", ("not one word",))])
    assert references.latest() == []


def test_the_latest_reference_of_each_form_is_remembered_and_it_is_told_which_forms_are_new() -> None:
    references = References()

    def add(text: str, name: str) -> list[Reference]:
        references.add((text.encode(),), [("in", ";", text), ("in", name, (name,))])
        return references.new

    assert add("a=;$a", "a") == [Reference("a=", "$a")]
    assert add("b=;$b", "b") == []
    assert references.latest() == [Reference("b=", "$b")]
    for sign in "%&*@":
        assert add(f"b=;{sign}b", "b") == [Reference("b=", f"{sign}b")]
    assert [each.spelled for each in references.latest()] == ["@b", "*b", "&b", "%b"]
    assert add("b", "b") == []


def test_a_reference_stands_at_an_edge_or_for_a_word_and_what_it_is_of_is_declared_before() -> None:
    lines: Comparison = ("in", ";", "rm /;x")
    made = [str(each) for (each,) in with_references(("rm /;x",), [lines], 100, [Reference("D=", "$D")])]
    assert {"D=;rm $D/;x", "D=;rm /$D;x", "D=;rm /;$D", "D=;$D /;x"} <= set(made)
    there = [str(each) for (each,) in with_references(("D=;x",), [lines], 100, [Reference("D=", "$D")])]
    assert "D=;$D" in there
    assert not any(each.startswith("D=;D=") for each in there)
    assert "$H/" in [str(each) for (each,) in with_references(("/",), [], 100, [Reference("", "$H")])]
    assert "D=\n$D/" in [str(each) for (each,) in with_references(("/",), [], 100, [Reference("D=", "$D")])]


def test_inputs_with_references_are_bounded_and_of_texts_alone() -> None:
    known = [Reference("D=", "$D"), Reference("", "$H")]
    assert len(list(with_references(("a " * 99,), [], 1000, known))) <= MAX_MADE
    assert list(with_references((b"\0\1\xff", 5), [], 100, known)) == []
    assert list(with_references((b"a",), [], 3, known)) == [(b"a$H",), (b"$Ha",), (b"$H",)]


def test_what_another_input_has_referred_to_is_suggested() -> None:
    following = Following(100)
    text = "D=;echo $D"
    following.learn((text,), [("in", ";", text), ("in", "D", ("D",))])
    assert ("D=;rm $D/",) in following.referring(Plain(("rm /",)), [("in", ";", "rm /")])


def test_a_reference_to_what_is_declared_is_among_what_is_traced_since_it_covers_nothing_new() -> None:
    following = Following(100)
    text = "D=;echo $D"
    following.learn((text,), [("in", ";", text), ("in", "D", ("D",))])
    made = set(following.steps(Plain(("rm /",)), [("in", ";", "rm /")], []))
    assert ("D=;rm $D/",) in made
    assert ("rm D/",) not in made, "a name alone is none that is referred to"


def test_earlier_inputs_refer_to_names_as_a_new_one_does_first_of_all() -> None:
    recent = Recent()
    list(recent.add(Plain(("rm /",)), [("in", ";", "rm /")], 100))
    made = list(recent.add(Plain(("D=;$D",)), [("in", ";", "D=;$D")], 100, [Reference("D=", "$D")]))
    assert made.index(("D=;rm $D/",)) < 8
    assert list(recent.add(Plain(("x",)), [], 5, [Reference("", "$D")])) == [("$D /",)]


SCRIPT = """
def fuzz(data):
    names = {"HOME": 1}
    for line in data.decode("latin-1").split(";"):
        if line[:1] == "$":
            line[1:] in names
        elif line[-1:] == "=":
            names[line[:-1]] = 1
"""


def test_references_are_learned_of_entries_and_tried_with_what_comparisons_suggest() -> None:
    with inhabited(SCRIPT) as world:
        executor = world.executor()
        world.fuzz(executor, b"rm /", 1, trace=True)
        exploring = executor._guidance.exploring
        while exploring.speculation.take():
            pass
        world.fuzz(executor, b"a=;$a", 1, trace=True)
        assert (b"a=;rm $a/",) in iter(exploring.speculation.take, None)
        executor._suggestions.inputs.clear()
        world.fuzz(executor, b"cd /", 1, trace=True)
        assert (b"a=;cd $a/",) in executor._suggestions.inputs
