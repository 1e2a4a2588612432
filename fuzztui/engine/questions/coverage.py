"""What a front end can ask a run about coverage by line. Each answer costs as much as what is asked: a file, or a line.

What is not measured yet is not known: see `SessionLike.watch_coverage`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.keep.storage import read_file
from fuzztui.engine.questions.general import Question, View
from fuzztui.engine.show import text
from fuzztui.engine.show.coverage import (
    Amount,
    CoverageTable,
    Function,
    LineState,
    MeasuredFile,
    Operand,
    OperandTable,
    ReachingInput,
    Source,
    SourceLine,
)
from fuzztui.engine.work.line_coverage import FileLines, LineCoverage, MeasuredInput
from fuzztui.protocol.digest import digest_of
from fuzztui.protocol.messages import Part
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, show

CHANGED: Final = text.label("as on the disk: changed since it was loaded, so nothing is marked")

LONGEST_FILE: Final = 16 << 20
"""Bytes of a source that is shown."""

NAME_CHARACTERS: Final = 300
LINE_CHARACTERS: Final = 500
VALUES_CHARACTERS: Final = 300


@dataclass(frozen=True, slots=True)
class AskTable(Question[CoverageTable]):
    """All functions, with how much of each is covered."""

    def answer(self, view: View) -> CoverageTable:
        """Counted anew for files in which something was measured since it was last asked. A function that belongs to
        another target is listed only where inputs of this one reach it.
        """
        lines = view.search.lines
        functions = [each for file in lines.files.values() for each in _functions(file)[1:]]
        return CoverageTable(tuple(functions), len(lines.inputs), lines.waiting, lines.unmeasured, lines.version)


@dataclass(frozen=True, slots=True)
class AskSource(Question[Source]):
    """The lines of one file from one line to another."""

    file: str
    first: int
    last: int

    def answer(self, view: View) -> Source:
        """Where the file is another one by now, its lines come without what is known of them."""
        known = view.search.lines.files.get(self.file)
        if known is None:
            return Source(self.file, text.NOTHING, (), text.label("nothing is measured in this file yet"))
        place = _place(known)
        try:
            content = read_file(Path(self.file), LONGEST_FILE)
        except OSError as error:
            return Source(self.file, place, (), text.os_error(error))
        is_as_loaded = digest_of(content) == known.layout.digest
        problem = text.NOTHING if is_as_loaded else CHANGED
        lines = content.decode("utf-8", "replace").splitlines()[self.first - 1 : self.last]
        shown = (_line(known if is_as_loaded else None, number, line) for number, line in enumerate(lines, self.first))
        return Source(self.file, place, tuple(shown), problem)


@dataclass(frozen=True, slots=True)
class AskInputs(Question[tuple[ReachingInput, ...]]):
    """The inputs that reach a line, the smallest first; or, where another line is given, that go on to that from it."""

    file: str
    line: int
    to: int | None = None

    def answer(self, view: View) -> tuple[ReachingInput, ...]:
        """At most as many as are remembered."""
        lines = view.search.lines
        inputs = [lines.inputs[number] for number in _reaching(lines, self.file, self.line, self.to)]
        inputs.sort(key=lambda each: (len(each.data), each.sha256))
        return tuple([_shown(each, view.search.parameters) for each in inputs])


@dataclass(frozen=True, slots=True)
class AskOperands(Question[OperandTable]):
    """What is compared in a line, as far as a `LookAtOperands` has found out."""

    file: str
    line: int

    def answer(self, view: View) -> OperandTable:
        """Nothing for a line that nobody has wished to look at."""
        met = view.search.lines.met.get((self.file, self.line))
        if met is None:
            return OperandTable((), 0, 0)
        operands = [
            Operand(
                text.one_line(operator, NAME_CHARACTERS),
                text.one_line(left, VALUES_CHARACTERS),
                text.one_line(right, VALUES_CHARACTERS),
                times,
                tokens,
            )
            for (operator, left, right), (times, tokens) in met.operands.items()
        ]
        operands.sort(key=lambda each: -each.inputs)
        return OperandTable(tuple(operands), met.inputs, met.waiting)


@dataclass(frozen=True, slots=True)
class AskMeasured(Question[tuple[MeasuredFile, ...]]):
    """Everything that was measured, by file."""

    def answer(self, view: View) -> tuple[MeasuredFile, ...]:
        """As much as there is code: for once, at the end."""
        measured = [_measured(file) for file in view.search.lines.files.values()]
        # The project's own come first: their paths are relative.
        return tuple(sorted(measured, key=lambda each: (each.place.startswith("/"), each.place)))


def _reaching(lines: LineCoverage, file: str, line: int, to: int | None) -> Iterable[int]:
    known = lines.files.get(file)
    if known is None:
        return []
    if to is None:
        reached = known.lines.get(line)
        return reached.inputs if reached is not None else []
    vias = [via for way, via in known.ways.get(line, ()) if way == to and via]
    arcs = [known.arcs.get((line, each)) for each in (to, *vias)]
    return dict.fromkeys(number for reached in arcs if reached is not None for number in reached.inputs)


def _place(file: FileLines) -> text.Visible:
    return text.one_line(shown_path(Path(file.layout.file)), NAME_CHARACTERS)


def _functions(file: FileLines) -> list[Function]:
    """What is in no function comes first. Kept until something is measured in the file."""
    if file.shown is None or file.shown[0] != file.version:
        place = _place(file)
        left_out = file.left_out
        parts = [part for part in file.layout.parts if not any(part is each for each in left_out)]
        file.shown = file.version, [_function(file, part, place) for part in parts]
    return file.shown[1]


def _function(file: FileLines, part: Part, place: text.Visible) -> Function:
    reached = [file.lines[line].first for line in part.statements if line in file.lines]
    return Function(
        file.layout.file,
        place,
        text.one_line(part.name, NAME_CHARACTERS),
        part.first,
        part.last,
        file.amount(part.statements),
        max(reached, default=None),
    )


def _line(file: FileLines | None, number: int, line: str) -> SourceLine:
    shown = text.visible(line.expandtabs(4), LINE_CHARACTERS)
    part = file.parts_of.get(number) if file is not None else None
    if file is None or part is None:
        return SourceLine(number, shown, LineState.BLANK)
    reached = file.lines.get(number)
    if reached is None:
        is_loaded = number in file.loaded or (part == 0 and not file.loaded)
        state = LineState.LOADED if is_loaded else LineState.UNCOVERED
        return SourceLine(number, shown, state, ways=file.ways_of(number) if part else ())
    return SourceLine(
        number, shown, LineState.COVERED, reached.count, reached.times, reached.first, file.ways_of(number)
    )


def _shown(each: MeasuredInput, parameters: tuple[str, ...]) -> ReachingInput:
    try:
        values = show(decode(each.data, parameters), VALUES_CHARACTERS)
    except MalformedInput:  # it has run, so it is none
        values = ""
    return ReachingInput(
        each.sha256,
        each.data,
        text.one_line(each.name, NAME_CHARACTERS),
        text.one_line(values, VALUES_CHARACTERS),
        each.found,
        each.is_crasher,
    )


def _measured(file: FileLines) -> MeasuredFile:
    functions = tuple(_functions(file))
    amount = sum((each.amount for each in functions), Amount())
    left_out = file.left_out
    unwanted = {line for part in left_out for line in part.statements}
    statements = [line for line in sorted(file.parts_of) if line not in unwanted]
    deciding = [line for line in sorted(file.ways) if line not in unwanted]
    ways = [(line, way.to, way.times) for line in deciding for way in file.ways_of(line)]
    return MeasuredFile(
        file.layout.file,
        text.one_line(file.layout.module, NAME_CHARACTERS),
        functions[0].place,
        functions,
        amount,
        tuple([(line, file.times(line)) for line in statements]),
        tuple(ways),
        tuple(sorted(file.raw)),
        tuple([text.one_line(part.name, NAME_CHARACTERS) for part in left_out]),
        _is_changed(file),
    )


def _is_changed(file: FileLines) -> bool:
    """Whether another source is on the disk, or none: what is marked by line would be marked in a wrong place."""
    try:
        return digest_of(read_file(Path(file.layout.file), LONGEST_FILE)) != file.layout.digest
    except FileNotFoundError:
        return True
    except OSError:
        return False  # as in an archive
