"""Inputs that were found lately, and what one that has just been found offers to them: statements, elements, and what
stands in brackets.

An input is looked at when it is found. What is found later may be the step that it lacks, such as a request that
comes right only in the state that the earlier input leads to.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.bracketed import BETWEEN, contents_of, with_contents
from fuzztui.worker.grammar.elements import in_turns
from fuzztui.worker.grammar.json_edits import objects_of, with_objects
from fuzztui.worker.grammar.markup import elements_of, with_elements
from fuzztui.worker.grammar.references import Reference, with_references
from fuzztui.worker.grammar.statements import last_statements, more_statements
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.mutate.whole import Whole

__builtins__ = PRIVATE_BUILTINS

MAX_RECENT: Final = 24
"""Inputs that statements are offered to."""

OFFERED: Final = 12
"""Inputs that each of these leads to, at most."""

REFERRING: Final = 32
"""The same with references to a name of a form that is new: there are so many places for one."""

MAX_NEW: Final = 4
"""Elements, and contents of brackets, that none of the earlier inputs has, of which each is offered."""


class Recent:
    """The latest inputs that have covered something new, with what they compare."""

    def __init__(self) -> None:
        self._inputs: dict[Arguments, tuple[Whole, Sequence[Comparison]]] = {}
        """By their values, the latest last."""

    def add(
        self, apart: Whole, comparisons: Sequence[Comparison], max_len: int, references: Sequence[Reference] = ()
    ) -> Iterator[Arguments]:
        """Remember an input; the earlier ones with one of its statements each, the latest first, and before that with
        its `references`.
        """
        self._inputs.pop(apart.values, None)
        others = list(reversed(self._inputs.values()))
        self._inputs[apart.values] = apart, comparisons
        if len(self._inputs) > MAX_RECENT:
            del self._inputs[next(iter(self._inputs))]
        referring = [
            islice(other.all_together(with_references(other.values, its, max_len, references)), REFERRING)
            for other, its in (others if references else ())
        ]
        return chain(*referring, _offered(apart.values, comparisons, others, max_len))


def _offered(
    arguments: Arguments,
    comparisons: Sequence[Comparison],
    others: Sequence[tuple[Whole, Sequence[Comparison]]],
    max_len: int,
) -> Iterator[Arguments]:
    statements, objects = last_statements(arguments, comparisons), objects_of(arguments)
    there = {each for other, _ in others for each in elements_of(other.values)}
    elements = [each for each in elements_of(arguments) if each not in there][:MAX_NEW]
    known = {each for other, _ in others for each in contents_of(other.values)}
    contents = [each for each in contents_of(arguments) if each not in known][:MAX_NEW]
    for other, its in others if statements or objects or elements or contents else ():
        made = in_turns(
            [
                chain(
                    with_objects(other.values, its, max_len, objects),
                    with_elements(other.values, max_len, elements),
                    more_statements(other.values, its, (), max_len, statements),
                ),
                with_contents(other.values, max_len, contents, BETWEEN),
            ]
        )
        yield from islice(other.all_together(made), OFFERED)
