"""What instrumented code does, compared with the same code without probes."""

import contextlib
import dis
import gc
import io
import itertools
import sys
import traceback
from collections.abc import Callable, Iterator
from itertools import pairwise
from types import CodeType, SimpleNamespace
from typing import Any

import pytest

from fuzztui.worker.instrumentation.instrument import BUCKET_TABLE, BUCKETS, COUNT_CAP, Instrumented, instrument
from fuzztui.worker.instrumentation.literals import TABLE
from fuzztui.worker.instrumentation.probes import ProbeMap


class Run:
    """A module executed with probes."""

    def __init__(self, source: str) -> None:
        self.instrumented: Instrumented = instrument(source.encode(), "m.py")
        self.probes = ProbeMap()
        self.probes.register("padding", "padding.py", [1] * 300)
        self.base = self.probes.register("m", "m.py", self.instrumented.lines)
        self.namespace: dict[str, Any] = {"__name__": "m"}
        self.probes.attach("m", self.namespace)
        exec(self.instrumented.at(self.base), self.namespace)

    def covered(self, *arguments: object, function: str = "f") -> list[int]:
        """The probes that one call of the module's function covers, as indices; what it raises is ignored."""
        self.probes.cells[:] = bytes(len(self.probes.cells))
        with contextlib.suppress(Exception):
            self.namespace[function](*arguments)
        assert not any(self.probes.cells[: self.base])
        return [index for index, hit in enumerate(self.probes.cells[self.base :]) if hit]

    def lines(self, *arguments: object) -> list[int]:
        return sorted({self.instrumented.lines[index] for index in self.covered(*arguments)})

    def is_told_apart(self, *inputs: object) -> bool:
        """Whether each of these inputs covers something that the others do not, or lacks something they cover."""
        sets = [tuple(self.covered(value)) for value in inputs]
        return len(set(sets)) == len(sets)

    def is_each_news(self, *inputs: object) -> bool:
        """Whether each of these inputs covers something that none of the others covers."""
        sets = [set(self.covered(value)) for value in inputs]
        return all(one - set().union(*(other for other in sets if other is not one)) for one in sets)


def bare(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "m"}
    exec(compile(source, "m.py", "exec", dont_inherit=True), namespace)
    return namespace


# Meaning ----------------------------------------------------------------------------------------------------------

