"""Stored inputs that are not of the target are told in one sentence for each reason, with their number."""

from pathlib import Path

import pytest

from fuzztui.engine.keep.corpus import Corpus, MalformedCorpus
from fuzztui.engine.keep.unfit import is_of_another_form, unfit, unfit_sentences
from fuzztui.target.values import encode, form_of

PAIR = encode(("key", 3))


def misfits(folder: Path, contents: list[bytes], parameters: tuple[str, ...]) -> list[str]:
    found = (unfit(folder / f"{number:02}", data, parameters) for number, data in enumerate(contents))
    return list(unfit_sentences([each for each in found if each is not None], parameters))


def test_the_form_of_a_file_is_that_of_its_values() -> None:
    assert form_of(PAIR) == ("str", "int")
    assert form_of(encode((1.5, True))) == ("float", "bool")
    assert form_of(b"fuzztui v1\n!\n") is None
    assert form_of(b"fuzztui v1\n\xff\n") is None
    assert form_of(b"plain") is None


@pytest.mark.parametrize(
    ("data", "parameters", "was"),
    [
        (b"raw", ("str",), "(bytes)"),
        (b"raw", ("int", "int"), "(bytes)"),
        (PAIR, ("str",), "(str, int)"),
        (PAIR, ("str", "int", "bool"), "(str, int)"),
        (PAIR, ("int", "str"), "(str, int)"),
    ],
)
def test_a_changed_signature_is_told_with_both_forms(
    tmp_path: Path, data: bytes, parameters: tuple[str, ...], was: str
) -> None:
    (sentence,) = misfits(tmp_path, [data] * 30, parameters)
    assert sentence.startswith(
        f"30 stored inputs in {tmp_path} are for {was}, the target takes ({', '.join(parameters)})"
    )
    assert "move them to another folder" in sentence


def test_few_files_are_named_and_many_counted(tmp_path: Path) -> None:
    assert "(00, 01)" in misfits(tmp_path, [b"a", b"b"], ("int",))[0]
    assert "1 stored input in" in misfits(tmp_path, [b"a"], ("int",))[0]
    assert "(" not in misfits(tmp_path, [b"a"] * 4, ("int",))[0].partition(" are ")[0]


def test_raw_inputs_lead_to_the_import_where_that_would_take_them(tmp_path: Path) -> None:
    assert "fuzztui corpus import" in misfits(tmp_path, [b"a"], ("str",))[0]
    assert "fuzztui corpus import" not in misfits(tmp_path, [b"a"], ("int",))[0]


def test_each_form_has_a_sentence_of_its_own(tmp_path: Path) -> None:
    assert len(misfits(tmp_path, [b"a", PAIR, b"b", PAIR, encode((1,))], ("str",))) == 3


def test_inputs_of_the_right_form_that_cannot_be_read_are_told_one_by_one_up_to_a_number(tmp_path: Path) -> None:
    broken = b"fuzztui v1\n{'date': '2024-02-31'}\n"
    sentences = misfits(tmp_path, [broken] * 12, ("date",))
    assert len(sentences) == 11
    assert sentences[0].startswith(f"{tmp_path}/00: ")
    assert sentences[-1] == "and 2 more that cannot be read"


def test_bytes_that_were_written_for_other_parameters_are_noticed(tmp_path: Path) -> None:
    assert is_of_another_form(PAIR, ("bytes",))
    assert not is_of_another_form(PAIR, ("str", "int"))
    assert not is_of_another_form(b"plain", ("bytes",))
    (tmp_path / "stored").mkdir()
    (tmp_path / "stored" / "old").write_bytes(PAIR)
    corpus = Corpus(tmp_path / "stored", tmp_path / "generated")
    corpus.load(("bytes",), [], b"", 100)
    (sentence,) = corpus.doubtful
    assert sentence == f"1 stored input in {tmp_path}/stored written for other parameters, and taken as bytes"
    assert [entry.data for entry in corpus.entries] == [PAIR]


def test_a_folder_that_others_share_refuses_no_run(tmp_path: Path) -> None:
    for folder, data in (("own", PAIR), ("shared", b"raw")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "input").write_bytes(data)
    folders = (tmp_path / "own", tmp_path / "shared")
    corpus = Corpus(folders, tmp_path / "generated", sharing="move them")
    corpus.load(("str", "int"), [], b"", 100)
    assert [entry.data for entry in corpus.entries] == [PAIR]
    assert corpus.shared.startswith(f"{tmp_path}/shared holds inputs of several targets, 1 of them")
    assert corpus.shared.endswith("; move them")
    with pytest.raises(MalformedCorpus, match="1 stored input"):
        Corpus(folders, tmp_path / "generated").load(("str", "int"), [], b"", 100)
