"""What is known of a target without running anything, and what people decide about it."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.keep.corpus import named_by_prefix
from fuzztui.engine.keep.places import decisions_dir
from fuzztui.engine.keep.record import Record, Smallest
from fuzztui.engine.keep.records import add_to_record
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import one_line
from fuzztui.engine.triage.decision import Decision
from fuzztui.engine.triage.decisions import change_decision
from fuzztui.engine.triage.triage import Change, Triage, UndecidableError
from tests.engine.work.scripted import failure


class Place:
    """A target, and what lies beside it and in the cache."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.target = PythonTarget(folder / "fuzz_it.py", "fuzz_it", folder)
        self.cache = folder / ".fuzztui"

    def load(self) -> Triage:
        return Triage.load(self.target, self.cache)

    @property
    def stored(self) -> Path:
        return self.target.crashers_dir.path

    @property
    def decided(self) -> Path:
        return self.folder / "testdata" / "triage" / "fuzz_it"

    def store(self, data: bytes) -> str:
        digest = sha256(data).hexdigest()
        self.stored.mkdir(parents=True, exist_ok=True)
        (self.stored / digest).write_bytes(data)
        return digest

    def record(
        self, bucket: str, *inputs: str, kind: str = "ValueError", seen: str = "2026-02-28", hits: int = 1
    ) -> None:
        add_to_record(
            self.target.records_dir(self.cache),
            Record(
                failure=replace(failure(kind), id=one_line(bucket)),
                target=self.target.id,
                inputs=inputs or ("f" * 64,),
                first_seen=seen,
                last_seen=seen,
                hits=hits,
            ),
        )

    def decide(self, bucket: str, decision: Decision) -> None:
        change_decision(decisions_dir(self.target.crashers_dir), bucket, lambda before: decision)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def buckets(triage: Triage) -> list[str]:
    return [known.bucket for known in triage.buckets]


def test_nothing_is_known_of_a_new_target(place: Place) -> None:
    triage = place.load()
    assert (triage.buckets, triage.problems, triage.unknown_inputs) == ((), (), ())


def test_records_inputs_and_decisions_are_brought_together(place: Place) -> None:
    one, two, mine = place.store(b"1"), place.store(b"2"), place.store(b"mine")
    place.record("1-a", one, "e" * 64, seen="2026-02-27", hits=3)
    place.record("1-b", two)
    place.decide("1-b", Decision(Status.IGNORED, note="not ours"))
    place.decide("1-c", Decision(Status.FIXED, title="KeyError in f"))
    triage = place.load()
    assert buckets(triage) == ["1-b", "1-a", "1-c"]
    b, a, c = triage.buckets
    assert (a.status, a.inputs, a.hits, a.title) == (Status.NEW, (place.stored / one,), 3, "ValueError in parse")
    assert (b.status, b.decision.note, b.inputs) == (Status.IGNORED, "not ours", (place.stored / two,))
    assert (c.status, c.record, c.type, c.title, c.hits) == (Status.FIXED, None, "KeyError", "KeyError in f", 0)
    assert triage.unknown_inputs == (place.stored / mine,)


def test_inputs_in_the_cache_count_and_the_smallest_one_is_named(place: Place) -> None:
    small = place.store(b"s")
    digest = sha256(b"displaced").hexdigest()
    record = Record(
        failure=replace(failure(), id=one_line("1-a")),
        target="t",
        inputs=(digest,),
        first_seen="2026-02-28",
        last_seen="2026-02-28",
        minimized=Smallest(small, 1),
    )
    add_to_record(place.target.records_dir(place.cache), record)
    displaced = place.target.records_dir(place.cache).path / digest
    displaced.write_bytes(b"displaced")
    (known,) = place.load().buckets
    assert (known.inputs, known.minimized) == ((displaced,), place.stored / small)


def test_a_folder_among_stored_inputs_is_no_input(place: Place) -> None:
    digest = place.store(b"x")
    (place.stored / "before").mkdir()
    assert place.load().unknown_inputs == (place.stored / digest,)
    assert [path.name for path in named_by_prefix([place.target.crashers_dir], "")] == [digest]


def test_damaged_files_are_said_and_count_as_nothing(place: Place) -> None:
    place.record("1-a")
    (place.target.records_dir(place.cache).path / "1-b.json").write_bytes(b"{")
    place.decide("1-a", Decision(Status.FIXED))
    (place.decided / "1-c.toml").write_text("status = 3\n")
    triage = place.load()
    assert buckets(triage) == ["1-a"]
    assert len(triage.problems) == 2


# Decisions ---------------------------------------------------------------------------------------------------------


