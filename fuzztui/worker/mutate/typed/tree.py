"""The nodes of a spec as they mutate: each changes a value of its own, makes one, and passes on what is for its parts.

Hot code, see `fuzztui.worker.mutate.sequence`: one object for each node, made once; values are tuples, which a change
makes anew from the changed part up to the root.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed import plain, spec
from fuzztui.target.typed.spec import DICT, UNIQUE, Spec
from fuzztui.worker.mutate.sequence import RandomBits
from fuzztui.worker.mutate.typed.classes import kind_of

__builtins__ = PRIVATE_BUILTINS

Change: TypeAlias = Callable[["Node", Any], Any]
"""From a node and a value of it to another value."""

Leaf: TypeAlias = Callable[[Any], Any]
"""The mutator of a plain kind."""

ROUNDS: Final = 3
"""How often a node is made within itself where a value is made anew."""

POOLED: Final = 64
"""Values of each type that are kept to be put in place of others."""

_MOST_MADE: Final = 4
"""Elements of what is made anew, beyond the least."""


class Context:
    """What all nodes of a tree share."""

    def __init__(self, random: RandomBits, leaves: Callable[[str], Leaf]) -> None:
        """`leaves`: the mutator of a plain kind."""
        self.getrandbits: Final = random.getrandbits
        self.leaf: Final = leaves
        self.pools: Final[dict[Spec, list[Any]]] = {}
        """By type, values of corpus entries: the latest ones."""
        self.labels: Final[dict[str, Spec]] = {}
        self.named: Final[dict[str, Node]] = {}
        self.is_recursive = False


class Node(ABC):
    """A node of a spec."""

    has_many = False
    """Whether there is a number of elements in its values that can change."""

    def __init__(self, of: Spec, context: Context) -> None:
        self.spec: Final = of
        self.context: Final = context
        self.getrandbits: Final = context.getrandbits
        self.pool: Final[list[Any]] = context.pools.setdefault(of, [])
        self.objects = kind_of(of)
        """What objects the target gets for its values, see `kind_of`; empty if none, or those of its parts."""

    @abstractmethod
    def change(self, value: Any) -> Any:
        """The value with a part of it mutated."""

    @abstractmethod
    def fresh(self, rounds: int) -> Any:
        """A value made anew, in which the node itself stands at most so often."""

    def at_many(self, value: Any, _change: Change, /) -> Any:
        """The value with the change of any `Many` in it."""
        return self.change(value)

    def at_any(self, value: Any, change: Change) -> Any:
        """The value with the change of any node in it."""
        return change(self, value)

    def mixed(self, _value: Any, other: Any) -> Any:
        """A value that has something of another one of the same type."""
        return other

    def parts(self, _value: Any) -> Iterator[tuple[int | None, "Node", Any]]:
        """The parts of a value: place in the tuple (None if the value itself is meant), node, value."""
        return iter(())

    def keep(self, value: Any) -> None:
        """Put a value into the pool of its type."""
        pool = self.pool
        if value not in pool[-8:]:
            pool.append(value)
            if len(pool) > POOLED:
                del pool[0]

    def first(self, number: int) -> Any:
        """A short value."""
        return plain.nth(self.spec, number, self.context.labels)


def node_of(of: Spec, context: Context) -> Node:
    """The node of a spec, and all that are in it."""
    match of:
        case spec.Scalar():
            return ScalarNode(of, context)
        case spec.Choice():
            return ChoiceNode(of, context)
        case spec.Many():
            return ManyNode(of, context)
        case spec.Record():
            return RecordNode(of, context)
        case spec.Maybe():
            return MaybeNode(of, context)
        case spec.Either():
            return EitherNode(of, context)
        case spec.Made():
            node = node_of(of.of, context)
            node.objects = node.objects or kind_of(of)
            return node
        case spec.Named(label=label, of=inner):
            context.labels[label] = inner
            context.is_recursive = True
            node = node_of(inner, context)
            context.named[label] = node
            return node
        case spec.Again():
            return AgainNode(of, context)


class ScalarNode(Node):
    """A value of a plain kind."""

    def __init__(self, of: spec.Scalar, context: Context) -> None:
        super().__init__(of, context)
        self.scalar: Final = of
        self._mutate: Final = context.leaf(of.kind)
        self._is_free = of.low is of.high is of.step is None
        self._zero: Final = plain.zero(of)

    def change(self, value: Any) -> Any:
        """By the operators of the kind, within the bounds."""
        if self._is_free:
            return self._mutate(value)
        return plain.fitted(self.scalar, self._mutate(value))

    def fresh(self, _rounds: int) -> Any:
        """The first one, mutated, now and then itself."""
        return self.change(self._zero) if self.getrandbits(2) else self._zero


class ChoiceNode(Node):
    """One of some constants."""

    def __init__(self, of: spec.Choice, context: Context) -> None:
        super().__init__(of, context)
        self.options: Final = of.options

    def change(self, value: Any) -> Any:
        """Another one."""
        options = self.options
        count = len(options)
        if count == 1:
            return value
        chosen = options[self.getrandbits(30) % count]
        if chosen == value and type(chosen) is type(value):
            chosen = options[(options.index(chosen) + 1) % count]
        return chosen

    def fresh(self, _rounds: int) -> Any:
        """Any."""
        return self.options[self.getrandbits(30) % len(self.options)]


class ManyNode(Node):
    """Any number of elements."""

    has_many = True

    def __init__(self, of: spec.Many, context: Context) -> None:
        super().__init__(of, context)
        self.element: Final = node_of(of.of, context)
        self.least: Final = of.least
        self.most: Final = of.most if of.most is not None else 1 << 30
        self.is_unique: Final = of.form in UNIQUE
        self._is_dict = of.form == DICT
        self._inner_has_many = self.element.has_many

    def settled(self, value: Any, before: Any) -> Any:
        """The value with as many elements as there may be, of those that are alike only one; else the one before."""
        if len(value) > self.most:
            value = value[: self.most]
        if self.is_unique:
            value = tuple(dict(value).items()) if self._is_dict else tuple(dict.fromkeys(value))
        return value if len(value) >= self.least else before

    def change(self, value: Any) -> Any:
        """With one element changed, or the first one made."""
        if not value:
            return self.settled((self.element.fresh(ROUNDS),), value)
        at = self.getrandbits(30) % len(value)
        changed = (*value[:at], self.element.change(value[at]), *value[at + 1 :])
        return self.settled(changed, value) if self.is_unique else changed

    def fresh(self, rounds: int) -> Any:
        """A few elements."""
        count = min(self.most, self.least + self.getrandbits(30) % _MOST_MADE if rounds else self.least)
        made = tuple([self.element.fresh(rounds) for _ in range(count)])
        return self.settled(made, None) or self.first(self.getrandbits(2)) if self.is_unique else made

    def at_many(self, value: Any, change: Change, /) -> Any:
        """Here, or in an element."""
        if not self._inner_has_many or not value or self.getrandbits(1):
            return self.settled(change(self, value), value)
        at = self.getrandbits(30) % len(value)
        return self.settled((*value[:at], self.element.at_many(value[at], change), *value[at + 1 :]), value)

    def at_any(self, value: Any, change: Change) -> Any:
        """Mostly in an element."""
        if not value or not self.getrandbits(2):
            return self.settled(change(self, value), value)
        at = self.getrandbits(30) % len(value)
        return self.settled((*value[:at], self.element.at_any(value[at], change), *value[at + 1 :]), value)

    def mixed(self, value: Any, other: Any) -> Any:
        """The beginning of one and the end of the other."""
        bits = self.getrandbits(30)
        return self.settled(value[: bits % (len(value) + 1)] + other[(bits >> 15) % (len(other) + 1) :], value)

    def parts(self, value: Any) -> Iterator[tuple[int | None, Node, Any]]:
        """The elements."""
        return ((at, self.element, each) for at, each in enumerate(value))


class RecordNode(Node):
    """So many parts."""

    def __init__(self, of: spec.Record, context: Context) -> None:
        super().__init__(of, context)
        self.fields: Final = tuple([_field_node(field, context) for field in of.fields])
        self._with_many = tuple([at for at, field in enumerate(self.fields) if field.has_many])
        self.has_many = bool(self._with_many)
        self._changing = tuple([at for at, field in enumerate(self.fields) if not _is_fixed(field)])

    def change(self, value: Any) -> Any:
        """With one of the parts changed."""
        places = self._changing
        if not places:
            return value
        at = places[self.getrandbits(30) % len(places)]
        return (*value[:at], self.fields[at].change(value[at]), *value[at + 1 :])

    def fresh(self, rounds: int) -> Any:
        """All parts made anew."""
        return tuple([field.fresh(rounds) for field in self.fields])

    def at_many(self, value: Any, change: Change, /) -> Any:
        """In one of the parts that have such."""
        places = self._with_many
        if not places:
            return self.change(value)
        at = places[self.getrandbits(30) % len(places)]
        return (*value[:at], self.fields[at].at_many(value[at], change), *value[at + 1 :])

    def at_any(self, value: Any, change: Change) -> Any:
        """Mostly in one of the parts."""
        if not self.fields or not self.getrandbits(2):
            return change(self, value)
        at = self.getrandbits(30) % len(self.fields)
        return (*value[:at], self.fields[at].at_any(value[at], change), *value[at + 1 :])

    def mixed(self, value: Any, other: Any) -> Any:
        """With one of the other's parts."""
        if not self.fields:
            return value
        at = self.getrandbits(30) % len(self.fields)
        return (*value[:at], other[at], *value[at + 1 :])

    def parts(self, value: Any) -> Iterator[tuple[int | None, Node, Any]]:
        """The parts."""
        return ((at, field, each) for at, (field, each) in enumerate(zip(self.fields, value, strict=True)))


