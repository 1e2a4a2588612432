"""What a failure looks like from inside: variables of the project's functions, and the code that was loaded."""

import os
import time
from pathlib import Path

import pytest

from fuzztui.protocol.messages import Source
from fuzztui.worker.failures.scenes import AROUND, MOST_FRAMES, STRANGERS, Scenes
from fuzztui.worker.instrumentation.sources import SourceNotes

SOURCE = '''\
def deep(level):
    if level:
        return deep(level - 1)
    """ünïcode"""
    raise KeyError(level)


def outer(data):
    count = len(data)
    return deep(count)
'''


def scenes_of(folder: Path, source: str = SOURCE, *, noted: bool = True, project: bool = True) -> tuple[Scenes, Path]:
    """Looks into frames of a file with this content, which has been loaded."""
    file = folder / "project.py"
    file.write_text(source)
    notes = SourceNotes(lambda _source: None)
    if noted:
        notes.note("project", str(file))
    return Scenes(lambda _name, path: project and path == str(file), notes), file


def failure(file: Path, call: str = "outer(b'ab')") -> BaseException:
    names: dict[str, object] = {"__name__": "project"}
    exec(compile(file.read_text(), str(file), "exec"), names)
    with pytest.raises(KeyError) as raised:
        exec(call, names)
    return raised.value


def test_each_function_of_the_project_is_shown_with_its_variables_and_lines(tmp_path: Path) -> None:
    scenes, file = scenes_of(tmp_path)
    outer, first, *_, last = scenes.of(failure(file))
    assert (outer.function, outer.line, dict(outer.variables)) == ("outer", 10, {"data": "b'ab'", "count": "2"})
    assert (first.function, dict(first.variables)) == ("deep", {"level": "2"})
    assert (last.file, last.line, dict(last.variables)) == (str(file), 5, {"level": "0"})
    lines = SOURCE.splitlines()
    assert (last.first, last.source) == (1, lines[: 5 + AROUND])
    assert outer.source == lines[9 - AROUND :]
    assert outer.source[outer.line - outer.first] == "    return deep(count)"


def test_of_a_deep_traceback_the_innermost_frames_are_shown(tmp_path: Path) -> None:
    scenes, file = scenes_of(tmp_path)
    found = scenes.of(failure(file, "deep(100)"))
    assert [dict(scene.variables)["level"] for scene in found] == [str(level) for level in reversed(range(MOST_FRAMES))]


def test_where_no_function_is_the_projects_the_innermost_are_shown(tmp_path: Path) -> None:
    scenes, file = scenes_of(tmp_path, project=False)
    assert len(scenes.of(failure(file))) == STRANGERS


@pytest.mark.parametrize("noted", [True, False])
def test_lines_that_are_not_what_was_loaded_are_not_shown(tmp_path: Path, noted: bool) -> None:
    scenes, file = scenes_of(tmp_path, noted=noted)
    if not noted:
        os.utime(file, (time.time() - 100,) * 2)
    error = failure(file)
    assert scenes.of(error)[-1].source
    file.write_text("# another first line\n" + SOURCE)
    os.utime(file, (time.time() + 100,) * 2)
    assert all(not scene.source and scene.variables for scene in scenes.of(error))
    file.unlink()
    assert all(not scene.source for scene in scenes.of(error))


def test_a_note_is_not_needed_to_know_what_was_loaded() -> None:
    told: list[Source] = []
    notes = SourceNotes(told.append)
    assert notes.is_as_loaded(os.__file__, Path(os.__file__).read_bytes())
    assert told == []
