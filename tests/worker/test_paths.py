"""Inputs that cover together what none has covered together are steps, though they cover nothing new."""

import random

from fuzztui.worker.grammar.recombining import Signs, recombined
from fuzztui.worker.guidance.paths import MAX_ENTRIES, Paths
from tests.worker.world import inhabited


def test_a_map_is_known_the_second_time() -> None:
    paths = Paths()
    assert not paths.is_known(b"\x01\x00")
    assert paths.is_known(b"\x01\x00")
    assert not paths.is_known(b"\x00\x01")


def test_pairs_are_new_until_one_path_has_both() -> None:
    paths = Paths()
    assert paths.add([1, 2]) == {(1, 2)}
    assert not paths.add([2, 1])
    assert paths.add([1, 3]) == {(1, 3)}
    assert not paths.add([2])
    assert paths.add([3, 2, 1]) == {(2, 3)}


def test_of_many_cells_the_rarest_are_combined() -> None:
    paths = Paths()
    common = list(range(100))
    paths.add(common)
    paths.add(common)
    assert (200, 201) in paths.add([*common, 200, 201])


def test_the_latest_entries_are_kept() -> None:
    paths = Paths()
    for number in range(MAX_ENTRIES + 3):
        paths.keep((number,))
    assert paths.entries == [(number,) for number in range(3, MAX_ENTRIES + 3)]


def made(value: bytes | str, other: bytes | str, *signs: str) -> set[bytes | str]:
    source = random.Random(1)
    return {recombined(value, other, signs, source) for _ in range(4000)}


def test_elements_are_added_left_out_exchanged_and_taken_from_others() -> None:
    texts = made("a=1;b=2", "c=3;d=4", ";", "=")
    assert {
        "a=1",
        "b=2",
        "b=2;a=1",
        "a=1;b=2;b=2",
        "a=1;d=4;b=2",
        "c=3;b=2",
        "a=1;b=2;c=3;d=4",
        "a=3;d=4",
        "c=3;d=4a=1;b=2",
    } <= texts


def test_a_record_of_several_elements_comes_twice() -> None:
    texts = made("x\na:1\nb\nend", "c", "\n")
    assert {"x\na:1\nb\na:1\nb\nend", "x\na:1\nb\nend\na:1\nb\nend"} <= texts


def test_an_element_takes_the_place_of_all() -> None:
    assert {"8/8/8", "1/1/1"} <= made("8/1/2", "b", "/")


def test_an_element_gets_a_word_of_another() -> None:
    texts = made("a.x.size:1\na.y.ttl:2", "b", "\n")
    assert {"a.x.size:1\na.x.ttl:2", "a.y.size:1\na.y.ttl:2"} <= texts


def test_a_whole_input_is_put_into_another_beside_its_signs() -> None:
    texts = made("{if}{end}", "{for}x{done}", "{")
    assert {"{if}{for}x{done}{end}", "{for}{if}{end}x{done}"} & texts
    assert b"{if}{for}x{done}{end}" in made(b"{if}{end}", b"{for}x{done}", "{")


def test_paragraphs_are_elements() -> None:
    assert "a\nb\n\na\nb\n\ne" in made("a\nb\n\ne", "f", "\n")


def test_what_is_in_brackets_is_put_into_others() -> None:
    assert {"f(g(x)f(1))", "g(x)", "f(f(1)1)"} & made("f(1)", "g(x)", "(") or "f((x)1)" in made("f(1)", "g(x)", "(")
    assert b"f((x)1)" in made(b"f(1)", b"g(x)", "(")
    assert b"f(x)" in made(b"f(1)", b"g(x)", "(")


def test_parts_of_binary_values_go_to_where_parts_begin_and_lengths_around_them_grow() -> None:
    outer, other = b"\x01\x04\x02\x02ab", b"\x03\x01z\x03\x01y"
    assert b"\x01\x06\x02\x02ab\x03\x01" in made(outer, other, ";") or any(
        each[1:2] > b"\x04" and len(each) == 2 + each[1] for each in made(outer, other, ";") if isinstance(each, bytes)
    )


def test_signs_are_learnt_from_comparisons_and_the_usual_ones_come_last() -> None:
    signs = Signs()
    signs.add([("==", "~", "x"), ("in", b"->", b"a->b"), ("==", "word", "a"), ("<", "%", "&")])
    assert signs.texts[:2] == ("~", "->")
    assert "word" not in signs.texts
    assert "%" not in signs.texts
    assert "\n" in signs.texts


ORDERED = """
def fuzz(data):
    stack = []
    for word in data.decode("latin-1").split():
        match word:
            case "push": stack.append(0)
            case "mark": stack = [each + 1 for each in stack]
            case "join": stack = [sum(stack)]
            case "twice": stack = stack * 2
    if stack and stack[0] >= 4: raise LookupError
"""


def test_steps_that_no_branch_tells_are_found_in_their_order() -> None:
    with inhabited(ORDERED) as world:
        assert world.search(b"push", 60_000) is not None