def _is_fixed(node: Node) -> bool:
    return isinstance(node, ChoiceNode) and len(node.options) == 1


def _field_node(field: spec.Field, context: Context) -> Node:
    return LackingNode(field.of, context) if field.may_lack else node_of(field.of, context)


class MaybeNode(Node):
    """A value or None."""

    def __init__(self, of: spec.Maybe, context: Context) -> None:
        super().__init__(of, context)
        self.inner: Final = node_of(of.of, context)
        self.has_many = self.inner.has_many

    def change(self, value: Any) -> Any:
        """The value changed, or made, or now and then left out."""
        if value is None:
            return self.inner.fresh(ROUNDS)
        return self.inner.change(value) if self.getrandbits(3) else None

    def fresh(self, rounds: int) -> Any:
        """Mostly a value."""
        return self.inner.fresh(rounds) if rounds and self.getrandbits(2) else None

    def at_many(self, value: Any, change: Change, /) -> Any:
        """In the value."""
        return self.inner.fresh(ROUNDS) if value is None else self.inner.at_many(value, change)

    def at_any(self, value: Any, change: Change) -> Any:
        """Here, or in the value."""
        if value is None or not self.getrandbits(2):
            return change(self, value)
        return self.inner.at_any(value, change)

    def mixed(self, value: Any, other: Any) -> Any:
        """A mixture where both are values."""
        return other if value is None or other is None else self.inner.mixed(value, other)

    def parts(self, value: Any) -> Iterator[tuple[int | None, Node, Any]]:
        """The value."""
        return iter(()) if value is None else iter(((None, self.inner, value),))


