"""A crasher's page: arguments and input first, the project's frames set apart, everything in reach at every size."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Static

from fuzztui.engine.show.crasher import Confirmation
from fuzztui.engine.show.events import CrasherConfirmed, Steered
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.reload import Fate, Recheck
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import label, visible
from fuzztui.reports.issue import issue_text
from fuzztui.screens.base import Pager
from fuzztui.screens.sections import FAILURE, INPUT, Look
from fuzztui.screens.verbs import job_line
from fuzztui.widgets.tone import plain
from fuzztui.widgets.trace import failing_source, of_the_project, package_of, read_traceback
from tests.support import mostly_soak
from tests.ui.driving import Driver, dashboard
from tests.ui.fakes import LIBRARY, TRACEBACK, FakeSession, crasher, crowd, snapshot

SIZES = [(60, 15), (80, 24), (120, 40), (200, 60)]
HOSTILE = "\x1b]0;owned\x07\x9b31m\u202e"

MIXED = """Traceback (most recent call last):
  File "fuzz_it.py", line 3, in fuzz_it
    parse(data)
  File "/opt/lib/python3.11/site-packages/yaml/main.py", line 8, in load
    return call(data)
  File "/usr/lib/python3.11/functools.py", line 909, in wrapper
    return dispatch(data)
  File "/usr/lib/python3.11/re/__init__.py", line 1, in compile
    return _compile(data)
  File "project/deep.py", line 40, in deep
    raise ValueError(data)
          ^^^^^^^^^^^^^^^^
