"""What lies beside a program for another fuzzer is used, and inputs that lie elsewhere are read as seeds."""

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.keep.seeds import SeedFiles, longest_seed
from fuzztui.engine.request.companions import accompanied
from fuzztui.engine.request.options import DEFAULT_MAX_LEN, DEFAULT_MEMORY_LIMIT, DEFAULT_TIMEOUT, RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.target.forms import Form


def options_for(folder: Path, form: Form = Form.ATHERIS, **given: Any) -> RunOptions:
    (folder / "h.py").touch()
    target = PythonTarget(folder / "h.py", "h", folder, form=form)
    return RunOptions(target, folder / ".fuzztui", workers=1, chosen=frozenset(given), **given)


def test_dictionary_settings_and_seeds_beside_a_program_are_used(tmp_path: Path) -> None:
    (tmp_path / "h.dict").write_text('one="a"\ntwo="b"\n')
    (tmp_path / "h.options").write_text("[libfuzzer]\nmax_len = 77\ntimeout=3\nrss_limit_mb=6000\nstrange=1\n")
    (tmp_path / "h_seed_corpus").mkdir()
    (tmp_path / "h_seed_corpus.zip").touch()
    (tmp_path / "corp-h").mkdir()
    (tmp_path / "other.dict").write_text('"c"\n')
    options = accompanied(options_for(tmp_path))
    assert options.dictionary == (b"a", b"b")
    assert (options.max_len, options.timeout, options.memory_limit) == (77, 3.0, 6000 << 20)
    assert [path.name for path in options.seeds] == ["h_seed_corpus", "h_seed_corpus.zip", "corp-h"]
    said = "\n".join(options.remarks)
    for words in ("h.dict, 2 tokens", "max_len 77", "seeds h_seed_corpus, h_seed_corpus.zip", "strange"):
        assert words in said


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("timeout", DEFAULT_TIMEOUT),
        ("timeout", 20.0),
        ("max_len", DEFAULT_MAX_LEN),
        ("memory_limit", DEFAULT_MEMORY_LIMIT),
        ("memory_limit", None),
        ("dictionary", (b"mine",)),
        ("dictionary", ()),
        ("seeds", (Path("mine"),)),
    ],
)
def test_what_somebody_asks_for_wins_over_what_lies_beside_the_program(tmp_path: Path, name: str, chosen: Any) -> None:
    (tmp_path / "h.options").write_text("[libfuzzer]\ntimeout=3\nmax_len=5\nrss_limit_mb=7\n")
    (tmp_path / "h.dict").write_text('"theirs"\n')
    (tmp_path / "h_seed_corpus").mkdir()
    options = accompanied(options_for(tmp_path, **{name: chosen}))
    theirs = {
        "timeout": 3.0,
        "max_len": 5,
        "memory_limit": 7 << 20,
        "dictionary": (b"theirs",),
        "seeds": (tmp_path / "h_seed_corpus",),
    }
    assert {each: getattr(options, each) for each in theirs} == theirs | {name: chosen}
    used, passed_by = options.remarks
    word = {"memory_limit": "rss_limit_mb"}.get(name, name)
    assert word in passed_by
    assert word not in used


@pytest.mark.parametrize("line", ["timeout=soon", "max_len=1e3", "rss_limit_mb=-1", "runs=10", "jobs=2", "seed=3"])
def test_a_setting_that_is_not_used_is_told_of(tmp_path: Path, line: str) -> None:
    (tmp_path / "h.options").write_text(f"[libfuzzer]\n{line}\n")
    before = options_for(tmp_path)
    options = accompanied(before)
    (remark,) = options.remarks
    assert line.partition("=")[0] in remark
    assert options == replace(before, remarks=options.remarks)


def test_settings_may_name_another_dictionary(tmp_path: Path) -> None:
    (tmp_path / "h.options").write_text("[libfuzzer]\ndict=shared.dict\n")
    (tmp_path / "shared.dict").write_text('"x"\n')
    assert accompanied(options_for(tmp_path)).dictionary == (b"x",)
    (tmp_path / "shared.dict").unlink()
    (remark,) = accompanied(options_for(tmp_path)).remarks
    assert "shared.dict" in remark


@pytest.mark.parametrize(
    ("name", "content"), [("h.dict", "no entry\n"), ("h.options", "no section\n"), ("h.options", "[libfuzzer\n")]
)
def test_a_companion_that_cannot_be_read_is_told_of_and_left_out(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    before = options_for(tmp_path)
    options = accompanied(before)
    assert (options.dictionary, options.max_len) == ((), before.max_len)
    (remark,) = options.remarks
    assert name in remark


def test_settings_in_no_section_are_told_of_with_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "h.options").write_text("\nmax_len=3\n")
    (remark,) = accompanied(options_for(tmp_path)).remarks
    assert remark == "h.options is not used: line 2 stands in no section, want [libfuzzer] above"


def test_a_function_has_no_companions(tmp_path: Path) -> None:
    (tmp_path / "h.dict").write_text('"a"\n')
    options = options_for(tmp_path, Form.NAME)
    assert accompanied(options) is options


def seeds(*places: Path, most: int = 100) -> tuple[list[bytes], str]:
    files = SeedFiles(places, most)
    return sorted(seed.data for seed in files), files.problem


def test_seeds_are_files_folders_with_all_below_and_archives(tmp_path: Path) -> None:
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "one").write_bytes(b"1")
    (tmp_path / "folder" / "deep" / "two").write_bytes(b"22")
    (tmp_path / "crash-0").write_bytes(b"333")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inner/four", b"4444")
        archive.mkdir("empty") if hasattr(archive, "mkdir") else None
    places = [tmp_path / "folder", tmp_path / "crash-0", tmp_path / "a.zip"]
    assert seeds(*places) == ([b"1", b"22", b"333", b"4444"], "")
    assert longest_seed(places, 100) == 4
    assert longest_seed(places, 3) == 3


def test_what_cannot_be_read_of_the_seeds_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * 101)
    (tmp_path / "one").write_bytes(b"1")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("long too", b"x" * 101)
    raw = bytearray((tmp_path / "a.zip").read_bytes())
    found, problem = seeds(tmp_path / "long", tmp_path / "one", tmp_path / "a.zip", tmp_path / "absent")
    assert found == [b"1"]
    assert "long" in problem
    assert "absent" in problem
    raw[40] ^= 0xFF
    (tmp_path / "b.zip").write_bytes(raw)
    assert "b.zip" in seeds(tmp_path / "b.zip", most=1000)[1]
    (tmp_path / "c.zip").write_bytes(b"no archive")
    found, problem = seeds(tmp_path / "c.zip")
    assert (found, problem.partition(": ")[2].endswith("c.zip: it is no zip archive, or a damaged one")) == ([], True)
