"""Plain values taken apart by their spec: what stands where in them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.spec import Again, Choice, Either, Made, Many, Maybe, Named, Record, Scalar, Spec

__builtins__ = PRIVATE_BUILTINS

Path: TypeAlias = tuple[int, ...]
"""Places in tuples within each other."""


class Part(NamedTuple):
    """A part of a plain value, or all of it."""

    path: Path
    place: str
    """As people say it: `[2].tags[0]`; empty for all."""
    spec: Spec
    value: Any
    labels: Mapping[str, Spec]
    """What `Again` stands for in there."""
    may_lack: bool = False
    """Whether it is `()`, or `(value,)`."""


def parts(spec: Spec, value: Any) -> Iterator[Part]:
    """All parts, each before what it consists of."""
    waiting = [Part((), "", spec, value, {})]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += reversed(list(_inner(part)))


def leaves(spec: Spec, value: Any) -> list[Part]:
    """The parts that consist of nothing else: numbers, texts and constants."""
    return [part for part in parts(spec, value) if isinstance(part.spec, Scalar | Choice) and not part.may_lack]


def put(whole: Any, path: Path, value: Any) -> Any:
    """The plain value with another part."""
    if not path:
        return value
    at = path[0]
    return (*whole[:at], put(whole[at], path[1:], value), *whole[at + 1 :])


def _inner(part: Part) -> Iterator[Part]:
    path, place, spec, value, labels, may_lack = part
    if may_lack:
        for each in value:
            yield Part((*path, 0), place, spec, each, labels)
        return
    match spec:
        case Many(form="dict", of=Record(fields=(key, item))):
            for at, (one, other) in enumerate(value):
                yield Part((*path, at, 0), f"{place} key {at}", key.of, one, labels)
                yield Part((*path, at, 1), f"{place}[{_key(one)}]", item.of, other, labels)
        case Many(of=of):
            for at, each in enumerate(value):
                yield Part((*path, at), f"{place}[{at}]", of, each, labels)
        case Record(fields=fields):
            for at, (field, each) in enumerate(zip(fields, value, strict=True)):
                inner = f"{place}.{field.name}" if field.name else f"{place}[{at}]"
                yield Part((*path, at), inner, field.of, each, labels, field.may_lack)
        case Maybe(of=of):
            if value is not None:
                yield Part(path, place, of, value, labels)
        case Either(members=members):
            yield Part((*path, 1), place, members[value[0]], value[1], labels)
        case Made(of=of):
            yield Part(path, place, of, value, labels)
        case Named(label=label, of=of):
            yield Part(path, place, of, value, {**labels, label: of})
        case Again(label=label):
            yield Part(path, place, labels[label], value, labels)


def _key(plain: Any) -> str:
    text = repr(plain)
    return text if len(text) <= 20 else f"{text[:20]}…"
