"""What is told of a crasher leads into no folder of the machine that has met it."""

import json
from pathlib import Path

import pytest

from fuzztui.engine.keep.record import Record
from fuzztui.engine.share.messages import MalformedMessageError
from fuzztui.engine.share.records import portable, record_from, record_of
from fuzztui.engine.show.crasher import Crasher, Variant
from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.text import NOTHING, label, visible
from fuzztui.protocol.identity import identity

BUCKET = label(identity("bucket", ["parse"]))


def crasher(data: bytes = b"input", bucket: str = BUCKET) -> Crasher:
    traceback = """Traceback (most recent call last):
  File "fuzz_it.py", line 3, in fuzz_it
  File "/home/me/venv/lib/python3.11/site-packages/dep/core.py", line 1, in parse
  File "/usr/lib/python3.11/json/decoder.py", line 7, in decode
  File "/home/me/other project/lib.py", line 9, in read
ValueError: /etc/passwd is no number"""
    failure = Failure(
        visible(bucket),
        visible(bucket),
        CrasherKind.EXCEPTION,
        label("ValueError"),
        label("/etc/passwd is no number"),
        visible(traceback, multiline=True),
        label("decode"),
        label("/usr/lib/python3.11/json/decoder.py:7"),
    )
    path = Path("/home/me/project/testdata/corpus/x")
    variant = Variant(NOTHING, NOTHING, "0" * 64, 3, 1, path)
    return Crasher(failure, data, path, None, 0, 1.0, 2, label("fuzztui replay /home/me"), label("b'input'"),
                   label("5 B"), data, variants=(variant,))  # fmt: skip


def record(data: bytes = b"input", bucket: str = BUCKET) -> Record:
    return record_of(crasher(data, bucket), "fuzz_it.py::fuzz_it", "2026-02-28T13:05:00Z")


def test_no_folder_of_this_machine_is_in_it() -> None:
    content = record().to_json()
    assert b"/home" not in content
    assert b"/usr/lib" not in content
    fields = json.loads(content)
    assert 'File "dep/core.py", line 1' in fields["traceback"]
    assert 'File "json/decoder.py", line 7' in fields["traceback"]
    assert 'File "…/lib.py", line 9' in fields["traceback"]
    assert 'File "fuzz_it.py", line 3' in fields["traceback"]
    assert fields["location"] == "json/decoder.py:7"
    assert fields["message"] == "/etc/passwd is no number"  # what the target says is the target's


def test_paths_in_the_project_are_relative_to_it() -> None:
    told = visible('File "/home/me/project/sub/fuzz_it.py", line 3, /home/me/project/sub/x.py:5', multiline=True)
    assert portable(told, "/home/me/project") == 'File "sub/fuzz_it.py", line 3, sub/x.py:5'
    assert portable(label("/srv/home/me/project/x.py:5"), "/home/me/project") == "/srv/home/me/project/x.py:5"
    assert portable(label("/x.py:5"), "/") == "/x.py:5"


def test_it_comes_back_as_it_was() -> None:
    assert record_from(record().to_json()) == record()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"id": 3}',
        b'{"id": "../../etc/passwd", "record": 2}',
        b'{"id": "4-' + b"a" * 20 + b'"}',
        b"[" * 100_000,
        record().to_json().replace(b'"record": 2', b'"record": 99'),
        record().to_json().replace(b'"sha256": "', b'"sha256": "x'),
    ],
)
def test_what_is_no_record_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        record_from(content)


def test_text_of_others_can_do_nothing_to_a_terminal() -> None:
    content = record().to_json().replace(b"is no number", b"\\u001b[2J\\u202e")
    told = record_from(content).failure
    for text in (told.message, told.traceback):
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_short_paths_stay() -> None:
    assert portable(label("examples/a.py:3")) == "examples/a.py:3"
