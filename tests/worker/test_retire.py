"""Functions of instrumented modules change places with their lean and their bare forms."""

import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

from fuzztui.worker.instrumentation import retire
from fuzztui.worker.instrumentation.bytecode import Removable, removables
from fuzztui.worker.instrumentation.importer import Selection, install, selection
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.instrumentation.retire import FIRST_GAP, Retirement

SOURCE = """
def choose(x):
    if x == "left":
        return 1
    if x == "right":
        return 2
    return 0


def count(text):
    total = 0
    for letter in text:
        if letter == "a":
            total += 1
    return total


def maker():
    def inner(x):
        if x:
            return "yes"
        return "no"
    return inner


made = maker()


def endless(n):
    for i in range(n):
        yield i


def makers():
    while True:
        def make(x):
            def leaf(y):
                return "yes" if y else "no"
            return leaf if x else None
        yield make


class Box:
    def get(self, x):
        return x or "nothing"


def parse(text):
    def fail(reason):
        raise ValueError(reason)

    if not text:
        fail("empty")
    return text
"""


class World:
    """One instrumented module, and what has been seen."""

    def __init__(self, folder: Path, name: str) -> None:
        (folder / f"{name}.py").write_text(SOURCE)
        self.probes = ProbeMap()
        self.probes.register("other", "other.py", [1] * 300)  # numbers of cells are larger than most other numbers
        wanted: Selection = selection(b"", include=[name])
        finder = install(self.probes, wanted)
        sys.path.insert(0, str(folder))
        try:
            self.module: Any = self._import(name)
        finally:
            sys.path.remove(str(folder))
            sys.meta_path.remove(finder)
        self.retirement = Retirement(self.probes)

    def _import(self, name: str) -> ModuleType:
        import importlib

        return importlib.import_module(name)

    def covered(self, function: Callable[..., object], *arguments: object) -> set[int]:
        """The cells that one call sets."""
        self.probes.cells[:] = bytes(len(self.probes.cells))
        with suppress(ValueError):
            function(*arguments)
        return {cell for cell, value in enumerate(self.probes.cells) if value}

    def complete(self, function: Any) -> CodeType:
        with self.retirement.complete():
            code: CodeType = function.__code__
        return code

    def compared(self, function: Callable[..., object], *arguments: object) -> list[object]:
        self.probes.trace_comparisons(True)
        function(*arguments)
        self.probes.trace_comparisons(False)
        found: list[object] = list(self.probes.trace.comparisons)
        self.probes.trace.clear()
        return found

    def seen(self, *cells: int) -> bytearray:
        seen = bytearray(len(self.probes.cells))
        for cell in cells:
            seen[cell] = 1
        return seen


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    name = f"retiring_{abs(hash(request.node.name))}"
    yield World(tmp_path, name)
    sys.modules.pop(name, None)


def test_what_has_been_seen_is_told_no_more_and_the_rest_still_is(world: World) -> None:
    left = world.covered(world.module.choose, "left")
    right = world.covered(world.module.choose, "right")
    world.retirement.retire(world.seen(*left))
    assert world.covered(world.module.choose, "left") == set()
    assert world.covered(world.module.choose, "right") == right - left != set()


def test_results_stay_the_same(world: World) -> None:
    world.retirement.retire(bytearray(b"\1" * len(world.probes.cells)))
    module = world.module
    assert [module.choose(x) for x in ("left", "right", "")] == [1, 2, 0]
    assert module.count("banana") == 3
    assert module.made(0) == "no"
    assert list(module.endless(3)) == [0, 1, 2]
    assert module.Box().get("") == "nothing"
    with pytest.raises(ValueError, match="empty"):
        module.parse("")


def test_everything_is_told_while_complete(world: World) -> None:
    module = world.module
    before = [world.covered(f, x) for f, x in ((module.choose, "left"), (module.count, "ab"), (module.made, 1))]
    world.retirement.retire(bytearray(b"\1" * len(world.probes.cells)))
    with world.retirement.complete():
        with world.retirement.complete():
            assert [
                world.covered(f, x) for f, x in ((module.choose, "left"), (module.count, "ab"), (module.made, 1))
            ] == before
        assert world.covered(module.choose, "left") == before[0]
    assert world.covered(module.choose, "left") == set()


