# ruff: noqa: E501 - sources of targets, a line each
"""Loops without end that call one thing after the other: each is one bug, wherever the time-out finds it."""

from collections.abc import Callable

import pytest

from fuzztui.engine.request.options import Limit
from tests.support import Project

MakeProject = Callable[..., Project]

TIMES = 6
"""Hangs of each run."""

PRELUDE = """
import itertools, json, re, functools, threading, time
def short(n=20): return sum(range(n))
def long(n=2_000): return sum(range(n))
def longer(n=60_000): return sum(range(n))
"""

SHAPES = {
    "two helpers": "while True:\n        short(); long()",
    "a helper that has nearly all the time": "while True:\n        short(); longer()",
    "helpers of helpers": "while True:\n        (lambda: short())(); (lambda: long())()",
    "a generator": "for n in (long(m) for m in itertools.count()): short()",
    "comprehensions": "while True:\n        [n for n in range(99)]; {n: n for n in range(999)}; {short() for _ in range(9)}",
    "a regex's callback": "while True:\n        re.sub('.', lambda m: str(short()), 'abc' * 50)",
    "C functions": "while True:\n        sorted(range(500)); json.dumps([1] * 500); short()",
    "a key function": "while True:\n        sorted(range(200), key=lambda n: short(n))",
    "methods": "class A:\n        def a(self): short()\n        def b(self): long()\n    x = A()\n    while True:\n        x.a(); x.b()",
    "exceptions": "while True:\n        try:\n            int(f'x{short()}')\n        except ValueError:\n            long()",
    "a cached property": "while True:\n        functools.lru_cache(long)(200); short()",
    "sleeps": "while True:\n        time.sleep(0.003); long(20_000)",
    "map and filter": "for n in filter(lambda n: not long(), map(lambda n: short(), itertools.count())): pass",
    "recursion": "def down(n):\n        return down(n - 1) if n else long()\n    while True:\n        down(short() % 7 + 3); short()",
    "a lock": "lock = threading.Lock()\n    while True:\n        with lock:\n            short()\n        long()",
    "string formatting": "class S:\n        def __str__(self): return str(short())\n    while True:\n        f'{S()}'; str(long())",
}


def mostly_soak() -> list[object]:
    few = ("two helpers", "a generator", "a regex's callback")
    return [pytest.param(shape, marks=[] if shape in few else [pytest.mark.soak]) for shape in SHAPES]


@pytest.mark.parametrize("shape", mostly_soak())
@pytest.mark.soak
def test_a_loop_without_end_is_one_bucket_wherever_it_is_found(project: MakeProject, shape: str) -> None:
    body = f"def hang():\n    {SHAPES[shape]}\n"
    target = f"{PRELUDE}\n{body}\ndef fuzz_it(data: bytes):\n    if len(data) > 3: hang()\n"
    engine = project(target, timeout=0.4).start(limit=Limit(), stop_on_crash=False, workers=2)
    engine.wait(lambda s: s.hits >= TIMES, f"{TIMES} hangs")
    engine.session.stop()
    run = engine.join()
    (crasher,) = run.crashers
    assert crasher.failure.function.rpartition(".")[2] == "hang", "the loop, whatever it calls"
    assert run.outcome.received == run.outcome.stored + run.outcome.duplicates
