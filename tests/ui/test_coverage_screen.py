"""The coverage: what is missing, by function and by line, which inputs reach a line, live while a run goes on."""

import os
from pathlib import Path

import pytest

from fuzztui.app import FuzzApp
from fuzztui.engine.work.line_coverage import LineCoverage, MeasuredInput
from fuzztui.protocol.digest import digest_of
from fuzztui.protocol.messages import Layout, Measured, Part
from fuzztui.screens.coverage import CoverageScreen
from fuzztui.screens.reaching import ReachingScreen
from fuzztui.screens.run import RunScreen
from fuzztui.worker.coverage.layout import layout_of
from tests.ui.covered import ini
from tests.ui.covered.measured import FILE, INPUTS, measured
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import FakeSession, snapshot

ESCAPED = (250.0, 'key = "a\\nb"')
"""An input that reaches what none has reached before."""


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])


def pane(driver: Driver, title: str) -> list[str]:
    """The lines of the pane whose title has these words, without its border."""
    top = next(number for number, line in enumerate(driver.lines) if title in line and "╭" in line)
    left = driver.lines[top].rfind("╭", 0, driver.lines[top].index(title))
    right = driver.lines[top].index("╮", left)
    rows = []
    for line in driver.lines[top + 1 :]:
        if line[left : left + 1] == "╰":
            break
        rows.append(line[left + 1 : right])
    return rows


def source_line(driver: Driver, number: int) -> str:
    return next(line for line in pane(driver, "ini.py ─") if line.strip("▸ ").startswith(f"{number} "))


async def test_functions_stand_under_their_file_with_what_is_missing_first() -> None:
    async with dashboard(size=(120, 40)) as driver:
        await driver.press("2")
        rows = [row.split() for row in pane(driver, "coverage: 77% by 8 inputs")]
        assert [row[:3] for row in rows[1:3]] == [["▾", "…s/ui/covered/ini.py", "31/40"], ["▸", "include", "0/4"]]
        assert [row[0] for row in rows[3:7]] == ["unquote", "section_name", "ParseError.__init__", "parse"]


async def test_lines_bear_signs_that_need_no_colour_and_how_many_inputs_reach_them() -> None:
    async with dashboard(size=(120, 40)) as driver:
        await driver.press("2", "j")
        signs = {55: "+", 56: "+", 57: "*", 62: "?", 63: "-", 69: "*", 53: "·"}
        for number, sign in signs.items():
            assert source_line(driver, number).strip("▸ ").split()[1] == sign
        assert source_line(driver, 55).split()[2] == "5"


async def test_a_line_that_goes_one_way_only_says_where_it_never_went() -> None:
    async with dashboard(size=(120, 40)) as driver:
        await driver.press("2", "j", "enter", "n")
        assert "line 62: covered, reached by 1 input, 6 times, first 3s ago" in driver.text
        assert "goes on to 63: never; 65: 1 input" in driver.text
        await driver.press("n")
        assert "line 63: not covered" in driver.text
        await driver.press("b")
        assert "line 62: covered" in driver.text


async def test_what_is_measured_meanwhile_is_drawn_and_the_cursor_stays() -> None:
    session = FakeSession()
    async with dashboard(session, size=(120, 40)) as driver:
        await driver.press("2", "j", "enter", "n", "n")
        session.lines = measured([*INPUTS, ESCAPED])
        await driver.show(snapshot())
        await driver.until(lambda: "by 9 inputs" in driver.text)
        assert source_line(driver, 63).strip("▸ ").split()[1] == "*"
        assert "line 63: covered, reached by 1 input, 1 time" in driver.text
        assert next(row for row in pane(driver, "coverage:") if "unquote" in row).split()[2:] == ["14/14", "100%"]


async def test_inputs_are_measured_only_as_long_as_somebody_looks() -> None:
    session = FakeSession()
    async with dashboard(session) as driver:
        assert session.commands == []
        await driver.press("2")
        assert session.commands == [("measure_coverage", True)]
        await driver.press("escape")
        await driver.until_screen(RunScreen)
        assert session.commands == [("measure_coverage", True), ("measure_coverage", False)]


