"""What every screen looks like, at every size that is offered, dark and light; and that none is left out.

Accepted pictures lie in `__snapshots__`, renewed by `make snapshots`: look at those that have changed.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_textual_snapshot import SVGImageExtension  # type: ignore[import-untyped]
from syrupy.assertion import SnapshotAssertion
from textual.app import App
from textual.command import CommandPalette
from textual.screen import Screen

import fuzztui
from fuzztui.app import FuzzApp
from fuzztui.engine.show.text import say
from fuzztui.personal import PersonalApp
from fuzztui.screens.base import EngineScreen
from fuzztui.screens.choice import ChoiceScreen
from fuzztui.screens.lists import ListScreen
from fuzztui.screens.steering import SteeringScreen
from fuzztui.screens.verbs import VerbScreen
from tests.ui.fakes import ROOT, snapshot
from tests.ui.hostile import NASTY, SHOWN, hostile, obeyed, peaceful
from tests.ui.tour import SIZES, STOPS, Stop

THEMES = ("textual-dark", "textual-light")

ABSTRACT = {EngineScreen, ListScreen, SteeringScreen, VerbScreen, ChoiceScreen}
"""Of these there are only subclasses."""


@pytest.fixture
def accepted(request: pytest.FixtureRequest) -> SnapshotAssertion:
    found: SnapshotAssertion = request.getfixturevalue("snapshot")
    return found.use_extension(SVGImageExtension)


def subclasses(owner: type[Any]) -> Iterator[type[Any]]:
    for each in owner.__subclasses__():
        yield each
        yield from subclasses(each)


def test_every_screen_is_on_the_tour() -> None:
    for module in pkgutil.walk_packages(fuzztui.__path__, "fuzztui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    ours = {screen for screen in subclasses(Screen) if screen.__module__.startswith("fuzztui.")}
    stops = {stop.screen for stop in STOPS}
    assert ours - ABSTRACT == stops - {CommandPalette}


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.name)
@pytest.mark.mostly_soak(17)
async def test_pictures(stop: Stop, accepted: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    """One app is enough: to start one takes longer than to draw it anew."""
    monkeypatch.chdir(ROOT)
    app = stop.app()
    changed = []
    async with app.run_test(size=SIZES[1]) as pilot:
        await stop.reach(app, pilot)
        for theme in THEMES:
            app.theme = theme
            for width, height in SIZES:
                await pilot.resize_terminal(width, height)
                name = f"{width}x{height}-{theme.removeprefix('textual-')}"
                if accepted(name=name) != app.export_screenshot():
                    changed.append(name)
    assert not changed, "look at them with `make snapshots`, then accept them or mend what has changed them"


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.name)
@pytest.mark.mostly_soak(16)
async def test_no_screen_shows_what_a_terminal_obeys(stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such text is in every field of every snapshot, answer, decision and line of the log that the screen is given."""
    monkeypatch.chdir(ROOT)
    app = stop.app(hostile, peaceful)
    assert isinstance(app, PersonalApp)
    sent: list[str] = []
    monkeypatch.setattr(app, "_send", sent.append)
    async with app.run_test(size=(200, 60), notifications=True) as pilot:
        await stop.reach(app, pilot)
        shown = [on_screen(app)]
        if isinstance(app, FuzzApp):
            app.pull()
        app.tell(say("{}", NASTY))
        await pilot.pause()
        shown.append(on_screen(app))
    for text in shown:
        assert not obeyed(text), ascii(text)
    assert SHOWN[:20] in shown[1], "what it is given is shown"
    for sequence in sent:
        title = re.fullmatch(r"(?:\x1b\[2[23];2t)?(?:\x1b\]2;(.*)\x07)?", sequence, re.DOTALL)
        assert title is not None, sequence
        assert not obeyed(title[1] or "")
    assert sent, "the title is set"


def on_screen(app: App[Any]) -> str:
    """What the front screen shows, line by line."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def test_hostile_text_is_what_it_is_taken_for() -> None:
    assert obeyed(NASTY) >= set("\x1b\x07\x9b\u202e\r\b\0\udcff")
    assert not obeyed(SHOWN)
    changed = hostile(snapshot())
    assert changed != snapshot()
    assert peaceful(changed) == snapshot()
