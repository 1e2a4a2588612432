"""What there is to cover in a module: statements, the functions that they are in, and branches. Pure.

A statement is known by its first line, as the compiler has code for it; the other lines of one that has several count
as the first. A branch is a line that goes on to at least two others, as it decides. What a constant decides is none.
The lines that a branch goes on to are those that `arcs` notes, and mean what they mean in coverage.py's reports.

What coverage.py leaves out by itself is left out: what a comment says is not to be covered, bodies that are three dots,
what only type checkers see.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import Final, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.code import nested

__builtins__ = PRIVATE_BUILTINS

_Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_LEFT_OUT: Final = re.compile(
    rb"#\s*pragma[:\s]?\s*no\s*cover"
    rb"|^\s*((async )?(def .*?)?[\])]+(\s*->.*?)?:\s*)?\.\.\.\s*(#|$)"
    rb"|^\s*if (typing\.)?TYPE_CHECKING:",
    re.IGNORECASE,
)
"""Lines that count for nothing, with what they head."""

_ONE_WAY: Final = re.compile(rb"#\s*pragma[:\s]?\s*no\s*branch", re.IGNORECASE)
"""Lines of which nobody wants to know where they go on."""

_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Part(NamedTuple):
    """A function, or what of a module is in none."""

    name: str
    """Qualified; empty for what is in no function."""
    first: int
    last: int
    """Its lines, decorators included."""
    statements: list[int]
    """First lines of the statements that are its own and no inner function's, in order."""


class Branch(NamedTuple):
    """An arc of which at least two leave the same line, as it decides."""

    line: int
    to: int
    via: int
    """The line of a `with` statement that is left on the way, where the interpreter stops by; 0 if there is none."""


class Layout(NamedTuple):
    """A module."""

    parts: list[Part]
    """In order of their first lines; the module itself is the first."""
    branches: list[Branch]
    """In order of their lines."""
    firsts: dict[int, int]
    """Line that belongs to a statement which begins before it -> that statement's first line."""


