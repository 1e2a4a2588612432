"""The auto-dictionary: tokens from the source of the instrumented modules."""

import sys
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.frontier import closest
from fuzztui.worker.literals import Expression
from fuzztui.worker.mutate import Dictionary
from fuzztui.worker.mutate.patterns import examples, expressions_in
from fuzztui.worker.probes import ProbeMap

__builtins__ = PRIVATE_BUILTINS

MAX_EXPRESSIONS: Final = 300
"""Regular expressions of a target that tokens are made from: each takes a fraction of a millisecond to read."""

NEAR: Final = 100
"""Tokens that are preferred, those closest to the frontier. If many more were, none would be preferred in effect."""

RERANKED: Final = 50
"""The ranking is made anew when one in so many of the seen cells is new since the last one; it takes up to 3 ms."""

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
        self._sources: set[object] = set()
        """The texts that expressions are compiled from, which are no tokens themselves."""
        self._known = -1
        """Cells that had been seen at the last ranking."""

    def update(self) -> None:
        """Add the tokens of modules imported since the last time, and rank all tokens by what has been seen so far,
        which the probe map must show. Cheap if hardly anything is new.

        To be called when an entry is traced: the moment depends on no clock, so a run can be repeated.
        """
        probes = self._probes
        known = probes.cells.count(1)
        if len(probes.modules) != self._modules:
            self._modules = len(probes.modules)
            self._add_tokens()
        elif 0 <= known - self._known < 1 + known // RERANKED:
            return
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
        compiled = [
            found for namespace in list(self._probes.namespaces.values()) for found in expressions_in(namespace)
        ]
        for expression in (*self._probes.expressions, *compiled):
            if len(self._expressions) == MAX_EXPRESSIONS or "re" not in sys.modules:
                break
            if expression not in self._expressions:
                self._expressions[expression] = None
                for text in sum(examples(expression), ()):
                    self._dictionary.add(text)
        return {expression.source for expression in self._expressions if len(expression.source) > 2}
