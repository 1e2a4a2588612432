"""Collects the operands of comparisons while instrumented code is traced: the raw material of input-to-state.

Instrumented code calls the methods of `ComparisonTrace` in place of its comparisons. Each method compares exactly once,
as the code would have done, and keeps the operands as plain values. No method of the target's runs that the code itself
would not have called: only operands of exactly a builtin type are looked into.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from io import BytesIO
from itertools import islice, pairwise
from operator import add, contains, eq, ge, getitem, gt, is_, is_not, le, lt, ne, sub, xor
from struct import Struct, calcsize
from struct import error as StructError  # noqa: N812 - it is a class
from types import BuiltinMethodType, ModuleType
from typing import Any, Final, TypeAlias, cast

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.asked import is_asking, is_of_re, is_opaque, matching, says_so
from fuzztui.worker.guidance.attributes import Attributes
from fuzztui.worker.guidance.bits import Bits
from fuzztui.worker.guidance.complaints import Ended, Missing, Number, Other, Short, complaints, numbers_there
from fuzztui.worker.guidance.contexts import Contexts
from fuzztui.worker.guidance.enumerations import names_of, refused
from fuzztui.worker.guidance.markup import is_element, looked_up
from fuzztui.worker.guidance.members import members_of
from fuzztui.worker.guidance.moments import days_of, spelled
from fuzztui.worker.guidance.plain import MAX_MEMBERS, MAX_OPERAND, plain, scalar
from fuzztui.worker.guidance.reads import BEYOND, COPYING, End, Reads, is_of_bytes, is_readable, is_stream
from fuzztui.worker.guidance.spellings import Spellings
from fuzztui.worker.guidance.subjects import fields_of_both, part_of
from fuzztui.worker.guidance.subsets import METHODS_OF_SETS, SUBSETS, asked_of
from fuzztui.worker.guidance.tables import lacking_in, values_of_both, wanted_of_parts
from fuzztui.worker.guidance.texts import blank_of, characters_of, part_at, rejoined
from fuzztui.worker.instrumentation.compares import IDENTITIES, METHODS, SAME, SUMS, CaseCheck
from fuzztui.worker.instrumentation.literals import VERBOSE, Expression
from fuzztui.worker.layers.observing import Observations
from fuzztui.worker.mutate.balance import REMAINDER
from fuzztui.worker.mutate.objects import Object, object_of
from fuzztui.worker.mutate.operands import ENDED, LIKE, NUMBER_OF_ARGUMENTS, READS
from fuzztui.worker.mutate.patterns import PATTERN, PATTERN_METHOD
from fuzztui.worker.mutate.scalars import Scalar
from fuzztui.worker.structure.slices import Slices

__builtins__ = PRIVATE_BUILTINS

MAX_COMPARISONS: Final = 4096
"""Distinct comparisons kept of one traced execution. A parser makes some hundreds; a loop can make millions."""

MAX_STEPS: Final = 1 << 15
"""Operands, and members of containers, that are looked at in one traced execution. A loop that asks for its whole state
each time would take fifty times as long as without; what is compared after that is not kept."""

_MAX_FROZEN: Final = 256
"""Frozen sets that are remembered."""

_MAX_WANTED: Final = 6
"""Keys of a dict that are kept of which None is looked up."""

_TELLING: Final = frozenset({"==", "!=", "in", "not in", "of"})
"""Comparisons of which it is told from where they are made, and what should stand in an operand's place."""

_REFUSING: Final = frozenset({"!=", "not in"})
"""Those by which programs refuse. By the others they mostly choose: then it matters what has been found."""

_SMALL: Final = 256
"""Numbers that may be tags and kinds; larger ones are sums, lengths, and the like, which are seldom right."""

_FLAGS: Final = ("false", "true")
"""As most formats spell what is compared with `False` and with `True`."""

Call: TypeAlias = Callable[..., object]


