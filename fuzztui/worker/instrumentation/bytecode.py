"""Finds probes in compiled code, and makes code without some of them. Pure: code in, code out.

Retired probes and comparison hooks are jumped over: their first instruction becomes a `JUMP_FORWARD` to the end of the
removable part. No instruction moves, so the tables of lines and of exceptions stay right. Where that is so for good
the jumps are taken out, too (see `compact`).

Code that `instrument` inserted is recognized by its names, which no other code has, and by the instructions that
CPython 3.11 to 3.13 compile it to. A probe whose instructions are not as expected stays in, which costs time and
nothing else.
"""

import opcode
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from types import CodeType
from typing import Final, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.compact import compact
from fuzztui.worker.instrumentation.compares import TRACE
from fuzztui.worker.instrumentation.instrument import BUCKETS, CELLS, COUNTER, SETITEM

__builtins__ = PRIVATE_BUILTINS

Cells: TypeAlias = range
"""The cells that a probe may store into: one, the buckets of a loop, or none for a hook."""


class Removable(NamedTuple):
    """Instructions that can be left out together, in bytes from the start of the code."""

    start: int
    end: int
    """Where to go on instead."""
    cells: Cells
    pushes_null: bool = False
    """Whether the first instruction also does what the call around it needs, which has to stay."""


class _Instruction(NamedTuple):
    start: int
    """Of its first prefix."""
    last: int
    """Of itself, behind its prefixes."""
    end: int
    """Behind its inline caches."""
    name: str
    argument: int


_CACHE: Final = 0
_EXTENDED: Final = opcode.opmap["EXTENDED_ARG"]
_JUMP: Final = opcode.opmap["JUMP_FORWARD"]
_NOP: Final = opcode.opmap["NOP"]
_PUSH_NULL: Final = opcode.opmap["PUSH_NULL"]
_NEAR: Final = 255
"""Units that a jump reaches without a prefix."""

_MAX_UNITS: Final = 0xFFFF
"""The same with one."""

_NAMES: Final = tuple(opcode.opname)

_LOADS_FAST = frozenset({"LOAD_FAST", "LOAD_FAST_BORROW"})
_IF_NONE = frozenset({"POP_JUMP_IF_NONE", "POP_JUMP_FORWARD_IF_NONE"})
_IF_NOT_NONE = frozenset({"POP_JUMP_IF_NOT_NONE", "POP_JUMP_FORWARD_IF_NOT_NONE"})
_IF_FALSE = frozenset({"POP_JUMP_IF_FALSE", "POP_JUMP_FORWARD_IF_FALSE"})
_FORWARD = frozenset(
    [
        *_IF_NONE,
        *_IF_NOT_NONE,
        *_IF_FALSE,
        *("POP_JUMP_IF_TRUE", "POP_JUMP_FORWARD_IF_TRUE", "JUMP_IF_TRUE_OR_POP", "JUMP_IF_FALSE_OR_POP"),
        *("JUMP_FORWARD", "FOR_ITER", "SEND"),
    ]
)
"""Jumps whose argument is a distance in units from their end."""

_FALLS_THROUGH = (
    ("JUMP_IF_TRUE_OR_POP",),
    ("POP_JUMP_FORWARD_IF_TRUE",),
    ("POP_JUMP_BACKWARD_IF_TRUE",),
    ("POP_JUMP_IF_TRUE",),
    ("TO_BOOL", "POP_JUMP_IF_TRUE"),
    ("COPY", "POP_JUMP_IF_TRUE", "POP_TOP"),
    ("COPY", "TO_BOOL", "POP_JUMP_IF_TRUE", "POP_TOP"),
    ("POP_TOP",),
    ("POP_JUMP_BACKWARD_IF_NOT_NONE",),
    ("POP_JUMP_FORWARD_IF_NOT_NONE",),
    ("POP_JUMP_IF_NOT_NONE",),
)
"""What may follow the call of a probe inside an expression, whose value is None: it goes on behind it."""


def removables(code: CodeType) -> list[Removable]:
    """The probes and hooks of one code object, not of those nested in it. Those of a loop that counts are one each for
    the counting and for the store at the end.
    """
    if {CELLS, SETITEM, TRACE}.isdisjoint(code.co_names):
        return []
    instructions = list(_decoded(code))
    jumps = sorted([(target, each.start) for each in instructions if (target := _target_of(each)) is not None])
    return [removable for removable in _find(code, instructions) if _is_closed(removable, jumps)]


def without(code: CodeType, left_out: list[Removable]) -> CodeType:
    """The code without these removable parts of its own."""
    if not left_out:
        return code
    raw = bytearray(code.co_code)
    for removable in left_out:
        start = removable.start
        if removable.pushes_null:
            raw[start : start + 2] = _PUSH_NULL, 0
            start += 2
        units = (removable.end - start) // 2 - 1
        if units > _NEAR:
            units -= 1
            raw[start : start + 2] = _EXTENDED, units >> 8
            start += 2
        raw[start : start + 2] = (_JUMP, units & 0xFF) if units else (_NOP, 0)
    return code.replace(co_code=bytes(raw))


def compacted(code: CodeType, left_out: list[Removable]) -> CodeType:
    """The same, with nothing in their place: somewhat faster, and made in ten times the time."""
    raw = bytearray(code.co_code)
    spans: list[tuple[int, int]] = []
    for start, end, _, pushes_null in sorted(left_out):
        if pushes_null:
            raw[start : start + 2] = _PUSH_NULL, 0
            start += 2
        if not spans or start >= spans[-1][1]:  # or it is within another one
            spans.append((start, end))
    jumps = [
        (each.start, each.last, each.end, target) for each in _decoded(code) if (target := _target_of(each)) is not None
    ]
    return compact(code, raw, spans, jumps)


