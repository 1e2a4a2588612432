"""What a run starts from, and what it leaves for the next."""

import dataclasses
import errno
import os
import stat
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.keep.corpus import Corpus, MalformedCorpus, Origin, longest_file, stored_files
from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.task import FUZZ, Fuzz, ImportCorpus, Inspect, MinimizeCorpus, RegressionTest, Replay, Task
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import PhaseChanged
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.protocol.files import TEMPORARY, _start
from tests.support import Project, Run

MakeProject = Callable[..., Project]

MAGIC = "\n".join(
    ["def fuzz_it(data: bytes) -> None:"]
    + [f"{'    ' * (i + 1)}if len(data) > {i} and data[{i}] == {byte}:" for i, byte in enumerate(b"\x89PNG\r\n\x1a\n")]
    + ["    " * 9 + "raise ValueError('magic')"]
)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.mostly_soak(1)
def test_eight_nested_bytes_are_found_within_20_000_executions(project: MakeProject, seed: int) -> None:
    run = project(MAGIC).run(seed=seed, limit=Limit(executions=20_000))
    assert run.outcome.exit_code == 1
    assert run.crashers[0].data.startswith(b"\x89PNG\r\n\x1a\n")


def test_a_second_run_starts_where_the_first_ended(project: MakeProject) -> None:
    target = project("def fuzz_it(data: bytes):\n    if len(data) > 3: pass\n    if data[:1] == b'a': pass\n")
    first = target.run(limit=Limit(executions=20_000))
    assert first.snapshot.corpus_new > 0
    assert len(first.generated) == first.snapshot.corpus_new
    second = target.run(limit=Limit(executions=first.snapshot.corpus + 2))
    assert second.snapshot.corpus_new == 0
    assert second.snapshot.corpus == first.snapshot.corpus
    assert second.snapshot.edges == first.snapshot.edges


def test_a_hundred_executions_from_nothing_yield_many_distinct_inputs(project: MakeProject, tmp_path: Path) -> None:
    log = tmp_path / "inputs"
    project(f"def fuzz_it(data: bytes):\n    with open({str(log)!r}, 'a') as f: print(data.hex(), file=f)\n").run(
        limit=Limit(executions=100)
    )
    lines = log.read_text().splitlines()
    assert len(lines) == 100
    assert lines[0] == "", "the zero value is executed"
    assert len(set(lines)) >= 10


def test_every_seed_runs_once_before_anything_is_mutated(project: MakeProject, tmp_path: Path) -> None:
    log = tmp_path / "inputs"
    target = project(
        "import fuzztui, os\n@fuzztui.fuzz(seeds=[b'declared'])\n"
        "def fuzz_it(data: bytes):\n"
        f"    with open({str(log)!r}, 'a') as f: print(data.hex(), file=f)\n"
    )
    inputs = {f"seed{n}": b"stored %d" % n for n in range(40)}
    for name, data in inputs.items():
        target.seed(name, data)
    target.seed(".hidden", b"hidden")
    (target.folder / "testdata/corpus/fuzz_it/folder").mkdir()
    run = target.run(limit=Limit(executions=60), workers=1)
    lines = [bytes.fromhex(line) for line in log.read_text().splitlines()]
    assert set(lines[:41]) == {*inputs.values(), b"declared"}
    assert b"hidden" not in lines
    phases = [event.phase for event in run.events if isinstance(event, PhaseChanged)]
    assert phases == [Phase.STARTING, Phase.BASELINE, Phase.FUZZING, Phase.STOPPING]
    assert run.snapshot.baseline_done == 41


def test_malformed_stored_inputs_are_named_all_together(project: MakeProject) -> None:
    target = project("def fuzz_it(a: int, b: str): ...\n")
    target.seed("good", b"fuzztui v1\n1\n'x'\n")
    target.seed("bad1", b"what is this")
    target.seed("bad2", b"fuzztui v1\n'x'\n1\n")
    run = target.run()
    assert run.outcome.exit_code == 70
    assert run.outcome.reason is StopReason.BAD_CORPUS
    for words in ("bad1", "bad2", "(bad2) is for (str, int), the target takes (int, str)"):
        assert words in run.outcome.detail
    assert "good" not in run.outcome.detail


def test_a_malformed_entry_of_the_generated_corpus_is_skipped_and_counted(project: MakeProject) -> None:
    target = project("def fuzz_it(a: int):\n    if a > 1000: pass\n")
    first = target.run(limit=Limit(executions=5000))
    first.generated[0].write_bytes(b"torn")
    second = target.run(limit=Limit(executions=100))
    assert second.outcome.exit_code == 0
    assert "1 malformed or unreadable file" in second.warnings


