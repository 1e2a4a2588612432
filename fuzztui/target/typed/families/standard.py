"""Classes of the standard library that are made from other values: see `conversions`."""

from importlib import import_module
from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.conversions import CONVERSIONS, ZONED
from fuzztui.target.typed.plain import adopted
from fuzztui.target.typed.resolve import Resolver, Scope
from fuzztui.target.typed.spec import Made
from fuzztui.target.typed.typed import Typed, of_class
from fuzztui.target.typed.typing_objects import loaded

__builtins__ = PRIVATE_BUILTINS


def take(_resolver: Resolver, annotation: Any, _scope: Scope) -> Typed | None:
    """`datetime`, `Decimal`, `UUID`, `Path` and their like."""
    if not isinstance(annotation, type):
        return None
    conversion = CONVERSIONS.get(annotation.__name__)
    if conversion is None or getattr(loaded(conversion.module), conversion.name, None) is not annotation:
        return None
    cls: Any = annotation
    if conversion.name in ZONED:
        # Now, since an execution that loads modules is no repetition of another one; and by the target's own import.
        import_module("zoneinfo")
    made = _class_of(cls)

    def build(plain: Any) -> Any:
        return conversion.build(cls, plain)

    def plain(value: Any) -> Any:
        of_class(made, conversion.name, value)
        return adopted(conversion.of, conversion.plain(value))

    return Typed(Made(conversion.of, conversion.name), build, plain)


def _class_of(cls: Any) -> type:
    """The class of an instance: of `Path` it is another one."""
    return type(cls("")) if cls.__module__.partition(".")[0] == "pathlib" else cls
