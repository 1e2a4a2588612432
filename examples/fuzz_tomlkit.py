"""tomlkit 0.7.0, a TOML parser that keeps a document's style: an invalid one raises an error of its own.

Known to be found: a TypeError while it builds one of its error messages, an UnboundLocalError for a table header that
is cut off, an OverflowError for a large year.
"""

import tomlkit  # type: ignore[import-untyped]
from tomlkit.exceptions import TOMLKitError  # type: ignore[import-untyped]

import fuzztui

SEEDS = ['title = "x"\n', "[a.b]\nc = [1, 2.5, true]\n", "d = 1979-05-27T07:32:00Z\n", "[[t]]\nn = { x = 0xff }\n"]


@fuzztui.fuzz(seeds=SEEDS, raises=(TOMLKitError, RecursionError))
def fuzz_tomlkit(document: str) -> None:
    tomlkit.parse(document)
