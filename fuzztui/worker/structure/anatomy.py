"""Finds out which parts an input has: whatever layout divides it up to its end, with sums that are known to be right.

Many a layout fits by chance; those that have fitted more inputs come first, and several are tried.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS, ByteOrder
from fuzztui.worker.structure.offsets import Offset, shifted
from fuzztui.worker.structure.parts import (
    MAX_DEPTH,
    Check,
    Group,
    Layout,
    Marks,
    Part,
    checks_of,
    marks_of,
    parsed,
    written,
)
from fuzztui.worker.structure.sums import Sum, sums_of, totals_of

__builtins__ = PRIVATE_BUILTINS

MOST_VARIANTS: Final = 4
"""Ways in which one input is taken apart."""

MAX_SIZE: Final = 1024
"""Bytes of an input that is taken apart."""

_MAX_KNOWN: Final = 256
_MOST_LIKELY: Final = 8
"""Layouts that are compared by what is found in their parts."""

_MOST_CHECKED: Final = 6
"""Layouts of parts with sums that are tried as they are."""

_TELLING: Final = 3
"""Bytes in one part that tell as much as more would."""

_TINY: Final = 4
"""Bytes of an input that may be nothing but an empty part: the first one that a program takes."""

_MAX_NESTED: Final = 12
"""Parts of one input of which it is looked at whether they have parts, too."""

_CONVINCING: Final = 3
"""Different parts, or inputs, with a sum of one byte that is hardly there by chance in all of them."""

_CHECKED: Final = 2
"""Parts without a sum that weigh as much as a byte of one."""

_WIDTHS: Final[tuple[tuple[int, ByteOrder], ...]] = (
    (1, "big"),
    (2, "big"),
    (2, "little"),
    (4, "big"),
    (4, "little"),
)

_STARTS: Final = (*range(9), 10, 12, 16)
_INNER_STARTS: Final = (0, 1, 2, 4)
"""Bytes that may stand before the first part, of an input and of what is in a part."""

_LAYOUTS: Final = (
    Layout(-1, -1, "big", 0, 0),
    *(Layout(before, 0, "little", 0, 0) for before in (1, 0)),
    *(Layout(4, 4, order, 4, 4) for order in BYTE_ORDERS),
    *(
        Layout(before, width, order, between, counted)
        for between in (0, 1, 2, 4)
        for before in (1, 0, 2, 4)
        for width, order in _WIDTHS
        for counted in ((0, before + width + between) if between in (0, 2) else (0,))
    ),
)


class Anatomy(NamedTuple):
    """One way in which an input is made of parts."""

    group: Group
    sums: tuple[Sum, ...]
    """Of the whole input, the innermost first."""
    offsets: tuple[Offset, ...] = ()
    """Those that are likely."""

    @property
    def is_checked(self) -> bool:
        """Whether its parts have sums of their own."""
        return any(part.layout.check is not None for part in self.group.parts)

    @property
    def is_sure(self) -> bool:
        """Whether it has sums that are hardly there by chance. Of the hundreds of sums of one byte that are tried some
        is mostly right.
        """
        return any(each.is_sure for each in self.sums) or (self.is_checked and _is_convincing(self.group.parts))

    def together(self, group: Group) -> bytes:
        """The input with other parts, its offsets and sums put right."""
        data = written(group)
        if self.offsets:
            data = shifted(written(self.group), data, self.offsets)
        for each in self.sums:
            data = each.written(data)
        return data


class Layouts:
    """Which layouts inputs have had."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Layout, int], int] = {}
        """By layout and where the first part begins, inputs."""
        self._stood: dict[Sum, set[bytes]] = {}
        """By sum over most of an input, what has stood there."""

    def anatomies(
        self, data: bytes, values: Collection[int], totals: Collection[int] = (), known: Collection[int] = ()
    ) -> list[Anatomy]:
        """The most likely ways in which data are made of parts. `values`: what was compared with itself; `totals`: what
        sums over all of them have come out as; `known`: places of bytes that were compared with something.
        """
        sums = tuple([self._weighed(data, each) for each in sums_of(data, values)])
        trailing = max([-each.at for each in sums if each.at < 0], default=0)
        likely = sorted(self._divided(data, trailing, values), key=lambda each: (each[0], -each[2]), reverse=True)
        found: list[tuple[int, Layout, int, Anatomy]] = []
        for weight, layout, start, parts, end in likely[:_MOST_LIKELY]:
            left = [_MAX_NESTED]
            group = Group(data[:start], tuple([_nested(part, 1, left) for part in parts]), data[end:])
            own = (
                sums if layout.check is None else tuple([each for each in sums if each.lies_outside(data, start, end)])
            )
            found.append((weight - len(parts) + _count(group) - start, layout, start, Anatomy(group, own)))
        found.sort(key=lambda each: each[0], reverse=True)
        del found[MOST_VARIANTS:]
        if len(self._counts) > _MAX_KNOWN:
            self._counts.clear()
        for _, layout, start, _ in found:
            self._counts[layout, start] = self._counts.get((layout, start), 0) + 1
        anatomies = [each[3] for each in found]
        if (sums or totals) and not (anatomies and anatomies[0].is_checked):
            anatomies.insert(0, Anatomy(Group(data), sums))  # a length may be there by chance, the sum is not
        whole = totals_of(data, totals, known) if totals else []
        if not whole:
            return anatomies if sums or any(each.group.parts for each in anatomies) else []
        several = max(len(whole), len(anatomies))
        each_of = [(anatomies[at % len(anatomies)], whole[at % len(whole)]) for at in range(several)]
        return [anatomy._replace(sums=(*anatomy.sums, total)) for anatomy, total in each_of]

    def _weighed(self, data: bytes, found: Sum) -> Sum:
        """A sum that is sure if it has been right in several inputs."""
        if len(self._stood) >= _MAX_KNOWN:
            self._stood.clear()
        stood = self._stood.setdefault(found, set())
        if len(stood) < _CONVINCING:
            stood.add(found.stands(data))
        return found._replace(is_sure=found.is_sure or len(stood) >= _CONVINCING)

    def _checked(self) -> list[tuple[Layout, int]]:
        """The most common layouts of parts with sums, and where the first part begins."""
        known = [each for each in self._counts if each[0].check is not None]
        return sorted(known, key=self._counts.__getitem__, reverse=True)[:_MOST_CHECKED]

    def _divided(
        self, data: bytes, trailing: int, values: Collection[int]
    ) -> Iterator[tuple[int, Layout, int, tuple[Part, ...], int]]:
        """(weight, layout, start, parts, end) of each layout that fits: up to the sum behind all, of so many bytes, or,
        if parts have sums of their own, however far.
        """
        size = len(data)
        stop = size - trailing
        counts, marks = self._counts, marks_of(data, values)
        # In a short part many a sum is right: the same one as in others, if it is.
        common = self._checked() if marks else []
        for layout, start in common:
            made = parsed(data, start, size, layout, whole=False)
            if made is not None and layout.check is not None:
                yield _CHECKED * layout.check.width * len(made[0]) + counts[layout, start], layout, start, *made
        for start in _STARTS:
            for layout in _LAYOUTS if start < size else ():
                made = parsed(data, start, stop, layout)
                if made is not None:
                    weight = sum([1 for part in made[0] if part.body.head])
                    if weight or size <= _TINY:
                        yield weight + counts.get((layout, start), 0), layout, start, *made
                for checked, check in _checked(data, start, size, layout, marks) if marks else ():
                    made = parsed(data, start, size, checked, whole=False) if (checked, start) not in common else None
                    if made is not None:
                        weight = _CHECKED * check.width * len(made[0]) if _is_convincing(made[0]) else 1
                        yield weight + counts.get((checked, start), 0), checked, start, *made


