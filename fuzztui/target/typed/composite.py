"""An argument of a type that is put together, where nobody knows its classes; and what storing and showing it takes."""

from functools import lru_cache
from re import compile as pattern
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.kinds.kind import Kind
from fuzztui.target.typed import literal, plain, text
from fuzztui.target.typed.show import shown
from fuzztui.target.typed.spec import Choice, Spec, spelled

__builtins__ = PRIVATE_BUILTINS

_NEVER: Final = pattern(r"(?!)")
"""Literals of specs are read by the parameter they are for."""


class Composite:
    """A plain value, with the spec that says what it stands for."""

    __slots__ = ("plain", "spec", "type")

    def __init__(self, type: str, spec: Spec, plain: Any) -> None:  # noqa: A002 - it is what it is called elsewhere
        """`type`: the spec's text, which is what the parameter is called in messages."""
        self.type = type
        self.spec = spec
        self.plain = plain

    def __eq__(self, other: object) -> bool:
        return type(other) is Composite and self.type == other.type and self.plain == other.plain

    def __hash__(self) -> int:
        return hash(self.plain)

    def __repr__(self) -> str:
        return f"Composite({shown(self.spec, self.plain, 200)})"

    def like(self, plain_value: Any) -> "Composite":
        """Another value of the same type."""
        return Composite(self.type, self.spec, plain_value)


def spelled_type(parameter: str) -> str:
    """The type of a spec's text as an annotation has it; a text that is none as it is."""
    try:
        return spelled(text.read(parameter))
    except ValueError:
        return parameter


@lru_cache(maxsize=256)
def opaque(parameter: str) -> Kind[Composite]:
    """The kind of arguments of which only the annotation is known, as the source has it: they are shown as stored."""
    spec = Choice((None,))

    def read(line: str) -> Composite:
        return Composite(parameter, spec, literal.read(line))

    def show(value: Composite, room: int) -> str:
        words = literal.write(value.plain)
        return words if len(words) <= room else f"{words[:room]}…"

    def write(value: Composite) -> str:
        return literal.write(value.plain)

    return Kind(
        parameter,
        lambda: Composite,
        lambda: Composite(parameter, spec, None),
        _NEVER,
        write,
        read,
        show,
        is_ascii_repr=False,
    )


@lru_cache(maxsize=256)
def kind(parameter: str) -> Kind[Composite]:
    """The kind of arguments of a spec's text; ValueError for what is no spec."""
    spec = text.read(parameter)

    def zero() -> Composite:
        return Composite(parameter, spec, plain.zero(spec))

    def write(value: Composite) -> str:
        return literal.write(value.plain)

    def read(line: str) -> Composite:
        return Composite(parameter, spec, plain.adopted(spec, literal.read(line)))

    def show(value: Composite, room: int) -> str:
        return shown(spec, value.plain, room)

    try:
        zero()
    except plain.EndlessError as error:
        raise ValueError(f"{error} holds itself without end") from None
    return Kind(parameter, lambda: Composite, zero, _NEVER, write, read, show, is_ascii_repr=False)
