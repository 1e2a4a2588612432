import ast
import math
import random
import struct
from collections.abc import Sequence
from datetime import date, datetime

import pytest

from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import Value, decode, encode, encoder, show, zero

ARGUMENTS: list[tuple[Value, ...]] = [
    (bytes(range(256)), 1),
    ("\x00\n\r\t\x1b\x85\u2028\u202e'\"\\", True),
    ("\ud800\udfff\U0010ffff", False),
    (0,),
    (-1, 2**63, 2**64 - 1, 2**64, -(2**64), -(2**64) - 1),
    (10**5000, -(10**5000)),
    (0.0, -0.0, 0.1, 5e-324, 1.7976931348623157e308),
    (math.inf, -math.inf),
    (True,),
    ("",),
    (b"", b"\\'"),
    ("b'x'", "fuzztui v1\n3\n"),
    (date(2024, 2, 29),),
    (date.min, date.max),
    ("day", date(1, 2, 3), 2**64, math.inf, b"x", False),
]


def names(arguments: tuple[Value, ...]) -> tuple[str, ...]:
    return tuple(type(value).__name__ for value in arguments)


def bits(value: float) -> bytes:
    return struct.pack(">d", value)


def from_bits(number: int) -> float:
    value: float = struct.unpack(">d", number.to_bytes(8, "big"))[0]
    return value


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=lambda a: ",".join(names(a)))
def test_values_survive_storage(arguments: tuple[Value, ...]) -> None:
    stored = encode(arguments)
    loaded = decode(stored, names(arguments))
    assert loaded == arguments
    assert names(loaded) == names(arguments)
    assert [bits(v) for v in loaded if type(v) is float] == [bits(v) for v in arguments if type(v) is float]


@pytest.mark.parametrize(
    "pattern",
    [0x7FF8000000000000, 0xFFF8000000000000, 0x7FF8000000000001, 0x7FF0000000000001, 0xFFFFFFFFFFFFFFFF],
    ids=hex,
)
def test_nan_keeps_payload_and_sign(pattern: int) -> None:
    (loaded,) = decode(encode((from_bits(pattern),)), ["float"])
    assert isinstance(loaded, float)
    assert bits(loaded) == pattern.to_bytes(8, "big")


def test_every_day_survives_storage() -> None:
    for ordinal in (*range(1, 4000), *range(date.max.toordinal() - 4000, date.max.toordinal() + 1)):
        day = date.fromordinal(ordinal)
        assert decode(encode((day,)), ["date"]) == (day,)


def test_a_day_is_stored_as_a_literal_of_its_own() -> None:
    assert encode((date(987, 6, 5),)) == b"fuzztui v1\n{'date': '0987-06-05'}\n"


def test_random_values_survive_storage_bitwise() -> None:
    source = random.Random(7)
    for _ in range(500):
        arguments: tuple[Value, ...] = (
            source.randbytes(source.randrange(40)),
            "".join(chr(source.randrange(0x110000)) for _ in range(source.randrange(10))),
            source.getrandbits(source.choice([8, 64, 65, 700])) * source.choice([1, -1]),
            from_bits(source.getrandbits(64)),
            source.random() < 0.5,
        )
        loaded = decode(encode(arguments), names(arguments))
        assert loaded[:3] + loaded[4:] == arguments[:3] + arguments[4:]
        assert bits(loaded[3]) == bits(arguments[3])  # type: ignore[arg-type]


def test_every_code_point_survives_storage() -> None:
    text = "".join(map(chr, range(0x110000)))
    assert decode(encode((text,)), ["str"]) == (text,)


def test_single_bytes_argument_is_stored_raw() -> None:
    data = b"fuzztui v1\n\x00\xff"
    assert encode((data,)) == data
    assert decode(data, ["bytes"]) == (data,)


def test_stored_text_is_ascii_with_one_literal_per_line() -> None:
    stored = encode(("é\n\ud800", b"\xff\n", 2**70, -1.5, False)).decode("ascii")
    first, *literals = stored.splitlines()
    assert first == "fuzztui v1"
    assert [ast.literal_eval(line) for line in literals] == ["é\n\ud800", b"\xff\n", 2**70, -1.5, False]
    assert stored.endswith("\n")


@pytest.mark.parametrize("arguments", [*ARGUMENTS, (math.nan, 1), (b"raw",)], ids=lambda a: ",".join(names(a)))
def test_specialised_encoder_writes_the_same_bytes(arguments: tuple[Value, ...]) -> None:
    assert encoder(names(arguments))(arguments) == encode(arguments)


def test_encode_refuses_other_types() -> None:
    class Text(str):
        __slots__ = ()

    class Day(date):
        __slots__ = ()

    Day.__name__ = "date"  # as a stand-in for the real class may be called
    for value in (Text("x"), None, bytearray(b"x"), (1,), datetime(2024, 1, 1), Day(2024, 1, 1)):
        with pytest.raises(TypeError, match="cannot store"):
            encode((value,))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        encode(())


