"""What is too deep for the compiler costs its function, not the module."""

import ast
from collections.abc import Callable
from operator import setitem
from types import SimpleNamespace
from typing import Any

import pytest

from fuzztui.worker.instrumentation.instrument import instrument
from fuzztui.worker.instrumentation.transplant import shallow, transplanted

DEEP_SUM = " + x" * 1400
DEEP_CALLS = ".strip()" * 1400


@pytest.mark.parametrize("deep", [DEEP_SUM, DEEP_CALLS], ids=["sum", "calls"])
@pytest.mark.parametrize("where", ["function", "method", "module", "class"])
def test_what_is_too_deep_for_the_compiler_costs_its_function_and_not_the_module(deep: str, where: str) -> None:
    places = dict.fromkeys(["function", "method", "module", "class"], "x")
    places[where] = f"x{deep}"
    source = f"""
x = 2 if {deep!r}.startswith(" +") else "b"
m = {places["module"]}
def f(x):
    if x: return {places["function"]}
def good(x):
    def inner(y):
        return [a for a in y if a > x]
    return inner
class C:
    c = {places["class"]}
    def deep(self, x): return {places["method"]}
    def good(self):
        if self: return super().__repr__()
big = {1 << 70}
"""
    made = instrument(source.encode(), "deep.py")
    left = {"function": ["f"], "method": ["C.deep"], "module": ["line 3"], "class": ["line 11"]}[where]
    assert made.bare in ([], left)
    cells = bytearray(len(made.lines))
    namespace = {"_@c": cells, "_@s": setitem, "_@m": None}
    exec(made.at(0), namespace)
    module: Any = SimpleNamespace(**namespace)

    def is_covered(call: Callable[[], object]) -> bool:
        cells[:] = bytes(len(cells))
        call()
        return any(cells)

    assert is_covered(lambda: module.good(1)([1, 2]))
    assert is_covered(module.C().good)
    assert module.good(1)([1, 2]) == [2]
    assert module.big == 1 << 70
    assert module.f(module.x) is not None
    assert is_covered(lambda: module.f(module.x)) is (where != "function" or not made.bare)
    assert is_covered(lambda: module.C().deep(module.x)) is (where != "method" or not made.bare)


def test_code_that_shares_other_variables_with_its_surroundings_is_not_exchanged() -> None:
    plain = compile("def f(a, b):\n    def g(): return a\n    return g", "m", "exec")
    other = compile("def f(a, b):\n    def g(): return a\n    return g", "m", "exec")
    outer = next(code for code in plain.co_consts if hasattr(code, "co_consts"))
    inner = next(code for code in outer.co_consts if hasattr(code, "co_consts"))
    changed = compile("def f(a, b):\n    def g(): return b\n    return g", "m", "exec")
    assert transplanted(plain, other) == other
    of_changed = next(code for code in changed.co_consts if hasattr(code, "co_consts"))
    assert inner in transplanted(outer, of_changed).co_consts


def test_only_what_is_too_deep_is_cut_out() -> None:
    deep = "return -(-(-(-(-(-1)))))"
    tree = ast.parse(f"a = 1\ndef f(): {deep}\nclass C:\n    b = 2\n    def g(self): {deep}\n")
    assert shallow(tree, 6) == ["f", "C.g"]
    assert ast.unparse(tree) == "a = 1\npass\n\nclass C:\n    b = 2\n    pass"
