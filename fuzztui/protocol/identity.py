"""The identities of a failure, for worker, engine and screens: digests that are equal for what is likely one bug.

A failure has two. Its *group* is the bug, as far as that can be told; its *bucket* is the bug as it is reached in one
way. A crasher is the first failure of a bucket; neither a bucket nor a group contains what changes with an edit
elsewhere, another machine, or the next run.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

try:
    from _blake2 import blake2b  # hashlib would load OpenSSL in every worker
except ImportError:
    from hashlib import blake2b

__builtins__ = PRIVATE_BUILTINS

T = TypeVar("T")

VERSION: Final = "4"
"""Rule by which failures are told apart. Identities of different rules never compare equal."""

_DIGEST: Final = 10
"""Bytes: two of a billion failures are equal by accident with a probability below 10**-6."""


def is_identity(text: str) -> bool:
    """Whether a text has the form of an identity. A worker may lie, and a record bears the identity as its name."""
    version, _, digest = text.partition("-")
    return version == VERSION and len(digest) == 2 * _DIGEST and set(digest) <= set("0123456789abcdef")


def identity(kind: str, places: Iterable[str]) -> str:
    """Identity of failures of one kind (`group`, `bucket`, with what makes the process end) at the same places.

    `places`: what they have in common, such as names of functions with the texts of expressions, innermost first.
    """
    key = "\0".join((kind, *places)).encode("utf-8", "surrogatepass")
    return f"{VERSION}-{blake2b(key, digest_size=_DIGEST).hexdigest()}"


def loop_erased(path: Sequence[T], function_of: Callable[[T], object]) -> list[T]:
    """A path of calls without its loops: each function once, as it was left for good. So depth of recursion, and where
    it was entered, leave no trace.
    """
    erased: list[T] = []
    position: dict[object, int] = {}
    for step in path:
        function = function_of(step)
        at = position.get(function, len(erased))
        for left in erased[at:]:
            del position[function_of(left)]
        del erased[at:]
        position[function] = at
        erased.append(step)
    return erased
