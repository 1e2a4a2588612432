"""Trims an input as long as it keeps what made it interesting. Pure: the caller's `keeps` decides what that is."""

from collections.abc import Callable, Iterator
from typing import Any

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.mutate.sized import is_binary, replace_sized

__builtins__ = OWN_BUILTINS


def trim(
    arguments: tuple[Any, ...], keeps: Callable[[tuple[Any, ...]], bool], tries: int
) -> tuple[tuple[Any, ...], int]:
    """Cut pieces out of the texts among the arguments, large pieces first, while `keeps` is true of what is left.

    Calls `keeps` at most `tries` times; returns the shortest arguments that it was true of, and the number of calls.
    The order is that of AFL's trimming stage: pieces of half the length, then of a quarter, down to single characters.
    If a value looks like a binary format, the piece is also cut with the enclosing length fields adjusted.
    """
    used = 0
    for index, value in enumerate(arguments):
        if type(value) not in (bytes, str):
            continue
        piece = len(value) // 2
        while piece and used < tries:
            at = 0
            while at < len(value) and used < tries:
                for shorter in _cuts(value, at, piece):
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


def _cuts(value: Any, at: int, piece: int) -> Iterator[Any]:
    """The value without a piece, as it is and, if that differs, with adjusted length fields."""
    plain = value[:at] + value[at + piece :]
    yield plain
    if isinstance(value, bytes) and is_binary(value):
        sized = replace_sized(value, at, min(at + piece, len(value)), b"")
        if sized != plain:
            yield sized
