"""State machines, whose rules are drawn by a shorter way."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, precondition, rule
from hypothesis.strategies._internal.featureflags import FeatureFlags

from fuzztui.target.choices.value import Choices
from fuzztui.worker.hypothesis.execution import PropertyTest


class Stack(RuleBasedStateMachine):
    """With rules of all kinds, of which some are not possible at times."""

    kept = Bundle("kept")

    @initialize(target=kept)
    def begin(self) -> str:
        self.count = 0
        return "first"

    @rule(number=st.integers(0, 9))
    def add(self, number: int) -> None:
        self.count += number

    @rule(value=kept, target=kept)
    def keep(self, value: str) -> str:
        return value + "!"

    @precondition(lambda self: self.count > 3)
    @rule(value=consumes(kept))
    def take(self, value: str) -> None:
        self.count -= len(value)

    @precondition(lambda self: self.count > 30)
    @rule()
    def fail(self) -> None:
        raise ValueError(self.count)


class Counter(RuleBasedStateMachine):
    """With a single rule, that comes to an end."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    @precondition(lambda self: self.count < 60)
    @rule(number=st.integers(0, 9))
    def add(self, number: int) -> None:
        self.count += number


for each in (Stack, Counter):
    each.TestCase.settings = settings(stateful_step_count=20)


def outcome(run: Callable[[Any], object], choices: Any) -> tuple[str, list[str]]:
    try:
        run(choices)
    except Exception as error:
        return repr(error), getattr(error, "__notes__", [])
    return "", []


@pytest.mark.parametrize("machine", [Stack, Counter])
def test_a_machine_does_the_same_by_both_ways(machine: type[RuleBasedStateMachine]) -> None:
    made, generator = PropertyTest(machine.TestCase), random.Random(1)
    choices: Any = (0,)
    endings = set()
    for seed in range(24):
        choices = (seed, *[each for each in choices[1:] if generator.random() < 0.9])
        told = []
        for made.is_lean in (True, False):
            told.append((outcome(made.run, choices), made.status, Choices(made.drawn)))
        assert told[0] == told[1]
        choices = made.drawn if seed % 2 else ()
        endings.add(made.status)
    assert len(endings) > 1


class Switch(RuleBasedStateMachine):
    """Whose rules are always possible."""

    @rule()
    def on(self) -> None: ...

    @rule()
    def off(self) -> None: ...


@pytest.mark.skipif(
    "_enabled_rules_strategy" not in vars(Switch()._rules_strategy),
    reason="this Hypothesis makes a strategy for each step",
)
def test_hypothesis_decides_once_for_each_rule_of_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    decide = FeatureFlags.is_enabled

    def is_enabled(flags: FeatureFlags, name: str) -> bool:
        asked.append(name)
        return decide(flags, name)

    monkeypatch.setattr(FeatureFlags, "is_enabled", is_enabled)
    made = PropertyTest(Switch.TestCase)
    counts = []
    for made.is_lean in (False, True):
        asked.clear()
        made.run((0, False, 0))  # it does without no rule
        counts.append(len(asked))
    assert counts == [50, 2]
