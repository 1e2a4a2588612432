"""sqlparse: statements, grouped."""

import sqlparse


def fuzz_sqlparse(data: bytes) -> None:
    try:
        sqlparse.parse(data.decode("utf-8", "replace"))
    except Exception:
        return
