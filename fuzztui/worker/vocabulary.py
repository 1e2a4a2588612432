"""Feeds the dictionary from the source of the instrumented modules."""

import sys
from typing import Final

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.frontier import closest
from fuzztui.worker.literals import Expression
from fuzztui.worker.mutate import Dictionary
from fuzztui.worker.mutate.patterns import examples, expressions_in
from fuzztui.worker.probes import ProbeMap

__builtins__ = OWN_BUILTINS

MAX_EXPRESSIONS: Final = 300
"""Regular expressions of a target that give tokens: each takes a fraction of a millisecond to read."""


NEAR: Final = 100
"""Tokens closest to the frontier that are preferred: with more, none of them would be."""

RERANKED: Final = 50
"""Once one part in so many of what has been seen is new, the ranking is made anew; it takes up to 3 ms."""

NEAR_EXAMPLES: Final = 8
"""Whole matches, and as many words, of one regular expression among them."""


class Vocabulary:
    """The constants of a target's modules, and texts that their regular expressions match.

    All of them are added to the dictionary; those that stand closest to branches not taken yet are preferred.
    """

    def __init__(self, probes: ProbeMap, dictionary: Dictionary) -> None:
        self._probes = probes
        self._dictionary = dictionary
        self._modules = 0
        self._constants = 0
        self._expressions: dict[Expression, None] = {}
        self._sources: set[object] = set()
        """What some expression is compiled from, and so is no word itself."""
        self._known = -1
        """Cells that had been seen at the last ranking."""

    def update(self) -> None:
        """Add the words of the modules that have been imported since the last time, and rank all by what has been seen
        so far, which the probe map must show. Cheap if hardly anything is new.

        To be called when an entry is traced: so often, and no more, is something new, and a run can be repeated.
        """
        probes = self._probes
        known = probes.cells.count(1)
        if len(probes.modules) != self._modules:
            self._modules = len(probes.modules)
            self._add_words()
        elif 0 <= known - self._known < 1 + known // RERANKED:
            return
        self._known = known
        self._rank()

    def _add_words(self) -> None:
        self._sources = self._update_expressions()
        constants, self._constants = self._probes.constants[self._constants :], len(self._probes.constants)
        for constant in constants:
            if constant not in self._sources:
                self._dictionary.add(constant)

    def _rank(self) -> None:
        """Have the dictionary prefer what stands closest to branches that have not been taken."""
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
        """Add what the expressions stand for; returns their sources, which are no words themselves."""
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
