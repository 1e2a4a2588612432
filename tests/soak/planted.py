"""A project of property tests, each of which fails in several ways: of as many kinds as people write."""

import ast
from typing import Final

SUBJECT: Final = """
def first(): raise ValueError("first")
def second(): raise KeyError("second")
def third(): raise TypeError("third")
def fourth(): assert not "fourth"
def fifth(): return [][0]
def sixth(): return 1 / 0
WAYS = (first, second, third, fourth, fifth, sixth)

def fail(number):
    # Each is a bug of its own.
    WAYS[int(number) % len(WAYS)]()
"""

HEAD: Final = """
import dataclasses, datetime, decimal, enum, functools, math, random, sys, unittest, uuid
from unittest import mock
import pytest
from hypothesis import HealthCheck, assume, event, example, given, note, reject, settings, strategies as st, target
from hypothesis.stateful import *
from subject import fail

class Color(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3

class Access(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()
    RUN = enum.auto()

@dataclasses.dataclass(frozen=True)
class Order:
    name: str
    prices: list[int]
    color: Color
"""

CONFTEST: Final = """
import pytest

@pytest.fixture(scope="session")
def server():
    yield {"port": 3}

@pytest.fixture(autouse=True)
def around():
    yield
"""

DRAWN: Final = {
    "integers": (
        "a=st.integers(), b=st.integers(0, 99)",
        "if a > b: fail(b)",
    ),
    "big_integers": (
        "a=st.integers(-(2**200), 2**200)",
        "if a.bit_length() > 70: fail(a)",
    ),
    "floats": (
        "a=st.floats()",
        "if not math.isnan(a) and abs(a) > 5: fail(min(abs(a), 1e6))",
    ),
    "nan": (
        "a=st.lists(st.floats())",
        "if any(each != each for each in a): fail(len(a))",
    ),
    "float_range": (
        "a=st.floats(0, 1, exclude_min=True), b=st.floats(width=16)",
        "if a > 0.3 and b > 1: fail(a * 7)",
    ),
    "text": (
        "a=st.text()",
        "if len(a) > 2: fail(len(a))",
    ),
    "alphabet": (
        "a=st.text(st.characters(categories=['Lu', 'Nd']), min_size=1)",
        "if len(a) > 1: fail(ord(a[0]))",
    ),
    "binary": (
        "a=st.binary(min_size=2)",
        "if a[0] > 5: fail(a[1])",
    ),
    "regex": (
        "a=st.from_regex(r'[a-f]+-[0-9]{2,4}', fullmatch=True)",
        "if len(a) > 5: fail(a[-1])",
    ),
    "emails": (
        "a=st.emails()",
        "if '.' in a: fail(len(a))",
    ),
    "lists": (
        "a=st.lists(st.integers(0, 50))",
        "if sum(a) > 60: fail(len(a))",
    ),
    "unique": (
        "a=st.lists(st.integers(0, 9), unique=True, min_size=2)",
        "if a[0] > a[1]: fail(a[0])",
    ),
    "unique_by": (
        "a=st.lists(st.tuples(st.integers(0, 9), st.text(max_size=2)), unique_by=lambda pair: pair[0])",
        "if len(a) > 2: fail(a[0][0])",
    ),
    "sets": (
        "a=st.sets(st.text('abcdef', min_size=1, max_size=3))",
        "if len(a) > 2: fail(len(min(a)) + len(a))",
    ),
    "frozensets": (
        "a=st.frozensets(st.integers(0, 20), min_size=1)",
        "if max(a) > 9: fail(max(a))",
    ),
    "set_order": (
        "a=st.sets(st.sampled_from(['x', 'y', 'zz']), min_size=2)",
        "fail(len(a) + ('zz' in a))",
    ),
    "dictionaries": (
        "a=st.dictionaries(st.text(max_size=3), st.integers(0, 9))",
        "if len(a) > 1: fail(sum(a.values()))",
    ),
    "fixed": (
        "a=st.fixed_dictionaries({'x': st.integers(0, 9)}, optional={'y': st.booleans()})",
        "if 'y' in a: fail(a['x'])",
    ),
    "sampled": (
        "a=st.sampled_from(range(50)), b=st.sampled_from(Color)",
        "if b is Color.BLUE: fail(a)",
    ),
    "flags": (
        "a=st.sampled_from(Access), b=st.integers(0, 9)",
        "if Access.WRITE in a: fail(b)",
    ),
    "one_of": (
        "a=st.one_of(st.none(), st.integers(0, 9), st.text(min_size=1))",
        "if a: fail(a if type(a) is int else len(a))",
    ),
    "tuples": (
        "a=st.tuples(st.booleans(), st.integers(0, 99))",
        "if a[0]: fail(a[1])",
    ),
    "builds": (
        "a=st.builds(Order, st.text(), st.lists(st.integers(0, 9)), st.sampled_from(Color))",
        "if a.prices: fail(a.prices[0])",
    ),
    "from_type": (
        "a=st.from_type(Order)",
        "if a.prices: fail(len(a.prices) + a.color.value)",
    ),
    "flatmap": (
        "a=st.integers(1, 9).flatmap(lambda n: st.lists(st.just(n), min_size=n, max_size=n))",
        "if len(a) > 2: fail(a[0])",
    ),
    "filter": (
        "a=st.integers(0, 1000).filter(lambda n: n % 3 == 0)",
        "if a > 30: fail(a // 3)",
    ),
    "map": (
        "a=st.integers(0, 99).map(str)",
        "if a > '3': fail(len(a) + int(a))",
    ),
    "raises_as_it_draws": (
        "a=st.integers(0, 99).map(lambda n: n > 20 and fail(n))",
        "pass",
    ),
    "recursive": (
        "a=st.recursive(st.integers(0, 9), lambda inner: st.lists(inner, min_size=1, max_size=3))",
        "if isinstance(a, list) and len(a) > 1: fail(len(str(a)))",
    ),
    "deferred": (
        "a=TREES",
        "if a and a[0]: fail(len(str(a)))",
    ),
    "permutations": (
        "a=st.permutations(range(6))",
        "if a[0] > 0: fail(a[0])",
    ),
    "dates": (
        "a=st.datetimes(timezones=st.timezones())",
        "if a.minute: fail(a.minute)",
    ),
    "times": (
        "a=st.times(), b=st.dates(), c=st.timedeltas()",
        "if a.hour > 3: fail(b.day)",
    ),
    "decimals": (
        "a=st.decimals(allow_nan=False, allow_infinity=False, places=2)",
        "if a > 3: fail(a % 6)",
    ),
    "fractions": (
        "a=st.fractions()",
        "if a.denominator > 2: fail(a.denominator)",
    ),
    "complexes": (
        "a=st.complex_numbers(max_magnitude=1000)",
        "if a.real > 1: fail(a.real)",
    ),
    "uuids": (
        "a=st.uuids()",
        "fail(a.int % 6)",
    ),
    "addresses": (
        "a=st.ip_addresses()",
        "fail(int(a))",
    ),
    "slices": (
        "a=st.slices(20)",
        "if a.start: fail(a.start)",
    ),
    "iterables": (
        "a=st.iterables(st.integers(0, 9))",
        ("items = list(a)\n    if len(items) > 1: fail(items[0])"),
    ),
    "functions": (
        "a=st.functions(like=lambda n: None, returns=st.integers(0, 9), pure=True)",
        "if a(1) > 2: fail(a(2))",
    ),
    "shared": (
        "a=st.shared(st.integers(0, 9), key='x'), b=st.shared(st.integers(0, 9), key='x')",
        "if a > 1: fail(b)",
    ),
    "randoms": (
        "a=st.randoms()",
        ("n = a.randint(0, 99)\n    if n > 30: fail(n)"),
    ),
    "true_randoms": (
        "a=st.randoms(use_true_random=True)",
        ("n = a.randint(0, 99)\n    if n > 30: fail(n)"),
    ),
    "random_module": (
        "a=st.random_module()",
        ("n = random.randint(0, 99)\n    if n > 10: fail(n)"),
    ),
    "global_random": (
        "a=st.integers(0, 99)",
        ("n = random.randint(0, 3)\n    if a > 40: fail(a + n)"),
    ),
    "assumes": (
        "a=st.integers(0, 99), b=st.integers(0, 99)",
        ("assume(a < b)\n    if a > 20: fail(b)"),
    ),
    "rejects": (
        "a=st.integers(0, 99)",
        ("if a % 2: reject()\n    if a > 20: fail(a // 2)"),
    ),
    "skips": (
        "a=st.integers(0, 99)",
        ("if a % 2: pytest.skip('odd')\n    if a > 20: fail(a // 2)"),
    ),
    "tells": (
        "a=st.integers(0, 99)",
        ("event(str(a % 3)); target(float(a)); note(str(a))\n    if a > 50: fail(a)"),
    ),
    "data": (
        "data=st.data()",
        (
            "n = data.draw(st.integers(0, 5))\n    "
            "a = [data.draw(st.integers(0, 9)) for _ in range(n)]\n    "
            "if sum(a) > 9: fail(sum(a))"
        ),
    ),
    "data_of_data": (
        "data=st.data()",
        (
            "kind = data.draw(st.sampled_from([st.integers(0, 9), st.lists(st.integers(0, 9), min_size=1)]))\n    "
            "a = data.draw(kind)\n    "
            "if a: fail(a if type(a) is int else a[0])"
        ),
    ),
    "composite": (
        "a=pairs()",
        "if a[0] > 5: fail(a[1])",
    ),
    "many_choices": (
        "a=st.lists(st.lists(st.integers(0, 9)), min_size=20)",
        "fail(sum(map(len, a)))",
    ),
    "pytest_fails": (
        "a=st.integers(0, 9)",
        ("if a > 4: pytest.fail(f'no {a}')\n    if a > 1: fail(a)"),
    ),
    "exits": (
        "a=st.integers(0, 9)",
        ("if a > 6: sys.exit(3)\n    if a > 1: fail(a)"),
    ),
    "groups": (
        "a=st.integers(0, 9)",
        ("try: fail(a)\n    except Exception as error: raise ExceptionGroup('some', [error, KeyError(1)])"),
    ),
    "causes": (
        "a=st.integers(0, 9)",
        ("try: fail(a)\n    except Exception as error: raise OSError(2) from error"),
    ),
    "recursion": (
        "a=st.integers(0, 9)",
        ("def deep(n): return deep(n + 1)\n    deep(0) if a > 5 else fail(a)"),
    ),
    "state_between": (
        "a=st.integers(0, 9)",
        ("SEEN.append(a)\n    if len(SEEN) > 30: fail(a)"),
    ),
}
"""Name of a test -> what draws its arguments, and its body. The last one fails by what was executed before it."""

