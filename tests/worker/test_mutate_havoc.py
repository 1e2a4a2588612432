import struct
import sys
from collections.abc import Callable
from datetime import date
from random import Random
from types import FrameType
from typing import Any

import pytest

from fuzztui.target.values import zero
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.adaptive import Bandit
from fuzztui.worker.mutate.domains import DOMAINS
from fuzztui.worker.mutate.domains.binary import binary_operators, bytes_material
from fuzztui.worker.mutate.domains.date import date_operators
from fuzztui.worker.mutate.domains.floating import float_operators
from fuzztui.worker.mutate.domains.integer import MAX_BITS, int_operators
from fuzztui.worker.mutate.domains.text import text_material, text_operators
from fuzztui.worker.mutate.pool import BYTES, ENTRIES, Pool
from fuzztui.worker.mutate.sequence import PIECE, picker, sequence_operators
from fuzztui.worker.mutate.sized import replace_sized
from fuzztui.worker.mutate.sizes import Arguments, size

SEEDS = (1, 2, 3)
JSON = b'{"key": [1, 22.5, "abc"], "other": null}'
TEXT = 'name = "Zo\u00eb" # 42, \U0001f600 x\u0301\nlist: [1, 2]'
INPUTS: dict[tuple[str, ...], Arguments] = {
    ("bytes",): (JSON,),
    ("str",): (TEXT,),
    ("int",): (1234,),
    ("float",): (2.5,),
    ("bool",): (True,),
    ("str", "int"): (TEXT, -7),
    ("bytes", "bytes"): (JSON, b"\0\x01\x02"),
    ("bool", "float", "int"): (False, -0.0, 0),
    ("bytes", "str", "int", "float", "bool"): (JSON, TEXT, 2**70, 1e300, True),
    ("date",): (date(2024, 2, 29),),
    ("date", "str", "date"): (date.max, TEXT, date.min),
}


def dictionary() -> Dictionary:
    tokens = Dictionary()
    for token in (b"MAGIC", "schl\u00fcssel", 31337, -2, 0xDEADBEEF, 1.25, "77"):
        tokens.add(token)
    return tokens


def mutator(parameters: tuple[str, ...], seed: int = 1, max_len: int = 4096) -> Mutator:
    made = Mutator(parameters, Random(seed), dictionary(), max_len)
    made.add_to_pool(INPUTS[parameters])
    return made


def pool_of(*names: str) -> Pool:
    return Pool([DOMAINS[name] for name in names])


def bits_of(arguments: Arguments) -> list[object]:
    return [struct.pack("<d", value) if isinstance(value, float) else value for value in arguments]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("parameters", INPUTS, ids="-".join)
def test_types_and_total_length_hold_along_a_chain_of_mutations(parameters: tuple[str, ...], seed: int) -> None:
    types = [
        {"bytes": bytes, "str": str, "int": int, "float": float, "bool": bool, "date": date}[name]
        for name in parameters
    ]
    max_len = 120
    made = mutator(parameters, seed, max_len)
    arguments = INPUTS[parameters]
    longest = 0
    for step in range(4000):
        arguments = made.mutate(arguments)
        assert [type(value) for value in arguments] == types
        longest = max(longest, sum(map(size, arguments)))
        if step % 50 == 0:
            made.add_to_pool(arguments)
    assert longest <= max_len
    if {"bytes", "str"} & set(parameters):
        assert longest > max_len - 8, "the limit was never reached, so this has shown nothing"


@pytest.mark.parametrize("parameters", INPUTS, ids="-".join)
def test_a_mutation_changes_something(parameters: tuple[str, ...]) -> None:
    made = mutator(parameters)
    original = INPUTS[parameters]
    before = bits_of(original)
    same = sum(bits_of(made.mutate(original)) == before for _ in range(5000))
    assert same == 0
    assert bits_of(original) == before


