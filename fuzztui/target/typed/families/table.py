"""The families of types, in the order in which they are asked."""

from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.families import (
    aliases,
    bounds,
    choices,
    containers,
    drawn,
    records,
    scalars,
    standard,
    thirdparty,
    unions,
    validated,
)
from fuzztui.target.typed.resolve import Family

__builtins__ = PRIVATE_BUILTINS

FAMILIES: Final[tuple[Family, ...]] = (
    scalars.take,
    bounds.take,
    aliases.take,
    unions.take,
    choices.take,
    containers.take,
    thirdparty.take,
    records.take,
    standard.take,
    validated.take,
    drawn.take,
)
