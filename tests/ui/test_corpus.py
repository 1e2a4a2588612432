"""The corpus on screen: every entry can be reached, only those in sight are asked for, and it can be changed."""

from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.live.wishes import GiveInput, PutEntryBack, RemoveEntry
from fuzztui.engine.questions.corpus import MOST_ROWS, CorpusEntry, CorpusList, CorpusRows
from fuzztui.engine.questions.general import Question
from fuzztui.engine.show.corpus import CorpusOrder
from fuzztui.engine.show.events import Steered
from fuzztui.engine.show.text import label
from fuzztui.screens.corpus import CorpusScreen, EntryScreen
from fuzztui.screens.editing import edit, from_hex, to_hex
from fuzztui.screens.giving import GiveScreen, RemoveScreen
from tests.ui.corpora import corpus
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import FakeSession, snapshot


class Asked(FakeSession):
    """Notes what is asked."""

    def __init__(self, generated: int, parameters: tuple[str, ...] = ("bytes",)) -> None:
        super().__init__(snapshot(corpus=generated + 3, corpus_new=generated))
        self.view = corpus(generated, parameters)
        self.questions: list[Question[Any]] = []

    def ask(self, question: Question[Any]) -> Any:
        self.questions.append(question)
        return super().ask(question)


async def opened(driver: Driver) -> CorpusScreen:
    await driver.press("3")
    await driver.until_screen(CorpusScreen)
    screen = driver.app.screen
    assert isinstance(screen, CorpusScreen)
    await driver.until(lambda: screen.selected_row is not None)
    return screen


async def test_twenty_thousand_entries_are_listed_and_only_those_in_sight_are_asked_for() -> None:
    session = Asked(20_000)
    async with dashboard(session) as driver:
        screen = await opened(driver)
        assert "20,003 entries" in driver.text
        await driver.press("G")
        await driver.until(lambda: "seed 1" in driver.text)
        await driver.press("g", *["pagedown"] * 20)
        await driver.until(lambda: screen.selected_row is not None and "generated" in driver.lines[10])
        rows = [question for question in session.questions if isinstance(question, CorpusRows)]
        assert sum(len(question.numbers) for question in rows) < 1500
        assert max(len(question.numbers) for question in rows) <= MOST_ROWS


def test_no_answer_has_the_whole_corpus_with_its_contents() -> None:
    view = corpus(1000)
    assert len(CorpusRows(tuple(range(1003))).answer(view)) == MOST_ROWS
    listed = CorpusList(CorpusOrder.NEWEST).answer(view)
    assert listed.total == len(listed.numbers) == 1003
    assert all(type(number) is int for number in listed.numbers)


def test_orders_and_words_choose_entries() -> None:
    view = corpus(500)
    by_number = view.search.corpus.by_number

    def sizes(order: CorpusOrder) -> list[int]:
        return [len(by_number[number].data) for number in CorpusList(order).answer(view).numbers]

    assert sizes(CorpusOrder.SIZE) == sorted(sizes(CorpusOrder.SIZE))
    assert sizes(CorpusOrder.LARGEST) == sorted(sizes(CorpusOrder.SIZE), reverse=True)
    newest = CorpusList(CorpusOrder.NEWEST).answer(view).numbers
    assert list(newest) == sorted(newest, reverse=True)
    brought = [by_number[n].brought for n in CorpusList(CorpusOrder.BROUGHT).answer(view).numbers]
    assert brought == sorted(brought, reverse=True)
    assert [by_number[n].name for n in CorpusList(CorpusOrder.NEWEST, ("seed",)).answer(view).numbers] == [
        "seed 2",
        "seed 1",
    ]
    assert [by_number[n].data for n in CorpusList(CorpusOrder.NEWEST, ("u00e9", "stored")).answer(view).numbers] == [
        b'"\\u00e9"'
    ]


def test_an_entry_in_full_says_what_it_brought_and_how_it_came_about() -> None:
    view = corpus(3)
    page = CorpusEntry(view.search.corpus.entries[-1].number).answer(view)
    assert page is not None
    assert (page.row.brought, page.row.elapsed) == (3, 2.0)
    assert page.values.startswith("b'[15838, 2]")
    assert page.dump[0].startswith("00000000  5b 31 35")
    assert page.lineage[0].name == "seed 2"
    assert "insert_token" in page.lineage[-1].sentence
    assert CorpusEntry(999).answer(view) is None
    parent = CorpusEntry(view.search.corpus.entries[1].number).answer(view)
    assert parent is not None
    assert parent.children == 1


