"""A table of many thousand rows: only those that are in sight are made."""

from collections.abc import Callable, Iterable, Sequence

from textual import events

from fuzztui.widgets.table import Column, Key, LazyRows, Row, RowTable


class LongTable(RowTable[Key]):
    """As its base; `show_keys` takes the keys of all rows, and what makes the row of one.

    What is in sight stays where it is on the screen when rows above it come or go.
    """

    def __init__(self, columns: Sequence[Column], empty: str, *, id: str, follows_end: bool = False) -> None:  # noqa: A002
        """`follows_end`: stay at the last row until somebody moves up, and again once they are back there."""
        super().__init__(columns, empty, id=id)
        self._sticks = follows_end
        self.is_following = follows_end
        """Whether what comes at the end is shown as it comes."""

    def show_keys(self, keys: Sequence[Key], make: Callable[[Key], Row[Key]]) -> None:
        """Draw rows with these keys instead of the present ones. The selection stays with its key."""
        before, offset = self._rows, self.scroll_offset.y
        top = before.keys[offset] if offset < len(before.keys) else None
        place = _place(keys, top, offset) if top is not None and offset else -1
        self._rows = LazyRows(keys, make)
        if self.is_following and keys:
            self._index = len(keys) - 1
        elif self._selected is not None and (found := _place(keys, self._selected, self._index + place - offset)) >= 0:
            self._index = found
        else:
            self._index = max(0, min(self._index, len(keys) - 1))
        self._selected = keys[self._index] if keys else None
        if len(before) != len(keys):
            self._measure()
        if self.is_following or place < 0:
            self.call_after_refresh(self._scroll_to_selected)
        elif place != offset:
            self.call_after_refresh(self.scroll_to, y=place, animate=False)
        self.refresh(layout=len(before) != len(keys))

    @property
    def keys_in_sight(self) -> Sequence[Key]:
        """Keys of the rows that are drawn now."""
        top = self.scroll_offset.y
        return self._rows.keys[top : top + self._page]

    def forget(self, keys: Iterable[Key]) -> None:
        """Have these rows made anew: what they show has changed."""
        places = {key: self.scroll_offset.y + i for i, key in enumerate(self.keys_in_sight)}
        keys = tuple(keys)
        for key in keys:
            self._rows.forget(key)
        self._refresh_rows([places[key] for key in keys if key in places])

    def _go(self, index: int) -> None:
        super()._go(index)
        self.is_following = self._sticks and self._index == len(self._rows) - 1

    def on_mouse_scroll_up(self, _event: events.MouseScrollUp) -> None:
        """Who scrolls up wants to read what is there."""
        self.is_following = False

    def on_mouse_scroll_down(self, _event: events.MouseScrollDown) -> None:
        """At the end it goes on by itself."""
        if self._sticks and self.scroll_offset.y + self._page >= len(self._rows) - 1:
            self.is_following = True


def _place(keys: Sequence[Key], key: Key, guess: int) -> int:
    """Where a key is; -1 if it is not there. `guess`: where it is most likely."""
    if 0 <= guess < len(keys) and keys[guess] == key:
        return guess
    try:
        return keys.index(key)
    except ValueError:
        return -1
