"""The auto-dictionary: tokens from the source of the instrumented modules."""

import sys
from collections.abc import Iterator
from itertools import chain
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.frontier import closest
from fuzztui.worker.guidance.ration import Ration
from fuzztui.worker.instrumentation.literals import Expression
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.mutate import Dictionary
from fuzztui.worker.mutate.patterns import examples, expressions_in

__builtins__ = PRIVATE_BUILTINS

MAX_EXPRESSIONS: Final = 300
"""Regular expressions of a target that tokens are made from: each takes a fraction of a millisecond to read."""

NEAR: Final = 100
"""Tokens that are preferred, those closest to the frontier. If many more were, none would be preferred in effect."""

RERANKED: Final = 50
"""The ranking is made anew when one in so many of the seen cells is new since the last one, and the ration allows."""

STEPS_PER_PLACE: Final = 10
STEPS_AT_ONCE: Final = 500_000
STEPS_PER_EXECUTION: Final = 1.0
"""The ration of rankings, see `Ration`: one looks at every place of a literal. A twentieth of a second in all, and
about a hundredth of the time afterwards."""

NEAR_EXAMPLES: Final = 8
"""Whole matches of one regular expression among them, and as many words out of it."""


class AutoDictionary:
    """Adds to the dictionary the constants of a target's modules, and texts that their regular expressions match.

    Those that stand closest to branches not taken yet are preferred.
    """

    def __init__(self, probes: ProbeMap, dictionary: Dictionary) -> None:
        self._probes = probes
        self._dictionary = dictionary
        self._modules = 0
        self._constants = 0
        self._expressions: dict[Expression, None] = {}
        self._searched: set[str] = set()
        """Names of the modules that have been searched for expressions: a program may import hundreds, one by one."""
        self._sources: set[object] = set()
        """The texts that expressions are compiled from, which are no tokens themselves."""
        self._known = -1
        """Cells that had been seen at the last ranking."""
        self._places = 0
        """Where literals stand, as far as that is known."""
        self._ration = Ration(STEPS_AT_ONCE, STEPS_PER_EXECUTION)

    def update(self, executions: int = 0) -> None:
        """Add the tokens of modules imported since the last time, and rank all tokens by what has been seen so far,
        which the probe map must show. Cheap if hardly anything is new; `executions` of this process allow for more.

        To be called when an entry is traced: the moment depends on no clock, so a run can be repeated.
        """
        probes = self._probes
        known = probes.cells.count(1)
        if len(probes.modules) != self._modules:
            self._modules = len(probes.modules)
            self._places = sum(len(literal.places) for _, literal in probes.placed)
            self._add_tokens()
        elif 0 <= known - self._known < 1 + known // RERANKED:
            return
        if self._ration.allows(STEPS_PER_PLACE * self._places, executions):
            self._known = known
            self._rank()

    def _add_tokens(self) -> None:
        self._sources = self._update_expressions()
        constants, self._constants = self._probes.constants[self._constants :], len(self._probes.constants)
        for constant in constants:
            if constant not in self._sources:
                self._dictionary.add(constant)

    def _rank(self) -> None:
        """Have the dictionary prefer the tokens that stand closest to branches not taken yet."""
        near: dict[str | bytes | int | float, None] = {}
        for value in closest(self._probes.placed, self._probes.cells):
            if isinstance(value, Expression):
                if value in self._expressions:
                    near.update(dict.fromkeys(text for texts in examples(value) for text in texts[:NEAR_EXAMPLES]))
            elif value not in self._sources:
                near[value] = None
            if len(near) >= NEAR:
                break
        self._dictionary.set_near(near)

    def _update_expressions(self) -> set[object]:
        """Add texts that the expressions match; returns the expressions' sources, which are no tokens themselves."""
        for expression in chain(self._probes.expressions, self._compiled()):
            if len(self._expressions) == MAX_EXPRESSIONS or "re" not in sys.modules:
                break
            if expression not in self._expressions:
                self._expressions[expression] = None
                for text in sum(examples(expression), ()):
                    self._dictionary.add(text)
        return {expression.source for expression in self._expressions if len(expression.source) > 2}

    def _compiled(self) -> Iterator[Expression]:
        """Those that modules hold which have not been searched yet."""
        for name, namespace in list(self._probes.namespaces.items()):
            if name not in self._searched:
                self._searched.add(name)
                yield from expressions_in(namespace)