@pytest.mark.parametrize("parameters", INPUTS, ids="-".join)
def test_zero_values_mutate_too(parameters: tuple[str, ...]) -> None:
    arguments = zero(parameters)
    made = Mutator(parameters, Random(1), Dictionary(), 4096)
    seen = {tuple(map(repr, made.mutate(arguments))) for _ in range(2000)}
    assert tuple(map(repr, arguments)) not in seen
    assert len(seen) > (1 if parameters == ("bool",) else 100) - 1


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("parameters", INPUTS, ids="-".join)
def test_same_seed_and_calls_give_the_same_mutations(parameters: tuple[str, ...], seed: int) -> None:
    def run(seed: int) -> list[str]:
        made = mutator(parameters, seed)
        arguments, seen = INPUTS[parameters], []
        for step in range(300):
            arguments = made.mutate(arguments)
            if step % 10 == 0:
                made.add_to_pool(arguments)
            seen.append(repr(bits_of(arguments)))
        return seen

    assert run(seed) == run(seed)
    if parameters != ("bool",):
        assert run(seed) != run(seed + 1)


def test_mutate_bytes_is_the_same_mutation_without_the_tuple() -> None:
    bare, wrapped = mutator(("bytes",)), mutator(("bytes",))
    for _ in range(500):
        assert (bare.mutate_bytes(JSON),) == wrapped.mutate((JSON,))


@pytest.mark.parametrize("parameters", [("bytes",), ("str",), ("bytes", "bytes"), ("str", "int")], ids="-".join)
@pytest.mark.parametrize("max_len", [0, 1, 2, 3])
def test_tiny_limits_hold_even_for_inputs_beyond_them(parameters: tuple[str, ...], max_len: int) -> None:
    made = mutator(parameters, 1, max_len)
    for _ in range(500):
        assert sum(map(size, made.mutate(INPUTS[parameters]))) <= max_len


def test_a_single_byte_of_room_reaches_every_byte() -> None:
    made = Mutator(("bytes",), Random(1), Dictionary(), 1)
    value, seen = b"", set()
    for _ in range(20_000):
        value = made.mutate_bytes(value)
        seen.add(value)
    assert seen == {b""} | {bytes((byte,)) for byte in range(256)}


def test_other_arguments_are_mostly_left_alone_but_not_always() -> None:
    parameters = ("bytes", "str", "int", "float", "bool")
    made = mutator(parameters)
    original = bits_of(INPUTS[parameters])
    changes = [0] * 6
    where = [0] * 5
    for _ in range(4000):
        differs = [now != old for now, old in zip(bits_of(made.mutate(INPUTS[parameters])), original, strict=True)]
        changes[sum(differs)] += 1
        where = [count + changed for count, changed in zip(where, differs, strict=True)]
    assert changes[0] == 0
    assert changes[1] > 4000 * 0.75
    assert sum(changes[2:]) > 100
    assert min(where) > 400


def test_ints_stay_bounded_and_reach_both_signs() -> None:
    made = mutator(("int",))
    for _ in range(500):
        (value,) = made.mutate((3 ** (4 * MAX_BITS),))
        assert isinstance(value, int)
        assert value.bit_length() <= MAX_BITS
    arguments: Arguments = (1,)
    signs = set()
    for _ in range(20_000):
        arguments = made.mutate(arguments)
        (value,) = arguments
        assert isinstance(value, int)
        assert value.bit_length() <= MAX_BITS
        signs.add(value < 0)
    assert signs == {True, False}


def test_floats_reach_what_arithmetic_forgets() -> None:
    made = mutator(("float",))
    seen = {struct.pack(">d", made.mutate((1.5,))[0]) for _ in range(20_000)}
    quiet_nan = struct.pack(">d", float("nan"))
    for value in (float("inf"), float("-inf"), -0.0, 5e-324, 1.7976931348623157e308, 1.25, 31337.0):
        assert struct.pack(">d", value) in seen
    assert quiet_nan in seen
    assert any(word[:2] == b"\x7f\xf8" and word != quiet_nan for word in seen), "no payload"


