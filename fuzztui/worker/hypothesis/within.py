"""Property tests that another function calls: one that decorates what `@given` has made, as `mock.patch` does, or a
test that runs a state machine or a function under `@given` of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import core
from hypothesis.internal.reflection import get_signature

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

Taken = Callable[[Any, Mapping[str, object]], object]
"""Is given what `@given` has made, bound where it is a method, and what it is called with."""


def is_called_within(test: Any) -> bool:
    """Whether a test is not what `@given` has made, nor a state machine's, but may call such a thing."""
    function = getattr(test, "__func__", test)
    if hasattr(function, "_hypothesis_state_machine_class"):
        return False
    return not hasattr(function, "hypothesis") or hasattr(function, "__wrapped__")


def call_with(call: Callable[[], object], owner: object, take: Taken) -> None:
    """Call. Where that comes to call the first thing that `@given` has made, `take` is called in its place.

    `owner`: the object that the test is bound to, None where there is none.
    """
    module: Any = core
    process = module.process_arguments_to_given

    def begin(made: Any, arguments: Sequence[object], keywords: dict[str, object], *_rest: object) -> None:
        module.process_arguments_to_given = process
        names = list(get_signature(made).parameters)
        bound = made
        if owner is not None and arguments and arguments[0] is owner:
            bound, names, arguments = made.__get__(owner), names[1:], arguments[1:]
        take(bound, {**dict(zip(names, arguments, strict=False)), **keywords})

    module.process_arguments_to_given = begin
    try:
        call()
    finally:
        module.process_arguments_to_given = process
