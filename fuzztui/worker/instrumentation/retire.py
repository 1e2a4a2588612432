"""Retires probes whose cells have been seen, and brings them back for the executions that measure or trace an input.

In fuzzing only new coverage counts, and a probe whose cell has been seen cannot report any. So functions run lean code,
without such probes and without comparison hooks, at almost the speed of the bare program; an execution that measures or
traces an input runs the complete code. The idea is that of full-speed fuzzing (Nagy and Hicks, IEEE S&P 2019).

The code is exchanged in the function objects, which the garbage collector lists. A function object that is created
later inherits the code that its defining function ran at that moment. If that is complete code, calls of the new
function take longer; if it is lean code, a measurement misses what had been seen already.

`sys.monitoring`, which has this built in, was measured on the json, html and toml parsers under 3.12 and 3.13. Events
that are switched off once seen cost nothing there (0.93 to 1.04 of the bare time), where lean code costs 3 to 8 %. But
these versions switch a branch off in both directions at once, and with branch events left on a run takes 2.3 to 2.4
times as long. Nor do they tell how often a loop has run, and 3.11 has none of it. On 3.14, whose events tell directions
apart, it is worth another look.

To learn what the probes cost there is also bare code, which runs no probes. Bare code would hide new coverage, so
function objects that were created by bare code are found afterwards and given other code. The same holds of original
code, which is what the sources have: executions whose every line is noted run that.
"""

import gc
import sys
from _weakref import ref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from enum import Enum
from types import CodeType, FunctionType
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.bytecode import Cells, Removable, compacted, may_have_run, removables, without
from fuzztui.worker.instrumentation.code import nested, with_nested
from fuzztui.worker.instrumentation.instrument import CELLS
from fuzztui.worker.instrumentation.probes import ProbeMap

__builtins__ = PRIVATE_BUILTINS

FIRST_GAP: Final = 4
LAST_GAP: Final = 256
"""Calls from one retirement to the next; the gap doubles each time. At first new cells are seen all the time, and the
cost of a retirement, some milliseconds, must be small against its gain. Counted in calls rather than seconds, so that a
run can be repeated. The first retirement is early, because seeds cover most of what their mutations will cover."""

MOST_SWAPPED: Final = 20_000
"""Cells that have been seen, times how often in a call all probes are wanted for a while: beyond that, nothing is
retired. Functions that are given other code and their own again take more time then than all probes do. So it is in the
midst of finds in a large program: each find is measured with all probes."""

MOST_COMPACTED: Final = 100
"""Code objects that one retirement compacts, some tenths of a millisecond each: of those whose probes are the same ones
as at the last retirement, since a large program that is being discovered changes them all the time."""

MISSED_BUCKETS: Final = 2
"""Count buckets of a loop that may be unseen when the loop's probe is retired: most loops cannot reach some buckets,
such as that of no round at all. The last bucket, of many rounds, must have been seen."""


class _Form(Enum):
    """What functions run."""

    LEAN = "lean"
    COMPLETE = "complete"
    BARE = "bare"
    ORIGINAL = "original"


class _Plan:
    """One code object in all forms."""

    __slots__ = (
        *("_bare", "_cells", "_is_compact", "_left_out", "_original", "_own", "_removables", "_updated"),
        *("complete", "lean", "nested"),
    )

    def __init__(self, complete: CodeType, inner: "list[_Plan]", cells: range) -> None:
        """`cells`: those of the code's module."""
        self._cells = cells
        self.complete = complete
        self.lean = complete
        self._own = complete
        """The lean code, with the complete ones nested in it."""
        self._is_compact = True
        self._updated: object = None
        """At which retirement this was done: many functions may have one code, which is nested in another one, too."""
        self.nested = inner
        self._removables: list[Removable] | None = None
        """Found when the code has run: of a large program inputs reach a small part."""
        self._left_out: tuple[int, ...] = ()
        self._bare: CodeType | None = None
        self._original: CodeType | None = None

    @property
    def codes(self) -> tuple[CodeType, ...]:
        """Every form that there is now."""
        made = [code for code in (self._bare, self._original) if code is not None]
        return (self.complete, self.lean, *made)

    @property
    def is_compact(self) -> bool:
        """Whether nothing is jumped over, here and in what is nested in it."""
        return self._is_compact and all(plan.is_compact for plan in self.nested)

    def bare(self) -> CodeType:
        """The code without any of its probes, made when it is first asked for."""
        if self._bare is None:
            inner = {id(plan.complete): plan.bare() for plan in self.nested}
            bare = without(self.complete, self._find_removables())
            self._bare = with_nested(bare, lambda code: inner.get(id(code), code))
        return self._bare

    def original(self, of: Callable[[CodeType], CodeType | None]) -> CodeType:
        """The code as the source has it, as `of` finds it when it is first asked for; else the complete one."""
        if self._original is None:
            for plan in self.nested:
                plan.original(of)
            self._original = of(self.complete) or self.complete
        return self._original

    def _find_removables(self) -> list[Removable]:
        if self._removables is None:
            self._removables = removables(self.complete)
        return self._removables

    def update(self, is_done: Callable[[Cells], bool], seen: bytearray, may_compact: Callable[[], bool]) -> None:
        """Make the lean code anew if other probes are done than before, or if they are the same and it `may_compact`;
        else its code object stays the same. Does nothing where `is_done` is the same object as last time.

        Code of which nothing is set in `seen` has not run, nor has what is nested in it, and stays complete.
        """
        if self._updated is is_done:
            return
        self._updated = is_done
        if self._removables is None and not may_have_run(self.complete, seen, self._cells):
            return
        changed = False
        for plan in self.nested:
            before = plan.lean
            plan.update(is_done, seen, may_compact)
            changed = changed or plan.lean is not before
        found = self._find_removables()
        left_out = tuple([number for number, removable in enumerate(found) if is_done(removable.cells)])
        if left_out != self._left_out:
            self._left_out = left_out
            self._own = without(self.complete, [found[number] for number in left_out])
            self._is_compact = not left_out
            changed = True
        elif not self._is_compact and may_compact():
            self._own = compacted(self.complete, [found[number] for number in left_out])
            self._is_compact = changed = True
        if changed:
            inner = {id(plan.complete): plan.lean for plan in self.nested}
            self.lean = with_nested(self._own, lambda code: inner.get(id(code), code))


