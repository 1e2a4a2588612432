"""Attributes of tags, as in XML and HTML, that a program looked for and did not find: `<call method="1">`."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_MAX_TAGS: Final = 6
_TAG: Final = re.compile(r"<\w[^<>]*?(?=/?>)")
_NAME: Final = re.compile(r"[^\W\d][\w:.-]*")


def with_attribute(text: str, key: str, values: Sequence[str]) -> Iterator[str]:
    """The text with one attribute more in one of its tags, the last ones first, with each value in turns."""
    if not _NAME.fullmatch(key):
        return
    ends = [match.end() for match in _TAG.finditer(text)][::-1][:_MAX_TAGS]
    for value in dict.fromkeys(values):
        if '"' not in value:
            for at in ends:
                yield f'{text[:at]} {key}="{value}"{text[at:]}'
