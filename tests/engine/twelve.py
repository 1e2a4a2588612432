"""Programs with twelve bugs each behind one target, which `test_twelve_bugs` runs many inputs through.

An input is `bug:n`: which of the bugs it shows, and a number that its message, its line, or the depth at which it fails
depend on.
"""

from typing import Final

_HEAD: Final = """
import ctypes, os, sys, uuid
numbers = iter(range(10**6))

def fuzz_it(data: bytes) -> None:
    bug, _, n = data.decode("latin-1").partition(":")
    if bug in BUGS and n.isascii() and n.isdigit() and len(n) <= 2:  # else it was mutated
        BUGS[bug](int(n) % 20)
"""

FIRST: Final = (
    _HEAD
    + """
class ConfigError(Exception):
    pass

def number(n): return int(f"{n}x")
def chained(n):
    try: number(n)
    except ValueError as error: raise ConfigError(f"entry {n}") from error

def member(n): raise KeyError(f"job {n}")
def grouped(n):
    errors = []
    for _ in range(1 + n):
        try: member(n)
        except KeyError as error: errors.append(error)
    raise ExceptionGroup(f"{n} jobs", errors)

def endless(n): return endless(n + 1)
def deep_endless(n): return deep_endless(n - 1) if n else endless(0)

def even(n): return odd(n + 1)
def odd(n): return even(n + 1)
def mutual(n): return even(n) if n % 2 else odd(n)

def require(condition, message):
    if not condition: raise AssertionError(message)
def header(n): require(n < 0, f"header {n}")
def body(n):
    for i in range(n + 1):
        require(i < n, f"body of {i}")

def leave(n): os._exit(3)
def leave_early(n):
    if n % 2: os._exit(3)
    os._exit(3)

def deep_abort(n): return deep_abort(n - 1) if n else os.abort()

class Mute(Exception):
    def __str__(self): raise RuntimeError("no words")
def mute(n): raise Mute(n)

def generated(n):
    name = uuid.uuid4().hex
    names = {"__name__": f"made_{name}"}
    exec(compile("\\n" * n + f"def run_{name}(n): raise ValueError('{name}', n)", f"<made {name}>", "exec"), names)
    names[f"run_{name}"](n)

def classed(n):
    name = "".join(chr(97 + int(digit, 16)) for digit in uuid.uuid4().hex)
    raise type(name, (LookupError,), {})(f"{name} {n}")

def early(n): leave_early(0)
BUGS = dict(chained=chained, grouped=grouped, endless=deep_endless, mutual=mutual, header=header, body=body,
            leave=leave, early=early, abort=deep_abort, mute=mute, generated=generated, classed=classed)
"""
)

SECOND: Final = (
    _HEAD
    + """
import asyncio, copy, json

class Ghost:
    def __getattr__(self, name): return getattr(self.inner, name)
def ghost(n): return ghost(n - 1) if n else Ghost().size

class Node:
    def __init__(self): self.next = self
def encode(node): return {"next": node.next}
def dumps(n):
    value = Node()
    for _ in range(n): value = [value]
    json.dumps(value, default=encode, check_circular=False)

class Copied:
    def __deepcopy__(self, memo): return copy.deepcopy(Copied(), memo)
def clone(n): copy.deepcopy([Copied()] * (n + 1))

def lookup(n): return {}[f"key {n}"]
def hidden(n):
    try: lookup(n)
    except KeyError: raise TypeError(f"no {n}") from None

def tree(n): return [tree(n - 1)] if n else "leaf"
def walk(node):
    if isinstance(node, str): assert node == "root", f"{node} {next(numbers)}"
    for each in node: walk(each)
def walked(n): walk(tree(n))

async def task(n):
    await asyncio.sleep(0)
    raise RuntimeError(n, f"job {n}")
async def tasks(n):
    async with asyncio.TaskGroup() as group:
        for _ in range(1 + n % 3): group.create_task(task(n))
def grouped(n): asyncio.run(tasks(n))

def exits(n): sys.exit(1 + n)

def crash(): ctypes.string_at(0)
def segfault(n): return segfault(n - 1) if n % 5 else crash()
def other(n): [crash() for _ in range(1)]

class Meta(type):
    def __hash__(cls): raise RuntimeError
    def __eq__(cls, other): raise RuntimeError
class Evil(Exception, metaclass=Meta):
    def __str__(self): return "\\x1b[31m" * 100_000
    def __repr__(self): raise SystemExit
    __hash__ = None
def evil(n): raise Evil(n)

def slow(n):
    x = 0
    while True:
        for i in range(1000): x = (x * 3 + i) % 7
        x = [step, other_step][n % 2](x)
def step(x): return sum(range(50))
def other_step(x): return len(str(x)) and len(str(x))

def key(text): return int(text)
def decorated(function):
    def wrapper(*arguments): return function(*arguments)
    return wrapper
def order(n): sorted([str(n)] * n + ["?", "!"][n % 2 :], key=decorated(key))

BUGS = dict(ghost=ghost, dumps=dumps, clone=clone, hidden=hidden, walked=walked, grouped=grouped, exits=exits,
            segfault=segfault, other=other, evil=evil, hang=slow, order=order)
"""
)
