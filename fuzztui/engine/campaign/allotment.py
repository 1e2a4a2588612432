"""Which of several targets has how many workers, and for how long: no threads, no processes, a clock that is told.

`Sharing` lends places, one for each worker, for a stint at a time. Whose turn is next is decided by stride scheduling
(Waldspurger and Weihl, 1995): every stint moves a target's virtual time on by its length divided by the target's
weight, and the place goes to the one whose virtual time is least. The weight is how fast the target has found new edges
lately, in proportion to the fastest, and never less than `LEAST_WEIGHT`: who finds most gets most, and nobody starves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

LEAST_WEIGHT: Final = 0.15
"""Of a target that finds nothing, beside 1 of the one that finds most: bugs hide in code that is covered, too."""

FADING: Final = 0.6
"""What finds count for after another stint: a plateau shows after two or three of them."""

STINT: Final = 3.0
"""Seconds at work before a place may go to another target."""

LOADINGS: Final = 8.0
"""A stint is at least so many times as long as it takes to load the target: that is what moving a worker costs."""

FIRST_ROUND: Final = 6.0
"""Seconds at work in which all targets have had a first stint, if that is possible."""

SHORTEST: Final = 0.1
"""Seconds of a first stint, at least; it is not over before the target has executed something: on a busy machine that
takes a worker longer, and it would leave with nothing done."""

SLOW: Final = 5.0
"""Seconds of loading, or of a first execution, after which another target may have a worker as well: who waits for a
lock, or hangs, needs no core, and must not keep the others from their beginning."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is to know of a target for this."""

    edges: int | None
    """Covered so far; None as long as its baseline runs, for what that covers is no find."""
    ready: int
    """Workers that have loaded it and are at work."""
    has_executed: bool
    """Whether an input of it has been executed."""
    is_able: bool
    """Whether it can use workers: it has not ended, is not about to, and nobody holds it."""
    is_ending: bool = False
    """Whether it is about to end: until it has it keeps the workers that it has."""


class Allotment(Protocol):
    """How places are shared out."""

    def allot(self, now: float, standings: Sequence[Standing]) -> list[int]:
        """The places of each target from now on, in their order; `now` in seconds of the run."""

    def set_places(self, places: int) -> None:
        """Another number of places, at least one."""


class InTurn:
    """All places for the first target that is not over."""

    def __init__(self, targets: int, places: int) -> None:
        self._targets = targets
        self._places = places

    def set_places(self, places: int) -> None:
        """See `Allotment`."""
        self._places = places

    def allot(self, now: float, standings: Sequence[Standing]) -> list[int]:  # noqa: ARG002
        """See `Allotment`."""
        places = [0] * self._targets
        first = next(
            (target for target, standing in enumerate(standings) if standing.is_able or standing.is_ending), None
        )
        if first is not None:
            places[first] = self._places
        return places


@dataclass(slots=True)
class _Grant:
    """A place that a target has."""

    target: int
    since: float
    length: float
    """Seconds at work that it is for."""
    begun: float | None = None
    """When its worker was at work; None while that loads."""


@dataclass(slots=True)
class _Account:
    """What a target has had, and what came of it."""

    virtual: float = 0.0
    turns: int = 0
    loading: float = 0.0
    """Seconds that its slowest worker took to be at work."""
    finds: float = 0.0
    """Edges, faded."""
    spent: float = 0.0
    """Worker-seconds, faded alike."""
    edges: int | None = None
    """Covered when it was last looked at; None before its baseline was over."""
    new: int = 0
    """Edges found since finds were last counted."""

    @property
    def speed(self) -> float | None:
        """Edges for a second of a worker, lately; None before anything is known."""
        return self.finds / self.spent if self.spent else None


