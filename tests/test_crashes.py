"""`fuzztui crashes` and `fuzztui status`: what is known is told without running anything, decisions are written."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from fuzztui.cli import cli
from fuzztui.engine.keep.record import Record, Smallest
from fuzztui.engine.keep.records import add_to_record
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.crasher import Confirmation
from fuzztui.engine.show.text import label, one_line, visible
from fuzztui.engine.triage.triage import Known, Triage
from fuzztui.reports.crashes import issue, json_fields, sarif
from tests.engine.work.scripted import failure


class Place:
    """A target with crashers of earlier sessions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "pyproject.toml").touch()
        (folder / "fuzz_it.py").write_text("def fuzz_it(data: bytes): ...\n")
        self.target = PythonTarget(folder / "fuzz_it.py", "fuzz_it", folder)
        self.cache = folder / ".fuzztui"

    def record(self, bucket: str, group: str, **changes: Any) -> Record:
        kind = changes.pop("kind", "ValueError")
        location = changes.pop("location", str(self.folder / "pkg" / "a b.py") + ":7")
        failed = replace(failure(kind), id=one_line(bucket), group=one_line(group), location=visible(location, 500))
        seen = "2026-02-28T10:00:00Z"
        record = Record(failure=failed, target="t", inputs=("e" * 64,), first_seen=seen, last_seen=seen)
        return add_to_record(self.target.records_dir(self.cache), replace(record, **changes))

    def store(self, name: str) -> Path:
        self.target.crashers_dir.path.mkdir(parents=True, exist_ok=True)
        path = self.target.crashers_dir / name
        path.write_bytes(b"x")
        return path

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments))

    def known(self) -> tuple[Known, ...]:
        return Triage.load(self.target, self.cache).buckets


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    return Place(tmp_path)


@pytest.fixture
def full(place: Place) -> Place:
    """Two buckets of one group and one of another, one of them minimized."""
    place.store("a" * 64)
    place.store("b" * 64)
    smallest = Smallest("b" * 64, 1)
    place.record("2-aaaa", "2-g1", inputs=("a" * 64,), hits=3, confirmation=Confirmation(10, 3), minimized=smallest)
    place.record("2-bbbb", "2-g1", confirmation=Confirmation(3, 0), last_seen="2026-02-27T10:00:00Z")
    place.record("2-cccc", "2-g2", kind="KeyError", last_seen="2026-02-26T10:00:00Z")
    return place


def test_what_nobody_knows_anything_of_is_said(place: Place) -> None:
    result = place.run("crashes", "fuzz_it.py")
    assert (result.exit_code, result.stdout) == (0, "no crashers of fuzz_it.py::fuzz_it are known\n")
    assert json.loads(place.run("crashes", "fuzz_it.py", "--json").stdout) == []
    assert place.run("crashes", "fuzz_it.py", "--markdown").stdout.endswith("None are known.\n")
    assert not (place.folder / ".fuzztui").exists(), "who only looks makes nothing"


def test_json_has_an_object_for_each_bucket(full: Place) -> None:
    result = full.run("crashes", "fuzz_it.py", "--json")
    assert result.exit_code == 0
    one, two, three = json.loads(result.stdout)
    assert [each["bucket"] for each in (one, two, three)] == ["2-aaaa", "2-bbbb", "2-cccc"]
    assert [each["group"] for each in (one, two, three)] == ["2-g1", "2-g1", "2-g2"]
    assert [each["reproduces"] for each in (one, two, three)] == [True, False, None]
    assert (one["kind"], one["type"], one["hits"], one["variants"], one["status"]) == (
        "exception",
        "ValueError",
        3,
        1,
        "new",
    )
    assert one["inputs"] == [str(full.target.crashers_dir / ("a" * 64))]
    assert one["minimized"] == str(full.target.crashers_dir / ("b" * 64))
    assert (one["confirmation"]["runs"], one["confirmation"]["failures"]) == (10, 3)
    assert (three["inputs"], three["minimized"], three["confirmation"]) == ([], None, None)


def test_the_table_is_grouped(full: Place) -> None:
    lines = full.run("crashes", "fuzz_it.py").stdout.splitlines()
    assert lines[0] == "fuzz_it.py::fuzz_it: 3 crashers in 2 groups"
    heads = [line for line in lines if line.startswith(("ValueError", "KeyError"))]
    assert heads == ["ValueError in parse  pkg/a b.py:7", "KeyError in parse  pkg/a b.py:7"]
    assert [line.split()[0] for line in lines if line.startswith("    2-")] == ["2-aaaa", "2-bbbb", "2-cccc"]