async def test_enter_on_a_line_lists_the_inputs_that_reach_it() -> None:
    async with dashboard(size=(120, 40)) as driver:
        await driver.press("2", "j", "enter", "j", "j")
        assert "line 55" in driver.text
        await driver.press("enter")
        await driver.until_screen(ReachingScreen)
        rows = pane(driver, "ini.py:55: 5 inputs")
        assert [row.strip("▸ ").split()[1] for row in rows[1:3]] == ["2", "10"]
        assert "240s" not in driver.text
        assert "before" in "".join(rows)
        assert "00000000" in driver.text
        await driver.press("escape")
        await driver.until_screen(CoverageScreen)


async def test_a_line_that_no_input_reaches_opens_nothing_and_says_why() -> None:
    async with dashboard(size=(120, 40)) as driver:
        await driver.press("2", "enter", "j", "j", "enter")
        assert isinstance(driver.app.screen, CoverageScreen)
        assert driver.app.screen.why_not("open") == "no input reaches this line"


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
async def test_where_there_is_no_room_one_pane_is_shown_at_a_time(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as driver:
        await driver.press("2", "j")
        assert "coverage: 77%" in driver.text
        assert "return value" not in driver.text
        await driver.press("enter")
        assert "return value" in driver.text
        assert "coverage: 77%" not in driver.text
        await driver.press("escape")
        assert "coverage: 77%" in driver.text
        assert isinstance(driver.app.screen, CoverageScreen)


async def test_files_fold_and_a_search_looks_into_folded_ones() -> None:
    async with dashboard(size=(120, 40)) as driver:
        await driver.press("2", "left")
        assert [row.split()[:2] for row in pane(driver, "coverage:")[1:2]] == [["▸", "▸"]]
        assert not any("unquote" in row for row in pane(driver, "coverage:"))
        await driver.press("slash", *"unq", "enter")
        assert any("unquote" in row for row in pane(driver, "coverage:"))
        await driver.press("escape", "right")
        assert "section_name" in driver.text


async def test_o_orders_functions_anew() -> None:
    async with dashboard(size=(120, 40)) as driver:
        await driver.press("2", "o")
        assert "by place" in driver.text
        names = [row.strip("▸ ").split()[0] for row in pane(driver, "coverage:")[2:7]]
        assert names == ["ParseError.__init__", "parse", "section_name", "include", "unquote"]


async def test_e_opens_the_line_in_an_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    async with dashboard(size=(120, 40)) as driver:
        monkeypatch.setattr(FuzzApp, "on_verb_screen_edit", lambda _, message: opened.append(message.location))
        await driver.press("2", "j", "enter", "n", "e")
        await driver.until(lambda: bool(opened))
        assert opened == [f"{os.path.relpath(FILE)}:62"]


async def test_before_anything_is_measured_a_sentence_says_what_is_going_on() -> None:
    session = FakeSession(snapshot(loaded_at=None))
    session.lines = type(session.lines)()
    async with dashboard(session) as driver:
        await driver.press("2")
        assert "the target is not loaded yet" in driver.text
        await driver.show(snapshot())
        await driver.until(lambda: "the first inputs are being measured" in driver.text)


async def test_a_file_that_was_changed_is_shown_without_what_was_known_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = FakeSession()
    lines = session.lines.files[FILE]
    monkeypatch.setattr(lines, "layout", type(lines.layout)(*(FILE, "ini", b"other", *[
        getattr(lines.layout, name) for name in ("parts", "branches", "firsts")
    ])))  # fmt: skip
    async with dashboard(session, size=(120, 40)) as driver:
        await driver.press("2", "j")
        assert "as on the disk: changed since it was loaded, so nothing is marked" in driver.text
        assert source_line(driver, 63).strip("▸ ").split()[1] == 'result.append({"n":'


BEFORE = "def one(x):\n    if x:\n        return 1\n    return 2\n\n\ndef two(x):\n    return x\n"

AFTER: dict[str, tuple[str, int]] = {
    # what is edited -> the source then, and in which line `return 1` is; 0 where its function is not there any more
    "nothing": (BEFORE, 3),
    "lines above": (f"import os\n\n\n{BEFORE}", 6),
    "another order": (BEFORE[BEFORE.index("def two") :] + "\n\n" + BEFORE[: BEFORE.index("def two")], 7),
    "renamed": (BEFORE.replace("def one", "def uno"), 0),
    "removed": (BEFORE[BEFORE.index("def two") :], 0),
}


def lines_of(file: Path, *, version: int, covers: int = 0) -> LineCoverage:
    """What is measured of a file as it is: one input that covers a line, if any."""
    content = file.read_bytes()
    made = layout_of(content, str(file))
    lines = LineCoverage()
    lines._base = version
    parts = [Part(part.name, part.first, part.last, part.statements) for part in made.parts]
    lines.announce(Layout(str(file), "mod", digest_of(content), parts, [], []))
    if covers:
        arcs = Measured(0, {str(file): [(covers - 1, covers, 1)]})
        lines.add(arcs, MeasuredInput("a", b"a", "seed", 0.0, False))
    return lines


@pytest.mark.parametrize("edit", AFTER)
@pytest.mark.mostly_soak(2)
async def test_after_a_reload_no_line_of_the_code_before_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: str
) -> None:
    monkeypatch.chdir(tmp_path)
    source, now = AFTER[edit]
    file = tmp_path / "mod.py"
    file.write_text(BEFORE)
    session = FakeSession()
    session.lines = lines_of(file, version=0, covers=3)
    async with dashboard(session, size=(120, 40)) as driver:
        await driver.press("2")
        screen = driver.app.screen
        assert isinstance(screen, CoverageScreen)
        await driver.until(lambda: "two" in driver.text)
        screen.functions.select(f"{file}\0{1}")
        await driver.until(lambda: screen._shown is not None and screen._shown.name == "one")
        await driver.press("enter", "j", "j")
        assert "line 3: covered, reached by 1 input" in driver.text
        file.write_text(source)
        session.lines = LineCoverage()
        session.lines._base = 10
        await driver.show(snapshot())
        await driver.until(lambda: "it is measured anew" in driver.text)
        assert "return 1" not in driver.text
        session.lines = lines_of(file, version=20, covers=now)
        await driver.show(snapshot(executions=1))
        if now:
            await driver.until(lambda: f"line {now}: covered, reached by 1 input" in driver.text)
            assert [line.strip("▸ ").split()[:2] for line in pane(driver, "mod.py ─") if "return 1" in line] == [
                [str(now), "+"]
            ]
            assert screen.functions.selected == f"{file}\0{now - 2}"
        else:
            await driver.until(lambda: "this function is not in the code that was loaded anew" in driver.text)
            assert "return 1" not in driver.text
            assert "line 3" not in driver.text
            await driver.press("j")
            await driver.until(lambda: "def " in driver.text)


