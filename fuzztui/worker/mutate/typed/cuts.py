"""Typed values with elements left out: to trim them, and to keep them within the greatest length."""

from collections.abc import Iterator
from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.plain import size
from fuzztui.worker.mutate.typed.tree import ManyNode, Node, ScalarNode

__builtins__ = PRIVATE_BUILTINS


def shorter(node: Node, value: Any) -> Iterator[Any]:
    """The value without elements, the outermost and most of them first; then without parts of its parts."""
    if isinstance(node, ManyNode):
        piece = (len(value) + 1) // 2
        while piece:
            for at in range(0, len(value), piece):
                if len(value) - piece >= node.least:
                    yield value[:at] + value[at + piece :]
            piece //= 2
    elif isinstance(node, ScalarNode) and type(value) in (str, bytes):
        piece = (len(value) + 1) // 2
        while piece and piece * 8 > len(value):
            for at in range(0, len(value), piece):
                if len(value) - piece >= (node.scalar.low or 0):
                    yield value[:at] + value[at + piece :]
            piece //= 2
    for place, inner, part in node.parts(value):
        for less in shorter(inner, part):
            yield less if place is None else (*value[:place], less, *value[place + 1 :])


def halved(root: Node, value: Any, most: int) -> Any:
    """The value with elements left out until its size is at most this, or none can be left out any more."""
    while size(value) > most:
        less = next((each for each in shorter(root, value) if size(each) < size(value)), None)
        if less is None:
            break
        value = less
    return value
