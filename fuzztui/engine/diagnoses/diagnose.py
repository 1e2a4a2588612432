"""All diagnoses of a run, the ones that explain others first."""

from collections.abc import Callable
from typing import Final

from fuzztui.engine.diagnoses import (
    discarded,
    failing,
    idle,
    loading,
    native,
    plateau,
    slow_inputs,
    slowing,
    unreached,
    unstable,
)
from fuzztui.engine.diagnoses.figures import Figures
from fuzztui.engine.show.diagnosis import Diagnosis

_DIAGNOSES: Final[tuple[Callable[[Figures], Diagnosis | None], ...]] = (
    loading.diagnose,
    failing.diagnose,
    discarded.diagnose,
    unreached.diagnose,
    native.diagnose,
    slowing.diagnose,
    slow_inputs.diagnose,
    idle.diagnose,
    unstable.diagnose,
    plateau.diagnose,
)


def diagnoses(figures: Figures) -> tuple[Diagnosis, ...]:
    """What is wrong with a run, the ones first that explain others."""
    return tuple(found for diagnose in _DIAGNOSES if (found := diagnose(figures)) is not None)
