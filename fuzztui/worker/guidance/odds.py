"""How a call's time is divided between two ways to make inputs, by what both have found."""

from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

BELIEF: Final = 8.0
"""Finds that are taken to have been made before the first execution, as many by each way as were due."""

PRIOR: Final = 1.0
"""Finds' worth of belief that both ways find as much as they are due."""

MEMORY: Final = 30
"""Finds after which one counts for 1/e of a new one."""

PATIENCE: Final = 20_000
"""Executions without a find after which half of what was learned is forgotten."""


class Odds:
    """How much time one way gets for each second that the other gets.

    If both were alike, each would have a part in the finds in proportion to its time: what it has found, divided by
    what it was due, tells how much better it is. (The same is done among operators, see `mutate.adaptive`.) What is
    twice as good gets four times as much. What is usual matters the less the more finds are remembered: two ways that
    find alike then get nearly the same time. No execution stands for another: one that is drawn afresh may take ten
    times as long as one that is made from a short entry, or a tenth.
    """

    def __init__(self, usual: float, fewest: float, most: float) -> None:
        """`usual`: as long as nothing tells one way from the other; the others are the bounds of what is learned."""
        self._usual: Final = usual
        self._fewest: Final = fewest
        self._most: Final = most
        self.value = usual
        self._finds = [BELIEF, 0.0]
        self._due = [BELIEF, 0.0]
        self._barren = 0

    def credit(self, finds: int, others: int, share: float, executions: int) -> None:
        """In so many executions of both ways one, which had this share of their time, has made so many finds, the other
        so many.
        """
        if finds or others:
            self._fade((1 - 1 / MEMORY) ** (finds + others))
            self._finds = [self._finds[0] + finds, self._finds[1] + others]
            self._due = [self._due[0] + share * (finds + others), self._due[1] + (1 - share) * (finds + others)]
            self._barren = 0
        else:
            self._barren += executions
            if self._barren < PATIENCE:
                return
            self._barren = 0
            self._fade(0.5)
        one, other = [(finds + PRIOR) / (due + PRIOR) for finds, due in zip(self._finds, self._due, strict=True)]
        usual = self._usual ** min(1.0, BELIEF / max(1.0, sum(self._finds)))
        self.value = min(self._most, max(self._fewest, usual * (one / other) ** 2))

    def _fade(self, factor: float) -> None:
        self._finds = [each * factor for each in self._finds]
        self._due = [each * factor for each in self._due]