class ComparisonTrace:
    """Does the comparisons of instrumented code, and keeps their operands."""

    def __init__(self) -> None:
        self.comparisons: Final[list[tuple[str, object, object]]] = []
        """(operator, left operand, right operand), each once, but for keys that have refused the input. Operators are
        those of comparisons, where a lookup of a key in a dict is an `in`, with nothing, `()`, on its right where there
        is nothing in it; `of`, whose right operand are constants; `startswith` and `endswith`, where it is a text or
        several; `like`, where it is a text of a form that was wanted; `matches`, where it is a regular expression (a
        `literals.Expression`); `named`, where it is the names that an object has; `remainder`, of a sum over the input
        and what it has to be; `reads`, of where a text ends that was read up to there (`reads.End`), and what would
        have to follow; `arguments`, of how many more were wanted, and what was called; `ended`, where another element
        was wanted behind the last one; and `same`, with both operands of an equality in which there is no constant,
        besides its own operator. What is not there has no value to compare: `lacks` has a key that a dict was asked for
        in vain on its left, or what an empty container was; `wants` what None was compared with, and both have nothing
        on their right, but for the name of the element of markup in which one was looked for."""
        self.observations: Final = Observations()
        """What has been decoded."""
        self.contexts: Final = Contexts()
        """From where what has been compared."""
        self._known: set[tuple[object, ...]] = set()
        self._left = MAX_STEPS
        self._stops = 0
        """Keys that have been kept once more."""
        self._reads = Reads()
        self._bits = Bits()
        self._spellings = Spellings()
        self._attributes = Attributes()
        self._without_rest: tuple[Any, Any] | None = None
        """The text behind whose first word nothing stood, and what would have to stand between."""
        self._measured: object = None
        """Of what the length is about to be compared."""
        self._linked: dict[int, object] = {}
        """By the identity of frames the last operand that a chained comparison has come to."""
        self._pieces: dict[int, tuple[list[object], str | bytes, object]] = {}
        """By identity the lists that texts have been split into, the text, and the separator."""
        self._frozen: dict[int, tuple[frozenset[object], object]] = {}
        """The plain form of frozen sets by identity, because sorting them takes long and most `in` search one. They are
        constants of the program, so keeping them alive costs nothing."""

    def clear(self, *, notes_sites: bool = False) -> None:
        """Forget what has been seen; `notes_sites`: from now on it is noted from where something is read."""
        self.comparisons.clear()
        self.observations.clear()
        self.contexts.clear()
        self._known.clear()
        self._linked.clear()
        self._pieces.clear()
        self._without_rest = None
        self._reads.clear(notes_sites=notes_sites)
        self._bits.clear()
        self._spellings.clear()
        self._measured = None
        self._left, self._stops = MAX_STEPS, 0

    def forget(self) -> None:
        """Forget what has been compared, but not which texts were split into which pieces."""
        self.comparisons.clear()
        self._known.clear()
        self._left, self._stops = MAX_STEPS, 0

    def compare(self, operator: str, left: object, right: object) -> object:
        """`left operator right`"""
        if self._left <= 0:
            return _OPERATORS[_UNTRACED.get(operator, operator)](left, right)
        if operator in IDENTITIES:
            self._keep(IDENTITIES[operator], left, right)
            if left is None and type(right) is bool:
                self._keep_alone("wants", _FLAGS[right])
            return (left is right) is (operator == "is")
        if operator in _SAME:
            operator = _SAME[operator]
            self._keep("same", left, right)
            self.contexts.note_equality(sys._getframe(1), left, right)
        elif operator in _SUMS:
            operator = _SUMS[operator]
            self._keep(REMAINDER, left, right)
        # What is frozen are constants of the program.
        self._keep("of" if type(right) is frozenset and operator in ("in", "not in") else operator, left, right)
        if operator in SUBSETS:
            for asked in asked_of(operator, left, right):
                self._keep_key(*asked)
        spans = days_of(left, right)
        if spans is not None:
            self._keep(operator, *spans)
        for made_of in spelled(left, right):
            self._keep(operator, *made_of)
        if operator in ("==", "!="):
            if left is None or right is None:
                self._keep_alone("wants", right if left is None else left)
            elif (type(left) is str or type(left) is bytes) and not left:
                self._keep_rest(right)
            self._keep_parts(operator, left, right)
            self._keep_equal_pieces(left, right)
            self._keep_equal_pieces(right, left)
        elif operator in ("in", "not in"):
            if left is None:
                self._keep_members(right)
            elif (type(right) is dict or (type(left) is tuple and _is_any(type(right), _OF_PAIRS))) and right:
                self._note_lack(left, right)
            elif keys := members_of(right):
                self._note_lack(left, keys)
            elif (_is_empty(right) or keys is not None) and type(left) is tuple:  # a name and what it is to be
                for number, part in enumerate(left[:_MAX_WANTED]):
                    self._keep_alone("wants" if number else "lacks", part)
            elif _is_empty(right) or keys is not None or _is_any(type(right), _WITHOUT_MEMBERS):
                if type(right) is dict and type(left) is str:
                    self._keep_in_none(left)
                self._keep_alone("lacks", left)
        outcome = _OPERATORS[operator](left, right)
        if operator in ("in", "not in") and is_opaque(right):
            self._keep_answer((left,), outcome is (operator == "in"))
        is_telling = operator in _TELLING and (outcome is True or operator in _REFUSING)
        if is_telling and type(left) is int and left < _SMALL:
            self.contexts.note(sys._getframe(1), outcome is True)
        return outcome

    def worked_out(self, how: str, left: Any, right: Any) -> tuple[str, Any, Any, Any]:
        """`left + right`, or what else they are worked out by, which is about to be compared."""
        return how, left, right, _ARITHMETIC[how](left, right)

    def arithmetic(self, operator: str, made: tuple[str, Any, Any, Any], wanted: Any) -> object:
        """`left + right operator wanted`, of which the left side has been worked out."""
        how, left, right, result = made
        numbers = (left, right, wanted)
        is_of_ints = all(type(number) is int for number in numbers)
        if is_of_ints or (how != "^" and all(map(_fits_float, numbers))):
            sums = {"+": (wanted - right, wanted - left), "-": (wanted + right, left - wanted)}
            others = sums[how] if how in sums else (wanted ^ right, wanted ^ left)
            for one, other in zip((left, right), others, strict=True):
                if min(one, other) >= 0 if is_of_ints else one == one and other == other:
                    self._keep("same", one, other)
                    self._keep("==", one, other)
        return self.compare(operator, result, wanted)

    def chain(self, operators: tuple[str, ...], *operands: object) -> None:
        """Before a chained comparison: the links that it may come to."""
        for operator, (left, right) in zip(operators, pairwise(operands), strict=True):
            if operator in _SAME:
                self._keep("same", left, right)
                self.contexts.note_equality(sys._getframe(1), left, right)
            self._keep(IDENTITIES.get(operator) or _SAME.get(operator, operator), left, right)

    def links(self, operators: tuple[str, ...], *operands: object) -> object:
        """A chained comparison, whose operands have all been evaluated."""
        self.chain(operators, *operands)
        result: object = True
        for operator, (left, right) in zip(operators, pairwise(operands), strict=True):
            result = _OPERATORS[_SAME.get(operator, operator)](left, right)
            if not result:
                break
        return result

    def link(self, operator: str, left: object, right: object, which: int) -> object:
        """The first link of a chained comparison; `which` of its sides is a length, counted from one, 0 for none."""
        self._linked[id(sys._getframe(1))] = right
        return self._link(operator, left, right, which)

    def link_on(self, operator: str, right: object, which: int) -> object:
        """Another link, from where the one before has ended in the same frame."""
        frame = id(sys._getframe(1))
        left, self._linked[frame] = self._linked[frame], right
        return self._link(operator, left, right, which)

    def _link(self, operator: str, left: object, right: object, which: int) -> object:
        return self.against_length(operator, left, right, which == 1) if which else self.compare(operator, left, right)

    def lookup(self, container: Any, key: Any) -> object:
        """`container[key]`"""
        if self._left <= 0:
            return self.item(container, key)
        if issubclass(type(container), dict):
            self._keep_key(key, container)
        elif (names := names_of(container)) is not None:
            self._keep("in", key, names)
        elif type(key) is str and _is_any(type(container), _WITHOUT_NAMES):
            self._keep_alone("lacks", key)
        member = self.item(container, key)
        if type(key) is str and is_opaque(container):
            self._keep_answer((key,), member is not None)
        return member

    def item(self, container: Any, key: Any) -> object:
        """The same where it may be a byte of binary data."""
        is_byte = is_of_bytes(container) and type(key) is int
        try:
            member = getitem(container, key)
        except IndexError:
            if is_byte:
                missing = key - len(container) + 1 if key >= 0 else -key - len(container)
                self._keep_reads(self._reads.of_length(container, missing))
            raise
        if is_byte:
            self._reads.of_byte(container, key, cast("int", member))
        return member

    def bits(self, operator: str, number: Any, constant: Any, decides: bool) -> object:
        """`number operator constant`, by whose being zero or not a branch is decided, if it `decides`."""
        result = number & constant if operator == "&" else number >> constant
        if type(number) is int and type(constant) is int and self._left > 0:
            self._bits.note(result, operator, number, constant)
            if decides and operator == "&":
                self._keep("==", number, number & ~constant if result else number | constant)
        return result

    def of_sets(self, operator: str, left: Any, right: Any) -> object:
        """`left operator right`: what one set has besides another, or what two have in common."""
        for asked in asked_of("<=", left, right):
            self._keep_key(*asked)
        return left - right if operator == "-" else left & right

    def truth(self, value: object) -> object:
        """A number by whose being zero or not a branch is decided."""
        if type(value) is int:
            self._keep("==", value, 0 if value else 1)
        return value

    def rest(self, length: int, unit: int) -> int:
        """`length % unit` of what was measured last."""
        text: Any = self._measured
        self._measured = None
        rest = length % unit
        if rest and is_readable(type(text)):
            self._keep_reads(self._reads.of_length(text, unit - rest))
        return rest

    def zeros(self, function: Call) -> Call:
        """What to call in place of a function named `any`: all of some bytes may have to be zero."""
        if function is not any:
            return function

        def call(members: Any) -> object:
            if (type(members) is bytes or type(members) is bytearray) and len(members) <= _MAX_ZEROS:
                self._keep("==", members, bytes(len(members)))
            return any(members)

        return call

    def remainder(self, value: object) -> object:
        """What decides a branch by being zero or not."""
        if type(value) is int:
            self._keep(REMAINDER, value, 0)
        return value

    def attribute(self, function: Call) -> Call:
        """What to call in place of a function named `getattr` or `hasattr`."""
        if function not in (getattr, hasattr):
            return function

        def call(owner: object, name: Any, *default: object) -> object:
            if type(name) is str:
                self._keep("named", name, self._attributes.like(name, type(owner)))
            return cast("Any", function)(owner, name, *default)

        return call

    def method(self, function: Call) -> Call:
        """What to call in place of a method with a name in `METHODS`."""
        if self._left <= 0:
            return function
        if type(function) is not BuiltinMethodType and type(function) is not PATTERN_METHOD:
            if function is BytesIO:
                return self.copying(function)
            if is_of_re(function):
                return self._matching(function)
            return self._asking(function) if is_asking(function) else function
        receiver: Any = cast("Any", function).__self__
        kind = type(receiver)
        if cast("Any", function).__name__ in _UNPACKING and (kind is Struct or kind is ModuleType):
            return self._unpacking(function)
        if kind is ModuleType:
            return self._comparing(function) if cast("Any", function).__name__ in _OF_DIGESTS else function
        if is_stream(kind):
            return self._reading(function, receiver)
        if (kind is set or kind is frozenset) and cast("Any", function).__name__ in METHODS_OF_SETS:
            return self._of_set(function, receiver)
        if cast("Any", function).__name__ in ("count", "index") and (kind is list or kind is tuple or kind is deque):
            return self._finding(function, receiver)
        if kind is memoryview and cast("Any", function).__name__ == "tobytes":
            return lambda *arguments, **options: self._copied(receiver, function(*arguments, **options))
        is_table = issubclass(kind, dict)
        if not (kind is str or kind is bytes or kind is bytearray or is_table or kind is PATTERN):
            return self._in_markup(function, receiver) if is_element(kind) else function
        if kind is bytearray and cast("Any", function).__name__ == "pop":
            return function

        def call(*arguments: object, **options: object) -> object:
            name = cast("Any", function).__name__
            wanted = arguments[0] if arguments else options.get("sep")
            if name in _SPLITTING and kind is not PATTERN:
                wanted = blank_of(name, wanted, receiver)
            if is_table:
                self._keep_key(wanted, receiver)
            elif kind is PATTERN:
                self._match_with(receiver, name, arguments)
            else:
                self._look_into(receiver, name, wanted, arguments[1:])
            result: Any = function(*arguments, **options)
            if type(result) is list and (kind is str or kind is bytes) and len(self._pieces) < MAX_COMPARISONS:
                self._pieces[id(result)] = result, receiver, wanted
            if name == "partition" and kind in (str, bytes) and type(wanted) is kind and not result[2]:
                self._without_rest = receiver, wanted
            if name in _CUTTING and (kind is str or kind is bytes):
                self._reads.known = len(self.comparisons)
                gap = wanted if name in _SPLITTING and type(wanted) is kind else receiver[:0]
                pieces = result if type(result) is list or type(result) is tuple else (result,)
                self._reads.of_pieces(receiver, pieces, gap)
            return result

        return call

    def copying(self, function: Call) -> Call:
        """What to call in place of a function that makes something else of the same bytes."""
        if not any(function is each for each in COPYING):
            return function

        def call(*sources: object, **named: object) -> object:
            made = function(*sources, **named)
            given = (*sources, *named.values())
            return self._copied(given[0], made) if len(given) == 1 else made

        return call

    def _copied(self, source: object, made: object) -> object:
        if is_of_bytes(source):
            self._reads.of_copy(source, made)
        return made

    def _matching(self, function: Call) -> Call:
        """What to call in place of a function of `re`."""

        def call(*arguments: Any, **options: Any) -> object:
            found = matching(cast("Any", function).__name__, arguments, options)
            if found is not None:
                self._match(Expression(found.source, found.flags & VERBOSE), found.text)
            return function(*arguments, **options)

        return call

    def _comparing(self, function: Call) -> Call:
        """What to call in place of a function that compares two digests."""

        def call(*operands: Any) -> object:
            if len(operands) == 2:
                self._keep("same", *operands)
                self._keep("==", *operands)
            return function(*operands)

        return call

    def _asking(self, function: Call) -> Call:
        """What to call in place of a method by which an object is asked for what has a name."""

        def call(*arguments: Any, **options: Any) -> object:
            try:
                result = function(*arguments, **options)
            except BaseException:
                self._keep_answer(arguments, False)  # whoever refuses has no default among them
                raise
            defaults = () if type(result) is bool else (*arguments[1:], *options.values())
            self._keep_answer(arguments[:1] if defaults else arguments, says_so(result, defaults))
            return result

        return call

    def _finding(self, function: Call, members: Any) -> Call:
        """What to call in place of a method that looks for a member."""

        def call(*arguments: Any) -> object:
            if arguments and len(members) <= MAX_MEMBERS:
                self._keep_key(arguments[0], members)
            return function(*arguments)

        return call

    def _reading(self, function: Call, stream: object) -> Call:
        """What to call in place of a method that reads from a stream."""

        def call(*arguments: object, **options: object) -> object:
            result = function(*arguments, **options)
            self._reads.known = len(self.comparisons)
            name = cast("Any", function).__name__
            if name == "readinto":
                self._keep_reads(self._reads.of_read_into(stream, arguments[0], result))
            else:
                self._keep_reads(self._reads.of_stream(stream, name, arguments, result))
            return result

        return call

    def _unpacking(self, function: Call) -> Call:
        """What to call in place of a function or method that unpacks from a buffer."""
        receiver = cast("Any", function).__self__

        name = cast("Any", function).__name__
        if name == "unpack":
            return self._unpacking_all(function, receiver)
        if name == "iter_unpack":
            return self._unpacking_turns(function, receiver)

        def call(*arguments: Any, **options: Any) -> object:
            try:
                result: Any = function(*arguments, **options)
            except StructError:
                with suppress(StructError):  # there is no such layout
                    self._keep_reads(self._reads.of_unpacking_in_vain(receiver, arguments, options))
                raise
            self._reads.known = len(self.comparisons)
            self._reads.of_unpacking(receiver, arguments, options, result)
            return result

        return call

    def _unpacking_all(self, function: Call, receiver: object) -> Call:
        """The same of a buffer that has to be as long as what is unpacked."""

        def call(*arguments: Any) -> object:
            *layout, text = arguments if arguments else (None,)
            if is_readable(type(text)) and not isinstance(text, str):
                wanted = calcsize(layout[0]) if layout else cast("Any", receiver).size
                if len(text) < wanted:
                    self._keep_reads(self._reads.of_length(text, wanted - len(text)))
                if len(text) != wanted:
                    self._keep("==", len(text), wanted)
                else:
                    values = cast("Any", function)(*arguments)
                    self._reads.known = len(self.comparisons)
                    self._reads.of_layout(Struct(layout[0]) if layout else cast("Any", receiver), text, values)
                    return values
            return function(*arguments)

        return call

    def _unpacking_turns(self, function: Call, receiver: object) -> Call:
        """The same of a buffer in which a layout stands again and again."""

        def call(*arguments: Any) -> object:
            *layouts, text = arguments if arguments else (None,)
            if not is_of_bytes(text):
                return function(*arguments)
            layout = Struct(layouts[0]) if layouts else cast("Any", receiver)
            if layout.size:
                self._keep_reads(self._reads.of_length(text, -len(text) % layout.size))
            return self._turns_of(layout, text, cast("Any", function)(*arguments))

        return call

    def _turns_of(self, layout: Struct, text: Any, found: Iterable[Sequence[object]]) -> Iterator[object]:
        for turn, each in enumerate(found):
            self._reads.known = len(self.comparisons)
            self._reads.of_layout(layout, text, each, turn * layout.size)
            yield each

    def slices(self, size: int) -> Slices:
        """Those that were taken of a whole of so many bytes."""
        reads = self._reads
        return Slices(reads.slices(size), [*self.comparisons], reads.numbers(size), reads.sites(size))

    def _of_set(self, function: Call, members: object) -> Call:
        """What to call in place of a method that asks a set for the members of another."""

        def call(*others: object) -> object:
            for asked in asked_of(cast("Any", function).__name__, members, others[0] if others else None):
                self._keep_key(*asked)
            return function(*others)

        return call

    def cut(self, container: Any, lower: Any, upper: Any) -> object:
        """`container[lower:upper]`"""
        part = container[lower:upper]
        if is_readable(type(container)) and self._left > 0:
            self._left -= 1
            self._reads.known = len(self.comparisons)
            self._keep_reads(self._reads.of_slice(container, lower, upper, part))
        return part

    def length(self, function: Call, text: object) -> object:
        """`len(text)`, which is about to be compared."""
        self._measured = text
        return function(text)

    def against_length(self, operator: str, left: Any, right: Any, is_left: bool) -> object:
        """`left operator right`, one of which is a length: the left one if it `is_left`."""
        text: Any = self._measured
        self._measured = None
        if is_readable(type(text)) and type(left) is type(right) is int:
            missing = (right - left if is_left else left - right) + (operator in BEYOND[is_left])
            if missing > 0:
                self._keep_reads(self._reads.of_length(text, missing))
                self.contexts.note(sys._getframe(1), READS)
        return self.compare(operator, left, right)

    def _keep_reads(self, reads: Iterable[tuple[End, str | bytes]]) -> None:
        for end, lacking in reads:
            key = (READS, end, type(lacking), lacking)
            if key not in self._known:
                self._known.add(key)
                self.comparisons.append((READS, end, lacking))

    def _in_markup(self, function: Call, element: object) -> Call:
        """What to call in place of a method that looks for something in an element of markup."""

        def call(*arguments: object, **options: object) -> object:
            asked = looked_up(element, cast("Any", function).__name__, arguments[0] if arguments else None)
            for name, there, within in asked:
                self._keep("in", name, there)
                if name not in there:
                    self._keep_alone("lacks", name, (within,) if within else ())
            return function(*arguments, **options)

        return call

    def turns(self, function: Call) -> Call:
        """What to call in place of a function named `range`: a loop of many turns fails in one that is too much."""
        if function is not range:
            return function

        def call(count: Any) -> object:
            if type(count) is int:
                self._keep("of", count, _FEW_TURNS)
            return function(count)

        return call

    def decoder(self, function: Call) -> Call:
        """What to call in place of a function with a name in `DECODERS`."""
        return self._reading_numbers(function) if function is int else self.observations.watched(function)

    def _reading_numbers(self, function: Call) -> Call:
        """What to call in place of `int`."""

        def call(*arguments: object, **options: object) -> object:
            number = self.observations.watched(function)(*arguments, **options)
            self._spellings.note(number, arguments, options)
            return number

        return call

    def caught(self) -> None:
        """What the exception says that is being handled."""
        if self._left <= 0:
            return
        error = sys.exception()
        if (asked := refused(error)) is not None:
            self._keep("in", *asked)
        for complaint in complaints(error):
            match complaint:
                case Missing(key):
                    self._note_lack(key, {})
                    self._stop_at(key)
                    for there in numbers_there(error, key):
                        self._keep("in", key, there)
                case Number(given, more, called):
                    if called:
                        self._keep(NUMBER_OF_ARGUMENTS, more, called)
                    self._keep_number_of_pieces(given, more)
                case Other(text, instead):
                    self._keep(LIKE, text, instead)
                    if not text:
                        self._keep_rest(instead)
                case Short(size, missing):
                    self._keep_reads(self._reads.of_buffer(size, missing))
                case Ended():
                    if (ENDED,) not in self._known:
                        self._known.add((ENDED,))
                        self.comparisons.append((ENDED, (), ()))

    def case(
        self, subject: object, checks: tuple[CaseCheck, ...], members: Callable[[], tuple[object, ...]] = tuple
    ) -> object:
        """The subject of a `match` statement, before its patterns are tried; `members`: the values of their names."""
        for path, kind, constants in checks:
            part = part_of(subject, path)
            if kind == "member":
                if object_of(part) is not None:  # others may compare as they please, and the names may be missing
                    with suppress(Exception):
                        known = members()
                        for at in constants[:MAX_MEMBERS]:
                            self._keep("==", part, known[cast("int", at)])
            elif kind == "of":
                self._keep("of", part, constants)
            elif kind == "sequence":
                self._keep_pieces(part, constants)
            elif type(part) is dict:
                for key in constants:
                    self._keep_key(key, part)
        return subject

    def _look_into(self, text: Any, method: str, wanted: Any, others: tuple[object, ...]) -> None:
        operator = METHODS.get(method)
        if operator is None:  # an attribute of that name holds another method
            return
        if operator == "strip":
            characters = characters_of(wanted)
            if len(characters) >= _FEWEST_SIGNS and len(text) > 1 and text.strip(wanted):
                self._keep(LIKE, text, wanted[:1] * len(text))
            if method != "rstrip":
                self._keep("startswith", text, characters)
            if method != "lstrip":
                self._keep("endswith", text, characters)
            return
        if operator == LIKE:
            # A single character is what mutation changes by itself.
            if len(text) != 1 and not getattr(text, method)():
                sign = _EXAMPLES.get(method, "a")
                example: Any = sign if type(text) is str else sign.encode()
                self._keep(LIKE, text, example)
                if text:
                    self._keep(LIKE, text, example * len(text))  # how long it is may have been asked before
            return
        if method in _WITH_POSITIONS:
            text = part_at(text, others)
        if operator == "in":
            self._keep("in", wanted, text)
        else:
            self._keep(operator, text, wanted)
            if not text:
                self._keep_rest(wanted)

    def _keep_equal_pieces(self, pieces: object, others: Any) -> None:
        if type(others) is list or type(others) is tuple:
            self._keep_pieces(pieces, tuple([scalar(other) for other in others[:MAX_MEMBERS]]))

    def _keep_parts(self, operator: str, left: Any, right: Any, depth: int = 0) -> None:
        """Of a kind and a text, as of a word that was read, each by itself, and of two lists of numbers, or of lists;
        of two dicts what both have, and what the first one lacks, and of two records their fields.
        """
        if self._left <= 0:
            return
        if type(left) is type(right) is list and len(left) == len(right) <= _MAX_ELEMENTS:
            for one, wanted in zip(list(left), list(right), strict=False):
                if type(one) is type(wanted) is int:
                    self._keep(operator, one, wanted)
                elif depth < _MAX_DEPTH and type(one) is type(wanted) and _is_any(type(one), _OF_PARTS):
                    self._keep(operator, one, wanted)
                    self._keep_parts(operator, one, wanted, depth + 1)
        if type(left) is type(right) is dict:
            for one, other in values_of_both(left, right):
                self._keep(operator, one, other)
            self._left -= len(left) + len(right)
            for key, value in lacking_in(left, right)[:_MAX_WANTED]:
                self._keep("in", key, left)
                self._keep_alone("lacks", key)
                self._keep_alone("wants", value)
        for one, other in fields_of_both(left, right):
            self._keep(operator, one, other)
        if not (issubclass(type(left), tuple) and issubclass(type(right), tuple)):
            return
        one, other = tuple.__getitem__(left, _FIRST_PARTS), tuple.__getitem__(right, _FIRST_PARTS)
        if len(one) == len(other):
            for part, wanted in zip(one, other, strict=True):
                if type(part) is str and type(wanted) is str:
                    self._keep(operator, part, wanted)

    def _keep_pieces(self, part: object, constants: tuple[Scalar | Object | None, ...]) -> None:
        """What a text would be whose pieces are these; where any will do, as they are."""
        known = self._pieces.get(id(part))
        if known is None or type(part) is not list:
            return
        _, text, separator = known
        blank, filler = (" ", "0") if isinstance(text, str) else (b" ", b"0")
        operator = LIKE if None in constants else "=="
        self._keep(operator, text, rejoined(blank if separator is None else separator, part, constants, filler))

    def _keep_number_of_pieces(self, given: int | None, more: int) -> None:
        """What the text would be that was split last, into as many pieces as were given, with some more, or less."""
        pieces = reversed([part for part, _, _ in self._pieces.values()])
        last = next((part for part in pieces if given is None or len(part) == given), None)
        if last is None or len(last) + more < 1:
            return
        for filler in ("a", "1"):
            _, text, separator = self._pieces[id(last)]
            wanted = [filler if type(text) is str else filler.encode()] * more
            self._keep_pieces(last, (*[None] * (len(last) + min(more, 0)), *wanted))
            if not text and wanted and type(separator) is type(text):
                self._keep_rest(cast("Any", separator).join(wanted[:1] * (len(last) + more)))

    def _keep_rest(self, rest: Any) -> None:
        """What a text would be behind whose first word this stands, where nothing did."""
        if self._without_rest is None or type(rest) is not type(self._without_rest[0]) or not rest:
            return
        text, between = self._without_rest
        if len(text) + len(between) + len(rest) <= MAX_OPERAND:
            self._keep(LIKE, text, text.removesuffix(between) + between + rest)

    def _match_with(self, pattern: Any, name: str, arguments: tuple[Any, ...]) -> None:
        """What a method of a compiled expression is called with."""
        if name in ("sub", "subn"):
            text = arguments[1] if len(arguments) > 1 else None
        else:
            text = part_at(arguments[0], () if name == "split" else arguments[1:]) if arguments else None
        self._match(Expression(pattern.pattern, pattern.flags & VERBOSE), text)

    def _match(self, expression: Expression, text: object) -> None:
        kind = type(text)
        if kind is str or kind is bytes:
            self._keep("matches", text, expression)

    def _keep_answer(self, asked: Sequence[object], is_there: bool) -> None:
        """What an object that is not looked into was asked for, and whether it has that."""
        for each in asked:
            name = scalar(each)
            if type(name) is str or type(name) is bytes:
                if is_there:
                    self._keep("in", name, (name,))
                else:
                    self._keep_alone("lacks", name)

    def _keep_key(self, key: object, container: Any) -> None:
        if key is None:
            self._keep_members(container)
            return
        self._keep("in", key, container)
        if type(container) is dict and not container and type(key) is str:
            self._keep_in_none(key)
        keys = members_of(container)
        self._note_lack(key, container if keys is None else keys)

    def _keep_in_none(self, key: str) -> None:
        """A key of a table with nothing in it: what no table was asked for is wanted in something else."""
        wanted = scalar(key)
        known = ("in", str, wanted, tuple, ())
        if wanted is not None and known not in self._known and len(self.comparisons) < MAX_COMPARISONS:
            self._known.add(known)
            self.comparisons.append(("in", wanted, ()))

    def _keep_members(self, container: object) -> None:
        """What nothing would have had to be, to be found in there."""
        keys = members_of(container)
        container = container if keys is None else keys
        if _is_any(type(container), _CONTAINERS):
            for member in list(islice(cast("Any", container), _MAX_WANTED)):
                self._keep_alone("wants", member)

    def _note_lack(self, key: object, container: Any) -> None:
        """Keep a key that is not in there."""
        if len(container) <= MAX_MEMBERS:
            self._left -= len(container)
            wanted = scalar(key)
            kind = type(wanted)
            if type(key) is tuple and not any(each == plain(key) for each in map(plain, list(container))):
                for one, others in wanted_of_parts(key, container):
                    self._keep("in", one, others)
                for part in key[:_MAX_WANTED]:  # a section and a key in it
                    self._keep_alone("lacks", part)
                return
            # Not `in`: a key of the target's own may compare as it pleases.
            if not any(type(member) is kind and member == wanted for member in list(container)):
                self._keep_alone("lacks", wanted)

    def _stop_at(self, key: object) -> None:
        """Keep a key that is not there once more, if others have been kept since: it has refused the input now. So many
        times in all: a program may go on, and ask in vain again and again.
        """
        wanted = scalar(key)
        lack = ("lacks", wanted, ())
        if type(wanted) is str and 0 < len(self.comparisons) < MAX_COMPARISONS and self.comparisons[-1] != lack:
            self._stops += 1
            if self._stops <= _MAX_STOPS:
                self.comparisons.append(lack)

    def _keep_alone(self, operator: str, operand: object, within: tuple[str, ...] = ()) -> None:
        wanted = scalar(operand)
        key = (operator, type(wanted), wanted, *within)
        if wanted is not None and key not in self._known and len(self.comparisons) < MAX_COMPARISONS:
            self._known.add(key)
            self.comparisons.append((operator, wanted, within))

    def _keep(self, operator: str, left: object, right: object) -> None:
        if self._left <= 0 or len(self.comparisons) >= MAX_COMPARISONS:
            return
        self._left -= 1
        if self._reads.is_at_end and (left == b"" if type(left) is bytes else type(left) is str and not left):
            self._keep_reads(self._reads.following(right))
        elif type(left) is bytes and operator in _TELLING:
            self._keep_reads(self._reads.instead(left, right))
        elif type(left) is int and operator in _TELLING:
            self._keep_reads(self._reads.instead_of_byte(left, right))
        a, b = plain(left), self._plain(right)
        if a is None or b is None:
            # Of several that were wanted there may be none: a blank line has no columns.
            if type(b) is tuple and operator in ("==", "!=") and _has_no_elements(left):
                a = ()
            elif type(a) is tuple and operator in ("==", "!=") and _has_no_elements(right):
                b = ()
            else:
                return
        if type(b) is tuple:
            self._left -= len(b)
        if (type(a) is float and a != a) or (type(b) is float and b != b):
            return  # each one that is worked out is another key, and nothing is equal to any
        key = (operator, type(a), a, type(b), b)
        if key not in self._known:
            self._known.add(key)
            if self._bits and type(a) is int:
                self._keep_sources(operator, a, b)
            self.comparisons.append((operator, a, b))
            if self._spellings and operator in _OF_NUMBERS:
                self._keep_spellings(operator, a, b)

    def _keep_spellings(self, operator: str, one: object, other: object) -> None:
        """What numbers were read from that have been compared, and what they would have to be read from."""
        kept = "same" if operator == "same" else "=="
        for number, others in ((one, other), (other, one)):
            if type(number) is int:
                for text, wanted in self._spellings.of(number, others):
                    self._keep(kept, text, wanted)

    def _keep_sources(self, operator: str, number: int, other: object) -> None:
        """What the numbers would have to be that this one, or what it is compared with, has been cut out of."""
        kept = "same" if operator == "same" else "=="
        others = other if type(other) is tuple else (other,)
        pairs = [(number, each) for each in others if type(each) is int] if operator in _OF_NUMBERS else []
        if pairs and type(other) is int:
            pairs.append((other, number))
        for one, wanted in pairs[:_MAX_SOURCES]:
            for source in self._bits.sources(one, wanted):
                known = (kept, int, source[0], int, source[1])
                if known not in self._known:
                    self._known.add(known)
                    self.comparisons.append((kept, *source))

    def _plain(self, operand: object) -> object:
        kind = type(operand)
        if kind is Expression:
            return operand
        if kind is not frozenset:
            return plain(operand)
        known = self._frozen.get(id(operand))
        if known is None:
            if len(self._frozen) >= _MAX_FROZEN:
                self._frozen.clear()
            known = self._frozen[id(operand)] = cast("frozenset[object]", operand), plain(operand)
        return known[1]


