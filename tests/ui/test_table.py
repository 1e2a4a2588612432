"""The table draws what fits, and its selection is a key."""

from dataclasses import replace

from textual.app import App, ComposeResult

from fuzztui.engine.show.text import visible
from fuzztui.widgets.table import Column, Row, RowTable, fit, widths
from fuzztui.widgets.tone import line_of

COLUMNS = (Column("id", 3, right=True), Column("name", 6, grows=True), Column("size", 5, right=True, rank=1))


class TableApp(App[None]):
    """One table and nothing else."""

    CSS = "RowTable { height: 5; width: 30; }"

    def __init__(self) -> None:
        super().__init__()
        self.table: RowTable[int] = RowTable(COLUMNS, "nothing here", id="table")

    def compose(self) -> ComposeResult:
        yield self.table

    def lines(self) -> list[str]:
        return [self.table.render_line(y).text for y in range(self.table.size.height)]


def row(key: int, name: str = "") -> Row[int]:
    return Row(key, line_of(((str(key), "plain"), (name or f"name {key}", "good"), (f"{key} B", "muted"))))


def test_columns_of_the_highest_rank_go_first() -> None:
    columns = (Column("a", 10), Column("b", 10, rank=2), Column("c", 10, rank=1))
    assert widths(columns, 34) == (10, 10, 10)
    assert widths(columns, 33) == (10, 0, 10)
    assert widths(columns, 21) == (10, 0, 0)
    assert widths(columns, 5) == (10, 0, 0)


def test_growing_columns_share_what_is_left() -> None:
    columns = (Column("a", 4), Column("b", 5, grows=True), Column("c", 5, grows=True))
    assert widths(columns, 18) == (4, 5, 5)
    assert widths(columns, 23) == (4, 7, 8)
    assert sum(widths(columns, 100)) == 96


def test_text_is_fitted_to_cells_not_to_characters() -> None:
    assert fit(visible("abc"), 5) == "abc  "
    assert fit(visible("abc"), 5, right=True) == "  abc"
    assert fit(visible("abcdef"), 5) == "abcd…"
    assert fit(visible("漢字漢字"), 6) == "漢字 …"
    assert fit(visible("漢字"), 5) == "漢字 "
    assert fit(visible("ab"), 1) == "a"
    assert fit(visible("x" * 1_000_000), 3) == "xx…"
    assert fit(visible("a/b.py:123"), 7, cut="front") == "…py:123"
    assert fit(visible("b.py:1"), 7, cut="front") == "b.py:1 "
    assert fit(visible("漢字漢字漢字"), 6, cut="front") == "…漢字 "
    assert fit(visible("x" * 10_000 + "yz"), 4, cut="front") == "…xyz"


def test_columns_that_are_luxury_give_way_to_what_others_wish() -> None:
    columns = (Column("a", 4, grows=True, wish=10), Column("b", 4, grows=True, wish=6), Column("c", 4, rank=3))
    assert widths(columns, 24) == (10, 6, 4)
    assert widths(columns, 23) == (12, 9, 0)
    assert widths(columns, 16) == (10, 4, 0)
    assert widths(columns, 12) == (6, 4, 0)


async def test_marked_row_bears_a_star_beside_the_cursor() -> None:
    app = TableApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.table.show([replace(row(1), is_marked=True), replace(row(2), is_marked=True), row(3)])
        await pilot.pause()
        assert [line[:5] for line in app.lines()[1:4]] == ["▸*  1", " *  2", "    3"]


async def test_every_line_is_as_wide_as_the_widget() -> None:
    app = TableApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.table.show([row(1), row(2, "漢字漢字漢字漢字漢字"), row(3, "[/x]")])
        await pilot.pause()
        assert [app.table.render_line(y).cell_length for y in range(5)] == [30] * 5
        assert app.lines()[0].split() == ["id", "name", "size"]
        assert app.lines()[1] == "▸   1  name 1             1 B "
        assert "[/x]" in app.lines()[3]


async def test_empty_table_says_so() -> None:
    app = TableApp()
    async with app.run_test(size=(30, 10)):
        assert app.lines()[1].strip() == "nothing here"
        assert app.table.selected is None


async def test_selection_is_kept_by_key_and_falls_to_a_neighbour_when_its_row_goes() -> None:
    app = TableApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.table.show([row(1), row(2), row(3)])
        app.table.select(2)
        app.table.show([row(3), row(2), row(1)])
        await pilot.pause()
        assert app.table.selected == 2
        assert app.lines()[2].startswith("▸   2")
        app.table.show([row(9), row(8), row(2)])
        assert app.table.selected == 2
        app.table.show([row(9), row(8)])
        assert app.table.selected == 8
        app.table.show([])
        assert app.table.selected is None


async def test_scrolling_follows_the_selection_in_both_directions() -> None:
    app = TableApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.table.show([row(i) for i in range(20)])
        await pilot.pause()
        await pilot.press("G")
        await pilot.pause()
        assert [line.split()[0] for line in app.lines()[1:4]] == ["16", "17", "18"]
        assert app.lines()[4].startswith("▸  19")
        await pilot.press("pageup", "pageup")
        await pilot.pause()
        assert app.lines()[1].startswith("▸  11")
        await pilot.press("home")
        await pilot.pause()
        assert app.lines()[1].startswith("▸   0")


async def test_only_changed_rows_are_drawn_again() -> None:
    app = TableApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.table.show([row(1), row(2), row(3)])
        await pilot.pause()
        refreshed: list[int] = []
        app.table.refresh = lambda *regions, **_: refreshed.extend(region.y for region in regions)  # type: ignore[method-assign, assignment]
        app.table.show([row(1), row(2), row(3)])
        assert refreshed == []
        app.table.show([row(1), row(2, "new"), row(3)])
        assert refreshed == [2]
        del app.table.refresh
