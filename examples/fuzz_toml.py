"""The standard library's TOML parser: invalid documents raise `TOMLDecodeError`, and nothing else may be raised.

Deeply nested arrays exhaust the stack; that is known, and part of the contract here.
"""

import tomllib

import fuzztui

SEEDS = [
    'title = "x"\n[a.b]\nc = [1, 2.5, true]\n',
    "d = 1979-05-27T07:32:00Z\ne = 07:32:00.5\n",
    "[[t]]\nn = 0xff\n[[t]]\ns = '''raw\ntext'''\n",
    'u = "\\u00e9\\t"\ni = { x = inf, y = -nan }\n',
]


@fuzztui.fuzz(seeds=SEEDS, raises=(tomllib.TOMLDecodeError, RecursionError))
def fuzz_toml(document: str) -> None:
    tomllib.loads(document)
