from pathlib import Path

import pytest

from fuzztui.engine.crew.stacks import common, frames_of, innermost_of, outermost, places_of

THREAD = "Current thread 0x00007f (most recent call first):"


def dump(*frames: tuple[str, int, str]) -> str:
    """Frames from the outermost inwards, as faulthandler writes them."""
    lines = [f'  File "{file}", line {line} in {function}' for file, line, function in reversed(frames)]
    return "\n".join([THREAD, *lines, "", "Thread 0x01:", '  File "/p/other.py", line 3 in other'])


def places(stack: str, *, by_line: bool) -> list[str]:
    return places_of(frames_of(stack), by_line=by_line)


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "parser.py"
    path.write_text("def parse(data):\n    first(data)\n    second(data)\n")
    return str(path)


def test_frames_are_those_of_the_first_thread() -> None:
    assert [frame.function for frame in frames_of(dump(("/p/a.py", 1, "outer"), ("/p/a.py", 2, "inner")))] == [
        "outer",
        "inner",
    ]
    assert frames_of("nothing of the kind") == []


def test_two_lines_of_one_function_are_two_places_of_a_crash_and_one_of_a_hang(source: str) -> None:
    first, second = (dump(("/p/fuzz_a.py", 9, "fuzz"), (source, line, "parse")) for line in (2, 3))
    assert places(first, by_line=True) != places(second, by_line=True)
    assert places(first, by_line=False) == places(second, by_line=False)


def test_a_line_that_moves_and_a_folder_that_is_renamed_change_nothing(tmp_path: Path, source: str) -> None:
    before = places(dump(("/p/fuzz_a.py", 9, "fuzz"), (source, 3, "parse")), by_line=True)
    moved = tmp_path / "elsewhere" / "parser.py"
    moved.parent.mkdir()
    moved.write_text("# new\n\n" + Path(source).read_text())
    assert places(dump(("/q/fuzz_a.py", 3, "fuzz"), (str(moved), 5, "parse")), by_line=True) == before


@pytest.mark.parametrize("library", ["/usr/lib/python3.11", "/venv/lib/python3.12/site-packages", "<frozen os>"])
def test_the_place_is_the_projects_where_a_library_was_called(source: str, library: str) -> None:
    frames = ("/p/fuzz_a.py", 9, "fuzz"), (source, 2, "parse")
    assert places(dump(*frames, (f"{library}/re.py", 7, "compile")), by_line=True) == places(
        dump(*frames), by_line=True
    )


def test_a_library_is_the_place_where_the_target_itself_called_it() -> None:
    target = ("/p/fuzz_a.py", 9, "fuzz")
    one, other = (
        places(dump(target, ("/usr/lib/python3.11/json/decoder.py", 3, function)), by_line=False)
        for function in ("scan", "decode")
    )
    assert one != other


@pytest.mark.parametrize("depth", [0, 1, 2, 40])
def test_depth_of_recursion_does_not_matter(depth: int) -> None:
    cycle = [("/p/a.py", 1, "item"), ("/p/a.py", 2, "value")] * depth
    assert places(dump(("/p/f.py", 1, "fuzz"), *cycle, ("/p/a.py", 1, "item")), by_line=False) == [
        "a.py:item",
        "f.py:fuzz",
    ]


def functions(*stacks: str) -> list[str]:
    return [frame.function for frame in common([frames_of(stack) for stack in stacks])]


def test_a_hang_stands_where_all_looks_have_found_it() -> None:
    loop = ("/p/f.py", 1, "fuzz"), ("/p/f.py", 5, "loop")
    step, other = ("/p/f.py", 7, "step"), ("/p/g.py", 9, "other")
    assert functions(dump(*loop, step, other), dump(*loop, other), dump(*loop)) == ["fuzz", "loop"]
    assert functions(dump(*loop, step, other), dump(*loop, step)) == ["fuzz", "loop", "step"]
    assert functions(dump(*loop, step)) == ["fuzz", "loop", "step"]
    assert functions(dump(*loop, step), "") == ["fuzz", "loop", "step"]
    assert functions() == []


def test_a_hang_in_deep_recursion_stands_in_the_functions_that_are_always_there() -> None:
    stacks = [dump(*(("/p/f.py", 1, name) for name in names)) for names in (["b", "a", "step"], ["a", "b", "other"])]
    assert functions(*stacks) == ["a", "b"]


def test_the_line_of_a_hang_is_that_of_the_last_look() -> None:
    frames = common([frames_of(dump(("/p/f.py", line, "loop"))) for line in (3, 4)])
    assert [frame.line for frame in frames] == [4]


def test_a_failure_is_located_in_the_project_unless_a_library_is_what_is_fuzzed() -> None:
    target, called = ("/p/fuzz_a.py", 9, "fuzz"), ("/usr/lib/python3.11/json/decoder.py", 3, "decode")
    package = ("/venv/lib/python3.12/site-packages/tomlkit/parser.py", 3, "parse")
    inner = ("/usr/lib/python3.11/re.py", 1, "compile")
    frames = frames_of(dump(target, called, inner))
    assert [innermost_of(frames, fuzzed) for fuzzed in ((), {"json"}, {"re"})] == [frames[0], frames[1], frames[2]]
    frames = frames_of(dump(target, package, inner))
    assert [innermost_of(frames, fuzzed) for fuzzed in ((), {"tomlkit"})] == [frames[0], frames[1]]
    assert innermost_of(frames_of(dump(called, inner)), ()) == frames_of(dump(called, inner))[-1]
    assert innermost_of([]) is None
    assert places_of(frames_of(dump(target, called, inner)), {"json"}, by_line=False)[0] == "json/decoder.py:decode"


def test_a_stack_is_cut_after_so_many_of_its_outermost_calls() -> None:
    stack = dump(("/p/f.py", 1, "fuzz"), ("/p/f.py", 5, "loop"), ("/p/f.py", 7, "step"))
    assert functions(outermost(stack, 2)) == ["fuzz", "loop"]
    assert functions(outermost(stack, 3)) == ["fuzz", "loop", "step"]
    assert outermost(stack, 4) == outermost(stack, 0) == outermost("", 1) == ""
    assert outermost(stack.replace("\n\n", "\n  ...\n\n"), 2) == "", (
        "of a deep stack the outermost calls are not written"
    )
