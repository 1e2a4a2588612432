"""The work is done by code that has no probes, in C for the most part: what happens in there guides no mutation."""

import sys
from typing import Final

from fuzztui.engine.diagnoses.figures import Figures
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.text import joined, label, say

NAME: Final = "native"

LEAST_EXECUTIONS: Final = 10_000

STUCK: Final = 10.0
"""Seconds without anything new: as long as coverage grows, there is Python to be covered."""

LITTLE: Final = 0.15
"""Share of a module's edges up to which it only hands on to a compiled one: `json.loads` reaches 3 % of `json`."""

OWN: Final = 8
"""Edges reached in the target's own file up to which it is a harness alone, and what it imports does the work."""

HELPERS: Final = frozenset(
    {"time", "math", "sys", "gc", "itertools", "errno", "atexit", "faulthandler", "builtins", "signal", "select"}
    | {"fcntl", "mmap", "resource", "pwd", "grp", "termios", "syslog", "_thread"}
)
"""Compiled modules of the standard library that targets import for other reasons than to fuzz them."""

NAMED: Final = 3


def diagnose(figures: Figures) -> Diagnosis | None:
    """Speaks where all that the target imports either is compiled, or hands on to a compiled module of its own and is
    reached hardly at all, and nothing new is found.

    A compiled module of the standard library counts where the target is little else than a call of it.
    """
    compiled = [each.name for each in figures.imports if each.is_compiled and _is_fuzzed(each.name, figures.edges)]
    probed = [each for each in figures.imports if each.is_instrumented and (each.reached or each.is_front)]
    handing_on = [each for each in probed if each.accelerator and each.reached <= LITTLE * each.probes]
    if figures.executions < LEAST_EXECUTIONS or figures.since_new < STUCK or len(handing_on) < len(probed):
        return None
    if not handing_on and (not compiled or figures.edges_outside):
        return None
    parts = [
        say("{} hands on to {} ({} of {} edges are reached)", each.name, each.accelerator, each.reached, each.probes)
        for each in handing_on
    ]
    parts += [say("{} is compiled", name) for name in compiled]
    more = say(" and {} more", len(parts) - NAMED) if len(parts) > NAMED else ""
    finding = say(
        "The work is done in compiled code, which cannot be measured: {}{}.", joined(", ", parts[:NAMED]), more
    )
    advice = label(
        "Inputs are tried almost blindly there. Fuzz an implementation in Python if there is one, give seeds that "
        "reach deep and a dictionary (--dict), and check results in the target, so that more than crashes is found."
    )
    figured = (("edges", figures.edges), ("edges_total", figures.edges_total), ("seconds", figures.since_new))
    return Diagnosis(NAME, finding, advice, figured)


def _is_fuzzed(module: str, edges: int) -> bool:
    top = module.partition(".")[0]
    return top not in sys.stdlib_module_names or (edges <= OWN and top not in HELPERS)
