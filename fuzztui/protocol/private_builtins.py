"""Builtins of our own, for code that runs in the target's process: the target may have patched the common ones.

A function takes its builtins from the `__builtins__` of its module at the moment of its definition, so a module is
protected by the line `__builtins__ = PRIVATE_BUILTINS` above its first function.
"""

import builtins
from typing import Any, Final

PRIVATE_BUILTINS: Final[Any] = dict(vars(builtins))
