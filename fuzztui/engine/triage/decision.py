"""What a person has decided about one bucket, as a small file that is made to be committed. Pure: text in, text out."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import Visible, one_line, say
from fuzztui.engine.triage import toml

_TEXTS: Final = ("title", "note", "link", "alias")


class BadDecisionError(ValueError):
    """A text that is no decision."""

    def __init__(self, reason: Visible) -> None:
        super().__init__(reason)
        self.reason = reason
        """A clause."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One bucket's. Texts are as people have typed them: to be shown they are made visible."""

    status: Status = Status.NEW
    title: str = ""
    """What it was: `ValueError in parse`."""
    note: str = ""
    link: str = ""
    alias: str = ""
    """The bucket that this one is merged into; empty if into none."""
    inputs: tuple[str, ...] = ()
    """SHA-256 of stored inputs that show it: so it is recognised when its bucket has another name."""
    others: Mapping[str, object] = field(default_factory=dict)
    """Keys that this version does not know, in their order: they stay in the file."""
    comment: str = ""
    """Lines that the file begins with, each a comment or empty: they stay, too."""

    def is_about(self, type_name: str) -> bool:
        """Whether a failure of this type may be what was decided about, by the title; one without a title is."""
        return not self.title or self.title == type_name or self.title.startswith(f"{type_name} in ")

    def to_toml(self) -> str:
        """One key a line, always in one order; without keys that say nothing. ValueError for lone surrogates."""
        table: dict[str, object] = {"title": self.title, "status": self.status.value}
        table |= {"note": self.note, "link": self.link, "alias": self.alias, "inputs": list(self.inputs)}
        known = {key: value for key, value in table.items() if value}
        return self.comment + toml.written({**known, **self.others})


def parse(text: str) -> Decision:
    """The decision that a file holds. BadDecisionError says what is wrong with it."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadDecisionError(say("is no TOML: {}", error)) from None
    word = table.pop("status", Status.NEW.value)
    statuses = {status.value: status for status in Status}
    if not isinstance(word, str) or word not in statuses:
        raise BadDecisionError(say("status is {}, want one of {}", one_line(repr(word)), ", ".join(statuses)))
    texts: dict[str, str] = {}
    for key in _TEXTS:
        value = table.pop(key, "")
        if not isinstance(value, str):
            raise BadDecisionError(say("{} is {}, want a text", key, one_line(repr(value))))
        texts[key] = value
    inputs = table.pop("inputs", [])
    if not isinstance(inputs, list) or not all(isinstance(each, str) for each in inputs):
        raise BadDecisionError(say("inputs is {}, want a list of texts", one_line(repr(inputs))))
    return Decision(statuses[word], **texts, inputs=tuple(inputs), others=table, comment=_comment(text))


def _comment(text: str) -> str:
    """The lines before the first key."""
    kept = ""
    for line in text.replace("\r\n", "\n").splitlines(keepends=True):
        if line.strip() and not line.lstrip().startswith("#"):
            break
        kept += line
    return kept if not kept or kept.endswith("\n") else f"{kept}\n"