def _has_no_elements(operand: object) -> bool:
    kind = type(operand)
    sequence: Any = operand
    # None is what a lookup that has found nothing gives.
    if not (kind is list or kind is tuple or kind is set) or len(sequence) > MAX_MEMBERS:
        return False
    return all(each is None for each in list(sequence))


def _is_any(kind: type, kinds: tuple[type, ...]) -> bool:
    """By identity: the equality of types is their metaclass's affair."""
    return any(kind is each for each in kinds)


def _is_empty(operand: object) -> bool:
    kind = type(operand)
    container: Any = operand
    return (kind is list or kind is set or kind is dict or kind is tuple or kind is frozenset) and not container


_SPLITTING: Final = frozenset({"split", "rsplit", "splitlines"})
_CUTTING: Final = frozenset(
    {"partition", "rpartition", "strip", "lstrip", "rstrip", "removeprefix", "removesuffix", *_SPLITTING}
)

_UNPACKING: Final = frozenset({"unpack", "unpack_from", "iter_unpack"})
_MAX_ZEROS: Final = 64

_FIRST_PARTS: Final = slice(4)
_MAX_ELEMENTS: Final = 8
"""Members of two lists that belong together."""

_MAX_DEPTH: Final = 3
"""Lists within each other of which these are looked at."""

