"""What a target decodes out of a part of an input is found, changed on its own, and put back."""

import base64
import binascii
import bz2
import gzip
import json
import lzma
import quopri
import random
import urllib.parse
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from itertools import islice
from typing import Any, cast

import pytest

from fuzztui.worker.guidance.following import Following, is_binary_alone
from fuzztui.worker.guidance.progress import Progress
from fuzztui.worker.instrumentation.compares import DECODERS
from fuzztui.worker.layers.codecs import CODECS, codec_of
from fuzztui.worker.layers.mutation import LayerMutator
from fuzztui.worker.layers.observing import MOST, MOST_BYTES, Observations, Transform
from fuzztui.worker.layers.parts import Layered
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.whole import Plain
from tests.worker.world import inhabited

MODULES = {
    "base64": base64,
    "binascii": binascii,
    "bz2": bz2,
    "gzip": gzip,
    "json": json,
    "lzma": lzma,
    "quopri": quopri,
    "urllib.parse": urllib.parse,
    "zlib": zlib,
}


@pytest.mark.parametrize(("module", "name"), [key for key, codec in CODECS.items() if codec.encode])
def test_what_a_codec_encodes_is_what_the_function_decodes(module: str, name: str) -> None:
    function = getattr(MODULES[module], name)
    codec = codec_of(function, (b"",), {})
    assert codec is CODECS[module, name]
    assert codec.encode is not None
    for data in (b"", b"a", b"plain text\n", bytes(range(128)), "Ä%".encode()):
        encoded = codec.encode(data)
        try:
            decoded = function(encoded)
        except TypeError:
            decoded = function(encoded.decode("ascii"))
        assert decoded == (data.decode() if isinstance(decoded, str) else data)


@pytest.mark.parametrize("wbits", [-15, -9, 9, 15, 31])
def test_window_bits_are_kept(wbits: int) -> None:
    codec = codec_of(zlib.decompress, (b"", wbits), {})
    named = codec_of(zlib.decompress, (b"",), {"wbits": wbits})
    assert codec is not None
    assert codec.encode is not None
    assert named is not None
    assert named.name == codec.name
    assert zlib.decompress(codec.encode(b"some text"), wbits) == b"some text"


@pytest.mark.parametrize("encoding", ["utf-16", "UTF_16_LE", "utf-16be", "utf-32", "utf-32-le", "utf16"])
def test_wide_texts_are_layers(encoding: str) -> None:
    data = "registry".encode(encoding)
    seen = Observations()
    assert seen.watched(data.decode)(encoding) == "registry"
    layered = Layered((data,), seen.transforms, 100)
    assert layered.values == (data, "registry")
    assert layered.together((data, "other")) == ("other".encode(encoding),)


def test_all_decoders_are_recognized_by_their_names() -> None:
    others = {"decode", "decompressobj", "fromhex", "fromisoformat", "strptime", "int", "float"}
    assert {name for _, name in CODECS} | others == DECODERS


def loads(data: object) -> object:
    return data


@pytest.mark.parametrize("function", [loads, len, "x".split, print, type, lambda data: data, b"x".decode])
def test_other_functions_are_left_alone(function: Callable[..., Any]) -> None:
    assert codec_of(function, ("utf-8",), {}) is None


def test_what_fails_is_noted_and_fails_as_before() -> None:
    seen = Observations()
    with pytest.raises(binascii.Error):
        seen.watched(base64.b64decode)("a")
    assert seen.transforms == [Transform(CODECS["base64", "b64decode"], "a", None)]


