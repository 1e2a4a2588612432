"""What a program has put around words of its inputs."""

import gc
from typing import Any
from weakref import ref

import pytest

from fuzztui.worker.guidance.attributes import Attributes, attributes_like
from fuzztui.worker.mutate.affixes import MAX_AFFIXED, MAX_FORMED, out_of_form, without_affixes
from fuzztui.worker.mutate.guided import candidates
from fuzztui.worker.mutate.operands import Comparison
from tests.worker.world import inhabited


@pytest.mark.parametrize(
    ("old", "news", "inner"),
    [
        ("do_r", ["do_quote", "do_rest", "do_head"], [("r", ["quote", "rest", "head"])]),
        ("do_get_x", ["do_get_name", "do_set_name"], [("x", ["name"]), ("get_x", ["get_name", "set_name"])]),
        ("visitr", ["visitNode", "visitList", "other"], [("r", ["Node", "List"])]),
        ("r_handler", ["rest_handler", "head_handler", "other"], [("r", ["rest", "head"])]),
        ("xNode", ["firstNode", "lastNode"], [("x", ["first", "last"])]),
        ("on_x_event", ["on_head_event", "on_rest_event"], [("x", ["head", "rest"])]),
        ("do_", ["do_a", "do_b"], [("", ["a", "b"])]),
        (b"OP_x", [b"OP_add", "OP_add", 7], [(b"x", [b"add"])]),
        ("cmdr", ["cmdrun", "cmdhead"], [("r", ["run", "head"])]),
        ("cmdr", ["cmdrun", "cmdhead", "other"], []),
        ("x", ["y"], []),
        ("do_" + "x" * MAX_AFFIXED, ["do_a"], []),
        ("", ["do_a"], []),
    ],
)
def test_what_is_put_before_or_behind_ends_where_a_word_does(old: Any, news: list[Any], inner: list[Any]) -> None:
    assert list(without_affixes(old, news)) == inner


def test_a_word_that_begins_as_one_of_the_names_does_becomes_any_of_them() -> None:
    class Machine:
        def do_rest(self) -> None: ...

        def do_head(self) -> None: ...

        def other(self) -> None: ...

    alike = attributes_like("do_r", Machine)
    assert alike == ("do_rest", "do_head")
    made = [value for (value,) in candidates(("(r)",), [("named", "do_r", alike)], 100, 100)]
    assert {"(rest)", "(head)"} <= set(made)


def test_what_names_of_a_class_are_alike_is_remembered_until_it_has_others_or_is_gone() -> None:
    attributes = Attributes()

    def of_a_class_of_its_own() -> tuple[tuple[str, ...], ref[type]]:
        class Machine:
            def do_rest(self) -> None: ...

        assert attributes.like("do_r", Machine) is attributes.like("do_r", Machine)
        Machine.do_reset = Machine.do_rest  # type: ignore[attr-defined]
        return attributes.like("do_r", Machine), ref(Machine)

    alike, machine = of_a_class_of_its_own()
    assert alike == ("do_rest", "do_reset")
    gc.collect()
    assert machine() is None


def test_of_a_table_with_other_keys_those_count_that_are_alike() -> None:
    table = ("op_reset", "size", "op_begin")
    made = [value for (value,) in candidates(("x 1",), [("in", "op_x", table)], 100, 100)]
    assert {"reset 1", "begin 1"} <= set(made)


@pytest.mark.parametrize(
    ("old", "news", "signs"),
    [
        ("-4", ["e8", "h1"], [("-", ["e", "h"])]),
        (b"34", [b"e8", "ab"], [(b"3", [b"e"])]),
        ("e=4", ["f:8"], []),
        ("e4", ["e8", "h1"], []),
        ("-4", ["e8", "h10"], []),
        ("-4", ["e8", "33"], []),
        ("-", ["e"], []),
        ("-4", [], []),
        ("-" * (MAX_FORMED + 1), ["e" * (MAX_FORMED + 1)], []),
    ],
)
def test_signs_that_no_key_has_in_their_place_are_told(old: Any, news: list[Any], signs: list[Any]) -> None:
    assert list(out_of_form(old, news)) == signs


def test_what_a_key_was_made_of_that_has_another_form_than_all_becomes_what_these_have() -> None:
    compared: list[Comparison] = [("in", "-4", ("e8", "h1"))]
    made = [value for (value,) in candidates(("k b -3",), compared, 100, 100)]
    assert {"k b e3", "k b h3"} <= set(made)
    assert not list(candidates(("k b -3",), [("of", "-4", ("e8", "h1"))], 100, 100))


BOARD = """
def fuzz(data):
    text = data.decode("latin-1")
    board = {"e3": "K", "h2": "p", "c1": "k"}
    if text[1:] == "2":
        board.get(text[0] + "1")
"""


def test_places_are_found_by_the_form_of_those_that_there_are() -> None:
    with inhabited(BOARD) as world:
        executor = world.executor()
        world.fuzz(executor, b"-2", 1, trace=True)
        assert (b"c2",) in executor._suggestions.inputs
