import math
from typing import Any

import pytest

from fuzztui.worker.instrument import CELLS, TRACE
from fuzztui.worker.probes import MAX_COMPARISONS, MAX_MEMBERS, MAX_OPERAND, ProbeMap, plain


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
def test_an_index_out_of_a_modules_range_is_an_error_that_names_it(index: int) -> None:
    probes = ProbeMap()
    probes.register("a", "a.py", [1, 2])
    probes.register("b", "b.py", [1, 2])
    with pytest.raises(ValueError, match=f"probe {index} of module a, which has 2"):
        probes.cells_of({"a": [0, index]})


def test_a_module_loaded_again_keeps_its_cells_and_a_changed_one_gets_others() -> None:
    probes = ProbeMap()
    first = probes.register("m", "m.py", [1, 2])
    assert probes.register("m", "m.py", [1, 2]) == first
    changed = probes.register("m", "m.py", [1, 3])
    moved = probes.register("m", "other.py", [1, 2])
    assert len({first, changed, moved}) == 3
    assert probes.register("m", "m.py", [1, 3]) == changed
    assert probes.coverage([first, changed, moved]) == {"m": [0], "m#2": [0], "m#3": [0]}


def test_constants_are_kept_once_each_type_for_itself() -> None:
    probes = ProbeMap()
    probes.register("a", "a.py", [], ["x", 1, b"x"])
    probes.register("b", "b.py", [], [1.0, 1, "y", "x"])
    assert [(type(value), value) for value in probes.constants] == [
        (str, "x"),
        (int, 1),
        (bytes, b"x"),
        (float, 1.0),
        (str, "y"),
    ]


def compare(probes: ProbeMap, operator: str, left: object, right: object) -> object:
    namespace: dict[str, Any] = {}
    probes.attach("m", namespace)
    return namespace[TRACE](operator, left, right)


def test_tracing_switches_every_module_whenever_it_was_imported() -> None:
    probes = ProbeMap()
    before: dict[str, Any] = {}
    during: dict[str, Any] = {}
    probes.attach("before", before)
    assert before[TRACE] is None
    assert before[CELLS] is probes.cells
    probes.trace_comparisons(True)
    probes.attach("during", during)
    assert callable(before[TRACE])
    assert callable(during[TRACE])
    probes.trace_comparisons(False)
    assert before[TRACE] is during[TRACE] is None


def test_a_module_loaded_again_does_not_pile_up_namespaces() -> None:
    probes = ProbeMap()
    probes.trace_comparisons(True)
    namespaces: list[dict[str, Any]] = [{} for _ in range(3)]
    for namespace in namespaces:
        probes.attach("m", namespace)
    assert [namespace[TRACE] is None for namespace in namespaces] == [True, True, False]


@pytest.mark.parametrize(
    ("operator", "left", "right", "result"),
    [
        ("==", "a", "b", False),
        ("!=", 1, 2, True),
        ("<", 1.5, 2, True),
        ("<=", b"b", b"a", False),
        (">", 2, 1, True),
        (">=", 1, 1, True),
        ("in", "a", "cat", True),
        ("not in", "a", "cat", False),
    ],
)
def test_a_traced_comparison_gives_its_result_and_leaves_its_operands(
    operator: str, left: object, right: object, result: bool
) -> None:
    probes = ProbeMap()
    probes.trace_comparisons(True)
    assert compare(probes, operator, left, right) is result
    assert probes.comparisons == [(operator, left, right)]


def test_comparisons_are_kept_once_and_at_most_so_many() -> None:
    probes = ProbeMap()
    probes.trace_comparisons(True)
    for _ in range(3):
        compare(probes, "==", 1, 2)
        compare(probes, "==", 1.0, 2)
        compare(probes, "==", math.inf, 2)
    assert len(probes.comparisons) == 3
    for number in range(2 * MAX_COMPARISONS):
        assert compare(probes, "==", number, -1) is False
    assert len(probes.comparisons) == MAX_COMPARISONS
    probes.trace_comparisons(True)
    assert probes.comparisons == []


def test_operands_are_exact_builtin_values_of_bounded_size() -> None:
    class Text(str):
        __slots__ = ()

    class Number(int):
        __slots__ = ()

    assert type(plain(Text("x"))) is str
    assert type(plain(Number(3))) is int
    assert plain(bytearray(b"x")) == b"x"
    assert plain(["a", None, True, 3, ["nested"]]) == ("a", 3)
    assert plain({"k": 1}) == ("k",)
    assert plain({"k": 1}.keys()) == ("k",)
    assert plain(()) is None
    assert plain(list(range(1000))) == tuple(range(MAX_MEMBERS))
    for worthless in (None, True, object(), 3j, "x" * (MAX_OPERAND + 1), b"x" * (MAX_OPERAND + 1), 1 << 10**6):
        assert plain(worthless) is None


def test_tracing_runs_no_code_of_the_operands_but_the_comparison() -> None:
    class Liar(type):
        @property
        def __mro__(cls) -> Any:
            raise AssertionError("asked for its ancestors")

        def __instancecheck__(cls, instance: object) -> bool:
            raise AssertionError("asked for its instances")

    def refuse(*_: object) -> Any:
        raise AssertionError("called")

    hostile = dict.fromkeys(("__str__", "__iter__", "__len__", "__hash__", "__getitem__", "__int__"), refuse)
    probes = ProbeMap()
    probes.trace_comparisons(True)
    for base in (str, bytes, int, list):
        operand = Liar(
            "Hostile", (base,), {**hostile, "__eq__": lambda *_: "compared", "__class__": property(refuse)}
        )()
        assert compare(probes, "==", operand, "x") == "compared"
    assert len(probes.comparisons) == 3


def test_what_a_comparison_raises_is_raised() -> None:
    probes = ProbeMap()
    probes.trace_comparisons(True)
    with pytest.raises(TypeError, match="not supported"):
        compare(probes, "<", "a", 1)