MORE: Final = """
TREES = st.deferred(lambda: st.lists(st.one_of(st.just([]), TREES), max_size=3))
SEEN = []

@st.composite
def pairs(draw):
    low = draw(st.integers(0, 9))
    return low, draw(st.integers(low, low + 9))
"""

HOSTED: Final = """
@given(a=st.integers(0, 99))
def test_fixture(server, a):
    if a > 20: fail(a + server["port"])

@pytest.mark.parametrize("sign", [0, 1, 2])
@given(a=st.integers(0, 99))
def test_parametrized(server, sign, a):
    if a > 20 and sign: fail(a + sign)

class TestClass:
    def setup_method(self):
        self.base = 1

    @given(a=st.integers(0, 99))
    def test_method(self, a):
        if a > 20: fail(a + self.base)

    @pytest.mark.parametrize("sign", ["x", "yy"])
    @given(a=st.integers(0, 99))
    def test_both(self, sign, a):
        if a > 20: fail(a + len(sign))

class Case(unittest.TestCase):
    def setUp(self):
        self.base = 2

    @given(st.integers(0, 99))
    def test_case(self, a):
        if a > 20: fail(a + self.base)

@mock.patch("subject.first")
@given(a=st.integers(0, 99))
def test_patched(patched, a):
    if a > 20: fail(a)

@pytest.mark.asyncio
@given(a=st.integers(0, 99))
async def test_async(a):
    if a > 20: fail(a)

@example(a=77)
@example(a=78)
@given(a=st.integers(0, 99))
def test_example(server, a):
    if a > 20: fail(a)

@settings(suppress_health_check=list(HealthCheck))
@given(a=st.integers(0, 99))
def test_tmp_path(tmp_path, monkeypatch, a):
    (tmp_path / "x").write_text(str(a))
    if a > 20: fail((tmp_path / "x").read_text())

class Shop(RuleBasedStateMachine):
    boxes = Bundle("boxes")

    @initialize(target=boxes, size=st.integers(1, 5))
    def open(self, size):
        self.total = size
        return size

    @rule(target=boxes, size=st.integers(6, 9))
    def box(self, size):
        return size

    @precondition(lambda self: self.total < 100)
    @rule(box=boxes, price=st.integers(0, 30))
    def order(self, box, price):
        self.total += price * box

    @rule(box=consumes(boxes))
    def throw(self, box):
        if self.total > 90: fail(box)

    @rule(target=boxes)
    def several(self):
        return multiple(1, 2)

    @invariant()
    def holds(self):
        if self.total > 120: fail(self.total)

TestShop = Shop.TestCase

def test_machine_of_a_fixture(server):
    run_state_machine_as_test(Shop)
"""


def files() -> dict[str, str]:
    """The project: file -> its text."""
    tests = [
        f"@given({drawn})\ndef test_{name}({', '.join(_names(drawn))}):\n    {body}\n"
        for name, (drawn, body) in DRAWN.items()
    ]
    return {
        "pyproject.toml": "",
        "subject.py": SUBJECT,
        "test_bare.py": HEAD + MORE + "\n" + "\n".join(tests),
        "hosted/conftest.py": CONFTEST,
        "hosted/test_hosted.py": HEAD + HOSTED,
    }


def _names(drawn: str) -> list[str]:
    call = ast.parse(f"f({drawn})", mode="eval").body
    assert isinstance(call, ast.Call)
    return [each.arg for each in call.keywords if each.arg is not None]
