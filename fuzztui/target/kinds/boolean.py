"""The kind `bool`."""

import re

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.target.kinds.kind import Kind
from fuzztui.target.kinds.literal import evaluate

__builtins__ = OWN_BUILTINS


def _show(value: bool, _room: int) -> str:
    return repr(value)


BOOL = Kind("bool", lambda: bool, bool, re.compile("True|False"), ascii, evaluate, _show)
