"""Which laws a function keeps, as its name tells: that doing it twice changes nothing more, that operands may change
places, that another function does the same.
"""

import re
from collections.abc import Container
from typing import Final, NamedTuple

_TWICE: Final = frozenset(
    [
        *("normalize", "normalise", "canonicalize", "canonicalise", "canonical", "standardize", "standardise"),
        *("strip", "lstrip", "rstrip", "trim", "dedent", "clean", "cleanup", "sanitize", "sanitise", "simplify"),
        *("minify", "prettify", "beautify", "tidy", "collapse", "squeeze", "slugify", "slug", "casefold", "lower"),
        *("upper", "lowercase", "uppercase", "sort", "sorted", "dedupe", "deduplicate", "unique", "uniq"),
    ]
)
"""Words of functions whose result they leave as it is."""

_BOTH: Final = frozenset(
    [
        *("add", "plus", "multiply", "mul", "times", "gcd", "lcm", "xor", "min", "minimum", "max", "maximum"),
        *("union", "intersection", "intersect", "meet", "join"),
    ]
)
"""Words of operations whose operands may change places, and which may be done in any order."""

_ORDERED: Final = frozenset({"concat", "concatenate", "compose", "chain", "append"})
"""Words of operations that may be done in any order, with operands that keep their places."""

_TWINS: Final = (
    *("fast", "slow", "quick", "naive", "simple", "reference", "ref", "pure", "python", "py", "native", "c", "rust"),
    *("optimized", "optimised", "old", "new", "legacy", "original", "recursive", "iterative", "vectorized", "cached"),
    *("v1", "v2", "v3", "2"),
)
"""Words that tell one of two functions that do the same."""


class Operation(NamedTuple):
    """What holds of a function of two values that are of the type of its result."""

    commutes: bool
    associates: bool


def is_idempotent(name: str) -> bool:
    """Whether a function leaves what it has made as it is."""
    return not _TWICE.isdisjoint(_words(name))


def operation(name: str) -> Operation | None:
    """What holds of an operation of two values; None if the name tells nothing."""
    words = _words(name)
    if not _BOTH.isdisjoint(words):
        return Operation(commutes="join" not in words, associates=True)
    return None if _ORDERED.isdisjoint(words) else Operation(commutes=False, associates=True)


def twin(name: str, known: Container[str]) -> str | None:
    """The function that does the same as this one, of which the name has a word more; None if there is none."""
    bare = name.strip("_")
    for word in _TWINS:
        for candidate in (f"{bare}_{word}", f"{word}_{bare}", f"_{bare}_{word}", f"_{word}_{bare}"):
            if candidate in known and candidate != name:
                return candidate
    return None


def _words(name: str) -> set[str]:
    """`NormalizeText`, `normalize_text` -> `normalize`, `text`."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)}
