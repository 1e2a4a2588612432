"""Inputs that are to be handed out once: by their hashes, of which a bounded number is remembered."""

from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

REMEMBERED: Final = 1 << 16
"""Inputs; of more, all are forgotten."""


class Once:
    """Those that there have been."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most: Final = most
        self._known: set[int] = set()

    def __contains__(self, arguments: Arguments) -> bool:
        return bool(self._known) and hash(arguments) in self._known

    def clear(self) -> None:
        """Forget all."""
        self._known.clear()

    def discard(self, arguments: Arguments) -> None:
        """Forget one, if it is known."""
        self._known.discard(hash(arguments))

    def add(self, arguments: Arguments) -> bool:
        """Whether an input is there for the first time; from now on it is not."""
        key = hash(arguments)
        if key in self._known:
            return False
        if len(self._known) >= self._most:
            self._known.clear()
        self._known.add(key)
        return True