@pytest.mark.parametrize(
    ("data", "parameters", "reason"),
    [
        (b"fuzztui v1\n'a'\n3\n", ["bytes", "int"], "line 2: [str, int], want [bytes, int]"),
        (b"fuzztui v1\nb'a'\n'b'\n", ["bytes", "int"], "line 3: [bytes, str], want [bytes, int]"),
        (b"fuzztui v1\nTrue\n", ["int"], "line 2: [bool], want [int]"),
        (b"fuzztui v1\n1\n", ["float"], "line 2: [int], want [float]"),
        (b"fuzztui v1\n3\n", ["int", "int"], "[int], want [int, int]"),
        (b"fuzztui v1\n", ["int"], "[], want [int]"),
        (b"", ["int"], "line 1: '', want 'fuzztui v1'"),
        (b"fuzztui v2\n3\n", ["int"], "line 1: 'fuzztui v2', want 'fuzztui v1'"),
        (b"fuzztui v1\n'\xc3\xa9'\n", ["str"], "line 2: byte 0xc3 is not ASCII"),
        (b"fuzztui v1\n[1]\n", ["int"], "line 2: '[1]' is not a literal of bytes, str, int, float, bool or date"),
        (b"fuzztui v1\n{'nan': 0x3ff0000000000000}\n", ["float"], "is not a NaN"),
        (b"fuzztui v1\n007\n", ["int"], "line 2: '007': "),
        (b"fuzztui v1\n" + b"9" * 5000, ["int"], "line 2: an int of 5000 decimal digits, write it in hexadecimal"),
        (b"fuzztui v1\n'\\N{BULLET}'\n", ["str"], "is not a literal"),
        (b"fuzztui v1\n'\\ud8'\n", ["str"], "is not a literal"),
        (b"fuzztui v1\n'\\U00110000'\n", ["str"], "line 2: "),
        (b"fuzztui v1\n'a\x00b'\n", ["str"], "is not a literal"),
        (
            b"fuzztui v1\n{'date': '2023-02-29'}\n",
            ["date"],
            "line 2: {'date': '2023-02-29'}: day is out of range for month",
        ),
        (b"fuzztui v1\n{'date': '0000-01-01'}\n", ["date"], "line 2: {'date': '0000-01-01'}: year 0 is out of range"),
        (b"fuzztui v1\n{'date': '20240229'}\n", ["date"], "line 2: \"{'date': '20240229'}\" is not a literal of bytes"),
        (b"fuzztui v1\n'2024-02-29'\n", ["date"], "line 2: [str], want [date]"),
        (b"fuzztui v1\n{'date': '2024-02-29'}\n", ["str"], "line 2: [date], want [str]"),
    ],
)
def test_malformed_input_is_refused_with_its_reason(data: bytes, parameters: Sequence[str], reason: str) -> None:
    with pytest.raises(MalformedInput) as caught:
        decode(data, parameters)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        b"(" * 100_000,
        b"-" * 100_000 + b"1",
        b"[" * 100_000,
        b"1" + b"+1" * 100_000,
        b"'a'" * 100_000,
        b"'" + b"\\" * 99_999,
    ],
    ids=["parentheses", "signs", "brackets", "sums", "concatenation", "backslashes"],
)
def test_hostile_line_is_malformed_and_not_a_crash(line: bytes) -> None:
    with pytest.raises(MalformedInput):
        decode(b"fuzztui v1\n" + line + b"\n", ["int"])


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
def test_exhaustion_while_reading_is_malformed(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def exhausted(line: str) -> None:
        raise error

    monkeypatch.setattr(ast, "literal_eval", exhausted)
    with pytest.raises(MalformedInput, match=f"line 2: {error.__name__} while reading it"):
        decode(b"fuzztui v1\n3\n", ["int"])


def test_mutated_files_decode_or_are_malformed() -> None:
    source = random.Random(11)
    parameters = ("str", "int", "float", "bytes", "bool", "date")
    stored = encode(("a\n\ud800'\"", 2**80, math.nan, b"\x00\\", True, date(2024, 2, 29)))
    decoded = 0
    for _ in range(3000):
        data = bytearray(stored)
        for _ in range(source.randint(1, 4)):
            data[source.randrange(len(data))] = source.randrange(256)
        try:
            assert names(decode(bytes(data), parameters)) == parameters
            decoded += 1
        except MalformedInput:
            pass
    assert 0 < decoded < 3000


def test_file_edited_by_hand_is_read() -> None:
    data = b'fuzztui v1\r\n  "it\'s"  \r\n0XFF\r\n.5e1\r\n\r\n'
    assert decode(data, ["str", "int", "float"]) == ("it's", 255, 5.0)


def test_zero_values_have_the_parameters_types() -> None:
    parameters = ("bytes", "str", "int", "float", "bool", "date")
    assert zero(parameters) == (b"", "", 0, 0.0, False, date(1970, 1, 1))
    assert names(zero(parameters)) == parameters


def test_show_writes_arguments_as_a_call_would() -> None:
    assert show((b"\x00", "é", -3, True, 1.5)) == r"b'\x00', 'é', -3, True, 1.5"
    assert show((date(2024, 2, 29), 1)) == "datetime.date(2024, 2, 29), 1"
    assert show((math.inf, -math.inf, math.nan)) == "float('inf'), float('-inf'), float('nan')"


def test_show_truncates_and_says_the_size() -> None:
    assert show((b"\xff" * 1000,), 22) == r"b'\xff\xff\xff\xff\xff… (1000 bytes)"
    assert show((b"\xff" * 1000,), 21) == r"b'\xff\xff\xff\xff… (1000 bytes)"
    assert show((b"\\" * 1000,), 7) == r"b'\\\\\… (1000 bytes)".replace(r"\\\\\…", r"\\\\\\…")
    assert show(("x" * 300, 7), 40).endswith("… (300 characters), 7")
    assert show((-(1 << 100_000),), 20) == "-0x10000000000000000000… (100001 bits)"