def test_comparisons_are_heard_only_while_complete(world: World) -> None:
    assert world.compared(world.module.choose, "lefd") != []
    world.retirement.retire(world.seen(*world.covered(world.module.choose, "lefd")))
    assert world.compared(world.module.choose, "lefd") == []
    with world.retirement.complete():
        assert world.compared(world.module.choose, "lefd") != []


def test_code_that_has_not_run_costs_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def noted(code: CodeType) -> list[Removable]:
        looked_at.append(code.co_name)
        return removables(code)

    monkeypatch.setattr(retire, "removables", noted)
    world.retirement.retire(world.seen(*world.covered(world.module.choose, "left")))
    assert looked_at == ["choose"]


def test_lean_code_comes_back_after_a_failure_within(world: World) -> None:
    world.retirement.retire(bytearray(b"\1" * len(world.probes.cells)))
    with pytest.raises(ZeroDivisionError), world.retirement.complete():
        _ = 1 / 0
    assert world.covered(world.module.choose, "left") == set()


def test_functions_made_by_lean_code_are_lean_and_known_at_the_next_retirement(world: World) -> None:
    world.retirement.retire(bytearray(b"\1" * len(world.probes.cells)))
    made = world.module.maker()
    assert world.covered(made, 1) == set()
    world.retirement.retire(world.seen())
    assert world.covered(made, 1) != set()


def test_functions_that_share_code_are_compacted_together_with_what_makes_them(world: World) -> None:
    seen = bytearray(b"\1" * len(world.probes.cells))
    before = [world.module.maker() for _ in range(3)]
    for _ in range(2):
        world.retirement.retire(seen)
    assert world.retirement.is_settled
    made = world.module.maker()
    assert {each.__code__ for each in before} == {made.__code__}
    assert len(made.__code__.co_code) < len(world.complete(before[0]).co_code)
    world.retirement.retire(world.seen())
    assert world.covered(made, 1) != set()


def test_a_retirement_compacts_some_and_the_next_ones_the_rest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retire, "MOST_COMPACTED", 1)
    seen = bytearray(b"\1" * len(world.probes.cells))
    sizes: list[int] = []
    while not sizes or not world.retirement.is_settled:
        world.retirement.retire(seen)
        sizes.append(sum(len(each.__code__.co_code) for each in (world.module.choose, world.module.count)))
    assert len(sizes) > 3
    assert len(set(sizes)) == 3
    assert sizes == sorted(sizes, reverse=True)


def test_functions_made_by_code_that_was_retired_twice_since_are_known(world: World) -> None:
    """A generator goes on with the code that it began with, and makes what that holds."""
    first = next(world.module.makers())
    leaf = first(1)
    yes, made, made_none = world.covered(leaf, 1), world.covered(first, 1), world.covered(first, 0)
    world.retirement.retire(world.seen(*yes, *made))
    old = world.module.makers()
    next(old)
    world.retirement.retire(world.seen(*yes, *made, *made_none))
    late = next(old)
    world.retirement.retire(world.seen(*yes, *made, *made_none))
    with world.retirement.bare():
        assert (late(0), late(1)(1), late(1)(0)) == (None, "yes", "no")
    assert (late(0), late(1)(1), late(1)(0)) == (None, "yes", "no")
    assert world.covered(late, 1) == set()


def test_a_loop_tells_of_new_counts_until_it_has_run_often_and_in_most_ways(world: World) -> None:
    count = world.module.count
    seen = world.covered(count, "a") | world.covered(count, "b")
    world.retirement.retire(world.seen(*seen))
    assert len(world.covered(count, "ab")) == 1  # another bucket
    for length in (*range(9), 16, 40):
        seen |= world.covered(count, "ab" * length)
    world.retirement.retire(world.seen(*seen))
    often = world.covered(count, "ab" * 100)
    assert len(often) == 1  # the top bucket is still missing
    world.retirement.retire(world.seen(*seen, *often))
    assert world.covered(count, "ab" * 100) == world.covered(count, "") == set()