class Retirement:
    """Which functions of this process run which code."""

    def __init__(self, probes: ProbeMap) -> None:
        """Everything runs complete code at first."""
        self._probes = probes
        self._plans: dict[int, _Plan] = {}
        """By the identity of each code object of a plan."""
        self._functions: list[tuple[FunctionType, CodeType, CodeType]] = []
        """Functions with their complete code and what they run outside of `complete`, where these differ."""
        self._form = _Form.LEAN
        self._cells_of: dict[str, range] = {}
        """By the file of an instrumented module."""
        self._references: list[ref[FunctionType]] = []
        """Functions that have been found."""
        self._is_off = False
        """Whether something keeps us from changing functions."""
        self._calls = 0
        self._gap = FIRST_GAP
        self._known = 0
        """Cells that had been seen at the last retirement."""
        self._swaps = 0
        """Times that all probes were wanted since `_calls` began to count."""
        self.is_settled = True
        """Whether another retirement would change nothing, if nothing more has been seen."""

    def count_call(self, seen: bytearray) -> None:
        """A call begins: retire what has been seen since the last time, if that was long enough ago."""
        self._calls += 1
        if self._calls < self._gap:
            return
        known, calls, swaps = seen.count(1), self._calls, self._swaps
        if swaps * known > MOST_SWAPPED * calls:
            self._calls = self._swaps = 0
            self._return_to_complete()
            return
        if known != self._known:
            self._known = known
            self._gap = min(2 * self._gap, LAST_GAP)
        elif self.is_settled:
            return
        self._calls = self._swaps = 0
        self.retire(seen)

    def begin_anew(self, seen: bytearray) -> None:
        """Another search goes on, which may have seen less."""
        self._calls, self._swaps, self._gap, self._known = 0, 0, FIRST_GAP, seen.count(1)
        self.retire(seen)

    def _return_to_complete(self) -> None:
        """Have every probe run for now, as before the first retirement."""
        if self._form is _Form.LEAN:
            self._swap(self._functions)
            self._functions, self.is_settled = [], False

    def retire(self, seen: bytearray) -> None:
        """Have all functions that exist run code without the probes whose cells are set in `seen`."""
        left = MOST_COMPACTED

        def is_done(cells: Cells) -> bool:
            if len(cells) > 1:
                return bool(seen[cells[-1]]) and seen.count(1, cells.start, cells.stop) >= len(cells) - MISSED_BUCKETS
            return not cells or bool(seen[cells.start])

        def may_compact() -> bool:
            nonlocal left
            left -= 1
            return left >= 0

        functions = self._find_functions()
        for _, plan in functions:
            plan.update(is_done, seen, may_compact)
        self.is_settled = all(plan.is_compact for _, plan in functions)
        self._register(functions)
        self._functions = [
            (function, plan.complete, plan.lean) for function, plan in functions if plan.lean is not plan.complete
        ]
        self._form = _Form.LEAN
        self._swap([(function, plan.lean, None) for function, plan in functions])

    @contextmanager
    def complete(self) -> Iterator[None]:
        """Every probe and every hook is there for as long as the context lasts. Contexts may be nested, those of `bare`
        too: the innermost counts.
        """
        if self._form is _Form.COMPLETE:
            yield
            return
        self._swaps += 1
        before, functions = self._form, self._functions
        self._form = _Form.COMPLETE
        try:
            self._swap(functions)
            yield
        finally:
            self._form = before
            self._swap_back(functions)

    def bare(self) -> AbstractContextManager[None]:
        """No probe and no hook that can be left out runs for as long as the context lasts, whatever has been seen.
        Contexts may be nested, those of `complete` too: the innermost counts.

        What cannot be left out stays: the few probes whose instructions are not as expected (see `bytecode`), the
        counter that a loop sets to zero, the frame around it that stores the count however the loop ends. So bare code
        is somewhat slower than the program was before it was instrumented. A generator that bare code began stays
        bare to its end.

        Takes two walks over all objects of the process, some milliseconds each.
        """
        return self._all_in(_Form.BARE, _Plan.bare)

    def original(self, of: Callable[[CodeType], CodeType | None]) -> AbstractContextManager[None]:
        """Functions run the code that their sources have, as `of` finds it for instrumented code, for as long as the
        context lasts: then every line is where it stands in the file, and nothing else is. What is imported meanwhile
        is instrumented. Otherwise as `bare`.
        """
        return self._all_in(_Form.ORIGINAL, lambda plan: plan.original(of))

    @contextmanager
    def _all_in(self, wanted: _Form, code_of: Callable[[_Plan], CodeType]) -> Iterator[None]:
        if self._form is wanted:
            yield
            return
        form, outside = self._form, self._functions
        found = self._find_functions()
        swapped = [(function, function.__code__, code_of(plan)) for function, plan in found]
        self._register(found)
        self._form = wanted
        self._functions = [
            (function, plan.complete, code_of(plan)) for function, plan in found if code_of(plan) is not plan.complete
        ]
        try:
            self._swap([(function, code, before) for function, before, code in swapped])
            yield
        finally:
            self._form, self._functions = form, outside
            self._swap([(function, before, code) for function, before, code in swapped])
            made_meanwhile = self._find_functions()
            self._swap(
                [
                    (function, plan.complete if form is _Form.COMPLETE else plan.lean, code_of(plan))
                    for function, plan in made_meanwhile
                ]
            )

    def _swap(
        self,
        changes: Sequence[tuple[FunctionType, CodeType, CodeType | None]]
        | Sequence[tuple[FunctionType, CodeType, CodeType]],
    ) -> None:
        """Give functions new code in the place of what is expected there (None: of anything); one to which the target
        has given other code keeps that.
        """
        if self._is_off:
            return
        try:
            for function, new, expected in changes:
                code = function.__code__
                if code is not new and (expected is None or code is expected):
                    function.__code__ = new
        except Exception as error:  # whatever an audit hook of the target's raises, which such changes are told to
            self._switch_off(error)

    def _swap_back(self, changes: Iterable[tuple[FunctionType, CodeType, CodeType]]) -> None:
        """The same with what is expected in the place of the new, which should be there by now."""
        if self._is_off:
            return
        try:
            for function, new, expected in changes:
                if function.__code__ is new:
                    function.__code__ = expected
        except Exception as error:  # see `_swap`
            self._switch_off(error)

    def _switch_off(self, error: Exception) -> None:
        self._is_off = True
        print(f"fuzztui: probes are not retired any longer: {type(error).__name__}: {error}", file=sys.stderr)

    def _find_functions(self) -> list[tuple[FunctionType, _Plan]]:
        cells = self._probes.cells
        self._cells_of = self._probes.cells_by_file()
        made: dict[int, _Plan] = {}
        if self._is_off:
            return []
        try:
            # Not through `get` of the globals, which may be a dict of the target's own type.
            functions = [
                each
                for each in gc.get_objects()
                if type(each) is FunctionType and dict.get(each.__globals__, CELLS) is cells
            ]
            if gc.get_freeze_count():  # the collector does not list what it has been told to leave alone
                listed = {id(function) for function in functions}
                known = [function for reference in self._references if (function := reference()) is not None]
                functions += [function for function in known if id(function) not in listed]
            self._references = [ref(function) for function in functions]
            return [(function, self._plan(function.__code__, made)) for function in functions]
        except Exception as error:  # of an audit hook, see `_swap`
            self._switch_off(error)
            return []

    def _plan(self, code: CodeType, made: dict[int, _Plan]) -> _Plan:
        plan = self._plans.get(id(code)) or made.get(id(code))
        if plan is None:
            inner = [self._plan(each, made) for each in nested(code)]
            cells = self._cells_of.get(code.co_filename, range(len(self._probes.cells)))
            plan = made[id(code)] = _Plan(code, inner, cells)
        return plan

    def _register(self, functions: list[tuple[FunctionType, _Plan]]) -> None:
        """Keep the plans of these functions and forget the others."""
        self._plans = {}
        waiting = [plan for _, plan in functions]
        while waiting:
            plan = waiting.pop()
            self._plans.update((id(code), plan) for code in plan.codes)
            waiting += plan.nested
