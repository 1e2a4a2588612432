import colorsys
import errno
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.worker.instrumentation.codecache import CodeCache
from fuzztui.worker.instrumentation.importer import install, selection
from fuzztui.worker.instrumentation.instrument import instrument
from fuzztui.worker.instrumentation.literals import VERBOSE, Expression
from fuzztui.worker.instrumentation.probes import ProbeMap
from tests.support import make_project

SOURCE = b"def f(x):\n    for _ in range(x): pass\n    return 'five' if x == 5 else 6.5\n"


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.code"))


def stored(cache: CodeCache, folder: Path, source: bytes = SOURCE) -> Path:
    cache.store(source, "m.py", instrument(source, "m.py"))
    assert cache.problems == []
    (file,) = entries(folder)
    return file


def test_what_is_stored_is_loaded_again_by_another_process_alike(tmp_path: Path) -> None:
    cache = CodeCache(str(tmp_path))
    assert cache.load(SOURCE, "m.py") is None
    stored(cache, tmp_path)
    loaded = CodeCache(str(tmp_path)).load(SOURCE, "m.py")
    assert loaded == instrument(SOURCE, "m.py")
    assert loaded is not None
    assert "five" in [constant.value for constant in loaded.constants]
    assert any(constant.places for constant in loaded.constants)
    assert loaded.lines


def test_regular_expressions_are_stored_with_the_code(tmp_path: Path) -> None:
    cache = CodeCache(str(tmp_path))
    source = b"import re\ndef f(x): return re.match('a|b', x), re.split(rb'c # d', x, flags=re.X), re.sub(x, 'e', x)\n"
    stored(cache, tmp_path, source)
    loaded = cache.load(source, "m.py")
    assert loaded is not None
    assert loaded == instrument(source, "m.py")
    assert {expression.value for expression in loaded.expressions} == {
        Expression("a|b", 0),
        Expression(b"c # d", VERBOSE),
    }
    assert [constant.value for constant in loaded.constants] == ["e"]


def test_stored_code_covers_the_cells_of_the_process_it_is_loaded_in(tmp_path: Path) -> None:
    cache = CodeCache(str(tmp_path))
    stored(cache, tmp_path)
    covered = []
    for before in (0, 7, 1000):
        loaded = cache.load(SOURCE, "m.py")
        assert loaded is not None
        probes = ProbeMap()
        probes.register("before", "before.py", [1] * before)
        base = probes.register("m", "m.py", loaded.lines)
        namespace: dict[str, object] = {}
        probes.attach("m", namespace)
        exec(loaded.at(base), namespace)
        assert namespace["f"](5) == "five"  # type: ignore[operator]
        covered.append(probes.coverage(i for i, hit in enumerate(probes.cells) if hit))
    assert covered[0] == covered[1] == covered[2]
    assert list(covered[0]) == ["m"]


def test_another_source_or_path_or_optimization_is_not_mistaken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = CodeCache(str(tmp_path))
    stored(cache, tmp_path)
    assert cache.load(SOURCE + b"\n", "m.py") is None
    assert cache.load(SOURCE, "other.py") is None
    monkeypatch.setattr("fuzztui.worker.instrumentation.codecache.sys.version", "another Python")
    assert CodeCache(str(tmp_path)).load(SOURCE, "m.py") is None


def test_a_changed_source_replaces_its_predecessor(tmp_path: Path) -> None:
    cache = CodeCache(str(tmp_path))
    stored(cache, tmp_path)
    stored(cache, tmp_path, SOURCE + b"# changed\n")  # still one file
    assert cache.load(SOURCE + b"# changed\n", "m.py") is not None
    assert cache.load(SOURCE, "m.py") is None


def test_a_damaged_file_is_ignored_and_replaced(tmp_path: Path) -> None:
    cache = CodeCache(str(tmp_path))
    file = stored(cache, tmp_path)
    sound = file.read_bytes()
    damaged = [b"", sound[:10], sound[:40], sound[:-1], sound + b"x", b"\0" * len(sound)]
    damaged += [sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :] for at in range(0, len(sound), 37)]
    for content in damaged:
        file.write_bytes(content)
        assert cache.load(SOURCE, "m.py") is None
    stored(cache, tmp_path)
    assert file.read_bytes() == sound


