"""Which crashers are listed, in which order, and which of them share a row: pure functions; and a person's choices."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.reload import Recheck
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, say
from fuzztui.screens.bisecting import Bisecting
from fuzztui.screens.decider import Decider, Undecided, Verdict
from fuzztui.screens.trying import Trying
from fuzztui.widgets.wording import crasher_title


class Order(Enum):
    """By what crashers are listed. Values are the words shown to people."""

    NEWEST = "newest first"
    HITS = "most hits first"
    SIZE = "smallest first"
    WHERE = "by place"

    @property
    def following(self) -> "Order":
        """The order that comes after this one, round and round."""
        orders = list(Order)
        return orders[(orders.index(self) + 1) % len(orders)]


class Fold(Enum):
    """What a row has to do with its group. Values are the glyphs that say so."""

    ALONE = " "
    FOLDED = "▸"
    UNFOLDED = "▾"
    MEMBER = "└"


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the list."""

    key: str
    """Lives as long as what the row stands for: of a crasher alone in its group it is the group's, so that the cursor
    stays when another one joins it.
    """
    group: str
    crashers: tuple[Crasher, ...]
    """What the row stands for, in the list's order; the first is the one that is shown and opened."""
    fold: Fold

    @property
    def crasher(self) -> Crasher:
        """The crasher that is shown."""
        return self.crashers[0]

    @property
    def hits(self) -> int:
        """Of all that the row stands for."""
        return sum(crasher.hits for crasher in self.crashers)


@dataclass(slots=True)
class Desk:
    """How one person looks at the crashers of a session, what of them has been looked at, and what is decided."""

    decider: Decider = field(default_factory=Undecided)
    order: Order = Order.NEWEST
    words: str = ""
    """What is searched for."""
    unfolded: set[str] = field(default_factory=set)
    """Groups whose crashers have rows of their own."""
    marked: set[str] = field(default_factory=set)
    """Crashers that the next command is for."""
    seen: set[str] = field(default_factory=set)
    """Crashers that this person has looked at."""
    validating: dict[str, Recheck | None] = field(default_factory=dict)
    """Crashers that this person has asked to be run again, with what was known then of how they fare on new code."""
    bisecting: Bisecting = field(default_factory=Bisecting)
    """The search for a commit that this person has asked for."""
    trying: Trying = field(default_factory=Trying)
    """The tests that this person has had written."""

    def close(self) -> None:
        """Return when nothing is left of what is done for this person in other processes."""
        self.bisecting.close()
        self.trying.close()

    def is_new(self, crasher: Crasher) -> bool:
        """Whether it was found while nobody looked, and has not been looked at since. What earlier sessions have met
        is not.
        """
        return crasher.seed_name is None and not crasher.is_known and crasher.id not in self.seen

    def validate(self, crasher: Crasher) -> None:
        """This person has asked for a crasher to be run again."""
        self.validating[crasher.id] = crasher.recheck

    def awaits(self, crasher: Crasher) -> bool:
        """Whether this person waits for a crasher to be run again. One that does not fail any more since the code was
        loaded anew is answered by that.
        """
        if crasher.id not in self.validating:
            return False
        known = crasher.recheck
        return known is None or known.fate.fails or known == self.validating[crasher.id]

    def validated(self, crasher: Crasher) -> Visible:
        """A crasher has been run again: what came of it, for the person who asked for that; nothing if nobody did."""
        if crasher.id not in self.validating or crasher.confirmation is None:
            return NOTHING
        del self.validating[crasher.id]
        return say("{}: {}", crasher_title(crasher), crasher.confirmation.sentence)

    def let_go(self, crashers: Iterable[str]) -> None:
        """These were to be run again, by their ids, and are not."""
        for crasher in crashers:
            self.validating.pop(crasher, None)

    def items(self, snapshot: Snapshot) -> list[Item]:
        """The rows of a snapshot's crashers as this person wants them."""
        return listed(snapshot.crashers, self.order, self.words, self.unfolded, self.verdicts(snapshot.crashers))

    def verdicts(self, crashers: Iterable[Crasher]) -> dict[str, Verdict]:
        """What people have decided, by crashers' identities."""
        return {crasher.id: self.decider.verdict(crasher) for crasher in crashers}

    def sequence(self, snapshot: Snapshot) -> list[Crasher]:
        """All crashers that the list has, also those within a folded row, from top to bottom."""
        return [crasher for item in self.items(snapshot) if item.fold is not Fold.MEMBER for crasher in item.crashers]


