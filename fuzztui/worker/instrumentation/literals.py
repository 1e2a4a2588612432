"""The literals of a module's source, which inputs may contain too: its constants and its regular expressions.

Each comes with the places in functions where it is used, so that `frontier` can pick those near branches that have not
been taken yet. A constant that a module or a class assigns to a name is used wherever a function reads that name.
"""

import ast
from collections.abc import Iterator
from struct import calcsize, iter_unpack, pack, unpack_from
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.tree import walk

__builtins__ = PRIVATE_BUILTINS

Constant: TypeAlias = str | bytes | int | float


VERBOSE = 64
"""`re.VERBOSE`, the only flag that changes how an expression is read."""


class Expression(NamedTuple):
    """A regular expression."""

    source: str | bytes
    flags: int
    """`VERBOSE` or 0."""


ProbeGroup: TypeAlias = tuple[int, int, int]
"""(index of a probe, how many from there on belong together, line). A group is something that an input reaches or not:
a block, which counts as reached if any of its probes was, and has the line of the statement that it belongs to; an
operand; the end of a loop, after any number of rounds.
"""

Function: TypeAlias = bytes
"""A function as seen by coverage: its probe groups in order of appearance, a block before its parts. Packed, because
most are never looked at, and unpacking thousands of numbers would slow down each import of a target.
"""


def pack_groups(groups: list[ProbeGroup]) -> Function:
    """Each group as three unsigned integers of four bytes, in this machine's order."""
    return pack(f"{3 * len(groups)}I", *[number for group in groups for number in group])


def groups_of(function: Function) -> Iterator[ProbeGroup]:
    """What `pack_groups` has packed."""
    return iter_unpack("3I", function)


def extent(function: Function) -> tuple[int, int]:
    """The function's first probe, and the one behind its last."""
    last, count, _ = unpack_from("3I", function, len(function) - _SIZE)
    return unpack_from("I", function)[0], last + count


_SIZE = calcsize("3I")


Place: TypeAlias = tuple[Function, int]
"""Where a literal is used: the function, and the line."""

T = TypeVar("T", Constant, Expression)


class Literal(NamedTuple, Generic[T]):
    """A constant or an expression, and where in functions it is used; nowhere, if that is not known."""

    value: T
    places: tuple[Place, ...]


Spot: TypeAlias = tuple[int, int]
"""A place in a source of which only lines are known: that of the function's `def`, and the literal's own."""

TABLE = 200
"""Constants taken from one list, tuple, set or dict; a container that holds more is data rather than keywords."""

_FEW = 10
"""Elements up to which a container is not counted: it can be large only by the containers in it."""

SMALL = 10
"""Integers below this one have no places, nor has an empty text: they say more about how a program counts than about
its inputs, and mutation finds them anyway."""

MAX_PLACES = 16
"""Places of a literal that are kept: one that is used everywhere says nothing about any place."""

_FUNCTIONS = frozenset(["compile", "match", "search", "fullmatch", "split", "findall", "finditer", "sub", "subn"])
"""Functions of `re` whose first argument is an expression."""

_NO_DATA = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
_CONTAINERS = (ast.List, ast.Tuple, ast.Set, ast.Dict)
_OF_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Literals(NamedTuple):
    """What a source holds, each once, in order of appearance, with at most `MAX_PLACES` spots where it is used."""

    constants: list[tuple[Constant, list[Spot]]]
    """Without docstrings, texts of exceptions and assertions, regular expressions, and most of a long `TABLE`."""
    expressions: list[tuple[Expression, list[Spot]]]
    """What is given to functions of `re`."""


class _Uses:
    """The spots of one literal, and the names that it is assigned to."""

    __slots__ = ("names", "spots", "value")

    def __init__(self, value: Constant | Expression) -> None:
        self.value = value
        self.spots: dict[Spot, None] = {}
        self.names: dict[str, None] = {}