def test_text_reaches_the_classes_of_unicode_that_programs_forget() -> None:
    made = mutator(("str",))
    seen: set[str] = set()
    surrogates = translated = 0
    for _ in range(20_000):
        (text,) = made.mutate((TEXT,))
        assert isinstance(text, str)
        seen.update(text)
        translated += "\u0664\u0662" in text  # 42, which the input has in ASCII
        surrogates += any("\ud800" <= character <= "\udfff" for character in text)
    assert {"\0", "\u202e", "\u0301", "\u00df", "\u0130", "\ufeff", "\U0010ffff"} <= seen
    assert any(character.isdecimal() and not character.isascii() for character in seen)
    assert translated
    assert 0 < surrogates < 2000


def called_functions(work: Callable[[], object]) -> set[str]:
    names: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            names.add(frame.f_code.co_qualname)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return names


@pytest.mark.parametrize("kind", ["bytes", "str", "int", "float", "date"])
def test_every_operator_is_reached_and_changes_something(kind: str) -> None:
    random, tokens, pool = Random(1), dictionary(), pool_of("bytes", "str")
    pool.add((b"[7, 8] another entry", "noch \u00e4n Eintrag"))
    tables: dict[str, Callable[[], Any]] = {
        "bytes": lambda: {
            **sequence_operators(random, bytes_material(tokens, pool)),
            **binary_operators(random, picker(bytes_material(tokens, pool))),
        },
        "str": lambda: {**sequence_operators(random, text_material(tokens, pool)), **text_operators(random)},
        "int": lambda: int_operators(random, tokens),
        "float": lambda: float_operators(random, tokens),
        "date": lambda: date_operators(random, tokens),
    }
    operators = tables[kind]()
    value = INPUTS[(kind,)][0]
    for operator in operators:
        assert any(operator(value, random.getrandbits(23)) != value for _ in range(50)), operator
    assert set(Bandit(operators).table) == set(operators)

    made = mutator((kind,))
    called = called_functions(lambda: [made.mutate((value,)) for _ in range(3000)])
    assert {operator.__qualname__ for operator in operators} <= called


@pytest.mark.parametrize("kind", ["bytes", "str"])
def test_every_operator_keeps_the_type_of_the_smallest_values(kind: str) -> None:
    random, tokens, pool = Random(1), Dictionary(), pool_of(kind)
    operators: Any
    if kind == "bytes":
        operators = {
            **sequence_operators(random, bytes_material(tokens, pool)),
            **binary_operators(random, picker(bytes_material(tokens, pool))),
        }
        values: tuple[Any, ...] = (b"a", b"\0", b"\xff", b"9", b"\n", b"ab")
    else:
        operators = {**sequence_operators(random, text_material(tokens, pool)), **text_operators(random)}
        values = ("a", "\0", "\ud800", "\U0010ffff", "\u0665", "9", "\n", "ab")
    for operator in operators:
        for value in values:
            for _ in range(200):
                assert type(operator(value, random.getrandbits(23))) is type(value)


def test_words_of_the_dictionary_and_of_other_entries_get_in() -> None:
    made = mutator(("bytes",))
    made.add_to_pool((b"<<<donor>>>",))
    seen = [made.mutate_bytes(JSON) for _ in range(5000)]
    for word in (b"MAGIC", b"31337", struct.pack(">I", 0xDEADBEEF), struct.pack("<I", 0xDEADBEEF), b"donor"):
        assert any(word in data for data in seen), word


@pytest.mark.parametrize("kind", ["bytes", "str"])
def test_one_token_in_four_is_near_the_frontier_where_there_are_any(kind: str) -> None:
    tokens = Dictionary()
    for number in range(2000):
        tokens.add(f"word{number}")
    pick: Any = (
        picker(bytes_material(tokens, pool_of(kind)))
        if kind == "bytes"
        else picker(text_material(tokens, pool_of(kind)))
    )
    near = {"here", b"here"}
    assert not any(pick(bits) in near for bits in range(4096))
    tokens.set_near(["here"])
    assert sum(pick(bits) in near for bits in range(4096)) == 1024


