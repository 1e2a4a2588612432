"""How a harness says what values of a type are made from."""

from collections.abc import Callable
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS


class Via:
    """What stands in `Annotated[T, via(int, build)]`."""

    __slots__ = ("back", "build", "type")

    def __init__(self, type: Any, build: Callable[[Any], Any], back: Callable[[Any], Any] | None) -> None:  # noqa: A002
        self.type: Final = type
        self.build: Final = build
        self.back: Final = back


def via(type: Any, build: Callable[..., Any], back: Callable[[Any], Any] | None = None) -> Via:  # noqa: A002
    """Say in `Annotated[T, fuzztui.via(int, build)]` that a T is made by `build` from an int, or any type that a
    parameter may have. `build` may refuse a value by raising; `back` gives the int of a T that is a seed.
    """
    return Via(type, build, back)
