import struct
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from operator import eq, gt, ne
from random import Random
from typing import Any, NoReturn

import pytest

from fuzztui.worker.instrumentation.literals import Expression
from fuzztui.worker.mutate import Tried, candidates, tokens
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sizes import Arguments, size


class Recorder:
    """Compares as instrumented code does while it is traced."""

    def __init__(self) -> None:
        self.comparisons: list[Comparison] = []

    def __call__(self, operator: str, left: Any, right: Any) -> bool:
        self.comparisons.append((operator, left, right))
        compare: Callable[[Any, Any], Any] = {
            "==": eq,
            "!=": ne,
            ">": gt,
            "in": lambda member, container: member in container,
        }[operator]
        return bool(compare(left, right))


OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in", "of", "startswith", "endswith", "matches")


class SolvedError(Exception):
    pass


def executions_until_solved(target: Callable[..., None], entry: Arguments, limit: int = 300) -> int:
    """Runs the entry, then candidates, each of which leads to candidates of its own while it meets new comparisons."""
    queue, known, executions = [entry], set(), 0
    while queue:
        arguments = queue.pop(0)
        compare = Recorder()
        target(compare, *arguments)
        for candidate in candidates(arguments, compare.comparisons, limit):
            executions += 1
            trial = Recorder()
            try:
                target(trial, *candidate)
            except SolvedError:
                return executions
            path = tuple((operator, repr(right)) for operator, _, right in trial.comparisons)
            if len(path) > len(compare.comparisons) and path not in known:
                known.add(path)
                queue.append(candidate)
    pytest.fail("not solved")


def magic(compare: Recorder, data: bytes) -> None:
    if compare("==", data[:8], b"\x89PNG\r\n\x1a\n"):
        raise SolvedError


def magic_inside(compare: Recorder, data: bytes) -> None:
    if compare("==", data[4:8], b"ABCD"):
        raise SolvedError


def nested_bytes(compare: Recorder, data: bytes) -> None:
    for index, byte in enumerate(b"FUZZING!"):
        if len(data) <= index or compare("!=", data[index], byte):
            return
    raise SolvedError


def constant(layout: str, number: int | float) -> Callable[[Recorder, bytes], None]:
    def target(compare: Recorder, data: bytes) -> None:
        width = struct.calcsize(layout)
        if len(data) >= 3 + width and compare("==", struct.unpack_from(layout, data, 3)[0], number):
            raise SolvedError

    return target


def decimal(compare: Recorder, text: str) -> None:
    digits = text.partition("=")[2]
    if digits.isdigit() and compare("==", int(digits), 31337):
        raise SolvedError


def decimal_bytes(compare: Recorder, data: bytes) -> None:
    digits = data.partition(b"=")[2]
    if digits.isdigit() and compare("==", int(digits), 31337):
        raise SolvedError


def parsed(read: Callable[[Any], Any], number: int | float) -> Callable[[Recorder, str | bytes], None]:
    """The value of a field after a colon."""

    def target(compare: Recorder, text: str | bytes) -> None:
        field = text[text.index(":" if isinstance(text, str) else b":") + 1 :]  # type: ignore[arg-type]
        try:
            value = read(field)
        except ValueError:
            return
        if compare("==", value, number):
            raise SolvedError

    return target


def from_bytes(width: int, order: Any, signed: bool, number: int) -> Callable[[Recorder, bytes], None]:
    def target(compare: Recorder, data: bytes) -> None:
        if len(data) >= 2 + width and compare("==", int.from_bytes(data[2 : 2 + width], order, signed=signed), number):
            raise SolvedError

    return target


def sized_field(compare: Recorder, data: bytes) -> None:
    if len(data) > 4 and compare("==", int.from_bytes(data[1:3], "big"), len(data) - 3) and compare("==", data[0], 7):
        raise SolvedError


def hexadecimal(compare: Recorder, text: str) -> None:
    if compare("==", int(text[2:6], 16), 0xBEEF):
        raise SolvedError


def keyword(compare: Recorder, text: str) -> None:
    command = text.split()[0]
    if compare("==", command.upper(), "SHUTDOWN"):
        raise SolvedError


