"""What a run tells is kept in a file, and read back; what is no such file is refused in a sentence."""

import fcntl
import json
import os
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from fuzztui import __version__
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.events import CrasherFound, Ended, Event, PhaseChanged, Stats, Warned
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import label
from fuzztui.plain.json_lines import json_lines
from fuzztui.sessions import recorder, recording
from fuzztui.sessions.recorder import Recorder, sweep
from fuzztui.sessions.recording import UnreadableError, read
from tests.support import wait_for
from tests.ui.fakes import crasher, ended, outcome, snapshot


class Engine:
    """Stands for the session that a recorder looks at."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, topic: str, sentence: str) -> None:
        self.warnings.append(sentence)


SAMPLES = snapshot().history


def options_in(folder: Path) -> RunOptions:
    (folder / "pyproject.toml").touch()
    return RunOptions(PythonTarget(folder / "fuzz_it.py", "fuzz_it", folder), folder / ".fuzztui", workers=2)


def story(seconds: int = 30) -> Iterator[Event | Snapshot]:
    """A run of some seconds: a status each half second, a crasher on the way, an end."""
    yield PhaseChanged(0.0, Phase.FUZZING)
    found: tuple[Any, ...] = ()
    for half in range(2 * seconds):
        elapsed = half / 2
        if half == 8:
            found = (crasher(3, elapsed=elapsed),)
            yield CrasherFound(elapsed, found[0])
        shown = snapshot(version=half + 1, elapsed=elapsed, crashers=found, history=SAMPLES)
        yield shown
        if half % 6 == 5:
            yield Stats(elapsed, shown)
    last = ended(version=999, elapsed=float(seconds), crashers=found, outcome=outcome(seconds=float(seconds)))
    yield last
    assert last.outcome is not None
    yield Ended(float(seconds), last.outcome, last.executions, last.workers, last.yields)


def record(folder: Path, told: Iterator[Event | Snapshot] | None = None) -> tuple[Path, Engine]:
    options = options_in(folder)
    engine = Engine()
    onlooker = Recorder(options)
    onlooker.begin(engine)  # type: ignore[arg-type]
    for item in told if told is not None else story():
        if isinstance(item, Snapshot):
            onlooker.on_snapshot(item)
        else:
            onlooker.on_event(item)
    onlooker.close()
    paths = sorted((folder / ".fuzztui" / "sessions" / "fuzz_it.py" / "fuzz_it").glob("*.jsonl"), key=lambda p: p.stem)
    return (paths[-1] if paths else folder), engine


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_recording_has_the_objects_of_json_lines_and_statuses(tmp_path: Path) -> None:
    path, _ = record(tmp_path)
    lines = lines_of(path)
    assert lines[0]["event"] == "session"
    assert lines[0]["format"] == 1
    assert [line["event"] for line in lines if line["event"] not in ("status", "stats")] == [
        "session",
        "phase",
        "crasher",
        "end",
    ]
    assert lines[-1]["event"] == "end"
    found = json.loads(json_lines(CrasherFound(4.0, crasher(3, elapsed=4.0))))
    told = next(line for line in lines if line["event"] == "crasher")
    assert {name: told[name] for name in found} == found
    assert sum(line["event"] == "status" for line in lines) >= 30


def test_recording_is_read_back_as_it_was_told(tmp_path: Path) -> None:
    told = list(story())
    path, _ = record(tmp_path, iter(told))
    shown = read(path)
    assert shown.problem == ""
    assert shown.target == "fuzz_it.py::fuzz_it"
    assert [each.event for each in shown.told] == [each for each in told if not isinstance(each, Snapshot | Stats)]
    statuses = {each.version: each for each in told if isinstance(each, Snapshot)}
    assert shown.snapshot(len(shown) - 1) == told[-2]
    rng = random.Random(1)
    for number in [*range(len(shown)), *(rng.randrange(len(shown)) for _ in range(60))]:
        snapshot = shown.snapshot(number)
        if snapshot.outcome is None:
            assert snapshot == statuses[snapshot.version]


@pytest.mark.soak
def test_status_costs_a_fraction_of_the_whole_run(tmp_path: Path) -> None:
    path, _ = record(tmp_path, story(300))
    lines = path.read_text().splitlines()
    statuses = [line for line in lines if '"event":"status"' in line]
    assert len(statuses) > 200
    assert max(map(len, statuses[1:-1])) < len(statuses[0]) / 4


def test_recording_that_is_cut_off_shows_what_there_is(tmp_path: Path) -> None:
    path, _ = record(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: -len(content) // 4 + 11])
    shown = read(path)
    assert "ends in the middle of line" in shown.problem
    assert len(shown) > 5
    path.write_bytes(content[: content.rindex(b"\n", 0, len(content) // 2) + 1])
    assert "stops before the run's end" in read(path).problem


def test_cut_at_any_byte_is_a_recording_or_a_sentence(tmp_path: Path) -> None:
    path, _ = record(tmp_path, story(6))
    content = path.read_bytes()
    for end in random.Random(2).sample(range(len(content)), 60):
        path.write_bytes(content[:end])
        try:
            said = read(path).problem
        except UnreadableError as error:
            said = error.sentence
        assert said
        assert "\n" not in said


def test_recording_that_still_grows_is_shown_as_far_as_it_has_come(tmp_path: Path) -> None:
    path, _ = record(tmp_path, story(6))
    content = path.read_bytes()
    growing = tmp_path / "growing.jsonl"
    writer = growing.open("wb", buffering=0)
    fcntl.flock(writer, fcntl.LOCK_EX)
    last = content.rindex(b"\n", 0, -1) + 1
    steps = sorted(random.Random(3).sample(range(len(content)), 40))
    lengths: list[int] = []
    refused: list[str] = []
    for begin, end in pairwise([0, *steps]):
        writer.write(content[begin:end])
        try:
            shown = read(growing)
        except UnreadableError as error:
            refused.append(error.sentence)
            continue
        assert shown.problem == ("" if end >= len(content) else "the run goes on, and is shown as far as it had come")
        lengths.append(len(shown))
    assert lengths == sorted(lengths)
    assert lengths[-1] > 3
    assert all("has just begun" in sentence or "it is no JSON" in sentence for sentence in refused)
    writer.write(content[steps[-1] : last - 1])
    writer.close()  # as when its process is killed
    assert "ends in the middle of line" in read(growing).problem
    growing.write_bytes(content)
    assert read(growing).problem == ""


@pytest.mark.parametrize(
    "change", ["a field is missing", "a field has another type", "an event has another name", "the form"]
)
def test_recording_of_another_version_names_that(tmp_path: Path, change: str) -> None:
    path, _ = record(tmp_path, story(6))
    content = path.read_text().replace(f'"fuzztui": "{__version__}"', '"fuzztui": "0.0.1"', 1)
    assert '"fuzztui": "0.0.1"' in content
    path.write_text(content)
    assert read(path).problem == "", "what has the same form can be shown"
    match change:
        case "a field is missing":
            content = content.replace('"corpus_new":', '"corpus_newest":', 1)
        case "a field has another type":
            content = content.replace('"edges":', '"edges":"many","was":', 1)
        case "an event has another name":
            content = content.replace('"event": "end"', '"event": "finish"').replace('"Ended"', '"Finished"')
        case _:
            content = content.replace('"format": 1', '"format": 0', 1)
    path.write_text(content)
    with pytest.raises(UnreadableError) as refused:
        read(path)
    assert f"fuzztui 0.0.1 recorded it, and this is {__version__}: show it with that one" in refused.value.sentence
    assert "\n" not in refused.value.sentence


def test_recording_that_is_huge_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "huge.jsonl"
    with path.open("wb") as file:
        file.truncate(300 << 20)
    with pytest.raises(UnreadableError, match="at most 268435456 fit"):
        read(path)


FOREIGN = {
    "empty": "",
    "text": "hello\n",
    "binary": "\0\1\2",
    "another JSON": '{"a": 1}\n',
    "a list": "[1, 2]\n",
    "only its head": '{"event": "session", "elapsed": 0, "format": 1, "target": "x"}\n',
    "of the future": '{"event": "session", "elapsed": 0, "format": 99, "target": "x"}\n',
    "deep": "[" * 100_000 + "\n",
    "a long number": '{"event": "session", "elapsed": 0, "format": 1, "target": ' + "9" * 10_000 + "}\n",
    "a change of nothing": '{"event": "session", "elapsed": 0, "format": 1, "target": "x"}\n'
    '{"event": "status", "elapsed": 0, "status": {"change": {".": {}}}}\n',
    "an event without its value": '{"event": "session", "elapsed": 0, "format": 1, "target": "x"}\n'
    '{"event": "warning", "elapsed": 0, "message": "x"}\n',
    "a whole that is none": '{"event": "session", "elapsed": 0, "format": 1, "target": "x"}\n'
    '{"event": "status", "elapsed": 0, "status": {"whole": {"version": 1}}}\n',
}


@pytest.mark.parametrize("case", FOREIGN)
def test_what_is_no_recording_is_refused_in_a_sentence(tmp_path: Path, case: str) -> None:
    path = tmp_path / "it.jsonl"
    path.write_text(FOREIGN[case])
    with pytest.raises(UnreadableError) as refused:
        read(path)
    assert "it.jsonl" in refused.value.sentence
    assert "\n" not in refused.value.sentence


def test_flipped_bits_are_a_recording_or_a_sentence(tmp_path: Path) -> None:
    path, _ = record(tmp_path, story(8))
    content = path.read_bytes()
    rng = random.Random(4)
    refused = damaged = 0
    for _ in range(60):
        torn = bytearray(content)
        torn[rng.randrange(len(torn))] ^= 1 << rng.randrange(8)
        path.write_bytes(torn)
        try:
            shown = read(path)
        except UnreadableError:
            refused += 1
        else:
            damaged += "is damaged in line" in shown.problem
            for number in range(len(shown)):
                shown.snapshot(number)
    assert refused
    assert damaged > 8


def test_recording_that_is_damaged_in_the_middle_is_shown_up_to_there(tmp_path: Path) -> None:
    path, _ = record(tmp_path, story(8))
    lines = path.read_bytes().splitlines(keepends=True)
    whole = read(path)
    path.write_bytes(b"".join([*lines[:-6], bytes(4096), b"\n", *lines[-5:]]))
    shown = read(path)
    assert shown.problem.startswith(
        f"the recording is damaged in line {len(lines) - 5}, and shown up to there: it is no"
    )
    assert 0 < len(shown) < len(whole)
    assert shown.snapshot(len(shown) - 1) == whole.snapshot(len(shown) - 1)


@pytest.mark.parametrize("elapsed", ["-1", "1e11", "5e14"])
def test_times_that_no_run_has_are_damage(tmp_path: Path, elapsed: str) -> None:
    path, _ = record(tmp_path, story(8))
    *before, last = path.read_text().splitlines()
    path.write_text("\n".join([*before, re.sub(r'"elapsed": ?[0-9.]+', f'"elapsed": {elapsed}', last, count=1), ""]))
    assert "seconds are no time of a run" in read(path).problem


@pytest.mark.parametrize("what", ["folder", "fifo", "missing"])
def test_what_is_no_file_is_refused_in_a_sentence(tmp_path: Path, what: str) -> None:
    path = tmp_path / "it"
    if what == "folder":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    with pytest.raises(UnreadableError):
        read(path)


def test_disk_that_takes_nothing_is_said_once_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    room = [20_000]

    def full(descriptor: int, data: Any) -> int:
        room[0] -= len(data)
        if room[0] < 0:
            raise OSError(28, "No space left on device")
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    path, engine = record(tmp_path)
    assert len(engine.warnings) == 1
    assert "No space left on device" in engine.warnings[0]
    assert "replay-session" in engine.warnings[0]
    if path.is_file():
        assert not path.read_bytes() or path.read_bytes().endswith(b"\n")


def test_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / ".fuzztui").write_text("a file")
    _, engine = record(tmp_path)
    assert len(engine.warnings) == 1


@pytest.mark.soak
def test_recording_that_is_full_keeps_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MOST_BYTES", 60_000)
    path, _ = record(tmp_path, story(200))
    assert path.stat().st_size < 200_000
    lines = lines_of(path)
    assert [line["event"] for line in lines][-3:] == ["cut", "status", "end"]
    shown = read(path)
    assert shown.snapshot(len(shown) - 1).is_over


def test_old_recordings_are_swept_and_growing_ones_are_not(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "sessions")
    folder.path.mkdir()
    for number in range(8):
        (folder / f"2026010{number}-000000.jsonl").write_bytes(b"x" * 100)
        (folder.path / f"2026010{number}-000000").mkdir()
        (folder.path / f"2026010{number}-000000" / "fuzzer_stats").write_text("x")
    with (folder / "20260100-000000.jsonl").open() as growing:
        fcntl.flock(growing, fcntl.LOCK_EX)
        sweep(folder, 3, 1000)
    left = sorted(path.name for path in folder.path.iterdir())
    assert left == sorted([f"2026010{number}-000000{suffix}" for number in (0, 5, 6, 7) for suffix in ("", ".jsonl")])
    sweep(folder, 9, 250)
    assert len(list(folder.path.glob("*.jsonl"))) == 2


def test_old_logs_are_swept_too(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "sessions")
    folder.path.mkdir()
    for number in range(8):
        (folder / f"2026010{number}-000000-77.log").write_bytes(b"x")
    sweep(folder, 3, 1000)
    assert sorted(path.name[:8] for path in folder.path.iterdir()) == ["20260104", "20260105", "20260106", "20260107"]


def test_two_runs_of_one_second_have_files_of_their_own(tmp_path: Path) -> None:
    one, _ = record(tmp_path)
    other, _ = record(tmp_path)
    assert one != other


def test_warning_in_a_recording_comes_back_as_text(tmp_path: Path) -> None:
    told: list[Event | Snapshot] = [
        PhaseChanged(0.0, Phase.FUZZING),
        Warned(0.5, label("careful")),
        replace(snapshot(), elapsed=1.0),
    ]
    path, _ = record(tmp_path, iter(told))
    assert Warned(0.5, label("careful")) in [each.event for each in read(path).told]


def test_afl_files_lie_beside_the_recording(tmp_path: Path) -> None:
    path, _ = record(tmp_path)
    stats = (path.with_suffix("") / "fuzzer_stats").read_text().splitlines()
    values = dict(line.split(":", 1) for line in stats)
    values = {name.strip(): value.strip() for name, value in values.items()}
    assert list(values)[:5] == ["start_time", "last_update", "run_time", "fuzzer_pid", "cycles_done"]
    assert list(values)[-1] == "command_line"
    assert all(line.index(":") == 18 for line in stats)
    assert values["execs_done"].isdigit()
    assert values["bitmap_cvg"].endswith("%")
    assert values["saved_crashes"] == "1"
    plot = (path.with_suffix("") / "plot_data").read_text().splitlines()
    names = plot[0].removeprefix("# ").split(", ")
    assert names[0] == "relative_time"
    assert names[-1] == "servers_count"
    assert len(plot) >= 3
    assert all(len(line.split(", ")) == len(names) for line in plot[1:])
    wait_for(lambda: int(plot[-1].split(",")[0]) > 10, "a line of later")


def test_pid_of_a_recording_is_its_run(tmp_path: Path) -> None:
    path, _ = record(tmp_path)
    assert lines_of(path)[0]["pid"] == os.getpid()
    assert recording.FORMAT == 1
