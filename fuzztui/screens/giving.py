"""What a person gives the corpus, or takes out of it: asked for here."""

from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from fuzztui.engine.show.corpus import CorpusRow
from fuzztui.engine.show.text import Visible, label, one_line, say
from fuzztui.screens.choice import ChoiceScreen
from fuzztui.widgets.entry import Entry
from fuzztui.widgets.keynames import answers
from fuzztui.widgets.tone import Line, content, span
from fuzztui.words.sentences import plural


class PasteEntry(Entry):
    """A line of text that leaves what is pasted to its screen, with all its lines and bytes."""

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()  # and bubble


class GiveScreen(ModalScreen[bytes | Path | None]):
    """Asks for an input: the path of a file, or the input itself, which is pasted. Its result is what was given."""

    def __init__(self, pasted: str = "") -> None:
        super().__init__()
        self._entry = PasteEntry("path of a file; or paste the input itself", id="given")
        self._pasted = pasted
        self._says = Static(id="given-words")

    def compose(self) -> ComposeResult:
        with Vertical(id="question", classes="-typed"):
            yield Static(content([(span("strong", "Add an input to the corpus"),)]))
            yield self._entry
            yield self._says

    def on_mount(self) -> None:
        self._entry.focus()
        self._show()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        name = event.text.strip()
        if "\n" not in name and name.startswith(("/", "~", "./", "../")) and path_of(name).is_file():
            self._entry.value = name  # dropped on the terminal
        else:
            self._pasted = event.text
        self._show()

    def _show(self) -> None:
        lines: list[Line] = []
        if self._pasted:
            size = plural(len(self._pasted.encode("utf-8", "surrogatepass")), "byte")
            lines.append((span("plain", "pasted, {}: ", size), span("accent", "{}", one_line(repr(self._pasted), 60))))
        lines.append(answers(self.app, ("entry.take", "adds it"), ("entry.cancel", "leaves the corpus as it is")))
        self._says.update(content(lines))

    def on_input_submitted(self, message: Entry.Submitted) -> None:
        if message.value.strip():
            self.dismiss(path_of(message.value.strip()))
        elif self._pasted:
            self.dismiss(self._pasted.encode("utf-8", "surrogatepass"))

    def action_cancel_entry(self) -> None:
        self.dismiss(None)


def path_of(name: str) -> Path:
    """The absolute path that a person means."""
    try:
        return Path(name).expanduser().absolute()
    except RuntimeError:  # nobody of that name
        return Path(name).absolute()


class RemoveScreen(ChoiceScreen[bool]):
    """Asks whether an entry and its file are to be removed."""

    prefix = "remove."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer", "remove", key_display="y", id="remove.yes",
                tooltip="remove it and its file; u puts it back as long as the run goes on"),
    ]  # fmt: skip

    def __init__(self, row: CorpusRow) -> None:
        super().__init__()
        self._row = row

    def question(self) -> Visible:
        what = label("your file") if self._row.origin == "stored input" else self._row.origin
        row = self._row
        return say("Remove {} ({}, {}, {:,} edges)?", one_line(row.name, 12), what, row.size, row.edges)

    def action_answer(self) -> None:
        self.dismiss(True)
