"""What a program may make of an input before it reads it: the texts in which its words are looked for."""

from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

_TOLERANT: Final = (
    ("utf-8", "replace"),
    ("utf-8", "ignore"),
    ("utf-8", "surrogateescape"),
    ("ascii", "ignore"),
    ("ascii", "replace"),
)
"""Ways to decode in which what is malformed is put up with, the usual one first."""

_MAX_TEXT: Final = 4096
"""Bytes of a value that is decoded in every way."""


def forms_of(values: Arguments) -> str:
    """Each value as a text in lower case, and decoded in every way in which what is malformed is put up with."""
    forms: dict[str, None] = {}
    for value in values:
        if not isinstance(value, bytes):
            forms.setdefault(str(value))
            continue
        forms.setdefault(value.decode("latin-1"))
        if not value.isascii():
            for encoding, errors in _TOLERANT if len(value) <= _MAX_TEXT else _TOLERANT[:1]:
                forms.setdefault(value.decode(encoding, errors))
    return "\0".join(forms).lower()
