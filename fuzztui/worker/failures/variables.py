"""Puts the variables of a frame into words without running any code of the target's.

What a target's object says of itself may be a lie, a megabyte, an exception, or take for ever. So only what the
interpreter itself has made is looked into, by what `type` says, and of that a bounded part: the text of a container's
first elements, the beginning of a text. Of any other object there is its class.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from types import BuiltinFunctionType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.failures.texts import encodable

__builtins__ = PRIVATE_BUILTINS

TEXT_LIMIT: Final = 200
"""Characters of one variable."""

ELEMENTS: Final = 10
"""Elements of a container that are shown."""

DEPTH: Final = 3
"""Containers in one another that are looked into."""

BITS: Final = 1_024
"""Of an integer that is written out: writing takes time that grows with the square of the digits."""

MOST_VARIABLES: Final = 30
"""Variables of one frame; later ones are not shown."""

NAME_LIMIT: Final = 100
"""Characters of a name."""

_IS_FUNCTION: Final = 1
"""The flag of code whose variables the interpreter keeps by itself (`CO_OPTIMIZED`): a class's body has a namespace
that its metaclass may have made."""

_name_of_type: Final = type.__dict__["__qualname__"].__get__
_module_of_type: Final = type.__dict__["__module__"].__get__
_bases_of: Final = type.__dict__["__mro__"].__get__

# By the classes' addresses, since a class may have a hash and an equality of its own.
_PLAIN: Final = frozenset(map(id, (bool, type(None), float, complex, type(Ellipsis), type(NotImplemented))))
_BRACKETS: Final = {id(list): "[]", id(tuple): "()", id(set): "{}", id(frozenset): "{}"}


def variables(frame: FrameType) -> list[tuple[str, str]]:
    """Names and texts of a function's variables, in the order in which they were set."""
    if not frame.f_code.co_flags & _IS_FUNCTION:
        return []
    # Names that no source can contain are the probes'.
    named = [(name, value) for name, value in list(frame.f_locals.items()) if type(name) is str and name.isidentifier()]
    return [(encodable(name[:NAME_LIMIT]), in_words(value)) for name, value in named[:MOST_VARIABLES]]


def in_words(value: object) -> str:
    """A value as Python would write it, as far as that can be told without asking it; `TEXT_LIMIT` characters."""
    try:
        text = _text(value, DEPTH)
    except BaseException as error:  # changed by a thread meanwhile, or no memory for it
        text = f"<{type(error).__name__} when it was looked at>"
    return encodable(text if len(text) <= TEXT_LIMIT else f"{text[:TEXT_LIMIT]}...")


def _text(value: Any, depth: int) -> str:
    kind = type(value)
    if id(kind) in _PLAIN:
        return repr(value)
    if kind is int:
        bits = value.bit_length()
        return repr(value) if bits <= BITS else f"<int of {bits} bits>"
    if kind is str or kind is bytes or kind is bytearray:
        more = f"... ({len(value)} in all)" if len(value) > TEXT_LIMIT else ""
        return f"{value[:TEXT_LIMIT]!r}{more}"
    if id(kind) in _BRACKETS:
        brackets = _BRACKETS[id(kind)]
        opening, closing = brackets[0], brackets[1]
        if not value:
            return f"{kind.__name__}()" if opening == "{" else opening + closing
        single = "," if kind is tuple and len(value) == 1 else ""
        text = f"{opening}{_elements(value, len(value), depth)}{single}{closing}"
        return f"frozenset({text})" if kind is frozenset else text
    if kind is dict:
        pairs = (f"{_text(key, depth - 1)}: {_text(each, depth - 1)}" for key, each in _first(value.items()))
        return f"{{{_joined(pairs, len(value))}}}" if depth else "{...}"
    return _object(value, kind)


def _elements(value: Iterable[object], length: int, depth: int) -> str:
    return _joined((_text(each, depth - 1) for each in _first(value)), length) if depth else "..."


def _first(value: Iterable[Any]) -> Iterator[Any]:
    return islice(iter(value), ELEMENTS)


def _joined(texts: Iterable[str], length: int) -> str:
    """Texts of elements, of `length` in all, as far as there is room."""
    shown: list[str] = []
    size = 0
    for text in texts:
        if size > TEXT_LIMIT:
            break
        shown.append(text)
        size += len(text)
    left_out = [f"... ({length} in all)"] if len(shown) < length else []
    return ", ".join([*shown, *left_out])


def _object(value: Any, kind: type) -> str:
    """An object of which only the class, or the name that the interpreter has given it, is told."""
    if any(base is type for base in _bases_of(kind)):
        return f"<class {class_name(value)}>"
    if kind is FunctionType:
        return f"<function {value.__qualname__[:NAME_LIMIT]}>"
    if kind is BuiltinFunctionType:
        return f"<function {value.__name__[:NAME_LIMIT]}>"
    if kind is MethodType:
        function = value.__func__
        name = function.__qualname__ if type(function) is FunctionType else class_name(type(function))
        return f"<method {name[:NAME_LIMIT]} of {class_name(type(value.__self__))}>"
    if kind is ModuleType:
        name = value.__dict__.get("__name__")
        return f"<module {name[:NAME_LIMIT] if type(name) is str else '?'}>"
    return f"<{class_name(kind)} object>"


def class_name(kind: type) -> str:
    """Module and qualified name of a class, without `builtins`."""
    module, name = _module_of_type(kind), _name_of_type(kind)
    prefix = f"{module[:NAME_LIMIT]}." if type(module) is str and module != "builtins" else ""
    return f"{prefix}{name[:NAME_LIMIT]}"