PROGRAMS = {
    "generator closed, thrown into, delegated to": """
def inner(n):
    log = []
    try:
        for i in range(n):
            got = yield i
            if got: log.append(got)
            if i == 5: return log
    except KeyError as error:
        yield str(error)
    finally:
        log.append("end")
    return log
def run():
    def outer():
        return (yield from inner(4))
    out = []
    g = inner(3); out += [next(g), g.send("a"), g.throw(KeyError("k"))]; g.close()
    g = inner(3); next(g); g.close()
    g = outer()
    try:
        while True: out.append(next(g))
    except StopIteration as stop:
        out.append(stop.value)
    return out
""",
    "coroutines and asynchronous generators": """
import asyncio
async def ticks(n):
    for i in range(n):
        if i % 2: await asyncio.sleep(0)
        yield i
class Context:
    async def __aenter__(self): return 1
    async def __aexit__(self, *error): return error[0] is KeyError
async def main():
    out = []
    async for i in ticks(5):
        if i == 3: break
        out.append(i)
    else:
        out.append("else")
    async with Context() as one:
        out.append(one)
        raise KeyError
    out.append([i async for i in ticks(4) if i > 1])
    out.append(await asyncio.gather(*[asyncio.sleep(0, i) for i in range(3)]))
    return out
def run(): return asyncio.run(main())
""",
    "class bodies, super, __class__, private names": """
import builtins
class Inventing(dict):
    def __missing__(self, key):
        if key.startswith("__") or hasattr(builtins, key): raise KeyError(key)
        self[key] = key.upper()
        return self[key]
class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases): return Inventing()
    def __new__(mcs, name, bases, namespace):
        return super().__new__(mcs, name, bases, dict(namespace))
    def __init__(cls, name, bases, namespace): super().__init__(name, bases, namespace)
def build(flag):
    class A(metaclass=Meta):
        x = red if flag else green
        if flag and x == "RED": y = blue
        for i in range(2): z = i
        def __init__(self): self.__secret = 3
        def who(self): return (__class__.__name__, self.__secret, self.x)
        key = lambda self: self.__secret if self.x else None
    class B(A):
        def who(self): return super().who() + (super().key() == 3,)
    return sorted(k for k in vars(A) if k[0] != "_"), B().who()
def run(): return build(True), build(False)
""",
    "global, nonlocal, walrus, closures": """
total = 0
def run():
    global total
    count = 0
    def bump(by):
        nonlocal count
        global total
        count += by
        total += count if count > 2 or by else 0
        return lambda x: (y := x + count) and y
    out = [bump(i)(10) for i in range(4) if (h := i * 2) != 4 and h >= 0]
    if (n := len(out)) > 2 and (m := n - 1): out.append((n, m, h))
    while (n := n - 1) >= 0: out.append(n)
    x = 5
    out.append(x == (x := 6))
    return out, total, count
""",
    "try, finally, else, return overrides": """
def f(x):
    out = []
    for i in range(3):
        try:
            try:
                if x == i: continue
                if x == 10 + i: break
                if x == 20: return ("early", out)
                if x == 30: 1 / 0
                if x == 40: raise KeyError(i)
            except ZeroDivisionError:
                out.append("zero")
                raise ValueError("from") from None
            else:
                out.append("else")
            finally:
                out.append(i)
        except ValueError as error:
            out.append(repr(error))
            if i: return out
    else:
        out.append("exhausted")
    return out
def g():
    while True:
        try: return 1
        finally: break
    for _ in (1, 2):
        try: raise OSError
        finally: continue
    return 2
def run():
    out = [g()]
    for x in (0, 1, 2, 10, 11, 12, 20, 30, 99):
        out.append(f(x))
    try: f(40)
    except KeyError as error: out.append((error.args, repr(error.__context__)))
    return out
""",
    "except star": """
def f(group):
    out = []
    for _ in range(2):
        try:
            raise group
        except* ValueError as errors:
            out.append(("value", len(errors.exceptions)))
        except* (TypeError, KeyError) as errors:
            out.append(("other", [repr(e) for e in errors.exceptions]))
        else:
            out.append("none")
        finally:
            out.append("end")
    return out
def run():
    out = [f(ExceptionGroup("g", [ValueError(1), TypeError(2), ValueError(3)])), f(KeyError("k"))]
    try: f(ExceptionGroup("g", [OSError(1), ValueError(2)]))
    except* OSError as errors: out.append(repr(errors))
    return out
""",
    "match": """
from dataclasses import dataclass
@dataclass
class Point:
    x: int
    y: int
def f(value, flag=False):
    match value:
        case 0 | 1 if flag: return "bit"
        case int(): return "int"
        case [x, *rest] if x == 1 or len(rest) > 2: return x, rest
        case {"k": v, **others}: return v, others
        case Point(x=0, y=y): return y
        case str() as text:
            if text: return text[0]
    match value:
        case [_, second]: return second
        case _ as anything: return type(anything).__name__
def g(value):
    match value:
        case 1: out = "one"
        case 2: pass
    return locals().get("out")
def run():
    values = [0, 1, 7, [1], [2, 3, 4, 5], [2, 3], {"k": 1, "z": 2}, {}, Point(0, 4), Point(1, 2), "", "abc", None]
    return [(f(v), f(v, True)) for v in values], [g(i) for i in (1, 2, 3)]
""",
    "what locals, vars, dir, eval and exec show": """
def a(x):
    for y in range(3): pass
    return locals()
def b(x):
    while x: x -= 1
    return sorted(vars()), sorted(dir())
def c(x):
    for i in range(2):
        if eval("x == i"): return i
def d(**options): return options
def e(one, two=2):
    for three in "ab": pass
    return d(**locals())
def run(): return a(1), b(2), c(1), e(5), "%(x)s" % a(3)
""",
    "decorators, defaults, annotations, docstrings": '''
from __future__ import annotations
import inspect
def tag(name):
    def decorate(function):
        function.tag = name
        return function
    return decorate
@tag("a" if len("xyz") == 3 else "b")
def f(x: int = 3 if tag else 4, *, key: undefined = (lambda v: v or 7)(0)) -> unknown:
    """Doc."""
def g():
    """Only a docstring."""
def h():
    "doc"; return 1
class K:
    """Class doc."""
    field: int
    other: str = "x" or "y"
    def method(self):
        f"not a docstring {self}"
        x: int
        y: list[undefined] = [1]
        def inner(a: x if y else z, *b: y or x) -> y == x: pass
        return y, inner.__annotations__
def run():
    return (f.tag, f(), str(inspect.signature(f)), f.__doc__, f.__annotations__, g.__doc__, h.__doc__, h(), K.__doc__,
        K().method(), K.method.__doc__, K.__annotations__, g())
''',
    "comparisons of every kind": """
class Odd:
    def __init__(self): self.log = []
    def __eq__(self, other): self.log.append(("eq", other)); return NotImplemented
    def __ne__(self, other): return [self.log.append("ne")]
    def __lt__(self, other): raise LookupError("lt")
    def __contains__(self, item): self.log.append(item); return "yes"
calls = []
def call(x): calls.append(x); return x
def run():
    odd = Odd()
    out = [call(1) == call(2), call("a") in call("cat"), call(3) not in [1, 2], odd == 4, odd != 4]
    out += [5 in odd, 6 not in odd]
    try: out.append(odd < call(7))
    except LookupError as error: out.append(error.args)
    out += [1 < call(2) < call(1) < call(9), 0 == False, 1.0 == 1, "a" "b" == "ab", b"x" in b"xyz"]
    out += [None == None, () == []]
    try: out.append("a" < call(1))
    except TypeError as error: out.append(str(error))
    try: out.append({} in {})
    except TypeError as error: out.append(str(error))
    out.append([x for x in range(20) if x in {1, 2, 3} or x == 7 if x != 2])
    out.append((call(1) == (call(2) == (call(3) == call(4)))))
    def gen(): out.append((yield 1) == (yield 2))
    g = gen(); next(g); g.send(5)
    try: g.send(5)
    except StopIteration: pass
    return out, calls, odd.log
""",
    "methods that compare": """
calls = []
def call(x): calls.append(x); return x
class Text(str):
    def startswith(self, *args, **kw): calls.append((args, kw)); return [self]
class Odd:
    def __init__(self, name="odd"): self.name = name
    def find(self, *args, key=None): return self.name, args, key
    def __getattr__(self, name): calls.append(name); return lambda *args: (name, args)
    @classmethod
    def count(cls, x): return cls.__name__, x
class Keys(dict):
    def __missing__(self, key): return key
    def get(self, key, default="none"): return super().get(key, default)
def attempt(f):
    try: return f()
    except Exception as error: return type(error).__name__, str(error)
def run():
    t, b, odd = call("key=value; next"), bytearray(b"abc"), Odd()
    out = [t.startswith("key"), t.endswith(("x", "t")), call(t).find(call("="), 1), t.split(sep="=", maxsplit=1),
        t.partition("=")[2].strip("v ").removesuffix("xt").split(";")[0].replace("a", "b").count("b"), b.find(98),
        Text("x").startswith("y", z=1), Text("abc").find("c"), odd.find("x", key=3), odd.split("y"), odd.count("z"),
        str.find(t, "v"), Keys(a=1).get("b"), Keys()["c"], {}.get("k"), {"k": 2}.get("k", 3),
        {}.get([0] and "x", call(4))]
    out += [attempt(lambda: t.index(call("absent"))), attempt(lambda: t.find(b"x")), attempt(lambda: t.split("")),
        attempt(lambda: call(None).startswith(call("never"))), attempt(lambda: {}.get([])), attempt(lambda: t.count()),
        attempt(lambda: t.find(*"=1", **{})), attempt(lambda: t.startswith(["x"])), attempt(lambda: t.get("x"))]
    out.append([x.split(",") for x in ("a,b", "c") if x.find(",") > 0])
    t.startswith("ignored")
    def gen(): out.append((yield 1).find((yield 2)))
    g = gen(); next(g); g.send("abc")
    try: g.send("b")
    except StopIteration: pass
    return out, calls
""",
    "lookups": """
calls = []
def call(x): calls.append(x); return x
class Class:
    table = {"a": 1, "b": 2}
    def __class_getitem__(cls, item): return item
    def look(self, key): return self.table[key]
TABLE = {"a": 1, 2: "b"}
LIST = ["x", "y"]
class Index:
    def __repr__(self): return "Index"
    def __index__(self): calls.append("index"); return 1
class Key:
    def __repr__(self): return "Key"
    def __hash__(self): calls.append("hash"); return hash("a")
    def __eq__(self, other): calls.append("eq"); return other == "a"
def attempt(f):
    try: return f()
    except Exception as error: return type(error).__name__, str(error)
def run():
    out = []
    for key in ("a", 2, "b", 0, Index(), Key(), [], None):
        out.append(attempt(lambda: TABLE[key]))
        out.append(attempt(lambda: Class().look(key)))
        out.append(attempt(lambda: LIST[key]))
        out.append(attempt(lambda: {"one": key}[call("one")]["two"]))
    out += [Class[str], list[int], attempt(lambda: undefined[call("x")]), attempt(lambda: TABLE[undefined])]
    TABLE["new"] = TABLE["a"]
    TABLE["new"] += 1
    del TABLE["a"]
    return out, calls, TABLE
""",
    "matches with constants": """
calls = []
def call(x): calls.append(x); return x
class Colors: RED = "red"
class Eager(list):
    def __getitem__(self, index): calls.append(index); return super().__getitem__(index)
    def __len__(self): calls.append("len"); return super().__len__()
def f(value):
    match call(value):
        case "get" | b"put" | -1 | 2.5 | 1j: return "method"
        case Colors.RED: return "red"
        case ["go", ("north" | "south") as where, *_]: return where
        case [*_, "last"]: return "last"
        case {"type": "point", "at": [0, y], -3: z}: return y, z
        case None | True: return "constant"
        case str(x) if x == "guarded" and x.startswith("g"): return x
    match value, len(calls):
        case "pair", 5: return "pair"
        case (x, int()): return x
def run():
    values = ["get", b"put", -1, 2.5, 1j, "red", ["go", "north"], ("go", "up", "last"), Eager(["go", "south"]),
        None, True, {"type": "point", "at": (0, 9), -3: 4}, {"type": "line"}, "guarded", "pair", [], {}, 7]
    return [f(value) for value in values], calls
""",
    "chained comparisons": """
calls = []
class Loud:
    def __init__(self, n): self.n = n
    def __lt__(self, other):
        calls.append((self.n, getattr(other, "n", other)))
        return self.n < getattr(other, "n", other)
    def __gt__(self, other): calls.append(("gt", other)); return self.n > other
    __le__ = __lt__
    def __eq__(self, other): calls.append("eq"); return NotImplemented
def f(x, y, z):
    out = [1 < x < 10, "a" <= "b" <= "c", x < y < z, 3 == x == y, 5 in [5] == [5], x in (3, 4) != z, 2 < x <= y < 100]
    def late():
        try: return 5 < x < unbound
        except NameError as error: return str(error)
        unbound = 1
    return out, late()
def run():
    try: f("text", 1, 2)
    except TypeError as error: calls.append(str(error))
    return f(3, 4, 5), f(7, 3, 9), f(Loud(3), Loud(4), Loud(50)), calls
""",
    "boolean operators and conditional expressions": """
class Truth:
    def __init__(self, value): self.value = value; self.asked = 0
    def __bool__(self): self.asked += 1; return self.value
def run():
    out = []
    for a in (True, False):
        for b in (True, False):
            for c in (True, False):
                x, y, z = Truth(a), Truth(b), Truth(c)
                results = (x and y or z, not (x or y) and z, x if y and z else y or z, (x or y) is x)
                if x and (y or not z): results += (1,)
                elif x or y and z: results += (2,)
                names = {id(x): "x", id(y): "y", id(z): "z"}
                out.append([names.get(id(r), r) for r in results])
                out.append((x.asked, y.asked, z.asked))
    return out, [] or None, 0 and 1 / 0, (lambda v: v and v.upper() or "none")(""), "" or 0 or [] or {}
""",
    "loops that leave in every way": """
def f(xs, stop):
    for x in xs:
        if x == stop: return x
        for y in xs:
            if y > x: break
            if y == stop: continue
        else:
            stop += 1
    else:
        return "else", stop
def g(n):
    out = []
    while n > 0 and (n != 3 or out):
        n -= 1
        while True:
            out.append(n)
            if len(out) % 3 == 0: break
    else: out.append("done")
    for out[0] in range(3): pass
    for i, (a, *b) in enumerate(["xyz", "u"]): out += [i, a, b]
    return out
def h(n): return [[j for j in range(i) if j % 2] for i in range(n) if i], {i: j for i, j in zip("ab", range(n))}
def run(): return [f([1, 2, 3], s) for s in range(6)], [g(n) for n in range(6)], h(5), f([], 1)
""",
}

