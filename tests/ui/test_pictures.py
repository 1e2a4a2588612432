"""What the screens look like; accepted pictures lie in `__snapshots__`, renewed by `--snapshot-update`."""

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from fuzztui.app import FuzzApp
from fuzztui.engine.show.snapshot import Phase, WorkerState
from fuzztui.screens.final import FinalScreen
from tests.ui.fakes import ObedientSession, crasher, profiled, snapshot, worker

SnapCompare = Callable[..., bool]

BUSY = snapshot(
    phase=Phase.STOPPING,
    workers=tuple(worker(i, state, detail="0.4 s") for i, state in enumerate(WorkerState)),
    crashers=(crasher(0), crasher(1, path=None), crasher(2, seed_name="empty")),
    warnings=("The target has no coverage: name its package with --include.",),
)


def app(theme: str = "textual-dark", session: ObedientSession | None = None) -> FuzzApp:
    built = FuzzApp(session if session is not None else ObedientSession())
    built.theme = theme
    return built


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
def test_run_screen(snap_compare: SnapCompare, theme: str, size: tuple[int, int]) -> None:
    assert snap_compare(app(theme), terminal_size=size)


def test_run_screen_with_every_state_while_stopping(snap_compare: SnapCompare) -> None:
    assert snap_compare(app(session=ObedientSession(BUSY)), terminal_size=(120, 44))


def test_crasher_screen(snap_compare: SnapCompare) -> None:
    assert snap_compare(app(), press=["tab", "enter"], terminal_size=(100, 30))


@pytest.mark.parametrize(
    ("theme", "size"), [("textual-dark", (80, 24)), ("textual-light", (160, 50))], ids=["80x24-dark", "160x50-light"]
)
def test_costs_screen(snap_compare: SnapCompare, theme: str, size: tuple[int, int]) -> None:
    session = ObedientSession(snapshot(workers=profiled(2 if size[0] < 100 else 12)))
    assert snap_compare(app(theme, session), press=["o"], terminal_size=size)


def test_costs_screen_without_a_profile(snap_compare: SnapCompare) -> None:
    assert snap_compare(app(), press=["o"], terminal_size=(100, 30))


def test_help(snap_compare: SnapCompare) -> None:
    assert snap_compare(app(), press=["question_mark"], terminal_size=(100, 30))


def test_question_before_quitting(snap_compare: SnapCompare) -> None:
    assert snap_compare(app("textual-light"), press=["q"], terminal_size=(80, 24))


def test_final_status(snap_compare: SnapCompare) -> None:
    session = ObedientSession()
    shown = app(session=session)

    async def end(pilot: Pilot[Any]) -> None:
        session.finish()
        while not isinstance(shown.screen, FinalScreen):
            await pilot.pause(0.01)
        await pilot.pause()

    assert snap_compare(shown, run_before=end, terminal_size=(100, 30))
