"""A difference of two files: names, hunks with the lines they begin at and how many they have, lines with a sign."""

import re


class PlantedError(Exception):
    """A hunk removes lines and begins before the end of the hunk before."""


class MalformedError(Exception):
    """The text is no difference."""


HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class Hunk:
    """Lines that change."""

    def __init__(self, line: str) -> None:
        """Its header."""
        match = HUNK.match(line)
        if not match:
            raise MalformedError("hunk")
        start, count, new_start, new_count = match.groups()
        self.start, self.new_start = int(start), int(new_start)
        self.count = 1 if count is None else int(count)
        self.new_count = 1 if new_count is None else int(new_count)
        self.removed: list[str] = []
        self.added: list[str] = []
        self.seen = self.new_seen = 0

    @property
    def is_complete(self) -> bool:
        """Whether all its lines have been read."""
        return self.seen >= self.count and self.new_seen >= self.new_count

    def add(self, line: str) -> None:
        """One line."""
        sign = line[:1]
        if sign == " ":
            self.seen += 1
            self.new_seen += 1
        elif sign == "-":
            self.seen += 1
            self.removed.append(line[1:])
        elif sign == "+":
            self.new_seen += 1
            self.added.append(line[1:])
        else:
            raise MalformedError("sign")
        if self.seen > self.count or self.new_seen > self.new_count:
            raise MalformedError("count")


def read(text: str) -> list[Hunk]:
    """All hunks of one file."""
    lines = text.splitlines()
    if len(lines) < 3 or not lines[0].startswith("--- ") or not lines[1].startswith("+++ "):
        raise MalformedError("names")
    hunks: list[Hunk] = []
    for line in lines[2:]:
        if not hunks or hunks[-1].is_complete:
            hunk = Hunk(line)
            if hunks and hunks[-1].start <= hunk.start < hunks[-1].start + hunks[-1].count:
                if hunks[-1].removed:
                    raise PlantedError
                raise MalformedError("order")
            hunks.append(hunk)
        else:
            hunks[-1].add(line)
    if not hunks[-1].is_complete:
        raise MalformedError("end")
    return hunks


def fuzz_patch(data: bytes) -> None:
    try:
        read(data.decode())
    except (MalformedError, ValueError):
        return