def literals_of(tree: ast.Module) -> Literals:
    """The literals of a module."""
    constants: dict[tuple[type, Constant], _Uses] = {}
    expressions: dict[Expression, _Uses] = {}
    reads: dict[str, list[Spot]] = {}
    # With each node goes what it belongs to: the line of a function's `def`, the name that it is kept under, or None.
    stack: list[tuple[ast.AST, int | str | None]] = [(tree, None)]
    while stack:
        node, owner = stack.pop()
        kind = type(node)
        if kind is ast.Constant:
            value = node.value  # type: ignore[attr-defined]
            if isinstance(value, str | bytes | int | float) and not isinstance(value, bool):
                key = (type(value), value)
                uses = constants.get(key)
                if uses is None:
                    uses = constants[key] = _Uses(value)
                if value and not (isinstance(value, int) and value < SMALL):
                    _use(uses, owner, node.lineno)  # type: ignore[attr-defined]
            continue
        if kind is ast.Name:
            if type(owner) is int:
                reads.setdefault(node.id, []).append((owner, node.lineno))  # type: ignore[attr-defined]
            continue
        # Texts for people, and a bare string, which is a docstring or a comment.
        if kind is ast.Raise or (kind is ast.Expr and type(node.value) is ast.Constant):  # type: ignore[attr-defined]
            continue
        children = [child for child in ast.iter_child_nodes(node) if not isinstance(child, _NO_DATA)]
        if kind is ast.Attribute:
            if type(owner) is int:
                reads.setdefault(node.attr, []).append((owner, node.lineno))  # type: ignore[attr-defined]
        elif kind is ast.Call:
            expression = _expression(node)
            if expression is not None:
                uses = expressions.get(expression)
                if uses is None:
                    uses = expressions[expression] = _Uses(expression)
                _use(uses, owner, node.lineno)  # type: ignore[attr-defined]
                del children[:2]
        elif kind is ast.Assert:
            del children[1:]
        elif isinstance(node, _OF_FUNCTIONS):
            if kind is not ast.Lambda or type(owner) is not int:  # a lambda is part of the function around it
                owner = node.lineno
        elif isinstance(node, _CONTAINERS):
            children = _sample(node, children)
        elif type(owner) is not int and isinstance(node, ast.Assign | ast.AnnAssign):
            owner = _name(node)
        children.reverse()
        stack.extend([(child, owner) for child in children])
    return Literals(
        [(value, _spots(uses, reads)) for (_, value), uses in constants.items()],
        [(expression, _spots(uses, reads)) for expression, uses in expressions.items()],
    )


def _use(uses: _Uses, owner: int | str | None, line: int) -> None:
    if type(owner) is int:
        uses.spots[owner, line] = None
    elif type(owner) is str:
        uses.names[owner] = None


def _spots(uses: _Uses, reads: dict[str, list[Spot]]) -> list[Spot]:
    spots = dict(uses.spots)
    for name in uses.names:
        spots.update(dict.fromkeys(reads.get(name, ())))
    return list(spots)[:MAX_PLACES]


def _name(node: ast.Assign | ast.AnnAssign) -> str | None:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return target.id if isinstance(target, ast.Name) else None


def _sample(container: ast.AST, children: list[ast.AST]) -> list[ast.AST]:
    """Elements of a container, spread evenly over it if they hold more constants than a `TABLE` may bring in."""
    if len(children) <= _FEW:
        return children
    size = sum(isinstance(node, ast.Constant) for node in walk(container))
    return children[:: -(-size // TABLE)] if size > TABLE else children


def _expression(node: ast.AST) -> Expression | None:
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="re" | "_re"), attr=function),
            args=[ast.Constant(value=str() | bytes() as source), *others],
        ) if function in _FUNCTIONS:
            flags = [
                part.attr
                for other in (*others, *node.keywords)
                for part in walk(other)
                if isinstance(part, ast.Attribute)
            ]
            return Expression(source, VERBOSE if "VERBOSE" in flags or "X" in flags else 0)
    return None
