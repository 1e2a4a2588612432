import dis
from bisect import bisect_left
from collections.abc import Collection, Sequence
from types import CodeType
from typing import Any

import pytest

from fuzztui.worker.instrumentation.bytecode import Removable, compacted, removables
from fuzztui.worker.instrumentation.instrument import instrument
from tests.worker.test_bytecode import FILES, STDLIB, all_codes


def program(code: CodeType, gone: Collection[int] = ()) -> tuple[list[Any], list[Any]]:
    """The instructions that stay, with their positions and to which of them they jump; what catches exceptions where.
    `gone`: offsets of instructions that do not stay.

    Without prefixes, which may stay without being needed any more.
    """
    stay = [each for each in dis.get_instructions(code) if each.offset not in gone]
    offsets = [each.offset for each in stay]

    def place(offset: int) -> int:
        return bisect_left(offsets, offset)

    instructions = [
        (each.opname, place(each.argval) if each.opcode in dis.hasjrel else each.argrepr, each.positions)
        for each in stay
        if each.opname != "EXTENDED_ARG"
    ]
    entries = dis.Bytecode(code).exception_entries  # type: ignore[attr-defined]
    handlers = [(place(each.start), place(each.end), place(each.target), each.depth) for each in entries]
    return instructions, [each for each in handlers if each[0] < each[1]]


def expected(code: CodeType, left_out: Sequence[Removable]) -> tuple[list[Any], list[Any]]:
    """The same of code without these: of those that push a null a `PUSH_NULL` stays."""
    raw = bytearray(code.co_code)
    for each in left_out:
        if each.pushes_null:
            raw[each.start : each.start + 2] = dis.opmap["PUSH_NULL"], 0
    gone = {offset for each in left_out for offset in range(each.start + 2 * each.pushes_null, each.end)}
    return program(code.replace(co_code=bytes(raw)), gone)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.mostly_soak(3)
def test_what_stays_is_as_it_was(name: str) -> None:
    path = STDLIB / f"{name}.py"
    checked = 0
    for code in all_codes(instrument(path.read_bytes(), str(path)).at(0)):
        found = sorted(removables(code))
        for left_out in (found, found[::2], found[1::2]):
            if left_out:
                assert program(compacted(code, left_out)) == expected(code, left_out), code.co_qualname
                checked += 1
    assert checked > 20


def test_jumps_over_much_become_short_ones_and_prefixes_stay() -> None:
    body = "\n".join(f"        if x == {number}:\n            g({number})" for number in range(90))
    source = f"def f(y):\n    for x in y:\n{body}\n    return y\n"
    code = all_codes(instrument(source.encode(), "module.py").at(0))[1]
    made = compacted(code, removables(code))
    assert program(made) == expected(code, removables(code))
    assert len(made.co_code) < len(code.co_code) / 2


def test_errors_are_told_at_their_places() -> None:
    source = "def f(x):\n    for a in x:\n        if a == 3:\n            a += 1\n    return (\n      a /\n      0)\n"
    code = all_codes(instrument(source.encode(), "module.py").at(0))[1]
    names: dict[str, Any] = {}
    exec(source, names)
    plain = names["f"].__code__
    assert {*compacted(code, removables(code)).co_positions()} >= {*plain.co_positions()}
