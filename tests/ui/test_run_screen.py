"""The home screen says what is, in words, at every size, whatever the target wrote."""

from dataclasses import replace
from pathlib import Path

import pytest

from fuzztui.engine.show.crasher import Confirmation
from fuzztui.engine.show.events import WorkerEnded
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import label
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.report import report
from fuzztui.screens.sections import Look, headline
from fuzztui.widgets.tone import plain
from fuzztui.widgets.wording import MEANINGS, NONE, STATES
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import TROUBLED, FakeSession, crasher, empty_snapshot, ended, helper, snapshot, worker

HOSTILE = "\x1b]0;title\x07 \x9b31m \x00 \u202e"


async def test_everything_that_matters_is_visible_at_100_by_30() -> None:
    async with dashboard(FakeSession(snapshot(workers=TROUBLED))) as driver:
        for words in (
            "fuzz_json", "FUZZING", "00:04:12", "stops in 00:00:48",
            "101k/s now", "edges 214 of 339", "corpus 283, 279 new", "last find 8s ago",
            "execs/s", "whole run", "workers: 2 of 3 running", "crashers: 2 (19 hits)",
            "● fuzzing", "! stalled 12 s", "■ stopped by you", "scanner.py:301", "exit 0 in 12 ms",
            "ValueError in py_scanstring", " 17 ", "4m 00s ago", "on crash: go on", "q quit",
        ):  # fmt: skip
            assert words in driver.text, words


async def test_every_size_shows_phase_workers_crashers_help_and_quit() -> None:
    async with dashboard() as driver:
        for size in ((60, 15), (70, 18), (80, 24), (100, 30), (160, 50), (220, 70)):
            await driver.pilot.resize_terminal(*size)
            await driver.until(lambda: len(driver.lines) == size[1])  # noqa: B023
            for words in ("FUZZING", "● fuzzing", "ValueError", "? help", "q quit", "00:04:12"):
                assert words in driver.text, (size, words)
            assert max(map(len, driver.lines)) <= size[0]