def listed(
    crashers: Sequence[Crasher],
    order: Order,
    words: str,
    unfolded: Iterable[str] = (),
    verdicts: Mapping[str, Verdict] | None = None,
) -> list[Item]:
    """Rows for crashers: one for each group, below it one for each crasher of a group that is unfolded.

    Args:
        crashers: in order of appearance.
        order: of the rows, and of the crashers within a group; of equal ones the newer comes first.
        words: those that a crasher must bear to be listed, anywhere and in any case; empty lists all.
        unfolded: groups.
        verdicts: what people have decided, by crashers' identities: what they have merged is one group.
    """
    verdicts = verdicts or {}
    group_of = grouping(crashers, verdicts)
    unfolded = frozenset(unfolded)
    wanted = words.casefold().split()
    groups: dict[str, list[Crasher]] = {}
    newest: dict[str, int] = {crasher.id: i for i, crasher in enumerate(crashers)}
    for crasher in reversed(crashers):
        if matches(crasher, wanted, verdicts.get(crasher.id)):
            groups.setdefault(group_of[crasher.id], []).append(crasher)
    rank = _rank(order, newest)
    rows: list[Item] = []
    # Both sorts are stable, and begin with the newest first.
    ordered = [(group, sorted(members, key=rank)) for group, members in groups.items()]
    ordered.sort(key=_group_rank(order, rank))
    for group, members in ordered:
        key = f"group {group}"
        if len(members) == 1:
            rows.append(Item(key, group, (members[0],), Fold.ALONE))
            continue
        is_open = group in unfolded
        rows.append(Item(key, group, tuple(members), Fold.UNFOLDED if is_open else Fold.FOLDED))
        if is_open:
            rows += [Item(member.id, group, (member,), Fold.MEMBER) for member in members]
    return rows


def _rank(order: Order, newest: dict[str, int]) -> Callable[[Crasher], Any]:
    match order:
        case Order.NEWEST:
            return lambda crasher: -newest[crasher.id]
        case Order.HITS:
            return lambda crasher: -crasher.hits
        case Order.SIZE:
            return input_length
        case Order.WHERE:
            return _place


def _group_rank(order: Order, rank: Callable[[Crasher], Any]) -> Callable[[tuple[str, list[Crasher]]], Any]:
    if order is Order.HITS:
        return lambda group: -sum(crasher.hits for crasher in group[1])
    return lambda group: rank(group[1][0])


def input_length(crasher: Crasher) -> int:
    """Bytes of a crasher's input: of its value, or of its file where it is not one bytes or text."""
    return len(crasher.data if crasher.content is None else crasher.content)


def _place(crasher: Crasher) -> tuple[bool, str, int, str]:
    """File and line as people sort them: line 9 comes before line 10, what has no place comes last."""
    file, _, line = crasher.failure.location.rpartition(":")
    number = int(line) if line.isdecimal() and line.isascii() else 0
    return not crasher.failure.location, file, number, crasher.failure.title


def grouping(crashers: Sequence[Crasher], verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    """The group of each crasher, by its identity: its own, or that of the crasher that it is merged into."""
    own: dict[str, str] = {crasher.id: str(crasher.failure.group or crasher.id) for crasher in crashers}
    merged = {name: verdict.merged_into for name, verdict in verdicts.items() if verdict.merged_into}
    return {name: own.get(merged.get(name, ""), group) for name, group in own.items()}


def matches(crasher: Crasher, wanted: Sequence[str], verdict: Verdict | None = None) -> bool:
    """Whether a crasher bears all these words, which are case-folded, somewhere; what is decided of it counts, too."""
    if not wanted:
        return True
    failure = crasher.failure
    decided = (verdict.status.value, verdict.note) if verdict is not None else ()
    own = (failure.title, failure.message, failure.location, failure.kind.value, crasher.words, crasher.values)
    text = "\n".join((*own, crasher.id, *decided)).casefold()
    return all(word in text for word in wanted)


def groups_in(crashers: Sequence[Crasher], verdicts: Mapping[str, Verdict] | None = None) -> int:
    """How many groups crashers are in."""
    return len(set(grouping(crashers, verdicts or {}).values()))
