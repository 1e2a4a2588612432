"""Texts that a regular expression matches.

They are derived from the parse tree of the standard library's own `re`, by a copy of its parser that is loaded for us:
the target's may be instrumented, or patched. Nothing is loaded as long as the target has not loaded `re` itself.
"""

import re
import sys
from _sre import compile as _compile  # type: ignore[import-not-found]  # what `re` is made of
from collections.abc import Callable, Iterable, Iterator
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any, Final, NamedTuple, TypeAlias
from warnings import catch_warnings, simplefilter

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.literals import VERBOSE, Expression
from fuzztui.worker.mutate.dictionary import MAX_TOKEN

__builtins__ = PRIVATE_BUILTINS

_PATTERN: Final[Any] = _compile("", 0, [1], 0, {}, ())  # `re` itself would have to be imported for one

PATTERN: Final[type] = type(_PATTERN)
"""What `re.compile` returns."""

PATTERN_METHOD: Final[type] = type(_PATTERN.match)
"""What its methods are."""

MAX_EXAMPLES: Final = 8
_MAX_LITERALS: Final = 32
"""Texts made of one expression: some that match as wholes, and the literal words in it."""

_MAX_VARIANTS: Final = 64
"""Choices that are tried in search of different texts."""

_MAX_SOURCE: Final = 4096
"""Characters of an expression; reading one takes a microsecond for each."""

_MAX_DEPTH: Final = 4
_MAX_MEMBERS: Final = 1024
"""How deep in containers of a module expressions are looked for, and among how many members of each."""


_MAX_KNOWN: Final = 1024
"""Expressions whose examples are kept: they are asked for again and again."""


class Examples(NamedTuple):
    """What one expression stands for, without repetitions, in an order that depends on the expression alone."""

    matches: tuple[str | bytes, ...]
    """Texts that it most likely matches: of what stands around them, anchors and assertions, little is heeded."""
    literals: tuple[str | bytes, ...]
    """Runs of at least two literal characters."""


_examples: Final[dict[Expression, Examples]] = {}


def examples(expression: Expression) -> Examples:
    """Texts of up to `MAX_TOKEN` characters for one expression; none if it is not one, or very long."""
    known = _examples.get(expression)
    if known is not None:
        return known
    parser = _parser()
    if parser is None:
        return Examples((), ())
    if len(_examples) >= _MAX_KNOWN:
        _examples.clear()
    return _examples.setdefault(expression, _made(expression, parser))


def _made(expression: Expression, parser: Any) -> Examples:
    source, flags = expression
    nothing = Examples((), ())
    if len(source) > _MAX_SOURCE:
        return nothing
    try:
        with catch_warnings():
            simplefilter("ignore")  # the target has been told of them
            tree = parser.parse(source, flags)
        matches = _matches(tree)
        literals = _literals(tree)
        convert = _latin1 if isinstance(source, bytes) else str
        return Examples(
            tuple([convert(text) for text in matches]),
            tuple([convert(text) for text in literals]),
        )
    except (parser.error, ValueError, OverflowError, RecursionError):
        return nothing


def expressions_in(namespace: dict[str, object]) -> Iterator[Expression]:
    """The compiled expressions that a module holds: its globals, what its classes define, members of containers.

    Runs no code of the module's: what is looked into is of a builtin type, and of classes it is what `type` says.
    """
    seen: set[int] = set()
    stack: list[tuple[object, int]] = [(value, 0) for value in reversed(list(namespace.values()))]
    while stack:
        value, depth = stack.pop()
        if id(value) in seen:
            continue
        kind = type(value)
        found: Any = value
        if kind is PATTERN:
            seen.add(id(value))
            yield Expression(found.pattern, found.flags & VERBOSE)
            continue
        members: Iterable[object]
        if kind is dict:
            members = list(found.values())
        elif kind is tuple or kind is list:
            members = list(found)
        elif issubclass(kind, type) and _module_of(found) == namespace.get("__name__"):
            members = list(_attributes(found).values())
        else:
            continue
        seen.add(id(value))
        if depth < _MAX_DEPTH:
            stack += [(member, depth + 1) for member in reversed(members[:_MAX_MEMBERS])]


_attributes: Final[Callable[[type], dict[str, object]]] = type.__dict__["__dict__"].__get__


def _module_of(cls: type) -> object:
    return _attributes(cls).get("__module__")


# The parser -------------------------------------------------------------------------------------------------------

_parsers: Final[list[Any]] = []


def _parser() -> Any:
    """A copy of `re._parser`; None as long as the target has not loaded `re`."""
    if "re" not in sys.modules:
        return None
    if not _parsers:
        _parsers.append(_load_parser())
    return _parsers[0]


def _load_parser() -> Any:
    name = "re._parser"
    spec = PathFinder.find_spec(name, re.__path__)
    loader: Any = None if spec is None else spec.loader
    if loader is None:
        return None
    module = ModuleType(name)
    namespace = vars(module)
    namespace["__package__"] = "re"
    namespace["__builtins__"] = PRIVATE_BUILTINS
    exec(loader.get_code(name), namespace)
    return module


# Texts ------------------------------------------------------------------------------------------------------------

_Node: TypeAlias = tuple[Any, Any]
"""(operation, what it is about), as `re._parser` has it."""

