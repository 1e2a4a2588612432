"""The pane of crashers: rows that tell bugs apart, folds, orders, a search, and a cursor that stays on its crasher."""

import random
from dataclasses import replace

import pytest

from fuzztui.engine.show.failure import CrasherKind
from fuzztui.screens.crasher import CrasherScreen
from fuzztui.screens.run import RunScreen
from fuzztui.widgets.entry import Entry
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import FakeSession, crasher, snapshot

FOUND = (
    crasher(0, function="scalar", location="lib/yaml.py:85", group="scalar", hits=3, message="from a block"),
    crasher(1, function="scalar", location="lib/yaml.py:85", group="scalar", hits=5, message="from a mapping"),
    crasher(2, function="escape", location="lib/yaml.py:9", type="lib.errors.BadEscape", hits=7, message="\\q"),
)
SIZES = [(60, 15), (80, 24), (120, 40), (200, 60)]


def session(*more: object) -> FakeSession:
    del more
    return FakeSession(snapshot(crashers=FOUND, hits=15))


def selected(driver: Driver) -> str:
    item = driver.run_screen.selected_item
    assert item is not None
    return item.crasher.failure.message


def rows(driver: Driver) -> list[str]:
    """The lines of the crashers' table, without its edges."""
    first = next(i for i, line in enumerate(driver.lines) if "what fails" in line)
    last = next(i for i, line in enumerate(driver.lines) if i > first and line.startswith("╰"))
    lists = [line.partition("││")[0] for line in driver.lines[first + 1 : last]]  # a pane may stand beside
    return [text for line in lists if (text := line.strip("│▂▄█ "))]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.mostly_soak(2)
async def test_pane_says_place_exception_and_hits_first_at_every_size(size: tuple[int, int]) -> None:
    async with dashboard(session(), size=size) as driver:
        await driver.press("tab")
        assert "✗ 3 crashers" in driver.lines[0]
        assert "crashers: 3 in 2 groups (15 hits)" in driver.text
        assert "newest first" in driver.text
        (escape, scalar) = rows(driver)
        assert "yaml.py:9" in escape
        assert "BadEscape in" in escape
        assert "lib.errors" not in escape
        assert "yaml.py:85" in scalar
        assert "▸2" in scalar
        assert scalar.split()[-1] == "8" or " 8 " in scalar
        for key in ("enter open", "? help", "q quit"):
            assert key in driver.lines[-1]


async def test_place_is_cut_at_its_front_never_at_its_end() -> None:
    long = crasher(0, location="some/package/with_a_long_name/and_a_long_module.py:12345")
    for size in SIZES:
        async with dashboard(FakeSession(snapshot(crashers=(long,))), size=size) as driver:
            assert "le.py:12345" in rows(driver)[0]


async def test_arrows_unfold_and_fold_a_group_and_the_cursor_stays_in_it() -> None:
    async with dashboard(session()) as driver:
        await driver.press("tab", "j")
        assert "→ unfold" in driver.lines[-1]
        await driver.press("right")
        assert len(rows(driver)) == 4
        assert "→ unfold" not in driver.lines[-1]
        await driver.press("j", "j")
        assert selected(driver) == "from a block"
        await driver.press("left")
        assert len(rows(driver)) == 2
        assert "▸2" in rows(driver)[1]
        assert driver.run_screen.crasher_table.selected == next(
            key for key, item in driver.run_screen._items.items() if len(item.crashers) == 2
        )
        await driver.press("left", "k", "right")  # nothing to fold, nothing to unfold
        assert len(rows(driver)) == 2


async def test_cursor_goes_to_the_row_of_the_group_that_is_folded_and_not_to_what_takes_its_place() -> None:
    old = tuple(crasher(i, group=f"old{i}", message="old") for i in (7, 8, 9))
    async with dashboard(FakeSession(snapshot(crashers=(*old, *FOUND)))) as driver:
        await driver.press("tab", "j", "right", "j", "j", "left")
        assert selected(driver) == "from a mapping"


async def test_selected_row_is_scrolled_to_when_rows_change_places() -> None:
    found = tuple(crasher(i, hits=100 - i, message=f"number {i}") for i in range(40))
    async with dashboard(FakeSession(snapshot(crashers=found))) as driver:
        await driver.press("tab", "o", "g", "j")
        assert selected(driver) == "number 1"
        changed = tuple(replace(one, hits=1) if one is found[1] else one for one in found)
        await driver.show(snapshot(crashers=changed))
        assert selected(driver) == "number 1"
        await driver.until(lambda: any("▸" in row and "number 1 " in row for row in rows(driver)))


