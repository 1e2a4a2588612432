"""Pieces of a text, such as lines, once more with another key: where a program knows one and lacks another beside it,
what has the one says how the other is to be spelled.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.edited import edited_texts
from fuzztui.worker.grammar.words import as_word
from fuzztui.worker.mutate.operands import MEMBERSHIPS, Comparison, elements_of
from fuzztui.worker.mutate.scalars import scalar_of
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_COPIED: Final = 60
"""Inputs that the lacking keys of one entry lead to."""

_MAX_PAIRS: Final = 12
_MAX_LACKING: Final = 8
_MAX_PLACES: Final = 4
_MAX_SIGNS: Final = 3
_MAX_SIGN: Final = 2
_MAX_TEXT: Final = 2048

_EQUALITIES: Final = ("==", "!=")


def copied_pieces(arguments: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """At most `MAX_COPIED` inputs of total size up to `max_len` with a piece more, behind one that has a key which the
    program has found: the same with one in its place that was lacking among the keys that were there.
    """
    pairs = lacking_beside(comparisons)
    if pairs:
        yield from edited_texts(
            arguments,
            max_len,
            MAX_COPIED,
            _MAX_TEXT,
            lambda text: _copied(text, pairs, _splitting(comparisons, text), _alone(comparisons)),
        )


def lacking_beside(comparisons: Sequence[Comparison]) -> list[tuple[str, tuple[str, ...]]]:
    """(a key that was there, those that were to be there and were not), as texts, the last ones first: of a lookup, or
    of two lists that were compared.
    """
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for operator, left, right in reversed(comparisons):
        if operator in MEMBERSHIPS and type(right) is tuple and left not in right:
            lists: list[tuple[object, tuple[object, ...]]] = [(right, (left,))]
        elif operator in _EQUALITIES and type(left) is tuple and type(right) is tuple:
            lists = [(left, right), (right, left)]
        else:
            continue
        for there, wanted in lists:
            known = [_text(each) for each in elements_of(there)]
            lacking = [each for each in map(_text, wanted[:_MAX_LACKING]) if each and each not in known]
            found.update(dict.fromkeys([(one, tuple(lacking)) for one in known if one and lacking]))
        if len(found) >= _MAX_PAIRS:
            break
    return list(found)[:_MAX_PAIRS]


def _copied(
    text: str,
    pairs: Sequence[tuple[str, tuple[str, ...]]],
    signs: Sequence[str],
    alone: Sequence[tuple[str, str]] = (),
) -> Iterator[str]:
    """`alone`: (sign, piece) of those that were to be split and are one."""
    for there, lacking in pairs:
        word = as_word(there)
        for sign, piece in alone:
            # The only member of a list has no sign beside it.
            if piece.strip() == there:
                for at in [found.end() for found in word.finditer(text)][:_MAX_PLACES]:
                    for each in lacking:
                        yield text[:at] + sign + each + text[at:]
        for found in list(word.finditer(text))[: -_MAX_PLACES - 1 : -1]:
            for sign in signs:
                start = text.rfind(sign, 0, found.start()) + len(sign) if sign in text[: found.start()] else 0
                end = text.find(sign, found.end())
                end = len(text) if end < 0 else end
                copies = [sign + text[start : found.start()] + each + text[found.end() : end] for each in lacking]
                for new in dict.fromkeys(("".join(copies), *copies)):
                    yield text[:end] + new + text[end:]


def _splitting(comparisons: Sequence[Comparison], text: str) -> list[str]:
    """Signs that texts were split at which are parts of this one, those of the longest first."""
    found: dict[str, int] = {}
    for operator, left, right in comparisons:
        sign, whole = _text(left), _text(right) if operator == "in" and type(right) is type(left) else ""
        if 0 < len(sign) <= _MAX_SIGN and not any(map(str.isalnum, sign)) and sign in whole and whole in text:
            found[sign] = max(len(whole), found.get(sign, 0))
    return sorted(found, key=lambda sign: -found[sign])[:_MAX_SIGNS]


def _alone(comparisons: Sequence[Comparison]) -> list[tuple[str, str]]:
    """Signs that were looked for in vain, and in what, the last ones first."""
    found: dict[tuple[str, str], None] = {}
    for operator, left, right in reversed(comparisons):
        sign, whole = _text(left), _text(right) if operator == "in" and type(right) is type(left) else ""
        if 0 < len(sign) <= _MAX_SIGN and not any(map(str.isalnum, sign)) and whole and sign not in whole:
            found.setdefault((sign, whole))
    return list(found)[:_MAX_PAIRS]


def _text(operand: object) -> str:
    """A key as it is spelled; empty if it is none."""
    scalar = scalar_of(operand)
    if isinstance(scalar, bytes):
        scalar = scalar.decode("latin-1")
    text = str(scalar) if type(scalar) is int else scalar
    return text if isinstance(text, str) and len(text) <= _MAX_TEXT else ""
