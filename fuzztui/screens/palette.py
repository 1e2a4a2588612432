"""The palette: everything that can be done now, found by its words; each in a line, behind its key."""

from typing import Any

from textual.app import App, SystemCommand
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

KEY_CELLS = 8
"""For the keys, before what they do."""


class Deeds(Provider):
    """What the app's `get_system_commands` offers for the screen below, in that order until something is typed."""

    async def discover(self) -> Hits:
        for command in self._commands:
            yield DiscoveryHit(line(command, Content(command.title)), command.callback, command.title)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._commands:
            if (score := matcher.match(command.title)) > 0:
                found = line(command, matcher.highlight(command.title))
                yield Hit(score, found, command.callback, command.title)

    @property
    def _commands(self) -> list[SystemCommand]:
        app: App[Any] = self.app
        return list(app.get_system_commands(self.screen))


def line(command: SystemCommand, title: Content) -> Content:
    """A command with its key, which `SystemCommand.help` has."""
    return Content.assemble((f"{command.help:<{KEY_CELLS}} ", "$text-accent"), title)
