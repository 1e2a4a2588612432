"""The `@example`s of a property test.

Each is an input that names it, and executes it as it stands. Where its values can be drawn, it is the choices that draw
them instead: such an input can be mutated.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from hypothesis.control import BuildContext
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.reflection import get_signature

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import Plain
from fuzztui.target.errors import Uncallable

__builtins__ = PRIVATE_BUILTINS

EXAMPLES: Final = "hypothesis_explicit_examples"
"""Attribute of what `@given` has made: its examples, the last one of the source first."""


class Explicit(NamedTuple):
    """One example."""

    keywords: dict[str, object]
    raises: Any = None
    """The exceptions that it is to raise, None where it is to raise none."""

    def execute(self, call: Callable[[dict[str, object]], object]) -> None:
        """Call with its values. Raises what that raises, and AssertionError for want of what it is to raise."""
        if self.raises is None:
            call(self.keywords)
            return
        try:
            call(self.keywords)
        except self.raises:
            return
        raise AssertionError("an @example that is marked xfail does not fail")


def explicit_examples(function: Any) -> tuple[Explicit, ...]:
    """The examples of what `@given` has made, in the order of the source; HarnessError for one that does not fit."""
    handle = function.hypothesis
    names = [
        each.name
        for each in get_signature(handle.inner_test).parameters.values()
        if each.kind is each.POSITIONAL_OR_KEYWORD
    ]
    found = []
    for example in reversed(getattr(function, EXAMPLES, ())):
        keywords = dict(example.kwargs)
        if example.args:
            keywords = dict(zip(names[-len(example.args) :], example.args, strict=False))
        if keywords.keys() != handle._given_kwargs.keys() or len(example.args) > len(names):
            drawn, own = (", ".join(sorted(each)) or "nothing" for each in (handle._given_kwargs, keywords))
            raise Uncallable(f"an @example of {function.__name__} gives values for {own}, and @given draws {drawn}")
        found.append(Explicit(keywords, getattr(example, "raises", None)))
    return tuple(found)


def seed_of(example: Explicit, number: int, strategies: Mapping[str, Any], runner: object, wrapped: Any) -> Plain:
    """The input that an example is: the choices that draw its values, or else its number, from 1 on.

    `strategies`: what is drawn, by name and in order; `runner`: the object that the test is bound to.
    """
    if example.raises is None:
        try:
            choices = _inverted(example.keywords, strategies, runner, wrapped)
        except Exception:
            choices = None  # of the user's strategies, or of values that they never draw: most have no way back
        if choices is not None:
            return (0, *choices)
    return (-number,)


def _inverted(
    values: Mapping[str, object], strategies: Mapping[str, Any], runner: object, wrapped: Any
) -> tuple[Any, ...] | None:
    """Choices that draw these values, by Hypothesis' own way back; None if they do not, or there is none."""
    choices: tuple[Any, ...] = ()
    for name, strategy in strategies.items():
        inverse = getattr(strategy, "_invert", None)
        if inverse is None:
            return None  # of a version that knows no way back
        choices += tuple(inverse(values[name]))
    data: Any = ConjectureData.for_choices(choices)
    if runner is not None:
        data.hypothesis_runner = runner
    with BuildContext(data, wrapped_test=wrapped):
        drawn = {name: data.draw(strategy) for name, strategy in strategies.items()}
    same = all(_is_same(drawn[name], values[name]) for name in drawn)
    return choices if same and tuple(data.choices) == choices else None


def _is_same(one: object, other: object) -> bool:
    return type(one) is type(other) and repr(one) == repr(other)