if sys.version_info >= (3, 12):
    PROGRAMS["type parameters"] = """
type Pair[T] = tuple[T, T] if True else None
def first[T: (int, str)](items: list[T]) -> T:
    for item in items:
        if item == items[0]: return item
class Box[T]:
    def __init__(self, value: T): self.value = value
    def get[U](self, other: U) -> T | U: return self.value or other
def run():
    return first([3, 4]), Box(0).get("x"), Box[int](5).value, Pair.__value__, first.__type_params__[0].__constraints__
"""


def outcome(namespace: dict[str, Any]) -> str:
    return repr(namespace["run"]())


@pytest.mark.parametrize("name", PROGRAMS)
def test_instrumented_code_means_what_the_plain_code_means(name: str) -> None:
    assert outcome(Run(PROGRAMS[name]).namespace) == outcome(bare(PROGRAMS[name]))


@pytest.mark.parametrize("name", PROGRAMS)
def test_traced_comparisons_mean_what_plain_ones_mean(name: str) -> None:
    run = Run(PROGRAMS[name])
    run.probes.trace_comparisons(True)
    assert outcome(run.namespace) == outcome(bare(PROGRAMS[name]))


TRACED = [
    ("x.startswith('key')", ("keyword",), [("startswith", "keyword", "key")]),
    ("x.split(',', 1)[0].startswith('k')", ("a,b",), [("in", ",", "a,b"), ("startswith", "a", "k")]),
    ("'abc'.find(x)", ("b",), [("in", "b", "abc")]),
    ("'abc'.find('b')", ("b",), []),
    ("x.split()", ("a b",), [("in", " ", "a b")]),
    ("x is True", (None,), [("wants", "true", ())]),
    ("x is not False", (None,), [("wants", "false", ())]),
    ("x is True", (True,), []),
    ("x is None", (None,), []),
    ("x['key']", ({"a": 1, "key": 2},), [("in", "key", ("a", "key"))]),
    ("TABLE[x]", ("b",), [("in", "b", ("b",))]),
    ("TABLE[x.lower()]", ("B",), [("in", "b", ("b",))]),
    ("TABLE[x + 1]", (4,), []),
    ("TABLE[x], x + 1", (5,), []),
    ("x[y]", ({"a": 1}, "a"), []),
    ("x.table[y]", (SimpleNamespace(table={"a": 1}), "a"), [("in", "a", ("a",))]),
    ("x[0], x[y], x[y:], y + 1", ("text", 2), []),
    ("[c for c in x if 'a' <= c <= 'b']", ("c",), [("<=", "a", "c"), ("<=", "c", "b")]),
    ("0 <= x < y", (1, 2), []),
]


