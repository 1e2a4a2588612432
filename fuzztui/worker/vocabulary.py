"""Feeds the dictionary from the source of the instrumented modules."""

import sys
from typing import Final

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.literals import Expression
from fuzztui.worker.mutate import Dictionary
from fuzztui.worker.mutate.patterns import examples, expressions_in
from fuzztui.worker.probes import ProbeMap

__builtins__ = OWN_BUILTINS

MAX_EXPRESSIONS: Final = 300
"""Regular expressions of a target that give tokens: each takes a fraction of a millisecond to read."""


class Vocabulary:
    """The constants of a target's modules, and texts that their regular expressions match."""

    def __init__(self, probes: ProbeMap, dictionary: Dictionary) -> None:
        self._probes = probes
        self._dictionary = dictionary
        self._modules = 0
        self._constants = 0
        self._expressions: dict[Expression, None] = {}

    def update(self) -> None:
        """Add the words of the modules that have been imported since the last time. Cheap if there are none."""
        probes = self._probes
        if len(probes.modules) == self._modules:
            return
        self._modules = len(probes.modules)
        sources = self._update_expressions()
        constants, self._constants = probes.constants[self._constants :], len(probes.constants)
        for constant in constants:
            if constant not in sources:
                self._dictionary.add(constant)

    def _update_expressions(self) -> set[str | bytes]:
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
