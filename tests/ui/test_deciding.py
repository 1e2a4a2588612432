"""What a person decides about crashers: status, notes, merges, by keys, written to files that are remembered."""

from dataclasses import replace
from pathlib import Path

import pytest

from fuzztui.engine.keep.places import decisions_dir
from fuzztui.engine.keep.record import FirstBad, Record
from fuzztui.engine.keep.records import add_to_record
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import NOTHING, Visible, label, visible
from fuzztui.engine.triage.triage import Change
from fuzztui.outside.bisect import Question
from fuzztui.screens.decider import DiskDecider, Exported, Verdict
from fuzztui.screens.report import report
from fuzztui.widgets.tone import plain
from tests.ui.driving import dashboard
from tests.ui.fakes import FakeSession, crasher, ended, outcome, snapshot
from tests.ui.test_pane import rows

FOUND = tuple(crasher(i, message=f"number {i}", group=f"g{i // 2}") for i in range(4))
"""Two groups of two."""


class MemoryDecider:
    """Decisions that last as long as the test."""

    def __init__(self, **verdicts: Verdict) -> None:
        self.verdicts = dict(verdicts)
        self.problem = NOTHING
        self.asked: list[tuple[str, Change | None]] = []

    def verdict(self, crasher: Crasher) -> Verdict:
        return self.verdicts.get(crasher.id, Verdict())

    def export(self, crasher: Crasher) -> Exported | Visible:
        return label("No test here.")

    def question(self, crasher: Crasher) -> Question | Visible:
        return label("no commits here")

    def forget(self) -> None:
        """There is nothing to read again."""

    def decide(self, crasher: Crasher, change: Change | None) -> Visible:
        self.asked.append((crasher.failure.message, change))
        if self.problem:
            return self.problem
        before = self.verdict(crasher)
        assert change is not None
        self.verdicts[crasher.id] = Verdict(
            before.status if change.status is None else change.status,
            before.note if change.note is None else visible(change.note),
            before.merged_into if change.alias is None else visible(change.alias),
        )
        return NOTHING


def session() -> FakeSession:
    return FakeSession(snapshot(crashers=FOUND))


async def test_status_of_a_group_is_that_of_all_its_crashers_and_stands_in_its_row() -> None:
    decider = MemoryDecider()
    async with dashboard(session(), size=(300, 50), notifications=True, decider=decider) as driver:
        await driver.press("tab", "t")
        assert "What about 2 crashers?" in driver.text
        await driver.press("i")
        assert decider.asked == [(f"number {i}", Change(status=Status.IGNORED)) for i in (3, 2)]
        assert "ignored" in rows(driver)[0]
        assert "ignored" not in rows(driver)[1]
        await driver.until(lambda: "2 crashers: ignored" in driver.text)


@pytest.mark.soak
async def test_each_status_has_a_key_and_esc_decides_nothing() -> None:
    for key, status in {"t": Status.TRIAGED, "enter": Status.TRIAGED, "i": Status.IGNORED, "f": Status.FIXED,
                        "n": Status.NEW}.items():  # fmt: skip
        decider = MemoryDecider()
        async with dashboard(session(), decider=decider) as driver:
            await driver.press("tab", "enter", "t", "escape")
            assert decider.asked == []
            await driver.press("t", key)
            assert decider.asked == [("number 3", Change(status=status))]
            if status is not Status.NEW:
                assert status.value in driver.text


async def test_marked_crashers_are_decided_about_at_once_and_lose_their_marks() -> None:
    decider = MemoryDecider()
    async with dashboard(session(), decider=decider) as driver:
        await driver.press("tab", "right", "j", "space", "j", "space")
        assert "3 marked" in driver.text
        assert sum(line.startswith(("│ *", "│▸*")) for line in driver.lines) == 2
        await driver.press("t", "f")
        assert [message for message, _ in decider.asked] == ["number 3", "number 1", "number 0"]
        assert "marked" not in driver.text


async def test_mark_is_taken_away_by_the_same_key_and_all_by_esc() -> None:
    async with dashboard(session(), decider=MemoryDecider()) as driver:
        await driver.press("tab", "space", "k", "space")
        assert "marked" not in driver.text
        await driver.press("space", "escape")
        assert "marked" not in driver.text
        await driver.press("escape")


