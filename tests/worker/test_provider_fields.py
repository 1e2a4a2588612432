"""From what a provider has read to inputs that are read as something else."""

import math
import random
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from fuzztui.worker.atheris.fields import Fields, fields_of
from fuzztui.worker.atheris.log import LOG, Read
from fuzztui.worker.atheris.numbers import ALL_REMAINING
from fuzztui.worker.atheris.provider import FuzzedDataProvider

Calls = list[tuple[str, tuple[Any, ...]]]


@contextmanager
def logging() -> Iterator[list[Read]]:
    LOG.start()
    try:
        yield LOG.reads
    finally:
        LOG.stop()


def read(data: bytes, calls: Calls) -> list[Any]:
    fdp = FuzzedDataProvider(data)
    return [getattr(fdp, name)(*arguments) for name, arguments in calls]


def fields(data: bytes, calls: Calls) -> Fields:
    with logging() as reads:
        read(data, calls)
        found = fields_of(data, list(reads))
    assert found is not None
    return found


def bits(value: Any) -> Any:
    if isinstance(value, list):
        return [bits(each) for each in value]
    return struct.pack("<d", value) if isinstance(value, float) else (type(value), value)


VALUES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("ConsumeBytes", (9,), b"\0\xffmagic"),
    ("ConsumeUnicode", (9,), "plain"),
    ("ConsumeUnicode", (9,), "\u03c0\u2260\ud800"),
    ("ConsumeString", (9,), "\U0001f600\U0010ffff\x80"),
    ("ConsumeUnicodeNoSurrogates", (ALL_REMAINING,), "\u00e9\U00010000\udfff"[:2]),
    ("ConsumeInt", (4,), -1),
    ("ConsumeInt", (4,), 127),
    ("ConsumeInt", (4,), 128),
    ("ConsumeInt", (4,), -(2**31)),
    ("ConsumeInt", (ALL_REMAINING,), -(2**99)),
    ("ConsumeUInt", (20,), 2**160 - 1),
    ("ConsumeIntInRange", (1000, 5_000_000), 4_321_987),
    ("ConsumeIntInRange", (-(2**63), 2**63 - 1), -1),
    ("ConsumeIntInRange", (-5, 2**70), 2**62),
    ("ConsumeIntInRange", (1, 2**128), 2**128),
    ("ConsumeBool", (), True),
    ("ConsumeProbability", (), 0.73125),
    ("ConsumeProbability", (), 1.0),
    ("ConsumeProbability", (), 3 / 2**64),
    ("ConsumeFloatInRange", (-90.0, 90.0), 89.5),
    ("ConsumeFloatInRange", (-1.5e308, 1.5e308), -1.25e308),
    ("ConsumeFloatInRange", (-1.5e308, 1.5e308), 1.5e308),
    ("ConsumeRegularFloat", (), -1.7976931348623157e308),
    ("ConsumeFloat", (), -math.inf),
    ("ConsumeFloat", (), math.nan),
    ("ConsumeFloat", (), -0.0),
    ("ConsumeFloat", (), -(2.0**1010)),
    ("PickValueInList", (["GET", "HEAD", "POST"],), "POST"),
    ("PickValueInList", ([*range(1000)],), 999),
]


@pytest.mark.parametrize("behind", ["nothing", "a text and a number"])
@pytest.mark.parametrize(("method", "arguments", "value"), VALUES)
def test_value_that_is_put_is_read_and_what_is_behind_it_stays(
    method: str, arguments: tuple[Any, ...], value: Any, behind: str
) -> None:
    rest: Calls = [] if behind == "nothing" else [("ConsumeInt", (2,)), ("ConsumeIntInRange", (0, 255))]
    calls = [(method, arguments), *rest]
    found = fields(b"\1" * 60, calls) if rest and ALL_REMAINING not in arguments else fields(b"", calls)
    read_again = [read(data, calls) for data in found.with_value(0, value)]
    assert bits(value) in [bits(each[0]) for each in read_again]
    if rest and ALL_REMAINING not in arguments:
        assert [each[1:] for each in read_again if len(each) > 1 and each[1] != 0][-1] == [0x0101, 1]