def _is_convincing(parts: Sequence[Part]) -> bool:
    """Whether the sums of such parts are hardly there by chance."""
    check = parts[0].layout.check
    is_wide = check is not None and check.width > 1
    return is_wide or len({written(part.body) for part in parts}) >= _CONVINCING


def _nested(part: Part, depth: int, left: list[int]) -> Part:
    """The part with what is in it taken apart, too, as long as so many are left to be looked at."""
    data = part.body.head
    if len(data) < 2 or depth >= MAX_DEPTH or not left[0] or not data.strip(b"\0"):
        return part
    left[0] -= 1
    best: tuple[int, int, tuple[Part, ...]] | None = None
    alike = part.layout._replace(check=None, pad=1)
    for start in _INNER_STARTS:
        for layout in (alike, *_LAYOUTS) if start < len(data) - 1 else ():
            made = parsed(data, start, len(data), layout)
            if made is not None:
                weight = sum([min(len(each.body.head), _TELLING) for each in made[0]]) - start
                weight += _TELLING * (layout == alike)
                if weight >= _TELLING and (best is None or weight > best[0]):
                    best = weight, start, made[0]
    if best is None:
        return part
    _, start, parts = best
    return part._replace(body=Group(data[:start], tuple([_nested(each, depth + 1, left) for each in parts])))


def _count(group: Group) -> int:
    """Parts, but for empty ones."""
    return sum([(_count(part.body) + 1 if part.body.parts else bool(part.body.head)) for part in group.parts])


def _checked(data: bytes, start: int, stop: int, layout: Layout, marks: Marks) -> Iterator[tuple[Layout, Check]]:
    for pad in _PADS:
        padded = layout if pad == 1 else layout._replace(pad=pad)
        for check in checks_of(data, start, stop, padded, marks):
            yield padded._replace(check=check), check


_PADS: Final = (1, 2, 4)
