"""Texts that programs make trees of, JSON and markup: changed as a program asks for it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import in_turns
from fuzztui.worker.grammar.json_edits import Statements, edited_json
from fuzztui.worker.grammar.markup import KnownElements, edited_markup
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS


class Trees:
    """What is known of the trees of inputs that have come somewhere."""

    def __init__(self) -> None:
        self._objects: Final = Statements()
        self._elements: Final = KnownElements()

    def add(self, arguments: Arguments, words: Iterable[str]) -> None:
        """Learn of one input; `words`: what the program compares texts with."""
        self._objects.add(arguments, words)
        self._elements.add(arguments)

    def edited(self, values: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
        """Inputs of total size up to `max_len` that follow from what one compares, and from what is known by the time
        that they are asked for.
        """
        json = edited_json(values, comparisons, max_len, self._objects.latest())
        markup = edited_markup(values, comparisons, max_len, self._elements.latest())
        yield from in_turns([json, markup])
