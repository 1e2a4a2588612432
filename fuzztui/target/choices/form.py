"""Sequences of choices as files: a version line, the seed, and a literal in a line of its own for each choice.

    fuzztui choices v1
    seed 0
    3
    'key'
    True

An input that is one of the test's own examples has its number in place of the seed, and no choices:

    fuzztui choices v1
    example 2

Lines that begin with `#` and empty ones are for people. Only values are stored, no constraints: a choice that does not
fit what is drawn where it stands is replaced.
"""

import re
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import CHOICES, Choices, Plain
from fuzztui.target.errors import MalformedInput
from fuzztui.target.kinds import KINDS, Kind
from fuzztui.target.kinds.literal import excerpt

__builtins__ = PRIVATE_BUILTINS

VERSION: Final = "fuzztui choices v1"

MOST: Final = 1 << 16
"""Choices of a file. Hypothesis ends a test long before."""

_NAMES: Final = ("int", "bool", "str", "float", "bytes")
_KINDS: Final = tuple([KINDS[name] for name in _NAMES])
_WRITERS: Final[dict[type, Any]] = {kind.resolve(): kind.write for kind in _KINDS}
_SEED: Final = re.compile(r"seed ([0-9]{1,20})|example ([1-9][0-9]{0,8})")
_HEAD: Final = f"{VERSION}\nseed %d"


def write(plain: Plain) -> bytes:
    """The file of a sequence. Runs once for every execution."""
    seed, *choices = plain
    if seed < 0:
        return f"{VERSION}\nexample {-seed}\n".encode("ascii")
    try:
        text = "\n".join([_HEAD % seed, *map(ascii, choices), ""])
    except ValueError:  # an int of thousands of digits
        return _write_each(seed, choices)
    # A text may have these letters too: it only takes longer.
    if "inf" in text or "nan" in text:
        return _write_each(seed, choices)
    return text.encode("ascii")


def _write_each(seed: int, choices: list[Any]) -> bytes:
    return "\n".join([_HEAD % seed, *[_WRITERS[type(value)](value) for value in choices], ""]).encode("ascii")


def stored(values: tuple[Any, ...]) -> bytes:
    """The file of a target's arguments, of which there is one; TypeError for what is no sequence of choices."""
    if len(values) != 1 or type(values[0]) is not tuple or not values[0] or type(values[0][0]) is not int:
        raise TypeError("want a seed and choices")
    if values[0][0] < 0 and len(values[0]) > 1:
        raise TypeError("an example has no choices")
    for value in values[0][1:]:
        if type(value) not in _WRITERS:
            raise TypeError(f"cannot store a choice of type {type(value).__name__}")
    return write(values[0])


def read(data: bytes) -> Choices:
    """The sequence that a file holds; MalformedInput says what is wrong otherwise."""
    try:
        lines = data.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MalformedInput(f"line {line}: byte 0x{data[error.start]:02x} is not ASCII") from None
    if lines[0].rstrip() != VERSION:
        raise MalformedInput(f"line 1: {excerpt(lines[0])}, want {VERSION!r}")
    literals = [(number, text) for number, line in enumerate(lines[1:], 2) if (text := line.strip()) and text[0] != "#"]
    if not literals or not (seed := _SEED.fullmatch(literals[0][1])):
        number, text = literals[0] if literals else (2, "")
        raise MalformedInput(f"line {number}: {excerpt(text)}, want 'seed' or 'example' and a number")
    if len(literals) > MOST + 1:
        raise MalformedInput(f"{len(literals) - 1:,} choices, want at most {MOST:,}")
    if seed[2]:
        if len(literals) > 1:
            number, text = literals[1]
            raise MalformedInput(f"line {number}: {excerpt(text)}, want nothing more: an example has no choices")
        return Choices((-int(seed[2]),))
    return Choices((int(seed[1]), *[_value(text, number) for number, text in literals[1:]]))


def _value(literal: str, number: int) -> Any:
    for kind in _KINDS:
        if kind.pattern.fullmatch(literal):
            try:
                return kind.read(literal)
            except ValueError as error:
                raise MalformedInput(f"line {number}: {error}") from None
            except MemoryError:
                raise MalformedInput(f"line {number}: MemoryError while reading it") from None
    raise MalformedInput(f"line {number}: {excerpt(literal)} is not a literal of {', '.join(_NAMES[:-1])} or bytes")


def show(value: Choices, room: int) -> str:
    """The choices as a call would have them, in about so many characters; what is cut ends in `…` and their number."""
    if value.example:
        return f"@example {value.example}"
    words: list[str] = []
    left = room
    for choice in value.choices:
        if left <= 0:
            return f"{', '.join(words)}… ({len(value.choices)} choices)"
        words.append(KINDS[type(choice).__name__].show(choice, left))
        left -= len(words[-1]) + 2
    return ", ".join(words)


KIND: Final[Kind[Choices]] = Kind(
    CHOICES,
    lambda: Choices,
    lambda: Choices((0,)),
    re.compile(r"(?!)"),
    lambda value: write(value.plain).decode("ascii"),
    lambda text: read(text.encode("ascii")),
    show,
    is_ascii_repr=False,
)
"""Its literals are whole files."""
