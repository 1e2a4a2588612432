"""Looks for the smallest and plainest input that still fails in one way: pure searches, one module for each kind.

A search is a generator. It yields alternatives to the best value so far, and is sent the position of the first one that
still fails, or None; what it returns at its end is the best value. So it knows nothing of targets, processes or clocks,
can be stopped at any point, and whoever drives it may run the alternatives in any way.

The measure is length first: of the input's file form, then of each argument. Among inputs of one length the plainer one
is smaller: readable characters before others, numbers near 0, the first day of a year.

The searches are those of delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
2002): chunks are left out, large ones first, until no single element can be. What chunks alone cannot do is done as
Hypothesis does it (MacIver and Donaldson, "Test-Case Reduction via Test-Case Generation", 2020): a length is lowered
together with what it counts, two ends are taken away at once, arguments that depend on each other change together.
"""

from fuzztui.engine.shrinking.arguments import shrink
from fuzztui.engine.shrinking.freedom import MOST_PARTS, explore
from fuzztui.engine.shrinking.search import within

__all__ = ["MOST_PARTS", "explore", "shrink", "within"]