def load(folder: Path, capacity: int = 100) -> Corpus:
    """A corpus of `bytes` as a run begins with it."""
    corpus = Corpus(folder / "stored", folder / "generated")
    corpus.load(("bytes",), [], b"", capacity)
    return corpus


def stale_name() -> str:
    """A temporary name of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait(timeout=30)
    return f".tmp-{process.pid}-1-0"


def odd_things(folder: Path) -> list[str]:
    """Makes things that are no regular files; returns their names, in order."""
    folder.mkdir(exist_ok=True)
    os.mkfifo(folder / "fifo")
    (folder / "folder").mkdir()
    os.mknod(folder / "socket", stat.S_IFSOCK | 0o600)
    (folder / "zero").symlink_to("/dev/zero")
    return ["fifo", "folder", "socket", "zero"]


def unreadable(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Has the system refuse files of these names, which it would not do to the superuser."""
    open_file = os.open

    def refuse(path: str, *arguments: int, **options: Any) -> int:
        if path in names:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return open_file(path, *arguments, **options)

    monkeypatch.setattr("fuzztui.protocol.files.open_file", refuse)


def test_what_is_no_regular_file_is_skipped_and_counted(tmp_path: Path) -> None:
    stored, generated = tmp_path / "stored", tmp_path / "generated"
    odd = odd_things(stored)
    assert odd_things(generated) == odd
    (stored / "input").write_bytes(b"stored")
    (stored / "link").symlink_to("input")
    (generated / "input").write_bytes(b"generated")
    (generated / "link").symlink_to("../stored/input")
    corpus = load(tmp_path)
    assert [(entry.data, entry.origin) for entry in corpus.entries] == [
        (b"stored", Origin.STORED),
        (b"generated", Origin.GENERATED),
    ]
    assert [Path(sentence.partition(":")[0]).name for sentence in corpus.irregular] == odd
    assert corpus.irregular[0] == f"{stored}/fifo: a FIFO, not a regular file"
    assert corpus.skipped == len(odd) + 1, "nobody but a fuzzer writes there, and none makes links"


def test_stored_inputs_that_cannot_be_used_are_named_all_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = tmp_path / "stored"
    stored.mkdir()
    for name in ("good", "locked", "shut"):
        (stored / name).write_bytes(name.encode())
    (stored / "long").write_bytes(b"x" * 101)
    with (stored / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    unreadable(monkeypatch, "locked", "shut")
    with pytest.raises(MalformedCorpus) as caught:
        load(tmp_path)
    assert str(caught.value).splitlines() == [
        f"{stored}/locked: cannot be read: Permission denied",
        f"{stored}/long: 101 bytes, at most 100 fit",
        f"{stored}/shut: cannot be read: Permission denied",
        f"{stored}/sparse: {1 << 40} bytes, at most 100 fit",
    ]


def test_nothing_in_the_generated_corpus_refuses_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generated = tmp_path / "generated"
    odd = odd_things(generated)
    for name in ("good", "locked", "shut"):
        (generated / name).write_bytes(name.encode())
    (generated / "long").write_bytes(b"x" * 101)
    with (generated / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    in_the_way = stale_name()
    (generated / in_the_way).mkdir()
    unreadable(monkeypatch, "locked", "shut")
    corpus = load(tmp_path)
    assert [entry.data for entry in corpus.entries if entry.origin is Origin.GENERATED] == [b"good"]
    assert corpus.skipped == len(odd) + 4
    assert corpus.tidy() == [f"{generated}/{in_the_way}: {in_the_way} is no file: remove it"]


TASKS: dict[str, Task] = {
    "fuzz": Fuzz(),
    "replay": Replay((("input", b"1"),)),
    "test": RegressionTest(),
    "minimize": MinimizeCorpus(),
    "import": ImportCorpus(Path("/var/empty/nowhere")),
}


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS.keys())
def test_a_run_sweeps_each_folder_that_runs_write_to_and_keeps_what_a_living_process_writes(
    project: MakeProject, task: Task
) -> None:
    target = project("def fuzz_it(data: bytes): ...\n")
    cache = target.folder / ".fuzztui"
    of_target = ("fuzz_it.py", "fuzz_it")
    folders = [
        target.folder.joinpath("testdata", "corpus", "fuzz_it"),
        cache.joinpath("corpus", *of_target),
        cache.joinpath("crashes", *of_target),
        cache,
    ]
    stale, living = stale_name(), f"{TEMPORARY}{os.getpid()}-{_start(os.getpid())}-99999"
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / stale).touch()
        (folder / living).touch()
        (folder / f"{stale}.mine").touch()
    target.run(limit=Limit(executions=10), task=task)
    kept = [sorted(path.name for path in folder.iterdir() if path.name.startswith(TEMPORARY)) for folder in folders]
    assert kept == [sorted([living, f"{stale}.mine"])] * 4


