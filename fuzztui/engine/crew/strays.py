"""Failures of the target's that no input is to blame for, each told of once."""

from typing import Final

from fuzztui.engine.crew import findings
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.show.text import Visible, say
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.identity import is_identity
from fuzztui.protocol.messages import ORIGINS, Stray

MOST_STRAYS: Final = 20
"""Failures that are told of one by one: of a target that raises all over the place these say enough."""


class StrayLog:
    """What workers have told of such failures."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._sentences: dict[str, Visible] = {}
        """By the failure's identity."""
        self._is_full = False

    @property
    def sentences(self) -> tuple[Visible, ...]:
        """One for each failure, in order of appearance."""
        more = (say("and others, after {} of them", MOST_STRAYS),) if self._is_full else ()
        return (*self._sentences.values(), *more)

    def take(self, stray: Stray) -> Visible | None:
        """A sentence for people, if there is something new to tell. ProtocolError for what no worker of ours says."""
        is_told_apart = is_identity(stray.failure.bucket) and is_identity(stray.failure.group)
        if stray.origin not in ORIGINS or not is_told_apart:
            raise ProtocolError("a failure of nothing that can fail")
        failure = findings.of_exception(stray.failure, self._options)
        if failure.id in self._sentences or self._is_full:
            return None
        if len(self._sentences) == MOST_STRAYS:
            self._is_full = True
            return None
        sentence = say(
            "{} failed when no input was running that is to blame: {}{}",
            stray.origin,
            failure.sentence,
            say(" ({})", failure.location) if failure.location else "",
        )
        self._sentences[failure.id] = sentence
        return sentence
