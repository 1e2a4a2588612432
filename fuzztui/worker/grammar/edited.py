"""Inputs in which the text of one argument is another one."""

from collections.abc import Callable, Iterator
from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import bytes_of, readable
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS


def edited_texts(
    arguments: Arguments, max_len: int, most: int, longest: int, edited: Callable[[str], Iterator[str]]
) -> Iterator[Arguments]:
    """At most `most` inputs of total size up to `max_len`, each with what `edited` makes of one of the texts, in the
    order in which it makes them; of texts of at most `longest` characters.
    """
    room = max_len - sum(map(size, arguments))
    count = 0
    for index, value in enumerate(arguments):
        text = readable(value)
        if not text or len(text) > longest:
            continue
        for changed in edited(text):
            if len(changed) - len(text) <= room:
                made: Any = bytes_of(changed) if type(value) is bytes else changed
                yield (*arguments[:index], made, *arguments[index + 1 :])
                count += 1
                if count == most:
                    return
