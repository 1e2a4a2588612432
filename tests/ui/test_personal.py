"""What a person has chosen is what they get: keys, colours, calls; and colours can be read in each theme."""

import ast
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from rich.color import Color as RichColor
from textual.color import Color
from textual.theme import BUILTIN_THEMES

import fuzztui
from fuzztui.app import FuzzApp
from fuzztui.engine.show.reload import Reloading
from fuzztui.engine.show.text import label, visible
from fuzztui.personal import PersonalApp
from fuzztui.screens import calls
from fuzztui.screens.keymap import is_key, keymap
from fuzztui.screens.places import PLACES
from fuzztui.settings import Settings, Signal, read_settings
from fuzztui.widgets.contrast import READABLE, contrast
from fuzztui.widgets.tone import _THEMED
from tests.support import DEADLINE
from tests.ui.driving import Driver
from tests.ui.fakes import MODULES, FakeSession, ObedientSession, crasher, crowd, snapshot, worker, workpiece


def settings(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "config.toml"
    file.write_text(text)
    return read_settings(file)


@asynccontextmanager
async def chosen(given: Settings, session: FakeSession | None = None) -> AsyncIterator[Driver]:
    session = session if session is not None else FakeSession()
    app = FuzzApp(session, settings=given)
    app.NOTIFICATION_TIMEOUT = DEADLINE  # type: ignore[misc]  # a slow machine must not miss them
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await pilot.pause()
        yield Driver(app, session, pilot)
        session.finish()


async def test_chosen_keys_do_what_they_are_chosen_for_and_the_old_ones_do_not(tmp_path: Path) -> None:
    given = settings(tmp_path, '[keys]\nworker.stop = "x,f5"\napp.help = "H"\n')
    async with chosen(given, FakeSession(snapshot(workers=(worker(0), worker(1))))) as driver:
        assert "x stop" in driver.lines[-1]
        assert "H help" in driver.lines[-1]
        await driver.press("s")
        assert driver.session.commands == []
        await driver.press("x", "j", "f5")
        assert driver.session.commands == [("stop_worker", 0), ("stop_worker", 1)]


async def test_chosen_theme_is_shown_and_another_one_is_remembered(tmp_path: Path) -> None:
    given = settings(tmp_path, 'theme = "nord"  # calm\n[keys]\n')
    async with chosen(given) as driver:
        assert driver.app.theme == "nord"
        assert given.file is not None
        driver.app.theme = "gruvbox"
        await driver.pilot.pause()
        assert given.file.read_text() == 'theme = "gruvbox"  # calm\n[keys]\n'
        driver.app.theme = "nord"
        await driver.pilot.pause()
        assert given.file.read_text() == 'theme = "nord"  # calm\n[keys]\n'


async def test_theme_of_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_THEME", "gruvbox")
    given = settings(tmp_path, 'theme = "nord"\n')
    app = FuzzApp(FakeSession(), settings=given)
    assert app.theme != "nord"


async def test_notices_name_the_chosen_keys(tmp_path: Path) -> None:
    given = settings(tmp_path, '[keys]\napp.reload = "f5"\ncrasher.expect = "X"\nplace.modules = "f6"\n')
    changed = Reloading(changed=(label("a.py"),))
    shown = snapshot(elapsed=3.0, modules=MODULES, reloading=changed)
    async with chosen(given, FakeSession(shown)) as driver:
        await driver.until(lambda: "f5 reloads" in driver.text and "f6 shows why" in driver.text)
        await driver.press("c", "G")
        await driver.until(lambda: "X on a crasher adds its own" in driver.text)


async def test_what_is_wrong_with_the_settings_is_told_and_the_rest_counts(tmp_path: Path) -> None:
    given = settings(tmp_path, 'theme = "nrod"\n[keys]\nworker.stpo = "y"\nworker.stop = "x"\ncrashers.mark = "o"\n')
    async with chosen(given) as driver:
        problems = "\n".join(driver.app.problems)
        assert "config.toml:1: there is no theme 'nrod', want one like nord" in problems
        assert "config.toml:3: there is no action worker.stpo to give a key to, want one like worker.stop" in problems
        assert re.search(r"config\.toml:5: o is for \S+ there already, so crashers\.mark keeps its own key", problems)
        await driver.until(lambda: "1 of 3: " in driver.text)
        await driver.press("x", "space")
        await driver.until(lambda: driver.session.commands == [("stop_worker", 0), ("pause",)])


def test_keys_that_exchange_their_actions_are_no_rivals(tmp_path: Path) -> None:
    taken, problems = keymap(settings(tmp_path, '[keys]\nworker.stop = "p"\nworker.pause = "s"\n'))
    assert taken == {"worker.stop": "p", "worker.pause": "s"}
    assert problems == []


def test_two_actions_cannot_be_given_one_key(tmp_path: Path) -> None:
    taken, problems = keymap(settings(tmp_path, '[keys]\nworker.stop = "x"\nworker.pause = "x"\n'))
    assert taken == {"worker.pause": "x"}
    assert len(problems) == 1


@pytest.mark.parametrize("name", ["x", "?", "space", "f5", "ctrl+x", "question_mark", "shift+tab", "minus", "ä"])
def test_names_of_keys(name: str) -> None:
    assert is_key(name)


@pytest.mark.parametrize("name", ["", " ", "esc", "ctrl+", "strg+x", "foo", "xy", "\x1b", "return", "Space"])
def test_what_is_no_name_of_a_key(name: str) -> None:
    assert not is_key(name)


# Calls ------------------------------------------------------------------------------------------------------------


class Written:
    """A terminal that notes what it is sent."""

    def __init__(self, app: PersonalApp[object]) -> None:
        self.text = ""
        assert app._driver is not None
        app._driver.write = self._write  # type: ignore[method-assign, assignment]

    def _write(self, text: str) -> None:
        self.text += text


async def test_new_bucket_calls_once_in_the_chosen_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    given = settings(tmp_path, 'notify = ["bell", "osc9", "osc777"]\n')
    async with chosen(given, FakeSession(snapshot(crashers=()))) as driver:
        written = Written(driver.app)  # type: ignore[arg-type]
        found = tuple(crasher(i) for i in range(300))
        await driver.show(snapshot(crashers=found[:299]))
        assert written.text.count("\x1b]9;fuzztui: fuzz_json: 299 new crashers, the last one ValueError") == 1
        assert written.text.count("\x1b]777;notify;fuzztui;fuzz_json: 299 new crashers") == 1
        await driver.show(snapshot(crashers=found))
        assert written.text.count("\x1b]9;") == 1  # a flood of news is one call


@pytest.mark.parametrize("change", [{"seed_name": "seed 1"}, {"status": "ignored"}], ids=str)
async def test_what_is_no_news_calls_nobody(tmp_path: Path, change: dict[str, str]) -> None:
    from fuzztui.engine.show.status import Status

    known = {"status": Status.IGNORED} if "status" in change else change
    given = settings(tmp_path, 'notify = "osc9"\n')
    async with chosen(given, FakeSession(snapshot(crashers=()))) as driver:
        written = Written(driver.app)  # type: ignore[arg-type]
        await driver.show(snapshot(crashers=(replace(crasher(0), **known),)))
        assert "\x1b]9;" not in written.text


async def test_nobody_is_called_who_has_not_asked_for_it(tmp_path: Path) -> None:
    async with chosen(settings(tmp_path, ""), FakeSession(snapshot(crashers=()))) as driver:
        written = Written(driver.app)  # type: ignore[arg-type]
        await driver.show(snapshot())
        assert "\x1b]9;" not in written.text
        assert "\x1b]777;" not in written.text


async def test_title_says_the_state_and_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    session = FakeSession(snapshot(crashers=()))
    app = FuzzApp(session)
    async with app.run_test() as pilot:
        await pilot.pause()
        written = Written(app)  # type: ignore[arg-type]
        session.publish(snapshot(crashers=(crasher(0),)))
        app.pull()
        app.pull()
        assert written.text.count("\x1b]2;fuzz_json: fuzzing, 1 crasher - fuzztui\x07") == 1
        assert written.text.count("\x1b]2;") == 1
        session.finish()
    assert written.text.rfind(calls.RESTORE_TITLE) > written.text.rfind("\x1b]2;")


HOSTILE = "a\x07\x1b]0;x\x1b\\\u009c\u202eb\ncd;" + "e" * 1_000_000


@pytest.mark.parametrize("tmux", [{}, {"TMUX": "/tmp/x"}], ids=["plain", "tmux"])
def test_no_control_of_others_is_in_a_sequence(tmux: dict[str, str]) -> None:
    words = visible(HOSTILE)
    named = snapshot(target_id=visible(f"f.py::{HOSTILE}"), crashers=())
    sequences = {
        calls.title_sequence(calls.title_words(named), {"TERM": "xterm"}): ("\x1b]2;", "\x07"),
        calls.call_sequence(words, [Signal.OSC9], tmux): ("\x1b]9;", "\x07"),
        calls.call_sequence(words, [Signal.OSC777], tmux): ("\x1b]777;notify;fuzztui;", "\x07"),
    }
    for sequence, (start, end) in sequences.items():
        if tmux and "2;" not in start[:4]:
            assert sequence.startswith("\x1bPtmux;\x1b\x1b]")
            assert sequence.endswith("\x07\x1b\\")
            sequence = sequence[len("\x1bPtmux;\x1b") : -2]
        inner = sequence.removeprefix(start).removesuffix(end)
        assert len(inner) < 200
        assert inner.isprintable()


def test_notification_takes_no_semicolon_for_another_command() -> None:
    assert ";" not in calls.call_sequence(visible("a;b"), [Signal.OSC777], {}).removeprefix("\x1b]777;notify;fuzztui;")
    assert calls.call_sequence(visible("4;1;50"), [Signal.OSC9], {}) == "\x1b]9;fuzztui: 4;1;50\x07"


@pytest.mark.parametrize("kind", ["linux", "vt220"])
def test_console_without_windows_is_sent_no_title(kind: str) -> None:
    assert calls.title_sequence(visible("x"), {"TERM": kind}) == ""


# Colours ----------------------------------------------------------------------------------------------------------

THEMES = sorted(name for name, theme in BUILTIN_THEMES.items() if not theme.ansi)


@pytest.mark.parametrize("theme", THEMES)
def test_each_tone_can_be_read_on_each_background_of_each_theme(theme: str) -> None:
    app = PersonalApp[None]()
    app.theme = theme
    variables = app.get_css_variables()
    names = {style.rpartition("$")[2] for style in _THEMED.values() if "$" in style}
    for name in sorted(names | {"foreground", "text", "text-muted"}):
        for ground in ("background", "surface", "panel"):
            assert_readable(variables, name, ground)
    for name in ("footer-foreground", "footer-key-foreground", "footer-description-foreground"):
        assert_readable(variables, name, "footer-background")
    assert_readable(variables, "block-cursor-foreground", "block-cursor-background")


def assert_readable(variables: dict[str, str], name: str, ground_name: str) -> None:
    ground = Color.parse(variables[ground_name])
    value = variables[name]
    if value.startswith("auto"):
        color = ground.get_contrast_text(float(value.removeprefix("auto").rstrip("%")) / 100)
    else:
        color = Color.parse(value)
    assert contrast(color, [ground]) >= READABLE, (name, value, ground_name, ground.hex)


def test_contrast_is_that_of_wcag() -> None:
    grey = Color.parse("#777777")
    assert contrast(grey, [Color.parse("white")]) == pytest.approx(4.48, abs=0.01)
    assert contrast(Color.parse("black"), [Color.parse("white")]) == pytest.approx(21.0)


@pytest.mark.parametrize("theme", ["textual-light", "solarized-light"])
@pytest.mark.parametrize("keys", [(), *((place.key,) for place in PLACES[1:]), ("tab", "enter")], ids="-".join)
@pytest.mark.mostly_soak(2)
async def test_what_is_drawn_can_be_read(theme: str, keys: tuple[str, ...]) -> None:
    """On each screen. Edges and plots are no text, and keys that cannot be used now are meant to be pale."""
    app = FuzzApp(ObedientSession(snapshot(crashers=(*crowd(), workpiece()), modules=MODULES)))
    app.theme = theme
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        drawn = [segment for strip in app.screen._compositor.render_strips()[:-1] for segment in strip]
        words = [each for each in drawn if any(character.isalnum() for character in each.text)]
        assert len(words) > 10
        for segment in words:
            style = segment.style
            if style is not None and style.color is not None and style.bgcolor is not None:
                assert contrast(of_rich(style.color), [of_rich(style.bgcolor)]) >= READABLE, (segment.text, style)


def of_rich(color: RichColor) -> Color:
    return Color(*color.get_truecolor())


def test_no_text_names_a_key_by_its_usual_name() -> None:
    """Somebody may have given the action another one: texts ask `fuzztui.widgets.keynames`."""
    named = re.compile(r"(^|[\s(])(esc|enter|escape|space|ctrl\+\w)\s+[a-z]")
    folder = Path(fuzztui.__file__).parent
    sources = [*folder.glob("*app.py"), *(each for name in ("screens", "widgets", "home", "sessions")
                                          for each in (folder / name).rglob("*.py"))]  # fmt: skip
    wrong = []
    for source in sources:
        tree = ast.parse(source.read_text())
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        wrong += [
            f"{source.name}:{node.lineno}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
            if named.search(node.value)
        ]
    assert len(sources) > 50
    assert wrong == []


async def test_texts_name_the_keys_that_somebody_has_chosen(tmp_path: Path) -> None:
    keys = '[keys]\n"list.all" = "f9"\n"quit.yes" = "f7,j"\n"table.open" = "f6"\n'
    async with chosen(settings(tmp_path, keys), FakeSession(snapshot())) as driver:
        await driver.press("tab", "slash", *"nowhere", "enter")
        await driver.until(lambda: "none of 2 has nowhere; f9 lists all" in driver.text)
        await driver.press("f9", "2")
        await driver.until(lambda: "f6 reads its source" in driver.text)
        await driver.press("q")
        await driver.until(lambda: "f7 or j stop and show the result    n or esc go on" in driver.text)
