"""Inputs with other parts that comparisons suggest: one filled that was empty, one of another size, one more."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import in_turns
from fuzztui.worker.mutate.balance import REMAINDER
from fuzztui.worker.mutate.encodings import BYTE_ORDERS
from fuzztui.worker.mutate.operands import ORDERINGS, Comparison, scalars_of
from fuzztui.worker.structure.anatomy import Anatomy
from fuzztui.worker.structure.editing import group_at, part_at, paths, resized, with_part, with_parts
from fuzztui.worker.structure.parts import Group, written
from fuzztui.worker.structure.sums import HEX_DIGITS, HEX_WIDTHS
from fuzztui.worker.structure.vocabulary import Vocabulary

__builtins__ = PRIVATE_BUILTINS

_MAX_PATHS: Final = 24
_MAX_SIZE: Final = 256
_MAX_WANTED: Final = 12
_DIGEST: Final = 64
_MAX_BODIES: Final = 4
_MAX_NUMBERS: Final = 5
_BODIES: Final = (b"", b"\1")


def values_of(comparisons: Sequence[Comparison]) -> frozenset[int]:
    """Numbers that were compared with themselves, which may be sums over the input."""
    found: set[int] = set()
    for operator, left, right in comparisons:
        if operator == "same" and left == right:
            if isinstance(left, int):
                found.add(left)
            elif isinstance(left, bytes) and len(left) <= _DIGEST:
                found.update(int.from_bytes(left, order) for order in BYTE_ORDERS)
            if isinstance(left, str | bytes) and len(left) in HEX_WIDTHS and _is_hex(left):
                found.add(int(left, 16))
    return frozenset(found)


def _is_hex(text: str | bytes) -> bool:
    plain = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return not plain.strip(HEX_DIGITS)


def totals_of(comparisons: Sequence[Comparison]) -> frozenset[int]:
    """What sums over the input have come out as, where they had to."""
    return frozenset(
        right for operator, left, right in comparisons if operator == REMAINDER and left == right and type(right) is int
    )


def places_of(data: bytes, comparisons: Sequence[Comparison]) -> frozenset[int]:
    """Where texts stand in the data that were found to be what they should be."""
    found: set[int] = set()
    for _, left, right in comparisons:
        if left == right and type(left) is bytes and len(left) > 1:
            at = data.find(left)
            found.update(range(at, at + len(left)) if at >= 0 else ())
    return frozenset(found)


def suggested(
    anatomies: Sequence[Anatomy], comparisons: Sequence[Comparison], vocabulary: Vocabulary
) -> Iterator[bytes]:
    """Inputs, each once."""
    wanted, sizes = _wanted(comparisons), _sizes(comparisons)
    wants = [value for operator, left, _ in comparisons if operator == "wants" for value in _packed(left)]
    bodies = [*_numbers(comparisons), *[*_BODIES, *wants][:_MAX_BODIES]]
    seen: set[bytes] = set()
    for data in in_turns(
        [
            way
            for anatomy in anatomies
            for way in (
                _together(anatomy, _filled(anatomy.group, wanted)),
                _together(anatomy, _of_sizes(anatomy.group, sizes)),
                _together(anatomy, _with_more(anatomy.group, vocabulary, bodies)),
            )
        ]
    ):
        if data not in seen:
            seen.add(data)
            yield data


def _together(anatomy: Anatomy, groups: Iterator[Group]) -> Iterator[bytes]:
    return (anatomy.together(group) for group in groups)


def _last_first(group: Group) -> list[tuple[int, ...]]:
    return list(paths(group))[::-1][:_MAX_PATHS]


def _filled(group: Group, wanted: Sequence[bytes]) -> Iterator[Group]:
    """Empty parts with what nothing was compared with."""
    for path in _last_first(group):
        part = part_at(group, path)
        if not written(part.body):
            for text in wanted:
                yield with_part(group, path, part._replace(body=Group(text)))


def _of_sizes(group: Group, sizes: Sequence[tuple[int, int]]) -> Iterator[Group]:
    """Parts of another size, where theirs was compared with that."""
    for path in _last_first(group):
        part = part_at(group, path)
        data = written(part.body)
        for old, new in sizes:
            for pad in _pads(part.layout.pad, old, new) if len(data) == old else ():
                made = part._replace(layout=part.layout._replace(pad=pad), body=Group(resized(data, new)))
                yield with_part(group, path, made)


def _pads(pad: int, old: int, new: int) -> list[int]:
    """The padding of parts, and what it may be, where nothing had to be padded yet."""
    return [pad, *[each for each in _PADS if pad == 1 and not old % each and new % each]]


_PADS: Final = (2, 4)


def _with_more(group: Group, vocabulary: Vocabulary, bodies: Sequence[bytes]) -> Iterator[Group]:
    """With one part more of each known kind, at the end of each sequence or before its last part, to which it may tell
    something, and in each part that is empty.
    """
    ends = {path[:-1]: None for path in _last_first(group)}
    empty = [path for path in _last_first(group) if not written(part_at(group, path).body)]
    for above in (*ends, *empty):
        siblings = group_at(group, above).parts
        like = siblings[-1] if siblings else part_at(group, above)
        for before, between in vocabulary.kinds(like.layout)[::-1]:
            for body in bodies:
                new = like._replace(before=before, between=between, body=Group(body))
                yield with_parts(group, above, (*siblings, new))
                if siblings:
                    yield with_parts(group, above, (*siblings[:-1], new, siblings[-1]))


def _numbers(comparisons: Sequence[Comparison]) -> list[bytes]:
    """What numbers were compared with last, as bodies of parts."""
    found: dict[bytes, None] = {}
    for operator, left, right in reversed(comparisons):
        if operator in ("==", "!=") and type(left) is type(right) is int and left != right and 0 <= right < 1 << 16:
            for width in (2, 1, 4) if right < _MAX_SIZE else (2, 4):
                for order in BYTE_ORDERS[: 1 + (width > 1)]:
                    found.setdefault(right.to_bytes(width, order))
            if len(found) >= _MAX_NUMBERS:
                break
    return list(found)


def _packed(value: object) -> list[bytes]:
    if isinstance(value, int):
        return [bytes((value,))] if 0 <= value < 256 else []
    text = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return [text] if isinstance(text, bytes) and text else []


def _wanted(comparisons: Sequence[Comparison]) -> list[bytes]:
    """What an empty text was compared with, the last first."""
    found: dict[bytes, None] = {}
    for operator, left, right in reversed(comparisons):
        if operator in ("==", "!=", "of", "in", "not in", "startswith", "endswith"):
            for one, other in ((left, right), (right, left)):
                if one in ("", b""):
                    for each in scalars_of(other):
                        text: Any = each.encode("utf-8", "surrogatepass") if isinstance(each, str) else each
                        if isinstance(text, bytes) and text:
                            found.setdefault(text)
    return list(found)[:_MAX_WANTED]


def _sizes(comparisons: Sequence[Comparison]) -> list[tuple[int, int]]:
    """(a number, what it was compared with), for numbers that may be sizes, the last first."""
    found: dict[tuple[int, int], None] = {}
    for operator, left, right in reversed(comparisons):
        if operator not in ("==", "!=", "of", "in", "not in", *ORDERINGS):
            continue
        for one, others in ((left, right), (right, left)):
            if type(one) is int:
                for other in scalars_of(others):
                    if type(other) is int:
                        for new in (other, other + 1, other - 1) if operator in ORDERINGS else (other,):
                            if 0 <= one <= _MAX_SIZE and 0 <= new <= _MAX_SIZE and new != one:
                                found.setdefault((one, new))
    return list(found)[:_MAX_WANTED]
