"""Retires probes that have nothing more to tell, and brings them back for the executions that must tell all.

In fuzzing only what is new counts, and a probe whose cell has been seen cannot be new. So functions run lean code,
without such probes and without comparison hooks, at almost the speed of the bare program; an execution that measures or
traces an input runs the complete code. The idea is that of full-speed fuzzing (Nagy and Hicks, IEEE S&P 2019).

Code is changed where it hangs: at the function objects, which the garbage collector lists. A function that is made
later has what its maker ran: complete code costs time, lean code hides from a measurement what had been seen already.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Final

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.bytecode import Cells, nested, sites, with_nested, without
from fuzztui.worker.instrument import CELLS
from fuzztui.worker.probes import ProbeMap

__builtins__ = OWN_BUILTINS

FIRST_GAP: Final = 32
LAST_GAP: Final = 256
"""Calls from one retirement to the next, which double: at first something is new all the time, and what a retirement
costs must be small against what it brings. Calls rather than seconds, so that a run can be repeated."""

MISSED_BUCKETS: Final = 2
"""A loop that has run often, and in all but so many of the ways to tell apart, is retired too: some of them are out of
reach in most loops, such as not to run at all."""


class _Plan:
    """One code object in both forms."""

    __slots__ = ("_left_out", "_sites", "complete", "lean", "nested")

    def __init__(self, complete: CodeType, inner: "list[_Plan]") -> None:
        self.complete = complete
        self.lean = complete
        self.nested = inner
        self._sites = sites(complete)
        self._left_out: tuple[int, ...] = ()

    def update(self, is_done: Callable[[Cells], bool]) -> None:
        """Leave out what is done. The code object stays the same if that is what was left out before."""
        changed = False
        for plan in self.nested:
            before = plan.lean
            plan.update(is_done)
            changed = changed or plan.lean is not before
        left_out = tuple([number for number, site in enumerate(self._sites) if is_done(site.cells)])
        if changed or left_out != self._left_out:
            self._left_out = left_out
            lean = without(self.complete, [self._sites[number] for number in left_out])
            inner = {id(plan.complete): plan.lean for plan in self.nested}
            self.lean = with_nested(lean, lambda code: inner[id(code)])


class Retirement:
    """Which functions of this process run lean code."""

    def __init__(self, probes: ProbeMap) -> None:
        """Everything runs complete code at first."""
        self._probes = probes
        self._plans: dict[int, _Plan] = {}
        """By the identity of either code object of a plan."""
        self._functions: list[tuple[FunctionType, CodeType, CodeType]] = []
        """Functions with their complete and their lean code, where these differ."""
        self._is_lean = True
        self._calls = 0
        self._gap = FIRST_GAP
        self._known = 0
        """Cells that had been seen at the last retirement."""

    def count_call(self, seen: bytearray) -> None:
        """A call begins: retire what has been seen since the last time, if that was long enough ago."""
        self._calls += 1
        if self._calls < self._gap:
            return
        known = seen.count(1)
        if known != self._known:
            self._known = known
            self._calls = 0
            self._gap = min(2 * self._gap, LAST_GAP)
            self.retire(seen)

    def retire(self, seen: bytearray) -> None:
        """Have all functions that exist run code without the probes whose cells are set in `seen`."""

        def is_done(cells: Cells) -> bool:
            if len(cells) > 1:
                return bool(seen[cells[-1]]) and seen.count(1, cells.start, cells.stop) >= len(cells) - MISSED_BUCKETS
            return not cells or bool(seen[cells.start])

        functions = self._find_functions()
        for _, plan in functions:
            plan.update(is_done)
        self._plans = {}
        for _, plan in functions:
            self._register(plan)
        self._functions = [
            (function, plan.complete, plan.lean) for function, plan in functions if plan.lean is not plan.complete
        ]
        self._is_lean = True
        for function, plan in functions:
            if function.__code__ is not plan.lean:
                function.__code__ = plan.lean

    @contextmanager
    def complete(self) -> Iterator[None]:
        """Every probe and every hook is there for as long as the context lasts. May be nested."""
        if not self._is_lean:
            yield
            return
        self._is_lean = False
        for function, complete, lean in self._functions:
            if function.__code__ is lean:  # otherwise the target has given it other code
                function.__code__ = complete
        try:
            yield
        finally:
            self._is_lean = True
            for function, complete, lean in self._functions:
                if function.__code__ is complete:
                    function.__code__ = lean

    def _find_functions(self) -> list[tuple[FunctionType, _Plan]]:
        cells = self._probes.cells
        made: dict[int, _Plan] = {}
        return [
            (each, self._plan(each.__code__, made))
            for each in gc.get_objects()
            if type(each) is FunctionType and each.__globals__.get(CELLS) is cells
        ]

    def _plan(self, code: CodeType, made: dict[int, _Plan]) -> _Plan:
        plan = self._plans.get(id(code)) or made.get(id(code))
        if plan is None:
            plan = made[id(code)] = _Plan(code, [self._plan(inner, made) for inner in nested(code)])
        return plan

    def _register(self, plan: _Plan) -> None:
        self._plans[id(plan.complete)] = self._plans[id(plan.lean)] = plan
        for inner in plan.nested:
            self._register(inner)