@pytest.mark.parametrize(("expression", "arguments", "kept"), TRACED)
def test_what_guides_is_traced_and_positions_are_not(
    expression: str, arguments: tuple[object, ...], kept: list[tuple[str, object, object]]
) -> None:
    run = Run(f"TABLE = {{'b': 1, 5: 2}}\ndef f(x, y=None): return {expression}\n")
    run.probes.trace_comparisons(True)
    run.namespace["f"](*arguments)
    expected = [(op, left, ("b", 5) if right == ("b",) else right) for op, left, right in kept]
    assert run.probes.trace.comparisons == expected


def test_constants_of_patterns_are_traced_wherever_they_lie() -> None:
    run = Run(
        "def f(x):\n match x:\n  case ['go', 'n' | 's']: pass\n  case {'type': [-1, 2]}: pass\n"
        "  case [*_, 'last'] | int() | True: pass\n  case b'x' as y: pass\n"
    )
    run.probes.trace_comparisons(True)
    run.namespace["f"](["stop", "n"])
    run.namespace["f"]({"type": (5, 6)})
    run.namespace["f"](b"y")
    assert run.probes.trace.comparisons == [
        ("of", "stop", ("go",)),
        ("of", "n", ("n", "s")),
        ("of", ("stop", "n"), (b"x",)),
        ("in", "type", ("type",)),
        ("of", 5, (-1,)),
        ("of", 6, (2,)),
        ("of", ("type",), (b"x",)),
        ("of", b"y", (b"x",)),
    ]