def lower_keyword(compare: Recorder, data: bytes) -> None:
    if compare("==", data[:4].lower(), b"quit"):
        raise SolvedError


def decoded(compare: Recorder, data: bytes) -> None:
    if compare("==", data.decode("latin-1"), "caf\u00e9"):
        raise SolvedError


def choice(compare: Recorder, text: str) -> None:
    word = text.partition(":")[0]
    if compare("in", word, ("alpha", "beta", "gamma")) and not compare("==", word, "alpha"):
        raise SolvedError


def keys(compare: Recorder, text: str) -> None:
    table = dict.fromkeys(text.split(","))
    if compare("in", "password", table):
        raise SolvedError


def substring(compare: Recorder, data: bytes) -> None:
    if compare("in", b"needle", data):
        raise SolvedError


def border(compare: Recorder, text: str) -> None:
    if compare(">", int(text), 65_535):
        raise SolvedError


def length(compare: Recorder, data: bytes) -> None:
    if compare("==", len(data), 37):
        raise SolvedError


def sequence(compare: Recorder, text: str) -> None:
    if compare("==", text.split("."), ["www", "python", "org"]):
        raise SolvedError


def sized(compare: Recorder, data: bytes) -> None:
    if len(data) > 3 and data[0] == len(data) - 1 and data[1] == len(data) - 2 and compare("==", data[2:], b"keyword"):
        raise SolvedError


def version(compare: Recorder, data: bytes) -> None:
    if compare("==", tuple(data[:3]), (3, 2, 1)):
        raise SolvedError


def integer(compare: Recorder, number: int) -> None:
    if compare("==", number, 2**40 + 1):
        raise SolvedError


def masked(compare: Recorder, number: int) -> None:
    if compare("==", number & 0xFFFF, 0xCAFE):
        raise SolvedError


def floating(compare: Recorder, name: str, number: float) -> None:
    if compare("==", number, 6.25) and compare("==", name, "pi"):
        raise SolvedError


