"""One crasher that is run again: what is to be run for it, one trial after the other, and what has come of that.

- Its input is run as often as is wanted, each of the first runs in a process of its own: what is decided anew with each
  process, such as the order of sets, shows there. The others have the process of the last of these, since they tell no
  more than how often a coin falls, and a process takes longer than most executions.
- A time-out is given three times as long at first: what ends within that is slow, and no hang.
- An input that ran clean each time is run after what its process had run before it, the newest inputs first, more and
  more of them. Where it fails then, each of three times, and not without them in between, that is neither chance nor
  the time of day, and the shortest such tail is looked for, in copies of processes.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from fuzztui.engine.keep.corpus import Entry
from fuzztui.engine.show.crasher import Confirmation
from fuzztui.engine.show.failure import CrasherKind, Failure, Tail
from fuzztui.engine.work.call import Item
from fuzztui.engine.work.tail import Places, shorter
from fuzztui.protocol.framing import ProtocolError

RUNS: Final = 3
"""How often a crasher's input is run again: enough to tell a coin from a bug, mostly."""

MOST_RUNS: Final = 10
"""The same for the first crasher of a group, which people look at."""

FRESH: Final = 3
"""How many of these runs have a process of their own."""

PATIENCE: Final = 3.0
"""How many times the time-out an input may take that is run again for one."""

TAIL_RUNS: Final = 3
"""How often an input must fail after a tail, and run clean by itself in between, so that this is no chance."""

FIRST_TAIL: Final = 16
TAIL_GROWTH: Final = 16
"""How many inputs are run before it at first, and how many times as many next."""

HANG_TAIL_RUNS: Final = 2
"""The same for a hang, each of which takes as long as the time-out."""

MOST_TRIALS: Final = 80
"""Tails that are run for one crasher, each in a process of its own."""

MOST_COPIED_TRIALS: Final = 2_000
"""The same in copies of processes."""

MOST_COPIES: Final = 80
"""Of one process: fewer than the remarks that it may make, of which each copy may make the same one."""

TAIL_SECONDS: Final = 10.0
"""Seconds that the shortest tail is looked for; one run of a tail is never ended for that."""


@dataclass(slots=True, eq=False)
class Trial:
    """Inputs to be run once, the last of which is the crasher's."""

    inputs: list[bytes]
    process: object | None
    """What its process is kept for; None if it is run in a copy of one."""
    is_distinct: bool = False
    """Whether that is to be another process than the one that was copied last for this crasher."""
    patience: float = 1.0
    is_control: bool = False
    """Whether it runs the input by itself between two runs of a tail: of interest only if it fails."""
    items: list[Item] = field(default_factory=list)
    """As they are being run, or were run last."""
    tries: int = 0

    @property
    def is_tail(self) -> bool:
        return len(self.inputs) > 1

    @property
    def is_copied(self) -> bool:
        return self.process is None


@dataclass(frozen=True, slots=True)
class Answer:
    """How the crasher's input fared in a trial."""

    failure: Failure | None
    seconds: float = 0.0
    """That it took, as far as it was looked at."""


Course: TypeAlias = Generator[Trial, Answer, None]


@dataclass(slots=True, eq=False)
class Candidate:
    """A crasher, and what is known of it by now."""

    failures: list[Failure]
    """The crasher's, and what else its input was found to fail by."""
    data: bytes
    seed: Entry | None
    """The seed or stored input that it is."""
    tail: Tail
    wanted: int
    """How often it is to be run by itself."""
    is_wanted: bool
    """Whether a person waits for it."""
    is_copied: bool
    """Whether it is run in copies of processes."""
    copied_from: object = None
    """What the process was kept for that was copied last."""
    told: int = 0
    """How many inputs the tail had that has been told of."""
    course: Course = field(init=False)
    """What is to be run, one trial after the other."""
    trial: Trial | None = field(init=False)
    """What is being run, or is to be run next; None when nothing more is to be learned."""
    runs: int = 0
    failed: list[Failure] = field(default_factory=list)
    """How runs by itself failed, those that did."""
    slow: float = 0.0
    before: tuple[bytes, ...] = ()
    """The shortest tail so far after which it is known to fail."""
    is_chance: bool = False
    looks_for_tail: bool = False

    @property
    def is_timeout(self) -> bool:
        return self.failures[0].kind is CrasherKind.TIMEOUT

    @property
    def fails_again(self) -> bool:
        """Whether a run has failed as the crasher did."""
        return any(self.failures[0].is_like(failure) for failure in self.failed)

    def fails_like(self, failure: Failure) -> bool:
        """Whether it is no other crasher: where a hang is met depends on when somebody looks."""
        return any(known.is_like(failure) for known in self.failures)

    def knows(self, failure: Failure) -> bool:
        """Whether its input is known to fail by this very failure."""
        return any(known.id == failure.id for known in self.failures)

    def confirmation(self, failure: Failure) -> Confirmation:
        """What is known so far of one of its failures."""
        alike = sum(failure.is_like(other) for other in self.failed)
        if failure is not self.failures[0]:
            return Confirmation(self.runs, alike, len(self.failed) - alike)
        return Confirmation(
            self.runs, alike, len(self.failed) - alike, len(self.before), is_chance=self.is_chance, slow=self.slow
        )