def test_patterns_of_several_pieces_are_traced_together() -> None:
    run = Run(
        "def f(x):\n match x.split():\n"
        "  case ['put', key, ('x' | 'y') as z, *_]: pass\n  case [*_, 'end'] | ['one', 2]: pass\n"
    )
    run.probes.trace_comparisons(True)
    run.namespace["f"]("get a")
    wanted = [right for operator, left, right in run.probes.trace.comparisons if operator == "like"]
    assert wanted == ["put a x"]


def test_star_import_leaves_the_inserted_names_behind() -> None:
    assert all(name.startswith("_") for name in Run("def f(): pass").namespace if name != "f")


# Lines ------------------------------------------------------------------------------------------------------------

RAISING = '''
def f(x):
    """Doc."""
    if x == 1: raise ValueError
    if x == 6: return (x
        < "six")
    if x == 8: return (f"a{x}"
        "b").replace("x", "y").split(
            "c").strip(
                "x")
    if x == 9: str(x).lower(
        )  .index("d"
        ).strip("x")
    if x == 12: return (str(x)
        .replace("a", "b")
        .index("d"))
    if x == 10: return TABLE[
        x]
    if x == 11:
        match x.find("x"), (
            1):
            case "a": pass
    for i in range(3):
        while x == 2:
            int("no")
        if (x == 3 or
                [][5]):
            pass
    return g(
        x, lambda:
            x.nothing)


TABLE = {}

def g(x, h):
    try:
        if x and 3 <= x <= 4: return (1 if x == 3 else
            undefined)
    finally:
        x == 5 and h()
'''


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("value", range(13))
def test_tracebacks_of_instrumented_code_name_the_same_lines_and_columns(value: int, traced: bool) -> None:
    source = RAISING

    def frames(execute: Callable[[], object]) -> list[tuple[str, int | None, int | None, int | None, int | None]]:
        try:
            execute()
        except Exception as error:
            summary = traceback.extract_tb(error.__traceback__)
            return [
                (frame.name, frame.lineno, frame.end_lineno, frame.colno, frame.end_colno)
                for frame in summary
                if frame.filename == "m.py"
            ]
        return []

    def with_probes() -> None:
        run = Run(source)
        run.probes.trace_comparisons(traced)
        run.namespace["f"](value)

    def without() -> None:
        bare(source)["f"](value)

    assert frames(with_probes) == frames(without)


def lines_by_function(code: CodeType, path: str = "") -> Iterator[tuple[str, set[int]]]:
    path = f"{path}/{code.co_name}:{code.co_firstlineno}"
    yield path, {line for _, _, line in code.co_lines() if line is not None}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from lines_by_function(constant, path)


@pytest.mark.parametrize("module", ["argparse", "ast", "configparser", "contextlib", "csv", "dataclasses", "difflib"])
def test_no_line_is_added_and_none_is_lost(module: str) -> None:
    file: str = getattr(__import__(module), "__file__")  # noqa: B009
    with open(file, "rb") as stream:  # noqa: PTH123
        source = stream.read()
    plain = dict(lines_by_function(compile(source, file, "exec", dont_inherit=True)))
    assert dict(lines_by_function(instrument(source, file).at(0))) == plain


# What is told -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "if x: pass",
        "if x: return 1\n return 2",
        "if x: y = 1\n else: y = 2",
        "if not x: y = 1\n elif x: y = 2",
        "return 1 if x else 2",
        "y = lambda: 3\n return y() if x else 0",
        "while x:\n  x = 0",
        "try:\n  1 / x\n except ZeroDivisionError: pass",
        "try:\n  y = 1 / x\n except ZeroDivisionError: return\n return y",
        "try:\n  y = 1 / x\n except ZeroDivisionError: return\n finally: y = 1\n return y",
        "try:\n  y = 1 / x\n except ZeroDivisionError: y = 0\n return y",
        "try:\n  1 / x\n except* ZeroDivisionError: y = 2",
        "match x:\n  case 0: pass",
        "match x:\n  case 0: return 1\n return 2",
        "match x:\n  case 0: y = 1\n  case _: y = 2",
        "for y in (1, 2):\n  if y == 2 * x: break",
        "for y in (1, 2):\n  if y == 2 * x: break\n else: y = 3",
        "for y in (1, 2):\n  if y == 2 * x: return 5\n return 6",
        "for y in (1, 2):\n  if y == 2 * x: raise KeyError\n return 6",
        "with open('/dev/null'):\n  if x: return 1",
        "for y in 'ab':\n  locals()\n  if y == 'b' and x: break",
    ],
)
def test_each_side_of_a_choice_has_a_probe_of_its_own(body: str) -> None:
    assert Run(f"def f(x):\n {body}\n").is_each_news(0, 1)


