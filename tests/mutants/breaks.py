"""What it means to break the code on purpose."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Break:
    """One fault put into one file, and the tests of which at least one must notice."""

    name: str
    file: str
    """Path from the repository's root."""
    before: str
    """What stands there, exactly once."""
    after: str
    tests: tuple[str, ...]
    """Paths of test files from the repository's root."""
