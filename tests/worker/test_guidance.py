"""From instrumented code by way of its traced comparisons to inputs that pass them, without chance."""

from collections.abc import Callable
from typing import Any

import pytest

from fuzztui.worker.instrumentation.instrument import instrument
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.mutate import Tried, candidates

AT_MOST = 150
"""Executions; chance would need millions."""


class Target:
    """A module with a function `f`, which raises LookupError for what is to be found."""

    def __init__(self, source: str) -> None:
        made = instrument(source.encode(), "m.py")
        self._probes = ProbeMap()
        base = self._probes.register("m", "m.py", made.lines)
        namespace: dict[str, Any] = {"__name__": "m"}
        self._probes.attach("m", namespace)
        exec(made.at(base), namespace)
        self._function: Callable[[str], object] = namespace["f"]
        self._covered: set[int] = set()
        self.executions = 0

    def _is_news(self, text: str) -> bool:
        self.executions += 1
        cells = self._probes.cells
        cells[:] = bytes(len(cells))
        try:
            self._function(text)
        except (ValueError, IndexError):
            return False
        found = {cell for cell, hit in enumerate(cells) if hit}
        is_news = not found <= self._covered
        self._covered |= found
        return is_news

    def search(self, entry: str) -> None:
        """Follow what comparisons suggest from this input on, and from each that covers something new."""
        queue, tried = [entry], Tried()
        while queue:
            text = queue.pop(0)
            self._probes.trace_comparisons(True)
            self._is_news(text)
            self._probes.trace_comparisons(False)
            comparisons = tried.fresh(self._probes.trace.comparisons)
            for (candidate,) in candidates((text,), comparisons, 400, tried=tried):
                if self._is_news(str(candidate)):
                    queue.append(str(candidate))


ENTRIES = {
    "words and a number": "help 5",
    "chain of comparisons": "1",
    "chain of comparisons of what is calculated": """
def f(x):
    words = x.split(" ")
    if words[0].isdigit() and 7_000_000 < int(words[0]) < 7_000_002: raise LookupError
""",
    "chain of comparisons with negative numbers": "1",
}

SOURCES = {
    "prefix and suffix": """
def f(x):
    if x.startswith("UPLOAD "):
        if x.removeprefix("UPLOAD ").endswith((".final", ".done")): raise LookupError
""",
    "words and a number": """
def f(x):
    words = x.split(" ")
    if words[0] == "keyword":
        if words[1].isdigit() and int(words[1]) == 31337: raise LookupError
""",
    "number of words": """
def f(x):
    if x.split(",") == ["alpha", "beta", "gamma"]: raise LookupError
""",
    "table of handlers": """
TABLE = {"begin": 1, "finish": 2}
def f(x):
    name, _, argument = x.partition(":")
    if TABLE.get(name) == 2:
        if TABLE[argument] == 1: raise LookupError
""",
    "key of a table": """
TABLE = {"begin": 1, "finish": 2}
def f(x):
    try: number = TABLE[x.lower()]
    except KeyError: return
    if number == 2: raise LookupError
""",
    "key that the input should have": """
def f(x):
    table = dict(item.split("=", 1) for item in x.split(";"))
    if "secret" in table:
        if table["secret"] == "value": raise LookupError
""",
    "match of a text": """
def f(x):
    match x.strip():
        case "other": return
        case "keyword" | "word": raise LookupError
""",
    "match of words": """
def f(x):
    match x.split():
        case ["go", ("north" | "south"), str() as speed]:
            if int(speed) == 4711: raise LookupError
""",
    "regular expression": r"""
import re
PATTERN = re.compile(r"v(\d+)=(?:on|off);")
def f(x):
    if found := PATTERN.match(x):
        if found.group(1) == "815": raise LookupError
""",
    "chain of comparisons": """
def f(x):
    if x.isdigit():
        number = int(x)
        if 7_000_000 < number < 7_000_002: raise LookupError
""",
    "chain of comparisons with negative numbers": """
def f(x):
    if x.removeprefix("-").isdigit():
        number = int(x)
        if -7_000_002 < number < -7_000_000: raise LookupError
""",
}


@pytest.mark.parametrize("name", SOURCES)
def test_inputs_that_pass_a_comparison_are_found_from_what_is_traced(name: str) -> None:
    target = Target(SOURCES[name])
    with pytest.raises(LookupError):
        target.search(ENTRIES.get(name, "k=x"))
    assert target.executions <= AT_MOST
