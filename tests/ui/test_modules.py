"""Which imported modules are instrumented is told at the start, can be looked up, and stands at the end."""

import json
from dataclasses import replace

import pytest

from fuzztui.engine.show.events import Ended
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import label, visible
from fuzztui.plain.json_lines import json_lines
from fuzztui.plain.lines import PlainLines
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.modules import ModulesScreen
from fuzztui.screens.report import printed_report
from fuzztui.screens.run import MODULES_SHOWN, RunScreen, notice_lines
from fuzztui.widgets.tone import plain
from fuzztui.words.sentences import bare_modules
from tests.ui.driving import dashboard
from tests.ui.fakes import MODULES, FakeSession, ended, snapshot

YOUNG = snapshot(elapsed=3.0, modules=MODULES)
REASONS = [module.reason for module in MODULES if module.reason]


def noticed(shown: Snapshot) -> str:
    return "\n".join(map(plain, notice_lines(shown, "q", "6")))


def test_a_young_run_names_the_modules_without_probes_and_where_to_read_more() -> None:
    assert noticed(YOUNG) == "· No probes in math, company.internal.formats.container, typing. 6 shows why."


@pytest.mark.parametrize(
    "quiet",
    [
        snapshot(elapsed=MODULES_SHOWN, modules=MODULES),
        snapshot(elapsed=3.0, modules=MODULES[:2]),
        snapshot(elapsed=3.0),
    ],
    ids=["later", "all instrumented", "not loaded"],
)
def test_there_is_no_line_where_there_is_nothing_to_say(quiet: Snapshot) -> None:
    assert noticed(quiet) == ""


def test_warnings_and_the_end_come_before_the_calm_line() -> None:
    assert noticed(replace(YOUNG, warnings=(label("w1"), label("w2")))).splitlines()[1:] == ["! w1", "! w2"]
    stopping = snapshot(elapsed=3.0, modules=MODULES, phase=Phase.STOPPING)
    assert "No probes" not in noticed(stopping)


def test_many_modules_are_counted() -> None:
    many = [replace(MODULES[2], name=visible(f"m{number}")) for number in range(9)]
    assert bare_modules(many) == "m0, m1, m2, m3 and 5 more"
    assert bare_modules(many[:4]) == "m0, m1, m2, m3"


async def test_modules_without_probes_come_first_and_each_is_told_in_full_when_it_is_selected() -> None:
    async with dashboard(FakeSession(YOUNG), size=(80, 24)) as driver:
        await driver.press("6")
        screen = driver.app.screen
        assert isinstance(screen, ModulesScreen)
        assert "modules: 6, 3 without probes, 1 with probes in part" in driver.text
        assert screen.table.listed == (
            "company.internal.formats.container", "math", "typing", "parser", "json", "json.decoder"
        )  # fmt: skip
        told = [" ".join(" ".join(driver.lines[-5:-2]).split())]
        for _ in MODULES[1:]:
            await driver.press("j")
            told.append(" ".join(" ".join(driver.lines[-5:-2]).split()))
        assert "not instrumented: an import hook loads it (company.loader.EncryptedLoader)" in told[0]
        assert "parser 1,204 probes: too deeply nested for probes: _table, _reduce" in told[3]
        assert "json.decoder 111 probes" in told[5]


async def test_modules_are_searched_and_ordered() -> None:
    async with dashboard(FakeSession(YOUNG)) as driver:
        await driver.press("6", "slash", *"json", "enter")
        screen = driver.app.screen
        assert isinstance(screen, ModulesScreen)
        assert screen.table.listed == ("json", "json.decoder")
        await driver.press("escape", "o")
        assert list(screen.table.listed) == sorted(module.name for module in MODULES)
        await driver.press("o")
        assert next(iter(screen.table.listed)) == "parser"


async def test_where_nothing_is_imported_that_is_said() -> None:
    async with dashboard(FakeSession(snapshot(modules=())), size=(60, 15)) as driver:
        await driver.press("6")
        assert "imports no" in driver.text
        assert "loaded yet." in driver.text


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60)])
async def test_the_list_can_be_read_whole_at_every_size_and_left_by_its_key(size: tuple[int, int]) -> None:
    async with dashboard(FakeSession(YOUNG), size=size) as driver:
        await driver.press("6")
        await driver.until_screen(ModulesScreen)
        seen = driver.text
        for _ in MODULES:
            await driver.press("j")
            seen += driver.text
        words = " ".join(seen.split())
        assert [reason for reason in REASONS if reason not in words] == []
        assert max(map(len, driver.lines)) <= size[0]
        await driver.press("escape")
        await driver.until_screen(RunScreen)


async def test_help_names_the_key_on_the_run_and_explains_the_list() -> None:
    async with dashboard(FakeSession(YOUNG), size=(120, 60)) as driver:
        await driver.press("question_mark")
        await driver.until(lambda: "Go to the imported modules" in driver.text)
        await driver.press("escape", "6", "question_mark")
        await driver.until(lambda: "Coverage is measured in the target's own file" in driver.text)


async def test_the_list_is_there_after_the_end() -> None:
    async with dashboard(FakeSession(YOUNG)) as driver:
        driver.session.finish(ended(modules=MODULES))
        await driver.until_screen(FinalScreen)
        await driver.press("6")
        await driver.until_screen(ModulesScreen)
        await driver.press("escape")
        await driver.until_screen(FinalScreen)


def test_the_end_says_in_every_form_what_was_not_instrumented() -> None:
    last = ended(StopReason.TIME_LIMIT, modules=MODULES)
    assert last.outcome is not None
    event = Ended(300.0, last.outcome, last.executions, last.workers, last.yields, last.modules)
    sentence = "not instrumented: math: it is compiled"
    assert sentence in PlainLines()(event)
    assert sentence in "\n".join(map(plain, printed_report(last, None)))
    names = [module["name"] for module in json.loads(json_lines(event))["modules"]]
    assert names == [module.name for module in MODULES]