@dataclass(slots=True, eq=False)
class Claim:
    """Crashers that one worker runs again: several only in copies of processes."""

    candidates: list[Candidate]
    process: object = field(default_factory=object)
    """What the process is kept for that is copied."""
    copies: int = 0
    """Of it, so far."""
    running: Candidate | None = None
    """Whose trial was handed out last."""
    since: float = 0.0
    """When in the run its turn began."""
    paced_since: float = 0.0
    """The same, by what rests are measured by."""
    began: float = 0.0
    """When something was given to the process that ran it first in this turn, by the same."""
    answers: int = 0
    """Trials of this turn that have been answered."""
    spent: float = 0.0
    """Seconds of the turns that are over."""

    @property
    def is_wanted(self) -> bool:
        return any(candidate.is_wanted for candidate in self.candidates)

    def fitting(self) -> Candidate | None:
        """The first candidate that has something for a copy of this process, or for one of its own."""
        for candidate in self.candidates:
            trial = candidate.trial
            if trial is None or not trial.is_copied:
                return candidate
            if self.copies < MOST_COPIES and not (trial.is_distinct and candidate.copied_from is self.process):
                return candidate
        return None


class Circumstances(Protocol):
    """What decides, beside the answers, what is run for a crasher."""

    @property
    def timeout(self) -> float:
        """Seconds that an input may take."""

    @property
    def is_finishing(self) -> bool:
        """Whether the end of the run has been decided."""

    @property
    def is_repeatable(self) -> bool:
        """Whether no clock may decide."""

    @property
    def may_copy(self) -> bool:
        """Whether no process has been found so far that cannot be copied."""

    def check_input(self, data: bytes) -> None:
        """ProtocolError if it is none of the target's."""

    def spent_on(self, candidate: Candidate) -> float:
        """Seconds that this crasher has taken, which has a turn of its own by now."""


def course(candidate: Candidate, around: Circumstances) -> Course:
    """What is to be run for a crasher; sent how each trial went."""
    timeout = around.timeout
    process = object()
    for number in range(candidate.wanted):
        process = object() if number < FRESH else process
        patience = PATIENCE if candidate.is_timeout and not number else 1.0
        place = None if candidate.is_copied else process
        answer = yield Trial([candidate.data], place, number < FRESH, patience)
        if patience > 1.0 and answer.failure is None and answer.seconds > timeout:
            candidate.failed.append(candidate.failures[0])
            candidate.slow = answer.seconds
            return
        if candidate.is_timeout and around.is_finishing and candidate.fails_again:
            return
    if candidate.failed or not _has_tail(candidate, around):
        return
    candidate.looks_for_tail = True
    yield from _look_for_tail(candidate, around)
    candidate.looks_for_tail = False


def _has_tail(candidate: Candidate, around: Circumstances) -> bool:
    """Whether it is known what ran before it, and a worker can have run that."""
    tail = candidate.tail
    if tail.executions == 0:
        candidate.is_chance = True  # it was the first that its process ran
    try:
        for data in tail.inputs:
            around.check_input(data)
    except ProtocolError:
        return False  # the target has written over it
    return bool(tail.inputs)


def _look_for_tail(candidate: Candidate, around: Circumstances) -> Course:
    """Run the input after more and more of what ran before it, until it fails each time; then after less."""
    inputs = candidate.tail.inputs
    trials = 0

    until = around.spent_on(candidate) + TAIL_SECONDS

    def may_copy() -> bool:
        is_exception = candidate.failures[0].kind is CrasherKind.EXCEPTION
        return is_exception and around.may_copy and not around.is_repeatable

    def has_time() -> bool:
        most = MOST_COPIED_TRIALS if may_copy() else MOST_TRIALS
        return (around.is_repeatable or around.spent_on(candidate) < until) and trials < most

    def try_tail(places: Places, times: int = 1, *, copied: bool = False) -> Generator[Trial, Answer, int]:
        """How often it failed, up to the first time that it did not, and up to where it failed without it, too."""
        nonlocal trials
        for number in range(times):
            if number:
                yield Trial([candidate.data], object(), is_control=True)
                if candidate.failed:
                    return number
            trials += 1
            given = [*(inputs[place] for place in places), candidate.data]
            answer = yield Trial(given, None if copied else object())
            if answer.failure is None or not candidate.failures[0].is_like(answer.failure):
                return number
        return times

    wanted = HANG_TAIL_RUNS if candidate.is_timeout else TAIL_RUNS
    length = min(FIRST_TAIL, len(inputs))
    while True:
        places = tuple(range(len(inputs) - length, len(inputs)))
        failed = yield from try_tail(places, wanted)
        if failed == wanted:
            break
        if failed or length == len(inputs):
            candidate.is_chance = not candidate.failed and (bool(failed) or candidate.tail.is_complete)
            return
        if trials >= MOST_TRIALS or (around.is_finishing and not has_time()):
            return  # while the search goes on, a busy machine is no reason not to know what it takes
        length = min(length * TAIL_GROWTH, len(inputs))
    sure = enough = places
    candidate.before = tuple(inputs[place] for place in sure)
    if not around.is_finishing:
        until = around.spent_on(candidate) + TAIL_SECONDS
    search = shorter(places)
    proposal = next(search, None)
    while proposal is not None and has_time():
        fails = (yield from try_tail(proposal, copied=may_copy())) == 1
        enough = proposal if fails else enough
        try:
            proposal = search.send(fails)
        except StopIteration:
            proposal = None
    if candidate.is_timeout and enough == sure:
        return
    # Once more even if nothing shorter was found: what depends on the time of day has had some to change its mind.
    if (yield from try_tail(enough, wanted - 1)) == wanted - 1:
        candidate.before = tuple(inputs[place] for place in enough)
    if candidate.failed:
        candidate.before = ()