def test_a_decision_names_what_it_is_about(place: Place) -> None:
    digest = place.store(b"1")
    place.record("1-a", digest, "e" * 64)
    decided = place.load().decide("1-a", Change(Status.IGNORED, note="known"))
    assert decided.path == place.decided / "1-a.toml"
    expected = Decision(Status.IGNORED, "ValueError in parse", "known", inputs=(digest,))
    assert decided.decision == expected
    assert place.load().decision_for("1-a") == ("1-a", expected)


def test_what_is_not_to_be_changed_stays(place: Place) -> None:
    place.record("1-a")
    place.decide("1-a", Decision(Status.TRIAGED, "T", "n", "l", others={"owner": "me"}, comment="# ours\n"))
    place.load().decide("1-a", Change(Status.FIXED))
    place.load().decide("1-a", Change(link=""))
    assert place.load().decision_for("1-a")[1] == Decision(
        Status.FIXED, "T", "n", "", others={"owner": "me"}, comment="# ours\n"
    )


def test_a_decision_about_what_somebody_else_has_changed_meanwhile_keeps_that(place: Place) -> None:
    place.record("1-a")
    before = place.load()
    place.decide("1-a", Decision(note="theirs"))
    before.decide("1-a", Change(Status.FIXED))
    decision = place.load().decision_for("1-a")[1]
    assert (decision.status, decision.note) == (Status.FIXED, "theirs")


def test_a_decision_is_taken_back(place: Place) -> None:
    place.record("1-a")
    place.load().decide("1-a", Change(Status.FIXED))
    assert place.load().decide("1-a", None).decision is None
    assert place.load().decision_for("1-a") == ("1-a", Decision())


def test_a_broken_decision_is_not_overwritten(place: Place) -> None:
    place.record("1-a")
    place.decided.mkdir(parents=True)
    (place.decided / "1-a.toml").write_text("status = 3\n")
    for change in (Change(Status.FIXED), None):
        with pytest.raises(UndecidableError, match="mend it, or remove it"):
            place.load().decide("1-a", change)
    assert (place.decided / "1-a.toml").read_text() == "status = 3\n"


def test_a_note_of_undecodable_bytes_is_spelled_out(place: Place) -> None:
    place.record("1-a")
    place.load().decide("1-a", Change(note="a\udcffb"))
    assert place.load().decision_for("1-a")[1].note == "a\\udcffb"


# Merging -----------------------------------------------------------------------------------------------------------


def test_a_merged_bucket_counts_for_the_other_one(place: Place) -> None:
    one, two = place.store(b"1"), place.store(b"2")
    place.record("1-a", one, hits=3)
    place.record("1-b", two, hits=4)
    place.load().decide("1-b", Change(alias="1-a"))
    place.load().decide("1-a", Change(Status.IGNORED))
    triage = place.load()
    (known,) = triage.buckets
    assert (known.bucket, known.hits, known.merged, known.status) == ("1-a", 7, ("1-b",), Status.IGNORED)
    assert known.inputs == (place.stored / one, place.stored / two)
    assert triage.decision_for("1-b") == ("1-a", triage.decision_for("1-a")[1])
    triage.decide("1-b", Change(alias=""))
    assert sorted(buckets(place.load())) == ["1-a", "1-b"]


def test_no_bucket_is_merged_into_itself_by_however_many_steps(place: Place) -> None:
    for bucket in ("1-a", "1-b", "1-c"):
        place.record(bucket)
    place.load().decide("1-b", Change(alias="1-a"))
    place.load().decide("1-c", Change(alias="1-b"))
    for bucket, alias in (("1-a", "1-a"), ("1-a", "1-b"), ("1-a", "1-c"), ("1-b", "1-c"), ("1-b", "1-b")):
        with pytest.raises(UndecidableError):
            place.load().decide(bucket, Change(alias=alias))
    assert place.load().canonical("1-c") == "1-a"


def test_a_merged_bucket_has_no_status_of_its_own(place: Place) -> None:
    place.record("1-a")
    place.record("1-b")
    place.load().decide("1-b", Change(alias="1-a"))
    with pytest.raises(UndecidableError, match="1-b is merged into 1-a"):
        place.load().decide("1-b", Change(Status.IGNORED))


@pytest.mark.parametrize("order", [("1-a", "1-b", "1-c"), ("1-c", "1-b", "1-a"), ("1-b", "1-a", "1-c")])
def test_a_circle_that_edits_of_two_people_have_made_is_one_bucket(place: Place, order: Sequence[str]) -> None:
    for bucket, alias in (("1-a", "1-b"), ("1-b", "1-c"), ("1-c", "1-a")):
        place.record(bucket)
        place.decide(bucket, Decision(alias=alias))
    triage = place.load()
    assert {triage.canonical(bucket) for bucket in order} == {"1-a"}
    assert buckets(triage) == ["1-a"]


