"""Sentences on stored inputs that are not of the target: those of one reason in one sentence, with their number."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import TYPED, decode, form_of, is_typed, named

NAMED: Final = 3
"""Files of one reason that are named; of more their number says as much."""

LISTED: Final = 10
"""Sentences on files that have each a reason of its own."""


class Unfit(NamedTuple):
    """A stored input that is not one of the target."""

    path: Path
    form: tuple[str, ...] | None
    """The types of the values that the file holds; None if it is in no such form."""
    problem: str

    def reason(self, parameters: Sequence[str]) -> Visible:
        """What is wrong with it, without its name."""
        if self.form is None or self.form == tuple(parameters) or (self.form == (TYPED,) and is_typed(parameters)):
            return say("{}", self.problem)
        return say("for {}, the target takes {}", types_words(self.form), types_words(parameters))


def unfit(path: Path, data: bytes, parameters: Sequence[str]) -> Unfit | None:
    """What is wrong with a stored input for a target of these parameters; None if nothing is."""
    try:
        decode(data, parameters)
    except MalformedInput as error:
        return Unfit(path, form_of(data), str(error))
    return None


def is_of_another_form(data: bytes, parameters: Sequence[str]) -> bool:
    """Whether a file that a target takes as it is, as bytes, was likely written for one of other parameters."""
    return tuple(parameters) == ("bytes",) and form_of(data) not in (None, ("bytes",))


def unfit_sentences(found: Sequence[Unfit], parameters: Sequence[str]) -> list[Visible]:
    """What is wrong and what to do, a sentence for each folder and form."""
    groups: dict[tuple[Path, tuple[str, ...]], list[Unfit]] = {}
    odd: list[Visible] = []
    for each in found:
        if each.form == tuple(parameters) or (each.form == (TYPED,) and is_typed(parameters)):
            odd.append(say("{}: {}", shown_path(each.path), each.problem))
        else:
            groups.setdefault((each.path.parent, each.form or ("bytes",)), []).append(each)
    sentences = [_sentence(folder, form, group, parameters) for (folder, form), group in groups.items()]
    if len(odd) > LISTED:
        odd[LISTED:] = [say("and {:,} more that cannot be read", len(odd) - LISTED)]
    return sentences + odd


def _sentence(folder: Path, form: tuple[str, ...], group: Sequence[Unfit], parameters: Sequence[str]) -> Visible:
    names = NOTHING
    if len(group) <= NAMED:
        names = say(" ({})", joined(", ", [say("{}", each.path.name) for each in group]))
    back = NOTHING
    if form == ("bytes",) and tuple(parameters) == ("str",):
        back = label(", from where fuzztui corpus import takes in those that are UTF-8")
    return say(
        "{:,} stored {} in {}{} {} for {}, the target takes {}: change its parameters back, or move {} to another "
        "folder{}",
        len(group),
        "input" if len(group) == 1 else "inputs",
        shown_path(folder),
        names,
        "is" if len(group) == 1 else "are",
        types_words(form),
        types_words(parameters),
        "it" if len(group) == 1 else "them",
        back,
    )


def types_words(names: Sequence[str]) -> Visible:
    """`(str, int)`."""
    return say("({})", ", ".join(named(names)))
