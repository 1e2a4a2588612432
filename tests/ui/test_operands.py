"""What is compared in a line, the dictionary, and the line that is favoured: from the coverage."""

from pathlib import Path

import pytest

from fuzztui.engine.live.wishes import AddToken, Favour, LookAtOperands
from fuzztui.engine.show.text import say
from fuzztui.protocol.messages import Operands
from fuzztui.screens.coverage import CoverageScreen
from fuzztui.screens.operands import OperandsScreen
from tests.ui.covered.measured import FILE
from tests.ui.driving import dashboard
from tests.ui.fakes import FakeSession, ended, snapshot

BACKSLASH = Operands("==", "'q'", "'\\\\'", [b"\\", b"q"])
OTHER = Operands("==", "'u'", "'\\\\'", [b"\\", b"u"])
TO_LINE_65 = ("2", "j", "enter", "n", "n", "n", "n")


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])


def compared(session: FakeSession) -> None:
    """Two inputs have been run for line 65."""
    met = session.lines.ask_met(FILE, 65)
    met.waiting = 1
    met.add([BACKSLASH, OTHER])
    met.add([BACKSLASH])


async def test_c_shows_what_inputs_had_and_what_the_code_wanted() -> None:
    session = FakeSession()
    async with dashboard(session, size=(100, 30)) as driver:
        await driver.press(*TO_LINE_65)
        assert "line 65:" in driver.text
        await driver.press("c")
        await driver.until_screen(OperandsScreen)
        assert ("steer", LookAtOperands(FILE, 65)) in session.commands
        assert "inputs that reach the line are being run" in driver.text
        compared(session)
        await driver.show(snapshot())
        await driver.until(lambda: "compared by 2 inputs, 1 to be run" in driver.text)
        rows = [line.strip("│▸ ").split() for line in driver.lines if "==" in line]
        assert rows == [["2", "'q'", "==", "'\\\\'"], ["1", "'u'", "==", "'\\\\'"]]
        await driver.press("escape")
        await driver.until_screen(CoverageScreen)


async def test_d_adds_one_side_after_the_other_to_the_dictionary() -> None:
    session = FakeSession()
    compared(session)
    async with dashboard(session, size=(100, 30)) as driver:
        await driver.press(*TO_LINE_65, "c")
        await driver.until_screen(OperandsScreen)
        await driver.until(lambda: "b'\\\\', b'q'" in driver.text)
        await driver.press("d", "d")
        added = [command[1] for command in session.commands if command[0] == "steer"][1:]
        assert added == [AddToken(b"\\"), AddToken(b"q")]


async def test_f_favours_a_line_says_so_and_takes_it_back() -> None:
    session = FakeSession()
    async with dashboard(session, size=(100, 30)) as driver:
        await driver.press(*TO_LINE_65, "f")
        assert session.commands[-1] == ("steer", Favour(FILE, 65))
        await driver.show(snapshot(favoured=say("{}:65", "tests/ui/covered/ini.py")))
        assert "★ favours tests/ui/covered/ini.py:65" in driver.text
        assert "favour no longer" in driver.text
        await driver.press("f")
        assert session.commands[-1] == ("steer", Favour(""))
        await driver.press("1")
        assert "★ favours tests/ui/covered/ini.py:65" in driver.text


async def test_nothing_of_this_is_offered_for_a_line_that_no_input_reaches_or_after_the_end() -> None:
    session = FakeSession()
    async with dashboard(session, size=(100, 30)) as driver:
        await driver.press(*TO_LINE_65[:-1])
        assert "not covered" in driver.text
        screens = [each for each in driver.app.screen_stack if isinstance(each, CoverageScreen)]
        screen = screens[0]
        assert {screen.why_not("favour"), screen.why_not("compared")} == {"no input reaches this line"}
        await driver.press("f", "c")
        assert driver.app.screen_stack[-1] is screen
        assert not [command for command in session.commands if command[0] == "steer"]
        session.publish(ended())
        assert (screen.why_not("favour"), screen.why_not("compared")) == ("the run has ended", "the run has ended")
