"""A person's own keys: which actions there are to give keys to, and which keys there are to give."""

import re
import string
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from textual.binding import Binding, Keymap
from textual.keys import Keys, key_to_character

from fuzztui.engine.show.text import Visible, say, visible
from fuzztui.settings import Settings
from fuzztui.widgets.keynames import places

_MODIFIERS: Final = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})

_NAMED: Final = frozenset(each.value for each in Keys if re.fullmatch(r"[a-z]\w+", each.value)) - {"return"}
"""Keys that are written as words and stand for no character: `f1`, `pageup`. What a terminal sends for the key of a
line's end is called `enter`.
"""

_PUNCTUATION: Final = frozenset(
    binding.key for binding in Binding.make_bindings(Binding(each, "") for each in string.punctuation if each != ",")
)
"""What the keys of punctuation are called: `question_mark`, `minus`."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that keys can be chosen for."""

    name: str
    keys: tuple[str, ...]
    """As they are without anybody's choice."""
    does: Visible


def actions() -> list[Action]:
    """All that keys can be chosen for, by name, in the parts of the screen that have been imported."""
    found: dict[str, dict[str, Binding]] = {}
    for place in places():
        for binding in place:
            if binding.id:
                found.setdefault(binding.id, {}).setdefault(binding.key, binding)
    return [
        Action(name, tuple(keys), visible((one := next(iter(keys.values()))).tooltip or one.description))
        for name, keys in sorted(found.items())
    ]


def keymap(settings: Settings) -> tuple[Keymap, list[Visible]]:
    """The keys that a person has chosen, as Textual takes them, and a sentence for each choice that is left out.

    A choice is left out where there is no such action or key, or where the key does something else in the same place.
    """
    everywhere = list(places())
    known = {binding.id for place in everywhere for binding in place if binding.id}
    chosen: dict[str, str] = {}
    problems: list[Visible] = []
    for name, key in sorted(settings.keys.items(), key=lambda each: each[1].line):
        keys = [each.strip() for each in key.keys.split(",")]
        unknown = [each for each in keys if not is_key(each)]
        if name not in known:
            problems.append(settings.problem(key.line, _no_action(name, known)))
        elif unknown:
            problems.append(settings.problem(key.line, _no_key(unknown[0])))
        else:
            chosen[name] = ",".join(keys)
    for name in [*chosen]:
        if other := _rival(name, chosen, everywhere):
            words = say("{} is for {} there already, so {} keeps its own key", chosen.pop(name), other, name)
            problems.append(settings.problem(settings.keys[name].line, words))
    return chosen, problems


def is_key(name: str) -> bool:
    """Whether a key can be called so: `x`, `?`, `space`, `f5`, `ctrl+x`, `question_mark`."""
    *modifiers, key = name.split("+") if len(name) > 1 else [name]
    if any(each not in _MODIFIERS for each in modifiers):
        return False
    if len(key) == 1:
        return key.isprintable() and not key.isspace()
    return key in _NAMED or key in _PUNCTUATION or (key.islower() and (key_to_character(key) or "\0").isprintable())


def _no_action(name: str, known: set[str]) -> Visible:
    # One that is misspelled is mostly so in one of its two words.
    close = get_close_matches(name, known, 1) or sorted(known)[:3]
    return say("there is no action {} to give a key to, want one like {}", name, ", ".join(close))


def _no_key(name: str) -> Visible:
    if len(name) == 1 and unicodedata.category(name).startswith("Z"):
        name = "a space"
    close = get_close_matches(name, _NAMED, 1)
    return say("'{}' is no key, want {}", name, close[0] if close else "one like x, space, f5 or ctrl+x")


def _rival(name: str, chosen: dict[str, str], places: list[list[Binding]]) -> str:
    """The action that has a chosen key in the same part of the screen; empty if none has."""
    wanted = {_normal(each) for each in chosen[name].split(",")}
    for place in places:
        if not any(binding.id == name for binding in place):
            continue
        for binding in place:
            if not binding.id or binding.id == name:
                continue
            keys = chosen.get(binding.id, binding.key).split(",")
            if wanted & {_normal(each) for each in keys}:
                return binding.id
    return ""


def _normal(key: str) -> str:
    (binding,) = Binding.make_bindings([Binding(key, "")])
    return binding.key
