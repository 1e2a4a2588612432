"""Which failures are one bug: shapes of programs, with calls that fail alike and calls that do not.

Each shape is a module with a function `target`, and the groups and buckets that its failures are to fall into: lists of
lists of arguments. Arguments in one list are one bug; those of different lists are different ones.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from fuzztui.worker.failures.buckets import Buckets, Identity
from fuzztui.worker.instrumentation.importer import InstrumentingFinder, install, selection
from fuzztui.worker.instrumentation.probes import ProbeMap
from tests.worker.shapes import SHAPES, Shape

_numbers = iter(range(10**6))


@pytest.fixture(params=[False, True], ids=["plain", "instrumented"])
def load(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], ModuleType]]:
    """Imports a source as the module `shape`, with probes or without, from a folder of its own each time."""
    before, finders = set(sys.modules), list(sys.meta_path)
    finder: InstrumentingFinder | None = install(ProbeMap(), selection(b"")) if request.param else None

    def load(source: str) -> ModuleType:
        folder = tmp_path / str(next(_numbers))
        folder.mkdir()
        (folder / "shape.py").write_text(source)
        monkeypatch.syspath_prepend(folder)
        sys.modules.pop("shape", None)
        module = importlib.import_module("shape")
        assert finder is None or "shape" not in finder.failures
        return module

    yield load
    sys.meta_path[:] = finders
    for name in set(sys.modules) - before:
        del sys.modules[name]


def is_project(name: str, file: str) -> bool:
    return name == "shape" or file.startswith("<")


def identity(buckets: Buckets, module: ModuleType, argument: object) -> Identity:
    try:
        module.target(argument)
    except BaseException as error:
        return buckets.identity(error)
    raise AssertionError(f"{argument!r} does not fail")


def partition(identities: dict[object, str]) -> list[list[object]]:
    classes: dict[str, list[object]] = {}
    for argument, one in identities.items():
        classes.setdefault(one, []).append(argument)
    return list(classes.values())


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_failures_of_one_bug_share_a_bucket_and_those_of_two_do_not(
    shape: Shape, load: Callable[[str], ModuleType]
) -> None:
    module = load(shape.source)
    buckets = Buckets(is_project)
    arguments = [argument for one in shape.buckets for argument in one]
    for _ in range(2):  # the second time from memory
        found = {argument: identity(buckets, module, argument) for argument in arguments}
        assert partition({argument: one.bucket for argument, one in found.items()}) == shape.buckets
        assert partition({argument: one.group for argument, one in found.items()}) == (shape.groups or shape.buckets)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_bug_that_moves_stays_what_it_was(shape: Shape, load: Callable[[str], ModuleType]) -> None:
    arguments = [argument for one in shape.buckets for argument in one]
    first, moved = load(shape.source), load(f"# One line more.\nMORE = 1\n\n\n{shape.source}")
    assert [identity(Buckets(is_project), first, argument) for argument in arguments] == [
        identity(Buckets(is_project), moved, argument) for argument in arguments
    ]