ValueError: x
"""


def texts(traceback: str, location: str, *, everything: bool = False) -> list[str]:
    trace = of_the_project(read_traceback(visible(traceback, multiline=True), visible(location)),
                           visible(location), everything=everything)  # fmt: skip
    return [plain(line) for line in trace.lines]


def test_frames_of_libraries_are_folded_and_those_of_the_project_stay() -> None:
    assert texts(MIXED, "project/deep.py:40") == [
        "Traceback (most recent call last):",
        '  File "fuzz_it.py", line 3, in fuzz_it',
        "    parse(data)",
        "  … 3 frames of yaml, functools, re",
        '  File "project/deep.py", line 40, in deep',
        "    raise ValueError(data)",
        "          ^^^^^^^^^^^^^^^^",
        "ValueError: x",
    ]


def test_library_that_is_under_test_is_no_library() -> None:
    lines = texts(TRACEBACK, f"{LIBRARY}/json/decoder.py:124")
    assert lines == TRACEBACK.rstrip("\n").splitlines()
    lines = texts(MIXED, "/opt/lib/python3.11/site-packages/yaml/main.py:8")
    assert "    return call(data)" in lines
    assert "  … 2 frames of functools, re" in lines


def test_all_frames_are_shown_dimmed_when_everything_is_asked_for() -> None:
    trace = of_the_project(
        read_traceback(visible(MIXED, multiline=True), visible("project/deep.py:40")),
        visible("project/deep.py:40"),
        everything=True,
    )
    assert [plain(line) for line in trace.lines] == MIXED.rstrip("\n").splitlines()
    assert {tone for _, tone in trace.lines[5]} == {"muted"}
    assert trace.failing is not None
    assert "project/deep.py" in plain(trace.lines[trace.failing])


def test_failing_line_is_found_after_folding_and_its_source_is_told() -> None:
    location = visible("project/deep.py:40")
    whole = read_traceback(visible(MIXED, multiline=True), location)
    folded = of_the_project(whole, location)
    assert folded.failing is not None
    assert "project/deep.py" in plain(folded.lines[folded.failing])
    assert failing_source(whole) == failing_source(folded) == "raise ValueError(data)"
    assert failing_source(read_traceback(visible("nothing"), location)) == ""
    bare = '  File "project/deep.py", line 40, in deep\n  File "a.py", line 1, in f\n    x\nValueError\n'
    assert failing_source(read_traceback(visible(bare, multiline=True), location)) == ""


def test_packages_are_told_from_the_project() -> None:
    for file, package in {
        "/usr/lib/python3.11/json/decoder.py": "/usr/lib/python3.11/json",
        "/usr/lib/python3.11/functools.py": "/usr/lib/python3.11/functools.py",
        "/v/lib64/python3.12/site-packages/yaml/a/b.py": "/v/lib64/python3.12/site-packages/yaml",
        "/usr/lib/python3/dist-packages/six.py": "/usr/lib/python3/dist-packages/six.py",
        "<frozen importlib._bootstrap>": "<frozen>",
        "lib/yaml.py": "",
        "/home/me/python3.11/x.py": "",
        "": "",
    }.items():
        assert package_of(file) == package, file


async def opened(driver: Driver, *keys: str) -> None:
    await driver.press("tab", *keys, "enter")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.mostly_soak(2)
async def test_arguments_and_input_are_above_the_fold_however_long_they_are(size: tuple[int, int]) -> None:
    long = crasher(0, data=bytes(range(256)) * 20)
    async with dashboard(FakeSession(snapshot(crashers=(long,))), size=size) as driver:
        await opened(driver)
        assert "─ arguments ─" in driver.text
        assert "b'\\x00\\x01" in driver.text
        if size[1] > 15:
            assert "00000000  00 01" in driver.text
        if size[1] > 24:
            assert "5,056 more bytes" in driver.text


@pytest.mark.parametrize("size", mostly_soak(SIZES, SIZES[0], SIZES[-1]))
async def test_every_part_can_be_reached_at_every_size(size: tuple[int, int]) -> None:
    one = crasher(0, output=visible("it printed this"), data=b"x" * 500)
    async with dashboard(FakeSession(snapshot(crashers=(one,))), size=size) as driver:
        await opened(driver)
        seen = driver.text
        pager = driver.app.screen.query_one(Pager)
        for _ in range(30):
            await driver.press("space")
            seen += driver.text
        assert pager.scroll_offset.y == pager.max_scroll_y
        for words in ("arguments", "input, 500 B", "traceback", "char = chr(uni)", "it printed this", "history",
                      "first seen at 00:01:40", "run it again", "fuzztui replay"):  # fmt: skip
            assert words in seen, words
        assert "y copy" in driver.lines[-1]
        assert "q quit" in driver.lines[-1]


async def test_long_parts_are_shown_in_full_by_one_key_and_folded_again() -> None:
    long = crasher(0, data=bytes(range(256)), traceback=MIXED, location="project/deep.py:40")
    async with dashboard(FakeSession(snapshot(crashers=(long,))), size=(200, 60)) as driver:
        await opened(driver)
        assert "… 3 frames of yaml, functools, re" in driver.text
        assert "000000f0" not in driver.text
        await driver.press("f")
        assert "000000f0" in driver.text
        assert "return dispatch(data)" in driver.text
        assert "f fold" in driver.lines[-1]
        await driver.press("f")
        assert "000000f0" not in driver.text


async def test_next_crasher_is_shown_from_its_top() -> None:
    async with dashboard(FakeSession(snapshot(crashers=crowd())), size=(80, 24)) as driver:
        await opened(driver)
        await driver.press("G", "right")
        assert driver.app.screen.query_one(Pager).scroll_offset.y == 0


async def test_how_a_crasher_without_a_file_is_run_again_is_said() -> None:
    seed = crasher(0, path=None, command="", seed_name="seed 3")
    unsaved = crasher(1, path=None, command="")
    async with dashboard(FakeSession(snapshot(crashers=(seed, unsaved)))) as driver:
        await driver.press("tab", "g", "enter")
        shown = {driver.text}
        await driver.press("escape", "j", "enter")
        shown.add(driver.text)
    assert sum("$ fuzztui test examples/fuzz_json.py" in text for text in shown) == 1
    assert sum("by no command: its input is stored nowhere" in text for text in shown) == 1


async def test_parts_without_anything_to_say_are_not_there() -> None:
    async with dashboard(FakeSession(snapshot(crashers=(crasher(0),)))) as driver:
        await opened(driver)
        assert driver.app.screen.query_one("#printed", Static).display is False
        assert "printed" not in driver.text


async def test_part_that_comes_later_appears_while_the_page_is_read() -> None:
    one = crasher(0)
    async with dashboard(FakeSession(snapshot(crashers=(one,))), size=(120, 40)) as driver:
        await opened(driver)
        assert "not run again yet" in driver.text
        known = replace(one, confirmation=Confirmation(10, 3), hits=99)
        await driver.show(snapshot(crashers=(known,)))
        assert "3/10 flaky: failed again not each time" in driver.text
        assert "99 hits" in driver.text


async def test_hostile_text_reaches_no_part_and_no_dialog() -> None:
    frames = f'Traceback (most recent call last):\n  File "{HOSTILE}", line 3, in f\nE: {HOSTILE}\n'
    bad = crasher(
        0,
        type=visible(f"E{HOSTILE}"),
        message=visible(HOSTILE),
        function=visible(f"f{HOSTILE}"),
        location=visible(f"{HOSTILE}:3"),
        traceback=visible(frames, multiline=True),
        output=visible(HOSTILE),
        data=HOSTILE.encode(),
        path=Path(f"a{HOSTILE}/b"),
    )
    async with dashboard(FakeSession(snapshot(crashers=(bad,))), size=(200, 60), notifications=True) as driver:
        await opened(driver)
        for keys in (("f",), ("y",), ("m",), ("e",)):
            await driver.press(*keys)
            assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(driver.text), keys
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(driver.app.clipboard)


# Copying --------------------------------------------------------------------------------------------------------------


async def test_copy_asks_what_and_each_key_copies_it() -> None:
    one = crasher(0)
    async with dashboard(FakeSession(snapshot(crashers=(one,))), notifications=True) as driver:
        await opened(driver)
        for key, text, name in (
            ("y", one.command, "The command"),
            ("enter", one.command, "The command"),
            ("i", one.values, "The input"),
            ("t", one.failure.traceback, "The traceback"),
            ("m", issue_text(one, snapshot().target_id), "The text for an issue"),
        ):
            driver.app._clipboard = ""
            await driver.press("y")
            assert "Copy what of ValueError in py_scanstring?" in driver.text
            await driver.press(key)
            assert driver.app.clipboard == text
            await driver.until(lambda name=name: f"{name} was sent" in driver.text)  # type: ignore[misc]


async def test_copying_can_be_left_and_from_the_list_it_is_of_the_selected_crasher() -> None:
    async with dashboard(FakeSession(snapshot(crashers=crowd()))) as driver:
        await driver.press("tab", "y", "escape")
        assert driver.app.clipboard == ""
        await driver.press("j", "j", "y", "y")
        assert driver.app.clipboard == crowd()[-3].command


async def test_what_a_lost_crasher_has_no_command_for_is_not_offered() -> None:
    lost = crasher(0, path=None, command="")
    async with dashboard(FakeSession(snapshot(crashers=(lost,)))) as driver:
        await opened(driver)
        await driver.press("y", "y")
        assert driver.app.clipboard == ""
        await driver.press("i")
        assert driver.app.clipboard == lost.values


def test_text_for_an_issue_has_all_that_is_needed_and_no_fence_can_be_broken() -> None:
    one = crasher(
        0,
        message="```\n# not a title",
        confirmation=Confirmation(3, 3),
        traceback=visible("a\n````\nb\n", multiline=True),
    )
    text = issue_text(one, visible("examples/fuzz_json.py::fuzz_json"))
    assert text.startswith("# ValueError in py_scanstring\n")
    for words in (
        "`examples/fuzz_json.py::fuzz_json`",
        one.values,
        one.command,
        "3/3: failed again each time",
        "Python 3.",
    ):
        assert words in text
    assert "`````pytb\na\n````\nb\n`````" in text


def test_text_for_an_issue_of_a_process_that_ended_says_no_more_than_is_known() -> None:
    one = crasher(0, kind=CrasherKind.EXIT, type="exit status 3", function="", location="", traceback="", message="")
    text = issue_text(one, visible("t"))
    assert "Traceback" not in text
    assert " at " not in text.partition("Input")[0]


def test_every_part_has_a_name_of_its_own_and_is_drawn_for_every_crasher() -> None:
    assert not set(INPUT) & set(FAILURE)
    for one in crowd():
        for build in (*INPUT.values(), *FAILURE.values()):
            for everything in (False, True):
                build(one, Look(300.0, None, everything))


# Running again --------------------------------------------------------------------------------------------------------


async def test_validation_is_a_visible_job_until_its_answer_comes() -> None:
    session = FakeSession(snapshot(crashers=crowd()))
    one = crowd()[-1]
    async with dashboard(session, notifications=True) as driver:
        await driver.press("tab", "v")
        assert session.commands == [("validate", one.id)]
        assert "◎ validating exit status 3" in driver.lines[-2]
        known = replace(one, confirmation=Confirmation(10, 10))
        session.publish(snapshot(crashers=(*crowd()[:-1], known)))
        session.emit(CrasherConfirmed(1.0, known))
        await driver.until(lambda: "exit status 3: 10/10: failed again each time" in driver.lines[-2])
        assert job_line(session.snapshot(), driver.run_screen.desk) == ()


async def test_marked_crashers_are_validated_together_and_the_line_counts_them() -> None:
    session = FakeSession(snapshot(crashers=crowd()))
    async with dashboard(session, size=(120, 40)) as driver:
        await driver.press("tab", "space", "space", "space", "v")
        assert [name for name, _ in session.commands] == ["validate"] * 3
        assert "2 more" in driver.lines[-2]


async def test_nothing_is_run_again_once_the_run_ends() -> None:
    session = FakeSession(snapshot(crashers=crowd(), phase=Phase.STOPPING))
    async with dashboard(session) as driver:
        await driver.press("tab", "v")
        assert session.commands == []
        assert driver.run_screen.why_not("validate") == "the run is stopping"


async def test_what_new_code_has_answered_is_not_waited_for_any_more() -> None:
    one = crasher(0)
    session = FakeSession(snapshot(crashers=(one,)))
    async with dashboard(session, size=(120, 40)) as driver:
        await driver.press("tab", "v")
        desk = driver.app.surroundings.desk
        assert desk.awaits(one)
        await driver.show(snapshot(crashers=(replace(one, recheck=Recheck(Fate.FAILS)),)))
        assert "validating" in driver.text
        fixed = replace(one, recheck=Recheck(Fate.FIXED))
        await driver.show(snapshot(crashers=(fixed,)))
        assert "validating" not in driver.text
        await driver.press("v")
        assert desk.awaits(fixed), "whoever asks once more waits for that"


async def test_what_was_not_run_again_is_waited_for_no_longer() -> None:
    one = crasher(0)
    session = FakeSession(snapshot(crashers=(one,), phase=Phase.TRIAGE, workers=()))
    async with dashboard(session, (120, 40), notifications=True) as driver:
        await driver.press("v")
        await driver.until(lambda: "◎ validating" in driver.text)
        told = Steered(1.0, label("The crasher was not run again: no"), is_refused=True, crashers=(one.id,))
        driver.app._on_event(told)
        await driver.until(lambda: "was not run again: no" in driver.text)
        assert "◎ validating" not in driver.text
