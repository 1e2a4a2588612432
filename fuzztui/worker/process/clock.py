"""The worker's clock.

A library that freezes time, for tests, replaces every name for a clock that it finds in a module, or the functions of
the common clocks themselves. So the clock here stands in a class, and is `perf_counter`, which on Linux is the same as
`monotonic`.
"""

import time
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS


class Clock:
    """Time since some moment."""

    seconds: Final = staticmethod(time.perf_counter)
    nanoseconds: Final = staticmethod(time.perf_counter_ns)
