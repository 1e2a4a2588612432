"""What a break is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Break:
    """One fault that somebody might make."""

    name: str
    """What is wrong then, in a few words joined by hyphens."""
    file: str
    """Relative to the tree's root."""
    before: str
    """Text that stands in the file exactly once."""
    after: str
    tests: tuple[str, ...]
    """The nearest test files, relative to the tree's root: one of them must fail."""

    def applied(self, source: str) -> str | None:
        """The file's source with the fault; None if the place is not there, or not the only one."""
        return source.replace(self.before, self.after) if source.count(self.before) == 1 else None
