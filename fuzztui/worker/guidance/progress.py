"""How far inputs have brought the program, beyond what they cover.

A traced run tells more than edges do: what was decoded, which keys were there and which were not, in which state of the
program which question was asked. An input with something new among these has got somewhere, and is worth looking at.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.forms import forms_of
from fuzztui.worker.layers.observing import Transform
from fuzztui.worker.mutate.operands import NUMBER_OF_ARGUMENTS, Comparison, is_sign
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_FEATURES: Final = 8192
"""Features that are remembered; beyond that, all are forgotten."""

SMALLER: Final = 1.5
"""Times that an input has to be smaller than what came to a context before, for that to be new: from what is short more
follows, and nothing in it is in the way.
"""

MAX_ENTRIES: Final = 64
"""Inputs that are kept since they have new features: the latest."""

MAX_TABLES: Final = 256
"""Tables of which it is remembered what was found in them; beyond that, all are forgotten."""

_MAX_OF_TABLE: Final = 8
"""Keys found in one that count."""

_MAX_STATE: Final = 32
"""Characters of what a state of the program is told by."""

_MANY: Final = 3
"""Keys of a table, from which on it does not matter how many more there are."""

_MAX_HELD: Final = 64
"""Comparisons of one run that may count since they came out as wanted."""

_ENDS: Final = frozenset({"startswith", "endswith"})

_MAX_AROUND: Final = 2
"""Signs that a program puts before or behind what it reads, as before the boundary of parts of mails."""

_TAGS: Final = 256
MAX_NUMBERS: Final = 48
"""Numbers that a program may tell elements by, and how many of them count."""

_SIZES_OF_DIGESTS: Final = frozenset({2, 4, 8, 16, 20, 28, 32, 48, 64})

_SCALARS: Final = (int, bytes, str)

_SHORTEST: Final = 4
"""Characters of the pieces of an input that a program puts together, on average: shorter ones are coincidence."""

_RUNS: Final = re.compile(r"[^\W_]+")
"""Letters and digits without signs between them."""

_Judging: TypeAlias = Callable[[object], bool]
"""Whether an operand is the program's."""

_EQUALITIES: Final = frozenset({"==", "!=", "of", "in", "not in", "startswith", "endswith"})