def test_a_file_that_another_user_wrote_is_not_executed(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    file = stored(CodeCache(str(mine)), mine)
    evil = stored(CodeCache(str(theirs)), theirs)
    assert evil.name == file.name
    assert evil.read_bytes() != file.read_bytes()
    file.write_bytes(evil.read_bytes())
    assert CodeCache(str(mine)).load(SOURCE, "m.py") is None
    (mine / "secret").write_bytes((theirs / "secret").read_bytes())
    assert CodeCache(str(mine)).load(SOURCE, "m.py") is not None, "the secret is all that was missing"


def test_a_file_under_the_name_of_another_is_not_executed(tmp_path: Path) -> None:
    cache = CodeCache(str(tmp_path))
    first = stored(cache, tmp_path)
    cache.store(SOURCE, "other.py", instrument(SOURCE, "other.py"))
    (second,) = set(entries(tmp_path)) - {first}
    second.write_bytes(first.read_bytes())
    assert cache.load(SOURCE, "m.py") is not None
    assert cache.load(SOURCE, "other.py") is None


def test_folder_and_files_are_the_users_alone_whatever_others_are_granted(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        file = stored(CodeCache(str(tmp_path / ".cache" / "fuzztui")), tmp_path / ".cache" / "fuzztui")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (file.parent, file, file.with_name("secret"))}
    assert modes == {"fuzztui": 0o700, file.name: 0o600, "secret": 0o600}
    assert len(file.with_name("secret").read_bytes()) == 32


def test_the_secret_is_made_once_by_however_many_processes(tmp_path: Path) -> None:
    folder = str(tmp_path / "cache")
    caches: list[CodeCache] = []
    threads = [threading.Thread(target=lambda: caches.append(CodeCache(folder))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    caches[0].store(SOURCE, "m.py", instrument(SOURCE, "m.py"))
    assert all(cache.load(SOURCE, "m.py") is not None for cache in caches)
    assert files(tmp_path / "cache") == sorted(["secret", entries(tmp_path / "cache")[0].name])


def other_user(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr("fuzztui.worker.instrumentation.codecache.geteuid", lambda: os.geteuid() + 1)


def other_user_above(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    other_user(monkeypatch, folder)
    folder.rmdir()


def open_to_the_group(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    folder.chmod(0o750)


def open_to_the_world(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    folder.chmod(0o707)


def secret_open_to_others(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "secret").write_bytes(b"x" * 32)
    (folder / "secret").chmod(0o604)


def secret_cut_short(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "secret").touch(0o600)


def secret_too_long(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "secret").write_bytes(b"x" * 33)


def secret_elsewhere(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder.parent / "planted").write_bytes(b"x" * 32)
    (folder.parent / "planted").chmod(0o600)
    (folder / "secret").symlink_to("../planted")


def secret_that_is_waited_for(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    os.mkfifo(folder / "secret")


def file_in_the_way(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    folder.rmdir()
    folder.touch(0o600)


def file_above(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    folder.rmdir()
    folder.parent.rmdir()
    folder.parent.touch(0o600)


def read_only(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system", "a name")

    real = os.open
    monkeypatch.setattr(
        "fuzztui.protocol.files.open_file",
        lambda path, flags, *more, **options: (refuse if flags & os.O_CREAT else real)(path, flags, *more, **options),
    )


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (other_user, "belongs to another user"),
        (other_user_above, "belongs to another user"),
        (open_to_the_group, "is open to other users"),
        (open_to_the_world, "is open to other users"),
        (secret_open_to_others, "is open to other users"),
        (secret_cut_short, "is no secret of ours"),
        (secret_too_long, "33 bytes, at most 32 fit"),
        (secret_elsewhere, "secret is a symbolic link"),
        (secret_that_is_waited_for, "secret is no file"),
        (file_in_the_way, "is open to other users|Not a directory"),
        (file_above, "Not a directory"),
        (read_only, "Read-only file system"),
    ],
)
def test_a_place_that_is_not_the_users_alone_is_one_problem_and_no_cache(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[pytest.MonkeyPatch, Path], None],
    reason: str,
) -> None:
    folder = tmp_path / "home" / "fuzztui"
    folder.mkdir(parents=True, mode=0o700)
    with monkeypatch.context() as patch:
        spoil(patch, folder)
        cache = CodeCache(str(folder))
        cache.sweep()
        for path in ("m.py", "n.py"):
            cache.store(SOURCE, path, instrument(SOURCE, path))
            assert cache.load(SOURCE, path) is None
    (problem,) = cache.problems
    assert re.match(rf"instrumented code is not cached: {tmp_path}/home[^:]*: .*({reason})", problem)
    assert [path for path in tmp_path.rglob("*") if path.suffix == ".code"] == []


def test_nothing_is_made_in_the_home_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other_user(monkeypatch, tmp_path)
    for place in ("fuzztui", ".cache/fuzztui", "a/b/fuzztui"):
        (problem,) = CodeCache(str(tmp_path / place)).problems
        assert problem == f"instrumented code is not cached: {tmp_path}: belongs to another user"
    assert files(tmp_path) == []


def test_without_a_home_there_is_no_cache_and_one_problem() -> None:
    cache = CodeCache("")
    cache.sweep()
    cache.store(SOURCE, "m.py", instrument(SOURCE, "m.py"))
    assert cache.load(SOURCE, "m.py") is None
    (problem,) = cache.problems
    assert problem.startswith("instrumented code is not cached: HOME: ")


def test_what_cannot_be_stored_is_said_once_and_what_was_stored_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = CodeCache(str(tmp_path))
    stored(cache, tmp_path)
    attempts = []

    def full(*_: object) -> None:
        attempts.append(1)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("fuzztui.protocol.files.write", full)
    for path in ("a.py", "b.py", "c.py"):
        cache.store(SOURCE, path, instrument(SOURCE, path))
    assert len(attempts) == 1
    (problem,) = cache.problems
    assert problem.startswith(f"instrumented code of a.py is not cached: {tmp_path}/")
    assert problem.endswith(": No space left on device")
    assert cache.load(SOURCE, "m.py") is not None
    assert len(files(tmp_path)) == 2, "no temporary file is left"


# The bound --------------------------------------------------------------------------------------------------------


def aged_entries(folder: Path, sizes: list[int]) -> list[str]:
    """Names of files of these sizes in bytes, the oldest first."""
    names = [f"{position:02}.code" for position in range(len(sizes))]
    for position, (name, size) in enumerate(zip(names, sizes, strict=True)):
        (folder / name).write_bytes(b"x" * size)
        os.utime(folder / name, (1e9 + position, 1e9 + position))
    return names


@pytest.mark.parametrize(
    ("sizes", "most_bytes", "most_files", "left"),
    [
        ([2000] * 8, 1 << 20, 100, 8),
        ([8000] * 20, 80_000, 100, 7),
        ([2000] * 20, 1 << 20, 10, 6),
        ([30_000, *[2000] * 8], 40_000, 100, 8),
        ([*[2000] * 8, 30_000], 40_000, 100, 0),
    ],
)
def test_the_oldest_files_go_when_the_folder_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sizes: list[int], most_bytes: int, most_files: int, left: int
) -> None:
    monkeypatch.setattr("fuzztui.worker.instrumentation.codecache.MOST_BYTES", most_bytes)
    monkeypatch.setattr("fuzztui.worker.instrumentation.codecache.MOST_FILES", most_files)
    cache = CodeCache(str(tmp_path))
    names = aged_entries(tmp_path, sizes)
    (tmp_path / "notes").write_bytes(b"x" * 50_000)
    cache.store(SOURCE, "m.py", instrument(SOURCE, "m.py"))
    assert cache.load(SOURCE, "m.py") is not None, "what was just stored is the newest"
    kept = [file.name for file in entries(tmp_path) if file.name in names]
    assert kept == (names[-left:] if left else [])
    assert {"notes", "secret"} <= set(files(tmp_path))
    assert cache.problems == []


def test_another_process_may_be_faster_in_removing_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fuzztui.worker.instrumentation.codecache.MOST_FILES", 8)
    cache = CodeCache(str(tmp_path))
    aged_entries(tmp_path, [10] * 20)
    unlink = os.unlink

    def second(name: str, *, dir_fd: int) -> None:
        unlink(name, dir_fd=dir_fd)
        unlink(name, dir_fd=dir_fd)

    monkeypatch.setattr("fuzztui.protocol.files.unlink", second)
    cache.store(SOURCE, "m.py", instrument(SOURCE, "m.py"))
    assert cache.problems == []
    assert len(entries(tmp_path)) == 6


def test_two_processes_may_make_room_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fuzztui.worker.instrumentation.codecache.MOST_FILES", 8)
    caches = [CodeCache(str(tmp_path)) for _ in range(4)]
    aged_entries(tmp_path, [10] * 99)
    code = instrument(SOURCE, "m.py")
    threads = [threading.Thread(target=cache.store, args=(SOURCE, "m.py", code)) for cache in caches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [cache.problems for cache in caches] == [[]] * 4
    assert len(entries(tmp_path)) <= 6
    assert all(cache.load(SOURCE, "m.py") is not None for cache in caches)


def test_readers_never_see_half_a_file_and_no_temporary_one_is_left(tmp_path: Path) -> None:
    cache = CodeCache(str(tmp_path))
    first, second = SOURCE, SOURCE + b"x = 1\n" * 200
    versions = {source: instrument(source, "m.py") for source in (first, second)}
    stored(cache, tmp_path)
    ended = threading.Event()

    def write() -> None:
        for _ in range(200):
            for source, instrumented in versions.items():
                cache.store(source, "m.py", instrumented)
        ended.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    while not ended.is_set():
        content = next(tmp_path.glob("*.code")).read_bytes()
        seen.append(content)
    writer.join()
    assert len(set(seen)) <= 2
    assert len(files(tmp_path)) == 2, "the secret and one file"
    assert cache.problems == []


def test_leftovers_of_dead_processes_are_swept_and_those_of_living_ones_kept(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    start = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    mine = tmp_path / f".tmp-{os.getpid()}-{start}-0"
    gone = tmp_path / f".tmp-{dead.pid}-{start}-0"
    odd = tmp_path / f".tmp-{dead.pid}-{start}-0.swp"
    other = tmp_path / "a.code"
    for file in (mine, gone, odd, other):
        file.write_text("")
    install(ProbeMap(), selection(b""), cache_dir=str(tmp_path))
    sys.meta_path.pop(0)
    assert files(tmp_path) == sorted([mine.name, odd.name, other.name, "secret"])


# A hostile project ------------------------------------------------------------------------------------------------


def test_code_that_a_project_brings_along_is_never_executed(tmp_path: Path) -> None:
    target = make_project(tmp_path, "import colorsys\ndef fuzz_it(data: bytes):\n    colorsys.rgb_to_hls(0, 0, 0)\n")
    source = Path(colorsys.__file__).read_bytes()
    evil = instrument(b"raise SystemError('code of the project')", colorsys.__file__)
    for place in (".fuzztui/code", ".fuzztui", ".cache/fuzztui", "fuzztui"):
        CodeCache(str(tmp_path / place)).store(source, colorsys.__file__, evil)
    run = target.run(limit=Limit(executions=100))
    assert run.outcome.exit_code == 0
    assert run.snapshot.edges > 0


def test_a_second_run_finds_the_code_of_the_first_in_the_users_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    (tmp_path / "project").mkdir()
    target = make_project(tmp_path / "project", "def fuzz_it(data: bytes): ...\n")
    target.run(limit=Limit(executions=10))
    first = {file: file.stat().st_ino for file in entries(tmp_path / "user" / "fuzztui")}
    assert len(first) > 0
    target.run(limit=Limit(executions=10))
    assert {file: file.stat().st_ino for file in entries(tmp_path / "user" / "fuzztui")} == first
    assert list((tmp_path / "project").rglob("*.code")) == []


@pytest.mark.parametrize("place", [None, "/proc/none", "/dev/null", "relative"])
def test_a_run_without_a_place_for_code_does_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME")
    if place is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", place)
    target = make_project(tmp_path, "def fuzz_it(data: bytes):\n    if len(data) > 3: pass\n")
    run = target.run(limit=Limit(executions=1000))
    assert run.outcome.exit_code == 0
    assert run.snapshot.corpus_new > 0
    assert list(tmp_path.rglob("*.code")) == []
