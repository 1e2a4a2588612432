"""What a failure looked like from inside. Plain values."""

from dataclasses import dataclass
from typing import Any

from fuzztui.engine.show.text import Visible, say


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a function, in words: objects of the target's are told by their class."""

    name: Visible
    value: Visible


@dataclass(frozen=True, slots=True)
class Scene:
    """One function of the project's that an exception came through, as it was then."""

    file: Visible
    line: int
    function: Visible
    first: int
    """Number of the first line of `source`."""
    source: tuple[Visible, ...]
    """Lines around the failing one; none where the file is not what the worker has loaded."""
    variables: tuple[Variable, ...]

    @property
    def location(self) -> Visible:
        """`file:line`."""
        return say("{}:{}", self.file, self.line)

    def fields(self) -> dict[str, Any]:
        """The form in records."""
        return {
            "file": self.file,
            "line": self.line,
            "function": self.function,
            "first": self.first,
            "source": list(self.source),
            "variables": {variable.name: variable.value for variable in self.variables},
        }
