"""Corpora to be looked at: real ones, of which only that they were found is made up."""

from fuzztui.engine.keep.corpus import Entry, Origin
from fuzztui.engine.keep.lineage import Step, digest
from fuzztui.engine.session import _NoRun
from fuzztui.engine.work.search import Search
from tests.ui.fakes import OPTIONS


def corpus(generated: int, parameters: tuple[str, ...] = ("bytes",)) -> _NoRun:
    """What questions are answered from: two seeds, a stored input, and so many that were found, one each second."""
    view = _NoRun(OPTIONS)
    search: Search = view.search
    search.parameters = parameters
    seeds = [Entry(b"{}", "seed 1", Origin.SEED), Entry(b"[1, 2]", "seed 2", Origin.SEED)]
    folder = OPTIONS.target.crashers_dir.path
    for entry in (*seeds, Entry(b'"\\u00e9"', "accent", Origin.STORED, folder / "accent")):
        search.corpus.take_in(entry)
        entry.edges, entry.brought = tuple(range(40)), 20
    parent = seeds[1].data
    for i in range(generated):
        data = b"[%d, 2]" % (i * 7919) + b"\x00\xff" * (i % 50)
        found = search.corpus.add(data, float(i), 1 + i % 7)
        assert found is not None
        found.edges, found.fuzzed = tuple(range(i % 90)), i % 300
        search.lineage.note(data, Step(digest(parent), ("insert_token",)))
        parent = data
    return view