class LackingNode(MaybeNode):
    """`(value,)` or `()`: what a dict may be without."""

    def __init__(self, of: Spec, context: Context) -> None:
        super().__init__(spec.Maybe(of), context)

    def change(self, value: Any) -> Any:
        """As of a value or None."""
        return _packed(super().change(_unpacked(value)), value)

    def fresh(self, rounds: int) -> Any:
        """A value, or none."""
        return (self.inner.fresh(rounds),) if rounds and self.getrandbits(1) else ()

    def at_many(self, value: Any, change: Change, /) -> Any:
        """In the value."""
        return (self.inner.at_many(value[0], change),) if value else (self.inner.fresh(ROUNDS),)

    def at_any(self, value: Any, change: Change) -> Any:
        """Here, or in the value."""
        if not value or not self.getrandbits(2):
            return change(self, value)
        return (self.inner.at_any(value[0], change),)

    def mixed(self, value: Any, other: Any) -> Any:
        """A mixture where both have a value."""
        return (self.inner.mixed(value[0], other[0]),) if value and other else other

    def parts(self, value: Any) -> Iterator[tuple[int | None, Node, Any]]:
        """The value."""
        return ((0, self.inner, each) for each in value)

    def first(self, number: int) -> Any:
        """A short one, or nothing."""
        return (self.inner.first(number),) if number else ()


