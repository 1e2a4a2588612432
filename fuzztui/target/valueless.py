"""Types of the standard library that no library makes values of which are of use."""

from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

SYSTEM: Final = ("socket.socket", "threading.Thread", "threading.Lock", "threading.local", "subprocess.Popen")
"""Full names of what stands for a part of the running system rather than for a value."""

STREAMS: Final = ("typing.IO", "typing.TextIO", "typing.BinaryIO", "io.TextIOWrapper", "io.BufferedReader")
"""Full names of what is read from or written to."""
