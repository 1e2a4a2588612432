"""The way from a seed to an input, step by step, as people see it."""

from typing import Final

from fuzztui.engine.keep.corpus import Corpus, Origin
from fuzztui.engine.keep.lineage import NAME_CHARACTERS, SHORT_DIGEST, Lineage, Step, digest
from fuzztui.engine.show.lineage import Ancestor, changed
from fuzztui.engine.show.text import LINE_LIMIT, NOTHING, label, one_line

MOST_ANCESTORS: Final = 60
"""Steps of the way to a crasher that are told."""


def ancestors(lineage: Lineage, corpus: Corpus, data: bytes, made: Step | None = None) -> tuple[Ancestor, ...]:
    """The way from a seed to an input, as far as it is known; nothing of one that was not made. `made`: its last step,
    where that is known to be another one than was noted.
    """
    way: list[Ancestor] = []
    name, child, sha256 = label("this input"), data, digest(data)
    made = made or lineage.get(sha256)
    while made is not None and len(way) < MOST_ANCESTORS:
        parent = corpus.get(made.parent)
        operators = tuple(one_line(operator, NAME_CHARACTERS) for operator in made.operators)
        way.append(Ancestor(sha256, name, operators, changed(parent.data, child) if parent is not None else NOTHING))
        sha256, name = made.parent, one_line(made.parent[:SHORT_DIGEST], SHORT_DIGEST)
        if parent is None:
            break
        if parent.origin is not Origin.GENERATED:
            name = one_line(parent.name, LINE_LIMIT)
        child, made = parent.data, lineage.get(made.parent)
    return (Ancestor(sha256, name, (), NOTHING), *reversed(way)) if way else ()