def _unpacked(value: Any) -> Any:
    return value[0] if value else None


def _packed(changed: Any, value: Any) -> Any:
    if changed is None:
        return () if value else (None,)
    return (changed,)


class EitherNode(Node):
    """A value of one of several types."""

    def __init__(self, of: spec.Either, context: Context) -> None:
        super().__init__(of, context)
        self.members: Final = tuple([node_of(each, context) for each in of.members])
        self.has_many = any(each.has_many for each in self.members)

    def change(self, value: Any) -> Any:
        """The value changed, or now and then one of another type."""
        at, inner = value
        return (at, self.members[at].change(inner)) if self.getrandbits(3) else self.fresh(ROUNDS)

    def fresh(self, rounds: int) -> Any:
        """Of any of the types."""
        if not rounds:
            return self.first(0)
        at = self.getrandbits(30) % len(self.members)
        return at, self.members[at].fresh(rounds)

    def at_many(self, value: Any, change: Change, /) -> Any:
        """In the value."""
        at, inner = value
        return at, self.members[at].at_many(inner, change)

    def at_any(self, value: Any, change: Change) -> Any:
        """Here, or in the value."""
        if not self.getrandbits(2):
            return change(self, value)
        at, inner = value
        return at, self.members[at].at_any(inner, change)

    def mixed(self, value: Any, other: Any) -> Any:
        """A mixture where both are of one type."""
        return (value[0], self.members[value[0]].mixed(value[1], other[1])) if value[0] == other[0] else other

    def parts(self, value: Any) -> Iterator[tuple[int | None, Node, Any]]:
        """The value."""
        return iter(((1, self.members[value[0]], value[1]),))


class AgainNode(Node):
    """A node within itself."""

    has_many = False  # what has many within it is around it as well

    def __init__(self, of: spec.Again, context: Context) -> None:
        super().__init__(of, context)
        self._label: Final = of.label
        self._named: Mapping[str, Node] = context.named

    @property
    def node(self) -> Node:
        """The node that it stands for."""
        return self._named[self._label]

    def change(self, value: Any) -> Any:
        """As the node does."""
        return self.node.change(value)

    def fresh(self, rounds: int) -> Any:
        """One round less."""
        if rounds <= 0:
            return self.first(0)
        return self.node.fresh(rounds - 1)

    def at_many(self, value: Any, change: Change, /) -> Any:
        """As the node does."""
        return self.node.at_many(value, change)

    def at_any(self, value: Any, change: Change) -> Any:
        """As the node does."""
        return self.node.at_any(value, change)

    def mixed(self, value: Any, other: Any) -> Any:
        """As the node does."""
        return self.node.mixed(value, other)

    def parts(self, value: Any) -> Iterator[tuple[int | None, Node, Any]]:
        """The value."""
        return iter(((None, self.node, value),))
