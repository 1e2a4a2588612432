"""Starts worker processes for one run."""

import secrets
from collections.abc import Callable
from itertools import count
from typing import Final

from fuzztui.engine.crew.guard import RUN_BITS
from fuzztui.engine.crew.member import Member
from fuzztui.engine.crew.niceness import stand_back
from fuzztui.engine.crew.orphans import Mark
from fuzztui.engine.crew.process import WorkerProcess
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.surroundings import Surroundings
from fuzztui.engine.keep.places import current_directory
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import LoadOrder
from fuzztui.protocol.messages import Ping, Result

HELPER_NICENESS: Final = 7
"""More than that of workers: on a machine that is busy with these the helper has some fifth of what one of them has."""

LARGEST_SEED: Final = 1 << 62

LEAST_CAPACITY: Final = 1 << 26
"""Bytes of an input for which a worker's shared memory has room at least: what a target declares as a seed is not known
before a worker has loaded it, and only what is touched costs memory."""

TEXT_FORM: Final = 8
"""How many bytes the file form of typed values takes for each of theirs at most: a two-byte character may become
`\\uffff`, a number its digits."""


class Launcher:
    """Knows what every process of a run is started with."""

    def __init__(self, options: RunOptions, *, longest: int, instrumented: bool) -> None:
        """`longest`: bytes of the longest input that exists; `instrumented`: whether coverage is wanted."""
        self._options = options
        self.surroundings = Surroundings.here()
        """What limits all the run's processes from outside."""
        self.run = secrets.randbits(RUN_BITS)
        """What the marks of all the run's processes have in common."""
        self._numbers = count()
        self._seed = options.seed if options.seed is not None else secrets.randbits(32)
        self._directory = current_directory()
        self._longest = longest
        self._instrumented = instrumented
        self.capacity = max(LEAST_CAPACITY, TEXT_FORM * options.max_len, longest)
        """Bytes of the largest input that workers have room for."""

    def adopt(self, options: RunOptions) -> None:
        """Start the processes to come with these."""
        self._options = options

    @property
    def max_len(self) -> int:
        """Bytes of a generated input."""
        return max(self._options.max_len, self._longest)

    @property
    def longest_max_len(self) -> int:
        """Bytes that it may be raised to: any input has room in each worker then, also in those that go on."""
        return self.capacity // TEXT_FORM

    def start(
        self,
        member: Member,
        *,
        instrumented: bool,
        on_result: Callable[[Stint, Result], None],
        on_end: Callable[[], None],
    ) -> Stint:
        """Start a process for a member and have it load the target, instrumented if the run wants coverage and this
        process is to tell of it. OSError if that is impossible.
        """
        number = member.stints
        order = LoadOrder(
            directory=self._directory,
            seed=(self._seed * 1_000_003 + member.id * 1_009 + number) % LARGEST_SEED,
            max_len=self.max_len,
            instrumented=self._instrumented and instrumented,
        )
        target = self._options.target
        load = target.load(self._options, order)  # before there is a process that could be left alone
        process = WorkerProcess(
            command=target.command(),
            mark=Mark(self.run, next(self._numbers)),
            capacity=self.capacity,
            environment=self._environment(),
            output=member.output,
            surroundings=self.surroundings,
            on_result=lambda result: on_result(stint, result),
            on_end=on_end,
        )
        try:
            # Nothing arrives before the loop goes on, so the stint is there when the first result is.
            stand_back(process, self._options.niceness + (HELPER_NICENESS if member.is_helper else 0))
            stint = Stint(member.id, process, instrumented=instrumented, is_beside=member.is_helper)
            process.send(load)
            process.send(Ping())
            member.begin(stint)
        except BaseException:
            process.abandon()  # it would run beside its successor
            raise
        return stint

    def _environment(self) -> dict[str, str]:
        # The order of sets is part of what one seed reproduces.
        hash_seed = {"PYTHONHASHSEED": str(self._seed % 2**32)} if self._options.seed is not None else {}
        return {**hash_seed, **self._options.environment}