def test_what_cannot_be_swept_is_told_and_the_run_goes_on(project: MakeProject) -> None:
    target = project("def fuzz_it(data: bytes): ...\n")
    in_the_way = stale_name()
    (target.folder / ".fuzztui" / in_the_way).mkdir(parents=True)
    run = target.run(limit=Limit(executions=10))
    assert f"cannot be tidied up: {target.folder}/.fuzztui/{in_the_way}" in run.warnings
    assert run.outcome.exit_code == 0


def test_files_without_a_capacity_are_read_too_and_one_that_cannot_be_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stored_files(tmp_path / "missing") == []
    odd_things(tmp_path)
    for name in ("b", "a", ".hidden"):
        (tmp_path / name).write_bytes(name.encode())
    assert stored_files(tmp_path) == [(tmp_path / "a", b"a"), (tmp_path / "b", b"b")]
    with pytest.raises(OSError, match="1 bytes, at most 0 fit") as caught:
        stored_files(tmp_path, 0)
    assert caught.value.filename == str(tmp_path / "a")
    unreadable(monkeypatch, "b")
    with pytest.raises(PermissionError) as caught:
        stored_files(tmp_path)
    assert caught.value.filename == str(tmp_path / "b")


def test_the_longest_file_is_found_without_reading_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert longest_file(tmp_path / "missing") == 0
    odd_things(tmp_path)
    assert longest_file(tmp_path) == 0
    for name, size in (("a", 10), ("b", 1 << 40), (".hidden", 1 << 41)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    (tmp_path / "loop").symlink_to("loop")
    unreadable(monkeypatch, "a", "b")
    assert longest_file(tmp_path) == 1 << 40


@pytest.mark.parametrize("link", ["testdata", "testdata/corpus", "testdata/corpus/fuzz_it"])
def test_a_run_stores_nothing_through_a_link_beside_the_target(project: MakeProject, tmp_path: Path, link: str) -> None:
    target = project("def fuzz_it(data: bytes): assert len(data) < 3\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (target.folder / link).parent.mkdir(parents=True, exist_ok=True)
    (target.folder / link).symlink_to(elsewhere)
    run = target.run()
    assert list(elsewhere.iterdir()) == []
    assert run.outcome.exit_code != 0
    assert f"{target.folder / link}: {Path(link).name} is a symbolic link" in run.outcome.detail


@pytest.mark.parametrize("link", [".fuzztui", ".fuzztui/corpus", ".fuzztui/corpus/fuzz_it.py"])
def test_a_run_keeps_nothing_through_a_link_in_its_cache(project: MakeProject, tmp_path: Path, link: str) -> None:
    target = project("def fuzz_it(data: bytes):\n    if len(data) > 3: pass\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (target.folder / link).parent.mkdir(parents=True, exist_ok=True)
    (target.folder / link).symlink_to(elsewhere)
    run = target.run(limit=Limit(executions=1000))
    assert list(elsewhere.iterdir()) == []
    assert run.outcome.exit_code != 0
    assert f"{target.folder / link}: {Path(link).name} is a symbolic link" in run.outcome.detail


def test_a_record_is_not_written_through_a_link(project: MakeProject, tmp_path: Path) -> None:
    target = project("def fuzz_it(data: bytes): assert len(data) < 3\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (target.folder / ".fuzztui").mkdir()
    (target.folder / ".fuzztui/crashes").symlink_to(elsewhere)
    run = target.run()
    assert run.outcome.exit_code == 1
    assert [path.read_bytes() for path in run.stored] == [run.crashers[0].data]
    assert list(elsewhere.iterdir()) == []


def test_a_project_reached_by_a_link_and_a_cache_that_the_user_links_elsewhere_work(
    project: MakeProject, tmp_path: Path
) -> None:
    target = project("def fuzz_it(data: bytes):\n    if len(data) > 3: raise ValueError\n")
    (tmp_path / "work").symlink_to(target.folder)
    (tmp_path / "large").mkdir()
    (tmp_path / "cache").symlink_to("large")
    run = Project(tmp_path / "work").run()
    assert run.outcome.exit_code == 1
    assert len(run.stored) == 1
    options = dataclasses.replace(target.options_for(), cache_dir=tmp_path / "cache")
    Session(options).run(lambda event: None)
    assert (tmp_path / "large" / "CACHEDIR.TAG").exists()


def test_no_coverage_is_said_plainly(project: MakeProject) -> None:
    run = project("def fuzz_it(data: bytes): ...\n").run(exclude=("fuzz_it",), limit=Limit(executions=100))
    assert run.snapshot.edges == 0
    assert "--include" in run.warnings


def test_a_module_to_include_that_is_never_imported_is_told(project: MakeProject) -> None:
    target = project("def fuzz_it(data: bytes):\n    import colorsys, wave\n")
    run = target.run(include=("colorsis", "wave", "color*"), limit=Limit(executions=100))
    assert "--include colorsis has no effect" in run.warnings
    assert run.warnings.count("has no effect") == 1


@pytest.mark.parametrize("task", [FUZZ, MinimizeCorpus(), Inspect()], ids=["fuzz", "minimize", "inspect"])
def test_a_module_to_exclude_that_is_not_there_is_told_once(project: MakeProject, task: Task) -> None:
    target = project("import json, xml.dom\ndef fuzz_it(data: bytes):\n    import colorsys\n")
    excluded = ("jsno", "json", "xml.dmo", "xml.*", "colorsys", "fuzz_its", "fuzz_i?")
    run = target.run(task=task, exclude=excluded, include=("wav",), limit=Limit(executions=100), workers=2)
    vain = [line.split()[1] for line in run.warnings.splitlines() if line.startswith("--exclude ")]
    assert sorted(vain) == ["colorsys", "fuzz_its", "jsno", "xml.dmo"], "one that is loaded later is none so far"
    assert run.warnings.count("--include wav has no effect") == 1


def test_a_replay_has_nothing_to_say_of_what_is_instrumented(project: MakeProject) -> None:
    run = project("def fuzz_it(data: bytes): ...\n").run(
        task=RegressionTest(), exclude=("jsno",), include=("wav",), workers=1
    )
    assert run.warnings == ""


def test_two_sessions_on_one_project_do_not_disturb_each_other(project: MakeProject) -> None:
    target = project(MAGIC.replace("raise ValueError('magic')", "pass"))
    runs: list[Run] = []
    limit = Limit(executions=20_000)
    threads = [threading.Thread(target=lambda n=n: runs.append(target.run(seed=n, limit=limit))) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [run.outcome.exit_code for run in runs] == [0, 0]
    assert not [path for path in runs[0].generated if path.name.startswith(".tmp")]
    again = target.run(limit=Limit(executions=300))
    assert again.outcome.exit_code == 0
    assert again.warnings == ""


TYPED = """
import datetime, math, struct
def fuzz_it(a: bytes, b: str, c: int, d: float, e: bool, f: datetime.date) -> None:
    assert [type(x) for x in (a, b, c, d, e, f)] == [bytes, str, int, float, bool, datetime.date]
    if c == 0x12345678:
        if b == "open sesame":
            if f == datetime.date(2031, 5, 17):
                if e and d != d:
                    raise ValueError("typed")
"""


def test_typed_arguments_are_fuzzed_and_come_back_from_the_file(project: MakeProject) -> None:
    run = project(TYPED).run(limit=Limit(executions=20_000), workers=2)
    (crasher,) = run.crashers
    assert crasher.failure.type == "ValueError"
    assert crasher.data.startswith(b"fuzztui v1\n")
    assert "'open sesame'" in crasher.values
    assert "datetime.date(2031, 5, 17)" in crasher.values


def test_coverage_of_one_worker_is_not_new_to_another(project: MakeProject) -> None:
    run = project(MAGIC.replace("raise ValueError('magic')", "pass")).run(workers=4, limit=Limit(executions=40_000))
    assert run.snapshot.corpus_new == sum(row.found for row in run.snapshot.workers)
    assert run.snapshot.corpus_new <= run.snapshot.edges, "each entry brought at least one new edge"


def test_sessions_leave_a_cache_that_tools_know_to_skip(project: MakeProject) -> None:
    run = project("def fuzz_it(data: bytes): ...\n").run(limit=Limit(executions=10))
    cache = run.folder / ".fuzztui"
    assert (cache / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert (cache / ".gitignore").read_text().strip() == "*"


def test_found_inputs_are_kept_short(project: MakeProject) -> None:
    run = project("def fuzz_it(data: bytes):\n    if b'k' in data:\n        pass\n").run(limit=Limit(executions=30_000))
    assert b"k" in [path.read_bytes() for path in run.generated]


PARSER = """
import json.decoder, json.scanner, json
pure = json.JSONDecoder()
pure.parse_string = json.decoder.py_scanstring
pure.scan_once = json.scanner.py_make_scanner(pure)
def fuzz_it(data: bytes):
    try:
        pure.decode(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        pass
"""


def test_one_seed_one_worker_and_a_number_of_executions_give_the_same_run_twice(project: MakeProject) -> None:
    runs = [project(PARSER).run(seed=7, limit=Limit(executions=6_000)) for _ in range(2)]
    first, second = ([path.name for path in run.generated] for run in runs)
    assert len(first) > 20
    assert first == second
    assert runs[0].snapshot.edges == runs[1].snapshot.edges
    other = project(PARSER).run(seed=8, limit=Limit(executions=6_000))
    assert [path.name for path in other.generated] != first
