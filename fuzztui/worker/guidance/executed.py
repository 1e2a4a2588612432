"""Which inputs have been executed lately: of what is made from a small entry half has been made before."""

from array import array
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

LAST_SLOT: Final = (1 << 17) - 1
"""Checksums are remembered in the place that these of their bits tell, a megabyte in all. Of what has not been executed
one input in 32,768 is taken for one that has been.
"""

CHEAP: Final = 6e-6
"""Seconds of an execution, with all that it takes: to make another input instead of one that takes less does not pay.
"""

_NONE: Final = 1 << 32
"""No checksum."""


class Executed:
    """Their CRC-32. The hot loop asks and tells by itself, if that pays: `slots[checksum & LAST_SLOT] == checksum`."""

    def __init__(self) -> None:
        self.slots: Final = array("Q", [_NONE]) * (LAST_SLOT + 1)
        self.pays = True

    def settle(self, executions: int, seconds: float) -> None:
        """A call is over that took so long. Not to be told of one whose outcome must not depend on time."""
        self.pays = seconds > CHEAP * executions
