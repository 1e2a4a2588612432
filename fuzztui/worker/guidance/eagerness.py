"""How much it is worth to look for what brings a program further without covering anything new, as the search goes."""

from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

BARREN: Final = 5_000
LEAST_EAGER: Final = 0.2
"""Executions without a find after which all of its time is used, and the part of it in the midst of finds: it is worth
most where nothing else leads on.
"""

STALE: Final = 100_000
"""Executions without a find after which looking further has had its chance: it has less time again, in proportion, and
what may follow from inputs is tried less often.
"""

FRESH: Final = 25_000
LEAST_FRESH: Final = 0.05
"""Executions since the last find after which what may lead further, and changes of parts, have less of the time, in
proportion, and the part that they keep: they are dear, and what they find they find soon.
"""

SAME: Final = 200_000
LEAST_OF_SAME: Final = 0.25
"""Executions since anything was covered that had not been, and not only more often, after which looking further has
less of its time, in proportion, and the part that it keeps: of a module all that leads on is known then, and of a
format, though its next step may take long, most are made sooner.
"""

PATIENCE: Final = 100_000
"""Executions without a find after which what is known of a program's states is forgotten, the first time; twice as many
each time after. Most searches find something soon or hardly at all, by what they have happened to look at first: as
others with such run times they do best to begin anew (Luby, Sinclair and Zuckerman 1993).
"""

STATES: Final = 8
PAIRS: Final = 16
"""Inputs that have come further without covering anything new, by what they compare and by what they cover together,
beyond which looking for more has less time, in proportion. Where states are rare each may be the step that was missing;
where every tenth input is in a new one, as in programs that build tables of what they read, they tell nothing.
"""

LEFT: Final = 0.75
"""What a find leaves of their number: states that lead to finds are worth having."""

LEAST_OF_MANY: Final = 0.1
"""The part of the time that is left where there are ever so many."""

EARLY: Final = 100
"""Finds of a worker until then: more than a small program has, whose states matter from the start."""


FRUITFUL: Final = 0.01
"""Finds in an execution, from which on mutations find so much that nothing else need be tried as often."""


FLOOD: Final = 1_000
FLOODING: Final = 0.0025
"""Finds of a worker beyond its turns, and finds in an execution (some in each turn), while which go on it comes to ever
fewer of what it finds: so most turns are left to mutations, which find the more then. Modules of a few thousand
branches make some four hundred finds in the first seconds, and never come there.
"""

LEISURE: Final = 8
"""One turn in so many has time for what is dear even then."""


class Eagerness:
    """Of one worker's search."""

    def __init__(self) -> None:
        self._turns = 0
        """How often a turn has begun."""
        self._found = 0
        self._since = 0
        """How many executions there had been when there were fewer finds, or states were learned anew."""
        self._barren = 0
        """Executions since then."""
        self._vain = 0
        """Executions since the last find, whatever was learned anew."""
        self._reached = 0
        self._since_reached = 0
        """Finds that cover what nothing did, and how many executions there had been when there were fewer."""
        self._same = 0
        """Executions since then."""
        self._others = 0
        """Inputs that another search of this process has found."""
        self._rate = 0.0
        """Finds in an execution, when there was one last."""
        self._patience = PATIENCE
        self.need = 1.0
        """The part of its times that looking further needs on this target."""
        self._states = 0.0
        self._pairs = 0.0
        """Inputs that have come further, by what they compare and by what they cover together; finds make both less."""

    def count(self, found: int, reached: int, executions: int) -> bool:
        """A turn begins: so many inputs have been found in so many executions, of which so many have `reached` what
        none had, while others do something more often. Returns whether states are to be learned anew.
        """
        self._turns += 1
        if reached != self._reached:
            self._reached, self._since_reached = reached, executions
        self._same = executions - self._since_reached
        self._vain += executions - self._since - self._barren
        self._barren = executions - self._since
        is_anew = found == self._found and self._barren > self._patience
        if is_anew:
            self._patience *= 2
        elif found != self._found:
            self._rate = (found - self._found) / max(1, self._barren)
            left = LEFT ** (found - self._found)
            self._states *= left
            self._pairs *= left
            self._found, self._patience, self._vain = found, PATIENCE, 0
        else:
            self._rate = 0.0
            return False
        self._since, self._barren = executions, 0
        return is_anew

    def skip(self, found: int, reached: int, executions: int) -> None:
        """So many inputs and executions were another search's."""
        self._found += found
        self._reached += reached
        self._since += executions
        self._since_reached += executions
        self._others += found

    @property
    def value(self) -> float:
        """The part of its times that exploring may use."""
        rising = 1.0 if self._found - self._others < EARLY else self._barren / BARREN
        return max(LEAST_EAGER, min(1.0, rising, STALE / max(1, self._barren)))

    @property
    def recency(self) -> float:
        """The part of its time that looking further has where nothing has been covered for long but what had been."""
        return max(LEAST_OF_SAME, min(1.0, SAME / max(1, self._same)))

    @property
    def freshness(self) -> float:
        """The part of its time that is left to what may lead further: less where the target needs little of it, and
        where nothing has led to a find for long, though states have been learned anew.
        """
        return max(LEAST_FRESH, self.need * min(1.0, FRESH / max(1, self._vain)))

    @property
    def worth(self) -> float:
        """The part of its time that looking further has by what the target needs, and by whether anything is covered
        that had not been.
        """
        return self.need * self.recency

    def note_state(self) -> None:
        """An input compares what none did."""
        self._states += 1

    def note_pair(self) -> None:
        """An input covers together what none did."""
        self._pairs += 1

    @property
    def looking(self) -> float:
        """The part of its time that looking at what inputs compare may use."""
        return self.worth * self.value * _share(self._states, STATES)

    @property
    def walking(self) -> float:
        """The same for what they cover together."""
        return self.worth * self.value * _share(self._pairs, PAIRS)

    @property
    def is_swamped(self) -> bool:
        """Whether more states have come than lead anywhere."""
        return self._states > STATES

    @property
    def is_fruitful(self) -> bool:
        """Whether finds are so many that one hardly knows where to go on first."""
        return self._rate > FRUITFUL and self._found - self._others >= EARLY

    @property
    def is_hurried(self) -> bool:
        """Whether this turn is left to mutations alone, which find more than can be looked into."""
        is_flooded = self._rate > FLOODING and self._found - self._others - self._turns >= FLOOD
        return is_flooded and bool(self._turns % LEISURE)

    @property
    def is_stale(self) -> bool:
        """Whether it is long ago that something was found."""
        return self._barren > STALE


def _share(number: float, usual: int) -> float:
    return max(LEAST_OF_MANY, min(1.0, usual / max(1.0, number)))
