"""Makes failing inputs of property tests minimal by Hypothesis' own shrinker, which knows how values are drawn."""

from collections.abc import Callable
from typing import Any, Final

from hypothesis import Phase, settings
from hypothesis.errors import FlakyStrategyDefinition, StopTest
from hypothesis.internal.conjecture.data import ConjectureData, Status
from hypothesis.internal.conjecture.engine import ConjectureRunner, RunIsComplete
from hypothesis.internal.conjecture.shrinker import sort_key

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import Plain
from fuzztui.worker.hypothesis.execution import PropertyTest, new_random, no_verdict

__builtins__ = PRIVATE_BUILTINS

_ORIGIN: Final = "the bucket"
"""Stands for the one way to fail that is looked for."""

_CHOICES: Final = (bool, int, float, str, bytes)

Attempt = Callable[[Plain, Callable[[], object]], bool]
"""Executes what the second argument calls, as an execution of the first; whether that failed in the way wanted."""


class Enough(BaseException):
    """Raised by an `Attempt` that is not to go on."""


def shrink(test: PropertyTest, plain: Plain, attempt: Attempt) -> Plain:
    """The simplest input found that fails as an input does, or this one; both begin with a seed.

    Hypothesis decides what simple means.
    """
    shrinker = _Shrinking(test, attempt)
    options = settings(
        database=None, deadline=None, max_examples=1_000_000, phases=[Phase.shrink], backend="hypothesis"
    )
    runner = ConjectureRunner(shrinker.run, settings=options, random=new_random(), ignore_limits=True)
    try:
        first: Any = runner.cached_test_function(plain[1:])
        if first.status is Status.INTERESTING:
            runner.shrink(first, lambda each: each.status is Status.INTERESTING)
    except (RunIsComplete, Enough, FlakyStrategyDefinition):
        pass  # the last one of what was not executed to its end, or does otherwise each time
    return plain if shrinker.best is None else (0, *shrinker.best)


class _Shrinking:
    def __init__(self, test: PropertyTest, attempt: Attempt) -> None:
        self._test = test
        self._attempt = attempt
        self.best: tuple[Any, ...] | None = None
        """The choices of the simplest one so far."""
        self._order: Any = None

    def run(self, data: ConjectureData) -> None:
        """Execute the test with what the shrinker proposes, and tell it what comes of that."""
        no_verdicts: list[BaseException] = []

        def call() -> None:
            try:
                self._test.execute_with(data)
            except no_verdict() as error:
                no_verdicts.append(error)

        prefix = [each for each in data.prefix or () if type(each) in _CHOICES]
        fails = self._attempt((0, *prefix), call)
        if no_verdicts:
            if isinstance(no_verdicts[0], StopTest):
                raise no_verdicts[0]
            data.mark_invalid()
        if not fails:
            return  # it is valid: the shrinker looks at what was drawn for what may be left out
        order = sort_key(data.nodes)
        if self._order is None or order < self._order:
            self.best, self._order = tuple(data.choices), order
        data.mark_interesting(_ORIGIN)  # type: ignore[arg-type]  # which is only compared
