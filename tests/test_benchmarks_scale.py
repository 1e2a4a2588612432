"""The large module that the engine's own cost is measured on."""

from typing import Any

from benchmarks.scale import LINES, module


def test_the_generated_module_has_the_lines_it_is_measured_by_and_parses() -> None:
    source = module(LINES)
    assert LINES * 0.99 < source.count("\n") <= LINES
    namespace: dict[str, Any] = {}
    exec(module(100), namespace)
    assert len(namespace["RULES"]) > 3
    assert namespace["parse"](b"\0\1\3abc\0\2\1x") != namespace["parse"](b"")
    assert namespace["parse"](b"\0") == 0
