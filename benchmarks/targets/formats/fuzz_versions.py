"""Ranges of versions: comparisons joined by blanks, alternatives by `||`, carets, prereleases."""

import re


class PlantedError(Exception):
    """A range allows only prereleases of a version."""


class MalformedError(Exception):
    """The text is no range."""


VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-([a-z]+)\.(\d+))?\Z")

Version = tuple[int, int, int, tuple[str, int] | None]


def version(text: str) -> Version:
    """One of them."""
    match = VERSION.match(text)
    if match is None:
        raise MalformedError("version")
    major, minor, patch, label, number = match.groups()
    if label is None:
        return int(major), int(minor), int(patch), None
    if label not in ("alpha", "beta", "rc"):
        raise MalformedError("label")
    return int(major), int(minor), int(patch), (label, int(number))


def alternative(text: str) -> None:
    """One alternative of a range."""
    low: Version | None = None
    high: Version | None = None
    for word in text.split():
        if word.startswith(">="):
            low = version(word[2:])
        elif word.startswith("<"):
            high = version(word[1:])
        elif word.startswith("^"):
            low = version(word[1:])
            high = (low[0] + 1, 0, 0, None)
        else:
            version(word)
    if low is None or high is None or high[3] is not None:
        return
    if low[:3] == high[:3] and low[3] is not None and low[3][0] == "rc":
        raise PlantedError


def fuzz_versions(data: bytes) -> None:
    try:
        for part in data.decode().split("||"):
            if not part.strip():
                raise MalformedError("empty")
            alternative(part)
    except (MalformedError, UnicodeDecodeError):
        return
