"""Truth values, towards False."""

from fuzztui.engine.shrinking.search import Search, first_of


def shrink(value: bool) -> Search[bool]:
    """False where that fails."""
    return (yield from first_of(value, iter([False] if value else [])))
