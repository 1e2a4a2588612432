"""Programs that fail in several ways, for `test_buckets`."""

from typing import Any, NamedTuple


class Shape(NamedTuple):
    name: str
    source: str
    buckets: list[list[Any]]
    groups: list[list[Any]] | None = None
    """Where they are not the buckets."""


SHAPES = [
    Shape(
        "two-calls-on-one-line",
        """
def parse(text):
    return chr(int(text, 16))

def target(text):
    parse(text)
""",
        [["zz", "", "qq"], ["-1", "-7"]],
    ),
    Shape(
        "same-call-twice-on-one-line",
        """
def target(text):
    first, second = text.split(",")
    return int(first) + int(second), int(first) // 2 + len(second)
""",
        [["x,1", "y,2"], ["1,x", "7,y"]],
    ),
    Shape(
        "three-ways-to-one-conversion",
        """
def number(text):
    return int(text, 16)

def color(text): return number(text[1:3])
def escape(text): return number(text[2:])
def size(text): return number(text)

def target(text):
    if text.startswith("#"): color(text)
    elif text.startswith("\\\\x"): escape(text)
    else: size(text)
""",
        [["#zz", "#yy"], ["\\xzz"], ["zz", "yyy"]],
        groups=[["#zz", "#yy", "\\xzz", "zz", "yyy"]],
    ),
    Shape(
        "assertion-helper",
        """
def check(condition, message):
    if not condition:
        raise AssertionError(message)

def target(n):
    check(n != 1, f"n is {n}")
    check(n < 10, f"{n} is large")
    check(n % 2, f"{n} is even")
""",
        [[1], [10, 12, 101], [2, 4]],
        groups=[[1, 10, 12, 101, 2, 4]],
    ),
    Shape(
        "helpers-two-deep",
        """
def fail(message):
    raise ValueError(message)

def need(condition, message):
    if not condition:
        fail(message)

def header(n): need(n != 1, "header")
def body(n): need(n != 2, "body")

def target(n):
    header(n)
    body(n)
""",
        [[1], [2]],
        groups=[[1, 2]],
    ),
    Shape(
        "unittest-assertions",
        """
import unittest
case = unittest.TestCase()

def target(n):
    case.assertEqual(n % 5, n % 10)
    case.assertEqual([n // 10], [1])
    case.assertDictEqual({"n": n}, {"n": 10})
""",
        [[5, 7, 15], [23, 40], [11, 12]],
    ),
    Shape(
        "fails-within-the-standard-library",
        """
import configparser, fractions

def rate(text): return fractions.Fraction(text)
def share(text): return fractions.Fraction(text)

def target(text):
    if text.startswith("a"): rate(text)
    share(text)
""",
        [["a", "ab"], ["b", "c", "d/"]],
    ),
    Shape(
        "two-patterns",
        """
import re

def word(text): re.compile(text)
def line(text): re.compile(text)

def target(text):
    word(text) if len(text) == 1 else line(text)
""",
        [["(", "["], ["((", "(a"]],
    ),
    Shape(
        "raised-from",
        """
class ConfigError(Exception): pass

def number(text): return int(text)
def entry(text): return {"a": 1}[text]

def target(text):
    try:
        number(text) if text[0].isdigit() else entry(text)
    except Exception as error:
        raise ConfigError(text) from error
""",
        [["1x", "2y"], ["x", "yy"]],
    ),
    Shape(
        "raised-from-two-roots-of-one-type",
        """
class ConfigError(Exception): pass

def width(text): return int(text)
def height(text): return int(text)

def target(text):
    try:
        width(text[0]); height(text[1])
    except ValueError as error:
        raise ConfigError(text) from error
""",
        [["x1", "yy"], ["1x", "2y"]],
        groups=[["x1", "yy", "1x", "2y"]],
    ),
    Shape(
        "as-many-contexts-as-a-parser-has-tried",
        """
class ParseError(Exception): pass

def last(text):
    return text[len(text)]

def target(given):
    tries, text = given
    if not tries:
        return last(text)
    try:
        raise ParseError if tries != "key" else KeyError
    except (ParseError, KeyError):
        return target((tries - 1 if tries != "key" else 0, text))
""",
        [[(0, ""), (0, "x")], [(1, ""), (2, ""), (3, "x"), (5, "")], [("key", "")]],
    ),
    Shape(
        "context-that-happens-to-be-handled",
        """
def first(text): raise KeyError(text)
def second(text): raise KeyError(text)

def target(text):
    try:
        first(text) if text == "1" else second(text)
    except KeyError:
        len(1)
""",
        [["1", "2", "3"]],
    ),
    Shape(
        "members-of-a-group",
        """
def one(n): raise ValueError(n)
def other(n): raise ValueError(n)

def target(n):
    errors = []
    for job in ([one] if n % 2 else [other]) * (1 + n // 10):
        try:
            job(n)
        except ValueError as error:
            errors.append(error)
    raise ExceptionGroup("jobs failed", errors)
""",
        [[1, 3, 11, 51], [2, 4, 20]],
    ),
    Shape(
        "recursion-at-every-depth",
        """
def nested(n):
    if n == 0: raise ValueError("bottom")
    nested(n - 1)

def target(n):
    nested(n)
""",
        [[0, 1, 2, 3, 50]],
    ),
    Shape(
        "mutual-recursion-that-fails-below",
        """
def even(n):
    if n == 0: raise ValueError("even")
    odd(n - 1)

def odd(n):
    if n == 0: raise ValueError("odd")
    even(n - 1)

def target(n):
    even(n)
""",
        [[0, 2, 20], [1, 3, 31]],
    ),
    Shape(
        "endless-recursion",
        """
def item(n): return value(n + 1)
def value(n): return item(n + 1)
def alone(n): return alone(n + 1)

def target(n):
    if n > 100: return item(n) if n % 2 else value(n)
    filler(n)

def filler(n):
    if n: return filler(n - 1)
    return alone(n)
""",
        [[101, 102, 103], [0, 1, 2, 5, 17]],
    ),
    Shape(
        "base-class-validator",
        """
class Field:
    def validate(self, n):
        if not self.accepts(n): raise ValueError(n)

class Even(Field):
    def accepts(self, n): return n % 2 == 0

class Small(Field):
    def accepts(self, n): return n < 100

def target(n):
    for field in (Even(), Small()):
        field.validate(n)
""",
        [[1, 3, 5], [100, 102]],
        groups=[[1, 3, 5, 100, 102]],
    ),
    Shape(
        "decorated",
        """
import functools

def checked(function):
    @functools.wraps(function)
    def wrapper(n):
        result = function(n)
        if result is None: raise TypeError("None")
        return result
    return wrapper

@checked
def odd(n): return n if n % 2 else None

@checked
def small(n): return n if n < 100 else None

def target(n):
    odd(n)
    small(n)
""",
        [[2, 4], [101, 103]],
        groups=[[2, 4, 101, 103]],
    ),
    Shape(
        "a-class-for-each-call",
        """
numbers = iter(range(1000))

def target(n):
    raise type(f"Error{next(numbers)}", (Exception,), {})(n)
""",
        [[1, 2, 3]],
    ),
    Shape(
        "a-file-for-each-call",
        """
numbers = iter(range(1000))

def target(n):
    number = next(numbers)
    names = {"__name__": __name__}
    exec(compile(f"def made_{number}(n): raise ValueError(n)", f"<made {number}>", "exec"), names)
    names[f"made_{number}"](n)
""",
        [[1, 2, 3]],
    ),
    Shape(
        "a-namespace-and-a-random-file-for-each-call",
        """
files = iter(["8e8cbf", "abcdef", "123456", "tmpqwertyui", "/some/where/tmpasdfghjk.py"] * 2)

def target(n):
    source = "def f(n): raise ValueError(n)\\nf(n)" if n else "def g(n): raise ValueError(n)\\ng(n)"
    exec(compile(source, f"<made {next(files)}>", "exec"), {"n": n})
""",
        [[1, 2, 3, 4], [0]],
    ),
    Shape(
        "a-random-namespace-for-each-call",
        """
names = iter(["plugin_8e8cbf", "plugin_abcdef", "plugin_1234", "plugin_DEAD"])

def target(n):
    name = next(names, "plugin_0c0c")
    exec(compile("raise ValueError(n)", f"/some/where/{name}.py", "exec"), {"n": n, "__name__": name})
""",
        [[1, 2, 3, 4]],
    ),
    Shape(
        "generated-code-of-one-name-from-two-places",
        """
import linecache

def made(source, n):
    linecache.cache["<made>"] = (len(source), None, [source], "<made>")
    exec(compile(source, "<made>", "exec"), {"n": n})

def target(n):
    made("int(str(n) + '!')" if n % 2 else "[][n]", n)
""",
        [[1, 3], [2, 4]],
    ),
    Shape(
        "message-with-an-address",
        """
def target(n):
    raise ValueError(f"{object()} at {n}")
""",
        [[1, 2, 3]],
    ),
    Shape(
        "alike-raises-in-one-function",
        """
def target(n):
    if n % 2: raise ValueError("bad")
    if n % 3: raise ValueError("bad")
    raise ValueError("bad")
""",
        [[1, 3], [2, 4], [6, 12]],
    ),
    Shape(
        "an-operator-on-several-lines",
        """
def target(n):
    return (
        1 / n
        + 1 / (n - 1)
        + [1][
            n - 3
        ]
    )
""",
        [[0], [1], [7, 9]],
    ),
    Shape(
        "contextmanager",
        """
import contextlib
@contextlib.contextmanager
def guard(n):
    yield
    if n: raise ValueError(n)
def target(n):
    if n % 2:
        with guard(n): pass
    else:
        with guard(n): len("")
""",
        [[1, 3], [2, 4]],
        [[1, 3, 2, 4]],
    ),
    Shape(
        "dispatch-table",
        """
def a(x): raise ValueError(x)
def b(x): raise ValueError(x)
TABLE = [a, b, lambda x: 1 // 0, lambda x: [][x]]
def target(n):
    TABLE[n % 4](n)
""",
        [[0, 4], [1, 5], [2, 6], [3, 7]],
    ),
    Shape(
        "sort-key",
        """
def key(x): return 1 / x
def target(n):
    sorted([n, 0, n][: 1 + n], key=key) if n % 2 else min([0, n], key=key)
""",
        [[1, 3], [2, 4]],
        [[1, 3, 2, 4]],
    ),
    Shape(
        "generator",
        """
def parts(n):
    for i in range(n):
        yield i
    raise ValueError(n)
def total(n): return sum(parts(n))
def target(n):
    total(n)
""",
        [[0, 1, 7]],
    ),
    Shape(
        "taskgroup",
        """
import asyncio
async def one(n):
    await asyncio.sleep(0)
    raise ValueError(n)
async def other(n): raise ValueError(n)
async def main(n):
    async with asyncio.TaskGroup() as group:
        group.create_task(one(n) if n % 2 else other(n))
def target(n):
    asyncio.run(main(n))
""",
        [[1, 3], [2, 4]],
    ),
    Shape(
        "dataclass-post-init",
        """
import dataclasses
@dataclasses.dataclass
class P:
    x: int
    def __post_init__(self):
        if self.x % 2: raise ValueError(self.x)
        if self.x > 9: raise ValueError(-self.x)
def target(n):
    P(n)
""",
        [[1, 3], [10, 12]],
    ),
    Shape(
        "property-and-getattr",
        """
class O:
    def __init__(self, n): self.n = n
    @property
    def p(self): return {}[self.n]
    def __getattr__(self, name): return {}[name]
def target(n):
    O(n).p if n % 2 else O(n).q
""",
        [[1, 3], [2, 4]],
    ),
    Shape(
        "bare-reraise",
        """
def inner(n): raise ValueError(n)
def outer(n):
    try: inner(n)
    except ValueError:
        raise
def target(n): outer(n)
""",
        [[1, 2]],
    ),
    Shape(
        "from-none",
        """
def lookup(n): return {}[n]
def attribute(n): return n.nope
def target(n):
    try: lookup(n) if n % 2 else attribute(n)
    except Exception: raise TypeError(n) from None
""",
        [[1, 3, 2, 4]],
    ),
    Shape(
        "one-exception-object",
        """
ERROR = ValueError("kept")
def a(): raise ERROR
def b(): raise ERROR
def target(n):
    a() if n % 2 else b()
""",
        [[1, 3], [2, 4]],
    ),
    Shape(
        "str-raises",
        """
class Evil(Exception):
    def __str__(self): raise RuntimeError("no")
    def __eq__(self, other): raise RuntimeError("no")
    __hash__ = None
class Meta(type):
    def __hash__(cls): raise RuntimeError
    def __eq__(cls, other): raise RuntimeError
class EvilClass(Exception, metaclass=Meta): pass
def target(n):
    raise (Evil if n % 2 else EvilClass)(n)
""",
        [[1, 3], [2, 4]],
    ),
    Shape(
        "recursive-repr",
        """
class A:
    def __repr__(self): return f"<{self.b!r}>"
class B:
    def __init__(self, a): self.a = a
    def __repr__(self): return "b" + repr(self.a)
def deep(n, x): return deep(n - 1, x) if n else repr(x)
def target(n):
    a = A(); a.b = B(a)
    deep(n % 7, a)
""",
        [[1, 2, 3, 8, 13]],
    ),
    Shape(
        "recursion-then-wrapped",
        """
def walk(n): return walk(n + 1)
def pad(n, f): return pad(n - 1, f) if n else f(0)
def target(n):
    try: pad(n, walk)
    except RecursionError as error: raise ValueError(n) from error
""",
        [[0, 1, 5, 9]],
    ),
    Shape(
        "two-recursions",
        """
def lists(n): return [lists(n)]
def maps(n): return {1: maps(n)}
def target(n):
    lists(n) if n % 2 else maps(n)
""",
        [[1, 3], [2, 4]],
    ),
    Shape(
        "visitor",
        """
class Num:
    def __init__(self, v): self.v = v
class Add:
    def __init__(self, l, r): self.l, self.r = l, r
class Visitor:
    def visit(self, node): return getattr(self, "visit_" + type(node).__name__)(node)
    def visit_Num(self, node): return 1 // node.v
    def visit_Add(self, node): return self.visit(node.l) % (self.visit(node.r) - 1)
def tree(depth, leaf): return Num(leaf) if depth == 0 else Add(Num(1), tree(depth - 1, leaf))
def target(n):
    depth, leaf = n
    Visitor().visit(tree(depth, leaf))
""",
        [[(0, 0), (3, 0), (40, 0)], [(1, 1)]],
    ),
    Shape(
        "match",
        """
def target(v):
    match v:
        case [x]: return 1 / x
        case [x, y]: return x / y
        case {"k": z}: return z.a
        case _: raise KeyError(v)
""",
        [[(0,)], [(1, 0), (2, 0)], ["s", "t"]],
    ),
    Shape(
        "asserts-alike",
        """
def target(n):
    assert n > 0
    n -= 5
    assert n > 0
""",
        [[0, -1], [1, 5]],
    ),
    Shape(
        "eval-of-text",
        """
def run(text): return eval(text)
def target(text): run(text)
""",
        [["1/0", "2/0"], ["[][3]"]],
    ),
    Shape(
        "namedtuple-and-enum",
        """
import enum, collections
class E(enum.Enum):
    A = 1
P = collections.namedtuple("P", "x y")
def make(n): return P(*range(n))
def color(n): return E(n)
def target(n):
    make(n) if n < 10 else color(n)
""",
        [[1, 3], [10, 20]],
    ),
    Shape(
        "partial-and-map",
        """
import functools
def conv(base, text): return int(text, base)
def target(text):
    list(map(functools.partial(conv, 10), text)) if len(text) > 1 else conv(16, text)
""",
        [["1x", "yz"], ["z", "w"]],
        [["1x", "yz", "z", "w"]],
    ),
    Shape(
        "subscript-kinds",
        """
def target(n):
    d = {"a": [1]}
    x = d["a"][n] if n < 100 else d[n]
""",
        [[1, 5], [100, 200]],
    ),
    Shape(
        "unicode-source",
        """
def target(n):
    s = "äöü€𝄞"; return 1 / n + 1 / (n - 1)
""",
        [[0], [1]],
    ),
    Shape(
        "exit-and-keyboard",
        """
import sys
def a(): sys.exit(3)
def b(): raise KeyboardInterrupt
def target(n): a() if n % 2 else b()
""",
        [[1, 3], [2, 4]],
    ),
    Shape(
        "variadic-depth-callers",
        """
def leaf(n): raise ValueError(n)
def w1(f, n): return f(n)
def w2(f, n): return w1(f, n)
def target(n): w1(leaf, n) if n % 2 else w2(leaf, n)
""",
        [[1, 3], [2, 4]],
        [[1, 3, 2, 4]],
    ),
    Shape(
        "class-attribute-receiver",
        """
class A:
    @classmethod
    def make(cls, n): return cls.table[n]
class B(A): table = {}
class C(A): table = []
def target(n): (B if n % 2 else C).make(n)
""",
        [[1, 3], [2, 4]],
    ),
    Shape(
        "many-causes",
        """
def target(n):
    error = ValueError(0)
    for i in range(n):
        new = KeyError(i); new.__cause__ = error; error = new
    raise error
""",
        [[20, 30, 10000]],
    ),
    Shape(
        "wrapped-at-each-level",
        """
class Bad(Exception): pass
def parse(n, last):
    try:
        if n == 0: last()
        parse(n - 1, last)
    except (ZeroDivisionError, KeyError, Bad) as error:
        raise Bad(n) from error
def divide(): 1 / 0
def look_up(): {}[1]
def target(n): parse(n % 100, divide if n < 100 else look_up)
""",
        [[0, 1, 2, 7, 8, 9, 30, 90], [100, 101, 102, 107, 108, 109, 130, 190]],
    ),
    Shape(
        "wrapped-from-two-places",
        """
class Bad(Exception): pass
def inner(n):
    try: [][n]
    except IndexError as error: raise Bad("inner") from error
def outer(n, depth):
    try:
        if depth: outer(n, depth - 1)
        if n % 2: inner(n)
        else: raise Bad("itself")
    except Bad as error: raise Bad("outer") from error
def target(n): outer(n, n // 2)
""",
        [[0, 2, 4, 20], [1, 3, 5, 21]],
    ),
    Shape(
        "handled-at-each-level",
        """
def walk(n):
    try:
        if n: walk(n - 1)
        else: int("x")
    except ValueError:
        raise ValueError(n)
def target(n): walk(n)
""",
        [[0, 1, 2, 3, 7, 8, 9, 40]],
    ),
    Shape(
        "cyclic-cause",
        """
def target(n):
    a, b = ValueError(n), KeyError(n)
    a.__cause__, b.__cause__ = b, a
    raise a
""",
        [[1, 2]],
    ),
    Shape(
        "group-in-group",
        """
def one(n): raise ValueError(n)
def target(n):
    try: one(n)
    except ValueError as error: inner = error
    for _ in range(n): inner = BaseExceptionGroup("x", [inner, KeyError(n)])
    raise inner
""",
        [[1], [2], [3]],
    ),
    Shape(
        "cause-raised-anywhere-in-a-library",
        """
import json
class ConfigError(Exception): pass
def read(text):
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConfigError(f"cannot read {text!r}") from error
def target(text):
    for number in read(text): 1 // number
""",
        [["zz", "1 2", '"\x01', "[1,"], ["[0]", "[2, 0]"]],
    ),
    Shape(
        "two-causes-in-one-handler",
        """
import json
class ConfigError(Exception): pass
def number(text): return int(text)
def read(text):
    try:
        return number(text[1:]) if text.startswith("=") else json.loads(text)
    except ValueError as error:
        raise ConfigError(f"cannot read {text!r}") from error
def target(text):
    read(text)
""",
        [["=x", "=y"], ["zz", "1 2"]],
    ),
    Shape(
        "same-kind-of-cause-from-two-places",
        """
class ConfigError(Exception): pass
def width(text): return int(text)
def height(text): return int(text)
def target(text):
    try: size = width(text[1:]) if text[0] == "w" else height(text[1:])
    except ValueError as error: raise ConfigError from error
""",
        [["wx", "wy"], ["hx", "hy"]],
        groups=[["wx", "wy", "hx", "hy"]],
    ),
]
