"""Which input each found one was made from, and how: kept over sessions, as far as it is there."""

import json
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any, Final

from fuzztui.engine.keep.storage import Folder, read_in, replace

MOST_STEPS: Final = 50_000
"""Steps that are kept, the newest ones: of an input whose beginnings are older the rest of its way is known."""

LONGEST: Final = 64 << 20
"""Bytes of the file."""

MOST_OPERATORS: Final = 32
NAME_CHARACTERS: Final = 60
"""Bounds of a step that a worker tells of."""

SHORT_DIGEST: Final = 12
"""Digits that name an input where people see it."""

_DIGITS: Final = 64
"""Of a SHA-256."""


@dataclass(frozen=True, slots=True)
class Step:
    """How an input was made from another."""

    parent: str
    """SHA-256 of the other one's file form, in hexadecimal."""
    operators: tuple[str, ...]
    """Names of mutation operators, in order; empty if that is unknown. Not made printable."""


def step(parent: bytes, operators: list[str]) -> Step:
    """A step as a worker tells of it, which may tell anything."""
    return Step(digest(parent), tuple(name[:NAME_CHARACTERS] for name in operators[:MOST_OPERATORS]))


def digest(data: bytes) -> str:
    """What tells an input from all others."""
    return sha256(data).hexdigest()


class Lineage:
    """The steps to inputs of a corpus, by the inputs' digests."""

    def __init__(self, folder: Folder, name: str) -> None:
        """`folder` and `name`: of the file that keeps them."""
        self._folder = folder
        self._name = name
        self._steps: dict[str, Step] = {}
        self.is_kept = True
        """Whether all steps are in the file, or on the way there."""

    def load(self) -> None:
        """Take in what earlier sessions have kept. A file that is missing, damaged or somebody's work is passed by: it
        explains, and nothing depends on it.
        """
        try:
            known = json.loads(read_in(self._folder, self._name, LONGEST))
        except (OSError, ValueError, RecursionError):
            return
        if isinstance(known, dict):
            for child, given in islice(known.items(), MOST_STEPS):
                if (found := _step(given)) is not None:
                    self._steps.setdefault(child, found)

    def note(self, child: bytes, made: Step) -> None:
        """Remember how an input was made; the first way counts."""
        if self._steps.setdefault(digest(child), made) is made:
            self.is_kept = False
            if len(self._steps) > MOST_STEPS:
                del self._steps[next(iter(self._steps))]

    def get(self, child: str) -> Step | None:
        """How the input with this digest was made, if that is known."""
        return self._steps.get(child)

    def children(self, parent: str) -> int:
        """How many inputs are known to have been made from the one with this digest."""
        return sum(step.parent == parent for step in self._steps.values())

    def content(self) -> bytes:
        """What `keep` is to write; taken on the engine's loop."""
        self.is_kept = True
        steps = {child: [step.parent, list(step.operators)] for child, step in self._steps.items()}
        return json.dumps(steps).encode()

    def keep(self, content: bytes) -> None:
        """Write it down; OSError if that fails. May be called on any thread."""
        replace(self._folder, self._name, content, durable=False)


def _step(given: Any) -> Step | None:
    match given:
        case [str(parent), [*operators]] if len(parent) == _DIGITS and all(isinstance(name, str) for name in operators):
            return Step(parent, tuple(name[:NAME_CHARACTERS] for name in operators[:MOST_OPERATORS]))
        case _:
            return None
