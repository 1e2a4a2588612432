import dis
import json.decoder
import sysconfig
from itertools import pairwise
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from fuzztui.worker.instrumentation.bytecode import Removable, removables, without
from fuzztui.worker.instrumentation.code import nested, with_nested
from fuzztui.worker.instrumentation.compares import TRACE
from fuzztui.worker.instrumentation.instrument import BUCKETS, CELLS, SETITEM, instrument

STDLIB = Path(sysconfig.get_paths()["stdlib"])

FILES = [
    *(
        "ast",
        "dataclasses",
        "difflib",
        "enum",
        "ipaddress",
        "pickletools",
        "shlex",
        "statistics",
        "tarfile",
        "tokenize",
    ),
    *("email/_header_value_parser", "email/feedparser", "html/parser", "json/decoder", "tomllib/_parser"),
    *("urllib/parse", "asyncio/streams"),
]


def all_codes(code: CodeType) -> list[CodeType]:
    return [code, *[each for inner in nested(code) for each in all_codes(inner)]]


def functions(source: str) -> list[CodeType]:
    return all_codes(instrument(source.encode(), "module.py").at(0))[1:]


def depths(code: CodeType) -> dict[int, int]:
    """The height of the stack before each instruction that can be reached, by its offset without prefixes."""
    instructions = [each for each in dis.get_instructions(code) if each.opname != "EXTENDED_ARG"]
    index = {each.offset: number for number, each in enumerate(instructions)}
    # A jump may lead to a prefix.
    offsets = {each.offset for each in dis.get_instructions(code)}
    for offset in sorted(offsets, reverse=True):
        if offset not in index:
            index[offset] = index[offset + 2]
    entries = dis.Bytecode(code).exception_entries  # type: ignore[attr-defined]
    work = [(index[entry.target], entry.depth + 1 + entry.lasti) for entry in entries]
    work.append((0, 0))  # the last is the first to be taken: how `dis` counts in what catches a `throw` is not exact
    found: dict[int, int] = {}
    while work:
        number, depth = work.pop()
        each = instructions[number]
        if each.offset in found:
            continue
        found[each.offset] = depth
        if each.opcode in dis.hasjrel:
            target = index[int(each.argval)]
            work.append((target, depth + dis.stack_effect(each.opcode, each.arg, jump=True)))
        stops = each.opname in {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"}
        if not stops and each.opname not in {"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"}:
            sent = each.opname == "RETURN_GENERATOR"  # what resumes it is on its stack
            work.append((number + 1, depth + sent + dis.stack_effect(each.opcode, each.arg, jump=False)))
    return found


@pytest.mark.parametrize("name", FILES)
@pytest.mark.mostly_soak(2)
def test_what_is_left_out_leaves_the_stack_as_it_was(name: str) -> None:
    path = STDLIB / f"{name}.py"
    checked = 0
    for code in all_codes(instrument(path.read_bytes(), str(path)).at(0)):
        found = removables(code)
        if not found:
            continue
        depth = depths(code)
        starts = {each.offset for each in dis.get_instructions(code)}
        for removable in found:
            assert removable.start in starts
            assert removable.end in starts
            start = next(offset for offset in range(removable.start, removable.end, 2) if offset in depth)
            end = next(offset for offset in range(removable.end, len(code.co_code), 2) if offset in depth)
            assert depth[end] == depth[start] + removable.pushes_null, (code.co_qualname, removable)
            checked += 1
    assert checked > 20


@pytest.mark.parametrize("name", FILES)
@pytest.mark.mostly_soak(2)
def test_hardly_a_probe_or_hook_stays(name: str) -> None:
    path = STDLIB / f"{name}.py"
    stayed = []
    codes = all_codes(instrument(path.read_bytes(), str(path)).at(0))[1:]
    for code in codes:
        lean = without(code, removables(code))
        reached = depths(lean)
        stayed += [
            (code.co_qualname, each.argval, each.positions)
            for each in dis.get_instructions(lean)
            if each.offset in reached and each.argval in (CELLS, SETITEM, TRACE)
        ]
    assert len(stayed) <= 2 + sum(len(removables(code)) for code in codes) // 100, stayed


def test_a_hook_that_is_longer_than_a_jump_without_a_prefix_reaches_is_left_out_too() -> None:
    source = "def f(x): return x[0].count(y) == x[1].count('%d' % x[2])"
    (code,) = functions(source)
    longest = max(removables(code), key=lambda each: each.end - each.start)
    assert longest.end - longest.start > 2 * 255
    lean = without(code, removables(code))
    reached = depths(lean)
    assert not [each for each in dis.get_instructions(lean) if each.offset in reached and each.argval == TRACE]
    namespace: dict[str, object] = {"y": "1"}
    made = FunctionType(lean, namespace)
    assert made(("11", "122", 2)) is True


def test_each_kind_of_probe_is_found_with_its_cells() -> None:
    source = "def f(x, y):\n    for c in x:\n        print(c)\n    return x and y\n"
    (code,) = functions(source)
    found = removables(code)
    loops = {removable.cells for removable in found if len(removable.cells) > 1}
    assert [len(cells) for cells in loops] == [BUCKETS]
    (cells,) = loops
    assert sum(removable.cells == cells for removable in found) >= 2  # the counting and the store
    assert any(len(removable.cells) == 1 for removable in found)


@pytest.mark.parametrize("condition", ["x or y and (z or w)", "x and (y or z and w)", "x or not (y or z)"])
@pytest.mark.parametrize("form", ["if {}: y = 1", "while {}: y = 1", "return 1 if {} else 2", "[1 for _ in x if {}]"])
def test_no_probe_of_a_group_in_a_condition_stays(condition: str, form: str) -> None:
    for code in functions(f"def f(w, x, y, z):\n {form.format(condition)}\n"):
        lean = without(code, removables(code))
        reached = depths(lean)
        assert not [each for each in dis.get_instructions(lean) if each.offset in reached and each.argval == SETITEM]


def test_hooks_belong_to_no_cell() -> None:
    (code,) = functions("def f(x):\n    return x == 'word'\n")
    assert [len(removable.cells) for removable in removables(code)] == [1, 0]


def test_loops_of_one_function_are_told_apart() -> None:
    source = "def f(x):\n for a in x:\n  g(a)\n while x:\n  x = h(x)\n  for b in x:\n   g(b)\n"
    (code,) = functions(source)
    by_loop: dict[range, int] = {}
    for removable in removables(code):
        if len(removable.cells) > 1:
            by_loop[removable.cells] = by_loop.get(removable.cells, 0) + 1
    assert len(by_loop) == 3
    assert min(by_loop.values()) >= 2


def test_code_without_probes_has_no_sites_and_stays_the_same_object() -> None:
    code = compile("def f(x):\n    return x\n", "module.py", "exec")
    (function,) = nested(code)
    assert removables(function) == []
    assert without(function, []) is function
    assert with_nested(code, lambda inner: inner) is code


def test_a_site_out_of_reach_of_one_jump_stays() -> None:
    # A statement between the loop's exit and its end that takes more room than a jump can span.
    terms = " + ".join(f"x[{number}].y" for number in range(60))
    (code,) = functions(f"def f(x):\n    return x.find({terms}) == 5\n")
    for removable in removables(code):
        assert removable.end - removable.start <= 512


def test_lines_and_tracebacks_stay_right() -> None:
    source = "def f(x):\n    if x:\n        y = 1\n    return [\n        x,\n        1 / 0,\n    ]\n"
    (code,) = functions(source)
    lean = without(code, removables(code))
    assert list(lean.co_positions()) == list(code.co_positions())
    assert lean.co_exceptiontable == code.co_exceptiontable


def test_sites_lie_apart_or_within_each_other() -> None:
    path = Path(json.decoder.__file__)
    for code in all_codes(instrument(path.read_bytes(), str(path)).at(0)):
        ordered: list[Removable] = sorted(removables(code))
        for one, other in pairwise(ordered):
            assert one.end <= other.start or other.end <= one.end
