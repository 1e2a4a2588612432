"""Draws the rules of a state machine by a shorter way: most of what a step costs is that Hypothesis chooses its rule.

With its first step a machine draws how many rules it is to do without, and notes of each that is chosen whether it is
one of those. What has been noted is looked up here; everything else is left to Hypothesis.
"""

from typing import Any, Final

from hypothesis.stateful import RuleStrategy
from hypothesis.strategies._internal.featureflags import FeatureFlags

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

STEPS: Final = RuleStrategy
"""The strategy of what a machine does next: each machine has one of its own."""

_FLAGS: Final = "enabled_rules_strategy"
_RULE: Final = "_enabled_rules_strategy"
"""Attributes of that: the strategies that it draws from, each time."""

_NOTED: Final = "_FeatureFlags__is_disabled"
_CHANCE: Final = "_FeatureFlags__p_disabled"
"""Attributes of what the first of them has drawn."""

_IS_KNOWN: Final = {_NOTED, _CHANCE} <= set(vars(FeatureFlags()))


def shorten(steps: Any, known: str, unwrap: Any) -> None:
    """Have a machine draw from what is here; `known`: the attribute of a strategy that names what draws for it."""
    attributes = vars(steps)
    if _IS_KNOWN and {_FLAGS, _RULE, "_feature_flags"} <= attributes.keys():
        vars(attributes[_FLAGS])[known] = _Flags(unwrap(attributes[_FLAGS]))
        vars(attributes[_RULE])[known] = _Rule(steps, unwrap(attributes[_RULE]))


class _Flags:
    """Which rules a machine does without."""

    __slots__ = ("_drawn", "_strategy")

    def __init__(self, strategy: Any) -> None:
        self._strategy = strategy
        self._drawn: Any = None

    def do_draw(self, data: Any) -> Any:
        drawn = self._drawn
        if drawn is None:
            drawn = self._drawn = self._strategy.do_draw(data)
        return drawn


class _Rule:
    """One of the rules that a machine may do now."""

    __slots__ = ("_last", "_rules", "_steps", "_strategy")

    def __init__(self, steps: Any, strategy: Any) -> None:
        self._steps = steps
        self._strategy = strategy
        self._rules = steps.rules
        self._last = len(steps.rules) - 1

    def do_draw(self, data: Any) -> Any:
        number = data.draw_integer(0, self._last) if self._last else 0
        rule = self._rules[number]
        steps = self._steps
        flags = vars(steps._feature_flags)
        if flags[_NOTED].get(rule.function.__name__) is False and steps.is_valid(rule):
            data.draw_boolean(flags[_CHANCE], forced=False)
            return rule
        if self._last:
            data.draw_integer = _drawn(data, number)
        return self._strategy.do_draw(data)


def _drawn(data: Any, number: int) -> Any:
    """Takes the place of the next `draw_integer`, which has been drawn."""

    def draw_integer(*_bounds: int) -> int:
        del data.draw_integer
        return number

    return draw_integer
