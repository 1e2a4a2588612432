"""The kinds of arguments that a target may take, one module for each: how a type is declared, stored and shown.

What a worker makes of a type's values is in `fuzztui.worker.mutate.domains`. A new type takes a module and a line here,
a module and a line there; nothing else knows the types.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, TypeAlias, Union

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.kinds.binary import BYTES
from fuzztui.target.kinds.boolean import BOOL
from fuzztui.target.kinds.date import DATE
from fuzztui.target.kinds.floating import FLOAT
from fuzztui.target.kinds.integer import INT
from fuzztui.target.kinds.kind import LATE, Kind
from fuzztui.target.kinds.text import STR

if TYPE_CHECKING:
    from datetime import date

    from fuzztui.target.choices.value import Choices
    from fuzztui.target.typed.composite import Composite

__all__ = ["KINDS", "LATE", "SUPPORTED", "Kind", "Value", "kind_named", "kind_of", "listed"]
__builtins__ = PRIVATE_BUILTINS

Value: TypeAlias = Union[bytes, str, int, float, bool, "date", "Composite", "Choices"]
"""An argument of a target. (`|` would take no name of what is not loaded.)"""

KINDS: Final[dict[str, Kind[Any]]] = {kind.name: kind for kind in (BYTES, STR, INT, FLOAT, BOOL, DATE)}
"""The types that a parameter may have, by name."""

_ANNOTATIONS: Final = {kind.annotation: kind for kind in KINDS.values()}


def listed(words: Iterable[str]) -> str:
    """The words as a sentence has them: `a, b or c`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


SUPPORTED: Final = listed(_ANNOTATIONS)
"""What a parameter may be annotated, for messages."""


def kind_named(annotation: str) -> Kind[Any] | None:
    """The kind that a type's full name stands for, or its name alone where no one can tell what that is bound to."""
    return _ANNOTATIONS.get(annotation) or KINDS.get(annotation)


def kind_of(value: object) -> Kind[Any] | None:
    """The kind of exactly this value's class."""
    kind = KINDS.get(type(value).__name__)
    return kind if kind is not None and kind.is_class(type(value)) else None
