"""No two entries have the same bytes, and what is found is stored at once."""

from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.keep.corpus import Corpus, Origin
from tests.engine.work.scripted import names, store


def loaded(folder: Path, *seeds: bytes) -> Corpus:
    corpus = Corpus(folder / "stored", folder / "generated")
    corpus.load(("bytes",), list(seeds), b"", 100)
    return corpus


def origins(corpus: Corpus) -> list[tuple[bytes, str, Origin]]:
    return [(entry.data, entry.name, entry.origin) for entry in corpus.entries]


def test_an_input_that_is_there_in_several_ways_is_one_entry_of_the_first_origin(tmp_path: Path) -> None:
    store(tmp_path / "stored", b"a", b"b")
    store(tmp_path / "generated", b"b", b"c")
    assert origins(loaded(tmp_path, b"a", b"a")) == [
        (b"a", "seed 1", Origin.SEED),
        (b"b", "b", Origin.STORED),
        (b"c", "c", Origin.GENERATED),
    ]


def test_the_zero_value_is_an_entry_where_a_person_has_chosen_none(tmp_path: Path) -> None:
    store(tmp_path / "generated", b"found")
    assert origins(loaded(tmp_path)) == [(b"", "zero value", Origin.ZERO), (b"found", "found", Origin.GENERATED)]
    assert names(tmp_path / "generated") == ["found"], "it would count as found in the next run"


def test_what_is_found_is_named_by_its_digest_and_counted_once(tmp_path: Path) -> None:
    corpus = loaded(tmp_path, b"seed")
    entry = corpus.add(b"new")
    assert entry is not None
    assert (entry.name, entry.origin) == (sha256(b"new").hexdigest(), Origin.GENERATED)
    assert corpus.add(b"new") is None
    assert corpus.add(b"seed") is None
    assert (len(corpus), corpus.new) == (2, 1)
    assert names(tmp_path / "generated") == [], "writing it is for whoever may wait for the disk"
    corpus.keep(b"new")
    assert names(tmp_path / "generated") == [entry.name]


def test_what_cannot_be_stored_is_an_error_that_names_the_folder(tmp_path: Path) -> None:
    corpus = loaded(tmp_path)
    (tmp_path / "generated").write_text("in the way")
    with pytest.raises(OSError, match="generated"):
        corpus.keep(b"new")


def test_an_input_may_be_kept_for_the_next_run_without_being_an_entry_of_this_one(tmp_path: Path) -> None:
    corpus = loaded(tmp_path)
    for _ in range(2):
        corpus.keep(b"perhaps")
    assert len(corpus) == 1
    assert names(tmp_path / "generated") == [sha256(b"perhaps").hexdigest()]


@pytest.mark.parametrize("origin", list(Origin))
def test_seeds_and_stored_inputs_are_the_users(origin: Origin) -> None:
    assert origin.is_users == (origin in (Origin.SEED, Origin.STORED))
