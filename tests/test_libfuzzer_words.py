"""What stands behind a program on the command line, as libFuzzer takes it."""

from pathlib import Path

import pytest
import typer

from fuzztui.commands.libfuzzer import told
from fuzztui.engine.request.options import Limit


def test_flags_become_options(tmp_path: Path) -> None:
    words = [str(tmp_path), "-max_len=100", "-timeout=5", "-rss_limit_mb=2560", "-seed=7", "-jobs=3", "-workers=2"]
    words += ["-max_total_time=60", "-runs=1000", "-dict=x.dict", "-ignore_crashes=1", "-print_final_stats=1", "--own"]
    found = told(words, ())
    assert found.fields == {
        "max_len": 100,
        "timeout": 5.0,
        "memory_limit": 2560 << 20,
        "seed": 7,
        "workers": 3,
        "limit": Limit(60.0, 1000),
    }
    assert found.arguments == tuple(words)
    assert found.seeds == (tmp_path,)
    assert found.dictionary == (Path("x.dict"),)
    assert found.keep_fuzzing
    assert [str(each) for each in found.remarks] == ["-print_final_stats has no effect here"]


def test_a_flag_with_two_dashes_is_told_of() -> None:
    found = told(["--max_len=100", "--max-total-time=3", "--own=1"], ())
    assert found.fields == {}
    assert [str(each) for each in found.remarks] == [
        "--max_len=100 is the program's own: libFuzzer's flags have one dash, -max_len",
        "--max-total-time=3 is the program's own: libFuzzer's flags have one dash, -max_total_time",
    ]


def test_what_libfuzzer_takes_for_no_limit_is_none() -> None:
    found = told(["-max_len=0", "-runs=-1", "-atheris_runs=-1", "-max_total_time=0", "-rss_limit_mb=0", "-seed=0"], ())
    assert found.fields == {"memory_limit": None}


def test_options_that_were_typed_win() -> None:
    found = told(["-timeout=5", "-runs=10", "-jobs=2", "-dict=x.dict"], ("timeout", "fuzz_time", "dictionary"))
    assert found.fields == {"workers": 2}
    assert found.dictionary == ()
    assert found.chosen == {"workers"}


def test_what_was_said_by_flags_and_folders_is_chosen(tmp_path: Path) -> None:
    assert told(["-timeout=5", "-dict=x.dict", str(tmp_path)], ()).chosen == {"timeout", "dictionary", "seeds"}


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("-blah=1", "-blah is no flag of libFuzzer's that has a counterpart here; these have: -max_len,"),
        ("-merge=1", "fuzztui corpus import"),
        ("-minimize_crash=1", "fuzztui minimize"),
        ("-timeout=soon", "-timeout=soon: want a number"),
        ("-runs=0", "fuzztui test"),
        ("no_such_folder", "no_such_folder: there is no such file or folder"),
    ],
)
def test_a_word_that_means_nothing_is_told_in_a_sentence(
    word: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as caught:
        told([word], ())
    assert caught.value.exit_code == 2
    assert words in capsys.readouterr().err
