"""Typed values taken apart into their leaves, where comparisons guide mutation, and put together again."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.plain import adopted, fits
from fuzztui.worker.mutate.objects import Object, object_of
from fuzztui.worker.mutate.operands import ALONE, ORDERINGS, Comparison, elements_of
from fuzztui.worker.mutate.scalars import Scalar, scalar_of
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.mutate.typed.classes import like, near
from fuzztui.worker.mutate.typed.tree import ChoiceNode, ManyNode, Node, RecordNode, ScalarNode

__builtins__ = PRIVATE_BUILTINS

MOST: Final = 256
"""Leaves of an input that are looked at."""

MOST_ELEMENTS: Final = 256
"""Elements that a container gets because a number was compared with how many it has."""

MOST_EXCHANGED: Final = 256
"""Objects that the comparisons of one entry are looked through for."""

MOST_RESIZED: Final = 64
"""Inputs of other lengths, or with an element more, that the comparisons of one entry lead to."""

Path: TypeAlias = tuple[int, ...]
"""Where a part stands in a plain value: places in tuples within each other."""


class Part(NamedTuple):
    """A part of an input."""

    path: Path
    """From the arguments on."""
    node: Node | None
    """None for an argument of a plain kind."""
    value: Any


class Apart:
    """An input taken apart."""

    def __init__(self, arguments: Arguments, roots: Sequence[Node | None]) -> None:
        """`roots`: the tree of each argument; None for one of a plain kind."""
        self._arguments = arguments
        leaves: list[Part] = []
        self._many: list[Part] = []
        self._objects: list[Part] = []
        waiting = [Part((at,), root, value) for at, (root, value) in enumerate(zip(roots, arguments, strict=True))][
            ::-1
        ]
        while waiting and len(leaves) < MOST:
            part = waiting.pop()
            if part.node is not None and part.node.objects:
                self._objects.append(part)
            if part.node is None or isinstance(part.node, ScalarNode | ChoiceNode):
                if part.value is not None:
                    leaves.append(part)
                continue
            if isinstance(part.node, ManyNode):
                self._many.append(part)
            inner = [
                Part(part.path if at is None else (*part.path, at), node, value)
                for at, node, value in islice(part.node.parts(part.value), MOST)
            ]
            waiting += reversed(inner)
        self._leaves = leaves
        self._roots = roots
        self._is_free = not any(isinstance(part.node, ManyNode) and part.node.is_unique for part in self._many)
        self.values: Final[Arguments] = tuple([leaf.value for leaf in leaves])
        """Of the leaves, in order: each is like an argument of its own."""

    def together(self, values: Arguments) -> Arguments | None:
        """The input with other values in its leaves; None if one does not fit."""
        changed: Arguments = self._arguments
        for leaf, before, value in zip(self._leaves, self.values, values, strict=True):
            if value is before:
                continue
            if not _takes(leaf.node, value):
                return None
            changed = _put(changed, leaf.path, value)
        return changed if self._is_free or self._fits(changed) else None

    def _fits(self, changed: Arguments) -> bool:
        """Whether what has to have different elements still has enough of them."""
        for at, root in enumerate(self._roots):
            if root is not None and changed[at] is not self._arguments[at]:
                try:
                    adopted(root.spec, changed[at], root.context.labels)
                except ValueError:
                    return False
        return True

    def all_together(self, several: Iterator[Arguments]) -> Iterator[Arguments]:
        """`together` of each that fits."""
        return (whole for values in several if (whole := self.together(values)) is not None)

    def exchanged(self, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        """Inputs in which an object is another one, that it has been compared with."""
        if not self._objects:
            return
        seen = set[tuple[Path, object]]()
        for part, value in islice(self._exchanges(comparisons), MOST_EXCHANGED):
            key = part.path, value
            if key in seen or value == part.value:
                continue
            seen.add(key)
            assert part.node is not None, "what has objects is no plain kind"
            try:
                fitting = adopted(part.node.spec, value, part.node.context.labels)
            except ValueError:  # beyond its bounds
                continue
            part.node.keep(fitting)  # for where it is wanted beside another one
            changed = _put(self._arguments, part.path, fitting)
            if self._is_free or self._fits(changed):
                yield changed

    def _exchanges(self, comparisons: Sequence[Comparison]) -> Iterator[tuple[Part, Any]]:
        for operator, left, right in comparisons:
            for one, other in _pairs(left, right):
                parts = [part for part in self._objects if part.node is not None and part.node.objects == one.kind]
                sides = [
                    (part, there)
                    for here, there in ((one, other), (other, one))
                    for part in parts
                    if part.value == here.plain
                ]
                # What stands nowhere is made of what does: then any of the class may be what it is made of.
                for part, wanted in sides or [(part, side) for part in parts for side in (other, one)]:
                    yield part, wanted.plain
                    if operator in ORDERINGS:
                        yield from ((part, value) for value in near(wanted.plain))

    def resized(self, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        """Inputs whose containers have as many elements as was asked for, or one more that was looked for in vain."""
        return islice(self._resized(comparisons), MOST_RESIZED)

    def _resized(self, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        seen = set[tuple[Path, object]]()
        for operator, left, right in comparisons:
            for part in self._many:
                for count in _counts(operator, left, right, len(part.value)):
                    if (part.path, count) not in seen:
                        seen.add((part.path, count))
                        yield _put(self._arguments, part.path, _of_length(part, count))
                for wanted in _wanted(operator, left, right):
                    key = part.path, (type(wanted), wanted)
                    if key not in seen and (longer := _with_element(part, wanted)) is not None:
                        seen.add(key)
                        yield _put(self._arguments, part.path, longer)


def _pairs(left: object, right: object) -> Iterator[tuple[Object, Object]]:
    """Objects that were compared with each other."""
    one = _object(left)
    if one is None and _object(right) is not None:
        left, right, one = right, left, _object(right)
    if one is not None:
        others = [_object(each) or like(one, each) for each in (right if type(right) is tuple else (right,))]
        yield from ((one, other) for other in others if other is not None and other.kind == one.kind)
    elif type(left) is tuple and type(right) is tuple:
        for each, other in zip(left, right, strict=False):
            yield from _pairs(each, other)


def _object(operand: object) -> Object | None:
    return operand if type(operand) is Object else object_of(operand)


def _takes(node: Node | None, value: Any) -> bool:
    if isinstance(node, ChoiceNode):
        return any(type(option) is type(value) and option == value for option in node.options)
    return not isinstance(node, ScalarNode) or fits(node.scalar, value)


def _put(whole: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    at = path[0]
    return (*whole[:at], _put(whole[at], path[1:], value), *whole[at + 1 :])


def _counts(operator: str, left: object, right: object, length: int) -> Iterator[int]:
    """What the number of elements might be instead, if it is one side of a comparison."""
    for one, other in ((left, right), (right, left)):
        if type(one) is int and one == length and type(other) is int:
            near = (other,) if operator in ("==", "!=", "same") else (other, other + 1, other - 1)
            yield from (count for count in near if 0 <= count <= MOST_ELEMENTS and count != length)


def _of_length(part: Part, count: int) -> Any:
    node, value = part.node, part.value
    assert isinstance(node, ManyNode), "what has elements"
    if count <= len(value):
        return node.settled(value[:count], value)
    more = [node.element.first(number) for number in range(count)] if node.is_unique else []
    filler = value[-1:] or (node.element.first(0),)
    return node.settled(value + (tuple(more) if node.is_unique else filler * (count - len(value))), value)[:count]


def _wanted(operator: str, left: object, right: object) -> Iterator[Scalar | Object]:
    """What was looked for in a container."""
    if operator in ALONE or operator in ("in", "not in", "of"):
        wanted = _object(left) or scalar_of(left)
        if wanted is not None and type(right) is tuple:
            yield wanted
    elif operator in ("==", "!="):
        for side in (left, right):
            if (whole := _object(side)) is not None:
                yield whole
            for each in elements_of(side):
                wanted = _object(each) or scalar_of(each)
                if wanted is not None:
                    yield wanted


def _with_element(part: Part, wanted: Scalar | Object) -> Any:
    """The container with one element more, a dict with one key more; None if it has it, or it is of another type."""
    node, value = part.node, part.value
    assert isinstance(node, ManyNode), "what has elements"
    element = node.element
    is_dict = isinstance(element, RecordNode) and len(element.fields) == 2 and not element.objects
    keyed = element.fields[0] if isinstance(element, RecordNode) and is_dict else element
    found = _as_value(keyed, wanted)
    if found is None or found in ([each[0] for each in value] if is_dict else value):
        return None
    new = (found, element.fields[1].first(0)) if isinstance(element, RecordNode) and is_dict else found
    longer = (*value, new)
    return node.settled(longer, value) if len(longer) <= node.most else None


def _as_value(node: Node, wanted: Scalar | Object) -> Any:
    """What was looked for as a value of a node; None if it is none of its values."""
    if type(wanted) is Object:
        try:
            is_one = node.objects == wanted.kind
            return adopted(node.spec, wanted.plain, node.context.labels) if is_one else None
        except ValueError:
            return None
    return wanted if isinstance(node, ScalarNode | ChoiceNode) and not node.objects and _takes(node, wanted) else None
