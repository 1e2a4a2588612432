"""What is under the cursor, which keys do what, and what the words on the screen mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from fuzztui.engine.show.text import label, say
from fuzztui.screens.base import EngineScreen, Pager
from fuzztui.widgets.edge import set_subtitle, set_title
from fuzztui.widgets.entry import Entry
from fuzztui.widgets.keybar import rank, why_not
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.wording import NONE

WORDS: tuple[tuple[str, str], ...] = (
    ("crasher", "an input that makes the target fail: an exception it does not declare, an exit, a signal, a timeout"),
    ("group", "crashers that fail at the same place in the same way; several share a row, ▸ before it: → unfolds it"),
    (
        "● ○ ◆ ✗",
        "before a crasher: new since you last looked; seen, or known from before; a seed or stored input; its input "
        "could NOT be saved",
    ),
    (
        f"↻ ‼ ◐ {NONE} ◉",
        "before a crasher: fixed, as a reload has shown; fails again after that, or though it is marked fixed; marked "
        "triaged, ignored, fixed",
    ),
    ("again", "of the runs that a crasher's input was given again by itself, those that failed in the same way"),
    ("hit", "one time that a crasher was seen; the same failure again is a hit, not a new crasher"),
    (
        "✓ ± ?",
        "before a crasher: run again by itself it failed each time, now and then, or never",
    ),
    ("corpus", "inputs worth keeping, because each reaches something that the others do not"),
    ("seed", "an input that the target declares; one in testdata is a stored input"),
    ("baseline", "the first pass: every seed and stored input runs once, to learn what they cover"),
    ("edge", "a place in the code that can be reached or not: a branch, a loop count, an operand"),
    ("edges x of y", "reached so far, of those that the instrumented modules have; not all of them can be reached"),
    ("execs", "executions: how often the target was called"),
    ("now, avg", "executions per second over the last seconds, and on average over the whole run"),
    (
        "last find ━━╌╌",
        "how long ago something new was found; the bar is full after five minutes without: the search is on a plateau",
    ),
    ("new", "inputs that were added to the corpus in this run"),
    ("fuzzing anew", "a worker that has begun again with the seeds, since nothing has been found for a while"),
    ("stalled", "a worker that has been in one execution for longer than a second"),
    (
        "✗ ‖ ■ ↻ ◇",
        "marks on the time axis of a plot: a new crasher, a pause, a stopped worker, a reload, a changed setting",
    ),
    ("reload", "all workers load the code as it is now; the baseline and every crasher run again"),
    ("per 1M", "of a source of inputs: how many of its finds come in a million of its tries"),
    (NONE, "there is no figure yet"),
)
"""In the order in which a newcomer meets them."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What some keys do on a screen, and how it is done without them."""

    keys: str
    names: str
    """What else it is searched for by: what the line of keys says, and the keys as they are written elsewhere."""
    does: str
    """In a sentence."""
    action: str
    node: DOMNode | None = None
    """Where the keys are bound; None for the app."""
    is_possible: bool = True
    reason: str = ""
    """Why it cannot be done now, where that is known."""
    is_move: bool = False
    """Whether it only moves about in a list or a page."""

    @property
    def words(self) -> str:
        """What it does and, if it cannot be done now, why not."""
        if self.is_possible:
            return self.does
        return f"{self.does} (Not now: {self.reason})" if self.reason else f"{self.does} (Not now.)"


EVERYWHERE: tuple[Deed, ...] = (
    Deed("tab", "next pane", "Go to the next pane; shift+tab to the one before.", "app.focus_next"),
    Deed(
        "ctrl+p",
        "palette",
        "Find any of these commands by name; also the theme, and a picture of the screen.",
        "app.command_palette",
    ),
)
"""Keys that Textual brings along."""


class Definition(Static):
    """A word, or keys, and what it means."""

    def __init__(self, word: str, meaning: str, *, names: str = "", classes: str = "") -> None:
        super().__init__(definitions([(word, meaning)]), classes=classes)
        self._text = f"{word} {names} {meaning}".casefold()

    def bears(self, words: Iterable[str]) -> bool:
        """Whether all of some case-folded words are in it, anywhere."""
        return all(word in self._text for word in words)


class DeedLine(Definition):
    """Something that can be selected, and done."""

    def __init__(self, deed: Deed) -> None:
        super().__init__(deed.keys, deed.words, names=deed.names, classes="" if deed.is_possible else "-impossible")
        self.deed = deed


