"""Watch a coverage-guided fuzzer find the bugs of your Python code.

This module is what a harness imports: `fuzz`, a decorator for functions to be fuzzed, and `F`, the argument of a
function that sets something up first. A harness is imported by every worker, so nothing heavy is imported here.
"""

from fuzztui.target.api import F, fuzz

__all__ = ["F", "__version__", "fuzz"]

__version__ = "0.1.0"
