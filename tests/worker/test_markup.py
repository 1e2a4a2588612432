"""Elements of markup: found, put in, renamed."""

import random
from itertools import islice

import pytest

from fuzztui.worker.grammar.markup import KnownElements, edited_markup, elements, rearranged
from fuzztui.worker.guidance.following import Following
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.whole import Plain


def _changed(text: bytes, comparisons: list[Comparison], known: tuple[str, ...] = ()) -> list[bytes]:
    return [changed for (changed,) in edited_markup((text,), comparisons, 200, known) if isinstance(changed, bytes)]


def test_elements_are_found_whatever_stands_around_them() -> None:
    text = '<a x="1">one<br><b/>two<c>3</c></a></d><e>'
    assert [(each.name, text[each.start : each.stop]) for each in elements(text)] == [
        ("b", "<b/>"),
        ("c", "<c>3</c>"),
        ("a", '<a x="1">one<br><b/>two<c>3</c></a>'),
    ]


def test_an_element_that_was_looked_up_in_vain_is_put_into_each_that_is_there() -> None:
    changed = _changed(b"<a><b/></a>", [("lacks", "name", ())])
    assert b"<a><b/><name></name></a>" in changed
    assert b"<a><b><name>1</name></b></a>" in changed
    assert b'<a name="1"><b/></a>' in changed
    assert b'<br name="1">' in _changed(b"<br>", [("lacks", "name", ())])


@pytest.mark.parametrize(
    "wanted", [b"<call><a></a></call>", b"<a><call>1</call></a>", b"<call>1</call>", b"<a>1<call></call></a>"]
)
def test_what_names_were_compared_with_is_the_name_of_an_element_one_around_one_or_one_in_one(wanted: bytes) -> None:
    text = b"<a><a></a></a>" if wanted.startswith(b"<call><a>") else b"<a>1</a>"
    assert wanted in _changed(text, [("!=", "a", "call")])


def test_values_give_way_to_what_they_were_compared_with_and_to_keys_that_are_lacking() -> None:
    text = b'<a x="1"><b>no</b></a>'
    assert b'<a x="pay"><b>no</b></a>' in _changed(text, [("of", "1", ("sum", "pay"))])
    assert b'<a x="1"><b>yes</b></a>' in _changed(text, [("!=", "yes", "no")])
    changed = _changed(text, [("lacks", "key", ())])
    assert b'<a x="key"><b>no</b></a>' in changed
    assert b'<a x="1"><b>key</b></a>' in changed


def test_elements_of_other_inputs_are_put_in_as_they_are() -> None:
    known = KnownElements()
    known.add((b'<a><b x="1">2</b>',))
    assert known.latest() == ['<b x="1">2</b>']
    assert b'<c><b x="1">2</b></c>' in _changed(b"<c></c>", [], tuple(known.latest()))


def test_what_is_no_markup_is_left_alone() -> None:
    assert _changed(b"a < b", [("lacks", "name", ())]) == []
    assert rearranged("a", "<b/>", random.Random(1)) == "a"


def test_rearranged_elements_stay_closed() -> None:
    source = random.Random(1)
    made = {rearranged("<a><b>1</b></a>", "<c/>", source) for _ in range(200)}
    assert {"<a><b>1</b><c/></a>", "<a><c/></a>", "<a></a>", "<a><b>1</b><b>1</b></a>", "<a><b>1<c/></b></a>"} <= made
    for text in made:
        assert text.count("<a>") == text.count("</a>")
        assert text.count("<b>") == text.count("</b>")


def test_an_element_is_put_in_the_place_of_one_with_the_same_name() -> None:
    assert b"<a><b><c/></b></a>" in _changed(b"<a><b>1</b></a>", [], ("<b><c/></b>",))
    assert b"<a><b>1</b></a>" not in _changed(b"<a><b>1</b></a>", [], ("<b>1</b>",))


def test_an_element_is_left_out() -> None:
    assert b"<a><c/></a>" in _changed(b"<a><b>1</b><c/></a>", [])


def test_a_member_with_a_key_that_is_lacking_stands_beside_one_with_a_key_that_is_known() -> None:
    member = "<m><n>known</n><v>1</v></m>"
    lacking: list[Comparison] = [("in", "other", ("known",))]
    changed = _changed(f"<s>{member}</s>".encode(), lacking)
    assert f"<s>{member}{member.replace('known', 'other')}</s>".encode() in changed
    assert b'<s><m n="known"/><m n="other"/></s>' in _changed(b'<s><m n="known"/></s>', lacking)
    assert b"<s><m><n>x</n></m><m><n>other</n></m></s>" not in _changed(b"<s><m><n>x</n></m></s>", lacking)


def test_a_key_that_was_lacking_comes_with_an_element_that_other_inputs_have_in_such_a_place() -> None:
    changed = _changed(b"<a><s></s></a>", [("lacks", "key", ())], ("<s><n>1</n><v>2</v></s>",))
    assert b"<a><s><n>key</n><v>2</v></s></a>" in changed


def test_an_element_goes_first_where_it_was_looked_for() -> None:
    text = b"<a><b><c></c></b><d></d></a>"
    changed = _changed(text, [("lacks", "name", ("c",))], ("<name>known</name>",))
    assert changed.index(b"<a><b><c><name></name></c></b><d></d></a>") < 3
    assert changed.index(b"<a><b><c><name>known</name></c></b><d></d></a>") < 12


def test_of_elements_that_differ_in_values_alone_the_shortest_is_remembered() -> None:
    known = KnownElements()
    known.add((b"<a>long</a>",))
    known.add((b"<a>1</a><b/>",))
    known.add((b"<a>longest</a>",))
    assert known.latest() == ["<a>1</a>", "<b/>"]


def test_where_an_input_is_a_tree_its_elements_come_first_of_what_it_suggests() -> None:
    made = Following(1000).structural(Plain((b"<a><s></s></a>",)), [("lacks", "name", ("s",))])
    assert next(made) == (b"<a><s><name></name></s></a>",)
    assert (b"<a><s></s><name></name></a>",) in islice(made, 20)
