"""A spec as text: how messages carry it from the process that has loaded the target to those that have not.

The text is the nodes' own `repr`. It is read by a walk over its syntax tree, never run.
"""

from ast import Call, Constant, Expression, Name, Tuple, UnaryOp, USub, parse
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.spec import (
    MOST_NESTED,
    NODES,
    Again,
    Choice,
    Either,
    Field,
    Many,
    Named,
    Record,
    Scalar,
    Spec,
)

__builtins__ = PRIVATE_BUILTINS

LONGEST: Final = 1 << 18
"""Characters of a text."""

_NODES: Final = {node.__name__: node for node in NODES}
_KINDS: Final = ("int", "float", "bool", "str", "bytes")
_FORMS: Final = ("list", "tuple", "set", "frozenset", "deque", "dict")


def is_spec(text: str) -> bool:
    """Whether a parameter's type is a spec rather than the name of a plain kind."""
    return text.endswith(")")


def write(spec: Spec) -> str:
    """The text of a spec, in one line of ASCII."""
    return ascii(spec)


def read(text: str) -> Spec:
    """The spec of a text; ValueError for what is none."""
    if len(text) > LONGEST:
        raise ValueError(f"a type of {len(text)} characters")
    try:
        tree = parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{text[:40]!r} is no type") from None
    assert isinstance(tree, Expression)
    spec = _value(tree.body, 3 * MOST_NESTED)
    _check(spec, (), MOST_NESTED)
    found: Spec = spec
    return found


def _value(node: object, depth: int) -> Any:
    if not depth:
        raise ValueError("a type that is nested too deeply")
    match node:
        case Constant(value=value):
            return value
        case UnaryOp(op=USub(), operand=Constant(value=int() | float() as value)):
            return -value
        case Tuple(elts=elements):
            return tuple([_value(element, depth - 1) for element in elements])
        case Call(func=Name(id=name), args=[], keywords=keywords) if name in _NODES:
            given = {str(keyword.arg): _value(keyword.value, depth - 1) for keyword in keywords}
            if tuple(given) != _NODES[name]._fields:  # type: ignore[attr-defined]
                raise ValueError(f"{name} with other fields")
            return _NODES[name](**given)
    raise ValueError("no type")


def _check(spec: object, labels: tuple[str, ...], depth: int) -> None:
    """ValueError for what is no tree of nodes with fields of their types: it has come from another process."""
    if not depth:
        raise ValueError("a type that is nested too deeply")
    inner: list[object] = []
    match spec:
        case Scalar(kind=kind, low=low, high=high, step=step):
            good = kind in _KINDS and all(each is None or type(each) in (int, float) for each in (low, high, step))
        case Choice(options=options, module=str(), name=str()):
            good = type(options) is tuple and bool(options)
        case Many(form=form, of=of, least=int(), most=most):
            good = form in _FORMS and (most is None or type(most) is int)
            good = good and (form != "dict" or (type(of) is Record and len(of.fields) == 2))
            inner = [of]
        case Record(form=form, fields=fields, module=str(), name=str()):
            good = form in ("tuple", "dict", "class") and all(
                type(field) is Field and type(field.name) is str for field in fields
            )
            inner = [field.of for field in fields]
        case Either(members=members):
            good = type(members) is tuple and bool(members)
            inner = list(members)
        case Named(label=str(label), of=of):
            good, inner, labels = True, [of], (*labels, label)
        case Again(label=label):
            good = label in labels
        case _ if type(spec) in NODES and type(spec) is not Field:
            good, inner = True, [spec.of]  # type: ignore[attr-defined]
        case _:
            good = False
    if not good:
        raise ValueError(f"{type(spec).__name__} that cannot be")
    for each in inner:
        _check(each, labels, depth - 1)
