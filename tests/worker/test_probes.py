from typing import Any

import pytest

from fuzztui.worker.instrumentation.compares import TRACE
from fuzztui.worker.instrumentation.instrument import CELLS
from fuzztui.worker.instrumentation.literals import Literal
from fuzztui.worker.instrumentation.probes import ProbeMap


def test_cells_of_a_module_follow_those_of_the_one_before_in_one_object_for_life() -> None:
    probes = ProbeMap()
    cells = probes.cells
    assert probes.register("a", "a.py", [1, 2, 3]) == 0
    cells[1] = 1
    assert probes.register("empty", "e.py", []) == 3
    assert probes.register("b", "b.py", [4] * 5) == 3
    assert probes.cells is cells
    assert bytes(cells) == b"\0\1\0\0\0\0\0\0"
    assert [module.name for module in probes.modules] == ["a", "empty", "b"]
    assert probes.module_at(7).lines == [4] * 5


def test_coverage_travels_by_module_and_index_and_back() -> None:
    probes = ProbeMap()
    for name, size in (("a", 3), ("empty", 0), ("b", 5), ("c", 1)):
        probes.register(name, f"{name}.py", [1] * size)
    coverage = probes.coverage([0, 2, 3, 7, 8])
    assert coverage == {"a": [0, 2], "b": [0, 4], "c": [0]}
    assert probes.cells_of(coverage) == [0, 2, 3, 7, 8]
    assert probes.coverage([]) == {}


@pytest.mark.parametrize("cell", [-1, 3])
def test_a_number_that_is_no_cell_is_an_error(cell: int) -> None:
    probes = ProbeMap()
    probes.register("a", "a.py", [1, 2, 3])
    with pytest.raises(IndexError, match=f"cell {cell} of a map of 3"):
        probes.coverage([0, cell])


def test_coverage_of_modules_not_imported_yet_is_handed_back() -> None:
    probes = ProbeMap()
    probes.register("a", "a.py", [1, 2])
    assert probes.place({"a": [1], "later": [7]}) == ([1], {"later": [7]})


@pytest.mark.parametrize("index", [-1, 2, 10**30])
def test_an_index_out_of_a_modules_range_is_of_another_source_and_says_nothing(index: int) -> None:
    probes = ProbeMap()
    probes.register("a", "a.py", [1, 2])
    probes.register("b", "b.py", [1, 2])
    assert probes.cells_of({"a": [0, index], "b": [1]}) == [0, 3]


def test_a_source_loaded_again_keeps_its_cells_wherever_it_lies_and_another_gets_others() -> None:
    probes = ProbeMap()
    first = probes.register("m", "m.py", [1, 2], digest=7)
    assert probes.register("m", "copy.py", [1, 2], digest=7) == first
    changed = probes.register("m", "m.py", [1, 2], digest=8)
    longer = probes.register("m", "m.py", [1, 2, 3], digest=9)
    assert len({first, changed, longer}) == 3
    assert probes.register("m", "m.py", [1, 2], digest=8) == changed
    assert probes.register("m", "m.py", [1, 2, 3], digest=9) == longer
    assert probes.coverage([first, changed, longer]) == {"m": [0], "m#2": [0], "m#3": [0]}
    assert (probes.variants("m"), probes.knows("m", 8), probes.knows("m", 3)) == (3, True, False)


def test_constants_are_kept_once_each_type_for_itself() -> None:
    probes = ProbeMap()
    probes.register("a", "a.py", [], [Literal(value, ()) for value in ("x", 1, b"x")])
    probes.register("b", "b.py", [], [Literal(value, ()) for value in (1.0, 1, "y", "x")])
    assert [(type(value), value) for value in probes.constants] == [
        (str, "x"),
        (int, 1),
        (bytes, b"x"),
        (float, 1.0),
        (str, "y"),
    ]


def test_tracing_switches_every_module_whenever_it_was_imported() -> None:
    probes = ProbeMap()
    before: dict[str, Any] = {}
    during: dict[str, Any] = {}
    probes.attach("before", before)
    assert before[TRACE] is None
    assert before[CELLS] is probes.cells
    probes.trace_comparisons(True)
    probes.attach("during", during)
    assert before[TRACE] is probes.trace
    assert during[TRACE] is probes.trace
    probes.trace_comparisons(False)
    assert before[TRACE] is during[TRACE] is None


def test_a_module_loaded_again_does_not_pile_up_namespaces() -> None:
    probes = ProbeMap()
    probes.trace_comparisons(True)
    namespaces: list[dict[str, Any]] = [{} for _ in range(3)]
    for namespace in namespaces:
        probes.attach("m", namespace)
    assert [namespace[TRACE] is None for namespace in namespaces] == [True, True, False]


def test_long_names_are_known_by_short_ones_which_differ_and_are_the_same_in_every_process() -> None:
    first, second = ProbeMap(), ProbeMap()
    names = ["m" * 1_000_000 + end for end in "ab"]
    for name in names:
        first.register(name, "m.py", [1, 2])
    for name in reversed(names):
        second.register(name, "m.py", [1, 2])
    known = [module.name for module in first.modules]
    assert [module.name for module in second.modules] == known[::-1]
    assert len(set(known)) == 2
    assert max(map(len, known)) < 300
    assert second.cells_of(first.coverage([1])) == [3]
    assert first.register(names[0], "m.py", [1, 2]) == 0


def test_names_that_cannot_be_encoded_are_known_by_what_can_be() -> None:
    probes = ProbeMap()
    probes.register("m\ud800", "m.py", [1])
    assert list(probes.coverage([0])) == ["m\\ud800"]
