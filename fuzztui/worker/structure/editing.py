"""Changes of inputs by their parts. Hot code: what runs for each mutation of an entry.

Named tuples are made anew here, since `_replace` takes several times as long.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.structure.parts import MAX_DEPTH, Group, Part, spelled, written

__builtins__ = PRIVATE_BUILTINS

MAX_RUNS: Final = 8
"""Places in which data of the same size may differ."""

Path: TypeAlias = tuple[int, ...]
"""Of a part: its index in the outermost group, then in the group that it leads to, and so on."""


def paths(group: Group, above: Path = ()) -> Iterator[Path]:
    """Those of all parts, outer ones before what is in them."""
    for index, part in enumerate(group.parts):
        path = (*above, index)
        yield path
        if part.body.parts and len(path) < MAX_DEPTH:
            yield from paths(part.body, path)


def part_at(group: Group, path: Path) -> Part:
    """The part with a path."""
    part = group.parts[path[0]]
    for index in path[1:]:
        part = part.body.parts[index]
    return part


def group_at(group: Group, path: Path) -> Group:
    """The group that a path leads to: the whole for an empty one, or what is in that part."""
    return part_at(group, path).body if path else group


def with_part(group: Group, path: Path, part: Part) -> Group:
    """The group with another part in the place of one."""
    head, parts, tail = group
    first = path[0]
    if len(path) > 1:
        layout, before, between, body = parts[first]
        part = Part(layout, before, between, with_part(body, path[1:], part))
    return Group(head, (*parts[:first], part, *parts[first + 1 :]), tail)


def with_parts(group: Group, path: Path, parts: tuple[Part, ...]) -> Group:
    """The group with other parts in the group that a path leads to."""
    if not path:
        return Group(group.head, parts, group.tail)
    layout, before, between, body = part_at(group, path)
    return with_part(group, path, Part(layout, before, between, Group(body.head, parts, body.tail)))


def followed(group: Group, data: bytes, changed: bytes) -> Group | None:
    """The group of `data` changed as these were; None where a change lies in no part alone."""
    size = len(data)
    if len(changed) == size:
        return _in_place(group, data, changed)
    most = min(size, len(changed))
    start = next((at for at in range(most) if data[at] != changed[at]), most)
    rest = most - start
    kept = next((at for at in range(rest) if data[size - 1 - at] != changed[-1 - at]), rest)
    return spliced(group, 0, start, size - kept, changed[start : len(changed) - kept])


def _in_place(group: Group, data: bytes, changed: bytes) -> Group | None:
    made: Group | None = group
    runs = at = 0
    size = len(data)
    while at < size and runs <= MAX_RUNS:
        if data[at] == changed[at]:
            at += 1
            continue
        start = at
        while at < size and data[at] != changed[at]:
            at += 1
        runs += 1
        made = spliced(group, 0, start, at, changed[start:at])
        if made is None:
            return None
        group = made
    return group if runs <= MAX_RUNS else None


def spliced(group: Group, at: int, start: int, stop: int, new: bytes) -> Group | None:
    """The group, which begins at `at`, with a range replaced that lies in one of its bytes; None if it does not, or
    where a length or a sum lies.
    """
    head, parts, tail = group
    end = at + len(head)
    if stop <= end and (start < end or not parts):
        return Group(head[: start - at] + new + head[stop - at :], parts, tail)
    for index, part in enumerate(parts):
        layout, before, between, body = part
        counted = written(body)
        first = end + len(before)
        last = first + len(spelled(len(counted) + layout.counted, layout))
        begin = last + len(between)
        close = begin + len(counted)
        check = layout.check
        behind = check.width if check is not None and check.behind else 0
        is_between = start == stop == first and not layout.before
        if start >= end and stop <= first and (start < first or is_between):
            if len(new) != stop - start and layout.before:  # what stands before may be of any size where none is told
                return None
            made = Part(layout, before[: start - end] + new + before[stop - end :], between, body)
        elif last <= start < begin and stop <= begin:
            if len(new) != stop - start:
                return None
            made = Part(layout, before, between[: start - last] + new + between[stop - last :], body)
        elif begin <= start and stop <= close:
            inner = spliced(body, begin, start, stop, new)
            if inner is None:
                return None
            made = Part(layout, before, between, inner)
        else:
            end = close + -len(counted) % layout.pad + behind
            continue
        return Group(head, (*parts[:index], made, *parts[index + 1 :]), tail)
    if start >= end and stop <= end + len(tail):
        return Group(head, parts, tail[: start - end] + new + tail[stop - end :])
    return None


def resized(data: bytes, size: int) -> bytes:
    """Data of another size: cut, or with the last byte repeated."""
    return data[:size] if size <= len(data) else data + (data[-1:] or b"\1") * (size - len(data))
