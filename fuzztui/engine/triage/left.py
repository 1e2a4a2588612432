"""The crashers that earlier sessions left, with all that is known of them, as a run lists its own."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.before import read_before
from fuzztui.engine.keep.lineage import SHORT_DIGEST
from fuzztui.engine.keep.places import input_word
from fuzztui.engine.keep.record import Record, Smallest, Step
from fuzztui.engine.keep.storage import read_file
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.show import text
from fuzztui.engine.show.crasher import Crasher, Earlier
from fuzztui.engine.show.inputs import content_of, size_words
from fuzztui.engine.show.lineage import Ancestor
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.needed import Needed
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, one_line, say
from fuzztui.engine.triage.triage import UNDECIDED, Known, Triage
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import Value, decode, is_vague, show

LARGEST: Final = 1 << 24
"""Bytes of a file beyond which it is no input of ours."""

VALUES_CHARACTERS: Final = 2_000

MOST_NAMED: Final = 5
"""Crashers that are named of which there is no input; of more, the number says enough."""

_DECLARED: Final = re.compile(r"seed [1-9][0-9]*")
"""The name of a seed that the target declares; a stored input has that of its file."""


@dataclass(frozen=True, slots=True)
class Left:
    """What there is to work on."""

    crashers: tuple[Crasher, ...]
    """The last seen last, as a run lists them."""
    seeds: tuple[Visible, ...]
    """Known crashers that are seeds which the target declares, so that no file has their input: what fails in which."""
    gone: tuple[Visible, ...]
    """Known crashers of which no input is there any more: what fails."""

    @property
    def sentences(self) -> tuple[Visible, ...]:
        """What there is besides that cannot be worked on here, a sentence for each reason."""
        seeds, gone = len(self.seeds), len(self.gone)
        return (
            *(
                [
                    say(
                        "{} a seed that the target declares, which a run or `fuzztui test` runs: {}.",
                        "1 crasher is" if seeds == 1 else say("{:,} crashers are each", seeds),
                        _listed(self.seeds),
                    )
                ]
                if seeds
                else []
            ),
            *(
                [
                    say(
                        "Of {} no input is there any more: {}.",
                        "1 known crasher" if gone == 1 else say("{:,} known crashers", gone),
                        _listed(self.gone),
                    )
                ]
                if gone
                else []
            ),
        )


def _listed(names: Sequence[Visible]) -> Visible:
    more = say(" and {:,} more", len(names) - MOST_NAMED) if len(names) > MOST_NAMED else NOTHING
    return say("{}{}", joined(", ", names[:MOST_NAMED]), more)


def left_behind(triage: Triage, options: RunOptions, parameters: Sequence[str]) -> Left:
    """The crashers of earlier sessions. `parameters`: names of the target's types, by which inputs are read; none where
    they are not known.
    """
    crashers: list[Crasher] = []
    seeds: list[Visible] = []
    gone: list[Visible] = []
    for known in reversed(triage.buckets):
        if (crasher := _crasher(known, options, parameters)) is not None:
            crashers.append(crasher)
        elif known.record is not None and known.record.seed and _DECLARED.fullmatch(known.record.seed):
            seeds.append(say("{} ({})", known.title, known.record.seed))
        else:
            gone.append(known.title)
    return Left(tuple(crashers), tuple(seeds), tuple(gone))


def _crasher(known: Known, options: RunOptions, parameters: Sequence[str]) -> Crasher | None:
    """A known crasher with the newest of its inputs that can be read; None without one."""
    record = known.record
    if record is None:
        return None
    for path in known.inputs:
        try:
            data = read_file(path, LARGEST)
        except OSError:
            continue  # another one may be readable, and else it counts as gone
        return _with_input(known, record, path, data, options, parameters)
    return None


def _with_input(
    known: Known, record: Record, path: Path, data: bytes, options: RunOptions, parameters: Sequence[str]
) -> Crasher:
    arguments = _arguments(data, parameters)
    discovery, decision = record.discovery, known.decision
    crasher = Crasher(
        failure=record.failure,
        data=data,
        path=path,
        seed_name=None,
        worker=discovery.worker if discovery is not None else 0,
        elapsed=-_age(record.first_seen),
        hits=known.hits,
        command=_command(path, options),
        values=(NOTHING if is_vague(parameters) else _shown(arguments)) or record.values,
        size=size_words(arguments) if arguments else text.size(len(data)),
        content=content_of(arguments) if arguments else data,
        confirmation=record.confirmation,
        scenes=record.scenes,
        lineage=_lineage(record.lineage),
        variants=record.variants,
        executions=discovery.executions if discovery is not None else 0,
        edges=discovery.edges if discovery is not None else 0,
        earlier=Earlier(one_line(record.first_seen), one_line(record.last_seen), record.hits, record.sessions),
        is_decided=decision is not UNDECIDED,
        status=decision.status,
        note=one_line(decision.note, text.LINE_LIMIT),
        is_fixed_here=decision.status is Status.FIXED and not known.is_regressed,
        passed=one_line(record.passed),
    )
    folders = (*options.target.stored_dirs, options.target.records_dir(options.cache_dir))
    try:
        before = read_before(folders, crasher.sha256) or ()
    except OSError:
        before = ()  # whoever runs it again is told
    minimized = _minimized(record.minimized, known.minimized, crasher, options, parameters)
    return replace(crasher, before=before, minimized=minimized)


def _minimized(
    known: Smallest | None, path: Path | None, crasher: Crasher, options: RunOptions, parameters: Sequence[str]
) -> Minimized | None:
    """What came of making its input smaller, where the smallest one is there."""
    if known is None or path is None or path.name != known.sha256:
        return None
    try:
        data = read_file(path, LARGEST)
    except OSError:
        return None
    arguments = _arguments(data, parameters)
    is_another = data != crasher.data
    before = crasher.size if is_another else text.size(max(known.before, len(data)))
    needed = Needed.of(known.free, known.is_joint, arguments) if known.free is not None and arguments else None
    return Minimized(
        name=one_line(str(crasher.path)),
        failure=crasher.failure,
        sha256=known.sha256,
        before=len(crasher.data) if is_another else known.before,
        after=len(data),
        sizes=say("{} -> {}", before, size_words(arguments) if arguments else text.size(len(data))),
        values=(NOTHING if is_vague(parameters) else _shown(arguments)) or known.values,
        executions=known.executions,
        is_smallest=known.is_smallest,
        is_steady=True,
        path=path if is_another else None,
        command=_command(path, options),
        scenes=known.scenes,
        branches=known.branches,
        neighbour=known.neighbour,
        needed=needed,
    )


def _lineage(steps: Sequence[Step]) -> tuple[Ancestor, ...]:
    """How it came about, as it was told when it was found."""
    ancestors: list[Ancestor] = []
    for place, step in enumerate(steps):
        is_made = place > 0 or bool(step.change)
        name = one_line(step.sha256[:SHORT_DIGEST]) if is_made or not step.operator else step.operator
        operators = (step.operator,) if is_made and step.operator else ()
        ancestors.append(Ancestor(step.sha256, name, operators, step.change))
    if len(ancestors) > 1:
        ancestors[-1] = replace(ancestors[-1], name=label("this input"))
    return tuple(ancestors)


def _arguments(data: bytes, parameters: Sequence[str]) -> tuple[Value, ...]:
    try:
        return decode(data, parameters) if parameters else ()
    except MalformedInput:
        return ()


def _shown(arguments: Sequence[Value]) -> Visible:
    return one_line(show(arguments, VALUES_CHARACTERS), VALUES_CHARACTERS) if arguments else NOTHING


def _command(path: Path, options: RunOptions) -> Visible:
    word = text.path_word(input_word(path, options.target.crashers_dir))
    words = (*options.target.command_words, word, *options.program_words)
    return text.command("fuzztui", "replay", *words)


def _age(first_seen: str) -> float:
    """Seconds since then; 0 where that is no time."""
    try:
        then = datetime.fromisoformat(first_seen)
    except ValueError:
        return 0.0
    return max(0.0, time.time() - then.timestamp())
