"""Has a failing input of a property test made minimal, each try an execution like any other."""

from collections.abc import Callable
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import CHOICES, Plain
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.hypothesis.execution import PropertyTest
from fuzztui.worker.hypothesis.shrinking import Enough, shrink
from fuzztui.worker.mutate.choices.record import arguments_of, plain_of
from fuzztui.worker.process.clock import Clock
from fuzztui.worker.runner import Runner

__builtins__ = PRIVATE_BUILTINS

LEAST: Final = 3
"""Executions without which there is no search: of the input, of something plainer, and of what has come of it."""

SECONDS: Final = 20.0
"""Of the search: most take two, and what is not found by then is left."""


def minimal(target: LoadedTarget, runner_for: Callable[[LoadedTarget], Runner], data: bytes, executions: int) -> bytes:
    """The plainest input that fails as this one does, found in so many executions; this one where it does not fail, or
    nothing plainer is found.
    """
    test: Any = target.test
    assert isinstance(test, PropertyTest)
    tries = _Tries(target, runner_for, executions - 1)  # the last one shows what has come of it
    runner = tries.runner
    plain = plain_of(runner.decode(data))
    if executions < LEAST:
        return data
    if plain[0] < 0:
        return data  # an example of the test's, as its author has it
    if not tries.fails(plain, lambda: test.run(plain)):
        return data
    drawn = test.drawn
    found = shrink(test, drawn, tries.fails)
    if found == drawn:
        return data
    smaller = runner.encode(arguments_of(found))
    tries.left += 1
    if not runner.executions.has_room(smaller) or not tries.fails(found, lambda: test.run(found)):
        return data
    if target.examples is not None:
        target.examples.settle(drawn, test.drawn)
    return smaller


class _Tries:
    """Executes what is tried, in the bounds of time, until the coordinator interrupts."""

    def __init__(self, target: LoadedTarget, runner_for: Callable[[LoadedTarget], Runner], executions: int) -> None:
        self._call: Callable[[], object] = int
        tried = LoadedTarget(lambda _plain: self._call(), (CHOICES,), [], target.raises, target.harness)
        tried.exits_fail = target.exits_fail
        self.runner: Final = runner_for(tried)
        self._bucket = ""
        """Of the first failure."""
        self.left = executions
        """Executions that may still be made."""
        self._until = Clock.seconds() + SECONDS

    def fails(self, plain: Plain, call: Callable[[], object]) -> bool:
        """Make one call as the execution of an input; whether it fails in the same way as the first one."""
        executions = self.runner.executions
        if self.left <= 0 or executions.is_interrupted or Clock.seconds() > self._until:
            raise Enough
        data = self.runner.encode(arguments_of(plain))
        if not executions.has_room(data):
            return False
        self._call = call
        self.left -= 1
        crash = self.runner.run(arguments_of(plain), data)
        if crash is None:
            return False
        executions.end()
        if self.runner.strays.noted:
            self.runner.strays.take()  # what failed beside it is part of it
        self._bucket = self._bucket or crash.bucket
        return crash.bucket == self._bucket
