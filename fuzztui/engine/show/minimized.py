"""What came of making a failing input smaller."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzztui.engine.show.branches import Branch
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.needed import Needed
from fuzztui.engine.show.scene import Scene
from fuzztui.engine.show.text import NOTHING, Visible, label, say


@dataclass(frozen=True, slots=True)
class Minimized:
    """One failing input, and the smallest and plainest one that fails in the same way."""

    name: Visible
    """The input's path."""
    failure: Failure | None
    """How it fails; None if it does not."""
    sha256: str
    """Of the smallest input's file form."""
    before: int
    """Bytes of the input's file form."""
    after: int
    """Bytes of the smallest one's; as many where nothing smaller was found."""
    sizes: Visible
    """Both, as people see them: `2.7 kB -> 9 B`."""
    values: Visible
    """The smallest arguments as Python would write them, truncated; empty if the input does not fail."""
    executions: int
    is_smallest: bool
    """Whether the search came to its end; otherwise another run goes on from here."""
    is_steady: bool
    """Whether the input went on failing; of one that fails now and then the search can tell nothing."""
    path: Path | None
    """Where the smallest input lies, if it is another one; None if it could not be stored, too."""
    command: Visible
    """Runs the smallest input again; empty without a path."""
    data: bytes | None = None
    """The smallest input, if it could be stored nowhere."""
    is_running: bool = False
    """Whether the search goes on: what is said here is how far it has come."""
    scenes: tuple[Scene, ...] = ()
    """What the failure of the smallest input looks like from inside, where an exception tells."""
    branches: tuple[Branch, ...] = ()
    """Those that the smallest input takes and its nearest neighbour that passes does not, as far as was looked."""
    neighbour: Visible = NOTHING
    """The arguments of that neighbour as Python would write them, truncated; empty where none was met."""
    needed: Needed | None = None
    """Which parts of the smallest input are needed, and which can be anything; None as long as that is not known."""

    @property
    def bucket(self) -> Visible:
        """The identity of what it fails by; empty if it does not."""
        return self.failure.id if self.failure is not None else NOTHING

    @property
    def is_smaller(self) -> bool:
        """Whether another input has been found than there was."""
        return self.path is not None or self.data is not None

    @property
    def sentence(self) -> Visible:
        """What has come of it, a clause."""
        if self.is_running and not self.executions:
            return say("minimizing: {}, waits for a process of its own", self.sizes)
        if self.is_running:
            return say("minimizing: {} after {:,} executions", self.sizes, self.executions)
        if self.failure is None:
            return say("not minimized: it did not fail again so")
        if not self.is_steady:
            return say("not minimized: it fails only now and then")
        if not self.is_smaller:
            return say("nothing smaller was found in {:,} executions", self.executions)
        unfinished = label("" if self.is_smallest else ", and may get smaller")
        return say("minimized: {} in {:,} executions{}", self.sizes, self.executions, unfinished)

    def fields(self) -> dict[str, Any]:
        """The form in records and, with more beside it, in JSON Lines."""
        return {
            "sha256": self.sha256,
            "bytes": self.after,
            "before": self.before,
            "after": self.after,
            "values": self.values,
            "execs": self.executions,
            "smallest": self.is_smallest,
            "needed": self.needed.fields() if self.needed is not None else None,
            "neighbour": self.neighbour,
            "branches": [branch.fields() for branch in self.branches],
            "scenes": [scene.fields() for scene in self.scenes],
            "path": str(self.path) if self.path is not None else None,
        }
