"""Which function undoes what another one does, as their names tell."""

from collections.abc import Container
from typing import Final

_PAIRS: Final = (
    ("encode", "decode"),
    ("dumps", "loads"),
    ("serialize", "deserialize"),
    ("serialise", "deserialise"),
    ("compress", "decompress"),
    ("encrypt", "decrypt"),
    ("marshal", "unmarshal"),
    ("escape", "unescape"),
    ("quote", "unquote"),
    ("pack", "unpack"),
    ("unparse", "parse"),
    ("format", "parse"),
    ("stringify", "parse"),
    ("render", "parse"),
    ("build", "parse"),
    ("dump", "load"),
    ("to", "from"),
)
"""What writes, what reads."""


def partner(name: str, known: Container[str]) -> tuple[str, str] | None:
    """The function that writes and the one that reads, of which one has this name; None if it has no partner."""
    for writes, reads in _PAIRS:
        for word, other in sorted(((writes, reads), (reads, writes)), key=lambda pair: -len(pair[0])):
            # Short words are words of their own only: `to` is no part of `stop`.
            candidate = _replaced(name, word, other)
            if candidate and candidate != name and candidate in known:
                return (name, candidate) if word == writes else (candidate, name)
    return None


def _replaced(name: str, word: str, other: str) -> str:
    words = name.split("_")
    if word in words:
        return "_".join(other if each == word else each for each in words)
    return name.replace(word, other) if len(word) > 3 and word in name else ""
