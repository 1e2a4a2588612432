"""How a target is called with typed values, and what stands beside it."""

import datetime
import sys
from pathlib import Path

import pytest

import fuzztui
from fuzztui.target.errors import HarnessError
from fuzztui.target.load import load
from fuzztui.target.refusals import Refusals, building
from fuzztui.target.typed.parts import leaves
from fuzztui.target.typed.resolve import Resolver
from fuzztui.target.values import named

SOURCE = """
from __future__ import annotations
from dataclasses import dataclass
import fuzztui

@dataclass
class Order:
    product: int
    tags: list[str]
    def __post_init__(self):
        if self.product < 0:
            raise ValueError("no such product")

seen = []

@fuzztui.fuzz(seeds=[[Order(3, ["new"])], []])
def fuzz_orders(orders: list[Order]) -> None:
    seen.append(orders)
"""


@pytest.fixture
def file(tmp_path: Path, clean_imports: None) -> Path:
    path = tmp_path / "fuzz_typed_orders.py"
    path.write_text(SOURCE)
    return path


def test_seeds_are_kept_plain_and_the_target_gets_its_own_classes(file: Path) -> None:
    target = load(str(file), "fuzz_orders")
    assert repr(target.seeds) == "[(((3, ('new',)),),), ((),)]"
    target.function(*target.seeds[0])
    (order,) = __import__("fuzz_typed_orders").seen[0]
    assert (type(order).__name__, order.product, order.tags) == ("Order", 3, ["new"])


def test_a_class_that_refuses_a_value_discards_the_execution(file: Path) -> None:
    target = load(str(file), "fuzz_orders")
    restored: list[bool] = []
    assert target.refusals is not None
    target.refusals.then = lambda: restored.append(True)
    assert target.function(((-1, ()),)) is None
    assert __import__("fuzz_typed_orders").seen == []
    assert restored == [True]
    words = "1 of the first 9 inputs were discarded, since a class refused its values: ValueError: no such product"
    assert target.refusals.take_sentence(9) == words
    assert target.refusals.take_sentence(9) == ""


def test_what_the_target_itself_raises_is_no_refusal() -> None:
    refusals = Refusals()

    def fails(value: int) -> None:
        raise ValueError(value)

    with pytest.raises(ValueError, match="7"):
        building(fails, tuple, refusals)(7)
    assert refusals.count == 0


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        ("list", "parameter x of fuzz_x is annotated list, want"),
        ("dict[str, object]", "is annotated object, which says nothing of its values: write its type"),
        ("Missing", "is annotated 'Missing', which cannot be told: NameError"),
        ("set[list[int]]", "is a set whose elements are not hashable: want a type that is"),
        ("set[Open]", "is a set, and its elements are not hashable (unhashable type: 'Open'): write a type that is"),
        (
            "Holder",
            "parameter x of fuzz_x: Holder.socket is annotated socket, of which fuzztui makes no values: annotate it ",
        ),
        ("Endless", "Endless holds itself without end, so there is no value of it"),
        ("Annotated[int, Ge(5), Le(2)]", "has bounds between which there is no value"),
        ("Annotated[list[int], Len(3, 2)]", "has bounds between which there is no value"),
        ("Bare", "whose right has no type: write it as a typing.NamedTuple"),
        ("Nothing", "is annotated Nothing, which has no members"),
    ],
)
def test_mistakes_get_one_sentence(file: Path, annotation: str, words: str) -> None:
    file.write_text(
        f"""
from __future__ import annotations
import collections, enum, socket
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar
from annotated_types import Ge, Le, Len
T = TypeVar("T")
Bare = collections.namedtuple("Bare", "left right")
Bare.__annotations__ = {{"left": int}}
class Nothing(enum.Enum): pass
@dataclass
class Holder:
    socket: socket.socket
@dataclass
class Endless:
    again: Endless
@dataclass
class Open:
    number: int
@dataclass
class Box(Generic[T]):
    content: T
def fuzz_x(x: {annotation}) -> None: ...
"""
    )
    with pytest.raises(HarnessError) as caught:
        load(str(file), "fuzz_x")
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"{file}:23: ")
    assert "\n" not in str(caught.value)


def test_a_seed_of_another_type_is_told_with_its_place(file: Path) -> None:
    file.write_text(SOURCE.replace('[[Order(3, ["new"])], []]', '[[Order(3, ["new", 5])]]'))
    with pytest.raises(HarnessError, match=r"seed 1: orders\[0\].tags\[1\]: int, want str"):
        load(str(file), "fuzz_orders")


def test_arguments_of_a_stored_input_are_made_again() -> None:
    def target(numbers: list[tuple[int, str]], limit: int) -> None: ...

    assert [*fuzztui.arguments(target, "((1, 'a'),)", "7")] == [[(1, "a")], 7]


def test_zones_are_the_target_s_own_and_loading_them_is_no_execution(file: Path) -> None:
    file.write_text("import datetime\ndef fuzz_it(when: datetime.datetime) -> object: return when.tzinfo\n")
    target = load(str(file), "fuzz_it")
    zoneinfo = sys.modules["zoneinfo"]
    zone = target.function((1, 0, "Europe/Berlin", False))
    assert type(zone) is zoneinfo.ZoneInfo
    assert target.refusals is not None
    assert target.refusals.count == 0


def test_a_type_variable_stands_for_one_type_in_a_call_and_for_int_where_nothing_says_which(file: Path) -> None:
    file.write_text(
        """
from typing import AnyStr, TypeVar
T = TypeVar("T")
N = TypeVar("N", int, float)
def fuzz_alone(x: AnyStr) -> None: ...
def fuzz_both(x: AnyStr, y: list[AnyStr]) -> None: ...
def fuzz_within(x: list[AnyStr]) -> None: ...
def fuzz_numbers(x: N, y: N) -> None: ...
def fuzz_any(x: T, y: "list[T]") -> None: ...
"""
    )
    spelt = {name: ", ".join(named(load(str(file), f"fuzz_{name}").parameters)) for name in ("alone", "both", "within")}
    assert spelt == {"alone": "bytes | str", "both": "str, list[str]", "within": "list[str]"}
    assert named(load(str(file), "fuzz_numbers").parameters) == ("int | float", "int | float")
    assert named(load(str(file), "fuzz_any").parameters) == ("int", "list[int]")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695")
def test_type_parameters_are_known_in_texts(file: Path) -> None:
    file.write_text(
        """
from __future__ import annotations
from dataclasses import dataclass
type Small[T] = list[T]
@dataclass
class Box[T]:
    item: T
    more: list[Box[T]]
def fuzz_it[U: bytes](x: U, y: Box[str], z: Small[int]) -> None: ...
"""
    )
    spelt = named(load(str(file), "fuzz_it").parameters)
    # A class and a text that names it may both hold themselves, and are told apart.
    assert [each.partition("#")[0] for each in spelt] == ["bytes", "Box[str]", "list[int]"]


def test_parts_of_values_of_the_library_have_names() -> None:
    spec = Resolver().parameter(list[datetime.datetime], {}, "x").spec
    places = [part.place for part in leaves(spec, ((1, 0, None, False),))]
    assert places == ["[0].day", "[0].time", "[0].fold"]
