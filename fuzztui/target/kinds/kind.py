"""What a kind of argument is: all that storing, showing and declaring one needs to know of its type."""

import re
from collections.abc import Callable
from typing import Any, Final, Generic, NamedTuple, TypeVar

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

T = TypeVar("T")

BUILTINS: Final = "builtins"

LATE: Final[list[type]] = []
"""Classes of kinds that are no builtins, each from the moment on at which somebody needed it: see `late`."""


class Kind(NamedTuple, Generic[T]):
    """One type that a parameter may have. Exactly that class counts, no subclass."""

    name: str
    """Of the class; messages, files and the protocol use it too."""
    resolve: Callable[[], type[T]]
    """Returns the class, for a kind made by `late` not before it is needed."""
    zero: Callable[[], T]
    """Returns what fuzzing starts from where there is no seed."""
    pattern: re.Pattern[str]
    """Matches every literal of this kind in full, and no literal of another. It lets nothing through that can nest,
    since that could exhaust a parser's stack."""
    write: Callable[[T], str]
    """The ASCII literal of a value, without a line break."""
    read: Callable[[str], T]
    """The value of a text that `pattern` matches; ValueError with the reason, a sentence's part, if there is none."""
    show: Callable[[T, int], str]
    """A value as a call would spell it, in about so many characters; what is cut ends in `…` and its size."""
    is_ascii_repr: bool = True
    """Whether `write` is `ascii`, for values `between` bounds: then `%a` does for it in one call into C."""
    between: tuple[T, T] | None = None
    """The exclusive bounds; None where there are none."""
    module: str = BUILTINS
    """Of the class."""

    @property
    def annotation(self) -> str:
        """The type's full name, as a parameter's annotation has it where its module is imported."""
        return self.name if self.module == BUILTINS else f"{self.module}.{self.name}"

    def is_class(self, cls: type) -> bool:
        """Whether this is the class of this kind. Loads no module to find out that it is not."""
        return cls.__name__ == self.name and cls.__module__ == self.module and cls is self.resolve()


def late(module: str, name: str) -> Callable[[], type[Any]]:
    """A function that returns a class, and imports its module no sooner than it is called.

    Each start of a worker would pay for loading the module. The class must be a compiled one: in a worker the module is
    a private copy, whose classes written in Python are others than the target's.
    """
    found: list[type[Any]] = []

    def resolve() -> type[Any]:
        if not found:
            found.append(getattr(__import__(module, fromlist=(name,)), name))
            LATE.append(found[0])
        return found[0]

    return resolve
