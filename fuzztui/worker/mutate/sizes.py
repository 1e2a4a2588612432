"""What an input is for a mutator, and how long it counts as being."""

from typing import TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.kinds import Value
from fuzztui.worker.mutate.domains import domain_of

__builtins__ = PRIVATE_BUILTINS

Arguments: TypeAlias = tuple[Value, ...]


def size(value: Value) -> int:
    """Length that counts towards `max_len`: bytes of `bytes`, UTF-8 bytes of `str` (a lone surrogate has 3), else 0."""
    return len(value) if type(value) is bytes else domain_of(value).size(value)
