"""`python -m benchmarks.fidelity [CASES [SEED]]`: our `FuzzedDataProvider` beside Atheris' own, on random inputs.

Every case reads one input by up to six calls. Whatever a call gives or raises has to be the same, to the sign of a zero
and to the last bit, and as many bytes have to be left.
"""

import math
import random
import struct
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from fuzztui.worker.atheris.provider import FuzzedDataProvider

COUNTS: Final = (0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 16, 20, 100, 1024, sys.maxsize, 2**62, 2**63, 2**63 + 2, 2**64 - 1)
WRONG: Final[tuple[object, ...]] = (-1, 2**64, 2.0, "3", b"3", None, 2j, [], (1,))
SHORT: Final = (*range(12), 40)
FLOATS: Final = (0, 1, -1, 0.5, -0.5, 1e-300, 1e300, -1e300, 1.7e308, -1.7e308, math.inf, -math.inf, math.nan, 10**400)
SHOWN: Final = 10
"""Differences that are spelled out."""

Call = tuple[str, tuple[Any, ...]]


def main(arguments: Sequence[str]) -> int:
    """Compare; the exit status is 1 if there is a difference."""
    try:
        from atheris import (  # type: ignore[import-untyped,import-not-found,unused-ignore]
            FuzzedDataProvider as Other,
        )
    except ImportError:
        print("Atheris is not installed: pip install 'fuzztui[bench]'", file=sys.stderr)
        return 1
    cases = int(arguments[0]) if arguments else 200_000
    rng = random.Random(int(arguments[1]) if len(arguments) > 1 else 1)
    different = 0
    for _ in range(cases):
        data, calls = case(rng)
        ours, theirs = answers(FuzzedDataProvider, data, calls), answers(Other, data, calls)
        if ours != theirs:
            different += 1
            if different <= SHOWN:
                print(f"{data!r}\n  {calls}\n  ours   {ours}\n  theirs {theirs}")
    print(f"{cases:,} cases, {different:,} differences")
    return 1 if different else 0


def answers(kind: Callable[[bytes], Any], data: bytes, calls: Sequence[Call]) -> list[Any]:
    """What each call gives in a form that compares to the bit, and the bytes left after it."""
    provider = kind(data)
    found: list[Any] = []
    for name, arguments in calls:
        try:
            answer = exact(getattr(provider, name)(*arguments))
        except (TypeError, RuntimeError, IndexError) as error:
            answer = type(error).__name__
        found.append((answer, provider.remaining_bytes()))
    return [*found, provider.buffer()]


def exact(value: Any) -> Any:
    """A value that equals another one only if both are the same."""
    if isinstance(value, list):
        return [exact(each) for each in value]
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack("<d", value)
    return type(value), value


def case(rng: random.Random) -> tuple[bytes, list[Call]]:
    """An input, and what to read from it."""
    data = rng.randbytes(rng.choice((0, 1, 2, 3, 5, 9, 17, 40, 100)))
    if rng.random() < 0.3:  # forms, flags and special numbers are in the low bytes, surrogates in these
        data = bytes(rng.choice((0, 1, 2, 3, 4, 10, 11, 0x10, 0x1F, 0x7F, 0x80, 0xD8, 0xDC, 0xDF, 0xFF)) for _ in data)
    return data, [call(rng) for _ in range(rng.randint(1, 6))]


def call(rng: random.Random) -> Call:
    """A method with arguments, one in twenty of which are wrong."""
    name = rng.choice(tuple(_ARGUMENTS))
    arguments = _ARGUMENTS[name](rng)
    if arguments and rng.random() < 0.05:
        at = rng.randrange(len(arguments))
        arguments = (*arguments[:at], rng.choice(WRONG), *arguments[at + 1 :])
    return name, arguments


def _count(rng: random.Random) -> tuple[Any, ...]:
    return (rng.choice(COUNTS),)


def _integers(rng: random.Random) -> tuple[Any, ...]:
    low = rng.choice((0, 1, -1, True, rng.getrandbits(rng.choice((4, 8, 16, 64, 80))) - rng.getrandbits(8)))
    if rng.random() < 0.05:
        return low, low - 1
    power = rng.choice((0, 1, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 56, 63, 64, 65, 71, 72, 73, 128, 200))
    return low, low + rng.choice((2**power - 1, 2**power, rng.getrandbits(power + 1)))


def _floats(rng: random.Random) -> tuple[Any, ...]:
    one, other = (rng.choice((rng.choice(FLOATS), rng.uniform(-1e6, 1e6))) for _ in range(2))
    return (one, other) if rng.random() < 0.1 or not one > other else (other, one)


def _few(rng: random.Random) -> tuple[Any, ...]:
    return (rng.choice(SHORT),)


def _none(_: random.Random) -> tuple[Any, ...]:
    return ()


_ARGUMENTS: Final[dict[str, Callable[[random.Random], tuple[Any, ...]]]] = {
    "ConsumeBytes": _count,
    "ConsumeUnicode": _count,
    "ConsumeString": _count,
    "ConsumeUnicodeNoSurrogates": _count,
    "ConsumeInt": _count,
    "ConsumeUInt": _count,
    "ConsumeBool": _none,
    "ConsumeProbability": _none,
    "ConsumeRegularFloat": _none,
    "ConsumeFloat": _none,
    "ConsumeIntInRange": _integers,
    "ConsumeFloatInRange": _floats,
    "PickValueInList": lambda rng: ([*range(rng.choice((0, 1, 2, 3, 255, 256, 257, 300, 65536, 65537)))],),
    "ConsumeIntList": lambda rng: (*_few(rng), rng.choice(COUNTS)),
    "ConsumeIntListInRange": lambda rng: (*_few(rng), *_integers(rng)),
    "ConsumeProbabilityList": _few,
    "ConsumeFloatListInRange": lambda rng: (*_few(rng), *_floats(rng)),
    "ConsumeRegularFloatList": _few,
    "ConsumeFloatList": _few,
    "buffer": _none,
    "remaining_bytes": _none,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
