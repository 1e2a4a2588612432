"""Which operator a mutator tries next: those that have found something lately more often than others.

That operators should be chosen by what they have found, and that this differs by target and changes during a run, is
an insight of MOpt (Lyu et al., "MOPT: Optimized Mutation Scheduling for Fuzzers", USENIX Security 2019). Instead of its
swarm, this is a bandit for rewards that drift, which discounts what is past (Garivier and Moulines, "On
Upper-Confidence Bound Policies for Switching Bandit Problems", 2011), and whose choice is random in proportion to an
estimate: exploring needs no bonus then, a floor is enough.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Generic, TypeAlias, TypeVar

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

T = TypeVar("T")

Operator: TypeAlias = Callable[[T, int], T]
"""(value, 23 random bits) -> another value of the same type, or the value itself where there is nothing to do."""

Weighted: TypeAlias = Mapping[Operator[T], int]
"""Operators and how often each is chosen, in proportion, as long as nothing has been learned."""

SLOTS_BITS: Final = 7
"""The table of operators has 2**7 slots, so that choosing one is a mask."""

STOP: Final = int(0.66 * 2**30)
"""A havoc stack ends after an operator whose 30 random bits are below this: 1.5 operators on average."""

HEIGHT: Final = 64
"""Operators of a havoc stack that the trail has room for: a higher one comes up once in 10**30."""

MEMORY: Final = 60
"""Finds after which one counts for 1/e of a new one. They grow rare in a run, so this is a second at its start and all
of its later hours: it is in finds, not in seconds, that a target reveals another side."""

PRIOR: Final = 3.0
"""Finds' worth of belief that an operator is as good as its weight says: so many beyond what was due double its weight.