@pytest.mark.parametrize(
    ("target", "entry", "at_most"),
    [
        (magic, (b"",), 5),
        (magic, (b"hello world, hello",), 5),
        (magic_inside, (b"abcd",), 5),
        (nested_bytes, (b"aaaaaaaaaaaa",), 300),
        (constant("<I", 0xDEADBEEF), (b"0123456789",), 5),
        (constant(">I", 0xDEADBEEF), (b"0123456789",), 5),
        (constant(">q", -12345678901), (b"0123456789abcdef",), 5),
        (constant("<d", 1.5), (b"0123456789abcdef",), 5),
        (constant("<H", 0xFFFE), (b"0123456789",), 10),
        *((from_bytes(2, order, False, 0xBEEF), (b"0123456789",), 10) for order in ("big", "little")),
        *((from_bytes(3, order, True, -70_000), (b"0123456789",), 10) for order in ("big", "little")),
        *((from_bytes(4, order, True, -2), (b"0123456789",), 10) for order in ("big", "little")),
        *((from_bytes(8, order, False, 2**60 + 1), (b"0123456789",), 10) for order in ("big", "little")),
        *((constant(f"{order}{kind}", -77), (b"0123456789abcdef",), 10) for order in "<>" for kind in "hiq"),
        (constant("<f", 0.5), (b"0123456789",), 10),
        (sized_field, (b"a\x00\x99bcdef",), 60),
        (parsed(int, 4711), ("id:0005 ",), 10),
        (parsed(int, -4711), (b"id:+5",), 10),
        (parsed(int, 4711), ("id:1_000",), 10),
        (parsed(lambda text: int(text, 8), 0o7654), ("mode:17",), 20),
        (parsed(lambda text: int(text, 2), 0b1011), (b"bits:10",), 20),
        (parsed(lambda text: int(text, 16), 0xBEEF), ("hex:0xAB",), 20),
        (parsed(lambda text: int(text, 0), 31337), ("any:0X1F",), 20),
        (parsed(float, 2.5e9), ("size:1e3",), 10),
        (parsed(float, 0.1), (b"size:12.50",), 10),
        (decimal, ("x=5",), 10),
        (decimal_bytes, (b"x=5",), 10),
        (hexadecimal, ("0x00ff",), 10),
        (keyword, ("help me",), 5),
        (lower_keyword, (b"EXIT now",), 5),
        (decoded, (b"abc\xff",), 5),
        (decoded, (b"abc",), 10),
        (choice, ("none:1",), 10),
        (keys, ("user,name",), 10),
        (substring, (b"a haystack",), 10),
        (border, ("12",), 10),
        (length, (b"abc",), 10),
        (sequence, ("a.bcd.efg",), 20),
        (sized, (b"\x04\x03key",), 10),
        (version, (b"\x01\x02\x01rest",), 20),
        (integer, (17,), 5),
        (masked, (2**33 + 5,), 5),
        (floating, ("tau", 1.0), 10),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_candidates_solve(target: Callable[..., None], entry: Arguments, at_most: int) -> None:
    assert executions_until_solved(target, entry) <= at_most


ENTRY: Arguments = (b"abc 17 \x00\x11", "abc 17 key", 17, 1.0, True)
COMPARISONS: list[Comparison] = [
    ("==", "abc", "xyz"),
    ("!=", 17, 99),
    ("in", "key", {"one", "two", "three", "four"}),
    ("<", 1.0, 2.5),
    ("==", b"", b"tail"),
    ("==", 0.0, -0.0),
    ("==", float("nan"), 1.0),
    ("not in", 17, b"\x00\x11\x22"),
    ("in", ("abc", 17), [("q", 1), ("r", 2)]),
]


def test_no_candidate_repeats_another_or_the_entry_and_types_stay() -> None:
    made = list(candidates(ENTRY, COMPARISONS * 2, 1000))
    assert len(made) > 30
    assert len({repr(candidate) for candidate in made} | {repr(ENTRY)}) == len(made) + 1
    for candidate in made:
        assert [type(value) for value in candidate] == [bytes, str, int, float, bool]


def test_limits_of_number_and_length_hold() -> None:
    everything = list(candidates(ENTRY, COMPARISONS, 1000))
    assert list(candidates(ENTRY, COMPARISONS, 7)) == everything[:7]
    assert list(candidates(ENTRY, COMPARISONS, 0)) == []
    room = sum(map(size, ENTRY))
    short = list(candidates(ENTRY, COMPARISONS, 1000, max_len=room))
    assert 0 < len(short) < len(everything)
    assert all(sum(map(size, candidate)) <= room for candidate in short)


def test_the_rest_of_a_number_stays_when_its_low_bits_were_compared() -> None:
    made = list(candidates((2**33 + 5,), [("==", 5, 0xCAFE)], 10))
    assert made[0] == (2**33 + 0xCAFE,)


def test_a_missing_piece_is_put_before_behind_and_over_the_text() -> None:
    made = list(candidates((b"a haystack",), [("in", b"needle", b"a haystack")], 100))
    for expected in (b"a haystackneedle", b"needlea haystack", b"a hayneedle"[:4] + b"needle"):
        assert (expected,) in made


def test_of_a_word_that_stands_in_many_places_the_last_gives_way_too() -> None:
    session = b"NICK a\nUSER a s\nJOIN #\nMODE a a"
    made = [changed for (changed,) in candidates((session,), [("not in", "a", ("#",))], 20)]
    assert b"NICK a\nUSER a s\nJOIN #\nMODE # a" in made
    assert b"NICK #\nUSER a s\nJOIN #\nMODE a a" in made


def test_long_operands_come_before_single_characters() -> None:
    first = next(candidates((b"a stray a, then keyword",), [("==", "a", "b"), ("==", "keyword", "another")], 10))
    assert first == (b"a stray a, then another",)


def test_one_comparison_with_many_counterparts_does_not_keep_others_waiting() -> None:
    many = [f"member{number}" for number in range(100)]
    made = islice(candidates(("word1 word2",), [("in", "word1", many), ("==", "word2", "other")], 1000), 4)
    assert ("word1 other",) in made


def test_a_replacement_has_three_chances_and_what_is_missing_has_more() -> None:
    tried = Tried(chances=3)
    entries = [(f"{number} word",) for number in range(5)]
    made = [list(candidates(entry, [("==", "word", "other")], 10, tried=tried)) for entry in entries]
    assert [(f"{number} other",) in each for number, each in enumerate(made)] == [True, True, True, False, False]
    for entry in entries:
        assert (entry[0] + "other",) in list(candidates(entry, [("==", "", "other")], 10, tried=tried))


def test_a_comparison_has_three_chances_and_one_with_a_piece_of_the_input_more() -> None:
    tried = Tried(chances=3)
    short: Comparison = ("==", "a", 1)
    assert [len(tried.fresh([short, ("==", "b", number)])) for number in range(5)] == [2, 2, 2, 1, 1]
    long: list[Comparison] = [("startswith", f"{number} the rest of the input", "key") for number in range(20)]
    assert tried.fresh(long) == long[:9]
    assert tried.fresh([("startswith", "another rest of the input", "other")])


def test_what_has_been_tried_is_forgotten_rather_than_piled_up() -> None:
    tried = Tried(chances=1, capacity=2)
    assert tried.again(1, 2)
    assert not tried.again(1, 2)
    assert tried.again(1, 3)
    assert tried.again(1.0, 3)
    assert tried.again(1, 2)


def test_a_missing_piece_goes_behind_what_texts_are_split_at() -> None:
    comparisons: list[Comparison] = [("in", " ", "name"), ("in", "", ("value",))]
    made = list(candidates((b"name",), comparisons, 50))
    assert (b"name value",) in made
    assert (b"namevalue",) in made


@pytest.mark.parametrize(
    ("comparison", "entry", "expected"),
    [
        (("startswith", "text", "key"), "a text", ["a keyt", "a keytext"]),
        (("startswith", b"t", b"key"), b"a text", [b"a keyext", b"a keytext"]),
        (("endswith", "text", ("xt", ".py")), "a text!", ["a t.py!", "a text.py!"]),
        (("startswith", "program", "pro"), "the pro", ["the program"]),
        (("of", "text", ("one", "two")), "a text", ["a one", "a two"]),
        (("matches", "text", Expression("x=[0-9]", 0)), "a text", ["a x=0t", "a x=0text", "a x=9"]),
        (("matches", b"text", Expression(b"key:", 0)), b"text", [b"key:", b"key:text"]),
    ],
)
def test_operands_of_methods_are_put_where_they_are_looked_for(
    comparison: Comparison, entry: bytes | str, expected: list[bytes | str]
) -> None:
    made = list(candidates((entry,), [comparison], 50))
    assert {(each,) for each in expected} <= set(made)


def test_constants_do_not_give_way_to_what_they_are_compared_with() -> None:
    assert list(candidates(("one two",), [("of", "one", ("two",))], 10)) == [("two two",)]


def test_tokens_of_a_regular_expression_are_its_words_and_examples() -> None:
    made = list(tokens([("matches", "text", Expression("(?:get|put)=[0-9]", 0))]))
    assert {"text", "get", "put", "get=0", "put=9"} <= set(made)


def test_order_does_not_depend_on_the_hash_seed() -> None:
    script = (
        "from fuzztui.worker.mutate import candidates, tokens\n"
        "comparisons = [('in', 'key', {'one', 'two', 'three', b'4444', 55555}), ('==', 'key', 'other')]\n"
        "print(list(candidates(('a key',), comparisons, 100)), list(tokens(comparisons)))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1
    assert "three" in outputs.pop()


class HostileType(type):
    def __eq__(cls, other: object) -> NoReturn:
        raise AssertionError

    __hash__ = type.__hash__


class Hostile(metaclass=HostileType):
    """Every way of touching it is an error."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise AssertionError(name)

    def __eq__(self, other: object) -> NoReturn:
        raise AssertionError

    def __hash__(self) -> NoReturn:
        raise AssertionError

    def __len__(self) -> NoReturn:
        raise AssertionError

    def __iter__(self) -> NoReturn:
        raise AssertionError

    __lt__ = __gt__ = __contains__ = __eq__
    __repr__ = __str__ = __bool__ = __len__


class HostileStr(str):
    __slots__ = ()

    def __len__(self) -> NoReturn:
        raise AssertionError

    def __eq__(self, other: object) -> NoReturn:
        raise AssertionError

    def __hash__(self) -> NoReturn:
        raise AssertionError

    __repr__ = __len__


class HostileList(list[object]):
    def __iter__(self) -> NoReturn:
        raise AssertionError

    def __len__(self) -> NoReturn:
        raise AssertionError


@pytest.mark.parametrize("operator", OPERATORS)
def test_objects_of_the_targets_own_types_are_never_touched(operator: str) -> None:
    odd: list[Any] = [Hostile(), HostileStr("abc"), HostileList(["abc"]), Hostile, None, True, 1j, ..., range(3)]
    odd += [[each] for each in odd] + [(each, "abc") for each in odd] + [{"k": each} for each in odd]
    comparisons: list[Comparison] = []
    for each in odd:
        comparisons += [(operator, each, "abc"), (operator, "abc", each), (operator, each, each)]
    list(candidates(("abc", b"abc", 1), comparisons, 1000))
    list(tokens(comparisons))


@pytest.mark.parametrize(
    "operand",
    [b"x" * 10**6, "x" * 10**6, 1 << 10**6, [0] * 10**6, {str(number) for number in range(10**5)}, bytearray(10**6)],
    ids=["bytes", "str", "int", "list", "set", "bytearray"],
)
def test_huge_operands_are_left_alone(operand: object) -> None:
    comparisons: list[Comparison] = [("==", operand, "abc"), ("in", "abc", operand), ("==", b"abc", operand)]
    assert list(tokens(comparisons)) == ["abc", b"abc"]
    assert list(candidates(("abc", b"abc"), comparisons, 1000)) == []


def test_extreme_numbers_are_no_error() -> None:
    numbers = (0, -1, 2**63, -(2**64), 2**2000, 1e308, 5e-324, float("inf"), float("-inf"), float("nan"), 3.5e38)
    comparisons = [("<", one, other) for one in numbers for other in numbers]
    entry = (b"0 -1 inf nan 1e+308", "0 -1 inf nan 1e+308", 0, float("inf"))
    assert len(list(candidates(entry, comparisons, 10_000))) > 50


def test_random_comparisons_are_no_error() -> None:
    random = Random(5)
    scalars: list[Any] = [
        b"",
        b"\xff\xfe",
        "",
        "\ud800",
        "\u00df",
        "\u0130",
        0,
        1,
        255,
        -1,
        2**32,
        1.0,
        -0.0,
        b"ab",
        "ab",
    ]
    scalars += [
        tuple(scalars),
        list(scalars),
        dict.fromkeys(scalars),
        set(scalars),
        frozenset(scalars),
        bytearray(b"ab"),
    ]
    for _ in range(300):
        comparisons = [(random.choice(OPERATORS), random.choice(scalars), random.choice(scalars)) for _ in range(20)]
        entry = (random.choice((b"", b"ab", b"\xff\xfe\0")), random.choice(("", "ab", "\ud800\u00df")), 255)
        for candidate in candidates(entry, comparisons, 500, max_len=50):
            assert [type(value) for value in candidate] == [bytes, str, int]
            assert sum(map(size, candidate)) <= 50


def test_tokens_are_operands_and_members_without_the_trivial_and_the_inputs_own() -> None:
    comparisons: list[Comparison] = [
        ("==", "input", "keyword"),
        ("in", "x", ("alpha", b"beta", "alpha")),
        ("==", 3, 31337),
        ("==", 1.0, 2.5),
        ("==", bytearray(b"array"), b""),
        ("==", 4711, "long" * 20),
        ("==", True, None),
    ]
    assert list(tokens(comparisons)) == ["input", "keyword", "alpha", b"beta", 31337, b"array", 4711]
    assert list(tokens(comparisons, (b"some input", 4711))) == ["keyword", "alpha", b"beta", 31337, b"array"]


def test_no_sign_of_a_large_input_gives_way_everywhere_to_what_makes_it_many_times_as_long() -> None:
    large = b"field," * 20_000
    made = candidates((large,), [("==", b",", b"x" * 200)], 100, 2**30)
    longest = max(len(data) for (data,) in made if isinstance(data, bytes))
    assert longest < 2 * len(large)
    assert (b"xx;xx;",) in candidates((b",;,;",), [("==", b",", b"xx")], 100)