def test_code_that_the_target_has_replaced_is_left_alone(world: World) -> None:
    world.retirement.retire(bytearray(b"\1" * len(world.probes.cells)))

    def other(x: object) -> int:
        return 7

    world.module.choose.__code__ = other.__code__
    with world.retirement.complete():
        assert world.module.choose("left") == 7
    assert world.module.choose("left") == 7


def test_nothing_is_retired_before_its_time_nor_without_news(world: World) -> None:
    seen = world.seen(*world.covered(world.module.choose, "left"))
    for _ in range(FIRST_GAP - 1):
        world.retirement.count_call(seen)
    assert world.covered(world.module.choose, "left") != set()
    world.retirement.count_call(seen)
    assert world.covered(world.module.choose, "left") == set()
    code = world.module.choose.__code__
    for _ in range(2 * FIRST_GAP - 1):
        world.retirement.count_call(seen)
    assert world.module.choose.__code__ is code
    world.retirement.count_call(seen)
    compact = world.module.choose.__code__
    assert len(compact.co_code) < len(code.co_code)
    assert world.covered(world.module.choose, "left") == set()
    for _ in range(10 * FIRST_GAP):
        world.retirement.count_call(seen)
    assert world.module.choose.__code__ is compact


def test_nothing_is_retired_while_all_probes_are_wanted_often_in_a_large_program(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = world.covered(world.module.choose, "left")
    seen = world.seen(*left)
    monkeypatch.setattr(retire, "MOST_SWAPPED", len(left))

    def call(*, looks: int) -> None:
        for _ in range(looks):
            with world.retirement.complete():
                pass
        world.retirement.count_call(seen)

    for _ in range(2 * FIRST_GAP):
        call(looks=2)
    assert world.covered(world.module.choose, "left") == left
    for _ in range(FIRST_GAP):
        call(looks=1)
    assert world.covered(world.module.choose, "left") == set()
    for _ in range(2 * FIRST_GAP):
        call(looks=2)
    assert world.covered(world.module.choose, "left") == left
    assert world.complete(world.module.choose) is world.module.choose.__code__
    for _ in range(2 * FIRST_GAP):
        call(looks=0)
    assert world.covered(world.module.choose, "left") == set()


def test_a_function_whose_probes_did_not_change_keeps_its_code(world: World) -> None:
    left = world.covered(world.module.choose, "left")
    for _ in range(2):
        world.retirement.retire(world.seen(*left))
    code = world.module.choose.__code__
    world.retirement.retire(world.seen(*left, *world.covered(world.module.count, "a")))
    assert world.module.choose.__code__ is code


def test_nothing_is_told_while_bare_whatever_has_been_seen(world: World) -> None:
    module = world.module
    left = world.covered(module.choose, "left")
    calls: list[tuple[Callable[..., object], object]] = [
        *((module.choose, x) for x in ("left", "right", "")),
        *((module.count, "ab" * length) for length in (0, 1, 2, 30)),
        *((module.made, x) for x in (0, 1)),
        (lambda n: list(module.endless(n)), 3),
        (module.Box().get, ""),
        (module.parse, ""),
    ]
    before = [world.covered(*call) for call in calls]
    for retired in (False, True):
        if retired:
            world.retirement.retire(world.seen(*left))
        with world.retirement.bare():
            assert [world.covered(*call) for call in calls] == [set()] * len(calls)
        assert [world.covered(*call) for call in calls] == [told - left if retired else told for told in before]


def test_results_and_errors_are_the_same_while_bare(world: World) -> None:
    module = world.module
    with world.retirement.bare():
        assert [module.choose(x) for x in ("left", "right", "")] == [1, 2, 0]
        assert module.count("banana") == 3
        assert [module.made(0), module.maker()(1)] == ["no", "yes"]
        assert list(module.endless(3)) == [0, 1, 2]
        assert module.Box().get("") == "nothing"
        with pytest.raises(ValueError, match="empty"):
            module.parse("")


def test_comparisons_are_not_heard_while_bare(world: World) -> None:
    with world.retirement.bare():
        assert world.compared(world.module.choose, "lefd") == []
    assert world.compared(world.module.choose, "lefd") != []


def test_innermost_of_nested_contexts_counts(world: World) -> None:
    choose = world.module.choose
    left, right = world.covered(choose, "left"), world.covered(choose, "right")
    world.retirement.retire(world.seen(*left))
    with world.retirement.bare():
        with world.retirement.complete():
            assert world.covered(choose, "left") == left
            with world.retirement.bare(), world.retirement.bare():
                assert world.covered(choose, "right") == set()
            assert world.covered(choose, "right") == right
        assert world.covered(choose, "right") == set()
    assert world.covered(choose, "left") == set()
    assert world.covered(choose, "right") == right - left
    with world.retirement.complete():
        with world.retirement.bare():
            assert world.covered(choose, "right") == set()
        assert world.covered(choose, "left") == left
    assert world.covered(choose, "left") == set()


def test_bare_code_is_gone_after_a_failure_within(world: World) -> None:
    with pytest.raises(ZeroDivisionError), world.retirement.bare():
        _ = 1 / 0
    assert world.covered(world.module.choose, "left") != set()


def test_functions_made_by_bare_code_tell_what_others_do_once_it_is_over(world: World) -> None:
    module = world.module
    yes, no = world.covered(module.made, 1), world.covered(module.made, 0)
    with world.retirement.bare():
        made = module.maker()
        assert world.covered(made, 1) == set()
        assert world.covered(module.maker(), 1) == set()
    assert (world.covered(made, 1), world.covered(made, 0)) == (yes, no)
    world.retirement.retire(world.seen(*yes))
    with world.retirement.complete():
        with world.retirement.bare():
            other = module.maker()
        assert world.covered(other, 1) == yes
    with world.retirement.bare():
        another = module.maker()
    assert (world.covered(another, 1), world.covered(another, 0)) == (set(), no - yes)


def test_functions_get_back_what_they_ran_before(world: World) -> None:
    yes = world.covered(world.module.made, 1)
    world.retirement.retire(world.seen(*yes))
    with world.retirement.complete():
        made = world.module.maker()
    with world.retirement.bare():
        assert world.covered(made, 1) == set()
    assert world.covered(made, 1) == yes


def test_code_that_the_target_replaces_while_bare_is_left_alone(world: World) -> None:
    def other(x: object) -> int:
        return 7

    with world.retirement.bare():
        world.module.choose.__code__ = other.__code__
    assert world.module.choose("left") == 7


def test_bare_code_is_made_once(world: World) -> None:
    with world.retirement.bare():
        first = world.module.choose.__code__
    world.retirement.retire(world.seen(*world.covered(world.module.choose, "left")))
    with world.retirement.bare():
        assert world.module.choose.__code__ is first
    assert world.module.choose.__code__ is not first


def test_an_audit_hook_that_forbids_changes_ends_retirement_and_nothing_else(tmp_path: Path) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
sys.path.insert(0, {str(tmp_path)!r})
from pathlib import Path
from tests.worker.test_retire import World
world = World(Path({str(tmp_path)!r}), "hooked")
def hook(event, arguments):
    if event == "object.__setattr__" and arguments[1] == "__code__":
        raise RuntimeError("no")
sys.addaudithook(hook)
world.retirement.retire(bytearray(b"\\1" * len(world.probes.cells)))
with world.retirement.complete():
    assert world.covered(world.module.choose, "left")
with world.retirement.bare():
    assert world.module.choose("left") == 1
world.retirement.retire(bytearray(b"\\1" * len(world.probes.cells)))
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == "fuzztui: probes are not retired any longer: RuntimeError: no\n"


def test_functions_that_the_collector_does_not_list_any_longer_are_still_measured(world: World) -> None:
    before = world.covered(world.module.choose, "left")
    world.retirement.retire(bytearray(b"\1" * len(world.probes.cells)))
    gc.freeze()
    try:
        world.retirement.retire(bytearray(b"\1" * len(world.probes.cells)))
        with world.retirement.complete():
            assert world.covered(world.module.choose, "left") == before
    finally:
        gc.unfreeze()


def test_globals_of_the_targets_own_type_are_not_asked(world: World) -> None:
    class Namespace(dict[str, Any]):
        def get(self, *_: object) -> object:
            raise AssertionError

    namespace = Namespace()
    exec("def lurking(): pass", namespace)
    world.retirement.retire(bytearray(b"\1" * len(world.probes.cells)))
    assert world.covered(world.module.choose, "left") == set()
    assert namespace["lurking"]() is None
