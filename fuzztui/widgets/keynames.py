"""What keys are called in texts, as this person has them: nobody is told of a key that does something else."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode

from fuzztui.widgets.tone import Line, Span, span

_NAME: Final = re.compile(r"\{(\w+\.\w+)\}")
"""How a text names an action whose key is to stand there."""


def with_keys(app: App[Any], text: str) -> str:
    """A text with the keys of the actions that it names: `{worker.stop}` becomes `s`, or what a person has chosen.

    Raises:
        KeyError: there is no such action.
    """
    return _NAME.sub(lambda found: key_of(app, found[1]), text)


def key_of(app: App[Any], name: str) -> str:
    """The key of an action as a person sees it: the first one where there are several.

    Raises:
        KeyError: there is no such action.
    """
    return keys_of(app, name)[0]


def keys_of(app: App[Any], name: str) -> list[str]:
    """All keys of an action, as a person sees them.

    Raises:
        KeyError: there is no such action.
    """
    bindings = list(_declared(name))
    if name in app._keymap:
        bindings = [Binding(key.strip(), "") for key in app._keymap[name].split(",")]
    return [app.get_key_display(binding) for binding in bindings]


def answers(app: App[Any], *deeds: tuple[str, str]) -> Line:
    """What some actions do, by their ids, each with two of its keys: `y or enter stops it    n or esc goes on`."""
    parts: list[Span] = []
    for name, does in deeds:
        parts += [span("plain", "    ")] if parts else []
        for number, key in enumerate(keys_of(app, name)[:2]):
            parts += [span("plain", " or ")] if number else []
            parts.append(span("accent", "{}", key))
        parts.append(span("plain", " {}", does))
    return tuple(parts)


@cache
def _declared(name: str) -> tuple[Binding, ...]:
    """The bindings of an action, one for each key, as they are in the source: looked up once, for notices name keys
    four times a second.
    """
    for place in places():
        if found := tuple(each for each in place if each.id == name):
            return found
    raise KeyError(f"there is no action {name}, want one that a binding has for its id")


def places() -> Iterator[list[Binding]]:
    """The keys of each part of the screen that has some: those of the classes that it is derived from, too."""
    pending = [DOMNode]
    seen: set[type] = set()
    while pending:
        part = pending.pop()
        pending += part.__subclasses__()
        if part.__module__.startswith("fuzztui.") and part not in seen:
            seen.add(part)
            declared = [binding for each in part.__mro__ for binding in vars(each).get("BINDINGS", ())]
            yield list(Binding.make_bindings(declared))
