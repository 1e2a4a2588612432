"""No edge is covered in what the target imports: the target calls something else, or fails before."""

import sys
from typing import Final

from fuzztui.engine.diagnoses.figures import Figures
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.text import joined, label, say

NAME: Final = "unreached"

LEAST_EXECUTIONS: Final = 1_000
LEAST_SECONDS: Final = 5.0
NAMED: Final = 3

NEVER_CALLED: Final = frozenset({"typing", "__future__", "fuzztui", "collections.abc", "abc", "enum", "dataclasses"})
"""Imported to write programs with, and not run by them."""

OWN: Final = 8
"""Edges reached in the target's own file from which on the code under test may be there, and what it imports from the
standard library mere helpers of it. A harness has a handful."""

MUCH: Final = 40
"""The same where other modules are imported."""


def diagnose(figures: Figures) -> Diagnosis | None:
    """Speaks where modules with probes are imported and not one of their probes was reached."""
    probed = [
        each
        for each in figures.imports
        if each.is_instrumented and each.probes and not (each.is_front or each.name in NEVER_CALLED)
    ]
    if not probed or any(each.reached for each in probed) or figures.edges_outside:
        return None
    if figures.executions < LEAST_EXECUTIONS or figures.fuzzing_for < LEAST_SECONDS:
        return None
    is_standard = all(each.name.partition(".")[0] in sys.stdlib_module_names for each in probed)
    if figures.edges > (OWN if is_standard else MUCH):
        return None
    shown = joined(", ", [say("{} (0 of {:,})", each.name, each.probes) for each in probed[:NAMED]])
    more = say(" and {} more", len(probed) - NAMED) if len(probed) > NAMED else ""
    finding = say(
        "Nothing that the target imports is reached: no edge in {}{} after {:,} executions.",
        shown,
        more,
        figures.executions,
    )
    advice = label(
        "The target returns or fails before it calls them, or calls code that is not instrumented: m shows what became "
        "of each module, --include adds one. Look whether the target passes on what it is given."
    )
    return Diagnosis(
        NAME,
        finding,
        advice,
        (("executions", figures.executions), ("probes", sum(each.probes for each in probed)), ("edges", figures.edges)),
    )
