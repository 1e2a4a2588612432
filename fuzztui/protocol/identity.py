"""The identity of a failure: one digest for all that is likely one bug, for worker, engine and screens."""

from collections.abc import Iterable
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

try:
    from _blake2 import blake2b  # hashlib would load OpenSSL in every worker
except ImportError:
    from hashlib import blake2b

__builtins__ = PRIVATE_BUILTINS

VERSION: Final = "1"
"""Rule by which failures are told apart. Identities of different rules never compare equal."""

_DIGEST: Final = 10
"""Bytes: two of a billion failures are equal by accident with a probability below 10**-6."""


def is_identity(text: str) -> bool:
    """Whether a text has the form of an identity. A worker may lie, and a record bears the identity as its name."""
    version, _, digest = text.partition("-")
    return version == VERSION and len(digest) == 2 * _DIGEST and set(digest) <= set("0123456789abcdef")


def identity(kind: str, places: Iterable[str]) -> str:
    """Identity of failures of one kind (an exception's class, `exit status 3`, `timeout`) at the same places.

    `places`: `file:line` of the innermost distinct frames, innermost first.
    """
    key = "\0".join((kind, *places)).encode("utf-8", "surrogatepass")
    return f"{VERSION}-{blake2b(key, digest_size=_DIGEST).hexdigest()}"
