"""What methods of texts work on, as they have been called."""

from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.objects import Object
from fuzztui.worker.mutate.scalars import Scalar

__builtins__ = PRIVATE_BUILTINS

_MAX_STRIPPED: Final = 8
"""Characters that `strip` looks for of which are kept."""


def rejoined(separator: Any, pieces: list[Any], wanted: tuple[Scalar | Object | None, ...], filler: str | bytes) -> Any:
    """The pieces, with the wanted ones in their places; None unless all are of the filler's type."""
    parts = [*pieces[: len(wanted)], *[filler] * (len(wanted) - len(pieces))]
    parts = [part if constant is None else constant for part, constant in zip(parts, wanted, strict=True)]
    kind = type(filler)
    return separator.join(parts) if all(type(part) is kind for part in (separator, *parts)) else None


def blank_of(method: str, wanted: object, text: object) -> object:
    """What a method splits a text at: where none is given, a blank that stands for any."""
    if method == "splitlines" or wanted is None:
        blank = "\n" if method == "splitlines" else " "
        return blank.encode() if type(text) is bytes else blank
    return wanted


def part_at(text: Any, positions: tuple[object, ...]) -> Any:
    """Where a method looks that has been given such positions."""
    if not positions or not all(position is None or type(position) is int for position in positions):
        return text
    return text[slice(*(*positions, None)[:2])]


def characters_of(text: object) -> tuple[object, ...]:
    if type(text) is str:
        return tuple(text[:_MAX_STRIPPED])
    if type(text) is bytes:
        return tuple([bytes((byte,)) for byte in text[:_MAX_STRIPPED]])
    return ()
