"""Twelve bugs behind one target, each met twenty times with another message, line or depth, make twelve crashers."""

from collections.abc import Callable

import pytest

from fuzztui.engine.request.options import Limit
from tests.engine import twelve
from tests.support import Project

MEETINGS = 20

pytestmark = pytest.mark.processes


def inputs(source: str) -> dict[str, list[bytes]]:
    """For each bug of a program those that show it."""
    names: dict[str, object] = {}
    exec(source, names)
    bugs = names["BUGS"]
    assert isinstance(bugs, dict)
    assert len(bugs) == 12
    return {name: [b"%s:%d" % (name.encode(), n) for n in range(MEETINGS)] for name in bugs}


@pytest.mark.parametrize("source", [twelve.FIRST, twelve.SECOND], ids=["first", "second"])
@pytest.mark.soak
def test_twelve_bugs_make_twelve_crashers(project: Callable[..., Project], source: str) -> None:
    made = project(source, workers=2, stop_on_crash=False, timeout=0.6)
    by_bug = inputs(source)
    for bug, shown_by in by_bug.items():
        for data in shown_by:
            made.seed(f"{bug}-{data.partition(b':')[2].decode()}", data)
    run = made.run(limit=Limit(executions=13 * MEETINGS))
    found: dict[str, list[str]] = {}
    for crasher in run.crashers:
        found.setdefault(crasher.data.decode().partition(":")[0], []).append(f"{crasher.failure.title} {crasher.hits}")
    assert {bug: len(ways) for bug, ways in found.items()} == dict.fromkeys(by_bug, 1), found
    assert all(crasher.hits >= MEETINGS for crasher in run.crashers)