@pytest.mark.parametrize("size", [(59, 30), (100, 14)])
async def test_too_small_terminal_is_told_so_and_can_be_left(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as driver:
        assert "too small: fuzztui needs 60 x 15" in driver.text
        assert "FUZZING" not in driver.text
        driver.session.finish(ended(StopReason.USER))
        await driver.until_screen(FinalScreen)
        await driver.press("q")
        await driver.until(lambda: not driver.app.is_running)


async def test_resizing_brings_the_screen_back() -> None:
    async with dashboard(size=(50, 10)) as driver:
        assert "too small" in driver.text
        await driver.pilot.resize_terminal(100, 30)
        await driver.until(lambda: "FUZZING" in driver.text)
        assert "too small" not in driver.text


async def test_unknown_figures_are_dashes_never_zeros() -> None:
    async with dashboard(FakeSession(empty_snapshot(phase=Phase.FUZZING)), size=(120, 30)) as driver:
        assert f"{NONE} now,       {NONE} avg" in driver.text
        assert f"edges {NONE} ({NONE})" in driver.text
        assert f"last find {NONE}" in driver.text
        row = next(line for line in driver.lines if "◌ starting" in line)
        assert row.split("starting")[1].split()[:4] == [NONE, "0", NONE, NONE]
        assert "no executions yet" in driver.text
        assert "none so far" in driver.text


async def test_each_worker_state_has_a_glyph_a_word_and_a_meaning() -> None:
    async with dashboard(
        FakeSession(snapshot(workers=tuple(worker(i, s) for i, s in enumerate(WorkerState))))
    ) as driver:
        await driver.pilot.resize_terminal(100, 60)
        await driver.until(lambda: len(driver.lines) == 60)
        for state in WorkerState:
            assert f"{STATES[state][0]} {state.value}" in driver.text
            assert MEANINGS[state]
        assert len(set(STATES.values())) >= len(WorkerState) - 3


async def test_each_phase_has_a_word() -> None:
    async with dashboard() as driver:
        for phase in Phase:
            await driver.show(snapshot(phase=phase, baseline_done=3))
            assert ("BASELINE 3/4" if phase is Phase.BASELINE else phase.name) in driver.lines[0]


async def test_what_the_next_crasher_does_is_visible_at_100_columns() -> None:
    async with dashboard() as driver:
        assert "on crash: go on" in driver.lines[0]
        await driver.show(snapshot(stop_on_crash=True))
        assert "on crash: stop" in driver.lines[0]


async def test_paused_workers_are_counted_apart_and_their_keys_say_go_on() -> None:
    paused = (worker(0, WorkerState.PAUSED), worker(1))
    async with dashboard(FakeSession(snapshot(workers=paused))) as driver:
        assert "workers: 1 of 2 running, 1 paused" in driver.text
        assert "p go on" in driver.lines[-1]
        assert "space pause all" in driver.lines[-1]
        await driver.press("j")
        assert "p pause" in driver.lines[-1]
        await driver.show(snapshot(workers=(worker(0, WorkerState.PAUSED),) * 2, is_paused=True))
        assert "workers: 0 of 2 running, 2 paused" in driver.text
        assert "space go on" in driver.lines[-1]


async def test_what_the_helper_does_is_said_above_the_workers_as_long_as_there_is_one() -> None:
    shown = snapshot()
    first = shown.crashers[0].id
    async with dashboard() as driver:
        assert "helper" not in driver.text
        await driver.show(replace(shown, helper=helper(WorkerState.STARTING, "")))
        assert "workers: 2 of 2 running · helper starting" in driver.text
        await driver.show(replace(shown, helper=helper(WorkerState.MINIMIZING, first)))
        assert "· helper minimizing ValueError in py_scanstring" in driver.text
        await driver.show(replace(shown, helper=helper(WorkerState.VALIDATING, first, others=49)))
        assert "· helper validating ValueError in py_scanstring and 49 more" in driver.text
        await driver.show(shown)
        assert "helper" not in driver.text


async def test_clock_does_not_jump_when_the_phase_changes() -> None:
    async with dashboard() as driver:
        places = set()
        for phase in Phase:
            if phase not in (Phase.FINISHING, Phase.STOPPING, Phase.ENDED):
                await driver.show(snapshot(phase=phase))
                places.add(driver.lines[0].index("00:04:12"))
        assert len(places) == 1


async def test_texts_of_the_target_reach_the_screen_as_text() -> None:
    """The engine makes them printable; markup must survive, and nothing here may add what it did not filter."""
    bad = crasher(
        0, type="[/x]Error", message="[bold]no markup[/]", function="[link]f", location="[/]:3", values="[/x]",
        traceback="[/x]\n" * 3, command="run '[/x]'",
    )  # fmt: skip
    row = worker(0, WorkerState.FAILED, reason="[/x] failed", detail="[/y]")
    session = FakeSession(snapshot(crashers=(bad,), workers=(row,), warnings=("[/x] warns",)))
    async with dashboard(session, size=(160, 50), notifications=True) as driver:
        for words in ("[/x]Error in [link]f", "[bold]no markup[/]", "[/x] failed", "! [/x] warns", "failed [/y]"):
            assert words in driver.text, words
        driver.session.emit(WorkerEnded(3.0, 0, label("exit [/x]"), label("[/x] killed it"), 0.1, is_orderly=False))
        await driver.pilot.pause()
        await driver.show(snapshot(crashers=(bad, crasher(1, type="[/z]", function="")), hits=18))
        await driver.until(lambda: "1 new crasher: [/z]" in driver.text and "[/x] killed it" in driver.text)
        await driver.press("tab", "j", "enter")
        for words in ("[/x]Error in [link]f", "run '[/x]'"):
            assert words in driver.text, words
        await driver.press("escape")
        driver.session.finish(ended(crashers=(bad,)))
        await driver.until_screen(FinalScreen)
        assert "[/x]Error in [link]f: [bold]no markup[/]" in driver.text


async def test_control_characters_of_paths_do_not_reach_the_terminal() -> None:
    bad = crasher(0, path=Path(f"dir{HOSTILE}/file"))
    session = FakeSession(snapshot(crashers=(bad,), target_id=f"a{HOSTILE}.py::f{HOSTILE}"))
    async with dashboard(session, size=(160, 50)) as driver:
        for keys in ((), ("tab", "enter")):
            await driver.press(*keys)
            assert not {"\x1b", "\x07", "\x9b", "\x00", "\u202e"} & set(driver.text)
        await driver.press("escape")
        driver.session.finish(ended(crashers=(bad,), target_id=session.snapshot().target_id))
        await driver.until_screen(FinalScreen)
        assert r"\x1b]0;title" in driver.text
        assert not {"\x1b", "\x07", "\x9b", "\x00", "\u202e"} & set(driver.text)


async def test_megabyte_of_message_takes_one_line() -> None:
    long = crasher(0, message="x" * 1_000_000)
    async with dashboard(FakeSession(snapshot(crashers=(long,)))) as driver:
        assert "crashers: 1" in driver.text
        await driver.press("tab", "enter")
        assert "fuzztui replay" in driver.text


async def test_64_workers_and_300_crashers_at_once_are_scrolled_through() -> None:
    many = tuple(worker(i) for i in range(64))
    async with dashboard() as driver:
        await driver.show(snapshot(workers=many, crashers=tuple(crasher(i) for i in range(300))))
        assert "workers: 64 of 64" in driver.text
        assert "crashers: 300" in driver.text
        await driver.press("G", "s", "tab", "G", "enter", "y", "y")
        assert driver.session.commands == [("stop_worker", 63)]
        assert driver.app.clipboard == crasher(0).command


def selected(driver: Driver) -> str:
    item = driver.run_screen.selected_item
    assert item is not None
    return item.crasher.id


async def test_newest_crasher_is_in_sight_and_the_selection_stays_where_somebody_put_it() -> None:
    found = tuple(crasher(i, type=f"Error{i}") for i in range(40))
    async with dashboard(FakeSession(snapshot(crashers=found[:20]))) as driver:
        await driver.show(snapshot(crashers=found[:21]))
        assert selected(driver) == found[20].id
        await driver.press("tab", "j")
        assert selected(driver) == found[19].id
        await driver.show(snapshot(crashers=found[:22]))
        assert "Error21 in" in driver.text
        await driver.show(snapshot(crashers=found))
        assert selected(driver) == found[19].id
        await driver.until(lambda: any("▸" in line and "Error19 in" in line for line in driver.lines))


async def test_message_of_a_crasher_is_visible_at_80_columns() -> None:
    async with dashboard(size=(80, 24)) as driver:
        assert "Exceeds the lim" in driver.text
        await driver.press("tab", "j", "enter")
        assert "chr() arg not in range(0x110000)" in driver.text
        assert "char = chr(uni)" in driver.text


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (160, 50)])
@pytest.mark.mostly_soak(1)
async def test_parts_of_a_page_have_titles_and_no_edges_at_their_sides(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as driver:
        await driver.press("tab", "j", "enter")
        assert "chr() arg not in range(0x110000)" in driver.text
        assert sum("─ traceback ─" in line for line in driver.lines) == 1
        assert "─ arguments ─" in driver.text
        # Nothing but the scroll bar stands at the right.
        first = next(i for i, line in enumerate(driver.lines) if "─ arguments ─" in line)
        last = next(i for i, line in enumerate(driver.lines) if "─ run it again ─" in line)
        assert not any("│" in line for line in driver.lines[first:last])


async def test_toast_is_one_line_above_the_keys_and_never_on_a_screen_too_small() -> None:
    async with dashboard(notifications=True) as driver:
        long = crasher(9, type="VeryLongNameOfAnException" * 9)
        await driver.show(snapshot(crashers=(*snapshot().crashers, long)))
        await driver.until(lambda: "1 new crasher: Very" in driver.lines[-2])
        assert "1 new crasher" not in "".join(driver.lines[:-2])
        await driver.pilot.resize_terminal(50, 14)
        await driver.until(lambda: "too small" in driver.text)
        assert "1 new crasher" not in driver.text


async def test_flood_of_crashers_makes_one_toast() -> None:
    async with dashboard(notifications=True) as driver:
        before = snapshot()
        await driver.show(snapshot(crashers=(*before.crashers, crasher(7), crasher(8)), hits=before.hits + 300))
        messages = [notification.message for notification in driver.app._notifications]
        assert messages == ["2 new crashers"]
        for i in range(9, 19):
            shown = driver.session.snapshot()
            await driver.show(snapshot(crashers=(*shown.crashers, crasher(i)), hits=shown.hits + 1))
        assert len(driver.app._notifications) == 1


async def test_unsaved_crasher_and_failing_seed_are_told_apart_in_words() -> None:
    lost, seed = crasher(0, path=None), crasher(1, path=Path("seeds/a"), seed_name="a")
    async with dashboard(FakeSession(snapshot(crashers=(lost, seed)))) as driver:
        rows = [line.split()[1] for line in driver.lines if "ValueError" in line]
        assert rows == ["◆", "✗"]
        await driver.pilot.resize_terminal(160, 30)
        await driver.until(lambda: "✗ NOT SAVED" in driver.text)
        assert "◆ stored" in driver.text
        await driver.press("tab", "j", "enter")
        assert "NOT SAVED: its input is kept in memory only" in driver.text


BADGES = {
    Confirmation(3, 3): ("✓", "3/3: failed again each time"),
    Confirmation(3, 2): ("±", "2/3 flaky: failed again not each time, depends on chance or state"),
    Confirmation(3, 0): (
        "?",
        "0/3 needs state?: ran clean in fresh processes without probes, does not reproduce alone",
    ),
    None: (" ", "not run again yet"),
}


async def test_what_came_of_running_a_crasher_again_is_a_badge_and_a_line_on_its_page() -> None:
    crashers = tuple(crasher(number, confirmation=known) for number, known in enumerate(BADGES))
    async with dashboard(FakeSession(snapshot(crashers=crashers)), size=(80, 24)) as driver:
        rows = [line for line in driver.lines if "ValueError in" in line]
        badges = [row[row.index("●") + 1 : row.index("…")].strip() for row in reversed(rows)]
        assert badges == [badge.strip() for badge, _ in BADGES.values()]
        (header,) = [line for line in driver.lines if "what fails" in line]
        assert "message" in header, "no other column makes room for the badge"
        await driver.press("tab", "enter")
        for _, words in reversed(BADGES.values()):
            await driver.until(lambda words=words: words in " ".join(driver.text.split()))  # type: ignore[misc]
            await driver.press("right")


def test_a_crasher_that_was_never_run_again_says_why_when_the_run_is_over() -> None:
    one = crasher(0)
    for reason, words in {
        StopReason.EXECUTION_LIMIT: "not run again: the execution limit was reached",
        StopReason.USER: "not run again: the run ended first",
        StopReason.TIME_LIMIT: "not run again: the run ended first",
    }.items():
        last = ended(reason, crashers=(one,))
        assert words in "\n".join(map(plain, headline(one, Look.at(last))))
        assert words in "\n".join(map(plain, report(last)))


async def test_warnings_stand_on_the_screen_in_plain_sentences() -> None:
    warnings = tuple(f"Warning number {i}." for i in range(5))
    async with dashboard(FakeSession(snapshot(warnings=warnings))) as driver:
        assert "! Warning number 4." in driver.text
        assert "2 earlier warnings" in driver.text
        await driver.show(snapshot(warnings=()))
        assert "Warning number" not in driver.text


async def test_unchanged_snapshot_is_not_drawn_again() -> None:
    async with dashboard() as driver:
        driver.app.pull()
        drawn: list[int] = []
        screen = driver.run_screen
        screen.show = lambda shown: drawn.append(shown.version)  # type: ignore[method-assign, assignment]
        driver.app.pull()
        driver.app.pull()
        driver.session.publish(snapshot())
        driver.app.pull()
        driver.app.pull()
        assert drawn == [2]


async def test_only_the_visible_screen_is_drawn() -> None:
    async with dashboard() as driver:
        drawn: list[int] = []
        screen = driver.run_screen
        await driver.press("tab", "enter")
        screen.show = lambda shown: drawn.append(shown.version)  # type: ignore[method-assign, assignment]
        await driver.show(snapshot(elapsed=260.0))
        assert drawn == []
        assert "00:04:20" in driver.text


@pytest.mark.soak
async def test_every_screen_draws_in_every_kind_of_theme() -> None:
    async with dashboard() as driver:
        for theme in ("textual-dark", "textual-light", "ansi-dark", "ansi-light", "nord"):
            driver.app.theme = theme
            driver.run_screen.crasher_table.focus()
            await driver.press("enter", "question_mark", "escape", "escape", "q", "n")
            assert "FUZZING" in driver.text, theme


async def test_no_color_keeps_every_state_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with dashboard(FakeSession(snapshot(workers=TROUBLED))) as driver:
        assert "! stalled" in driver.text
        for strip in driver.app.screen._compositor.render_strips():
            for segment in strip.apply_filter(
                driver.app.get_line_filters()[-1], driver.app.screen.background_colors[1]
            ):
                for color in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                    if color is not None and color.triplet is not None:
                        assert color.triplet.red == color.triplet.green == color.triplet.blue