def layout_of(source: bytes, path: str) -> Layout:
    """What there is to cover in a module's source. Raises what the compiler raises for what is none."""
    tree = compile(source, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    code = compile(source, path, "exec", dont_inherit=True)
    lines = source.splitlines()
    surveyor = _Surveyor(tree, code, lines)
    surveyor.part(tree.body, "", -1, 1, max([1, *surveyor.statements]))
    parts = sorted(surveyor.parts, key=lambda part: (part.first, part.name))
    ways: dict[int, dict[int, Branch]] = {}
    left_out = surveyor.left_out
    for branch in surveyor.branches:
        if branch.line != branch.to and branch.to not in left_out and not _ONE_WAY.search(lines[branch.line - 1]):
            ways.setdefault(branch.line, {}).setdefault(branch.to, branch)
    branches = [
        ways[line][to]
        for line in sorted(ways)
        if len(ways[line]) > 1 and line not in left_out
        for to in sorted(ways[line])
    ]
    parts = [part._replace(statements=[line for line in part.statements if line not in left_out]) for part in parts]
    return Layout([part for part in parts if part.statements or not part.name], branches, surveyor.firsts)


def _lines_of(code: CodeType) -> Iterable[int]:
    waiting = [code]
    while waiting:
        each = waiting.pop()
        waiting += nested(each)
        yield from (line for _, _, line in each.co_lines() if line)


class _Way(NamedTuple):
    """Where control goes."""

    line: int
    via: int = 0


_NOWHERE: Final = _Way(0)
"""Of a `finally` that nothing passes to go on behind it: where it leads depends on what has led there."""


class _Surveyor:
    """Walks one tree."""

    def __init__(self, tree: ast.Module, code: CodeType, lines: list[bytes]) -> None:
        self._source = lines
        self.firsts = self._first_lines(tree)
        self.statements = {self.firsts.get(line, line) for line in _lines_of(code)} - _docstrings(tree)
        self.left_out = self._left_out(tree)
        """Lines that count for nothing."""
        self.parts: list[Part] = []
        self.branches: list[Branch] = []
        self._own: list[int] = []
        """Statements of the part that is walked."""
        self._leave = _Way(-1)
        """Where `return` goes in there."""
        self._prefix = ""
        """What the names of functions that are defined here begin with."""

    def _left_out(self, tree: ast.Module) -> set[int]:
        marked = {number for number, line in enumerate(self._source, 1) if _LEFT_OUT.search(line)}
        if not marked:
            return set()
        found: set[int] = set()
        for node in ast.walk(tree):
            for first, last, end in _heads(node, self._source):
                if not marked.isdisjoint(range(first, last + 1)):
                    found.update(range(first, end + 1))
        return found

    def part(self, body: list[ast.stmt], name: str, leave: int, first: int, last: int) -> None:
        """Walk the body of a function or module, which is left towards the line `leave`."""
        outer = self._own, self._prefix, self._leave
        self._own, self._prefix, self._leave = [], f"{name}.<locals>." if name else "", _Way(leave)
        self._block(body, self._leave, None, None)
        self.parts.append(Part(name, first, last, sorted(set(self._own))))
        self._own, self._prefix, self._leave = outer

    def _entry(self, block: list[ast.stmt], after: _Way) -> _Way:
        """Where control goes that comes to a block: to the first statement that there is code for, or past it."""
        return next((_Way(line) for line in map(_line, block) if line in self.statements), after)

    def _block(self, block: list[ast.stmt], after: _Way, again: _Way | None, out: _Way | None) -> None:
        """`after`: where control goes from the end; `again`, `out`: from `continue` and `break`."""
        for number, statement in enumerate(block):
            self._statement(statement, self._entry(block[number + 1 :], after), again, out)

    def _own_line(self, line: int) -> None:
        if line in self.statements:
            self._own.append(line)

    def _decides(self, line: int, *ways: _Way) -> None:
        if line in self.statements:
            self.branches += [Branch(line, *way) for way in ways if way is not _NOWHERE]

    def _statement(self, node: ast.stmt, after: _Way, again: _Way | None, out: _Way | None) -> None:
        if not isinstance(node, _DEFINITIONS):
            self._own_line(node.lineno)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._definition(node)
            case ast.If():
                self._block(node.body, after, again, out)
                self._block(node.orelse, after, again, out)
                if not _is_constant(node.test):
                    taken = self._taken(node.lineno, node.body, after, again, out)
                    self._decides(node.lineno, taken, self._entry(node.orelse, after))
            case ast.While() | ast.For() | ast.AsyncFor():
                head = _Way(node.lineno)
                self._block(node.body, head, head, after)
                self._block(node.orelse, after, again, out)
                if not (isinstance(node, ast.While) and _is_constant(node.test)):
                    self._decides(node.lineno, self._entry(node.body, after), self._entry(node.orelse, after))
            case ast.With() | ast.AsyncWith():
                self._block(node.body, _Way(after.line, node.lineno), again, out)
            case ast.Try() | ast.TryStar():
                end = self._entry(node.finalbody, after)
                self._block(node.body, self._entry(node.orelse, end), again, out)
                for handler in node.handlers:
                    self._own_line(handler.lineno)
                    self._block(handler.body, end, again, out)
                self._block(node.orelse, end, again, out)
                ends = [[*node.body, *node.orelse], *(handler.body for handler in node.handlers)]
                self._block(node.finalbody, _NOWHERE if all(map(_leaves, ends)) else after, again, out)
            case ast.Match():
                self._match(node, after, again, out)

    def _taken(self, line: int, block: list[ast.stmt], after: _Way, again: _Way | None, out: _Way | None) -> _Way:
        """Where control goes from a line that has decided for a block: further, if the block stands in that line."""
        entry = self._entry(block, after)
        if entry.line != line:
            return entry
        match block[-1]:
            case ast.Return() | ast.Raise():
                return self._leave
            case ast.Continue() if again is not None:
                return again
            case ast.Break() if out is not None:
                return out
        return after

    def _definition(self, node: _Definition) -> None:
        lines = [decorator.lineno for decorator in node.decorator_list] + [node.lineno]
        for line in lines:
            self._own_line(line)
        name = f"{self._prefix}{node.name}"
        if isinstance(node, ast.ClassDef):
            # Its body is executed where it stands, but functions in there are named after it.
            outer, self._prefix, self._leave = (self._prefix, self._leave), f"{name}.", _Way(-lines[0])
            self._block(node.body, self._leave, None, None)
            self._prefix, self._leave = outer
        else:
            self.part(node.body, name, -lines[0], lines[0], node.end_lineno or node.lineno)

    def _match(self, node: ast.Match, after: _Way, again: _Way | None, out: _Way | None) -> None:
        lines = [self._first_of_case(case) for case in node.cases]
        for number, case in enumerate(node.cases):
            self._own_line(lines[number])
            self._block(case.body, after, again, out)
            body = self._taken(lines[number], case.body, after, again, out)
            if number + 1 < len(lines):
                self._decides(lines[number], body, _Way(lines[number + 1]))
            elif not (case.guard is None and _takes_all(case.pattern)):
                self._decides(lines[number], body, after)

    def _first_of_case(self, case: ast.match_case) -> int:
        """The line of the word, which the tree does not tell."""
        line = case.pattern.lineno
        while line > 1 and not self._source[line - 1].lstrip().startswith(b"case"):
            line -= 1
        return line

    def _end_of_line(self, node: ast.stmt, body: list[ast.stmt]) -> int:
        """The last line of what belongs to a head: with its body, if that stands behind the colon."""
        return _end(body[-1]) if _is_behind(body[0], self._source) else _end_of_head(node, body[0])

    def _first_lines(self, tree: ast.Module) -> dict[int, int]:
        """See `Layout.firsts`; what stands before a colon counts as a statement of its own."""
        firsts: dict[int, int] = {}
        for node in ast.walk(tree):
            spans: list[tuple[int, int]] = []
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    spans = [(decorator.lineno, _end(decorator)) for decorator in node.decorator_list]
                    spans.append((node.lineno, self._end_of_line(node, node.body)))
                case ast.If() | ast.While() | ast.For() | ast.AsyncFor() | ast.With() | ast.AsyncWith():
                    spans = [(node.lineno, self._end_of_line(node, node.body))]
                case ast.Match():
                    spans = [(node.lineno, _end(node.subject))]
                case ast.match_case():
                    spans = [(self._first_of_case(node), _end(node.guard or node.pattern))]
                case ast.ExceptHandler(type=ast.expr() as kind):
                    spans = [(node.lineno, _end(kind))]
                case ast.Try() | ast.TryStar():
                    pass
                case ast.stmt():
                    spans = [(node.lineno, _end(node))]
            firsts.update((line, first) for first, last in spans for line in range(first + 1, last + 1))
        return firsts


def _line(node: ast.stmt) -> int:
    """Where a statement begins."""
    if isinstance(node, _DEFINITIONS) and node.decorator_list:
        return node.decorator_list[0].lineno
    return node.lineno


def _is_constant(test: ast.expr) -> bool:
    """Whether the compiler decides a test."""
    match test:
        case ast.Constant() | ast.Name(id="__debug__"):
            return True
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _is_constant(operand)
    return False


def _leaves(block: list[ast.stmt]) -> bool:
    """Whether control surely does not pass the end of a block."""
    match block[-1]:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.If(body=body, orelse=orelse):
            return bool(orelse) and _leaves(body) and _leaves(orelse)
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return _leaves(body)
        case ast.While(test=test, body=body, orelse=[]):
            return isinstance(test, ast.Constant) and bool(test.value) and not _breaks(body)
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
            passed = [orelse or body, *(handler.body for handler in handlers)]
            return bool(final and _leaves(final)) or (all(map(_leaves, passed)))
    return False


def _breaks(block: list[ast.stmt]) -> bool:
    """Whether a loop with this body is left by a `break` of its own."""
    for statement in block:
        if isinstance(statement, ast.Break):
            return True
        if isinstance(statement, (*_DEFINITIONS, ast.For, ast.AsyncFor, ast.While)):
            blocks = [] if isinstance(statement, _DEFINITIONS) else [statement.orelse]
        else:
            inner = [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]
            blocks = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
            blocks += [each.body for each in inner]
        if any(_breaks(each) for each in blocks):
            return True
    return False


def _takes_all(pattern: ast.pattern) -> bool:
    match pattern:
        case ast.MatchAs(pattern=inner):
            return inner is None or _takes_all(inner)
        case ast.MatchOr(patterns=patterns):
            return _takes_all(patterns[-1])
    return False


def _docstrings(tree: ast.Module) -> set[int]:
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            found.add(node.body[0].lineno)
    return found


def _heads(node: ast.AST, source: list[bytes]) -> Iterator[tuple[int, int, int]]:
    """What a mark may stand beside: its first and last line, and the last one of what it is the head of."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            body = node.body[0]
            last = body.lineno if _is_behind(body, source) else _end_of_head(node, body)
            yield _line(node), last, _end(node)
        case ast.If() | ast.While() | ast.For() | ast.AsyncFor() | ast.With() | ast.AsyncWith():
            yield node.lineno, _end_of_head(node, node.body[0]), _end(node.body[-1])
        case ast.Try() | ast.TryStar():
            yield node.lineno, max(node.lineno, _line(node.body[0]) - 1), _end(node.body[-1])
        case ast.ExceptHandler(type=kind):
            yield node.lineno, node.lineno if kind is None else _end(kind), _end(node.body[-1])
        case ast.match_case():
            yield node.pattern.lineno, _end(node.guard or node.pattern), _end(node.body[-1])
        case ast.stmt():
            yield node.lineno, _end(node), _end(node)
    for block, before in _others(node):
        first = _line(block[0])
        if before + 1 < first:  # the word stands in a line of its own
            yield before + 1, first - 1, _end(block[-1])


def _is_behind(statement: ast.stmt, source: list[bytes]) -> bool:
    """Whether the first statement of a body stands behind the colon, in the last line of its head."""
    is_decorated = isinstance(statement, _DEFINITIONS) and bool(statement.decorator_list)
    return not is_decorated and bool(source[statement.lineno - 1][: statement.col_offset].strip())


def _others(node: ast.AST) -> Iterator[tuple[list[ast.stmt], int]]:
    """The blocks after `else` and `finally`, each with the last line before the word."""
    body, orelse, finalbody = (getattr(node, name, None) for name in ("body", "orelse", "finalbody"))
    if not isinstance(body, list) or not isinstance(node, ast.stmt):
        return
    handlers: list[ast.ExceptHandler] = getattr(node, "handlers", [])
    end = _end(handlers[-1].body[-1]) if handlers else _end(body[-1])
    if orelse and not (isinstance(node, ast.If) and isinstance(orelse[0], ast.If)):
        yield orelse, end
        end = _end(orelse[-1])
    if finalbody:
        yield finalbody, end


def _end(node: ast.stmt | ast.expr | ast.pattern) -> int:
    return node.end_lineno or node.lineno


def _end_of_head(node: ast.stmt, first: ast.stmt) -> int:
    """The last line of what stands before the colon: of its expressions and arguments."""
    bodies = {id(each) for name in ("body", "orelse", "decorator_list") for each in getattr(node, name, ())}
    ends = [
        getattr(each, "end_lineno", None) or 0
        for child in ast.iter_child_nodes(node)
        if id(child) not in bodies
        for each in ast.walk(child)
    ]
    return min(max([node.lineno, *ends]), max(node.lineno, _line(first) - 1))
