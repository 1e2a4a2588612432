"""What a program has put around words of its inputs."""

import gc
from typing import Any
from weakref import ref

import pytest

from fuzztui.worker.guidance.attributes import Attributes, attributes_like
from fuzztui.worker.mutate.affixes import MAX_AFFIXED, without_affixes
from fuzztui.worker.mutate.guided import candidates


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
