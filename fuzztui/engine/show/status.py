"""What a person has decided about a crasher."""

from enum import Enum


class Status(Enum):
    """Values are the words that people type, read and find in files."""

    NEW = "new"
    """Nobody has decided anything."""
    TRIAGED = "triaged"
    """Somebody has looked at it."""
    IGNORED = "ignored"
    """It is known and not wanted: its hits are counted, and that is all."""
    FIXED = "fixed"
    """It is not to come back: if it does, that is a regression."""