# A bucket with a new name ------------------------------------------------------------------------------------------


def test_a_stored_input_takes_its_decision_along(place: Place) -> None:
    digest = place.store(b"1")
    place.decide("1-old", Decision(Status.IGNORED, "ValueError in parse", "known", inputs=(digest,)))
    place.record("2-new", digest)
    triage = place.load()
    (known,) = triage.buckets
    assert (known.bucket, known.status, known.decision.note) == ("2-new", Status.IGNORED, "known")
    bucket, decision = triage.decision_for("2-newer", digest, "ValueError")
    assert (bucket, decision.status) == ("2-newer", Status.IGNORED)


def test_an_input_that_fails_in_another_way_now_is_news(place: Place) -> None:
    digest = place.store(b"1")
    place.decide("1-old", Decision(Status.IGNORED, "ValueError in parse", inputs=(digest,)))
    triage = place.load()
    assert triage.decision_for("2-new", digest, "killed by SIGSEGV") == ("2-new", Decision())
    assert triage.decision_for("2-new", digest, "Value") == ("2-new", Decision())


def test_what_is_decided_anew_begins_with_what_was_taken_along(place: Place) -> None:
    digest = place.store(b"1")
    place.decide("1-old", Decision(Status.IGNORED, "ValueError in parse", "known", inputs=(digest,)))
    place.record("2-new", digest)
    decided = place.load().decide("2-new", Change(Status.FIXED))
    assert decided.path.name == "2-new.toml"
    assert decided.decision is not None
    assert (decided.decision.status, decided.decision.note) == (Status.FIXED, "known")


def test_a_bucket_that_has_a_new_name_by_another_rule_is_one_bucket(place: Place) -> None:
    digest = place.store(b"1")
    place.record("1-a", digest, seen="2026-02-27", hits=3)
    place.record("2-a", digest, seen="2026-02-28", hits=4)
    place.record("2-b", digest, seen="2026-02-26", kind="KeyError")
    place.record("1-c", digest, seen="2026-02-25", kind="OSError")
    triage = place.load()
    assert buckets(triage) == ["2-a", "2-b", "1-c"], "what fails in another way is another bucket"
    assert (triage.buckets[0].hits, triage.buckets[0].merged) == (7, ("1-a",))
    place.decide("1-a", Decision(Status.IGNORED, "ValueError in parse", inputs=(digest,)))
    triage = place.load()
    assert buckets(triage) == ["2-a", "2-b", "1-c"]
    assert triage.buckets[0].status is Status.IGNORED
    place.decide("2-a", Decision(Status.TRIAGED))
    assert len(place.load().buckets) == 4, "somebody has decided about both"


# Names of buckets --------------------------------------------------------------------------------------------------


def test_a_beginning_will_do_with_or_without_the_rule(place: Place) -> None:
    place.record("2-abc1")
    place.record("2-abd2")
    triage = place.load()
    assert {triage.find(typed) for typed in ("2-abc1", "2-abc", "abc")} == {"2-abc1"}


def test_what_is_no_bucket_is_answered_with_the_nearest(place: Place) -> None:
    with pytest.raises(UndecidableError, match="so there is no bucket 'abc'"):
        place.load().find("abc")
    place.record("2-abc1")
    place.record("2-xyz1", kind="KeyError")
    triage = place.load()
    with pytest.raises(UndecidableError, match=r"begins with 'xyy'; the nearest is 2-xyz1 \(KeyError in parse\)"):
        triage.find("xyy")
    with pytest.raises(UndecidableError, match=r"'2' is the beginning of 2-abc1 .*, 2-xyz1 .*: type more of one"):
        triage.find("2")
    with pytest.raises(UndecidableError, match="nearest"):
        triage.find("")


# Namesakes ---------------------------------------------------------------------------------------------------------


def test_namesakes_have_decisions_of_their_own_and_earlier_ones_stay_known(place: Place) -> None:
    place.record("1-a")
    place.load().decide("1-a", Change(Status.FIXED))
    place.target = replace(place.target, namesakes=("fuzz_other.py",))
    assert place.load().decision_for("1-a")[1].status is Status.FIXED
    assert place.load().decide("1-a", Change(note="n")).path == place.decided / "1-a.toml", "where it lies"
    place.record("1-b")
    decided = place.load().decide("1-b", Change(Status.FIXED))
    assert decided.path == place.folder / "testdata" / "triage" / "fuzz_it.fuzz_it" / "1-b.toml"