async def test_order_key_goes_through_the_orders_and_the_cursor_stays_on_its_crasher() -> None:
    async with dashboard(session()) as driver:
        await driver.press("tab", "j", "k")
        assert selected(driver) == "\\q"
        seen = []
        for _ in range(4):
            await driver.press("o")
            seen.append(next(w for w in ("newest first", "most hits first", "smallest first", "by place")
                             if w in driver.text))  # fmt: skip
            assert selected(driver) == "\\q"
        assert seen == ["most hits first", "smallest first", "by place", "newest first"]
        await driver.press("o")
        assert ["yaml.py:85" in row for row in rows(driver)] == [True, False]


async def test_cursor_stays_on_its_crasher_while_rows_come_and_are_ordered_anew() -> None:
    source = random.Random(3)
    found = [crasher(i, hits=1, message=f"number {i}") for i in range(40)]
    async with dashboard(FakeSession(snapshot(crashers=tuple(found[:10])))) as driver:
        await driver.press("tab", "j", "j", "o")
        mine = selected(driver)
        for i in range(10, 40):
            found[source.randrange(i)] = crasher(n := source.randrange(i), hits=source.randrange(999),
                                                 message=f"number {n}")  # fmt: skip
            unique = {one.id: one for one in found[: i + 1]}
            if not any(one.failure.message == mine for one in unique.values()):
                continue
            await driver.show(snapshot(crashers=tuple(unique.values())))
            assert selected(driver) == mine
            assert any("▸" in line and "ValueError" in line for line in driver.lines), "the cursor is in sight"


async def test_search_lists_what_has_the_words_and_stays_until_esc() -> None:
    async with dashboard(session()) as driver:
        await driver.press("tab", "slash", *"MAPPING")
        assert driver.run_screen.search.has_focus
        assert len(rows(driver)) == 1
        assert "crashers: 1 of 3 in 2 groups" in driver.text
        await driver.press("enter")
        assert driver.run_screen.crasher_table.has_focus
        assert "MAPPING" in driver.text
        await driver.press("enter", "escape")
        assert "MAPPING" in driver.text, "it stays while a crasher is read"
        await driver.press("slash", *"xyz")
        assert "none of 3 has MAPPINGxyz; esc lists all" in driver.text
        await driver.press("escape")
        assert len(rows(driver)) == 2
        assert "MAPPING" not in driver.text


async def test_keys_that_are_typed_into_the_search_are_no_commands() -> None:
    async with dashboard(session()) as driver:
        await driver.press("tab", "slash", *"sqSo", "space", "r")
        assert driver.session.commands == []
        assert isinstance(driver.app.screen, RunScreen)
        assert driver.run_screen.desk.words == "sqSo r"


async def test_worker_keys_are_those_of_the_workers_pane_alone() -> None:
    async with dashboard(session(), size=(160, 40)) as driver:
        assert "s stop" in driver.lines[-1]
        await driver.press("tab")
        assert "s stop" not in driver.lines[-1]
        assert "/ search" in driver.lines[-1]
        await driver.press("s", "r", "p")
        assert driver.session.commands == []


async def test_crasher_is_new_until_the_cursor_was_moved_to_it_or_it_was_opened() -> None:
    async with dashboard(session(), size=(300, 50)) as driver:
        await driver.press("tab")
        assert [row.split()[1] if row.startswith("▸") else row.split()[0] for row in rows(driver)] == ["●", "●"]
        await driver.press("j")
        assert "○ seen" in rows(driver)[1]
        assert "● new" in rows(driver)[0]
        await driver.press("N")
        assert "● new" not in driver.text
        await driver.show(snapshot(crashers=(*FOUND, crasher(9, message="late"))))
        assert "● new" in rows(driver)[0]
        await driver.press("g", "enter", "escape")
        assert "● new" not in driver.text


async def test_enter_on_a_group_opens_its_first_crasher_and_next_goes_through_the_list_as_it_is_ordered() -> None:
    async with dashboard(session()) as driver:
        await driver.press("tab", "o", "o", "o", "g", "enter")  # by place
        assert isinstance(driver.app.screen, CrasherScreen)
        met = []
        for _ in range(3):
            met.append(next(one.failure.message for one in FOUND if f"  {one.failure.message}" in driver.text))
            await driver.press("right")
        assert met == ["\\q", "from a mapping", "from a block"]


async def test_hostile_text_that_is_pasted_into_the_search_is_shown_not_obeyed() -> None:
    async with dashboard(session()) as driver:
        await driver.press("tab", "slash")
        entry = driver.app.focused
        assert isinstance(entry, Entry)
        entry.insert_text_at_cursor("\x1b]0;owned\x07\x9b[/x]")
        await driver.pilot.pause()
        assert not {"\x1b", "\x07", "\x9b"} & set(driver.text)
        assert r"\x1b]0;owned" in driver.text


async def test_what_is_no_exception_keeps_its_whole_name() -> None:
    slow = crasher(0, type="timeout after 1.5 s", kind=CrasherKind.TIMEOUT, function="")
    async with dashboard(FakeSession(snapshot(crashers=(slow,))), size=(120, 40)) as driver:
        assert "timeout after 1.5 s" in rows(driver)[0]
