"""The kind `str`."""

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.kinds.kind import Kind
from fuzztui.target.kinds.literal import ESCAPE, evaluate, quoted, show_quoted

__builtins__ = PRIVATE_BUILTINS

_PATTERN = quoted("", ESCAPE + "|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}")


def _show(value: str, room: int) -> str:
    return show_quoted(value, room, "characters")


STR = Kind("str", lambda: str, str, _PATTERN, ascii, evaluate, _show)
