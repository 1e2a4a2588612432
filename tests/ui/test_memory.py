"""A dashboard that is left open all day holds no more in the evening than in the morning."""

import gc
from collections import Counter
from dataclasses import replace

import pytest

from fuzztui.engine.show.events import CrasherConfirmed, WorkerEnded
from fuzztui.engine.show.log import Log
from fuzztui.engine.show.text import label
from fuzztui.screens.places import PLACES
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import FakeSession, crowd, snapshot, worker

BEGINNING = 300
"""Looks after which all that is kept has been filled."""
EVENTS = 4
"""At each look."""


async def go_on(driver: Driver, begin: int, looks: int) -> None:
    """Move every figure, tell of events, look, so many times, four a second; some keys are pressed."""
    session = driver.session
    for number in range(begin, begin + looks):
        elapsed = 252.0 + number / 4
        workers = tuple(
            worker(i, executions=number * (1000 + i), rate=900.0 + number * 37 % 500, rss=90_000_000 + number % 7)
            for i in range(4)
        )
        for i in range(EVENTS):
            session.emit(WorkerEnded(elapsed, i, label("exit 0"), label("crasher"), 0.01, False, is_by_input=True))
        session.emit(CrasherConfirmed(elapsed, session.snapshot().crashers[0]))
        session.publish(replace(session.snapshot(), elapsed=elapsed, workers=workers, executions=number * 9000))
        driver.app.pull()
        if number % 50 == 0:
            await driver.press("tab", "j")
        elif number % 10 == 0:
            await driver.pilot.pause()


def kinds() -> Counter[str]:
    """How many objects there are of each class."""
    gc.collect()
    return Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects())


def is_kept_for_long(kind: str) -> bool:
    """Whether it is ours or a widget, a message and the like, and no part of what is drawn at this moment."""
    return kind.startswith(("fuzztui.", "textual.")) and not kind.startswith(("textual.cache.", "textual.strip.",
                                                                             "textual.geometry."))  # fmt: skip


@pytest.mark.parametrize(
    ("place", "looks"),
    [*((place.name, 600) for place in PLACES), ("run", 36_000)],
)
@pytest.mark.soak
async def test_objects_are_as_many_after_many_looks_as_after_few(
    place: str, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Log.__init__, "__defaults__", (BEGINNING,))  # else it grows for an hour, and no longer
    session = FakeSession(snapshot(crashers=crowd(), hits=9, time_limit=None))
    async with dashboard(session, size=(120, 40)) as driver:
        await driver.press(next(each.key for each in PLACES if each.name == place))
        await go_on(driver, 0, BEGINNING)
        before = kinds()
        await go_on(driver, BEGINNING, looks)
        after = kinds()
        more = Counter({kind: n for kind, n in (after - before).items() if is_kept_for_long(kind)})
        assert more.total() < looks / 10, more.most_common(12)
        assert after.total() < 1.1 * before.total(), (after - before).most_common(12)
