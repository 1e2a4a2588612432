"""Keeps account of executions, so that a run of N executions calls the target exactly N times."""


class Account:
    """Executions granted to calls, used by them, and left.

    A call reserves before it is sent and settles when it is over, or when its process is dead, with what was really
    used. At every moment used + reserved + available = limit. Jobs that share a limit share an account; one whose
    executions are not part of the run's limit has an account of its own.
    """

    def __init__(self, limit: int | None = None) -> None:
        """`limit`: executions in all; None for no limit."""
        self._limit = limit
        self._reserved = 0
        self.used = 0
        """Executions of calls that are over."""

    def reserve(self, wanted: int) -> int:
        """Take up to `wanted` executions; 0 if none is available right now."""
        granted = min(wanted, self.available)
        self._reserved += granted
        return granted

    def settle(self, granted: int, used: int) -> None:
        """Account for a call that had been granted `granted` and used `used`."""
        self._reserved -= granted
        self.used += used

    @property
    def available(self) -> int:
        """Executions that can be reserved now; very many without a limit."""
        return 1 << 62 if self._limit is None else max(0, self._limit - self.used - self._reserved)

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit at all."""
        return self._limit is not None

    @property
    def is_spent(self) -> bool:
        """Whether all is used and nothing can come back."""
        return self._limit is not None and self.used >= self._limit