class Progress:
    """What has been seen, and the inputs that brought it."""

    def __init__(self) -> None:
        self.entries: Final[list[Arguments]] = []
        """Inputs that have brought something new without covering anything new."""
        self._known: set[int] = set()
        self._sizes: dict[int, int] = {}
        """By context, the size of the smallest input that has come to it, roughly."""
        self._keys: set[object] = set()
        """Keys that the program, and no input, asked for."""
        self._words: set[object] = set()
        """Texts that the program, and no input, compared something with."""
        self._met: set[tuple[object, ...]] = set()
        """Tuples that may be the program's."""
        self.is_slight = False
        """Whether in the last run that had something new it was only where it stopped, and behind what."""
        self.is_of_context = False
        """Whether it was nothing but from where it was asked: a program has so many calls, and never more."""
        self._numbers: set[int] = set()
        """Those that the program has looked up in vain, and that inputs did not have."""
        self._of_another_kind: set[object] = set()
        """Numbers and texts on the right that something else was compared with: a text with a number, say."""
        self._tables: dict[frozenset[object], set[object]] = {}
        """By the keys of theirs that no input has, tables, and keys that inputs have found in them."""

    def is_new(
        self,
        comparisons: Sequence[Comparison],
        transforms: Sequence[Transform],
        values: Arguments,
        contexts: Collection[int] = (),
    ) -> bool:
        """Whether a traced run has a feature that none had before; it is known from then on. `values`: what may be the
        input's in what was compared; `contexts`: from where what was compared.
        """
        slight: set[int] = set()
        found = set(self._features(comparisons, transforms, values, slight))
        size_here = sum(map(size, values))
        new = found - self._known
        self.is_of_context = not new
        for context in contexts:
            known = self._sizes.get(context)
            if known is None or SMALLER * size_here <= known:
                self._sizes[context] = size_here
                new.add(context)
        if not new:
            return False
        self.is_slight = new <= slight
        if len(self._known) >= MAX_FEATURES:
            self._known.clear()
            self._keys.clear()
            self._words.clear()
            self._sizes.clear()
            self._of_another_kind.clear()
        self._known |= found
        return True

    def keep(self, entry: Arguments) -> None:
        """Go on from this input, too."""
        self.entries.append(entry)
        del self.entries[:-MAX_ENTRIES]

    def _features(
        self, comparisons: Sequence[Comparison], transforms: Sequence[Transform], values: Arguments, slight: set[int]
    ) -> Iterator[int]:
        # Not how many: a text in which each sign is decoded would bring something new with each that it has more.
        yield hash(
            frozenset([(each.codec.name, each.made is None, not each.made, not each.given) for each in transforms])
        )
        is_programs = _judging(forms_of(values))
        held = 0
        context: object = None
        last: Any = ""
        operator_of_last = ""
        kind = 0
        digests: set[tuple[object, object]] = set()
        lacking: list[object] = []
        there: list[object] = []
        for operator, left, right in comparisons:
            if operator == "same":
                # What was worked out of one input is no word of the program's.
                if left != right and _are_digests(left, right):
                    digests.add((left, right))
            elif (left, right) in digests:
                continue
            if operator in ("==", "!=") and isinstance(left, _SCALARS) and isinstance(right, _SCALARS):
                if isinstance(left, int) is not isinstance(right, int):
                    # A text may be one of ever so many that inputs have.
                    if len(self._of_another_kind) < MAX_TABLES and (isinstance(right, int) or is_programs(right)):
                        self._of_another_kind.add(right)
                elif right in self._of_another_kind:
                    yield hash(("of the kind", right))
            if operator in ("in", "not in") and type(right) is tuple and isinstance(left, bytes | str | int):
                # A name that was given before, or was not, among how many, and what it was asked for.
                among = hash(("known", context, left in right, min(len(right), _MANY)))
                slight.add(among)
                yield among
            if operator == "lacks":
                if is_programs(left) or self._is_number_of_programs(left, values):
                    self._keys.add(left)
                    lacking.append(left)
            elif operator == "wants":
                if is_programs(left):
                    yield hash((operator, left))
            elif operator in ("in", "not in") and type(right) is tuple and left in right:
                if left in self._keys:
                    there.append(left)
                elif is_programs(left):
                    yield hash((operator, left))
                elif held < _MAX_HELD and self._may_tell(left, right, is_programs):
                    held += 1
                    yield hash(("holds", left))
                    if isinstance(left, bytes | str) and len(left) > 1:
                        context = left
            elif operator == "of" and left in ("", b""):
                yield hash(("blank", right))
            elif operator == "named":
                # What is called without the arguments that it takes is entered nowhere.
                if type(right) is tuple and left in right:
                    yield hash((operator, left))
            elif operator == NUMBER_OF_ARGUMENTS:
                yield hash((operator, left, right))
            elif operator in ("==", "!=") and type(left) is tuple and type(right) is tuple:
                # A list has to be what another one is: how much of it is there, and is to be.
                common = min(len([each for each in left if each in right]), _MANY)
                yield hash(("listed", context, common, min(len(left), _MANY), min(len(right), _MANY)))
            elif operator in _EQUALITIES:
                # What is asked whether it is blank, or split at signs, is the input's, however it was decoded.
                one = right not in ("", b"") and is_programs(left)
                other = not (operator == "in" and _splits(left, right)) and is_programs(right)
                if other and operator in ("in", "not in") and type(right) is tuple:
                    other = self._is_met(right)
                if one and other:
                    yield hash((operator, left, right))
                elif left and left == right and not one and not other and operator in ("==", "!="):
                    yield hash(("same", context))
                    if type(left) is int and left < 256:
                        kind = left
                    elif type(left) is int or _are_digests(left, right):  # a sum, of what the last small number told
                        yield hash(("same", context, kind))
                elif one or other:
                    yield hash((operator, left if one else right))
                if _holds(operator, left, right) and self._is_known(operator, left, right, is_programs):
                    if held < _MAX_HELD:
                        held += 1
                        yield hash(("holds", left if operator not in _ENDS else right))
                    if operator in _ENDS or (isinstance(left, bytes | str) and not is_sign(left)):
                        context = right if operator in _ENDS else left
                else:
                    for side, is_own in ((right, other), (left, one)):
                        # An input that has the same word elsewhere has stopped at the same place.
                        if is_own:
                            self._words.add(side)
                        if is_own or side in self._words:
                            last, operator_of_last = side, operator
                            break
        # Where a run has stopped is another question after another answer.
        if context is not None or len(last) > 1:
            stop = hash(("last", context, operator_of_last, last))
            slight.add(stop)
            yield stop
        yield hash(("lacking", frozenset(lacking)))
        yield hash(("there", frozenset(there)))

    def _is_number_of_programs(self, key: object, values: Arguments) -> bool:
        """Whether a number that was looked up in vain is hardly the input's: no byte of it is this one. There are few
        of these; of a program that works them out there would be as many as inputs.
        """
        if type(key) is not int or not 0 <= key < _TAGS or type(values[0]) is not bytes or key in values[0]:
            return False
        if key not in self._numbers and len(self._numbers) < MAX_NUMBERS:
            self._numbers.add(key)
        return key in self._numbers

    def _is_met(self, table: tuple[object, ...]) -> bool:
        """Whether a table was there in an earlier run: the program's own come again, and those of inputs hardly do."""
        if len(self._met) >= MAX_TABLES:
            self._met.clear()
        is_met = table in self._met
        self._met.add(table)
        return is_met

    def _is_known(self, operator: str, left: object, right: object, is_programs: _Judging) -> bool:
        """Whether what has come out as wanted is the program's: any text of an input's is equal to itself."""
        word = right if operator in _ENDS else left
        return operator == "of" or word in self._words or _is_of_signs(word) or is_programs(word)

    def _may_tell(self, key: object, table: tuple[object, ...], is_programs: _Judging) -> bool:
        """Whether a key that is in a table of the program's is one of the first: into some tables any name is put."""
        own = frozenset([each for each in table if each != key and is_programs(each)])
        if not own:
            return False
        if len(self._tables) >= MAX_TABLES:
            self._tables.clear()
        known = self._tables.setdefault(own, set())
        if key not in known and len(known) < _MAX_OF_TABLE:
            known.add(key)
        return key in known


