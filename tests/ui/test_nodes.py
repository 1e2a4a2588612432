"""The nodes of a shared campaign are one key away where there are any, and the header says when the store is away."""

from dataclasses import replace

import pytest

from fuzztui.engine.live.wishes import OrderNode
from fuzztui.engine.show.events import Stats
from fuzztui.engine.show.sharing import NodeWorker, Sharing
from fuzztui.engine.show.text import label
from fuzztui.plain.lines import PlainLines
from fuzztui.screens.node import NodeScreen
from fuzztui.screens.nodes import NodesScreen, age_words
from fuzztui.screens.quit import QuitScreen
from fuzztui.screens.run import RunScreen
from fuzztui.widgets.signpost import SignpostLine
from fuzztui.widgets.tone import plain
from fuzztui.widgets.wording import title_line, totals_line
from tests.ui.driving import dashboard
from tests.ui.fakes import FakeSession, ended, snapshot
from tests.ui.shared import AWAY, SHARING, node


async def test_nodes_are_a_place_where_a_run_is_shared() -> None:
    async with dashboard(FakeSession(snapshot(sharing=SHARING))) as driver:
        await driver.press("7")
        await driver.until_screen(NodesScreen)
        text = driver.text
        assert "4 nodes   valkey://store.example:6379   55 inputs of others run, 49 taken in, 3 failing" in text
        for words in ("here", "old-python", "silent for 23 s", "33 s ago", "ended", "builder.example"):
            assert words in text
        assert "worker 1   running inputs      23.5k execs  0 hits" in text
        await driver.press("j")
        assert "17 messages from it, 0 refused" in driver.text
        await driver.press("tab")
        assert "seen on node old-python only" in driver.text
        assert "Traceback (most recent call last)" in driver.text
        await driver.press("escape")
        await driver.until_screen(RunScreen)


async def test_a_run_that_is_alone_has_no_such_place() -> None:
    async with dashboard(FakeSession(snapshot())) as driver:
        await driver.press("7")
        assert isinstance(driver.app.screen, RunScreen)
        assert "nodes" not in [post.name for post in driver.app.screen.query_one(SignpostLine).posts]


async def test_the_silent_come_first_where_that_is_wanted() -> None:
    async with dashboard(FakeSession(snapshot(sharing=SHARING))) as driver:
        await driver.press("7", "o")
        assert driver.text.index("  gone ") < driver.text.index("  old-python ")


@pytest.mark.parametrize(
    ("sharing", "words"),
    [
        (SHARING, "⇄ 1 other node"),
        (AWAY, "⇄ store away, 1,234 finds wait"),
        (replace(AWAY, is_connected=True, waiting=1), "⇄ store refuses, 1 find waits"),
        (Sharing(place=label("x")), ""),
        (Sharing(), ""),
    ],
)
def test_the_header_says_how_sharing_goes(sharing: Sharing, words: str) -> None:
    line = plain(title_line(snapshot(sharing=sharing), 140))
    assert words in line
    assert ("⇄" in line) == bool(words)
    assert "⇄" not in plain(title_line(ended(sharing=AWAY), 140))


def test_where_there_is_little_room_one_word_says_that_the_store_is_away() -> None:
    assert "✗ 2 crashers  away  " in plain(title_line(snapshot(sharing=AWAY), 80))


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_header_fits(width: int) -> None:
    for sharing in (SHARING, AWAY):
        assert len(plain(title_line(snapshot(sharing=sharing), width))) <= width
        assert len(plain(totals_line(snapshot(sharing=sharing), width))) <= width


def test_figures_tell_what_has_come_from_others() -> None:
    assert "new, 49 from others" in plain(totals_line(snapshot(sharing=SHARING), 200))
    assert "others" not in plain(totals_line(snapshot(), 200))


@pytest.mark.parametrize(("age", "words"), [(0.0, "now"), (4.9, "now"), (59.6, "60 s ago"), (3600.0, "60 min ago")])
def test_ages(age: float, words: str) -> None:
    told = age_words(age)
    assert told == words


async def test_workers_of_another_node_are_stopped_and_held_from_here() -> None:
    session = FakeSession(snapshot(sharing=SHARING))
    async with dashboard(session) as driver:
        await driver.press("7", "j", "enter")
        await driver.until_screen(NodeScreen)
        assert "node old-python   fuzzing   builder.example" in driver.text
        await driver.press("j", "p", "s")
    wishes = [command[1] for command in session.commands if command[0] == "steer"]
    old = SHARING.nodes[1].id
    assert wishes == [OrderNode(old, 1, "pause"), OrderNode(old, 1, "stop")]


async def test_one_that_is_held_is_let_go_on_and_the_last_one_is_asked_for() -> None:
    held = node("b", 1, crew=(NodeWorker(0, label("paused"), 5, 0), NodeWorker(1, label("ended"), 5, 0)))
    session = FakeSession(snapshot(sharing=replace(SHARING, nodes=(SHARING.nodes[0], held))))
    async with dashboard(session) as driver:
        await driver.press("7", "j", "enter")
        await driver.until_screen(NodeScreen)
        await driver.press("p", "s")
        await driver.until_screen(QuitScreen)
        assert "Stop the last worker of node b? Its run ends." in driver.text
        await driver.press("n", "j", "s")  # the other one has ended
        await driver.press("k", "s", "y")
    wishes = [command[1] for command in session.commands if command[0] == "steer"]
    assert wishes == [OrderNode(held.id, 0, "resume"), OrderNode(held.id, 0, "stop")]


async def test_enter_on_this_node_leads_to_its_own_workers() -> None:
    async with dashboard(FakeSession(snapshot(sharing=SHARING))) as driver:
        await driver.press("7", "enter")
        assert isinstance(driver.app.screen, RunScreen)


def test_plain_lines_tell_of_it_too() -> None:
    lines = PlainLines()
    assert lines(Stats(9.0, snapshot(sharing=SHARING))).endswith("hits), from others: 49, 1 other node")
    assert lines(Stats(9.0, snapshot(sharing=AWAY))).endswith("from others: 49, store away, 1,234 finds wait")
    assert lines(Stats(9.0, snapshot())).endswith("hits)")
