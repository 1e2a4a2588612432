"""Keeps threads from making syntax trees at the same time.

CPython 3.11 notes how deep it is in a tree for all threads together (gh-106905): where one makes a tree while another
one does, which the collector's finalizers let it, either may end in `SystemError: AST constructor recursion depth
mismatch`.
"""

from _thread import RLock
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

ALONE: Final = RLock()
"""Held while a tree is made, wherever other threads of the process may make one: literals are trees, too."""
