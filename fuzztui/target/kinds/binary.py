"""The kind `bytes`."""

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.kinds.kind import Kind
from fuzztui.target.kinds.literal import ESCAPE, evaluate, quoted, show_quoted

__builtins__ = PRIVATE_BUILTINS


def _show(value: bytes, room: int) -> str:
    return show_quoted(value, room, "bytes")


BYTES = Kind("bytes", lambda: bytes, bytes, quoted("b", ESCAPE), ascii, evaluate, _show)
