"""Schedules of five fields: numbers, names, ranges, steps and lists."""


class PlantedError(Exception):
    """A schedule names a day that none of its months has."""


class MalformedError(Exception):
    """The text is no schedule."""


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def number(text: str, names: tuple[str, ...], first: int) -> int:
    """Of a name or of digits."""
    if text in names:
        return names.index(text) + first
    if not text.isdigit():
        raise MalformedError("number")
    return int(text)


def field(text: str, low: int, high: int, names: tuple[str, ...] = ()) -> set[int]:
    """What is allowed."""
    allowed: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        if slash and (not step.isdigit() or int(step) == 0):
            raise MalformedError("step")
        if span == "*":
            first, last = low, high
        elif "-" in span:
            start, _, end = span.partition("-")
            first, last = number(start, names, low), number(end, names, low)
        else:
            first = last = number(span, names, low)
        if not low <= first <= last <= high:
            raise MalformedError("range")
        allowed.update(range(first, last + 1, int(step) if slash else 1))
    return allowed


def schedule(text: str) -> None:
    """Read one."""
    parts = text.lower().split()
    if len(parts) != 5:
        raise MalformedError("fields")
    field(parts[0], 0, 59)
    field(parts[1], 0, 23)
    days = field(parts[2], 1, 31)
    months = field(parts[3], 1, 12, MONTHS)
    field(parts[4], 0, 6, DAYS)
    if all(LENGTHS[month - 1] < min(days) for month in months):
        raise PlantedError


def fuzz_schedule(data: bytes) -> None:
    try:
        schedule(data.decode("ascii"))
    except (MalformedError, UnicodeDecodeError):
        return
