"""What follows from an input: others in which something is added, moved or put right, as its comparisons tell, and as
what has been learnt of all inputs does.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.begun import begun_pieces
from fuzztui.worker.grammar.blanks import filled_blanks
from fuzztui.worker.grammar.bracketed import Contents, with_contents
from fuzztui.worker.grammar.called import with_called
from fuzztui.worker.grammar.closed import closed_texts
from fuzztui.worker.grammar.columns import with_columns
from fuzztui.worker.grammar.copied import copied_pieces
from fuzztui.worker.grammar.counted import counted
from fuzztui.worker.grammar.elements import in_turns, missing_in_texts
from fuzztui.worker.grammar.emptied import emptied_values
from fuzztui.worker.grammar.filled import filled_pieces
from fuzztui.worker.grammar.gone_on import gone_on
from fuzztui.worker.grammar.grouped import Widths, grouped_runs
from fuzztui.worker.grammar.growing import grown_lists
from fuzztui.worker.grammar.kinds import of_other_kinds
from fuzztui.worker.grammar.lists import wanted_lists
from fuzztui.worker.grammar.moved import moved_in_texts
from fuzztui.worker.grammar.pieces import wanted_pieces
from fuzztui.worker.grammar.placed import placed_words
from fuzztui.worker.grammar.reading_on import read_on
from fuzztui.worker.grammar.recombining import Signs
from fuzztui.worker.grammar.recounted import recounted
from fuzztui.worker.grammar.references import References, with_references
from fuzztui.worker.grammar.resized import resized_parts
from fuzztui.worker.grammar.runs import Letters, is_counted, wanted_letters, with_letters_in_runs
from fuzztui.worker.grammar.statements import Known, Vocabulary, more_statements
from fuzztui.worker.grammar.trees import Trees
from fuzztui.worker.guidance.rarity import Rarity
from fuzztui.worker.layers.parts import Layered
from fuzztui.worker.mutate import candidates
from fuzztui.worker.mutate.balance import balanced_inputs
from fuzztui.worker.mutate.elements import missing_elements
from fuzztui.worker.mutate.moving import moved_numbers
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sized import is_binary
from fuzztui.worker.mutate.sizes import Arguments, size
from fuzztui.worker.mutate.whole import Whole
from fuzztui.worker.structure.equal import changed_together
from fuzztui.worker.structure.fixed import filled
from fuzztui.worker.structure.in_place import put_in_place
from fuzztui.worker.structure.known import Elements
from fuzztui.worker.structure.moved import moved
from fuzztui.worker.structure.numbers import put_in
from fuzztui.worker.structure.read_parts import lengthened
from fuzztui.worker.structure.slices import Slices
from fuzztui.worker.structure.within_parts import put_into_parts

__builtins__ = PRIVATE_BUILTINS

FEW: Final = 40
"""Candidates tried because of the comparisons of an input that is looked at."""

RAREST: Final = 8
"""Comparisons of an input whose candidates are traced: those that the fewest inputs have come to."""

LATEST: Final = 3
"""Comparisons of binary data, the last ones: what the program has asked last is mostly why it has stopped."""

JOINED: Final = 6
MAX_JOINED: Final = 128
"""Inputs of each kind that one is put before and behind, and the size of both: what grows with each turn gets slow."""

WEIGHT_OF_IN_PLACE: Final = 3
"""Inputs with an operand where it was read, for each of the other kinds: hardly any of them is in vain."""

MAX_FILLERS: Final = 8
MAX_FILLER: Final = 5
"""Entries that may be values within others, and their characters."""


_NO_SLICES: Final = Slices()


class Following:
    """What has been learnt of inputs, and what follows from one."""

    def __init__(self, max_len: int) -> None:
        """`max_len`: bytes of a generated input."""
        self._max_len = max_len
        self.rarity = Rarity()
        self.signs: Final = Signs()
        self._vocabulary = Vocabulary()
        self._known = Known()
        self._trees = Trees()
        self._letters = Letters()
        self._widths = Widths()
        self.references: Final = References()
        self._contents = Contents()
        self.elements: Final = Elements()
        """Those that were read in binary data."""
        self.entries: Final[deque[Arguments]] = deque(maxlen=JOINED)
        """The latest that cover something new."""
        self._fillers: list[str] = []
        """Short entries, the latest last: where values are made of values, they are values."""

    def learn(self, values: Arguments, comparisons: list[Comparison]) -> None:
        """Learn of an input that has come further."""
        self._vocabulary.add(comparisons, values)
        self._known.add(values, comparisons, self._vocabulary.words())
        self._trees.add(values, self._vocabulary.words())
        self.signs.add(comparisons)
        self._letters.add(comparisons)
        self._widths.add(comparisons)
        self.references.add(values, comparisons)
        self._contents.add(values)

    def new_fillers(self, entry: Arguments) -> Iterator[str]:
        """Values of an entry that may be values within others, unless they are known already."""
        for value in entry:
            text = value.decode("latin-1") if isinstance(value, bytes) else value
            if isinstance(text, str) and 1 < len(text) <= MAX_FILLER and text not in self._fillers:
                self._fillers.append(text)
                del self._fillers[:-MAX_FILLERS]
                yield text

    def structural(self, apart: Whole, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        """Inputs in which elements have been added or resized as the comparisons of one tell."""
        values, max_len = apart.values, self._max_len
        edited = self._edited(values, comparisons)
        return apart.all_together(
            in_turns(
                [
                    edited,
                    balanced_inputs(values, comparisons),
                    chain(moved_numbers(values, comparisons), moved_in_texts(values, comparisons, max_len)),
                    filled_blanks(values, comparisons, max_len),
                    missing_in_texts(values, comparisons, max_len, self._fillers, self.signs.splitting),
                    placed_words(values, comparisons, max_len),
                    wanted_lists(values, comparisons, max_len),
                    resized_parts(values, comparisons, max_len),
                    grown_lists(values, comparisons, max_len),
                    wanted_pieces(values, comparisons, max_len),
                    recounted(values, comparisons, max_len),
                    self._called(values, comparisons),
                    begun_pieces(values, comparisons, max_len),
                    self._gone_on(values, comparisons),
                    self._copied(values, comparisons),
                    filled_pieces(values, comparisons, max_len),
                    # Any text has such places, and hardly any needs them.
                    in_turns(
                        [
                            emptied_values(values, max_len, self.signs.texts),
                            self._with_contents(values),
                            self._grouped(values),
                        ]
                    ),
                    edited,
                    self._with_statements(values, comparisons),
                    edited,  # where a text is a tree, little else leads anywhere
                ]
            )
        )

    def lacking(self, apart: Whole, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        """Inputs with a key that was looked up in vain."""
        values, max_len = apart.values, self._max_len
        ways = [
            missing_in_texts(values, comparisons, max_len, self._fillers, self.signs.splitting),
            with_columns(values, comparisons, max_len, self.signs.splitting),
            copied_pieces(values, comparisons, max_len),
            self._edited(values, comparisons),
        ]
        if is_counted(comparisons):
            letters = wanted_letters(comparisons) or self._letters.latest()
            ways.append(with_letters_in_runs(values, max_len, letters))
        return apart.all_together(in_turns(ways))

    def referring(self, apart: Whole, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        """Inputs that refer to a name, as others do."""
        made = with_references(apart.values, comparisons, self._max_len, self.references.latest())
        return apart.all_together(made)

    def _with_declared(self, values: Arguments, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        """The same to a name that one of the inputs has declared: of others there are many that lead nowhere."""
        known = [each for each in self.references.latest() if each.declaration]
        yield from with_references(values, comparisons, self._max_len, known)

    def scattered(self, apart: Whole, comparisons: Sequence[Comparison]) -> Iterator[Arguments] | None:
        """Inputs of which there are so many that they have an order of their own; None if there are none."""
        letters = self._letters.latest()
        if not letters or not is_counted(comparisons):
            return None
        return apart.all_together(with_letters_in_runs(apart.values, self._max_len, letters))

    def _with_statements(self, values: Arguments, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        """What is known by the time that these are asked for."""
        words, known = self._vocabulary.words(), self._known.statements()
        yield from more_statements(values, comparisons, words, self._max_len, known)

    def _with_contents(self, values: Arguments) -> Iterator[Arguments]:
        """The same for what stands in brackets."""
        yield from with_contents(values, self._max_len, self._contents.latest(), self.signs.texts)

    def _called(self, values: Arguments, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        return with_called(values, comparisons, self._max_len, self._fillers, self.signs.splitting)

    def _gone_on(self, values: Arguments, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        return gone_on(values, comparisons, self._max_len, self.signs.texts, self._vocabulary.words())

    def _grouped(self, values: Arguments) -> Iterator[Arguments]:
        """The same for what may stand in groups."""
        yield from grouped_runs(values, self._max_len, self.signs.splitting, self._widths.latest())

    def _copied(self, values: Arguments, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        """With what is lacking beside something that is there, or behind it, or of another kind."""
        max_len = self._max_len
        return in_turns(
            [
                copied_pieces(values, comparisons, max_len),
                with_columns(values, comparisons, max_len, self.signs.splitting),
                of_other_kinds(values, comparisons, max_len),
                closed_texts(values, max_len),
            ]
        )

    def _edited(self, values: Arguments, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
        """The same for what is a tree."""
        yield from self._trees.edited(values, comparisons, self._max_len)

    def followers(
        self, apart: Whole, comparisons: list[Comparison], steps: Iterator[Arguments], limit: int, slices: Slices
    ) -> Iterator[Arguments]:
        """What follows from an input that has come further without covering anything new; in its state, what has been
        tried elsewhere may do something else. `steps`: those from it; `limit`: of candidates; `slices`: of it.
        """
        values, max_len = apart.values, self._max_len
        replaced = candidates(values, self.rarity.rarest_first(comparisons), limit, max_len)
        grown = grown_lists(values, comparisons, max_len)
        pieces = wanted_pieces(values, comparisons, max_len)
        sums = balanced_inputs(values, comparisons)
        blanks = filled_blanks(values, comparisons, max_len)
        in_texts = chain(moved_numbers(values, comparisons), moved_in_texts(values, comparisons, max_len))
        ways = [
            apart.all_together(chain(sums, blanks, replaced, grown, pieces)),
            apart.all_together(read_on(values, comparisons, max_len)),
            apart.all_together(self._copied(values, comparisons)),
            apart.all_together(in_texts),
            apart.all_together(placed_words(values, comparisons, max_len)),
            steps,
            apart.all_together(self._edited(values, comparisons)),
        ]
        data = values[0]
        if (slices.taken or slices.numbers) and isinstance(data, bytes):
            in_place = lengthened(data, slices, put_in_place(data, comparisons, slices))
            there: Iterator[Arguments] = ((each,) for each in in_place)
            ways += [there] * WEIGHT_OF_IN_PLACE
            others = [
                moved(data, comparisons, slices),
                put_into_parts(data, comparisons, slices),
                changed_together(data, comparisons, slices),
                put_in(data, comparisons, slices),
                filled(data, comparisons, slices),
            ]
            ways.append((each,) for each in in_turns(others) if len(each) <= max_len)
        return in_turns(ways)

    def statements(self, apart: Whole, comparisons: list[Comparison]) -> Iterator[Arguments]:
        """Inputs with one statement more."""
        return apart.all_together(self._with_statements(apart.values, comparisons))

    def steps(
        self, apart: Whole, comparisons: list[Comparison], others: Sequence[Arguments], slices: Slices = _NO_SLICES
    ) -> Iterator[Arguments]:
        """Inputs with something that can be decoded, with an element that was lacking, with one statement more, with a
        name that is declared and referred to, which by itself mostly covers nothing new, or with one of `others` before
        or behind, and, of binary data, with what was compared in the place of what was read. `slices`: of the input.
        """
        values, max_len = apart.values, self._max_len
        in_texts = missing_in_texts(values, comparisons, max_len, self._fillers, self.signs.splitting)
        statements = self._with_statements(values, comparisons)
        rarest = self.rarity.rarest_first(comparisons)[:RAREST]
        replaced = candidates(values, rarest, FEW, max_len)
        decoded = apart.exchanged(comparisons) if isinstance(apart, Layered) else ()
        grown = grown_lists(values, comparisons, max_len)
        if any(isinstance(value, bytes | str) and counted(value, 1) for value in values):
            others = [*others, *self.entries]  # what is counted has an end, and is a statement of its own
        joined = _joined(values, others, max_len)
        blanks = filled_blanks(values, comparisons, max_len)
        edited = self._edited(values, comparisons)
        copied = self._copied(values, comparisons)
        further = read_on(values, comparisons, max_len)
        in_binary = missing_elements(values, comparisons, max_len)
        # Where a text is a tree, little else leads anywhere.
        ways = [
            further,
            in_binary,
            edited,
            edited,
            in_texts,
            edited,
            statements,
            replaced,
            self._called(values, comparisons),
            self._gone_on(values, comparisons),
            grown,
            joined,
            blanks,
            copied,
            self._with_declared(values, comparisons),
        ]
        if is_binary_alone(apart):
            latest = candidates(values, comparisons[-LATEST:], FEW, max_len)
            elements = self._with_elements(values, comparisons)
            ways = [further, latest, elements, in_binary, in_texts, statements, replaced, grown, joined, blanks, edited]
            ways.append(self._in_place(values, comparisons, slices))
        return in_turns([iter(decoded), *map(apart.all_together, ways)])

    def _in_place(self, values: Arguments, comparisons: list[Comparison], slices: Slices) -> Iterator[Arguments]:
        """What is a member of a list then, say, covers nothing that it does not cover with another one."""
        data = values[0]
        if len(values) == 1 and type(data) is bytes:
            in_place = lengthened(data, slices, put_in_place(data, comparisons, slices))
            ways = [in_place, put_into_parts(data, comparisons, slices), changed_together(data, comparisons, slices)]
            for changed in in_turns(ways):
                if len(changed) <= self._max_len:
                    yield (changed,)

    def _with_elements(self, values: Arguments, comparisons: list[Comparison]) -> Iterator[Arguments]:
        data = values[0]
        if len(values) == 1 and type(data) is bytes:
            for changed in self.elements.added(data, comparisons):
                if len(changed) <= self._max_len:
                    yield (changed,)


def is_binary_alone(apart: Whole) -> bool:
    """Whether an input has binary data, in which nothing was decoded: what was, as in a text of two bytes a character,
    is read as a text is.
    """
    is_layered = isinstance(apart, Layered) and bool(apart.layers)
    return not is_layered and any(type(value) is bytes and is_binary(value) for value in apart.values)


def _joined(values: Arguments, others: Sequence[Arguments], max_len: int) -> Iterator[Arguments]:
    """The values with another's before and behind, if both are short: what is there is another state for it."""
    room = min(max_len, MAX_JOINED) - sum(map(size, values))
    for other in reversed(others):
        for index, (value, more) in enumerate(zip(values, other, strict=False)):
            if type(value) is type(more) and isinstance(value, bytes | str) and more and size(more) <= room:
                first: Any = value
                second: Any = more
                for whole in (first + second, second + first):
                    yield (*values[:index], whole, *values[index + 1 :])
