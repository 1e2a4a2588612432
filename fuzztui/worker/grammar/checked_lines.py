"""Lines of text that end in a sum over what stands before it, in digits, as in sentences of receivers and in records
of programmers: put right again after a line has been changed.

Repairing such a line takes an execution or several, of one line at a time. A sum that is known costs none, and of a
session every line is right.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.structure.sums import FUNCTIONS, Function

__builtins__ = PRIVATE_BUILTINS

MAX_KNOWN: Final = 3
"""Kinds of lines."""

MAX_TEXT: Final = 2048
"""Bytes of a text that is looked at."""

_MAX_VALUES: Final = 64
_MAX_BEFORE: Final = 4
_MAX_BETWEEN: Final = 3
"""Characters of a line before what is summed up, and between that and the sum."""

_FEWEST: Final = 3
"""Bytes that a sum is over, at least: of fewer, many a function is the same."""

_FEW_DIGITS: Final = 2
"""Hexadecimal digits of a sum that may be none, but equal to one by chance."""

_ENDS: Final = (b"\n", b"")
"""Between lines; nothing where all of a text is one."""

_MOST_MISSED: Final = 8
"""Inputs with a right sum that the program has not asked for, for each in which it has: with more it is none, but equal
to one by chance, of which there are many.
"""

_MODULI: Final = (100, 97, 256, 1000, 10_000, 65_536)
"""Of sums in decimal digits."""


class Rule(NamedTuple):
    """How the sum at the end of a line follows from the line."""

    function: Function
    modulus: int
    base: int
    digits: int
    """How many there are, at most; 0 where they are as many as they need to be."""
    is_upper: bool
    before: int
    """Characters before what is summed up."""
    between: int
    """Characters between that and the digits."""
    is_of_hex: bool
    """Whether the bytes are summed up that the line tells in hexadecimal digits."""

    def right(self, line: bytes) -> bytes:
        """The line with its sum put right; as it is where there is none."""
        body, stop = self._apart(line)
        spelled = self._sum_of(body[:stop]) if stop < len(body) else None
        return line if spelled is None else body[:stop] + spelled + line[len(body) :]

    def explains(self, line: bytes, values: frozenset[int]) -> bool:
        """Whether a line ends in a sum that is one of the values, and right."""
        body, stop = self._apart(line)
        digits = body[stop:]
        return bool(digits) and int(digits, self.base) in values and self._sum_of(body[:stop]) == digits

    def is_right(self, line: bytes) -> bool:
        """Whether a line ends in a sum that is right, of what is not too short for that to mean something."""
        body, stop = self._apart(line)
        return _FEWEST <= stop < len(body) and self._sum_of(body[:stop]) == body[stop:]

    def stated(self, line: bytes) -> int:
        """The number in which a line ends; -1 if it ends in none."""
        body, stop = self._apart(line)
        return int(body[stop:], self.base) if stop < len(body) else -1

    @property
    def oddity(self) -> int:
        """How unlikely it is, beside others that explain the same: most sums are over all but a sign at either end."""
        return max(self.before - 1, 0) + max(self.between - 1, 0) - self.is_of_hex

    def _apart(self, line: bytes) -> tuple[bytes, int]:
        """The line without blanks behind it, and where its sum begins: at its end if there is none."""
        body = line.rstrip()
        found = _DIGITS[self.base].search(body)
        return body, len(body) - (_width(self.digits, len(found[0])) if found else 0)

    def _sum_of(self, text: bytes) -> bytes | None:
        """The digits behind a text; None if it is none of those that are summed up."""
        covered = text[self.before : max(self.before, len(text) - self.between)]
        whole = _of_hex(covered) if self.is_of_hex else covered
        if whole is None:
            return None
        return _spelled(self.function(whole) % self.modulus, self.base, self.digits, self.is_upper)


class _Kind(NamedTuple):
    """Of lines."""

    end: bytes
    rules: list[Rule]
    """Those that explain all sums of such lines so far, the most likely one first: of two digits, there are many."""
    sums: frozenset[int]
    """That they have explained."""
    agreed: int = 1
    """Inputs of which they have explained one."""
    missed: int = 0
    """Inputs in which one was right, and was not asked for."""

    def lines(self, data: bytes) -> list[bytes]:
        """Of a text."""
        return data.split(self.end) if self.end else [data]

    def agreeing(self, data: bytes, values: frozenset[int]) -> "_Kind | None":
        """What is left of it after an input in which it explains a sum: the other rules are dropped. None if it
        explains none.
        """
        for line in self.lines(data):
            rules = [rule for rule in self.rules if rule.explains(line, values)]
            if rules:
                return self._replace(rules=rules, sums=self.sums | {rules[0].stated(line)}, agreed=self.agreed + 1)
        return None

    def missing(self, data: bytes) -> "_Kind | None":
        """What is left of it after an input in which it explains nothing: None if it is no sum."""
        if not any(map(self.rules[0].is_right, self.lines(data))):
            return self
        return self._replace(missed=self.missed + 1) if self.missed < _MOST_MISSED * self.agreed else None

    @property
    def is_sure(self) -> bool:
        """Whether it is a sum: a number in decimal digits that is equal to another may be how many there are."""
        return self.rules[0].base == 16 or len(self.sums) > 1

    @property
    def is_certain(self) -> bool:
        """Whether it is hardly one by chance, as two digits of one line are: these follow from most texts by one of all
        the rules.
        """
        return len(self.sums) > 1 or self.rules[0].digits > _FEW_DIGITS


class CheckedLines:
    """Which sums lines end in."""

    def __init__(self) -> None:
        self._known: list[_Kind] = []
        """The latest last."""

    def learn(self, arguments: Arguments, comparisons: Iterable[Comparison]) -> None:
        """Find sums of an input that was traced: they are among what was equal to something that is no constant."""
        data = _as_bytes(arguments[0]) if len(arguments) == 1 else None
        if data is None or b"\0" in data:
            return
        equal = [one for operator, one, other in comparisons if operator == "same" and one == other]
        values = frozenset([each for each in equal[:_MAX_VALUES] if isinstance(each, int) and each > 0])
        agreeing = [kind.agreeing(data, values) for kind in self._known]
        left = [one or kind.missing(data) for one, kind in zip(agreeing, self._known, strict=True)]
        self._known = [kind for kind in left if kind is not None]
        if not values or any(agreeing):
            return
        for end in _ENDS:
            for line in data.split(end) if end else (data,):
                rules = sorted(_rules_of(line.rstrip(), values), key=lambda rule: rule.oddity)
                if rules:
                    self._known.append(_Kind(end, rules, frozenset([rules[0].stated(line)])))
                    del self._known[:-MAX_KNOWN]
                    return

    @property
    def is_known(self) -> bool:
        """Whether there is anything to put right."""
        return any(kind.is_sure for kind in self._known)

    @property
    def is_certain(self) -> bool:
        """Whether what would be put right is hardly one by chance."""
        return any(kind.is_sure and kind.is_certain for kind in self._known)

    def right(self, arguments: Arguments) -> Arguments:
        """An input with the sums of its lines put right."""
        data = _as_bytes(arguments[0]) if self._known else None
        if data is None:
            return arguments
        for kind in self._known:
            if kind.is_sure:
                data = kind.end.join(map(kind.rules[0].right, kind.lines(data)))
        return (data if type(arguments[0]) is bytes else data.decode("utf-8", "surrogatepass"),)

    def all_right(self, inputs: Iterator[Arguments]) -> Iterator[Arguments]:
        """Each input with the sums of its lines put right, at the time that it is asked for."""
        return map(self.right, inputs)


def _as_bytes(value: object) -> bytes | None:
    """What lines are looked for in; None where it is no text, or too long."""
    if isinstance(value, str) and len(value) <= MAX_TEXT:
        value = value.encode("utf-8", "surrogatepass")
    return value if isinstance(value, bytes) and len(value) <= MAX_TEXT else None


def _rules_of(line: bytes, values: frozenset[int]) -> Iterator[Rule]:
    """What makes the sum of what stands before it, of the digits at a line's end whose number is among the values."""
    for base, pattern in _DIGITS.items():
        found = pattern.search(line)
        there = len(found[0]) if found else 0
        for digits in _WIDTHS[base]:
            width = _width(digits, there)
            spelled = line[len(line) - width :]
            if not there or 2 * width < digits or int(spelled, base) not in values:
                continue
            for is_of_hex in (False, True):
                yield from _sums(line, spelled, base, digits, int(spelled, base), is_of_hex=is_of_hex)


