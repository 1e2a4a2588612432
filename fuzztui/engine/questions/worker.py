"""What can be asked about one worker while somebody looks at it."""

import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from fuzztui.engine.crew import findings
from fuzztui.engine.crew.member import Member
from fuzztui.engine.crew.stacks import frames_of
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.questions.general import Question, View
from fuzztui.engine.show.inputs import size_words
from fuzztui.engine.show.text import NOTHING, Visible, joined, one_line, say, visible
from fuzztui.engine.show.worker_look import WorkerFind, WorkerLook
from fuzztui.engine.work.search import Search
from fuzztui.protocol.memory import State
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, show

LOOK_EVERY: Final = 1.0
"""Seconds between two stacks that somebody sees."""

CALM: Final = 0.25
"""Share of the time-out after which the watch asks for stacks itself, and nobody else may: each overwrites the last."""

VALUES_CHARACTERS: Final = 2_000
MOST_FRAMES: Final = 30
FIND_CHARACTERS: Final = 120
MOST_FINDS: Final = 8


@dataclass(frozen=True, slots=True)
class LookAtWorker(Question[WorkerLook]):
    """A close look at one worker. Its process writes its stack for that, at most once a second, as it does where it
    stalls; one that is suspended, loading, ending or about to be asked by the watch is left alone.
    """

    worker: int

    def answer(self, view: View) -> WorkerLook:
        """An empty one for a worker that there is not."""
        member = view.members.get(self.worker)
        if member is None:
            return WorkerLook()
        finds = tuple(_finds(view.search, self.worker))
        rates = member.rates.ago(time.monotonic())
        stint = member.stint
        if stint is None or not stint.is_ready or stint.process.ended.is_set():
            return WorkerLook(rates=rates, finds=finds)
        values, size = _present_input(view.search, stint)
        is_executing = stint.process.memory.state in (State.RUNNING, State.REPORTING)
        return WorkerLook(
            values, size, stint.hang.stuck if is_executing else None, _stack(member, stint, view.search), rates, finds
        )


def _present_input(search: Search, stint: Stint) -> tuple[Visible, Visible]:
    data = stint.process.memory.recorded_input()
    if data is None:
        return NOTHING, NOTHING
    try:
        arguments = decode(data, search.parameters)
    except MalformedInput:  # the target may have written there
        return NOTHING, NOTHING
    return visible(show(arguments, VALUES_CHARACTERS), 2 * VALUES_CHARACTERS), size_words(arguments)


def _stack(member: Member, stint: Stint, search: Search) -> Visible:
    """Where it stood when it was last asked; it is asked again, so that the next answer has a newer one."""
    stack = stint.process.stack()
    now = time.monotonic()
    is_calm = stint.hang.stuck < CALM * min(search.options.timeout, 1.0)
    is_left_alone = stint.is_suspended or member.is_paused or stint.process.stop_asked_at is not None
    if is_calm and not is_left_alone and now - stint.looked_at >= LOOK_EVERY:
        stint.looked_at = now
        stint.process.request_stack()
    frames = frames_of(findings.users_stack(stack))[-MOST_FRAMES:]
    lines = (
        say("{}:{}  {}", shown_path(Path(frame.file)), frame.line, frame.function) for frame in frames[-MOST_FRAMES:]
    )
    return joined("\n", lines)


def _finds(search: Search, worker: int) -> list[WorkerFind]:
    found = (entry for entry in reversed(search.corpus.entries) if entry.worker == worker)
    return [
        WorkerFind(
            entry.number,
            one_line(entry.name),
            entry.elapsed or 0.0,
            entry.brought,
            visible(show(decode(entry.data, search.parameters), FIND_CHARACTERS), 2 * FIND_CHARACTERS),
        )
        for entry in islice(found, MOST_FINDS)
    ]
