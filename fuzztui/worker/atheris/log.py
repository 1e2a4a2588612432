"""What a `FuzzedDataProvider` is asked for while an input is traced: which bytes were read as which value.

Nothing is kept while nothing is traced, and then reading costs nothing more: the methods themselves are replaced.
"""

from collections.abc import Callable
from functools import wraps
from operator import attrgetter
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

REMAINING: Final = "remaining_bytes"
"""Reads nothing, but what follows may have asked for so many."""

MOST_READS: Final = 2048
"""That are kept of one execution: a loop can make millions."""


class Read(NamedTuple):
    """One call of a method."""

    data: bytes
    """All that the provider was made of."""
    start: int
    end: int
    """What was read lies between."""
    from_back: bool
    method: str
    arguments: tuple[Any, ...]
    value: Any


class ReadLog:
    """Keeps the reads of the executions of one process, as long as that is asked for."""

    def __init__(self) -> None:
        self.reads: Final[list[Read]] = []
        """In the order in which they happened."""
        self._provider: Any = None
        self._methods: dict[str, Any] = {}
        self._logging: dict[str, Any] = {}
        """The methods that read, and those that take their places."""
        self._state: Callable[[Any], tuple[bytes, int, int]] = lambda _: (b"", 0, 0)

    @property
    def watches(self) -> bool:
        """Whether there can be any reads: the target has imported what has a provider."""
        return self._provider is not None

    def watch(self, provider: type) -> None:
        """From now on, keep the reads of instances of this class, which has slots called data, front and back."""
        self._provider = provider
        self._state = attrgetter(*(f"_{provider.__name__}__{name}" for name in ("data", "front", "back")))
        self._methods = {name: method for name, method in vars(provider).items() if _reads(name)}
        self._logging = {name: self._logged(method) for name, method in self._methods.items()}

    def start(self) -> None:
        """Keep reads."""
        for name, method in self._logging.items():
            setattr(self._provider, name, method)

    def stop(self) -> None:
        """Keep none any longer, and forget those that were kept."""
        for name, method in self._methods.items():
            setattr(self._provider, name, method)
        self.reads.clear()

    def _logged(self, method: Callable[..., Any]) -> Callable[..., Any]:
        reads, state = self.reads, self._state
        name = method.__name__

        @wraps(method)
        def logged(provider: Any, *arguments: Any, **named: Any) -> Any:
            data, front, back = state(provider)
            value = method(provider, *arguments, **named)
            if len(reads) < MOST_READS:
                _, start, end = state(provider)
                given = (*arguments, *named.values())
                if end < back:
                    reads.append(Read(data, end, back, True, name, given, value))
                else:
                    reads.append(Read(data, front, start, False, name, given, value))
            return value

        return logged


def _reads(name: str) -> bool:
    return name.startswith(("Consume", "Pick")) or name == REMAINING


LOG: Final = ReadLog()
"""Of this process."""