class HelpScreen(ModalScreen[None]):
    """Explains the screen below it, and does there what is chosen of what it names."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "close", "close", id="help.close", tooltip="Close the help."),
        Binding("slash", "search", "search", key_display="/", id="help.search",
                tooltip="List only the keys and words that bear all of some words, anywhere."),
        Binding("enter", "choose", "do", id="help.choose", tooltip="Close the help and do what is selected."),
        # Before the arrows of what scrolls.
        Binding("up", "move(-1)", "up", priority=True, id="help.up", tooltip="Select the key above."),
        Binding("down", "move(1)", "down", priority=True, id="help.down", tooltip="Select the key below."),
    ]  # fmt: skip

    def __init__(self, about: Sequence[str], deeds: Sequence[Deed]) -> None:
        super().__init__()
        self._about = about
        self._pager = Pager()
        self._search = Entry("words to search for", id="help-search")
        self._keys_title = Static(Content.styled("Keys", "bold $text-accent"))
        self._keys = [DeedLine(deed) for deed in deeds]
        self._words_title = Static(Content.styled("Words", "bold $text-accent"), classes="heading")
        self._words = [Definition(word, meaning) for word, meaning in WORDS]
        self._selected: DeedLine | None = None
        """Nothing at first: enter then only closes."""

    @classmethod
    def over(cls, screen: EngineScreen) -> "HelpScreen":
        """Help for a screen as it is now: its focused part and the keys that it has bound."""
        return cls(screen.explain(), deeds_of(screen))

    def compose(self) -> ComposeResult:
        with Vertical(id="help"):
            with self._pager:
                for paragraph in self._about:
                    yield Static(Content(paragraph), classes="paragraph")
                yield self._keys_title
                yield from self._keys
                yield self._words_title
                yield from self._words
            yield self._search

    def on_mount(self) -> None:
        box = self.query_one("#help")
        set_title(box, label("help"))
        names = ("help.search", "help.up", "help.down", "help.choose", "help.close")
        set_subtitle(box, say("{} search  {} {} select  {} do  {} close", *(key_of(self.app, name) for name in names)))
        self._search.placeholder = f"words to search for; {key_of(self.app, 'entry.take')} does what is selected"
        self._search.display = False
        self._pager.focus()

    # Searching and selecting ------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        self._search.display = True
        self._search.focus()

    def on_input_changed(self, message: Entry.Changed) -> None:
        """List what bears the words, and select the first key of these: enter is for what was searched for."""
        words = message.value.casefold().split()
        for title, lines in ((self._keys_title, self._keys), (self._words_title, self._words)):
            for line in lines:
                line.display = line.bears(words)
            title.display = any(line.display for line in lines)
        self._select(next((line for line in self._keys if line.display), None) if words else None)
        first = self._keys_title if self._keys_title.display else self._words_title
        self._pager.scroll_to_widget(first, animate=False, top=True)

    def action_move(self, steps: int) -> None:
        """Select the next key that is listed; beyond the first and the last one there is more to read."""
        listed: list[DeedLine] = [line for line in self._keys if line.display]
        at = listed.index(self._selected) + steps if self._selected is not None else min(steps, 0)
        if 0 <= at < len(listed):
            self._select(listed[at])
            self._pager.scroll_to_widget(listed[at], animate=False)
            return
        if at < 0 and not self._search.value:
            self._select(None)
        self._pager.scroll_relative(y=steps, animate=False)

    def _select(self, line: DeedLine | None) -> None:
        if self._selected is not None:
            self._selected.remove_class("-selected")
        if line is not None:
            line.add_class("-selected")
        self._selected = line

    # Leaving ----------------------------------------------------------------------------------------------------------

    def on_input_submitted(self) -> None:
        self.action_choose()

    def action_choose(self) -> None:
        if self._selected is not None:
            app = self.app
            self.dismiss(None)
            app.call_later(do, app, self._selected.deed)
        elif not self._search.value:
            self.dismiss(None)

    def action_close(self) -> None:
        self.dismiss(None)

    def action_cancel_entry(self) -> None:
        """Show everything again; there may be more to look for."""
        self._search.value = ""
        self._search.display = False
        self._pager.focus()


async def do(app: App[Any], deed: Deed) -> None:
    """Do on the screen in front what a key would do there now, or say why that cannot be."""
    if not await app.run_action(deed.action, deed.node):
        reason = why_not(app.screen, deed.action)
        app.clear_notifications()
        app.notify(say("Not now: {}", reason) if reason else label("Not now."), severity="warning", markup=False)


def deeds_of(screen: Screen[Any]) -> list[Deed]:
    """What the keys do that a screen has bound now."""
    deeds: dict[str, Deed] = {}
    ranks: dict[str, int] = {}
    for node, binding, enabled, tooltip in screen.active_bindings.values():
        if binding.id is None:
            continue
        key = screen.app.get_key_display(binding)
        if (other := deeds.get(binding.id)) is not None:
            deeds[binding.id] = replace(other, keys=f"{other.keys} {key}", names=f"{other.names} {binding.key}")
            continue
        reason = "" if enabled else why_not(screen, binding.action)
        ranks[binding.id] = rank(binding)
        names, does = f"{binding.description} {binding.key}", tooltip or binding.description
        is_move = binding.id.startswith(("table.", "pager."))
        deeds[binding.id] = Deed(key, names, does, binding.action, node, enabled, reason, is_move)
    # In the order of the line of keys; what every list and page has in common comes last.
    ordered = sorted(deeds, key=lambda name: (name.startswith(_COMMON) and ranks[name] > 0, ranks[name]))
    return [*map(deeds.__getitem__, ordered), *EVERYWHERE]


_COMMON = ("table.", "pager.", "list.")
"""How the ids of keys begin that all lists and pages have."""


def definitions(pairs: Iterable[tuple[str, str]]) -> Table:
    """Words on the left, what they mean on the right, each wrapped within its column."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=14, style="bold")
    table.add_column(ratio=1)
    for word, meaning in pairs:
        table.add_row(Text(word), Text(meaning))
    return table
