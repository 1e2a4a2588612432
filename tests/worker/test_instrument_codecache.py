import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fuzztui.worker.codecache import CodeCache
from fuzztui.worker.importer import install, selection
from fuzztui.worker.instrument import instrument
from fuzztui.worker.literals import VERBOSE, Expression
from fuzztui.worker.probes import ProbeMap

SOURCE = b"def f(x):\n    for _ in range(x): pass\n    return 'five' if x == 5 else 6.5\n"


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def stored(cache: CodeCache, folder: Path, source: bytes = SOURCE) -> Path:
    cache.store(source, "m.py", instrument(source, "m.py"))
    (name,) = files(folder)
    return folder / name


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
    monkeypatch.setattr("fuzztui.worker.codecache.sys.version", "another Python")
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


def test_a_folder_that_cannot_be_written_is_a_noted_problem_and_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = CodeCache(str(tmp_path / "file" / "cache"))
    cache.sweep()
    cache.store(SOURCE, "m.py", instrument(SOURCE, "m.py"))
    assert cache.load(SOURCE, "m.py") is None
    assert len(cache.problems) == 1
    assert cache.problems[0].startswith("instrumented code of m.py is not kept in ")


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
    assert len(files(tmp_path)) == 1
    assert cache.problems == []


def test_leftovers_of_dead_processes_are_swept_and_those_of_living_ones_kept(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    mine = tmp_path / f"a.code.{os.getpid()}.tmp"
    gone = tmp_path / f"a.code.{dead.pid}.tmp"
    odd = tmp_path / "a.code.x.tmp"
    other = tmp_path / "a.code"
    for file in (mine, gone, odd, other):
        file.write_text("")
    install(ProbeMap(), selection(b""), cache_dir=str(tmp_path))
    sys.meta_path.pop(0)
    assert files(tmp_path) == [other.name, mine.name]
