"""Typed values: fewer elements first, then plainer parts."""

from collections.abc import Callable, Generator, Iterator
from typing import Any, Final

from fuzztui.engine.shrinking import binary, boolean, floating, integer, text
from fuzztui.engine.shrinking.search import Search, first_of, until_nothing_changes, within
from fuzztui.target.typed.composite import Composite
from fuzztui.target.typed.parts import Part, parts, put
from fuzztui.target.typed.plain import EndlessError, adopted, fits, nth
from fuzztui.target.typed.spec import Again, Choice, Either, Many, Maybe, Named, Record, Scalar, Spec

MOST_LEAVES: Final = 400
"""Leaves of a value that are made plainer one by one."""

SEARCHES: Final[dict[str, Callable[[Any], Search[Any]]]] = {
    "bytes": binary.shrink,
    "str": text.shrink,
    "int": integer.shrink,
    "float": floating.shrink,
    "bool": boolean.shrink,
}


def shrink(value: Composite) -> Search[Composite]:
    """The value of fewest elements and plainest parts that fails."""
    spec = value.spec
    passes: list[Callable[[Any], Search[Any]]] = [
        lambda plain: _part_by_part(spec, plain, _fewer),
        lambda plain: _part_by_part(spec, plain, _simpler),
        lambda plain: _leaves(spec, plain),
        lambda plain: _alike(spec, plain),
    ]
    found = yield from within(_fitting(spec, until_nothing_changes(value.plain, passes)), value.like)
    return value.like(found)


def _fitting(spec: Spec, search: Search[Any]) -> Search[Any]:
    """A search without the alternatives that are no values: a set may have too few elements that differ."""
    found: int | None = None
    try:
        others = next(search)
        while True:
            places = [at for at, other in enumerate(others) if _is_value(spec, other)]
            found = (yield [others[at] for at in places]) if places else None
            others = search.send(None if found is None else places[found])
    except StopIteration as end:
        return end.value


def _is_value(spec: Spec, plain: Any) -> bool:
    try:
        adopted(spec, plain)
    except ValueError:
        return False
    return True


def _part_by_part(spec: Spec, plain: Any, alternatives: Callable[[Part], Iterator[Any]]) -> Search[Any]:
    """Each part in turn, the outermost first, as long as one of its alternatives fails too."""
    at = 0
    while True:
        part = next((each for number, each in enumerate(parts(spec, plain)) if number == at), None)
        if part is None:
            return plain
        others = (put(plain, part.path, other) for other in alternatives(part))
        found = yield from first_of(plain, others)
        if found == plain:
            at += 1
        plain = found


def _fewer(part: Part) -> Iterator[Any]:
    """With less in it."""
    value = part.value
    if part.may_lack:
        if value:
            yield ()
        return
    match part.spec:
        case Many(least=least):
            size = len(value) - least
            while size > 0:
                for end in range(len(value), 0, -size):  # from the back, as of bytes and texts
                    start = max(0, end - size)
                    if len(value) - (end - start) >= least:
                        yield value[:start] + value[end:]
                size >>= 1
        case Maybe() if value is not None:
            yield None
        case Named(label=label) | Again(label=label):
            inner = (each for each in parts(part.spec, value) if _is_same(each, label)) if not part.labels else ()
            yield from [each.value for each in inner if each.path][::-1]


def _is_same(part: Part, label: str) -> bool:
    return isinstance(part.spec, Again) and part.spec.label == label and not part.may_lack


def _simpler(part: Part) -> Iterator[Any]:
    """Another one that is simpler as a whole."""
    if part.may_lack:
        return
    value = part.value
    match part.spec:
        case Record() | Either():
            try:
                zero = nth(part.spec, 0, part.labels)
            except EndlessError:
                return
            if zero != value:
                yield zero
        case Choice(options=options):
            for option in options:
                if type(option) is type(value) and option == value:
                    break
                yield option


def _leaves(spec: Spec, plain: Any) -> Search[Any]:
    """Each number and text by the search of its kind."""
    at = 0
    while at < MOST_LEAVES:
        leaves = _scalars(spec, plain)
        if at >= len(leaves):
            return plain
        part = leaves[at]
        plain = yield from _together(plain, [part])
        at += 1
    return plain


def _alike(spec: Spec, plain: Any) -> Search[Any]:
    """Numbers and texts that occur more than once, all of them at once."""
    done = set[tuple[str, Any]]()
    while True:
        groups: dict[tuple[str, Any], list[Part]] = {}
        for part in _scalars(spec, plain)[:MOST_LEAVES]:
            assert isinstance(part.spec, Scalar), "a leaf of a plain kind"
            groups.setdefault((part.spec.kind, part.value), []).append(part)
        wanted = next((key for key, group in groups.items() if len(group) > 1 and key not in done), None)
        if wanted is None:
            return plain
        done.add(wanted)
        plain = yield from _together(plain, groups[wanted])


def _scalars(spec: Spec, plain: Any) -> list[Part]:
    return [part for part in parts(spec, plain) if isinstance(part.spec, Scalar) and not part.may_lack]


def _together(plain: Any, group: list[Part]) -> Generator[list[Any], int | None, Any]:
    """Search for a plainer value of all these parts, which are equal."""
    scalars = [part.spec for part in group if isinstance(part.spec, Scalar)]

    def whole(value: Any) -> Any:
        changed = plain
        for part in group:
            changed = put(changed, part.path, value)
        return changed

    search = SEARCHES[scalars[0].kind](group[0].value)
    found: int | None = None
    try:
        others = next(search)
        while True:
            places = [at for at, other in enumerate(others) if all(fits(scalar, other) for scalar in scalars)]
            found = (yield [whole(others[at]) for at in places]) if places else None
            others = search.send(None if found is None else places[found])
    except StopIteration as end:
        return whole(end.value)
