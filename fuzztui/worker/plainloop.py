"""A fuzzing loop for executors whose executions take so long that the loop need not be written for speed."""

from collections.abc import Iterator

from fuzztui.protocol.messages import Coverage, Done, Found, Fuzz
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.executor import Executor
from fuzztui.worker.process.clock import Clock
from fuzztui.worker.process.executions import Executions
from fuzztui.worker.reports import Reports

__builtins__ = PRIVATE_BUILTINS


class KnownCoverage:
    """The probes that are known to be covered, here or elsewhere."""

    def __init__(self) -> None:
        self._probes: dict[str, set[int]] = {}

    def add(self, covered: Coverage) -> bool:
        """Count probes as known; whether one of them was not."""
        new = False
        for module, indices in covered.items():
            known = self._probes.setdefault(module, set())
            before = len(known)
            known.update(indices)
            new = new or len(known) > before
        return new


def fuzz_plainly(
    call: Fuzz,
    inputs: Iterator[bytes],
    executor: Executor,
    known: KnownCoverage,
    executions: Executions,
    reports: Reports,
) -> Done:
    """Run the inputs until there are none left, the call's budget is used up, or the coordinator interrupts.

    An input that covers what is not in `known` is reported as found, one that fails as a crash.
    """
    deadline = Clock.seconds() + call.seconds
    count = 0
    while count < call.executions:
        data = next(inputs, None)
        if data is None:
            break
        count += 1
        crash = executor.run(data)
        if crash is not None:
            reports.crash(crash, data)
        elif known.add(covered := executor.covered()):
            reports.send(Found(data=data, edges=covered))
        if executions.is_interrupted or Clock.seconds() >= deadline:
            break
    return Done(executions=count)