def may_have_run(code: CodeType, seen: bytearray, cells: range) -> bool:
    """Whether a cell that the code might set is set in `seen`, or the code sets none: a glance at its constants, among
    which are the numbers of its cells, and maybe other numbers. `cells`: those of its module.
    """
    sets_cells = False
    for constant in code.co_consts:
        kind = type(constant)
        first, last = (constant[0], constant[-1]) if kind is tuple and constant else (constant, constant)
        if type(first) is int and type(last) is int and first in cells and last in cells:
            if seen.find(1, first, last + 1) >= 0:
                return True
            sets_cells = True
    return not sets_cells


def _decoded(code: CodeType) -> Iterator[_Instruction]:
    raw = code.co_code
    size = len(raw)
    at = start = argument = 0
    while at < size:
        operation = raw[at]
        argument = argument << 8 | raw[at + 1]
        last = at
        at += 2
        if operation == _EXTENDED:
            continue
        while at < size and raw[at] == _CACHE:
            at += 2
        yield _Instruction(start, last, at, _NAMES[operation], argument)
        start, argument = at, 0


def _target_of(instruction: _Instruction) -> int | None:
    name = instruction.name
    if name in _FORWARD:
        return _target(instruction)
    return instruction.end - 2 * instruction.argument if "JUMP" in name else None  # backward


def _target(jump: _Instruction) -> int:
    return jump.end + 2 * jump.argument


def _is_closed(removable: Removable, jumps: list[tuple[int, int]]) -> bool:
    """Whether it is in reach, and nobody jumps into the midst of it from outside; `jumps`: to where from where, in
    order.
    """
    start, end, *_ = removable
    if not 0 < (end - start) // 2 <= _MAX_UNITS:
        return False
    inside = jumps[bisect_left(jumps, (start + 1,)) : bisect_left(jumps, (end,))]
    return all(start <= origin < end for _, origin in inside)


def _find(code: CodeType, instructions: list[_Instruction]) -> Iterator[Removable]:
    """Written for speed: in a large program every function that runs is looked at once."""

    def value(instruction: _Instruction) -> object:
        if instruction.name == "LOAD_CONST":
            return code.co_consts[instruction.argument]
        return instruction.argument if instruction.name == "LOAD_SMALL_INT" else None

    counters = {
        number: cells
        for number, name in enumerate(code.co_varnames)
        if name.startswith(COUNTER) and (cells := _loop(code, instructions, number)) is not None
    }
    names = code.co_names
    for index, each in enumerate(instructions):
        if each.name == "LOAD_GLOBAL":
            name = names[each.argument >> 1]
            if name == CELLS:
                before, cell = instructions[index - 1], value(instructions[index + 1])
                if value(before) != 1:
                    continue  # inside of an expression
                if type(cell) is int and instructions[index + 2].name == "STORE_SUBSCR":
                    yield Removable(before.start, instructions[index + 2].end, range(cell, cell + 1))
                elif type(cell) is tuple:
                    store = next(later for later in instructions[index:] if later.name == "STORE_SUBSCR")
                    yield Removable(before.start, store.end, range(cell[0], cell[0] + BUCKETS))
            elif name == SETITEM:
                removable = _expression(instructions, index, value(instructions[index + 2]))
                if removable is not None:
                    yield removable
            elif name == TRACE:
                after = instructions[index + 1]
                if after.name in _IF_NONE:
                    yield Removable(each.start, _target(after), range(0), _pushes_null(each))
                elif after.name in _IF_NOT_NONE:
                    yield Removable(each.start, after.end, range(0), _pushes_null(each))
        elif counters and each.name in _LOADS_FAST and each.argument in counters:
            following = instructions[index + 1 : index + 4]
            if (
                [after.name for after in following[1:]] == ["BINARY_OP", "STORE_FAST"]
                and value(following[0]) == 1
                and following[2].argument == each.argument
            ):
                yield Removable(each.start, following[2].end, counters[each.argument])


def _loop(code: CodeType, instructions: list[_Instruction], counter: int) -> Cells | None:
    """The cells of the loop that counts in this local variable."""
    for table, count in pairwise(instructions):
        if (
            table.name == "LOAD_CONST"
            and count.name in _LOADS_FAST
            and count.argument == counter
            and type(cells := code.co_consts[table.argument]) is tuple
        ):
            return range(cells[0], cells[0] + BUCKETS)
    return None


def _pushes_null(load_global: _Instruction) -> bool:
    return load_global.argument & 1 == 1


def _expression(instructions: list[_Instruction], index: int, cell: object) -> Removable | None:
    """`setitem(cells, cell, 1)` and what looks at its value."""
    call = next(at for at in range(index, len(instructions)) if instructions[at].name == "CALL")
    if type(cell) is not int:
        return None
    first = instructions[index] if _pushes_null(instructions[index]) else instructions[index - 1]
    cells = range(cell, cell + 1)
    rest = instructions[call + 1 : call + 5]
    for names in _FALLS_THROUGH:
        if tuple([each.name for each in rest[: len(names)]]) == names:
            return Removable(first.start, rest[len(names) - 1].end, cells)
    jump = rest[1] if rest[0].name == "TO_BOOL" else rest[0]
    return Removable(first.start, _target(jump), cells) if jump.name in _IF_FALSE | _IF_NONE else None