class Sharing:
    """Places go by stints to whoever finds most, and to everybody now and then."""

    def __init__(self, targets: int, places: int) -> None:
        self._accounts = [_Account() for _ in range(targets)]
        self._places = places
        self._grants: list[_Grant] = []
        self._looked_at = 0.0

    def set_places(self, places: int) -> None:
        """See `Allotment`."""
        self._places = places
        del self._grants[places:]  # those stay that have been there longest

    def allot(self, now: float, standings: Sequence[Standing]) -> list[int]:
        """See `Allotment`."""
        self._watch(now, standings)
        kept: list[_Grant] = []
        for grant in self._grants:
            standing = standings[grant.target]
            if standing.is_ending or (standing.is_able and not self._is_over(grant, now, standing)):
                kept.append(grant)
            elif standing.is_able:
                self._settle(grant, now)
        slow = sum(self._is_slow(grant, now, standings[grant.target]) for grant in kept)
        self._grants = kept
        # A slow one that has come to work at last takes no place away from who was lent one meanwhile.
        while len(self._grants) < self._places + min(slow, self._places):
            target = self._next(standings)
            if target is None:
                break
            self._lend(target, now, standings)
        places = [0] * len(self._accounts)
        for grant in self._grants:
            places[grant.target] += 1
        return places

    def weight(self, target: int) -> float:
        """From `LEAST_WEIGHT` to 1."""
        speeds = [account.speed for account in self._accounts]
        own, most = speeds[target], max((speed for speed in speeds if speed is not None), default=0.0)
        if own is None or not most:
            return 1.0
        return max(LEAST_WEIGHT, own / most)

    def _watch(self, now: float, standings: Sequence[Standing]) -> None:
        """Take note of who has come to work, and of what was found."""
        ready = [standing.ready for standing in standings]
        for grant in self._grants:
            if ready[grant.target] > 0:
                ready[grant.target] -= 1
                if grant.begun is None:
                    grant.begun = now
                    account = self._accounts[grant.target]
                    account.loading = max(account.loading, now - grant.since)
        behind = min(
            (each.virtual for each, standing in zip(self._accounts, standings, strict=True) if standing.is_able),
            default=0.0,
        )
        for account, standing in zip(self._accounts, standings, strict=True):
            if standing.edges is not None:
                account.new += max(0, standing.edges - account.edges) if account.edges is not None else 0
                account.edges = standing.edges
            if not standing.is_able:  # who could not have a turn has missed none
                account.virtual = max(account.virtual, behind)

    def _is_over(self, grant: _Grant, now: float, standing: Standing) -> bool:
        return grant.begun is not None and standing.has_executed and now - grant.begun >= grant.length

    def _is_slow(self, grant: _Grant, now: float, standing: Standing) -> bool:
        if grant.begun is None:
            return now - grant.since > SLOW
        return not standing.has_executed and now - grant.begun > SLOW

    def _settle(self, grant: _Grant, now: float) -> None:
        assert grant.begun is not None
        account = self._accounts[grant.target]
        account.finds = account.finds * FADING + account.new
        account.spent = account.spent * FADING + (now - grant.begun)
        account.new = 0

    def _next(self, standings: Sequence[Standing]) -> int | None:
        """Whose turn it is. Where there is a place for each nobody waits."""
        able = [target for target, standing in enumerate(standings) if standing.is_able]
        held = {grant.target for grant in self._grants}
        first = [target for target in able if target not in held]
        if not (first and len(able) <= self._places):
            # Who loads for long does so once.
            stuck = {grant.target for grant in self._grants if grant.begun is None}
            first = [target for target in able if target not in stuck] or able
        return min(first, key=lambda target: self._accounts[target].virtual, default=None)

    def _lend(self, target: int, now: float, standings: Sequence[Standing]) -> None:
        account = self._accounts[target]
        able = sum(standing.is_able for standing in standings)
        length = max(STINT, LOADINGS * account.loading)
        if not account.turns and able > self._places:
            length = min(length, max(SHORTEST, FIRST_ROUND * self._places / able))
        account.turns += 1
        account.virtual += length / self.weight(target)
        self._grants.append(_Grant(target, now, length))
