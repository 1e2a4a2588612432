"""Exceptions that do all they can to a fuzzer: each is one crasher that can be shown, and the run goes on."""

from collections.abc import Callable

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.outcome import StopReason
from tests.support import Project

MakeProject = Callable[..., Project]

PROGRAM = """
import sys, time
{declare}
count = 0
def fuzz_it(data: bytes) -> None:
    global count
    count += 1
    if count % 3 == 0:
        {act}
"""

HOOKS = ("__str__", "__repr__", "__class__", "__eq__", "__hash__", "__getattribute__", "__bool__", "__len__")

DOES = {
    "raises": "raise RuntimeError('no')",
    "ends": "raise SystemExit(0)",
    "lies": "return 7",
    "escapes": "return '\\x1b]0;owned\\x07\\x1b[2J' * 100_000",
    "surrogates": "return '\\ud800' * 1_000_000",
}

EVIL = {
    f"{hook} {does}": (
        "class Evil(Exception):\n"
        + "    @property\n" * (hook == "__class__")
        + f"    def {hook}(self, *a): {act}",
        "raise Evil(data)",
    )
    for hook in HOOKS
    for does, act in DOES.items()
} | {
    "a metaclass that raises": (
        "class Meta(type):\n"
        "    def __hash__(cls): raise RuntimeError\n"
        "    def __eq__(cls, other): raise RuntimeError\n"
        "    def __instancecheck__(cls, other): raise RuntimeError\n"
        "    def __subclasscheck__(cls, other): raise RuntimeError\n"
        "    __name__ = property(lambda cls: 1 / 0)\n"
        "class Evil(Exception, metaclass=Meta): pass",
        "raise Evil(data)",
    ),
    "a chain of 10,000 causes": (
        "def chain():\n"
        "    error = ValueError(0)\n"
        "    for n in range(10_000):\n"
        "        new = KeyError(n); new.__cause__ = error; error = new\n"
        "    return error",
        "raise chain()",
    ),
    "a cyclic chain": (
        "def cycle():\n"
        "    one, other = ValueError(1), KeyError(2)\n"
        "    one.__cause__, other.__context__ = other, one\n"
        "    return one",
        "raise cycle()",
    ),
    "a group of 100,000": ("", "raise ExceptionGroup('many', [ValueError(n) for n in range(100_000)])"),
    "groups 500 deep": (
        "def deep():\n"
        "    error = ValueError(1)\n"
        "    for n in range(500): error = ExceptionGroup('g', [error])\n"
        "    return error",
        "raise deep()",
    ),
    "a name of a megabyte": ("", "raise type('E' * 1_000_000, (Exception,), {})(data)"),
    "notes that are none": (
        "def noted():\n    error = ValueError(1); error.__notes__ = [object(), '\\x1b[31m' * 1000, 7]; return error",
        "raise noted()",
    ),
    "arguments that cannot be shown": (
        "class A:\n    def __repr__(self): raise RuntimeError\n    __str__ = __repr__",
        "raise ValueError(A())",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("declare", "act"), EVIL.values(), ids=EVIL)
@pytest.mark.mostly_soak(5)
def test_an_evil_exception_is_one_crasher_that_can_be_shown(project: MakeProject, declare: str, act: str) -> None:
    made = project(PROGRAM.format(declare=declare, act=act), stop_on_crash=False, timeout=30.0)
    run = made.run(limit=Limit(executions=60))
    outcome = run.outcome
    assert outcome.reason is StopReason.EXECUTION_LIMIT
    assert outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved
    (crasher,) = run.crashers
    assert crasher.failure.kind is CrasherKind.EXCEPTION
    assert crasher.hits > 1
    for shown in (crasher.failure.message, crasher.failure.traceback, crasher.failure.type, crasher.failure.variant):
        assert "\x1b" not in shown
        assert "\ud800" not in shown
        assert len(shown) < 100_000
    assert all(ending.is_orderly for ending in run.endings)


@pytest.mark.parametrize("hook", ["__str__", "__repr__", "__class__", "__eq__", "__hash__"])
@pytest.mark.soak
def test_an_exception_whose_methods_never_return_is_a_crasher_all_the_same(project: MakeProject, hook: str) -> None:
    declare = (
        "class Evil(Exception):\n"
        + "    @property\n" * (hook == "__class__")
        + f"    def {hook}(self, *a):\n        while True: pass"
    )
    made = project(PROGRAM.format(declare=declare, act="raise Evil(data)"), timeout=1.0)
    run = made.run(limit=Limit(executions=60))
    assert run.outcome.reason is StopReason.CRASHER
    (crasher,) = run.crashers
    assert crasher.failure.kind in (CrasherKind.EXCEPTION, CrasherKind.TIMEOUT)
