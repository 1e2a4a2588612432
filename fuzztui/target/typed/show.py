"""Plain values as people see them, and as source that makes them: `[Order(product=3, tags=['new'])]`."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.conversions import CONVERSIONS
from fuzztui.target.typed.plain import size
from fuzztui.target.typed.spec import (
    Again,
    Choice,
    Either,
    Field,
    Made,
    Many,
    Maybe,
    Named,
    Record,
    Scalar,
    Spec,
)

__builtins__ = PRIVATE_BUILTINS

Leaf: TypeAlias = Callable[[Any], str]
"""How a number, a text, bytes or a constant is written."""

_BY_TEXT: Final = ("decimal", "uuid", "ipaddress", "pathlib")
"""Modules whose classes make a value of its own text."""

_AROUND: Final = {
    "list": ("[", "]"),
    "tuple": ("(", ")"),
    "set": ("{", "}"),
    "frozenset": ("frozenset({", "})"),
    "deque": ("deque([", "])"),
}
_EMPTY: Final = {"set": "set()", "frozenset": "frozenset()"}


class Used(NamedTuple):
    """A name that an expression needs: of a module, or the module itself where `name` is empty."""

    module: str
    name: str


def shown(spec: Spec, value: Any, room: int) -> str:
    """A value as a call would spell it, in about so many characters; what is cut ends in `…` and its size."""
    text = expression(spec, value, _shown_leaf)
    return text if len(text) <= room else f"{text[:room]}… (size {size(value)})"


def _shown_leaf(value: Any) -> str:
    if type(value) is float and not isfinite(value):
        return f"float('{value}')"
    if type(value) is int and abs(value) >= 1 << 64:
        return hex(value)
    return repr(value)


def expression(spec: Spec, value: Any, leaf: Leaf, used: set[Used] | None = None) -> str:
    """Source of a value. `used` takes the names that it needs; then those of modules are written in full."""
    return _Writing(leaf, used)(spec, value, {})


class _Writing:
    def __init__(self, leaf: Leaf, used: set[Used] | None) -> None:
        self._leaf = leaf
        self._used = used

    def __call__(self, spec: Spec, value: Any, labels: Mapping[str, Spec]) -> str:
        match spec:
            case Scalar():
                return self._leaf(value)
            case Choice(module=module, name=name):
                return f"{self._name(module, name)}.{value}" if name else self._leaf(value)
            case Many(form="dict", of=Record(fields=(key, item))):
                pairs = [f"{self(key.of, one, labels)}: {self(item.of, other, labels)}" for one, other in value]
                return f"{{{', '.join(pairs)}}}"
            case Many(form=form, of=of):
                if not value and form in _EMPTY:
                    return _EMPTY[form]
                if form == "deque":
                    self._name("collections", "deque")
                start, end = _AROUND[form]
                inner = ", ".join(self(of, each, labels) for each in value)
                return f"{start}{inner}{',' * (form == 'tuple' and len(value) == 1)}{end}"
            case Record(form="tuple", fields=fields):
                parts = [self(field.of, each, labels) for field, each in zip(fields, value, strict=True)]
                return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
            case Record(form="dict"):
                parts = [f"{self._leaf(name)}: {text}" for name, text in self._fields(spec, value, labels)]
                return f"{{{', '.join(parts)}}}"
            case Record(module=module, name=name):
                parts = [f"{field}={text}" for field, text in self._fields(spec, value, labels)]
                return f"{self._name(module, name)}({', '.join(parts)})"
            case Maybe(of=of):
                return "None" if value is None else self(of, value, labels)
            case Either(members=members):
                return self(members[value[0]], value[1], labels)
            case Made(by="", of=of, module=module, name=name):
                return f"{self._name(module, name)}({self(of, value, labels)})"
            case Made(by=by, of=of):
                return self._made(by, of, value, labels)
            case Named(label=label, of=of):
                return self(of, value, {**labels, label: of})
            case Again(label=label):
                return self(labels[label], value, labels)

    def _fields(self, record: Record, values: Any, labels: Mapping[str, Spec]) -> list[tuple[str, str]]:
        return [
            (field.name, self(field.of, each[0] if field.may_lack else each, labels))
            for field, each in zip(record.fields, values, strict=True)
            if _is_there(field, each)
        ]

    def _made(self, by: str, of: Spec, value: Any, labels: Mapping[str, Spec]) -> str:
        conversion = CONVERSIONS[by]
        try:
            cls = getattr(__import__(conversion.module), conversion.name)
            made = conversion.build(cls, value)
        except Exception:  # no such value: it is shown by what would make it
            return f"{conversion.name}({self(of, value, labels)})"
        if conversion.module == "builtins":
            if type(made) is complex:
                return f"complex({self._leaf(made.real)}, {self._leaf(made.imag)})"
            return f"{by}({self(of, value, labels)})"
        if self._used is not None:
            self._used.add(Used(conversion.module, ""))
        prefix = f"{conversion.module}." * (self._used is not None)
        if conversion.module in _BY_TEXT:
            return f"{prefix}{conversion.name}({self._leaf(str(made))})"
        text = repr(made)
        if "zoneinfo." in text and self._used is not None:
            self._used.add(Used("zoneinfo", ""))
        text = text if text.startswith(f"{conversion.module}.") else f"{prefix}{text}"
        return text.replace("'", '"') if self._used is not None else text

    def _name(self, module: str, name: str) -> str:
        if self._used is not None:
            self._used.add(Used(module, name.partition(".")[0]))
        return name


def _is_there(field: Field, value: Any) -> bool:
    return not field.may_lack or bool(value)