async def test_note_is_typed_kept_shown_searched_and_changed() -> None:
    decider = MemoryDecider()
    async with dashboard(session(), size=(100, 50), decider=decider) as driver:
        await driver.press("tab", "enter", "n", *"qs", "escape")
        assert decider.asked == []
        await driver.press("n", *"seen", "enter")
        assert decider.asked == [("number 3", Change(note="seen"))]
        assert "─ note ─" in driver.text
        await driver.press("n", "x", "enter")
        assert decider.asked[-1] == ("number 3", Change(note="seenx"))
        await driver.press("escape", "slash", *"seenx", "enter")
        assert len(rows(driver)) == 1


async def test_marked_crashers_are_merged_into_the_selected_one_and_that_can_be_undone() -> None:
    decider = MemoryDecider()
    async with dashboard(session(), decider=decider) as driver:
        assert driver.run_screen.why_not("merge") == "no other crasher is marked"
        await driver.press("tab", "space", "M")  # both of the first group into the first of the second
        assert decider.asked == [(f"number {i}", Change(alias=FOUND[1].id)) for i in (2, 3)]
        assert len(rows(driver)) == 1
        assert "crashers: 4 in 1 group" in driver.text
        await driver.press("g", "right", "j", "enter")
        assert "merged into" in driver.text
        await driver.press("M", "escape")
        assert decider.asked[-1] == ("number 3", Change(alias=""))
        assert "crashers: 4 in 2 groups" in driver.text


async def test_what_was_fixed_and_fails_is_loud() -> None:
    decider = MemoryDecider(**{FOUND[3].id: Verdict(Status.FIXED, is_regressed=True)})
    async with dashboard(session(), size=(300, 50), decider=decider) as driver:
        assert "‼ regressed" in rows(driver)[0]
        await driver.press("tab", "enter")
        assert "‼ regressed" in driver.text


async def test_commit_since_which_it_fails_is_shown_where_somebody_has_bisected() -> None:
    since = label("0123456789ab of 2026-02-28 by someone: look it up")
    decider = MemoryDecider(**{FOUND[3].id: Verdict(since=since)})
    async with dashboard(session(), size=(300, 50), decider=decider) as driver:
        await driver.press("tab", "enter")
        assert "fails since" in driver.text
        assert since in driver.text


async def test_decision_that_cannot_be_written_is_told_with_its_reason() -> None:
    decider = MemoryDecider()
    decider.problem = label("the disk is full")
    async with dashboard(session(), decider=decider, notifications=True) as driver:
        await driver.press("tab", "t", "t")
        await driver.until(lambda: "Not written: the disk is full" in driver.text)


async def test_hostile_note_is_shown_not_obeyed() -> None:
    async with dashboard(session(), decider=MemoryDecider(), size=(100, 50)) as driver:
        await driver.press("tab", "enter", "n")
        entry = driver.app.focused
        assert entry is not None
        entry.insert_text_at_cursor("\x1b]0;owned\x07[/x]")  # type: ignore[attr-defined]
        await driver.press("enter")
        assert r"\x1b]0;owned" in driver.text
        assert not {"\x1b", "\x07"} & set(driver.text)


@pytest.fixture
def options(tmp_path: Path) -> RunOptions:
    (tmp_path / "fuzz_it.py").write_text("def fuzz_it(data: bytes):\n    raise ValueError(data)\n")
    return RunOptions(PythonTarget(tmp_path / "fuzz_it.py", "fuzz_it", tmp_path), tmp_path / ".fuzztui", workers=1)


def test_decision_is_a_file_that_the_next_session_reads(options: RunOptions) -> None:
    one = crasher(0)
    decider = DiskDecider(options)
    assert decider.verdict(one) == Verdict()
    assert decider.decide(one, Change(status=Status.FIXED, note="since 3.12")) == ""
    assert decider.verdict(one) == Verdict(Status.FIXED, visible("since 3.12"))
    (file,) = Path(decisions_dir(options.target.crashers_dir)).iterdir()
    assert file.stem == one.id
    tomorrow = DiskDecider(options).verdict(replace(one, status=Status.FIXED))
    assert tomorrow == Verdict(Status.FIXED, visible("since 3.12"), is_regressed=True)