With `MEMORY`, it makes chance matter little: an operator is due two or three of the finds that are remembered.
"""

BUILT_AT_ONCE: Final = 4
BUILT_SELDOM: Final = 8
"""Finds of a call after each of which operators are chosen anew, and one in so many of the later ones: to choose costs
as much as ten executions, and where there are hundreds of finds in a call each tells little.
"""

PATIENCE: Final = 20_000
"""Mutations without a find after which half of what was learned is forgotten: what led to the last easy finds, which
are often the same loop running longer, is no guide to the hard ones that are left."""

FLOOR: Final = 0.25
CEILING: Final = 4.0
"""Bounds of what is learned, as factors of the weight: what has found nothing yet may be what is needed next."""

UNTOUCHED: Final = 1 << 30
"""Stands at the bottom of a trail while there is no havoc stack: beyond all random bits."""

_LAST_SLOT: Final = 2**SLOTS_BITS - 1
STOPS: Final = STOP / 2**30
"""The probability that a havoc stack ends after an operator."""


FROM_NOTHING: Final = "from_nothing"
"""The source that something fresh counts for, made where there is nothing to mutate."""


class Bandit(Generic[T]):
    """The operators of one mutator, and the table by which it chooses.

    A mutator reads `table` and writes to `trail`. Both are one object for life; the rest happens once per find or call.

    Only finds are counted as they come. If no operator were better than another, each would have had a part in them in
    proportion to its share of the table, so `finds / due` is how much better an operator is, whatever the rate of finds
    of the whole is at that time. Both are discounted and smoothed by `PRIOR`, as a Gamma prior of mean 1 would do it.
    """

    def __init__(self, weighted: Weighted[T], stops: float = STOPS) -> None:
        """Begin with the shares that the weights give. `stops` is 1 for a mutator that stacks nothing."""
        self._stops: Final = stops
        self.names: Final = tuple(operator.__name__ for operator in weighted)
        self.table: Final[list[Operator[T]]] = []
        """Random slot -> operator."""
        self.trail: Final = [UNTOUCHED] * HEIGHT
        """The random bits of the last havoc stack, bottom first, up to those below `STOP`; the lowest `SLOTS_BITS` of
        each are the slot. Bits are inverted where the value was empty, so that a fresh one was made instead."""
        self._operators = tuple(weighted)
        self._weights = tuple(weighted.values())
        self._slots: list[int] = []
        """How many each operator has."""
        self._owners: list[int] = []
        """Slot -> index of its operator."""
        self._shares: list[float] = []
        self._finds = [0.0] * len(self.names)
        """Recent finds, discounted."""
        self._due = [0.0] * len(self.names)
        """What `_finds` would be if all operators were alike."""
        self._found = [0] * len(self.names)
        """Finds not yet reported."""
        self._tried = [0.0] * len(self.names)
        """Tries not yet reported; negative where finds showed that there were more than expected."""
        self._found_fresh = 0
        """The same for those whose stack began with something fresh."""
        self._barren = 0.0
        """Mutations since the last find, or since something was forgotten for want of one."""
        self._credited = 0
        """Finds since last asked for yields."""
        self._build()

    def last_operators(self) -> list[str]:
        """Names of the operators of the last havoc stack, in order; none if there was no stack. To be asked before
        `credit`, which may change what the bits of its trail stand for.
        """
        names: list[str] = []
        if self.trail[0] == UNTOUCHED:
            return names
        for bits in self.trail:
            names.append(FROM_NOTHING if bits < 0 else self.names[self._owners[bits & _LAST_SLOT]])
            if (bits if bits >= 0 else ~bits) < STOP:
                break
        return names

    def credit(self) -> bool:
        """What the last havoc stack made has found something; False if there was no stack."""
        if self.trail[0] == UNTOUCHED:
            return False
        used = self._last_used()
        self._barren = 0.0
        self._fade(1 - 1 / MEMORY)
        for index, share in enumerate(self._shares):
            self._due[index] += share * len(used)
        for index in used:
            self._finds[index] += 1
            self._found[index] += 1
        self._found_fresh += self.trail[0] < 0
        self._credited += 1
        if self._credited <= BUILT_AT_ONCE or not self._credited % BUILT_SELDOM:
            self._build()
        return True

    def take_yields(self, mutations: float, *, fresh: bool) -> Iterator[tuple[str, int, int]]:
        """(operator, tries, finds) since last asked, of those with any; `mutations` is how many stacks there were.

        `fresh`: whether the value to mutate was empty, so that the first step of each stack was none of an operator's.

        Tries are inputs that an operator had a part in. To count them would cost more than all else that is done here;
        they follow from the operators' shares, which is somewhat too many for one that often leaves a value as it is:
        what changes nothing is not run. A fraction of a try is kept for the next time.
        """
        if self._credited > BUILT_AT_ONCE:
            self._build()
        self._credited = 0
        stops = self._stops
        stacks = mutations * (1 - stops) if fresh else mutations
        for index, share in enumerate(self._shares):
            finds = self._found[index]
            # 1 - the sum over all heights of: a stack is so high, and none of it is this operator.
            self._tried[index] += stacks * share / (stops + (1 - stops) * share)
            tries = max(finds, int(self._tried[index]))
            if tries:
                self._tried[index] -= tries
                self._found[index] = 0
                yield self.names[index], tries, finds

        if fresh and mutations:
            yield FROM_NOTHING, max(1, int(mutations), self._found_fresh), self._found_fresh
            self._found_fresh = 0
        self._barren += mutations
        if self._barren >= PATIENCE:
            self._barren = 0.0
            self._fade(0.5)
            self._build()

    def shares(self) -> dict[str, float]:
        """Operator -> its share of the choices."""
        return dict(zip(self.names, self._shares, strict=True))

    def _fade(self, factor: float) -> None:
        self._due = [due * factor for due in self._due]
        self._finds = [finds * factor for finds in self._finds]

    def _last_used(self) -> set[int]:
        used = set()
        for bits in self.trail:
            if bits >= 0:
                used.add(self._owners[bits & _LAST_SLOT])
            if (bits if bits >= 0 else ~bits) < STOP:
                break
        return used

    def _build(self) -> None:
        weights = [
            weight * score(finds, due) for weight, finds, due in zip(self._weights, self._finds, self._due, strict=True)
        ]
        slots = apportion(weights, 2**SLOTS_BITS)
        if slots == self._slots:
            return
        self._slots = slots
        self._owners = [index for index, count in enumerate(slots) for _ in range(count)]
        self._shares = [count / len(self._owners) for count in slots]
        self.table[:] = [self._operators[index] for index in self._owners]


def score(finds: float, due: float) -> float:
    """How much better than its weight an operator is that had a part in so many finds, where `due` were to be expected.

    The mean of a Gamma distribution, as which finds at an unknown rate are estimated, within bounds.
    """
    return min(CEILING, max(FLOOR, (finds + PRIOR) / (due + PRIOR)))


def apportion(weights: list[float], slots: int) -> list[int]:
    """Divide slots in proportion to positive weights, by largest remainder, but one to each at least.

    There must be as many slots as weights, or more.
    """
    total = sum(weights)
    ideal = [weight / total * slots for weight in weights]
    counts = [max(1, int(part)) for part in ideal]
    order = sorted(range(len(weights)), key=lambda index: counts[index] - ideal[index])
    spare = slots - sum(counts)
    for index in order[: max(0, spare)]:
        counts[index] += 1
    while spare < 0:  # those that were lifted to one are paid for by those that have most beyond their part
        index = max(range(len(weights)), key=lambda index: (counts[index] > 1, counts[index] - ideal[index]))
        counts[index] -= 1
        spare += 1
    return counts


class OuterBandit(Bandit[T]):
    """What chooses the operators on values that have others within. What these have found, the operators on the values
    within have found too.
    """

    def __init__(self, weighted: Weighted[T], leaves: Sequence[Bandit[Any]]) -> None:
        super().__init__(weighted)
        self._leaves = leaves
        self.leaf_trails: Final = tuple([each.trail for each in leaves])

    def credit(self) -> bool:
        if self.trail[0] != UNTOUCHED:
            for each in self._leaves:
                each.credit()
        return super().credit()
