"""Which parameters of a function are given when it is fuzzed by its name, and how."""

from collections.abc import Iterable
from enum import Enum
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS


MOST_YIELDED: Final = 10_000
"""Values that are taken of a generator: some have no end."""


class How(Enum):
    """How a parameter can be given."""

    BY_PLACE = "by place"
    EITHER = "either"
    BY_NAME = "by name"


class Formal(NamedTuple):
    """A parameter as the function's definition has it."""

    name: str
    how: How
    has_default: bool
    is_usable: bool
    """Whether its annotation tells what values to give."""


class Given(NamedTuple):
    """Names of the parameters that are given: all others have their defaults, `*args` and `**kwargs` are empty."""

    by_place: tuple[str, ...] = ()
    by_name: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All, in the order of their values."""
        return (*self.by_place, *self.by_name)


def given(formals: Iterable[Formal], *, all_parameters: bool) -> Given:
    """Those without a default; with `all_parameters` also those with one of which values can be made."""
    by_place: list[str] = []
    by_name: list[str] = []
    is_gap = False
    for formal in formals:
        if formal.has_default and not (all_parameters and formal.is_usable):
            is_gap = True  # what comes after it is given by its name
        elif formal.how is How.BY_NAME or (is_gap and formal.how is How.EITHER):
            by_name.append(formal.name)
        elif not is_gap:
            by_place.append(formal.name)
    return Given(tuple(by_place), tuple(by_name))
