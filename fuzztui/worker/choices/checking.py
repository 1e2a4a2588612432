"""Finds out whether the shorter way to execute a property test does the same as the framework's own."""

from collections.abc import Callable
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.choices.drawing import Drawing
from fuzztui.worker.discoveries import AFRESH, Discoveries
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.process.clock import Clock
from fuzztui.worker.process.executions import BOOKKEEPING, MEASURING
from fuzztui.worker.runner import Runner

__builtins__ = PRIVATE_BUILTINS

SHARE: Final = 50.0
"""Times the seconds of a call that this may take: afterwards all goes faster, so even of a slow test it is mostly known
in the first call."""


def check(
    drawing: Drawing,
    runner: Runner,
    discoveries: Discoveries,
    tell: Callable[[str], None],
    budget: int,
    seconds: float,
) -> int:
    """Execute inputs both ways, in a call of so many seconds, and tell if that ends otherwise than hoped for; returns
    the executions used, of `budget`.
    """
    before = runner.executions.memory.executions

    def run(arguments: Arguments) -> None:
        runner.runs_clean(arguments, runner.encode(arguments))

    def run_aside(arguments: Arguments) -> None:
        if runner.run(arguments, runner.encode(arguments)) is not None:
            runner.executions.end()

    runner.executions.activity = MEASURING
    deadline = Clock.processor() + SHARE * seconds * 1e9
    with discoveries.made(AFRESH):
        while runner.executions.memory.executions - before <= budget - 4:
            if sentence := drawing.check(run, run_aside):
                tell(sentence)
            if not drawing.checks_left or Clock.processor() > deadline:
                break
    runner.executions.activity = BOOKKEEPING
    return runner.executions.memory.executions - before