def test_a_run_is_observed_within_bounds() -> None:
    seen = Observations()
    decode = seen.watched(base64.b64decode)
    decode(b"A" * 4 * (MOST_BYTES // 3))
    assert not seen.transforms
    for number in range(2 * MOST):
        decode(base64.b64encode(b"%d" % number))
        decode(base64.b64encode(b"%d" % number))
    assert len(seen.transforms) == MOST


def observed(*calls: tuple[Callable[..., Any], Any]) -> list[Transform]:
    seen = Observations()
    for function, given in calls:
        seen.watched(function)(given)
    return seen.transforms


def test_a_form_two_layers_deep_is_put_back() -> None:
    packed = zlib.compress(b"user:me")
    text = base64.b64encode(packed).decode()
    data = json.dumps({"payload": text}).encode()
    layered = Layered((data,), observed((base64.b64decode, text), (zlib.decompress, packed)), 200)
    assert layered.values == (data, packed, b"user:me")
    made = layered.together((data, packed, b"user:you"))
    assert made is not None
    assert zlib.decompress(base64.b64decode(json.loads(bytes(made[0]))["payload"])) == b"user:you"  # type: ignore[arg-type]
    assert layered.together(layered.values) == (data,)


def sevens(number: int) -> bytes:
    return bytes((number & 127 | 128, number >> 7)) if number > 127 else bytes((number,))


@pytest.mark.parametrize(
    "around",
    [
        lambda text, packed: len(text).to_bytes(2, "little") + b"\xff\xff" + packed,
        lambda text, packed: b"\xff" + packed + len(text).to_bytes(4, "big") + b"\xff",
        lambda text, packed: b"\xff" + sevens(len(text)) + packed,
        lambda text, packed: b"\xff" + sevens(len(text) << 3 | 5) + packed,
        lambda text, packed: zlib.crc32(text).to_bytes(4, "big") + packed,
        lambda text, packed: b"\xff" + packed + zlib.adler32(text).to_bytes(4, "little"),
        lambda text, packed: zlib.crc32(text).to_bytes(4, "little") + len(text).to_bytes(4, "little") + packed,
    ],
)
@pytest.mark.parametrize("new", [b"user:anybody", b"user:" + b"you" * 50, b"me"])
def test_what_tells_of_a_layer_beside_it_tells_of_another(around: Callable[[bytes, bytes], bytes], new: bytes) -> None:
    compress = CODECS["zlib", "decompress"].encode
    assert compress is not None
    text = b"user:me and others"
    data = around(text, compress(text))
    layered = Layered((data,), observed((zlib.decompress, compress(text))), 400)
    assert layered.together((data, new)) == (around(new, compress(new)),)
    assert layered.together(layered.values) == (data,)


def test_in_a_text_no_character_is_the_length_of_a_layer() -> None:
    text = base64.b64encode(b"user:me an")
    data = b"name=value\n" + text
    layered = Layered((data,), observed((base64.b64decode, text)), 400)
    assert len(b"user:me an") == ord("\n")
    assert layered.together((data, b"user")) == (b"name=value\n" + base64.b64encode(b"user"),)


def test_changes_of_a_layer_are_put_right_in_the_whole() -> None:
    text = base64.b64encode(b"user:me")
    mutator = Mutator(("bytes",), random.Random(1), Dictionary(), 200)
    layers = LayerMutator(mutator)
    entry = (b"\0" + text,)
    layers.remember(entry, Layered(entry, observed((base64.b64decode, text)), 200))
    right = layers.beside(
        mutator.mutate_bytes, entry, lambda changed: (b"right " + cast("bytes", changed[0]),), raw=True
    )
    made = [right(entry[0]) for _ in range(100)]
    assert any(each.startswith(b"right \0") for each in made)


def test_padding_that_the_program_has_added_is_left_out() -> None:
    data = b"e30.rest"
    layered = Layered((data,), observed((base64.urlsafe_b64decode, "e30=")), 100)
    assert layered.values == (data, b"{}")
    assert layered.together((data, b"{1}")) == (b"ezF9.rest",)
    assert layered.together((data, b"[]")) == (b"W10.rest",)


def test_what_would_be_too_long_or_is_not_there_any_more_is_left_out() -> None:
    data = base64.b64encode(b"abc")
    layered = Layered((data,), observed((base64.b64decode, data)), 10)
    assert layered.together((data, b"abcd")) == (b"YWJjZA==",)
    assert layered.together((data, b"abcdefgh")) is None
    assert layered.together((b"gone", b"abcd")) is None


def test_something_that_can_be_decoded_is_put_where_nothing_could() -> None:
    seen = Observations()
    with pytest.raises(zlib.error):
        seen.watched(zlib.decompress)(b"no")
    suggested = [made for (made,) in Layered((b"<no>",), seen.transforms, 100).exchanged(())]
    inner = [zlib.decompress(bytes(made)[1:-1]) for made in suggested]  # type: ignore[arg-type]
    assert b"" in inner
    assert b"a" in inner


SOURCES = {
    "percent": """
from urllib.parse import unquote
def fuzz(data):
    name, _, value = data.decode("latin-1").partition("=")
    if name == "q" and unquote(value).startswith("/&= #"): raise LookupError
""",
    "compressed text in a record": """
import zlib
def fuzz(data):
    if data[:1] != b"Z": return
    try: text = zlib.decompress(data[1:])
    except zlib.error: return
    if text.split(b",")[0] == b"keyword": raise LookupError
""",
    "hex of a wide text": """
def fuzz(data):
    try: text = bytes.fromhex(data.decode("ascii")).decode("utf-16-le")
    except ValueError: return
    if text.startswith("word=") and text[5:] == "other": raise LookupError
""",
    "members of objects in base64": """
import base64, json
def fuzz(data):
    try: found = json.loads(base64.b64decode(data))
    except ValueError: return
    if isinstance(found, dict):
        if found.get("kind") == "order":
            if found.get("of") == "nobody": raise LookupError
""",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_bug_behind_a_layer_is_found(source: str) -> None:
    with inhabited(source) as world:
        assert world.search(b"", 30_000) is not None


def test_a_decoder_that_is_traced_gives_what_it_gives_else() -> None:
    source = """
from base64 import b64decode
def fuzz(data):
    return b64decode(data), bytes.fromhex("00"), "x".encode().decode("utf-16-le", "replace")
"""
    with inhabited(source) as world:
        plain = world.function(b"YWI=")
        world.probes.trace_comparisons(True)
        assert world.function(b"YWI=") == plain
        assert [each.made for each in world.probes.trace.observations.transforms] == [b"ab", b"\0", "\ufffd"]
        world.probes.trace_comparisons(False)


def test_what_is_no_number_gives_way_to_one_behind_the_sign_that_texts_are_split_at() -> None:
    seen = Observations()
    with pytest.raises(ValueError, match="invalid literal"):
        seen.watched(int)("")
    assert seen.watched(int)("12") == 12
    assert seen.watched(int)(1.5) == 1
    assert [(each.given, each.made) for each in seen.transforms] == [("", None)]
    layered = Layered((b"SIZE",), seen.transforms, 100)
    assert (b"SIZE 1",) in list(layered.exchanged([("in", " ", "SIZE")]))
    assert (b"SIZE1",) in list(layered.exchanged([]))


def test_a_date_that_was_read_is_told_from_one_that_was_not() -> None:
    seen = Observations()
    assert seen.watched(date.fromisoformat)("2024-01-31").day == 31  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="Invalid isoformat"):
        seen.watched(date.fromisoformat)("a")
    assert [each.made for each in seen.transforms] == ["2024-01-31", None]
    layered = Layered((b"2024-01-31;a",), seen.transforms, 100)
    made = list(layered.exchanged([]))
    assert (b"2024-01-31;2023-12-01",) in made
    assert all(bytes(each[0]).startswith(b"2024-01-31;") for each in made)  # type: ignore[arg-type]


@pytest.mark.parametrize("wbits", [15, -15, 31])
def test_what_an_object_decompresses_is_a_layer_without_what_stands_behind_it(wbits: int) -> None:
    packer = zlib.compressobj(wbits=wbits)
    packed = packer.compress(b"some text") + packer.flush()
    seen = Observations()
    reader: Any = seen.watched(zlib.decompressobj)(wbits)
    assert seen.watched(reader.decompress)(packed + b"behind", 99) == b"some text"
    layered = Layered((b"head" + packed + b"behind",), seen.transforms, 200)
    assert layered.values[1:] == (b"some text",)
    whole = layered.together((layered.values[0], b"other"))
    assert whole is not None
    made: Any = whole[0]
    assert made.startswith(b"head")
    assert made.endswith(b"behind")
    assert zlib.decompress(made[4:-6], wbits) == b"other"


def test_something_is_put_where_an_object_can_decompress_nothing() -> None:
    for data in (b"no", zlib.compress(b"text")[:-3]):
        seen = Observations()
        with suppress(zlib.error):
            cast("Any", seen.watched(zlib.decompressobj().decompress))(data)
        (transform,) = seen.transforms
        assert transform[1:] == (data, None)
        assert zlib.compress(b"", 1) in [made[0] for made in Layered((data,), seen.transforms, 99).exchanged(())]


def test_something_is_put_first_where_the_program_has_taken_what_it_could_not_decode() -> None:
    data = b"\1\1\1\1" + b"\1" + b"end"
    for given, ranges, place in ((b"\1", [(0, 4), (4, 5)], (4, 5)), (b"", [(2, 2), (3, 3)], (3, 3))):
        seen = Observations()
        with suppress(zlib.error):
            cast("Any", seen.watched(zlib.decompress))(given)
        first = next(Layered((data,), seen.transforms, 99, ranges).exchanged(()))
        assert first == (data[: place[0]] + zlib.compress(b"", 1) + data[place[1] :],)


def test_nothing_that_was_decoded_is_told_by_no_zero_that_stands_elsewhere() -> None:
    packed = zlib.compress(b"", 1)
    for data, made in (
        (b"\0\0\0\0\xff" + packed + bytes(4), b"\0\0\0\0\xff%s" + bytes(4)),
        (b"\0\0" + packed, b"\0\1%s"),
    ):
        layered = Layered((data,), observed((zlib.decompress, packed)), 99)
        assert layered.together((data, b"a")) == (made % zlib.compress(b"a", 1),)


@pytest.mark.parametrize(("head", "expected"), [(0x12, 0x13), (0x82, 0x83), (0x32, 0x32)])
def test_the_length_of_what_was_decoded_may_stand_in_low_bits(head: int, expected: int) -> None:
    packed = zlib.compress(b"ab", 1)
    data = b"\xff\xff" + bytes((head,)) + packed
    layered = Layered((data,), observed((zlib.decompress, packed)), 99)
    assert layered.together((data, b"abc")) == (b"\xff\xff" + bytes((expected,)) + zlib.compress(b"abc", 1),)


def test_something_that_cannot_be_decoded_is_another_state_than_nothing() -> None:
    progress = Progress()
    for given, expected in ((b"", True), (b"\0\0", True), (b"\1\1", False)):
        seen = Observations()
        with suppress(zlib.error):
            cast("Any", seen.watched(zlib.decompress))(given)
        assert progress.is_new([], seen.transforms, (b"",)) == expected


def test_what_was_decoded_of_binary_data_is_read_as_a_text() -> None:
    data, seen = "user=root".encode("utf-16-le"), Observations()
    seen.watched(data.decode)("utf-16-le")
    assert not is_binary_alone(Layered((data,), seen.transforms, 100))
    assert is_binary_alone(Layered((data,), [], 100))
    assert is_binary_alone(Plain((data,)))
    assert not is_binary_alone(Plain((b"user=root",)))


def test_texts_of_binary_data_lead_to_elements_of_texts_first() -> None:
    data, seen = "user=root".encode("utf-16-le"), Observations()
    seen.watched(data.decode)("utf-16-le")
    comparisons: list[Comparison] = [("in", "=", "user=root"), ("lacks", "role", ())]
    steps = Following(200).steps(Layered((data,), seen.transforms, 200), comparisons, ())
    first = [changed for (changed,) in islice(steps, 12)]
    assert any(b"r\0o\0l\0e\0" in changed for changed in first if isinstance(changed, bytes))