def _width(digits: int, there: int) -> int:
    """Of a sum of so many digits where so many are there: of numbers, zeros may be left out."""
    return min(digits, there) if digits else there


def _sums(line: bytes, spelled: bytes, base: int, digits: int, number: int, *, is_of_hex: bool) -> Iterator[Rule]:
    stop = len(line) - len(spelled)
    cases = [is_upper for is_upper, cased in ((True, spelled.upper()), (False, spelled.lower())) if cased == spelled]
    moduli = (16**digits,) if base == 16 else _MODULI
    functions = FUNCTIONS[digits // 2] if base == 16 else FUNCTIONS[1]
    for before in range(_MAX_BEFORE):
        for between in range(_MAX_BETWEEN):
            text = line[before : max(before, stop - between)]
            covered = _of_hex(text) if is_of_hex else text
            if covered is not None and len(covered) >= _FEWEST - 2 * is_of_hex:
                for function in functions:
                    for modulus in moduli:
                        if function(covered) % modulus == number:
                            for is_upper in cases if base == 16 else (True,):  # without letters, it may be either
                                yield Rule(function, modulus, base, digits, is_upper, before, between, is_of_hex)


def _spelled(number: int, base: int, digits: int, is_upper: bool) -> bytes:
    if base == 16:
        return format(number, f"0{digits}{'X' if is_upper else 'x'}").encode()
    return str(number).encode()


def _of_hex(text: bytes) -> bytes | None:
    try:
        return bytes.fromhex(text.decode("ascii"))
    except ValueError:
        return None


_DIGITS: Final = {16: re.compile(rb"[0-9A-Fa-f]+$"), 10: re.compile(rb"[0-9]+$")}

_WIDTHS: Final[dict[int, Sequence[int]]] = {16: (8, 4, 2), 10: (0,)}