def test_number_out_of_reach_is_not_put() -> None:
    calls: Calls = [("ConsumeIntInRange", (10, 20)), ("ConsumeInt", (1,)), ("PickValueInList", (["a"],))]
    found = fields(b"abc", calls)
    assert not [*found.with_value(0, 21), *found.with_value(0, 9), *found.with_value(1, 128)]
    assert not [*found.with_value(1, "x"), *found.with_value(2, "b")]


def test_float_between_two_that_can_be_read_gets_both() -> None:
    calls: Calls = [("ConsumeFloatInRange", (0.0, 3e300))]
    values = [read(data, calls)[0] for data in fields(b"", calls).with_value(0, 1.0)]
    assert min(values) == 0.0 < 1.0 < max(values)


def test_length_that_was_read_from_the_back_changes_with_the_text() -> None:
    def calls(count: int) -> Calls:
        return [("ConsumeIntInRange", (0, 64)), ("ConsumeUnicode", (count,)), ("ConsumeInt", (2,))]

    data = next(fields(b"\1abc\7\7\3", calls(3)).with_value(1, "keyword"))
    assert read(data, calls(7)) == [7, "keyword", 0x0707]


def test_list_of_another_length() -> None:
    def calls(count: int) -> Calls:
        return [("ConsumeIntInRange", (0, 9)), ("ConsumeIntListInRange", (count, -500, 500)), ("ConsumeBool", ())]

    data = next(fields(b"\1\0\0\0\0\2", calls(2)).with_elements(1, 2, [1, -2, 300]))
    assert read(data, calls(3)) == [3, [1, -2, 300], True]


def test_bytes_that_were_not_read_are_left_out() -> None:
    calls: Calls = [("ConsumeBytes", (2,)), ("ConsumeIntInRange", (0, 255))]
    found = fields(b"abUNREADz", calls)
    assert found.assembled(found.fields) == b"abz"


def test_part_of_an_input_may_be_what_was_read() -> None:
    with logging() as reads:
        read(b"user", [("ConsumeBytes", (4,))])
        found = fields_of(b"headuser!", list(reads))
    assert found is not None
    assert list(found.with_value(0, b"root")) == [b"headroot!"]


METHODS: list[tuple[str, tuple[Any, ...]]] = [
    *((method, (count,)) for method in ("ConsumeUnicode", "ConsumeUnicodeNoSurrogates") for count in (0, 1, 5)),
    *((method, (count,)) for method in ("ConsumeBytes", "ConsumeInt", "ConsumeUInt") for count in (0, 1, 9)),
    *(("ConsumeIntInRange", span) for span in ((0, 0), (0, 255), (-9, 2**20), (0, 2**64), (0, 2**71))),
    *((f"Consume{kind}", ()) for kind in ("Bool", "Probability", "Float", "RegularFloat")),
    *(("ConsumeFloatInRange", span) for span in ((-1.0, 1.0), (-1.5e308, 1.5e308))),
    ("PickValueInList", ([*range(300)],)),
    ("ConsumeIntList", (3, 2)),
    ("ConsumeIntListInRange", (3, 0, 70_000)),
    ("ConsumeFloatList", (2,)),
    ("ConsumeProbabilityList", (2,)),
]


@pytest.mark.parametrize("seed", range(60))
def test_fields_put_together_again_are_read_as_before(seed: int) -> None:
    rng = random.Random(seed)
    calls = rng.choices(METHODS, k=6)
    data = rng.randbytes(rng.choice((0, 3, 10, 30, 200)))
    found = fields(data, calls)
    joined = found.assembled(found.fields)
    assert joined is not None
    assert bits(read(joined, calls)) == bits(read(data, calls))
    assert len(joined) <= len(data)
    filled = found.filled(rng, grown=False)
    assert fields(filled, calls).is_complete
    assert not found.is_complete or filled == joined


def test_nothing_is_kept_and_nothing_is_replaced_unless_it_is_asked_for() -> None:
    methods = dict(vars(FuzzedDataProvider))
    with logging() as reads:
        assert vars(FuzzedDataProvider)["ConsumeBool"] is not methods["ConsumeBool"]
        assert read(b"\1\2", [("ConsumeBool", ()), ("ConsumeInt", (1,))]) == [True, 2]
        assert [each.method for each in reads] == ["ConsumeBool", "ConsumeInt"]
    read(b"\1", [("ConsumeBool", ())])
    assert not LOG.reads
    assert dict(vars(FuzzedDataProvider)) == methods
