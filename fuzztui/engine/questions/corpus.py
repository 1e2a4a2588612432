"""What can be asked about the corpus: which entries there are, a page of them, one in full. Never all with contents."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from fuzztui.engine.keep.corpus import Entry
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.questions.general import Question, View
from fuzztui.engine.show.corpus import CorpusNumbers, CorpusOrder, CorpusPage, CorpusRow
from fuzztui.engine.show.inputs import content_of, size_words
from fuzztui.engine.show.text import NOTHING, Visible, hexdump, label, one_line, visible
from fuzztui.engine.work.ancestry import ancestors
from fuzztui.engine.work.search import Search
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import Value, decode, show

MOST_ROWS: Final = 200
"""Rows of one answer: more than any screen has lines."""

ROW_CHARACTERS: Final = 200
PAGE_CHARACTERS: Final = 4_000


@dataclass(frozen=True, slots=True)
class CorpusList(Question[CorpusNumbers]):
    """Which entries there are, in an order, that bear all of some words in name, origin or content."""

    order: CorpusOrder
    words: tuple[str, ...] = ()
    """Case-folded; none to list all."""

    def answer(self, view: View) -> CorpusNumbers:
        """Their numbers; of equal ones the newer comes first."""
        entries = view.search.corpus.entries
        wanted = [entry for entry in reversed(entries) if _bears(entry, self.words)] if self.words else entries[::-1]
        if (rank := _RANKS[self.order]) is not None:
            wanted.sort(key=rank)
        return CorpusNumbers(tuple(entry.number for entry in wanted), len(entries))


@dataclass(frozen=True, slots=True)
class CorpusRows(Question[tuple[CorpusRow, ...]]):
    """Some entries, as a list shows them; those that are gone are left out."""

    numbers: tuple[int, ...]

    def answer(self, view: View) -> tuple[CorpusRow, ...]:
        """At most `MOST_ROWS` of them."""
        by_number = view.search.corpus.by_number
        entries = (by_number.get(number) for number in self.numbers[:MOST_ROWS])
        return tuple(_row(view.search, entry) for entry in entries if entry is not None)


@dataclass(frozen=True, slots=True)
class CorpusEntry(Question[CorpusPage | None]):
    """All about one entry; None for one that is gone."""

    number: int

    def answer(self, view: View) -> CorpusPage | None:
        """Looked up at this moment."""
        search = view.search
        entry = search.corpus.by_number.get(self.number)
        if entry is None:
            return None
        arguments = _arguments(search, entry)
        content = content_of(arguments)
        return CorpusPage(
            row=_row(search, entry),
            sha256=search.corpus.digest_of(entry),
            path=_path(search, entry),
            values=visible(show(arguments, PAGE_CHARACTERS), 2 * PAGE_CHARACTERS),
            dump=tuple(hexdump(entry.data if content is None else content)),
            lineage=ancestors(search.lineage, search.corpus, entry.data),
            children=search.lineage.children(search.corpus.digest_of(entry)),
        )


@dataclass(frozen=True, slots=True)
class CorpusContent(Question[bytes]):
    """The bytes of one entry, for an editor: of its value where that is one bytes or text, else its file form; empty
    for one that is gone.
    """

    number: int

    def answer(self, view: View) -> bytes:
        """As they are."""
        entry = view.search.corpus.by_number.get(self.number)
        if entry is None:
            return b""
        content = content_of(_arguments(view.search, entry))
        return entry.data if content is None else content


_RANKS: Final[dict[CorpusOrder, Callable[[Entry], Any] | None]] = {
    CorpusOrder.NEWEST: None,
    CorpusOrder.BROUGHT: lambda entry: -entry.brought,
    CorpusOrder.EDGES: lambda entry: -len(entry.edges),
    CorpusOrder.SIZE: lambda entry: len(entry.data),
    CorpusOrder.LARGEST: lambda entry: -len(entry.data),
    CorpusOrder.FUZZED: lambda entry: -entry.fuzzed,
}


def _bears(entry: Entry, words: tuple[str, ...]) -> bool:
    name = f"{entry.name}\n{entry.origin.value}".casefold()
    data = entry.data.lower()
    return all(word in name or word.encode("utf-8", "surrogatepass") in data for word in words)


def _arguments(search: Search, entry: Entry) -> tuple[Value, ...]:
    try:
        return decode(entry.data, search.parameters)
    except MalformedInput:  # the code was reloaded and takes something else now
        return (entry.data,)


def _row(search: Search, entry: Entry) -> CorpusRow:
    arguments = _arguments(search, entry)
    return CorpusRow(
        number=entry.number,
        name=one_line(entry.name),
        origin=label(entry.origin.value),
        size=size_words(arguments),
        values=visible(show(arguments, ROW_CHARACTERS), 2 * ROW_CHARACTERS),
        brought=entry.brought,
        edges=len(entry.edges),
        fuzzed=entry.fuzzed,
        elapsed=entry.elapsed,
        has_file=search.corpus.folder_of(entry) is not None,
    )


def _path(search: Search, entry: Entry) -> Visible:
    folder = search.corpus.folder_of(entry)
    if folder is None:
        return NOTHING
    return one_line(shown_path(folder / entry.name), 1000)