@pytest.mark.parametrize(
    ("body", "seldom"), [("return x or None", 0), ("return x and None", 1), ("return [1 for _ in 'a' if x]", 1)]
)
def test_what_is_evaluated_only_sometimes_is_told(body: str, seldom: int) -> None:
    run = Run(f"def f(x):\n {body}\n")
    assert set(run.covered(seldom)) > set(run.covered(1 - seldom))


def test_each_operand_of_a_condition_is_told() -> None:
    run = Run("def f(x):\n if x > 1 and x > 2 and x > 3: pass\n")
    assert run.is_told_apart(1, 2, 3, 4)


GROUPS = [
    ("x[0] or x[1] and (x[2] or x[3])", [(1, 0, 0, 0), (0, 0, 0, 0), (0, 1, 1, 0), (0, 1, 0, 1)], (0, 1, 0, 0)),
    ("x[0] and (x[1] or x[2] and x[3])", [(0, 0, 0, 0), (1, 1, 0, 0), (1, 0, 0, 0), (1, 0, 1, 0)], (1, 0, 1, 1)),
    ("x[0] and (x[1] or x[2])", [(0, 0, 0), (1, 1, 0), (1, 0, 1)], (1, 0, 0)),
    ("x[0] or x[1] and x[2]", [(1, 0, 0), (0, 0, 0), (0, 1, 0)], (0, 1, 1)),
    ("not (x[0] or x[1] and x[2])", [(1, 0, 0), (0, 0, 0), (0, 1, 0)], (0, 1, 1)),
    ("x[0] or not (x[1] or x[2])", [(1, 0, 0), (0, 1, 0), (0, 0, 1)], (0, 0, 0)),
    ("(x[0] and x[1] or x[2]) and x[3]", [(0, 0, 0, 0), (0, 0, 1, 0), (0, 0, 1, 1), (1, 0, 0, 0)], (1, 1, 0, 0)),
]
"""Conditions with a group of operands in them, values that come to each operand and to both sides, and others that come
to a side through the end of the group, as none of those before.
"""


@pytest.mark.parametrize("form", ["if {}: pass", "while {}: break", "y = 1 if {} else 2", "y = [1 for _ in 'a' if {}]"])
@pytest.mark.parametrize(("condition", "before", "then"), GROUPS)
def test_what_a_group_within_a_condition_has_come_to_is_told(
    condition: str, before: list[tuple[int, ...]], then: tuple[int, ...], form: str
) -> None:
    run = Run(f"def f(x):\n {form.format(condition)}\n")
    known = {index for values in before for index in run.covered(values)}
    assert set(run.covered(then)) - known


@pytest.mark.parametrize("condition", [condition for condition, _, _ in GROUPS])
def test_conditions_with_groups_are_as_true_as_without_probes(condition: str) -> None:
    source = f"def f(x):\n if {condition}: return 1\n return [2 for _ in 'a' if {condition}], 3 if {condition} else 4\n"
    plain = bare(source)["f"]
    for values in itertools.product((0, 1), repeat=4):
        assert Run(source).namespace["f"](values) == plain(values)


def test_a_step_that_is_reached_is_told_even_if_what_follows_raises() -> None:
    run = Run("def f(x):\n if x[0] == 80:\n  if x[1] == 78:\n   if x[2] == 71: return 1\n")
    assert run.is_told_apart(b"", b"A", b"P", b"PN", b"PNG")


@pytest.mark.parametrize(
    "step", ["y = x[1]", "y, z = x", "y = int(x)", "x[1].z = 1", "y = 1 / x[1]", "print(end=x)", "import absent"]
)
def test_a_step_is_told_even_if_the_next_statement_raises(step: str) -> None:
    run = Run(f"def f(x):\n if x[0] == 80:\n  {step}\n  if y == 3: return 1\n")
    assert run.is_each_news(b"A", b"P")


def test_each_arm_of_a_chain_is_told_and_a_chain_costs_one_store() -> None:
    chain = "def f(x):\n if x == 0: return 0\n" + "".join(f" elif x == {i}: return {i}\n" for i in range(1, 30))
    run = Run(chain + " return None\n")
    assert run.is_told_apart(*range(31))
    assert all(len(run.covered(value)) == 1 for value in range(31))


def test_a_chain_of_ifs_that_return_costs_one_store() -> None:
    chain = "def f(x):\n" + "".join(f" if x == {i}: return {i}\n" for i in range(30)) + " return None\n"
    run = Run(chain)
    assert run.is_told_apart(*range(31))
    assert all(len(run.covered(value)) == 1 for value in range(31))