def _are_digests(left: object, right: object) -> bool:
    """Whether these are hardly words or signs, but some bytes that were worked out, and those that they have to be, or
    what there was of these up to an end.
    """
    if not isinstance(left, bytes) or not isinstance(right, bytes):
        return False
    shorter, longer = sorted((len(left), len(right)))
    if longer <= 1 or (shorter < longer and longer not in _SIZES_OF_DIGESTS):
        return False
    return not all(32 <= byte < 127 for byte in left + right)


def _splits(left: object, right: object) -> bool:
    """Whether these are signs that a text is searched for."""
    return isinstance(right, bytes | str) and _is_of_signs(left)


def _is_of_signs(operand: object) -> bool:
    """Whether this is a short text without letters and digits."""
    text = operand.decode("latin-1") if isinstance(operand, bytes) else operand
    return isinstance(text, str) and len(text) <= _MAX_AROUND and not any(map(str.isalnum, text))


def _holds(operator: str, left: object, right: object) -> bool:
    """Whether a text is what it was compared with."""
    if operator in _ENDS:
        return _begins(operator, left, right)
    if not isinstance(left, bytes | str) or not (1 < len(left) <= _MAX_STATE or is_sign(left)):
        return False
    return left == right if operator in ("==", "!=") else operator == "of" and type(right) is tuple and left in right


def _begins(operator: str, left: object, right: object) -> bool:
    """Whether a text begins or ends as was asked for; signs are no news."""
    if isinstance(left, str) and isinstance(right, str) and 1 < len(right) <= _MAX_STATE:
        return left.startswith(right) if operator == "startswith" else left.endswith(right)
    if isinstance(left, bytes) and isinstance(right, bytes) and 1 < len(right) <= _MAX_STATE:
        return left.startswith(right) if operator == "startswith" else left.endswith(right)
    return False


def _judging(texts: str) -> _Judging:
    """Tells of the operands of one run whether they are the program's: most are compared several times."""
    known: dict[object, bool] = {}

    def is_programs(operand: object) -> bool:
        found = known.get(operand)
        if found is None:
            found = known[operand] = _is_programs(operand, texts)
        return found

    return is_programs


def _is_programs(operand: object, texts: str) -> bool:
    """Whether an operand is none that stems from the input; only texts tell, and what is made of them."""
    if isinstance(operand, tuple):
        return bool(operand) and all(_is_programs(each, texts) for each in operand)
    if isinstance(operand, bytes):
        operand = operand.decode("latin-1")
    if not isinstance(operand, str):
        return False
    lower = operand.lower()
    if lower in texts or _is_put_together(lower, texts) or _is_made_of(lower, texts) or _is_joined(lower, texts):
        return False
    # A single letter is what any loop over a text compares; a sign is what a format is made of.
    return 1 < len(operand) <= _MAX_STATE or is_sign(operand)


def _is_put_together(operand: str, texts: str) -> bool:
    """Whether most of an operand stands in the input: the program may have put signs around it."""
    if len(operand) <= 2 * _MAX_AROUND:
        return operand.strip() in texts
    ends = (operand[_MAX_AROUND:], operand[:-_MAX_AROUND], operand[1:-1], operand.strip())
    return any(end in texts for end in ends)


def _is_made_of(operand: str, texts: str) -> bool:
    """Whether more than half of an operand's letters stand in the input, run by run: the program has put other signs
    between them, or it has decoded some.
    """
    runs = _RUNS.findall(operand)
    letters = sum(map(len, runs))
    if len(runs) <= 1 and len(operand) - letters <= _MAX_AROUND:
        return False
    return 2 * sum([len(run) for run in runs if run in texts]) >= letters


def _is_joined(operand: str, texts: str) -> bool:
    """Whether an operand is a few pieces of the input one behind the other, as of lines that are continued."""
    left, pieces = operand, len(operand) // _SHORTEST
    while left and pieces:
        pieces -= 1
        size = 1
        while size <= len(left) and left[:size] in texts:
            size += 1
        left = left[max(1, size - 1) :]
    return not left and len(operand) >= 2 * _SHORTEST