def test_arguments_cross_over_from_other_entries() -> None:
    parameters = ("bool", "float", "int")
    made = Mutator(parameters, Random(1), Dictionary(), 100)
    made.add_to_pool((True, 123.456, 987_654_321_987))
    seen = [made.mutate((False, 0.0, 0)) for _ in range(5000)]
    assert any(arguments[1] == 123.456 for arguments in seen)
    assert any(arguments[2] == 987_654_321_987 for arguments in seen)


def test_growth_is_bounded_in_memory_too() -> None:
    # A stack of operators that each double the value must not build more than a step beyond the limit.
    made = Mutator(("bytes",), Random(1), Dictionary(), 1000)
    value = b"a" * 1000
    for _ in range(5000):
        value = made.mutate_bytes(value)
        assert len(value) <= 1000


@pytest.mark.parametrize("kind", ["bytes", "str"])
def test_pieces_of_other_values_are_about_as_long_as_a_value_or_short(kind: str) -> None:
    letters = "ab" if kind == "str" else (b"a", b"b")
    short, other = letters[0], letters[1] * 10 * PIECE
    pool = pool_of(kind)
    pool.add((other,))
    material: Any = bytes_material(Dictionary(), pool) if kind == "bytes" else text_material(Dictionary(), pool)
    random = Random(1)
    operators = {operator.__name__: operator for operator in sequence_operators(random, material)}
    for name in ("splice", "insert_other_range", "overwrite_with_other_range"):
        for value, most in ((short, PIECE), (short * 3 * PIECE, 3 * PIECE)):
            pieces = [operators[name](value, random.getrandbits(23)).count(letters[1]) for _ in range(500)]
            assert 0.9 * most < max(pieces) <= most, name
    made = mutator((kind,), max_len=20 * PIECE)
    made.add_to_pool((other,))
    assert max(len(made.mutate((short[:0],))[0]) for _ in range(500)) < 5 * PIECE  # type: ignore[arg-type]


def test_pool_keeps_the_latest_within_its_bounds() -> None:
    pool = pool_of("bytes", "int", "str")
    for number in range(ENTRIES + 10):
        pool.add((b"%d" % number, number, ""))
    assert pool.entries[0] == (b"10", 10, "")
    assert len(pool.entries) == len(pool.values("bytes")) == ENTRIES
    assert pool.values("str") == pool.values("int") == []
    pool = pool_of("bytes")
    large = bytes(BYTES // 2)
    pool.add((large,))
    pool.add((large,))
    pool.add((b"x" * (BYTES + 1),))
    assert pool.values("bytes") == [large, large]


def test_lengths_of_all_enclosing_parts_follow_a_change() -> None:
    nested = b"\xf1\x06\xf2\x04\xf3\x02ab" + b"\xf4\x01z"
    longer = b"\xf1\x08\xf2\x06\xf3\x04abcd" + b"\xf4\x01z"
    assert replace_sized(nested, 7, 8, b"bcd") == longer
    assert replace_sized(longer, 7, 10, b"b") == nested
    far = b"\x80" + bytes(100) + b"a" * 100  # too far back to be looked at
    assert replace_sized(far, 101, 102, b"bc") == b"\x80" + bytes(100) + b"bc" + b"a" * 99


def test_text_is_clipped_between_code_points() -> None:
    text = "a\u00e9\u20ac\U0001f600\ud800"
    clipped = [DOMAINS["str"].clip(text, limit) for limit in range(14)]
    assert clipped == ["", "a", "a", *[text[:2]] * 3, *[text[:3]] * 4, *[text[:4]] * 3, text]


@pytest.mark.parametrize("parameters", [(), ("list",), ("bytes", "Int")])
def test_unknown_parameter_types_are_refused(parameters: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"at least one|cannot mutate type"):
        Mutator(parameters, Random(1), Dictionary(), 10)