def test_probes_name_the_lines_that_ran() -> None:
    run = Run("def f(x):\n print\n if x == 1:\n  a = 1\n elif x == 2:\n  a = 2\n for i in range(x):\n  a = 3\n")
    assert run.lines(1) == [2, 4, 8]
    assert run.lines(2) == [2, 6, 8]
    assert run.lines(0) == [2, 5, 7]


@pytest.mark.parametrize("kind", ["for _ in range(n): pass", "while n:\n  n -= 1", "while n and n > 0:\n  n -= 1"])
def test_loop_counts_are_told_in_classes_of_powers_of_two(kind: str) -> None:
    run = Run(f"def f(n):\n {kind}\n")
    by_count = {count: tuple(run.covered(count)) for count in range(COUNT_CAP + 40)}
    for first, second in itertools.pairwise(by_count):
        same = BUCKET_TABLE[min(first, COUNT_CAP)] == BUCKET_TABLE[min(second, COUNT_CAP)]
        assert (by_count[first] == by_count[second]) is same, (first, second)
    assert len(set(by_count.values())) == BUCKETS


@pytest.mark.parametrize("way", ["return i", "raise KeyError", "break", "continue"])
def test_loop_counts_are_told_however_the_loop_ends(way: str) -> None:
    run = Run(f"def f(n):\n for i in range(50):\n  if i == n: {way}\n")
    assert way == "continue" or run.is_told_apart(0, 1, 2, 3, 10, 20)


def test_nested_loops_count_apart() -> None:
    run = Run("def f(n):\n for i in range(n):\n  for j in range(2): pass\n else:\n  for k in range(3): pass\n")
    assert run.is_told_apart(0, 1, 2, 3, 4, 8, 16)
    assert run.covered(8) != run.covered(4)


def test_code_that_runs_once_at_import_has_no_probes() -> None:
    assert (
        instrument(b"if 1: x = 1 or 2\nfor i in x, x: pass\nclass C:\n if x: y = [i for i in 'a' if i]", "m").lines
        == []
    )


# Size, numbers, constants -----------------------------------------------------------------------------------------


def size(code: CodeType) -> int:
    return len(code.co_code) + sum(size(constant) for constant in code.co_consts if isinstance(constant, CodeType))


@pytest.mark.parametrize("step", ["g({} == 1)", "{}.find(x)", "x.get({})", "x[{}[y.z]]", "g[{} == x.split(y)[0]]"])
def test_nested_comparisons_do_not_grow_the_code_exponentially(step: str) -> None:
    expression = "x"
    for _ in range(30):
        expression = step.format(expression)
    source = f"def f(g, x, y):\n return {expression}\n"
    bare_size = size(compile(source, "m", "exec"))
    assert size(instrument(source.encode(), "m").code) <= 10 * bare_size


def test_code_moved_to_a_base_covers_the_cells_from_there_on_whatever_numbers_its_source_holds() -> None:
    numbers = [2**64, 2**127, 2**191, 2**192, 2**193, 2**194 + 3, 2**255, 2**256, 2**300]
    source = "def f(x):\n" + "".join(f" if x == {n}: return {n} + {n} + {n}, ({n}, 1), 1 << 127\n" for n in numbers)
    run = Run(source)
    for number in numbers:
        assert run.namespace["f"](number) == (3 * number, (number, 1), 1 << 127)
        assert len(run.covered(number)) == 1


def test_constants_are_those_that_inputs_may_hold() -> None:
    source = b'''"""Module doc."""
import os
MAGIC = b"\\x89PNG"
TABLE = {"key": 3.5, "other": (7, -8, None, True, 1j)}
class C:
    """Class doc."""
    def f(self, x, y="default") -> "annotation":
        """Function doc."""
        if x == "if": raise ValueError("a message for people")
        assert x != "asserted", "another message"
        return f"text {x}" or 2**70 or "key"
'''
    constants = [constant.value for constant in instrument(source, "m.py").constants]
    assert {b"\x89PNG", "key", 3.5, "other", 7, 8, "default", "if", "asserted", "text ", 2, 70} <= set(constants)
    assert not [c for c in constants if isinstance(c, str) and ("doc" in c or "message" in c)]
    assert len(constants) == len({(type(c), c) for c in constants})
    assert {type(constant) for constant in constants} == {str, bytes, int, float}