_MAX_STOPS: Final = 8
"""Keys that are kept once more since nothing is compared behind them."""

_FEWEST_SIGNS: Final = 8
"""Signs that are stripped, of which a text may have to consist: fewer are blanks and the like."""

_FEW_TURNS: Final = (1, 2)

_OF_NUMBERS: Final = frozenset({"same", "==", "!=", "of", "in", "not in", "<", "<=", ">", ">="})
_MAX_SOURCES: Final = 8

_OF_PARTS: Final = (list, tuple, dict)
_OF_PAIRS: Final = (set, frozenset, list, tuple)
"""Containers in which a tuple may be looked for: a state, and what has happened in it."""

_WITHOUT_NAMES: Final = (str, bytes, int, float, bool, list, tuple, type(None))
"""Types of what formats of data have beside tables: no name stands in them."""

_WITHOUT_MEMBERS: Final = (int, float, bool, type(None))
"""Types of those in which nothing can be looked for."""

_CONTAINERS: Final = (dict, tuple, list)
"""Those that are in an order; what a set has first differs between processes."""


def _in(member: object, container: Any) -> bool:
    return contains(container, member)


def _not_in(member: object, container: Any) -> bool:
    return not contains(container, member)


_OPERATORS: Final[dict[str, Callable[[Any, Any], object]]] = {
    "==": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "in": _in,
    "not in": _not_in,
    "is": is_,
    "is not": is_not,
}


def _fits_float(number: object) -> bool:
    """Whether it is a number that a float can be added to: it is none of the target's, and is not too large."""
    return type(number) is float or (type(number) is int and number.bit_length() <= _BITS_OF_FLOAT)


_BITS_OF_FLOAT: Final = 1023

_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {"+": add, "-": sub, "^": xor}

_SUMS: Final = {traced: operator for operator, traced in SUMS.items()}
_SAME: Final = {traced: operator for operator, traced in SAME.items()}
_UNTRACED: Final = {**_SUMS, **_SAME}

_OF_DIGESTS: Final = frozenset({"compare_digest", "_compare_digest"})

_EXAMPLES: Final = {**dict.fromkeys(("isdigit", "isdecimal", "isnumeric"), "1"), "isupper": "A"}
"""Texts of which such a method says yes, where `a` is none."""

_WITH_POSITIONS: Final = frozenset({"startswith", "endswith", "find", "index", "rfind", "rindex", "count"})
"""Methods whose further arguments say where to look."""