def test_sarif_has_a_rule_for_each_group_and_a_result_for_each_bucket(full: Place) -> None:
    full.run("status", "fuzz_it.py", "cccc", "fixed")
    full.run("status", "fuzz_it.py", "bbbb", "ignored", "--note", "known")
    log = json.loads(full.run("crashes", "fuzz_it.py", "--sarif").stdout)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["2-g1", "2-g2"]
    one, two, three = run["results"]
    assert [(each["ruleId"], each["ruleIndex"]) for each in run["results"]] == [("2-g1", 0), ("2-g1", 0), ("2-g2", 1)]
    location = one["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "pkg/a%20b.py", "uriBaseId": "%SRCROOT%"}
    assert location["region"] == {"startLine": 7}
    assert all(each["message"]["text"] for each in run["results"])
    assert two["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "known"}]
    assert (three["kind"], three["level"]) == ("pass", "none"), "whoever is fixed passes, and has no level"


_FORM: dict[str, tuple[set[str], set[str]]] = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool", "results"}, {"columnKind"}),
    "driver": ({"name", "rules"}, {"version"}),
    "rule": ({"id", "shortDescription"}, set()),
    "result": (
        {"message", "ruleId", "ruleIndex", "kind", "level", "locations"},
        {"partialFingerprints", "properties", "occurrenceCount", "suppressions"},
    ),
    "artifactLocation": ({"uri"}, {"uriBaseId"}),
    "suppression": ({"kind"}, {"status", "justification"}),
}
"""Properties that an object of the standard's has here, and that it may have: whatever else is a mistake in a name."""


def in_form(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    required, allowed = _FORM[kind]
    assert required <= set(value) <= required | allowed, kind
    return value


def test_sarif_has_the_names_and_values_of_the_standard(full: Place) -> None:
    """Checked once with the standard's own schema, which is not part of this project."""
    full.record("2-eeee", "2-g3", kind="Odd", location="nowhere")
    full.run("status", "fuzz_it.py", "cccc", "fixed")
    full.run("status", "fuzz_it.py", "bbbb", "ignored", "--note", "a\x1bb")
    (run,) = in_form("log", json.loads(full.run("crashes", "fuzz_it.py", "--sarif").stdout))["runs"]
    driver = in_form("driver", in_form("run", run)["tool"]["driver"])
    rules = [in_form("rule", rule)["id"] for rule in driver["rules"]]
    assert len(set(rules)) == len(rules)
    for result in run["results"]:
        in_form("result", result)
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert (result["kind"], result["level"]) in {("pass", "none"), ("fail", "error")}
        assert result.get("occurrenceCount", 1) > 0
        assert all(in_form("suppression", each)["kind"] == "external" for each in result.get("suppressions", []))
        for location in result["locations"]:
            uri = in_form("artifactLocation", location["physicalLocation"]["artifactLocation"])["uri"]
            assert not set(uri) & set(' <>"\\^`{|}'), uri
            assert location["physicalLocation"].get("region", {"startLine": 1})["startLine"] > 0


def test_sarif_of_what_only_a_decision_is_known_of_names_the_target(place: Place) -> None:
    folder = place.folder / "testdata" / "triage" / "fuzz_it"
    folder.mkdir(parents=True)
    (folder / "2-dddd.toml").write_text('title = "OSError in f"\nstatus = "triaged"\n')
    (known,) = place.known()
    (result,) = sarif([known], place.folder, place.target.file)["runs"][0]["results"]
    location = result["locations"][0]["physicalLocation"]
    assert location == {"artifactLocation": {"uri": "fuzz_it.py", "uriBaseId": "%SRCROOT%"}}
    assert (result["message"]["text"], "occurrenceCount" in result) == ("OSError in f", False)
    fields = json_fields(known)
    assert (fields["kind"], fields["type"], fields["reproduces"], fields["hits"]) == (None, "OSError", None, 0)


def test_markdown_cannot_be_broken_by_what_a_target_says(place: Place) -> None:
    nasty = label("``` | <script> `x` [a](b)")
    failed = replace(failure(), id=label("2-aaaa"), group=label("2-g"), message=nasty, traceback=nasty)
    seen = "2026-02-28T10:00:00Z"
    record = Record(failure=failed, target="t", inputs=("e" * 64,), first_seen=seen, last_seen=seen, values=nasty)
    add_to_record(place.target.records_dir(place.cache), record)
    place.run("status", "fuzz_it.py", "aaaa", "triaged", "--note", "<b>|*x*")
    (known,) = place.known()
    lines = issue(known, ["fuzz_it.py"])
    assert "````" in lines, "the fence is longer than any in the text"
    assert r"note: \<b\>\|\*x\*" in lines
    table = place.run("crashes", "fuzz_it.py", "--markdown").stdout.splitlines()
    rows = [line for line in table if line.startswith("| `")]
    assert len(rows) == 1
    assert rows[0].replace(r"\|", "").count("|") == 7


def test_damage_is_named_and_the_rest_is_told(full: Place) -> None:
    (full.target.records_dir(full.cache).path / "2-dddd.json").write_text("{")
    result = full.run("crashes", "fuzz_it.py", "--json")
    assert (result.exit_code, len(json.loads(result.stdout))) == (0, 3)
    assert "2-dddd.json is no JSON" in result.stderr


def test_a_folder_that_cannot_be_read_is_status_70(full: Place) -> None:
    triage = full.folder / "testdata" / "triage"
    triage.symlink_to(full.folder)
    result = full.run("crashes", "fuzz_it.py")
    assert result.exit_code == 70
    assert "symbolic link" in result.stderr


def test_forms_exclude_each_other(full: Place) -> None:
    result = full.run("crashes", "fuzz_it.py", "--json", "--sarif")
    assert (result.exit_code, "choose one" in result.stderr) == (2, True)


# Deciding ----------------------------------------------------------------------------------------------------------


def test_status_writes_and_prints_what_and_where(full: Place) -> None:
    result = full.run("status", "fuzz_it.py", "2-aa", "ignored", "--note", "not ours", "--link", "https://x/1")
    assert result.exit_code == 0
    path = full.folder / "testdata" / "triage" / "fuzz_it" / "2-aaaa.toml"
    written = path.read_text()
    assert written.splitlines()[:4] == [
        'title = "ValueError in parse"',
        'status = "ignored"',
        'note = "not ours"',
        'link = "https://x/1"',
    ]
    assert result.stdout.splitlines()[:2] == ["2-aaaa: ignored", "  testdata/triage/fuzz_it/2-aaaa.toml"]
    shown = full.run("status", "fuzz_it.py", "2-aa")
    assert (shown.exit_code, shown.stdout) == (0, result.stdout)
    assert path.read_text() == written


def test_status_is_told_as_an_object(full: Place) -> None:
    file = str(full.folder / "testdata" / "triage" / "fuzz_it" / "2-aaaa.toml")
    undecided: dict[str, object] = {"status": "new", "title": "", "note": "", "link": "", "alias": None, "inputs": []}
    nothing = {"bucket": "2-aaaa", "decided": False, **undecided, "file": file}
    assert json.loads(full.run("status", "fuzz_it.py", "2-aa", "--json").stdout) == nothing
    result = full.run("status", "fuzz_it.py", "2-aa", "ignored", "--note", "a\x1bb", "--json")
    assert "\x1b" not in result.stdout
    fields = json.loads(result.stdout)
    assert (fields["decided"], fields["status"], fields["note"]) == (True, "ignored", "a\x1bb")
    assert fields == json.loads(full.run("status", "fuzz_it.py", "2-aa", "--json").stdout)
    assert json.loads(full.run("status", "fuzz_it.py", "2-aa", "none", "--json").stdout) == nothing


@pytest.mark.parametrize("arguments", [["none"], ["--undo"], ["none", "--undo"]])
def test_what_was_decided_is_taken_back(full: Place, arguments: list[str]) -> None:
    full.run("status", "fuzz_it.py", "aaaa", "fixed")
    result = full.run("status", "fuzz_it.py", "aaaa", *arguments)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "2-aaaa: nothing is decided about it")
    assert list((full.folder / "testdata" / "triage" / "fuzz_it").iterdir()) == []


def test_merging_and_taking_that_back(full: Place) -> None:
    assert full.run("status", "fuzz_it.py", "bbbb", "--alias", "aaaa").exit_code == 0
    assert [each["bucket"] for each in json.loads(full.run("crashes", "fuzz_it.py", "--json").stdout)] == [
        "2-aaaa",
        "2-cccc",
    ]
    assert full.run("status", "fuzz_it.py", "aaaa", "--alias", "bbbb").exit_code == 2
    assert full.run("status", "fuzz_it.py", "bbbb", "--alias", "").exit_code == 0
    assert len(full.known()) == 3


WRONG = {
    ("zzzz", "fixed"): "no bucket of fuzz_it.py::fuzz_it begins with 'zzzz'; the nearest is 2-",
    ("2-", "fixed"): "'2-' is the beginning of ",
    ("aaaa", "done"): "'done' is no status, want one of new, triaged, ignored, fixed or none",
    ("aaaa", "fixed", "--undo"): "what is taken back has no status",
    ("aaaa", "none", "--note", "x"): "what is taken back has no status",
    ("aaaa", "--alias", "zzzz"): "begins with 'zzzz'",
    ("aaaa", "--alias", "aaaa"): "2-aaaa would be merged into itself",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_what_is_typed_wrong_is_one_sentence_and_changes_nothing(full: Place, arguments: tuple[str, ...]) -> None:
    result = full.run("status", "fuzz_it.py", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert WRONG[arguments] in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (full.folder / "testdata" / "triage").exists()


def test_a_decision_that_cannot_be_written_is_status_70(full: Place) -> None:
    (full.folder / "testdata" / "triage").write_text("a file")
    result = full.run("status", "fuzz_it.py", "aaaa", "fixed")
    assert (result.exit_code, result.stdout) == (70, "")
    assert "triage" in result.stderr