def test_what_bisecting_has_found_is_read_from_the_record(options: RunOptions) -> None:
    one = crasher(0)
    found = FirstBad("0123456789abcdef", "2026-02-28T01:02:03+00:00", visible("some\x1bone"), visible("look it up"))
    seen = "2026-03-01"
    record = Record(
        failure=one.failure, target="", inputs=(one.sha256,), first_seen=seen, last_seen=seen, first_bad=found
    )
    folder = options.target.records_dir(options.cache_dir)
    add_to_record(folder, record)
    add_to_record(folder, replace(record, first_bad=None, last_seen="2026-03-02"))
    assert DiskDecider(options).verdict(one).since == "0123456789ab of 2026-02-28 by some\\x1bone: look it up"


def test_merge_is_an_alias_that_can_be_taken_back(options: RunOptions) -> None:
    one, other = crasher(0), crasher(1)
    decider = DiskDecider(options)
    assert decider.decide(one, Change(alias=other.id)) == ""
    assert decider.verdict(one).merged_into == other.id
    assert "merged into itself" in decider.decide(other, Change(alias=one.id))
    assert decider.decide(one, Change(alias="")) == ""
    assert decider.verdict(one).merged_into == ""


def test_exported_test_lies_beside_the_target_and_an_edited_one_stays(options: RunOptions, tmp_path: Path) -> None:
    one = crasher(0)
    decider = DiskDecider(options)
    written = decider.export(one)
    assert isinstance(written, Exported)
    assert written.words == "written"
    file = tmp_path / "test_fuzz_it.py"
    assert written.test.path == file
    assert f"def {written.test.name}(" in file.read_text()
    first = file.read_text()
    assert "def test_" in first
    again = decider.export(one)
    assert again == Exported(written.test, label("as it was"))
    file.write_text(first.replace("def test_", "def test_edited_"))
    other = decider.export(one)
    assert isinstance(other, Exported)
    assert "was edited, and stays" in other.words
    assert other.test.path == tmp_path / "test_fuzz_it_2.py"
    assert "test_edited_" in file.read_text()


def test_export_of_a_target_that_is_gone_says_so(options: RunOptions) -> None:
    options.target.file.unlink()  # type: ignore[attr-defined]
    why = DiskDecider(options).export(crasher(0))
    assert not isinstance(why, Exported)
    assert why.startswith("No test: ")


async def test_triage_without_fuzzing_is_the_list_alone_with_its_keys() -> None:
    triage = FakeSession(snapshot(crashers=FOUND, phase=Phase.TRIAGE, workers=(), stop_reason=None, time_limit=None))
    async with dashboard(triage, size=(80, 24), decider=MemoryDecider()) as driver:
        assert "◇ TRIAGE" in driver.lines[0]
        assert "no limit" not in driver.lines[0]
        assert driver.run_screen.crasher_table.has_focus
        assert "execs/s" not in driver.text
        assert "workers:" not in driver.text
        assert "S stop all" not in driver.lines[-1]
        await driver.press("v")
        assert triage.commands == [("validate", FOUND[3].id), ("validate", FOUND[2].id)]
        await driver.press("enter")
        assert "─ arguments ─" in driver.text


async def test_crasher_of_an_earlier_session_says_how_long_ago_that_was() -> None:
    old = crasher(0, elapsed=-86400.0 * 2)
    async with dashboard(FakeSession(snapshot(crashers=(old,))), size=(120, 40)) as driver:
        await driver.press("tab", "enter")
        assert "first seen 2d 00h ago" in driver.text


async def test_triage_is_left_by_one_key_and_its_report_has_no_empty_parts() -> None:
    triage = FakeSession(snapshot(crashers=FOUND, phase=Phase.TRIAGE, workers=()))
    async with dashboard(triage, decider=MemoryDecider()) as driver:
        await driver.press("q")
        assert triage.commands == [("stop", StopReason.USER)]
        over = outcome(StopReason.USER, received=0, stored=0, duplicates=0, exit_code=0)
        last = ended(StopReason.USER, crashers=FOUND, workers=(), outcome=over)
        triage.finish(last)
        await driver.until(lambda: not driver.app.is_running)
        assert driver.app.return_code == 0
    told = "\n".join(map(plain, report(last)))
    assert "Crashers: 4" in told
    assert "Workers" not in told
    assert "received" not in told
