"""Trims an input as long as it keeps what made it interesting. Pure: the caller's `keeps` decides what that is."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.domains import domain_of

if TYPE_CHECKING:
    from fuzztui.worker.mutate.typed.tree import Node

__builtins__ = PRIVATE_BUILTINS


def trim(
    arguments: tuple[Any, ...],
    keeps: Callable[[tuple[Any, ...]], bool],
    tries: int,
    roots: Sequence["Node | None"] = (),
) -> tuple[tuple[Any, ...], int]:
    """Cut pieces out of the arguments that have a length, large ones first, while `keeps` is true of what is left.

    `roots`: the trees of arguments whose types are put together, of which elements are left out; None for others.

    Calls `keeps` at most `tries` times; returns the shortest arguments that it was true of, and the number of calls.
    The order is that of AFL's trimming stage: pieces of half the length, then of a quarter, down to single characters.
    If a value looks like a binary format, the piece is also cut with the enclosing length fields adjusted.
    """
    used = 0
    for index, value in enumerate(arguments):
        root = roots[index] if roots else None
        if root is not None:
            arguments, used = _trim_tree(root, arguments, index, keeps, used, tries)
            continue
        domain = domain_of(value)
        if not domain.is_sized:
            continue
        piece, cuts = len(value) // 2, domain.cuts(value)
        while piece and used < tries:
            at = 0
            while at < len(value) and used < tries:
                for shorter in cuts(at, piece):
                    candidate = (*arguments[:index], shorter, *arguments[index + 1 :])
                    used += 1
                    if keeps(candidate):
                        value, arguments, cuts = shorter, candidate, domain.cuts(shorter)
                        break
                    if used == tries:
                        break
                else:
                    at += piece
            piece = min(piece, len(value)) // 2
    return arguments, used


def _trim_tree(
    root: "Node",
    arguments: tuple[Any, ...],
    index: int,
    keeps: Callable[[tuple[Any, ...]], bool],
    used: int,
    tries: int,
) -> tuple[tuple[Any, ...], int]:
    """Leave elements out of an argument, as long as that keeps what made it interesting."""
    from fuzztui.worker.mutate.typed.cuts import shorter

    is_shorter = True
    while is_shorter and used < tries:
        is_shorter = False
        for less in shorter(root, arguments[index]):
            if used == tries:
                break
            candidate = (*arguments[:index], less, *arguments[index + 1 :])
            used += 1
            if keeps(candidate):
                arguments = candidate
                is_shorter = True
                break
    return arguments, used
