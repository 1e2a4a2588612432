"""What workers spend their time on, learned by looking at their shared memory at random moments.

A clock read around each part of an execution would cost more than some of the parts. Looking from outside costs the
worker nothing. The moments must be random: a slice of fuzzing lasts as long as some fixed number of periods would, and
looks at equal distances would see the same end of it each time. Distances with an exponential distribution make every
moment equally likely, whatever rhythm a worker has (R. W. Wolff, "Poisson arrivals see time averages", 1982).

For the same reason a thread of its own looks, not the coordinator's loop: that wakes when a worker has ended a call,
and a look that falls due just before would be made at that moment. A target that spins then got 92 % of the time
instead of 97 %.

A look cannot tell the target from the probes in it. So workers time an entry now and then, with its probes and without,
and report the ratio, see `fuzztui.worker.instrumentation.overhead`; it divides the time that was spent in the target.

Of `n` looks a share is off by less than `1 / sqrt(n)` in 19 of 20 cases: by three hundredths after 20 seconds of one
worker.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from fuzztui.engine.show.costs import Cost, Profile
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.memory import Activity, SharedMemory, State
from fuzztui.protocol.messages import LEAST_SLOWDOWN, MOST_SLOWDOWN

INTERVAL: Final = 0.02
"""Seconds between two looks on average."""

_COSTS: Final = {
    Activity.WAITING: Cost.WAITING,
    Activity.BOOKKEEPING: Cost.BOOKKEEPING,
    Activity.MUTATING: Cost.MUTATION,
    Activity.MEASURING: Cost.MEASURING,
    Activity.TRACING: Cost.TRACING,
    Activity.REPORTING: Cost.REPORTING,
}


def cost_now(memory: SharedMemory) -> Cost | None:
    """What a worker spends this moment on; None if its words make no sense (the target wrote there)."""
    activity, state = memory.activity, memory.state
    if activity is None or state is None:
        return None
    if activity is Activity.BOOKKEEPING and state is State.RUNNING:
        return Cost.TARGET
    return _COSTS[activity]


@contextmanager
def sampling(look: Callable[[], None], failed: Callable[[BaseException], None]) -> Iterator[None]:
    """Call `look` at random moments, in a thread that ends with the block; `failed` takes there what `look` raises."""
    moments = random.Random()
    over = threading.Event()

    def run() -> None:
        try:
            while not over.wait(moments.expovariate(1 / INTERVAL)):
                look()
        except BaseException as error:
            failed(error)

    thread = threading.Thread(target=run, name="profile")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class LookCounts:
    """What the looks at one worker have found so far. One thread looks; another takes slowdowns and reads."""

    def __init__(self) -> None:
        self._looks: Counter[Cost] = Counter()
        self._divided = 0
        """Looks at the target when the last slowdown came."""
        self._weights = 0
        self._probes = 0.0
        """The probes' parts of the target's time, each times its weight."""

    def look(self, memory: SharedMemory) -> None:
        """Look once, and count what is there."""
        cost = cost_now(memory)
        if cost is not None:
            self._looks[cost] += 1

    def take_slowdown(self, slowdown: float) -> None:
        """An entry takes so many times as long with its probes as without. ProtocolError if that cannot be.

        It counts for the time in the target since the one before: at first, when everything is new, more probes run
        than later, and entries are timed more often.
        """
        if not LEAST_SLOWDOWN <= slowdown <= MOST_SLOWDOWN:
            raise ProtocolError(f"an entry that its probes make take {slowdown} times as long")
        looks = self._looks[Cost.TARGET]
        weight = max(1, looks - self._divided)
        self._divided = looks
        self._weights += weight
        self._probes += weight * (1 - 1 / slowdown)

    def profile(self) -> Profile:
        """The looks until now, those at the target divided between it and its probes as soon as there is a slowdown."""
        looks = {cost: float(self._looks[cost]) for cost in Cost}
        if self._weights:
            # Only the mean is kept from being negative: cutting off every measurement's errors on one side would
            # make a cost of them.
            part = max(0.0, self._probes / self._weights)
            looks[Cost.INSTRUMENTATION] = part * looks[Cost.TARGET]
            looks[Cost.TARGET] -= looks[Cost.INSTRUMENTATION]
        return Profile(tuple(looks.items()))
