"""No variable of the person who runs the tests may change what the dashboard looks like; and no test waits in vain."""

from typing import Any

import pytest
import textual.app
import textual.pilot
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

from tests.ui.quiet import until_quiet


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL", "COLORTERM", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def quick_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the app's event loop, not for the processor, and not for an answer of each widget."""

    async def until_screen_is_quiet(pilot: Pilot[Any], timeout: float = 30.0) -> bool:
        await until_quiet(most=timeout)
        return pilot.app._exception is None

    for module in (textual.app, textual.pilot):
        assert hasattr(module, "wait_for_idle"), "where Textual waits"
        monkeypatch.setattr(module, "wait_for_idle", until_quiet)
    monkeypatch.setattr(Pilot, "_wait_for_screen", until_screen_is_quiet)


_STYLES: dict[Any, list[RuleSet]] = {}
"""What style sheets say that have been read once, by their text and the theme's variables."""


@pytest.fixture(autouse=True)
def style_sheets_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each app has the same ones, and to read them is a good part of its start."""
    read = Stylesheet._parse_rules

    def read_once(sheet: Stylesheet, *arguments: Any, **named: Any) -> list[RuleSet]:
        key = (frozenset(sheet._variables.items()), arguments, *sorted(named.items()))
        if key not in _STYLES:
            _STYLES[key] = read(sheet, *arguments, **named)
        return _STYLES[key]

    monkeypatch.setattr(Stylesheet, "_parse_rules", read_once)