@pytest.mark.parametrize(
    "table",
    [
        {f"k{n}": f"v{n}" for n in range(2000)},
        [f"k{n}" for n in range(2000)],
        tuple((f"k{n}", f"v{n}", n * 1000) for n in range(700)),
        {"a": {f"k{n}" for n in range(1500)}, "b": [f"v{n}" for n in range(1500)]},
    ],
    ids=["dict", "list", "rows", "nested"],
)
def test_a_long_table_brings_in_a_sample_that_is_spread_over_it(table: object) -> None:
    constants = [constant.value for constant in instrument(f"WORDS = {table!r}".encode(), "m.py").constants]
    numbers = sorted(int(value[1:]) for value in constants if isinstance(value, str) and value[1:])
    assert 100 <= len(constants) <= 2 * TABLE + 2
    assert all(later - former <= numbers[-1] // 20 for former, later in pairwise(numbers))


def test_a_table_of_ordinary_length_brings_in_everything() -> None:
    source = f"WORDS = {[f'word {n}' for n in range(TABLE)]}"
    assert len(instrument(source.encode(), "m.py").constants) == TABLE


def test_sources_are_read_in_the_encoding_that_they_declare() -> None:
    source = "# -*- coding: latin-1 -*-\ndef f(): return 'é'\n".encode("latin-1")
    namespace: dict[str, Any] = {}
    instrumented = instrument(source, "m.py")
    ProbeMap().attach("m", namespace)
    exec(instrument(b"\xef\xbb\xbfx = 'h\xc3\xa9'", "m.py").at(0), namespace)
    assert namespace["x"] == "hé"
    assert [constant.value for constant in instrumented.constants] == ["é"]


def test_a_source_as_deep_as_the_compiler_takes_is_instrumented() -> None:
    depth = 90
    nested = (
        "def f(x):\n"
        + "".join(f"{' ' * level}if x > {level}:\n" for level in range(1, depth))
        + " " * depth
        + "return 1\n"
    )
    chain = "def f(x):\n if x == 0: pass\n" + "".join(f" elif x == {i}: pass\n" for i in range(700))
    loops = "def f(x):\n" + "".join(f"{' ' * level}for i in x:\n" for level in range(1, 20)) + " " * 20 + "return 1\n"
    for source in (nested, chain, loops, "x = " + "+".join(["1"] * 400)):
        compile(source, "m.py", "exec")
        instrument(source.encode(), "m.py")


def test_syntax_errors_are_the_compilers_own() -> None:
    with pytest.raises(SyntaxError, match="never closed"):
        instrument(b"x = (", "m.py")


def test_instrumenting_prints_nothing() -> None:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        instrument(PROGRAMS["match"].encode(), "m.py")
    assert out.getvalue() == ""


# Operands with functions of their own -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "argument", "comparison"),
    [
        ("sum(h - l for l, h in x) == 77", [(1, 3), (2, 5)], ("==", 5, 77)),
        ("len([y for y in x if y > 2]) != 9", [1, 3, 5], ("!=", 2, 9)),
        ("sorted(x, key=lambda v: -v)[0] == 1234", [1, 3], ("==", 3, 1234)),
        ("max({k: v for k, v in x}.values()) == 88", [("a", 3)], ("==", 3, 88)),
        ("''.join(c for c in x if c != '-') == 'magic'", "m-a", ("==", "ma", "magic")),
        ("sum(map(lambda v: v == 1, x)) == 55", [1, 2], ("==", 1, 55)),
    ],
)
def test_comparisons_with_a_function_in_an_operand_are_traced_and_compute_the_same(
    expression: str, argument: Any, comparison: tuple[object, ...]
) -> None:
    source = f"def f(x):\n    if {expression}: return 1\n    return 2\n"
    run = Run(source)
    plainly = run.covered(argument)
    run.probes.trace_comparisons(True)
    assert run.namespace["f"](argument) == bare(source)["f"](argument)
    assert comparison in run.probes.trace.comparisons
    run.probes.trace_comparisons(False)
    assert run.covered(argument) == plainly


def test_comparisons_in_functions_in_operands_do_not_grow_the_code_exponentially() -> None:
    expression = "x"
    for level in range(12):
        expression = f"sum(1 for a{level} in x if a{level} == {expression}) == 7"
    run = Run(f"def f(x):\n    return {expression}\n")

    def size(code: CodeType) -> int:
        return len(code.co_code) + sum(size(each) for each in code.co_consts if isinstance(each, CodeType))

    assert size(run.instrumented.code) < 40_000


ASSERTIONS = [
    'assert a.startswith("x")',
    'assert not a.startswith("x"), "message"',
    'assert a and a.endswith("x")',
    'assert not (b or a.find("x"))',
    'assert (a.startswith("x") if b else a.find("x"))',
    'assert a["k"]',
    "assert not a[0]",
    "assert a != b",
    "assert not a == b",
    'assert "x" in a',
    "assert a.get(1) is None",
    "assert len(a) == b",
]


@pytest.mark.parametrize("statement", ASSERTIONS)
def test_what_an_assertion_raises_stands_where_it_does_without_probes(statement: str) -> None:
    """A failure is told from others by that place."""

    def places(code: CodeType) -> set[object]:
        function = next(each for each in code.co_consts if isinstance(each, CodeType))
        return {each.positions for each in dis.get_instructions(function) if each.opname == "RAISE_VARARGS"}

    source = f"def function(a, b):\n    {statement}\n".encode()
    assert places(instrument(source, "it.py").at(0)) == places(compile(source, "it.py", "exec", dont_inherit=True))


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_is_not_looked_for_in_a_large_tree_and_is_afterwards_as_before(enabled: bool) -> None:
    source = "".join(f"def f{number}(x):\n    return x == {number}\n" for number in range(2000)).encode()
    was_enabled = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        gc.collect()  # or what has been made until now may be looked through just before
        before = gc.get_stats()
        instrument(source, "m.py")
        after = gc.get_stats()
        with pytest.raises(SyntaxError):
            instrument(b"def", "m.py")
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()
    assert [each["collections"] for each in after[1:]] == [each["collections"] for each in before[1:]]
