"""What a front end can ask a run for, besides what every snapshot holds: too large to be sent four times a second.

A question is a value that knows how to answer itself. `Session.ask` has it answered on the engine's loop, where nothing
else changes the run meanwhile.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from fuzztui.engine.crew.member import Member
from fuzztui.engine.show import text
from fuzztui.engine.work.search import Search
from fuzztui.target.values import named

T_co = TypeVar("T_co", covariant=True)


class View(Protocol):
    """What questions may look at, and leave as it is."""

    @property
    def members(self) -> Mapping[int, Member]:
        """The workers by their ids."""

    @property
    def search(self) -> Search:
        """Corpus, coverage, crashers."""


class Question(Generic[T_co]):
    """Something that can be asked of a run."""

    @abstractmethod
    def answer(self, view: View) -> T_co:
        """Look it up. Everything in the answer may be shown."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a target declares, as a worker has loaded it."""

    parameters: tuple[text.Visible, ...]
    """Its types as annotations have them; empty as long as no worker has loaded it."""
    kinds: tuple[str, ...]
    """The same as inputs are read by them."""
    seeds: tuple[bytes, ...]
    """Each in its file form."""


@dataclass(frozen=True, slots=True)
class Declared(Question[Declaration]):
    """What the target declares."""

    def answer(self, view: View) -> Declaration:
        """Known from the first worker's answer to its ping on."""
        kinds = view.search.parameters
        return Declaration(tuple(map(text.one_line, named(kinds))), kinds, view.search.seeds)


@dataclass(frozen=True, slots=True)
class WorkerOutput(Question[text.Visible]):
    """The last lines that a worker's processes printed; empty for a worker that there is not."""

    worker: int

    def answer(self, view: View) -> text.Visible:
        """Made printable."""
        member = view.members.get(self.worker)
        return text.visible(member.output.tail(), multiline=True) if member is not None else text.NOTHING
