"""Starts worker processes for one run."""

import secrets
from collections.abc import Callable
from itertools import count
from typing import Final

from fuzztui.engine.crew.member import Member
from fuzztui.engine.crew.orphans import RUN_BITS, Mark
from fuzztui.engine.crew.process import WorkerProcess
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.keep.places import current_directory
from fuzztui.engine.options import RunOptions
from fuzztui.engine.target import LoadOrder
from fuzztui.protocol.messages import Ping, Result

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
        self.run = secrets.randbits(RUN_BITS)
        """What the marks of all the run's processes have in common."""
        self._numbers = count()
        self._seed = options.seed if options.seed is not None else secrets.randbits(32)
        self._directory = current_directory()
        self._max_len = max(options.max_len, longest)
        self._instrumented = instrumented
        self.capacity = max(LEAST_CAPACITY, TEXT_FORM * options.max_len, longest)
        """Bytes of the largest input that workers have room for."""

    def start(self, member: Member, *, on_result: Callable[[Stint, Result], None], on_end: Callable[[], None]) -> Stint:
        """Start a process for a member and have it load the target. OSError if that is impossible."""
        number = member.stints
        order = LoadOrder(
            directory=self._directory,
            seed=(self._seed * 1_000_003 + member.id * 1_009 + number) % LARGEST_SEED,
            max_len=self._max_len,
            instrumented=self._instrumented,
        )
        target = self._options.target
        load = target.load(self._options, order)  # before there is a process that could be left alone
        process = WorkerProcess(
            command=target.command(),
            mark=Mark(self.run, next(self._numbers)),
            capacity=self.capacity,
            environment=self._environment(),
            output=member.output,
            on_result=lambda result: on_result(stint, result),
            on_end=on_end,
        )
        # Nothing arrives before the loop goes on, so the stint is there when the first result is.
        stint = Stint(member.id, process)
        member.begin(stint)
        process.send(load)
        process.send(Ping())
        return stint

    def _environment(self) -> dict[str, str]:
        # The order of sets is part of what one seed reproduces.
        hash_seed = {"PYTHONHASHSEED": str(self._seed % 2**32)} if self._options.seed is not None else {}
        return {**hash_seed, **self._options.environment}
