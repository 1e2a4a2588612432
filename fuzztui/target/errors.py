"""Errors that a user's harness or a stored file can cause; each message is one sentence for people.

HarnessError            the harness is written wrongly
└── UserCodeFailed      code of the user's raised outside of an execution; carries the traceback
    ├── LoadFailed      while the target's file was imported or its set-up ran
    └── CleanupFailed   in a function given to `F.cleanup`
MalformedInput          a stored input is not one of this target's
TargetNotFound          no target has that name
"""


class HarnessError(Exception):
    """The harness is wrong; the message names file and line where there is one. Never a crasher."""


class UserCodeFailed(HarnessError):  # noqa: N818 - reads as what happened
    """Code of the user's raised outside of an execution."""

    def __init__(self, message: str, traceback: str) -> None:
        super().__init__(message)
        self.traceback = traceback
        """As Python prints it, but only the user's frames; not yet made printable."""


class LoadFailed(UserCodeFailed):
    """Importing the target's file or running its set-up raised."""


class CleanupFailed(UserCodeFailed):
    """A function given to `F.cleanup` raised."""


class MalformedInput(Exception):  # noqa: N818 - reads as what happened
    """A stored input cannot be read as arguments of its target; the message is the reason, without the path."""


class TargetNotFound(Exception):  # noqa: N818 - reads as what happened
    """No target goes by that name; the message says which ones there are."""
