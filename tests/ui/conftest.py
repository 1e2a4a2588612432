"""No variable of the person who runs the tests may change what the dashboard looks like."""

import pytest


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL", "COLORTERM", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
