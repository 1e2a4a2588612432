"""Trims an input as long as it keeps what made it interesting. Pure: the caller's `keeps` decides what that is."""

from collections.abc import Callable
from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.domains import domain_of

__builtins__ = PRIVATE_BUILTINS


def trim(
    arguments: tuple[Any, ...], keeps: Callable[[tuple[Any, ...]], bool], tries: int
) -> tuple[tuple[Any, ...], int]:
    """Cut pieces out of the arguments that have a length, large ones first, while `keeps` is true of what is left.

    Calls `keeps` at most `tries` times; returns the shortest arguments that it was true of, and the number of calls.
    The order is that of AFL's trimming stage: pieces of half the length, then of a quarter, down to single characters.
    If a value looks like a binary format, the piece is also cut with the enclosing length fields adjusted.
    """
    used = 0
    for index, value in enumerate(arguments):
        domain = domain_of(value)
        if not domain.is_sized:
            continue
        piece = len(value) // 2
        while piece and used < tries:
            at = 0
            while at < len(value) and used < tries:
                for shorter in domain.cuts(value, at, piece):
                    candidate = (*arguments[:index], shorter, *arguments[index + 1 :])
                    used += 1
                    if keeps(candidate):
                        value, arguments = shorter, candidate
                        break
                    if used == tries:
                        break
                else:
                    at += piece
            piece = min(piece, len(value)) // 2
    return arguments, used
