"""The line of keys at the bottom: one widget draws all keys, so that a change of what is possible costs one line."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

KeyCap = tuple[str, str, str, bool, str]
"""Key to press, how it is displayed, what it does, whether that can be done now, and words for a tooltip."""


class KeyBar(Widget):
    """Keys that work on this screen; what cannot be done now is dimmed and says why in its tooltip."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keybar--key", "keybar--words", "keybar--disabled"}

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom; height: 1; background: $footer-background; color: $footer-foreground;
        & > .keybar--key { color: $footer-key-foreground; text-style: bold; }
        & > .keybar--words { color: $footer-description-foreground; }
        & > .keybar--disabled { color: $text-disabled; text-style: dim; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._caps: tuple[KeyCap, ...] = ()
        self._last = 0
        """How many of them stay at the end, wherever one is."""
        self._places: list[tuple[int, int, KeyCap]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_updated)

    def _bindings_updated(self, _screen: Screen[object]) -> None:
        self.update_keys()

    def update_keys(self) -> None:
        """Ask the screen which keys are bound and possible, and draw them if that has changed."""
        if not self.is_attached or not self.screen.is_active:
            return
        seen: dict[str, KeyCap] = {}
        ranks: dict[KeyCap, int] = {}
        for _, binding, enabled, tooltip in self.screen.active_bindings.values():
            if binding.show and binding.action not in seen:
                reason = "" if enabled else why_not(self.screen, binding.action)
                seen[binding.action] = (
                    binding.key,
                    self.app.get_key_display(binding),
                    self._words(binding),
                    enabled,
                    f"{tooltip} (Not now: {reason})" if reason else tooltip,
                )
                ranks[seen[binding.action]] = rank(binding)
        caps = tuple(sorted(seen.values(), key=ranks.__getitem__))
        if caps != self._caps:
            self._caps = caps
            self._last = sum(each >= _LAST for each in ranks.values())
            self.refresh()

    def _words(self, binding: Binding) -> str:
        words_now = getattr(self.screen, "words_now", None)
        return words_now(_of_screen(binding.action)) or binding.description if words_now else binding.description

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        width = self.size.width
        key_style = self.get_component_rich_style("keybar--key")
        words_style = self.get_component_rich_style("keybar--words")
        disabled_style = self.get_component_rich_style("keybar--disabled")
        segments = [Segment(" ", words_style)]
        self._places = []
        x = 1
        for cap in fitting(self._caps, width - 1, self._last):
            _, key, words, enabled, _ = cap
            length = _length(cap)
            segments.append(Segment(key, key_style if enabled else disabled_style))
            segments.append(Segment(f" {words}  ", words_style if enabled else disabled_style))
            self._places.append((x, x + length, cap))
            x += length + 2
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _cap_at(self, x: int) -> KeyCap | None:
        return next((cap for start, end, cap in self._places if start <= x < end), None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        cap = self._cap_at(event.x)
        tooltip = cap[4] if cap else None
        if tooltip != self.tooltip:
            self.tooltip = tooltip

    def on_click(self, event: events.Click) -> None:
        cap = self._cap_at(event.x)
        if cap is not None and cap[3]:
            self.app.simulate_key(cap[0])


def _length(cap: KeyCap) -> int:
    return cell_len(cap[1]) + 1 + cell_len(cap[2])


_OTHERS: Final = 2
_LAST: Final = 5

_RANKS: Final = {
    "run.result": 1, "run.again": 1,
    "list": 3,
    "run.pause": 4, "run.stop": 4, "run.control": 4,
    "entry": _LAST, "list.all": _LAST, "screen": _LAST, "coverage.leave": _LAST, "run.leave": _LAST, "app": _LAST + 1,
}  # fmt: skip
"""Of bindings by their ids, or by the first part of these."""


def rank(binding: Binding) -> int:
    """Where a key stands: first the one that opens what is selected, then what is for a run that has ended, then what
    can be done with what is selected, then what all lists have, then what is done with the whole run; at last the
    way back, and what works everywhere.
    """
    if binding.key == "enter":
        return 0
    name = binding.id or ""
    return _RANKS.get(name) or _RANKS.get(name.partition(".")[0], _OTHERS)


def why_not(screen: Screen[Any], action: str) -> str:
    """Why an action, as a key is bound to it, cannot be done now; empty if the screen does not know."""
    refusal = getattr(screen, "refusal", None)
    return refusal(_of_screen(action)) or "" if refusal else ""


def _of_screen(action: str) -> str:
    """The name of an action as its screen knows it, wherever on the screen the key is bound."""
    return action.removeprefix("screen.").partition("(")[0]


def fitting(caps: Sequence[KeyCap], room: int, last: int = 2) -> list[KeyCap]:
    """The keys that fit into `room` cells.

    Keys stand in the order of their importance: the first, which opens what is selected, and the `last` ones stay
    longest. With the way back, help and quit in sight nobody is lost.
    """
    kept = list(caps)
    while len(kept) > last and sum(map(_length, kept)) + 2 * (len(kept) - 1) > room:
        del kept[-1 - last]
    return kept
