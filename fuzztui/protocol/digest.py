"""What tells two versions of a file apart, in all processes of a run."""

from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

try:
    from _blake2 import blake2b  # hashlib would load OpenSSL, which each start of a worker would pay for
except ImportError:
    from hashlib import blake2b

__builtins__ = PRIVATE_BUILTINS

BYTES: Final = 16
"""No accident makes two digests of this length equal."""


def digest_of(content: bytes) -> bytes:
    """Equal for equal contents."""
    return blake2b(content, digest_size=BYTES).digest()
