"""Errors that a user's harness or a stored file can cause; each message is one sentence for people.

HarnessError            the harness is written wrongly
├── Skipped             the harness declines: its target is not to be run here
├── Uncallable          the target is declared or named so that nobody can call it
└── UserCodeFailed      code of the user's raised outside of an execution; carries the traceback
    ├── LoadFailed      while the target's file was imported or its set-up ran
    │   └── ModuleMissing   since there is no module of a name
    └── CleanupFailed   in a function given to `F.cleanup`
MalformedInput          a stored input is not one of this target's
TargetNotFound          no target has that name
"""

from typing import ClassVar


class HarnessError(Exception):
    """The harness is wrong; the message names file and line where there is one. Never a crasher."""

    is_usage: ClassVar[bool] = False
    """Whether it is a mistake of usage: what is typed, written or installed has to change, and nothing has failed."""


class Skipped(HarnessError):  # noqa: N818 - reads as what happened
    """The set-up or the file declines to be run here; the message is the reason, with the place."""


class Uncallable(HarnessError):  # noqa: N818 - reads as what it is
    """The target cannot be called: it is not what was named, its parameters are none that values can be made for, or
    what it declares contradicts itself.
    """

    is_usage = True


class UserCodeFailed(HarnessError):  # noqa: N818 - reads as what happened
    """Code of the user's raised outside of an execution."""

    def __init__(self, message: str, traceback: str, place: str = "", error: str = "") -> None:
        super().__init__(message)
        self.traceback = traceback
        """As Python prints it, but only the user's frames; not yet made printable."""
        self.place = place
        """`file:line` of what raised, or cannot be compiled; empty if that is not known."""
        self.error = error
        """What was raised, in one line: type and message."""


class LoadFailed(UserCodeFailed):
    """Importing the target's file or running its set-up raised."""


class ModuleMissing(LoadFailed):
    """A module is not installed, or not where the target imports from."""

    is_usage = True


class CleanupFailed(UserCodeFailed):
    """A function given to `F.cleanup` raised."""


class MalformedInput(Exception):  # noqa: N818 - reads as what happened
    """A stored input cannot be read as arguments of its target; the message is the reason, without the path."""


class TargetNotFound(Exception):  # noqa: N818 - reads as what happened
    """No target goes by that name; the message says why, and `suggestions` are targets, as they are typed, that may
    have been meant.
    """

    def __init__(self, message: str, suggestions: tuple[str, ...] = (), lead: str = "did you mean") -> None:
        super().__init__(message)
        self.message = message
        self.suggestions = suggestions
        self.lead = lead
        """The words that lead from the message to the suggestions."""

    def __str__(self) -> str:
        """The message and the suggestions in one sentence."""
        if not self.suggestions:
            return self.message
        colon, end = (":", "") if self.lead == "choose one" else ("", "?" if self.lead == "did you mean" else "")
        return f"{self.message}, {self.lead}{colon} {', '.join(self.suggestions)}{end}"