_TYPICAL: Final = 'a0 _A-"\n.<\u00e9!'
"""Characters of which one is taken where a class is described by what it does not contain."""

_CATEGORIES: Final[dict[str, Callable[[str], bool]]] = {
    "DIGIT": str.isdigit,
    "SPACE": str.isspace,
    "WORD": lambda char: char.isalnum() or char == "_",
}


class _TooLongError(ValueError):
    """A text that the dictionary would not take."""


def _latin1(text: str) -> bytes:
    return text.encode("latin-1")


def _matches(tree: Iterable[_Node]) -> list[str]:
    found: dict[str, None] = {}
    for variant in range(_MAX_VARIANTS):
        try:
            text = _Writer().sequence(tree, variant)
        except _TooLongError:
            continue
        if text:
            found.setdefault(text)
        if len(found) == MAX_EXAMPLES:
            break
    return list(found)


class _Writer:
    """Writes the text that one variant of an expression stands for.

    A variant is a number. Where there are n choices its remainder by n decides, and what the choice holds in turn is
    decided by the quotient. So the first few variants take every choice once, rather than all combinations of some.
    """

    def __init__(self) -> None:
        self._groups: dict[int, str] = {}

    def sequence(self, nodes: Iterable[_Node], variant: int) -> str:
        nodes = list(nodes)
        text = ""
        for number, (operation, about) in enumerate(nodes, 1):
            text += self._one(operation.name, about, variant, number == len(nodes))
            if len(text) > MAX_TOKEN:
                raise _TooLongError
        return text

    def _one(self, operation: str, about: Any, variant: int, last: bool) -> str:
        match operation:
            case "LITERAL":
                return chr(about)
            case "NOT_LITERAL":
                return _pick([char for char in _TYPICAL if ord(char) != about], variant)
            case "ANY":
                return _pick("a0 ", variant)
            case "IN":
                return _pick(_class_members(about), variant)
            case "BRANCH":
                branches = about[1]
                return self.sequence(branches[variant % len(branches)], variant // len(branches))
            case "SUBPATTERN":
                group, _, _, nodes = about
                text = self.sequence(nodes, variant)
                if group is not None:
                    self._groups[group] = text
                return text
            case "ATOMIC_GROUP":
                return self.sequence(about, variant)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, nodes = about
                return self._repeat(least, most, nodes, variant)
            case "GROUPREF":
                return self._groups.get(about, "")
            case "GROUPREF_EXISTS":
                group, present, absent = about
                return self.sequence((present if group in self._groups else absent) or (), variant)
            case "ASSERT" if last and about[0] > 0:  # what has to follow, and nothing else does
                return self.sequence(about[1], variant)
        return ""

    def _repeat(self, least: int, most: int, nodes: Iterable[_Node], variant: int) -> str:
        if least > MAX_TOKEN:
            raise _TooLongError
        counts = list(dict.fromkeys([min(max(least, 1), most), least, min(least + 2, most)]))
        rest = variant // len(counts)
        return "".join([self.sequence(nodes, rest + turn) for turn in range(counts[variant % len(counts)])])


def _pick(choices: Iterable[str], variant: int) -> str:
    choices = list(choices)
    return choices[variant % len(choices)] if choices else ""


def _class_members(items: list[_Node]) -> list[str]:
    """Some characters of a class: of ranges the ends, of categories a typical one."""
    if items[0][0].name == "NEGATE":
        return [char for char in _TYPICAL if not any(_is_in(char, item) for item in items[1:])]
    members: dict[str, None] = {}
    for operation, about in items:
        match operation.name:
            case "LITERAL":
                members.setdefault(chr(about))
            case "RANGE":
                members.setdefault(chr(about[0]))
                members.setdefault(chr(about[1]))
            case _:
                for char in [char for char in _TYPICAL if _is_in(char, (operation, about))][:1]:
                    members.setdefault(char)
    return list(members)


def _is_in(char: str, item: _Node) -> bool:
    operation, about = item
    match operation.name:
        case "LITERAL":
            return char == chr(about)
        case "RANGE":
            lowest, highest = about
            return chr(lowest) <= char <= chr(highest)
    name: str = about.name.removeprefix("CATEGORY_")
    return _CATEGORIES[name.removeprefix("NOT_")](char) != name.startswith("NOT_")


def _literals(tree: Iterable[_Node]) -> list[str]:
    found: dict[str, None] = {}
    stack: list[object] = [tree]
    while stack and len(found) < _MAX_LITERALS:
        part = stack.pop()
        children: list[object] = []
        run = ""
        for child in _children(part):
            if isinstance(child, tuple) and len(child) == 2 and getattr(child[0], "name", "") == "LITERAL":
                run += chr(child[1])
                continue
            if 2 <= len(run) <= MAX_TOKEN:
                found.setdefault(run)
            run = ""
            children.append(child)
        if 2 <= len(run) <= MAX_TOKEN:
            found.setdefault(run)
        stack += reversed(children)
    return list(found)


def _children(part: object) -> list[Any]:
    """Of a node what it is about, of a sequence its nodes; of a class of characters nothing."""
    if isinstance(part, tuple):
        return [] if part and getattr(part[0], "name", "") == "IN" else list(part)
    if isinstance(part, list) or type(part).__name__ == "SubPattern":
        return list(part)  # type: ignore[call-overload,no-any-return]
    return []
