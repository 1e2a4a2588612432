"""Code objects within code objects."""

from collections.abc import Callable
from types import CodeType

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS


def nested(code: CodeType) -> list[CodeType]:
    """Code objects among its constants: functions and comprehensions that it makes."""
    return [constant for constant in code.co_consts if type(constant) is CodeType]


def with_nested(code: CodeType, change: Callable[[CodeType], CodeType]) -> CodeType:
    """The code with each code object among its constants changed."""
    constants = tuple([change(constant) if type(constant) is CodeType else constant for constant in code.co_consts])
    if all(new is old for new, old in zip(constants, code.co_consts, strict=True)):
        return code
    return code.replace(co_consts=constants)
