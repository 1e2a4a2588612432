"""The kind `bool`."""

import re

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.kinds.kind import Kind
from fuzztui.target.kinds.literal import evaluate

__builtins__ = PRIVATE_BUILTINS


def _show(value: bool, _room: int) -> str:
    return repr(value)


BOOL = Kind("bool", lambda: bool, bool, re.compile("True|False"), ascii, evaluate, _show)
