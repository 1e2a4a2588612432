"""The domain of typed values: havoc on trees. Hot code, see `fuzztui.worker.mutate.sequence`."""

from collections.abc import Callable
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed import text
from fuzztui.target.typed.plain import size
from fuzztui.worker.mutate.adaptive import SLOTS_BITS, STOP, UNTOUCHED, Bandit, Operator, OuterBandit, Weighted
from fuzztui.worker.mutate.domain import Domain, Finder, Surroundings
from fuzztui.worker.mutate.domains import DOMAINS
from fuzztui.worker.mutate.pool import Pool
from fuzztui.worker.mutate.sequence import TRIES
from fuzztui.worker.mutate.typed.cuts import halved
from fuzztui.worker.mutate.typed.tree import ROUNDS, Context, Leaf, ManyNode, Node, node_of

__builtins__ = PRIVATE_BUILTINS

MOST_NESTED: Final = 60
"""Tuples within tuples of a value of a type that may hold itself: Python reads literals of less than 200."""

MOST_WALKED: Final = 256
"""Parts of a corpus entry that go into the pools."""

_CHUNK: Final = 8
"""Elements that are repeated or removed together, at most."""


class TypedDomain(Domain[Any]):
    """The values of one spec."""

    name = "typed"

    def __init__(self, parameter: str) -> None:
        """`parameter`: the spec's text."""
        self.spec: Final = text.read(parameter)
        self.root: Node | None = None
        """The spec's tree, once there is a mutator."""

    def mutator(self, surroundings: Surroundings, /) -> tuple[Callable[[Any], Any], Bandit[Any]]:
        """A havoc stack of operators on the tree, one of which passes on to those of the plain kinds."""
        random, max_len = surroundings.random, surroundings.max_len
        getrandbits = random.getrandbits
        leaves: dict[str, tuple[Leaf, Bandit[Any]]] = {}

        def leaf(kind: str) -> Leaf:
            if kind not in leaves:
                leaves[kind] = DOMAINS[kind].mutator(surroundings)
            return leaves[kind][0]

        context = Context(random, leaf)
        root = self.root = node_of(self.spec, context)
        bandit = OuterBandit(tree_operators(root), [each for _, each in leaves.values()])
        table, trail, trails = bandit.table, bandit.trail, bandit.leaf_trails
        last_slot = len(table) - 1
        is_recursive = context.is_recursive

        def mutate(value: Any) -> Any:
            for each in trails:
                each[0] = UNTOUCHED
            for _ in range(TRIES):
                mutated = value
                depth = 0
                while True:
                    trail[depth] = bits = getrandbits(30)
                    depth += 1
                    mutated = table[bits & last_slot](mutated, bits >> SLOTS_BITS)
                    if bits < STOP:
                        break
                if mutated == value:
                    continue
                if bits & 3 == 0 and size(mutated) > max_len:
                    mutated = halved(root, mutated, max_len)
                if is_recursive and nesting(mutated) > MOST_NESTED:
                    continue
                return mutated
            return root.change(value)

        return mutate, bandit

    def offer(self, value: Any, texts: Pool, /) -> None:
        """Put the parts of a value into the pools by type, and what is sized among them where texts are taken from."""
        assert self.root is not None, "values are offered to what mutates them"
        waiting = [(self.root, value)]
        for _ in range(MOST_WALKED):
            if not waiting:
                return
            node, part = waiting.pop()
            node.keep(part)
            if type(part) in (str, bytes) and part:
                texts.add_part(type(part).__name__, part)
            waiting += [(inner, each) for _, inner, each in node.parts(part)]

    def size(self, value: Any, /) -> int:
        """As `plain.size`."""
        return size(value)

    def finder(self, _value: Any, _argument: int) -> Finder:
        """Finds nothing: operands are looked for in the leaves, see `leaves`."""
        return lambda _operand: iter(())


def nesting(value: Any) -> int:
    """Tuples within each other."""
    return 1 + max(map(nesting, value), default=0) if type(value) is tuple else 0


def tree_operators(root: Node) -> Weighted[Any]:
    """The operators on values of a tree, with weights."""
    getrandbits = root.getrandbits

    def change_value(value: Any, _bits: int) -> Any:
        return root.change(value)

    def make_anew(value: Any, _bits: int) -> Any:
        return root.at_any(value, _made)

    def take_from_pool(value: Any, _bits: int) -> Any:
        return root.at_any(value, _pooled)

    def _made(node: Node, _value: Any) -> Any:
        return node.fresh(ROUNDS)

    def _pooled(node: Node, value: Any) -> Any:
        pool = node.pool
        return pool[getrandbits(30) % len(pool)] if pool else node.change(value)

    operators: dict[Operator[Any], int] = {change_value: 12, make_anew: 2, take_from_pool: 3}
    if not root.has_many:
        return operators

    def remove_elements(value: Any, _bits: int) -> Any:
        return root.at_many(value, _removed)

    def insert_element(value: Any, _bits: int) -> Any:
        return root.at_many(value, _inserted)

    def repeat_elements(value: Any, _bits: int) -> Any:
        return root.at_many(value, _repeated)

    def move_elements(value: Any, _bits: int) -> Any:
        return root.at_many(value, _moved)

    def mix_elements(value: Any, _bits: int) -> Any:
        return root.at_many(value, _mixed)

    def _removed(_node: Node, value: Any) -> Any:
        if not value:
            return value
        bits = getrandbits(30)
        at = (bits >> 6) % len(value)
        count = 1 if bits & 3 else 1 + (bits >> 2 & _CHUNK - 1)
        return value[:at] + value[at + count :]

    def _inserted(node: Node, value: Any) -> Any:
        assert isinstance(node, ManyNode), "what has elements"
        element = node.element
        pool = element.pool
        bits = getrandbits(30)
        new = pool[(bits >> 2) % len(pool)] if pool and not bits & 3 else element.fresh(ROUNDS)
        at = (bits >> 15) % (len(value) + 1)
        return (*value[:at], new, *value[at:])

    def _repeated(node: Node, value: Any) -> Any:
        if not value:
            return _inserted(node, value)
        bits = getrandbits(30)
        at = (bits >> 10) % len(value)
        count = 1 if bits & 3 else 1 + (bits >> 2 & _CHUNK - 1)
        times = 1 if bits >> 5 & 7 else 1 + (bits >> 8 & 3) * _CHUNK
        return value[:at] + value[at : at + count] * times + value[at:]

    def _moved(_node: Node, value: Any) -> Any:
        if len(value) < 2:
            return value
        bits = getrandbits(30)
        at = (bits >> 1) % len(value)
        to = (bits >> 15) % len(value)
        moved = [*value]
        if bits & 1:
            moved[at], moved[to] = moved[to], moved[at]
        else:
            moved.insert(to, moved.pop(at))
        return tuple(moved)

    def _mixed(node: Node, value: Any) -> Any:
        assert isinstance(node, ManyNode), "what has elements"
        if not value:
            return value
        bits = getrandbits(30)
        at = (bits >> 1) % len(value)
        pool = node.element.pool
        other = pool[(bits >> 10) % len(pool)] if bits & 1 and pool else value[(bits >> 10) % len(value)]
        return (*value[:at], node.element.mixed(value[at], other), *value[at + 1 :])

    return {
        **operators,
        remove_elements: 4,
        insert_element: 5,
        repeat_elements: 3,
        move_elements: 2,
        mix_elements: 4,
    }
