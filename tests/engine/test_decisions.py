"""What people have decided: files that are read back as they were written, and never lost."""

import random
import tomllib
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from threading import Thread

import pytest

from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.show.status import Status
from fuzztui.engine.triage import toml
from fuzztui.engine.triage.decision import BadDecisionError, Decision, parse
from fuzztui.engine.triage.decisions import change_decision, read_decisions

NASTY = [
    "",
    " ",
    '"',
    "'''",
    '"""',
    "\\",
    "\\u0041",
    "#",
    "a\nb",
    "a\r\nb",
    "\t",
    "\0",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\u2028",
    "é",
    "🦆",
    "= [",
    "\ufeff",
]


def text(rng: random.Random) -> str:
    points = [chr(rng.choice([rng.randrange(0x80), rng.randrange(0xD800), rng.randrange(0xE000, 0x110000)]))]
    return "".join(rng.choices([*NASTY, *points, "ab", "1"], k=rng.randrange(6)))


def value(rng: random.Random, depth: int = 0) -> object:
    kinds = 12 if depth < 3 else 10
    match rng.randrange(kinds):
        case 0 | 1:
            return text(rng)
        case 2:
            return rng.randrange(-(2**63), 2**63)
        case 3:
            return rng.choice([0.0, -0.0, 1e16, 1e-300, 1.5, float("inf"), float("-inf"), rng.random() * 10**6])
        case 4:
            return rng.random() < 0.5
        case 5:
            return datetime(2026, 2, 28, 13, 5, rng.randrange(60), rng.randrange(10**6))
        case 6:
            return datetime(2026, 2, 28, tzinfo=timezone(timedelta(minutes=rng.randrange(-720, 720))))
        case 7:
            return date(rng.randrange(1, 10000), 2, 28)
        case 8:
            return time(rng.randrange(24), 3, 4)
        case 9:
            return []
        case 10:
            return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
        case _:
            return {text(rng): value(rng, depth + 1) for _ in range(rng.randrange(4))}


@pytest.mark.parametrize("seed", range(300))
def test_what_is_written_is_read_back(seed: int) -> None:
    rng = random.Random(seed)
    table = {text(rng) or "k": value(rng) for _ in range(rng.randrange(8))}
    written = toml.written(table)
    back = tomllib.loads(written)
    assert back == table
    assert list(back) == list(table)
    assert repr(back) == repr(table), "types and signs too"
    assert len(written.splitlines()) == len(table), "one key a line"


@pytest.mark.parametrize("seed", range(200))
def test_a_decision_comes_back_with_keys_that_nobody_knows(seed: int) -> None:
    rng = random.Random(seed)
    others = {f"x-{text(rng)}": value(rng) for _ in range(rng.randrange(3))}
    comment = rng.choice(["", "# why\n", "\n# a\n\n#b = 3\n"])
    decision = Decision(
        rng.choice(list(Status)), text(rng), text(rng), text(rng), text(rng), ("a" * 64, text(rng)), others, comment
    )
    assert parse(decision.to_toml()) == decision


def test_a_decision_has_one_key_a_line_in_one_order() -> None:
    decision = Decision(Status.IGNORED, "ValueError in f", "not\nours", "https://x/1", "", ("0" * 64,), {"owner": "me"})
    assert decision.to_toml() == (
        'title = "ValueError in f"\nstatus = "ignored"\nnote = "not\\nours"\nlink = "https://x/1"\n'
        f'inputs = ["{"0" * 64}"]\nowner = "me"\n'
    )


def test_text_that_no_file_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        toml.written({"note": "\ud800"})


BROKEN = {
    "status = 'done'": "want one of new, triaged, ignored, fixed",
    "status = 3": "want one of",
    "status = ['new']": "want one of",
    "note = 3": "note is 3, want a text",
    "alias = []": "alias is [], want a text",
    "inputs = 'abc'": "want a list of texts",
    "inputs = [1]": "want a list of texts",
    "status = 'new'\nstatus = 'new'": "is no TOML",
    "<<<<<<< HEAD\nstatus = 'new'\n=======\n": "is no TOML",
    "status = new": "is no TOML",
    "[" * 100_000: "is no TOML",
    "a=" + "[" * 50_000: "is no TOML",
}


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_file_is_one_sentence(content: str) -> None:
    with pytest.raises(BadDecisionError) as caught:
        parse(content)
    assert BROKEN[content] in caught.value.reason
    assert "\n" not in caught.value.reason


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path, ("testdata", "triage", "fuzz_it"))


def decide(folder: Folder, bucket: str, decision: Decision | None) -> None:
    change_decision(folder, bucket, lambda before: decision)


@pytest.mark.parametrize("content", [b"status = 3", b"\xff", b"status = 'fixed'\n=", b"x" * (1 << 19)])
def test_a_broken_file_counts_as_none_and_is_never_overwritten(folder: Folder, content: bytes) -> None:
    decide(folder, "1-a", Decision(Status.FIXED))
    (folder / "1-b.toml").write_bytes(content)
    found = read_decisions([folder])
    assert found.by_bucket == {"1-a": Decision(Status.FIXED)}
    (problem,) = found.problems
    assert problem.startswith(str(folder / "1-b.toml"))
    for decision in (Decision(), None):
        with pytest.raises((BadDecisionError, OSError)):
            decide(folder, "1-b", decision)
    assert (folder / "1-b.toml").read_bytes() == content


def test_of_two_files_for_one_bucket_that_of_the_first_folder_counts(folder: Folder, tmp_path: Path) -> None:
    later = Folder(tmp_path, ("testdata", "triage", "other"))
    change_decision(later, "1-a", lambda _: Decision(Status.IGNORED))
    change_decision(folder, "1-a", lambda _: Decision(Status.FIXED))
    found = read_decisions((folder, later))
    assert found.by_bucket["1-a"].status is Status.FIXED
    assert found.places["1-a"] == folder


def test_a_link_is_neither_followed_nor_taken_for_the_file(folder: Folder, tmp_path: Path) -> None:
    decide(folder, "1-a", Decision(Status.FIXED))
    (tmp_path / "secret").write_text("status = 'ignored'\n")
    (folder / "1-b.toml").symlink_to(tmp_path / "secret")
    found = read_decisions([folder])
    assert list(found.by_bucket) == ["1-a"]
    assert len(found.problems) == 1
    with pytest.raises(OSError, match="link"):
        decide(folder, "1-b", Decision())
    assert (tmp_path / "secret").read_text() == "status = 'ignored'\n"


def test_a_linked_folder_is_refused(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "testdata").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "testdata" / "triage").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic link"):
        decide(folder, "1-a", Decision())
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert len(read_decisions([folder]).problems) == 1


def test_a_decision_is_taken_away(folder: Folder) -> None:
    decide(folder, "1-a", Decision(Status.FIXED))
    decide(folder, "1-a", None)
    decide(folder, "1-a", None)
    assert read_decisions([folder]).by_bucket == {}
    assert list(folder.path.iterdir()) == []


def test_people_who_decide_at_once_lose_nothing(folder: Folder) -> None:
    def add(name: str) -> None:
        def change(before: Decision | None) -> Decision:
            before = before or Decision()
            return Decision(inputs=(*before.inputs, name))

        for n in range(25):
            change_decision(folder, "1-a", lambda before: change(before))
            assert n >= 0

    threads = [Thread(target=add, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_decisions([folder]).by_bucket["1-a"].inputs) == 100
