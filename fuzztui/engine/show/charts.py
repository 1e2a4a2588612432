"""Points and marks of the charts."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Sample:
    """One point of the plots."""

    elapsed: float
    rate: float
    """Executions per second since the previous sample."""
    edges: int
    corpus: int


class MarkerKind(Enum):
    """What a mark in the plots stands for."""

    CRASHER = "crasher"
    PAUSE = "pause"
    WORKER_STOPPED = "worker stopped"
    RELOAD = "reload"
    SETTING = "setting changed"


@dataclass(frozen=True, slots=True)
class Marker:
    """Something that happened, to be marked in the plots."""

    elapsed: float
    kind: MarkerKind