async def test_enter_shows_an_entry_and_escape_goes_back() -> None:
    async with dashboard(Asked(5)) as driver:
        await opened(driver)
        await driver.press("enter")
        await driver.until_screen(EntryScreen)
        await driver.until(lambda: "how it came about" in driver.text and "00000000  5b" in driver.text)
        assert "insert_token" in driver.text
        await driver.press("escape")
        await driver.until_screen(CorpusScreen)


async def test_words_stay_until_escape_and_orders_are_named() -> None:
    async with dashboard(Asked(50)) as driver:
        await opened(driver)
        await driver.press("slash", *"seed", "enter")
        await driver.until(lambda: "2 of 53 entries" in driver.text)
        await driver.press("o")
        await driver.until(lambda: "most new edges first" in driver.text)
        assert "2 of 53 entries" in driver.text
        await driver.press("escape")
        await driver.until(lambda: "corpus: 53 entries" in driver.text)


async def test_an_entry_is_removed_after_a_question_and_put_back() -> None:
    session = Asked(5)
    async with dashboard(session) as driver:
        screen = await opened(driver)
        number = screen.table.selected
        assert number is not None
        await driver.press("d")
        await driver.until_screen(RemoveScreen)
        await driver.press("escape")
        assert session.commands == []
        await driver.press("d", "y")
        await driver.press("u")
        assert session.commands == [("steer", RemoveEntry(number)), ("steer", PutEntryBack())]


async def test_what_the_code_declares_cannot_be_removed_and_says_why() -> None:
    session = Asked(0)
    async with dashboard(session) as driver:
        screen = await opened(driver)
        await driver.press("G")
        await driver.until(lambda: screen.selected_row is not None and screen.selected_row.name == "seed 1")
        await driver.press("d")
        assert not isinstance(driver.app.screen, RemoveScreen)
        assert screen.why_not("remove") == "the target's code declares it"


async def test_an_input_is_given_as_a_path_or_pasted_with_all_its_lines(tmp_path: Path) -> None:
    session = Asked(1)
    async with dashboard(session) as driver:
        await opened(driver)
        await driver.press("a")
        await driver.until_screen(GiveScreen)
        await driver.press(*"/a_b", "enter")
        assert session.commands.pop() == ("steer", GiveInput(Path("/a_b")))
        from textual import events

        driver.app.post_message(events.Paste("two\nlines\x1b[31m\n"))
        await driver.until_screen(GiveScreen)
        await driver.until(lambda: "pasted, 15 bytes" in driver.text)
        assert r"\x1b[31m" in driver.text
        await driver.press("enter")
        assert session.commands.pop() == ("steer", GiveInput(b"two\nlines\x1b[31m\n"))
        await driver.press("a", "escape")
        assert session.commands == []


async def test_what_came_of_it_is_told_and_the_list_is_asked_for_again() -> None:
    session = Asked(5)
    async with dashboard(session, notifications=True) as driver:
        await opened(driver)
        entry = session.view.search.corpus.entries[-1]
        session.view.search.corpus.remove(entry)
        session.emit(Steered(1.0, label("removed it")))
        await driver.until(lambda: "corpus: 7 entries" in driver.text and "removed it" in driver.text)


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"plain", bytes(range(256)) * 3])
def test_hexadecimal_comes_back(data: bytes) -> None:
    assert from_hex(to_hex(data)) == data


def test_an_edited_input_comes_back_as_it_was_made() -> None:
    def types(text: bytes) -> Any:
        def editor(file: Path) -> Any:
            file.write_bytes(text)
            return label("")

        return editor

    assert edit(b"abc", types(b"abc\n")) == (None, ""), "an editor's own newline is no change"
    assert edit(b"abc", types(b"abcd\n")) == (b"abcd", "")
    assert edit(b"\x00", types(b"00 01 # ..\n")) == (b"\x00\x01", "")
    assert edit(b"\x00", types(b"00 # .\n")) == (None, "")
    made, problem = edit(b"\x00", types(b"# x\n0g\n"))
    assert made is None
    assert problem == "line 2 is not hexadecimal: '0g', want digits in pairs"
    assert edit(b"abc", lambda file: label("no editor")) == (None, "no editor")
