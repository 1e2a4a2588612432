"""Refuses what a call has returned where that is work which nobody does: the call was no test of anything."""

import itertools
from collections.abc import Iterator
from gc import get_referents
from operator import length_hint
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import HarnessError

__builtins__ = PRIVATE_BUILTINS

_FRAMES: Final = {CoroutineType: "cr_frame", GeneratorType: "gi_frame", AsyncGeneratorType: "ag_frame"}
"""Kinds of objects that run nothing before somebody asks them to -> where they keep what is left to run."""

_CALLING: Final = frozenset(
    {
        *(map, filter, type(iter(int, 1))),
        *(itertools.starmap, itertools.takewhile, itertools.dropwhile, itertools.filterfalse),
        *(itertools.accumulate, itertools.groupby),
    }
)
"""Iterators of the library that call a function for each item that somebody asks for."""

_COMBINING: Final = frozenset(
    {
        *(zip, enumerate, itertools.chain, itertools.islice, itertools.zip_longest, itertools.compress),
        *(itertools.cycle, itertools.pairwise),
    }
)
"""Iterators of the library that ask others."""

_ITERATORS: Final = frozenset(map(type, map(iter, ((), [], "", "\u00fc", b"", bytearray(), {}, set(), range(0)))))
"""Iterators over what is there. One that has come to its end lets go of it, also where that was empty."""

_RANGE: Final = type(iter(range(0)))
"""This one holds nothing."""

_FUTURES: Final = (("done", "result", "add_done_callback"), ("ready", "successful", "get"))
"""Methods of what stands for the result of work that is done elsewhere: of futures, of results of a pool."""

_DEEPEST: Final = 8
"""Iterators that ask others that ask others."""


def refuse_deferred(result: object) -> None:
    """HarnessError for what a call has returned, if it is work that nobody does, or that nobody asks the result of.

    Looked for where the coordinator's inputs are run, and not in the hot loop: every run begins with these.
    """
    if result is None:
        return
    kind = type(result)
    if any(all(hasattr(kind, method) for method in methods) for methods in _FUTURES):
        raise HarnessError(
            f"the target returned a {kind.__name__}, whose result nobody asks for: a target waits for it in the call, "
            "as by future.result()"
        )
    is_awaitable = kind not in _FRAMES and hasattr(kind, "__await__")
    if not (is_awaitable or _is_pending(result, _DEEPEST)):
        return
    if type(result) is CoroutineType:
        result.close()  # nobody is to complain that it was never run
    raise HarnessError(
        f"the target returned a {kind.__name__}, which nobody runs: a target does its work in the call, "
        "as by asyncio.run(...) or a loop over what a generator gives"
    )


def _is_pending(result: object, depth: int) -> bool:
    """Whether somebody who asked would have code run that has not been."""
    kind = type(result)
    if (frame := _FRAMES.get(kind)) is not None:
        return getattr(result, frame) is not None
    if kind in _CALLING:
        return not _is_spent(result)
    return kind in _COMBINING and depth > 0 and any(_is_pending(each, depth - 1) for each in _asked(result))


def _asked(iterator: object) -> Iterator[object]:
    """What an iterator of the library asks. One of several keeps them in a tuple, a chain in what it was given."""
    for each in get_referents(iterator):
        if type(iterator) is itertools.chain and type(each) in _ITERATORS:
            for given in get_referents(each):
                yield from given if type(given) in (tuple, list) else ()
        yield from each if type(each) is tuple else (each,)


def _is_spent(asked: object) -> bool:
    kind = type(asked)
    if (frame := _FRAMES.get(kind)) is not None:
        return getattr(asked, frame) is None
    if kind in _CALLING or kind in _COMBINING:
        sources = list(_asked(asked))
        return not sources or any(map(_is_spent, sources))
    if kind is _RANGE:
        return length_hint(asked) == 0
    return kind in _ITERATORS and not get_referents(asked)
