"""Annotations that no values can be made of are told without loading anything."""

from pathlib import Path

import pytest

from fuzztui.target.discover import discover

HEAD = """
import collections.abc, io, socket, threading, typing
from dataclasses import dataclass
from typing import Annotated, Any, Callable, Literal, Union
import fuzztui
T = typing.TypeVar("T")
@dataclass
class Order:
    number: int
"""


def problems(file: Path, source: str) -> list[str]:
    file.write_text(source)
    return [problem.message for problem in discover(file).problems]


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        ("list[Missing]", "is annotated Missing, and Missing is neither defined nor imported in this file: import it"),
        ("'dict[str, models.Thing]'", "is annotated models.Thing, and models is neither defined nor imported in"),
        ("list[Any]", "is annotated Any, which says nothing of its values: write its type"),
        ("dict[str, object]", "is annotated object, which says nothing of its values: write its type"),
        ("Union[int, list]", "is annotated list, which does not say of what: write list[int] or the like"),
        ("int | dict", "is annotated dict, which does not say of what: write dict[str, int] or the like"),
        ("set[list[int]]", "has a set whose elements are list[int], which are not hashable: write tuple or frozenset"),
        ("dict[bytearray, int]", "has a dict whose keys are bytearray, which are not hashable: write tuple or"),
        ("list[socket.socket]", "is annotated socket.socket, of which fuzztui makes no values: annotate it Annotated["),
        ("typing.TextIO", "is annotated typing.TextIO, of which fuzztui makes no values: annotate it bytes, and make"),
        ("Annotated[list[Any], 5]", "is annotated Any, which says nothing"),
    ],
)
def test_mistakes_are_told_by_the_source(tmp_path: Path, annotation: str, words: str) -> None:
    (found,) = problems(tmp_path / "fuzz_x.py", f"{HEAD}\ndef fuzz_x(x: {annotation}) -> None: ...\n")
    assert found.startswith("parameter x of fuzz_x ")
    assert words in found


@pytest.mark.parametrize(
    "annotation",
    [
        "Annotated[socket.socket, fuzztui.via(bytes, make)]",
        "Annotated[Missing, fuzztui.via(bytes, make)]",
        "list[Order]",
        "dict[tuple[int, ...], list[int]]",
        "Literal['Missing', 'list']",
        "list[T]",
        "'list[Order]'",
        "list['Later']",
        "fuzztui.Value",
        "list[Anywhere]",
        "Callable[[int], str]",
    ],
)
def test_nothing_is_said_of_what_only_loading_can_tell(tmp_path: Path, annotation: str) -> None:
    tail = "class Later: ...\nif T:\n    from somewhere import Anywhere\n"
    assert problems(tmp_path / "fuzz_x.py", f"{HEAD}\ndef fuzz_x(x: {annotation}) -> None: ...\n{tail}") == []


@pytest.mark.parametrize("head", ["from models import *", "globals().update(Missing=int)", "exec('Missing = int')"])
def test_a_file_whose_names_are_made_otherwise_is_believed(tmp_path: Path, head: str) -> None:
    assert problems(tmp_path / "fuzz_x.py", f"{head}\ndef fuzz_x(x: list[Missing]) -> None: ...\n") == []


def test_a_set_up_may_annotate_with_its_own_classes(tmp_path: Path) -> None:
    source = """
from fuzztui import F

def fuzz_x(f: F) -> None:
    class Inner: ...
    @f.fuzz
    def inner(x: list[Inner], y: list[Missing]) -> None: ...
"""
    (found,) = problems(tmp_path / "fuzz_x.py", source)
    assert found.startswith("parameter y of inner is annotated Missing")
