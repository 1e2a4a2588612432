"""What keeps a run from finding more stands on its screen in one line, and in full behind a key and in the help."""

import pytest

from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.text import label
from fuzztui.screens.diagnoses import DiagnosesScreen, diagnosis_lines
from fuzztui.screens.help import HelpScreen
from fuzztui.screens.run import RunScreen
from fuzztui.widgets.tone import plain
from tests.ui.driving import dashboard
from tests.ui.fakes import FakeSession, ended, snapshot

FAILING = Diagnosis("failing", label("Every input fails."), label("Declare what it may raise."), (("share", 1.0),))
PLATEAU = Diagnosis("plateau", label("Nothing new for 5m 00s."), label("Give a seed."))


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 60)])
@pytest.mark.mostly_soak(2)
async def test_diagnosis_stands_in_one_line_and_goes_with_its_cause(size: tuple[int, int]) -> None:
    async with dashboard(FakeSession(snapshot()), size) as driver:
        assert "◆" not in driver.text
        await driver.show(snapshot(diagnoses=(FAILING, PLATEAU)))
        line = next(line for line in driver.lines if "◆" in line)
        assert "D and 1 more" in line
        assert "Every input fails." in line
        await driver.show(snapshot())
        assert "◆" not in driver.text


async def test_key_shows_what_to_do() -> None:
    async with dashboard(FakeSession(snapshot(diagnoses=(FAILING, PLATEAU))), (100, 30)) as driver:
        await driver.press("D")
        assert isinstance(driver.app.screen, DiagnosesScreen)
        for words in (FAILING.finding, FAILING.advice, PLATEAU.finding, PLATEAU.advice):
            assert words in driver.text
        await driver.show(snapshot())
        assert "Nothing is the matter" in driver.text
        await driver.press("D")
        assert isinstance(driver.app.screen, RunScreen)


async def test_help_explains_it() -> None:
    async with dashboard(FakeSession(snapshot(diagnoses=(FAILING,))), (120, 60)) as driver:
        await driver.press("question_mark")
        assert isinstance(driver.app.screen, HelpScreen)
        assert FAILING.advice in driver.text


async def test_run_that_has_ended_has_no_diagnosis_on_its_screen() -> None:
    async with dashboard(FakeSession(ended(diagnoses=(FAILING,)))) as driver:
        await driver.press("d")
        assert "◆ D" not in driver.text


def test_each_diagnosis_is_a_finding_and_an_advice() -> None:
    lines = [plain(line) for line in diagnosis_lines((FAILING, PLATEAU))]
    assert lines == [FAILING.finding, FAILING.advice, "", PLATEAU.finding, PLATEAU.advice]
