"""An app as its person likes it: own keys and colours, kept; colours that can be read; a title, and calls on news."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from typing import Any, ClassVar, Final, TypeVar

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.command import Provider
from textual.screen import Screen

from fuzztui.engine.show.text import NOTHING, Visible, label, say
from fuzztui.screens import calls
from fuzztui.screens.help import deeds_of
from fuzztui.screens.keymap import keymap
from fuzztui.screens.news import Severity
from fuzztui.screens.palette import Deeds
from fuzztui.settings import Settings, remember_theme
from fuzztui.terminal.clipboard import sentence
from fuzztui.widgets.contrast import readable

R = TypeVar("R")

CALL_INTERVAL: Final = 3.0
"""Seconds between two calls: a flood of news is no reason for a flood of bells."""


class PersonalApp(App[R]):
    """Textual's app with a person's settings, in somebody's terminal."""

    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {Deeds}

    def __init__(self, settings: Settings | None = None) -> None:
        """Without settings nothing is remembered either."""
        super().__init__()
        self._settings = settings
        self.problems: list[Visible] = []
        """What is wrong with the settings, a sentence each."""
        self._remembered = self.theme
        """The colours that are in the settings, or need not be."""
        self._title = NOTHING
        """What the terminal's title is to say; nothing if it stays as it is."""
        self._has_title = False
        """Whether it is ours, and the terminal's own is still to be given back."""
        self._last_call = float("-inf")
        if settings is not None:
            self._apply(settings)

    def _apply(self, settings: Settings) -> None:
        chosen, wrong_keys = keymap(settings)
        self.set_keymap(chosen)
        self.problems = [*settings.problems, *wrong_keys]
        if settings.theme and settings.theme not in self.available_themes:
            close = get_close_matches(settings.theme, self.available_themes, 1) or ["textual-dark"]
            words = say("there is no theme '{}', want one like {}", settings.theme, close[0])
            self.problems.append(settings.problem(settings.theme_line, words))
        elif settings.theme and "TEXTUAL_THEME" not in os.environ:  # what is said for this time alone comes first
            self.theme = self._remembered = settings.theme

    @property
    def settings(self) -> Settings | None:
        """The settings, with the colours that have been chosen since they were read."""
        return None if self._settings is None else replace(self._settings, theme=self._remembered)

    def on_mount(self) -> None:
        self.app_suspend_signal.subscribe(self, lambda _: self._give_title_back(), immediate=True)
        self.app_resume_signal.subscribe(self, lambda _: self._show_title())
        if self.problems:
            of_all = say("1 of {:,}: ", len(self.problems)) if len(self.problems) > 1 else NOTHING
            self.tell(say("{}{}", of_all, self.problems[0]), "warning")

    def on_unmount(self) -> None:
        self._give_title_back()

    def tell(self, message: Visible, severity: Severity = "information") -> None:
        """Show a message for a moment. The newest says where to look: there is one line for it."""
        self.clear_notifications()
        self.notify(message, severity=severity, markup=False)

    def get_key_display(self, binding: Binding) -> str:
        """As people say it: not every font has Textual's sign for enter."""
        if binding.key == "enter" and not binding.key_display:
            return "enter"
        return super().get_key_display(binding)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action that is possible now, the most important first, then Textual's own for the theme."""
        for deed in deeds_of(screen):
            if deed.is_possible and not deed.is_move and deed.action != "app.command_palette":
                run = partial(self.run_action, deed.action, deed.node)
                yield SystemCommand(deed.does.rstrip("."), deed.keys.split()[0], run)
        yield SystemCommand("Change the theme: colours, light or dark", "", self.action_change_theme)

    # Colours ----------------------------------------------------------------------------------------------------------

    def get_css_variables(self) -> dict[str, str]:
        """The theme's, such that text can be read; one of the terminal's own colours is its user's matter."""
        variables = super().get_css_variables()
        if not self.current_theme.ansi:
            variables = self.theme_variables = readable(variables)
        return variables

    def watch_theme(self, name: str) -> None:
        """Remember what has been chosen."""
        if self._settings is not None and self.is_running and name != self._remembered:
            self._remembered = name
            if problem := remember_theme(self._settings, name):
                self.tell(problem, "warning")

    # Copying ----------------------------------------------------------------------------------------------------------

    async def action_copy_or_quit(self) -> None:
        """Copy what has been selected with the mouse; a hand that presses ctrl+c without that wants out."""
        if text := self.screen.get_selected_text():
            self.screen.clear_selection()
            self.copy_to_clipboard(text)
            self.tell(sentence(label("What was selected"), text))
        else:
            await self.run_action("quit")

    # The terminal -----------------------------------------------------------------------------------------------------

    def call(self, words: Visible) -> None:
        """Call whoever does not look, in the ways that the settings name."""
        ways = self._settings.notify if self._settings is not None else ()
        now = time.monotonic()
        if ways and now - self._last_call >= CALL_INTERVAL:
            self._last_call = now
            self._send(calls.call_sequence(words, ways, os.environ))

    def entitle(self, words: Visible) -> None:
        """Set the terminal's title, if it is another one."""
        if words != self._title:
            self._title = words
            self._show_title()

    def _show_title(self) -> None:
        if sequence := calls.title_sequence(self._title, os.environ) if self._title else "":
            self._send(sequence if self._has_title else calls.KEEP_TITLE + sequence)
            self._has_title = True

    def _give_title_back(self) -> None:
        if self._has_title:
            self._send(calls.RESTORE_TITLE)
            self._has_title = False

    def _send(self, sequence: str) -> None:
        """Have the terminal obey a sequence, among what is drawn."""
        if self._driver is not None:
            self._driver.write(sequence)