def test_the_parser_of_the_pictures_does_what_it_says() -> None:
    assert ini.parse('[a]\nb = "c\\td"\n') == {"": {}, "a": {"b": "c\td"}}


async def test_hostile_names_and_sources_reach_the_screen_spelled_out(tmp_path: Path) -> None:
    folder = tmp_path / "\x1b]0;title\x07[red]"
    folder.mkdir()
    file = folder / "evil.py"
    source = 'def name(x):\n    if x:\n        return "\x1b[31m\u202e[/x]"\n    return "\x9b2J"\n'
    file.write_text(source)
    made = layout_of(source.encode(), str(file))
    parts = [Part("na\x1b[2Jme[/y]", part.first, part.last, part.statements) for part in made.parts]
    session = FakeSession()
    session.lines = LineCoverage()
    session.lines.announce(Layout(str(file), "evil", digest_of(source.encode()), parts, [(2, 3, 0), (2, 4, 0)], []))
    arcs = Measured(0, {str(file): [(-1, 2, 1), (2, 3, 1), (3, -1, 1)]})
    session.lines.add(arcs, MeasuredInput("a", b"\x1b[0m", "x\x1bc", 3.0, False))
    async with dashboard(session, size=(120, 40)) as driver:
        await driver.press("2", "enter", "j", "j")
        assert r"\x1b[31m\u202e[/x]" in driver.text
        assert r"na\x1b[2Jme[/y]" in driver.text
        await driver.press("enter")
        await driver.until_screen(ReachingScreen)
        assert r"x\x1bc" in driver.text
        assert not any(
            ord(character) < 32 or 127 <= ord(character) < 160 for line in driver.lines for character in line
        )
