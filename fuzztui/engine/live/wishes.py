"""What a person can wish of a run that goes on, besides the commands of `SessionLike`: plain values.

`Session.steer` takes one. What has come of it is told by the event `Steered`, whether it was done or refused.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class GiveInput:
    """Store an input beside the target, have it run, and fuzz it from then on."""

    given: bytes | Path
    """The input itself, see `fuzztui.engine.keep.given.file_form`, or the absolute path of a file that holds it."""


@dataclass(frozen=True, slots=True)
class RemoveEntry:
    """Remove an entry of the corpus, and its file."""

    number: int


@dataclass(frozen=True, slots=True)
class PutEntryBack:
    """Take back the entry that was removed last, and write its file again."""


@dataclass(frozen=True, slots=True)
class AddToken:
    """Have a token tried in inputs by every worker, as one of a dictionary."""

    token: bytes


@dataclass(frozen=True, slots=True)
class Favour:
    """Have inputs that reach a line come far more often than others, or no longer; at most one line is favoured."""

    file: str
    """Its key, see `fuzztui.engine.show.coverage`; empty to favour none."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class LookAtOperands:
    """Run inputs that reach a line once more, to learn what is compared there."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class AddWorker:
    """One worker more: one that was stopped is brought back, or else another one begins."""


@dataclass(frozen=True, slots=True)
class DropWorker:
    """One worker fewer; never the last."""


@dataclass(frozen=True, slots=True)
class SetTimeout:
    """Another time-out, which holds from the execution in progress on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class SetMemoryLimit:
    """Another bound on the memory of each worker, which holds at once."""

    limit: int | None
    """Bytes; None for no bound."""


@dataclass(frozen=True, slots=True)
class SetMaxLen:
    """Another length of generated inputs. Workers are replaced, one after the other."""

    length: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class SetDictionary:
    """Another dictionary in place of the present one. Workers are replaced, one after the other."""

    path: Path | None
    """Absolute; None for no dictionary."""


@dataclass(frozen=True, slots=True)
class Expect:
    """The exception type of a crasher is part of the target's contract for the rest of the run: no failure any more.
    Workers are replaced, one after the other.
    """

    bucket: str
    """The crasher's identity."""


@dataclass(frozen=True, slots=True)
class FocusOn:
    """Favour inputs that reach a module or a function."""

    name: str
    """`package.module`, `module:function`, or `function`; empty to favour nothing."""


@dataclass(frozen=True, slots=True)
class OrderNode:
    """Another node of the campaign is asked to do something with one of its workers."""

    node: str
    """Its identity."""
    worker: int
    action: str
    """`stop`, `pause` or `resume`."""


CorpusWish: TypeAlias = GiveInput | RemoveEntry | PutEntryBack

Setting: TypeAlias = AddWorker | DropWorker | SetTimeout | SetMemoryLimit | SetMaxLen | SetDictionary | Expect | FocusOn

Wish: TypeAlias = CorpusWish | Setting | AddToken | Favour | LookAtOperands | OrderNode
