"""Calls of functions by their names, for tests of crashers whose values have types that are put together."""

from typing import Any

from fuzztui.target.named.load import Asked, call_of


def arguments(spec: str, *literals: str, all_parameters: bool = False) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What a stored input calls `package.module:function` with, by place and by keyword; a method takes its instance
    first. `literals`: the lines of the input.

    HarnessError for a function that cannot be called so, MalformedInput for literals that are none of its arguments,
    and whatever a class raises that refuses its values.
    """
    module, _, name = spec.partition(":")
    return call_of(Asked(module, name, all_parameters), literals)
