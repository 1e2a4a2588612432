"""The nodes of a spec: what a typed value consists of. Plain data, the same in all processes.

Each node says which plain values it has:

- `Scalar`: one number, text, bytes or truth value;
- `Choice`: one of a few constants, or the name of a member;
- `Many`: a tuple of elements, of a dict the pairs;
- `Record`: a tuple of its fields' values;
- `Maybe`: None, or a value; `Field.may_lack` likewise: `()`, or `(value,)`;
- `Either`: `(position of the member, value)`;
- `Made`: the value that something is made from;
- `Named` and `Again`: a node that occurs within itself.
"""

from typing import Final, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

LIST: Final = "list"
TUPLE: Final = "tuple"
SET: Final = "set"
FROZENSET: Final = "frozenset"
DEQUE: Final = "deque"
DICT: Final = "dict"
CLASS: Final = "class"

UNIQUE: Final = (SET, FROZENSET, DICT)
"""Forms whose elements, of a dict the keys, occur once."""


class Scalar(NamedTuple):
    """A value of a plain kind, within bounds."""

    kind: str
    """One of `int`, `float`, `bool`, `str`, `bytes`."""
    low: int | float | None = None
    high: int | float | None = None
    """Of numbers the least and the greatest, of texts and bytes the least and the greatest length; inclusive."""
    step: int | float | None = None
    """What numbers are multiples of."""


class Choice(NamedTuple):
    """One of some constants."""

    options: tuple[object, ...]
    """Constants, or names of an enumeration's members."""
    module: str = ""
    name: str = ""
    """Of the enumeration; empty for constants."""


class Many(NamedTuple):
    """Any number of elements."""

    form: str
    """`LIST`, `TUPLE`, `SET`, `FROZENSET`, `DEQUE` or `DICT`."""
    of: "Spec"
    """An element; of a dict a pair, a `Record` of two."""
    least: int = 0
    most: int | None = None


class Field(NamedTuple):
    """A part of a record."""

    name: str
    """Empty in a tuple."""
    of: "Spec"
    by_name: bool = False
    """Whether it is given to the class by its name."""
    may_lack: bool = False
    """Whether a dict may be without it."""


class Record(NamedTuple):
    """So many parts, each of its own type."""

    form: str
    """`TUPLE`, `DICT` (with these keys) or `CLASS`."""
    fields: tuple[Field, ...]
    module: str = ""
    name: str = ""
    """Of the class."""


class Maybe(NamedTuple):
    """A value or None."""

    of: "Spec"


class Either(NamedTuple):
    """A value of one of several types."""

    members: "tuple[Spec, ...]"


class Made(NamedTuple):
    """What a function or class makes from a value."""

    of: "Spec"
    by: str
    """A name in `conversions.CONVERSIONS`; empty for a function of the target's."""
    module: str = ""
    name: str = ""
    """What is shown, and where it is to be imported from; of the target's function."""


class Named(NamedTuple):
    """A node that may occur in itself."""

    label: str
    of: "Spec"


class Again(NamedTuple):
    """The node of that label, once more."""

    label: str


Spec: TypeAlias = Scalar | Choice | Many | Record | Maybe | Either | Made | Named | Again

NODES: Final[tuple[type, ...]] = (Scalar, Choice, Many, Field, Record, Maybe, Either, Made, Named, Again)

MOST_NESTED: Final = 40
"""Nodes with one inside the other in a spec: more is nobody's signature."""


def spelled(spec: Spec) -> str:
    """The type as an annotation has it: `list[Order]`. Bounds are left out."""
    match spec:
        case Scalar(kind=kind):
            return kind
        case Choice(options=options, name=name):
            return name or f"Literal[{', '.join(map(ascii, options))}]"
        case Many(form="tuple", of=of):
            return f"tuple[{spelled(of)}, ...]"
        case Many(form="dict", of=Record(fields=(key, value))):
            return f"dict[{spelled(key.of)}, {spelled(value.of)}]"
        case Many(form=form, of=of):
            return f"{form}[{spelled(of)}]"
        case Record(form="tuple", fields=fields):
            return f"tuple[{', '.join(spelled(field.of) for field in fields) or '()'}]"
        case Record(name=name):
            return name
        case Maybe(of=of):
            return f"{spelled(of)} | None"
        case Either(members=members):
            return " | ".join(map(spelled, members))
        case Made(name=name, by=by):
            return name or by
        case Named(label=label):
            return label
        case Again(label=label):
            return label
