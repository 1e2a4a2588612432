"""What a dashboard does while next to nothing changes: next to nothing, for the workers have the processors."""

from collections import Counter
from dataclasses import replace

import pytest
from textual import events
from textual.widget import Widget

from fuzztui.app import ATTENDED, UNATTENDED, UNWATCHED
from tests.ui.driving import dashboard
from tests.ui.fakes import FakeSession, snapshot


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each widget has been told to draw itself anew, and `layout` how often all were placed again."""
    counted: Counter[str] = Counter()
    refresh = Widget.refresh

    def count(widget: Widget, *regions: object, layout: bool = False, **others: bool) -> Widget:
        counted[widget.id or type(widget).__name__] += 1
        counted["layout"] += layout
        return refresh(widget, *regions, layout=layout, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(Widget, "refresh", count)
    return counted


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_snapshot_that_differs_in_nothing_one_sees_draws_nothing(
    drawn: Counter[str], size: tuple[int, int]
) -> None:
    session = FakeSession(snapshot(elapsed=252.3))
    async with dashboard(session, size=size) as driver:
        drawn.clear()
        await driver.show(replace(session.snapshot(), elapsed=session.snapshot().elapsed + 0.01))
        assert not drawn


async def test_a_worker_that_goes_on_draws_its_row_and_the_totals_without_placing_anything_again(
    drawn: Counter[str],
) -> None:
    session = FakeSession()
    async with dashboard(session, size=(100, 30)) as driver:
        drawn.clear()
        first, second = session.snapshot().workers
        workers = (replace(first, executions=first.executions + 7_000_000), second)
        await driver.show(replace(session.snapshot(), workers=workers, executions=9_000_000))
        assert set(drawn) == {"status", "workers", "layout"}
        assert not drawn["layout"]


async def test_where_the_terminal_has_not_the_focus_few_looks_are_made() -> None:
    async with dashboard(FakeSession(), size=(80, 24)) as driver:
        looks: list[int] = []
        driver.app.pull = lambda: looks.append(1)  # type: ignore[method-assign]
        driver.app.post_message(events.AppBlur())
        await driver.until(lambda: not driver.app.app_focus)
        looks.clear()
        for _ in range(4 * UNWATCHED):
            driver.app._look()
        assert len(looks) < 4 * UNWATCHED / 2
        driver.app.post_message(events.AppFocus())
        await driver.until(lambda: driver.app.app_focus)
        looks.clear()
        driver.app._look()
        assert looks


async def test_where_nobody_touches_anything_half_the_looks_are_made() -> None:
    async with dashboard(FakeSession(), size=(80, 24)) as driver:
        looks: list[int] = []
        driver.app.pull = lambda: looks.append(1)  # type: ignore[method-assign]
        for seconds, expected in ((0.0, 12), (ATTENDED + 1.0, 12 // UNATTENDED)):
            driver.app._touched -= seconds
            looks.clear()
            for _ in range(12):
                driver.app._look()
            assert len(looks) in (expected, expected + 1)  # the app's own timer may come in between
        await driver.press("j")
        looks.clear()
        driver.app._look()
        driver.app._look()
        assert len(looks) >= 2
