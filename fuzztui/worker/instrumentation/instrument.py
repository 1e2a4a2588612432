"""Puts coverage probes and comparison hooks into the syntax tree of a module. Pure: source in, code out.

A probe is one cell of a map; running it stores 1 there. A statement probe is `cells[K] = 1`, a probe inside an
expression `setitem(cells, K, 1) or operand`. The cells are numbered from `Instrumented.first` upwards, a number above
every integer that the module's code can hold, so that `Instrumented.at` finds them again in the compiled code and moves
them to where the module's cells lie in this process.

What gets a probe: the entry of functions and lambdas, both arms of `if` and of conditional expressions, every operand
of `and`/`or` but the first, what a group of operands has come to that stands in a condition among others (`(b or c)` is
false in `a and (b or c)`), the filter of a comprehension, exception handlers and the success of what they guard,
`match` cases, the exit of loops, and how often a loop ran. Code that runs once, at import, gets none.

A probe is left out where another one says the same: a block that begins with an `if`, a counted loop or a `match`
needs none of its own, nor does the `else` of an `if` that never falls through, when such a statement comes next.
That makes a chain of tests cost one store, not one for each link.

Loops count in a local variable and store once, when they end in whatever way, into one of `BUCKETS` cells. So a hit
count becomes a boolean cell and nothing must be reset between executions; and an iteration costs less than a store.
The cell comes from a table, a constant of the function (`(K,)` until the code is moved): an addition costs 15 ns more.

Comparisons become `(trace.compare("==", a, b) if trace is not None else a == b)`; `trace` is None in normal fuzzing.
So do the other ways to compare: methods of texts such as `startswith`, keys that are looked up, `match` statements.

The names that carry all this hold an `@`, so no source can collide with them, and begin with one underscore, so that
`import *` leaves them behind and class bodies do not mangle them.
"""

import ast
import contextlib
import gc
from collections.abc import Iterator
from itertools import pairwise
from sys import getrecursionlimit, setrecursionlimit
from types import CodeType
from typing import Any, NamedTuple, TypeVar, cast

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.compares import (
    ARITHMETIC,
    ATTRIBUTES,
    COPIES,
    DECODERS,
    EQUALITIES,
    FUNCTIONS,
    OPERATORS,
    OPERATORS_OF_LENGTHS,
    SAME,
    SUMS,
    TRACE,
    Names,
    are_computed,
    case_checks,
    chosen,
    compares,
    counts,
    cuts,
    cuts_bits,
    decodes,
    fit_grown,
    fit_twice,
    has_no_code,
    if_tracing,
    is_length,
    is_number,
    is_of_sets,
    is_quick,
    is_remainder,
    is_rest_of_length,
    is_sum,
    is_tracing,
    is_worked_out,
    looks_up,
    measured,
    names_of,
    sets_of,
    takes_one,
    tell_caught,
    trace_method,
    worth_tracing,
)
from fuzztui.worker.instrumentation.flow import (
    CHOICES,
    LOOPS,
    always_leaves,
    exits,
    is_harmless,
    may_refuse,
    takes_all,
    tells_success,
)
from fuzztui.worker.instrumentation.literals import (
    Constant,
    Expression,
    Function,
    Literal,
    Place,
    ProbeGroup,
    Spot,
    literals_of,
    pack_groups,
)
from fuzztui.worker.instrumentation.transplant import shallow, transplanted
from fuzztui.worker.instrumentation.tree import Located, Position, at, over, walk

__builtins__ = PRIVATE_BUILTINS

CELLS = "_@c"
SETITEM = "_@s"

COUNTER = "@"
"""Begins the names of the local variables that count loops. Each loop has one of its own, by which `bytecode` finds
it."""

COUNT_CAP = 128
"""Loop counts from here on share the last bucket."""

_BUCKET_STARTS = (0, 1, 2, 3, 4, 8, 16, 32, COUNT_CAP)
"""AFL's hit count classes, and one more for a loop that never ran."""

BUCKETS = len(_BUCKET_STARTS)

BUCKET_TABLE = tuple(sum(start <= count for start in _BUCKET_STARTS) - 1 for count in range(COUNT_CAP + 1))
"""Loop count, at most `COUNT_CAP` -> offset of its cell among the loop's cells."""

_STATIC_BLOCKS = 20
"""Nested blocks that CPython allows in a function; a counted loop takes two."""

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_TRIES = (ast.Try, ast.TryStar)
_WITHS = (ast.With, ast.AsyncWith)
_UNTOUCHED = ("annotation", "returns", "type_params", "pattern", "format_spec")
"""Fields that are evaluated in a scope of their own, or not at all, or hold no expression."""
_OPAQUE = tuple(
    getattr(ast, name) for name in ("JoinedStr", "TemplateStr", "TypeAlias", "Constant", "Name") if hasattr(ast, name)
)
"""Left as they are. Format strings mostly build messages, and on 3.11 their parts have no usable locations."""

_DEPTH = 20_000
"""Recursion limit while instrumenting: enough for every tree that the compiler accepts (some 3,000 levels)."""

_DEPTHS = (300, 100, 30)
"""Levels that what is instrumented may have if the whole is too deep, one after the other: probes add levels."""

_READS_LOCALS = frozenset({"locals", "vars", "dir", "eval", "exec"})
"""A function that names one of these might show our loop counters to the program."""


_OTHER: dict[type[ast.boolop], type[ast.boolop]] = {ast.And: ast.Or, ast.Or: ast.And}
"""What `not` makes of it."""

_WHICH = {(True, False): 1, (False, True): 2}
"""Which side of a link is a length, counted from one."""


class Instrumented(NamedTuple):
    """A compiled module with probes."""

    code: CodeType
    first: int
    """Number of the module's first probe in `code`; the others follow."""
    lines: list[int]
    """For each probe the line that it stands for."""
    bare: list[str]
    """What has no probes because the compiler cannot take it with probes: functions, or lines outside of them."""
    constants: list[Literal[Constant]]
    """The distinct constants of the source, in order of appearance, but for docstrings and texts of exceptions."""
    expressions: list[Literal[Expression]]
    """The distinct regular expressions that the source spells out where `re` is called."""

    def at(self, base: int) -> CodeType:
        """The code for a process in which the module's first cell is `base`."""
        return _moved(self.code, self.first, base - self.first) if self.lines else self.code


def _moved(code: CodeType, first: int, distance: int) -> CodeType:
    constants: list[object] = []
    for constant in code.co_consts:
        kind = type(constant)
        if kind is CodeType:
            constant = _moved(constant, first, distance)
        elif kind is int and constant >= first:
            constant += distance
        elif kind is tuple and constant and type(constant[0]) is int and constant[0] >= first:
            cells = [constant[0] + distance + bucket for bucket in range(BUCKETS)]
            constant = tuple([cells[bucket] for bucket in BUCKET_TABLE])
        constants.append(constant)
    return code.replace(co_consts=tuple(constants))


def instrument(source: bytes, path: str) -> Instrumented:
    """Compile a module's source (bytes as they lie in the file) with probes.

    Raises whatever the compiler raises for a source it rejects. It takes a syntax tree of half the depth only that it
    takes as text; what is too deep stays as it is, see `transplant`.
    """
    with _uncollected():
        try:
            return _instrument(source, path, None)
        except RecursionError:
            for depth in _DEPTHS[:-1]:
                with contextlib.suppress(RecursionError):
                    return _instrument(source, path, depth)
            return _instrument(source, path, _DEPTHS[-1])


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Leave the garbage collector alone: a large tree has it look through all objects again and again, which takes half
    as long as all else, and finds nothing, since there are no cycles in a tree.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def plain(source: bytes, path: str) -> Instrumented | None:
    """A module that has no probes and is else as one that has; None for a source that the compiler rejects."""
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # whoever executes it without us is told why
    assert type(code) is CodeType
    return Instrumented(code, 0, [], [], [], [])


def _instrument(source: bytes, path: str, most_depth: int | None) -> Instrumented:
    """`most_depth`: levels of expressions and statements that a statement or a function may have; None: any number."""
    tree = compile(source, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    constants, expressions = literals_of(tree)
    prober = _Prober(_beyond(tree), sets_of(tree))
    bare = [] if most_depth is None else shallow(tree, most_depth)
    limit = getrecursionlimit()
    setrecursionlimit(max(limit, _DEPTH))  # not for the compiler, whose recursion is in C
    try:
        prober.run(tree)
    finally:
        setrecursionlimit(limit)
    code = compile(tree, path, "exec", dont_inherit=True)
    if bare:
        code = transplanted(compile(source, path, "exec", dont_inherit=True), code)
    return Instrumented(
        code,
        prober.first,
        prober.lines,
        bare,
        [Literal(value, prober.places(spots)) for value, spots in constants],
        [Literal(value, prober.places(spots)) for value, spots in expressions],
    )


def _beyond(tree: ast.Module) -> int:
    """An integer larger than any that the compiler can fold out of the tree's constants.

    CPython folds products, powers and shifts of up to 128 bits only; a sum of n numbers has at most log2(n) bits more
    than the largest, and no source has 2**64 numbers.
    """
    numbers = (node.value for node in walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, int))
    return 1 << (max([128, *map(int.bit_length, numbers)]) + 64)


_Node = TypeVar("_Node", bound=ast.AST)


class _Scope:
    """The function whose body is being instrumented."""

    __slots__ = ("_countable", "_function", "_names", "loops")

    def __init__(self, function: ast.AST) -> None:
        self.loops = 0
        """Loops that have a counter."""
        self._function = function
        self._countable: bool | None = None
        self._names: Names | None = None

    @property
    def names(self) -> Names:
        if self._names is None:
            self._names = names_of(self._function)
        return self._names

    def counts_loops(self) -> bool:
        if self._countable is None:
            names = (node.id for node in walk(self._function) if isinstance(node, ast.Name))
            self._countable = _READS_LOCALS.isdisjoint(names) and _nesting(self._function) <= _STATIC_BLOCKS
        return self._countable


def _nesting(node: ast.AST) -> int:
    """At most so many blocks, in the compiler's sense, are nested in a function once its loops are counted."""
    own = 3 if isinstance(node, _TRIES) else 2 if isinstance(node, LOOPS) else isinstance(node, _WITHS)
    children = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)]
    return own + max(map(_nesting, children), default=0)


class _Prober:
    """Instruments one tree, in place.

    `_scope` is None in the bodies of modules and classes: their code runs once, and a name in a class body may be
    looked up in a namespace that invents what it lacks.
    """

    def __init__(self, first: int, sets: frozenset[str]) -> None:
        self.first = first
        self._sets = sets
        """Names of sets."""
        self.lines: list[int] = []
        self._scope: _Scope | None = None
        self._groups: list[ProbeGroup] = []
        self._functions: dict[int, tuple[int, int]] = {}
        """Line of a `def`, or of a lambda outside of one -> the function's part of `_groups`."""
        self._made: dict[int, Function] = {}

    def run(self, tree: ast.Module) -> None:
        self._fields(tree)

    def places(self, spots: list[Spot]) -> tuple[Place, ...]:
        """Spots with their functions, of those that have probes, once the tree has been instrumented."""
        return tuple([(function, line) for start, line in spots if (function := self._function_at(start))])

    def _function_at(self, start: int) -> Function:
        function = self._made.get(start)
        if function is None:
            begin, end = self._functions.get(start, (0, 0))
            function = self._made[start] = pack_groups(self._groups[begin:end])
        return function

    # Statements of functions

    def _block(self, head: Located, statements: list[ast.stmt], due: bool) -> list[ast.stmt]:
        """Instrument the statements of a block; `due` asks for a probe that tells that it was entered.

        `head` is what the block belongs to, in whose line a probe stands if the block's own lines have no code.
        """
        out: list[ast.stmt] = []
        groups, begin = len(self._groups), len(self.lines)
        for number, statement in enumerate(statements, start=1):
            if due and not isinstance(statement, ast.Global | ast.Nonlocal):
                if not self._tells_entry(statements[number - 1 :]):
                    out.append(self._store(statement, head))
                due = False
            due = self._statement(statement, out, number < len(statements)) or due
        if due:
            out.append(self._store(statements[-1], head))
        whole = begin, len(self.lines) - begin, head.lineno
        if len(self._groups) == groups + 1:
            self._groups[groups] = whole
        elif len(self._groups) > groups:
            self._groups.insert(groups, whole)
        return out

    def _tells_entry(self, block: list[ast.stmt]) -> bool:
        """Whether a block leads to a choice with a probe on every side, through nothing that is likely to raise."""
        for statement in block:
            match statement:
                case ast.If(test=test):
                    return is_harmless(test)
                case ast.Match(subject=subject):
                    return is_harmless(subject)
                case ast.For() | ast.AsyncFor() | ast.While():
                    return self._scope is not None and self._scope.counts_loops()
                case ast.Try() | ast.TryStar():
                    return tells_success(statement) or self._tells_entry(statement.body)
                case ast.Return(value=ast.IfExp(test=test)) | ast.Assign(value=ast.IfExp(test=test)):
                    return is_harmless(test)
                case ast.Assign(targets=[ast.Name() | ast.Attribute() as target], value=value) if is_harmless(
                    target
                ) and is_harmless(value):
                    continue
                case ast.AugAssign(target=ast.Name(), op=ast.Add() | ast.Sub(), value=value) if is_harmless(value):
                    continue
                case _:
                    return False
        return False

    def _statement(self, node: ast.stmt, out: list[ast.stmt], followed: bool) -> bool:
        """Instrument one statement and append what becomes of it.

        `followed` says whether another one comes after it in its block. Returns whether a probe is due there: when the
        statement was passed in a way that nothing else tells.
        """
        match node:
            case ast.If():
                return self._if(node, out, followed)
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(node, out, followed)
            case ast.Try() | ast.TryStar():
                return self._try(node, out, followed)
            case ast.Match():
                return self._match(node, out, followed)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self._fields(item)
                node.body = self._block(node, node.body, False)
                out.append(node)
            case ast.Assert():
                out.append(self._visit(node))
                _place_asserted(node.test, over(node))
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) | ast.Expr(value=value):
                due = followed and may_refuse(value)
                out.append(self._visit(node))
                return due
            case _:
                out.append(self._visit(node))
        return False

    def _if(self, node: ast.If, out: list[ast.stmt], followed: bool) -> bool:
        leaves = always_leaves(node.body)
        node.test = self._test(node.test)
        node.body = self._block(node, node.body, True)
        out.append(node)
        if node.orelse:
            node.orelse = self._block(node, node.orelse, True)
        elif leaves and followed:
            return True
        else:
            node.orelse = [self._store(node, node)]
        return False

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, out: list[ast.stmt], followed: bool) -> bool:
        assert self._scope is not None
        counted = self._scope.counts_loops()
        counter = f"{COUNTER}{self._scope.loops}"
        endless = isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)
        breaks, ends_early = exits(node.body)
        first = node.body[0]
        count = self._allocate(node, *[first] * (BUCKETS - 1)) if counted else 0
        if isinstance(node, ast.While):
            node.test = self._test(node.test)
        else:
            self._fields(node, skip=("body", "orelse"))
        self._scope.loops += counted
        node.body = self._block(node, node.body, not counted)
        due = False
        if node.orelse:
            node.orelse = self._block(node, node.orelse, True)
        elif breaks and not endless:
            node.orelse = [self._store(node, node)]
        else:
            due = ends_early and followed and not endless
        if counted:
            start, in_body = at(_anchor(node) or node), at(_anchor(first) or node)
            one = ast.Constant(1, **in_body)
            node.body.insert(0, ast.AugAssign(ast.Name(counter, ast.Store(), **in_body), ast.Add(), one, **in_body))
            out.append(ast.Assign([ast.Name(counter, ast.Store(), **start)], ast.Constant(0, **start), **start))
            out.append(ast.Try([node], [], [], [self._store_count(counter, count, start)], **start))
        else:
            out.append(node)
        return due

    def _try(self, node: ast.Try | ast.TryStar, out: list[ast.stmt], followed: bool) -> bool:
        succeeds = tells_success(node) and not isinstance(node.body[-1], CHOICES)
        fails_away = all(always_leaves(handler.body) for handler in node.handlers) and not node.finalbody
        node.body = self._block(node, node.body, False)
        for handler in node.handlers:
            if handler.type is not None:
                handler.type = self._visit(handler.type)
            told = tell_caught(at(handler))
            handler.body = [told, *self._block(handler, handler.body, True)]
        node.finalbody = self._block(node, node.finalbody, False)
        out.append(node)
        if node.orelse:
            node.orelse = self._block(node, node.orelse, True)
        elif succeeds and fails_away and followed:
            return True
        elif succeeds:
            node.orelse = [self._store(node, node)]
        return False

    def _match(self, node: ast.Match, out: list[ast.stmt], followed: bool) -> bool:
        leaves = all(always_leaves(case.body) for case in node.cases)
        checks, members = case_checks([case.pattern for case in node.cases], self._bound)
        traced = bool(checks) and fit_twice([node.subject])
        node.subject = self._visit(node.subject)
        if traced and fit_grown([node.subject]):
            of_cases = ast.Constant(cast("Any", checks), **over(node.subject))
            node.subject = if_tracing(
                "case", [node.subject, of_cases, *_later(members, over(node.subject))], node.subject
            )
        for case in node.cases:
            if case.guard is not None:
                case.guard = self._visit(case.guard)
            case.body = self._block(case.pattern, case.body, True)
        out.append(node)
        last = node.cases[-1]
        if last.guard is None and takes_all(last.pattern):
            return False
        if leaves and followed:
            return True
        wildcard = ast.MatchAs(None, None, **at(node.subject))
        node.cases.append(ast.match_case(wildcard, None, [self._store(node, node)]))
        return False

    @property
    def _bound(self) -> frozenset[str]:
        return frozenset() if self._scope is None else self._scope.names.bound

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.decorator_list = [self._visit(decorator) for decorator in node.decorator_list]
        self._fields(node.args)
        outer, self._scope = self._scope, _Scope(node)
        documented = ast.get_docstring(node, clean=False) is not None
        head, body = node.body[:documented], node.body[documented:]
        start = node.decorator_list[0] if node.decorator_list else node
        begin = len(self._groups)
        node.body = head + (self._block(start, body, True) if body else [self._store(start, start)])
        self._functions[node.lineno] = begin, len(self._groups)
        self._scope = outer
        return node

    def _class(self, node: ast.ClassDef) -> ast.AST:
        self._fields(node, skip=("body",))
        outer, self._scope = self._scope, None
        node.body = [self._visit(statement) for statement in node.body]
        self._scope = outer
        return node

    # Expressions, and statements outside functions

    def _visit(self, node: _Node) -> _Node:
        """Instrument a node; what is returned takes its place."""
        visited: ast.AST
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                visited = self._function(node)
            case ast.ClassDef():
                visited = self._class(node)
            case ast.Lambda():
                visited = self._lambda(node)
            case ast.BoolOp() if self._scope is not None:
                visited = self._bool_op(node)
            case ast.IfExp() if self._scope is not None:
                visited = self._if_exp(node)
            case ast.Compare() if self._scope is not None:
                visited = self._compare(node) if len(node.ops) == 1 else self._chain(node)
            case ast.Call(func=ast.Attribute() as function) if self._scope is not None:
                visited = self._method(node, function)
            case ast.Call(func=ast.Name(id=name)) if self._scope is not None and name in DECODERS:
                visited = self._called(node, "decoder")
            case ast.Call(func=ast.Name(id=name), args=[_, key, *_]) if (
                self._scope is not None and name in ATTRIBUTES and not isinstance(key, ast.Constant)
            ):
                visited = self._called(node, "attribute")
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if self._scope is not None and counts(
                name, arguments
            ):
                visited = self._called(node, "turns")
            case ast.Call(func=ast.Name(id=name), args=[ast.expr()], keywords=[]) if (
                self._scope is not None and name in COPIES
            ):
                visited = self._called(node, "copying")
            case ast.Subscript(ctx=ast.Load()) if self._scope is not None:
                visited = self._lookup(node)
            case ast.Call(func=ast.Name(id=name)) if self._scope is not None and name in FUNCTIONS:
                visited = self._called(node, "method")
            case ast.Call(func=ast.Name(id="any"), args=[ast.Name() | ast.Subscript()], keywords=[]) if (
                self._scope is not None
            ):
                visited = self._called(node, "zeros")
            case ast.BinOp() if self._scope is not None and is_rest_of_length(node):
                visited = self._rest(node)
            case ast.BinOp() if self._scope is not None and is_of_sets(node, self._sets):
                visited = self._of_sets(node)
            case ast.BinOp() if self._scope is not None and cuts_bits(node):
                visited = self._bits(node)
            case ast.comprehension() if self._scope is not None:
                visited = self._comprehension(node)
            case _:
                if not isinstance(node, _OPAQUE):
                    self._fields(node)
                visited = node
        return cast("_Node", visited)

    def _fields(self, node: ast.AST, skip: tuple[str, ...] = ()) -> None:
        for name in node._fields:
            if name in _UNTOUCHED or name in skip:
                continue
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                setattr(node, name, self._visit(value))
            elif isinstance(value, list):
                value[:] = [self._visit(item) if isinstance(item, ast.AST) else item for item in value]

    def _lambda(self, node: ast.Lambda) -> ast.expr:
        self._fields(node.args)
        outer, self._scope = self._scope, _Scope(node)
        begin = len(self._groups)
        node.body = self._arm(node.body)
        if outer is None:
            self._functions.setdefault(node.lineno, (begin, len(self._groups)))
        self._scope = outer
        return node

    def _bool_op(self, node: ast.BoolOp) -> ast.expr:
        node.values = [self._condition(node.values[0]), *(self._arm(value) for value in node.values[1:])]
        return node

    def _if_exp(self, node: ast.IfExp) -> ast.expr:
        node.test = self._test(node.test)
        node.body = self._arm(node.body)
        node.orelse = self._arm(node.orelse)
        return node

    def _condition(self, node: ast.expr) -> ast.expr:
        """`trace.remainder(x % 97) if trace is not None else x % 97`, where it decides a branch."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node.operand = self._condition(node.operand)
            return node
        traced = self._scope is not None and is_remainder(node) and fit_twice([node])
        if self._scope is not None and not traced and isinstance(node, ast.BinOp) and cuts_bits(node):
            return self._bits(node, decides=True)
        decides = self._scope is not None and is_number(node, self._scope.names)
        visited = self._visit(node)
        if not (traced or decides) or not fit_grown([visited]):
            return visited
        return if_tracing("remainder" if traced else "truth", [visited], visited)

    def _test(self, node: ast.expr, within: type[ast.boolop] | None = None) -> ast.expr:
        """A condition of which only the truth counts, or an operand of one, among those of `within`.

        Of a group of operands within one of the other kind a probe tells that it has been gone through to its end. That
        leads where another operand of the outer one has led, too: `(b or c)` is false, or `a` is.
        """
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                node.operand = self._test(operand, within and _OTHER[within])
                return node
            case ast.BoolOp(op=op, values=[first, *others]):
                kind = type(op)
                node.values = [self._test(first, kind), *(self._arm(value, kind) for value in others)]
                if within is not None and kind is not within:
                    node.values += self._gone_through(others[-1], kind)
                return node
            case _:
                return self._condition(node)

    def _gone_through(self, last: ast.expr, kind: type[ast.boolop]) -> list[ast.expr]:
        """Operands behind the `last` that change nothing, and tell that none of those before has decided."""
        where = over(last)
        # `store or False`, whatever follows: so the compiler always goes on behind the store, which can be left out.
        nothing: list[ast.expr] = [self._store_expression(last), ast.Constant(False, **where)]
        if kind is ast.Or:
            return nothing
        return [ast.UnaryOp(ast.Not(), ast.BoolOp(ast.Or(), nothing, **where), **where)]

    def _bits(self, node: ast.BinOp, *, decides: bool = False) -> ast.expr:
        """`trace.bits("&", x, 7, False) if trace is not None else x & 7`"""
        traced = fit_twice([node.left, node.right])
        self._fields(node)
        if not traced or not fit_grown([node.left, node.right]):
            return node
        where = over(node)
        operator = "&" if isinstance(node.op, ast.BitAnd) else ">>"
        arguments = [ast.Constant(operator, **where), node.left, node.right, ast.Constant(decides, **where)]
        return if_tracing("bits", arguments, node)

    def _rest(self, node: ast.BinOp) -> ast.expr:
        """`trace.rest(len(x), 4) if trace is not None else len(x) % 4`, where the length is noted."""
        traced = fit_twice([node.left])
        self._fields(node)
        if not traced or not fit_grown([node.left]):
            return node
        return if_tracing("rest", [measured(node.left), node.right], node)

    def _of_sets(self, node: ast.BinOp) -> ast.expr:
        """`trace.of_sets("-", x, y) if trace is not None else x - y`"""
        traced = fit_twice([node.left, node.right])
        self._fields(node)
        if not traced or not fit_grown([node.left, node.right]):
            return node
        operator = ast.Constant("-" if isinstance(node.op, ast.Sub) else "&", **over(node))
        return if_tracing("of_sets", [operator, node.left, node.right], node)

    def _arm(self, node: ast.expr, of_test: type[ast.boolop] | None = None) -> ast.expr:
        """An operand that is evaluated only sometimes, with a probe before it; `of_test`: among whose operands, if only
        the truth counts.
        """
        visited = self._condition(node) if of_test is None else self._test(node, of_test)
        if isinstance(node, ast.IfExp):
            return visited
        return ast.BoolOp(ast.Or(), [self._store_expression(node), visited], **over(node))

    def _comprehension(self, node: ast.comprehension) -> ast.comprehension:
        self._fields(node, skip=("ifs",))
        node.ifs = [self._test(each) for each in node.ifs]
        if node.ifs:
            last = node.ifs[-1]
            where = over(last)
            none = ast.Constant(None, **where)
            passed = ast.Compare(self._store_expression(last), [ast.Is()], [none], **where)
            node.ifs[-1] = ast.BoolOp(ast.And(), [last, passed], **where)
        return node

    def _compare(self, node: ast.Compare) -> ast.expr:
        assert self._scope is not None
        operator = OPERATORS.get(type(node.ops[0]))
        traced = operator is not None and worth_tracing(operator, node.left, node.comparators[0])
        if operator in SAME and are_computed(node.left, node.comparators[0], self._scope.names):
            operator = SAME[operator]
        elif operator in SUMS and is_sum(node.left, node.comparators[0]):
            operator = SUMS[operator]
        traced = traced and fit_twice([node.left, node.comparators[0]])
        lengths = [operator in OPERATORS_OF_LENGTHS and is_length(side) for side in (node.left, node.comparators[0])]
        self._fields(node)
        operands = [node.left, node.comparators[0]]
        if not traced or not fit_grown(operands):
            return node
        where = over(node)
        if sum(lengths) == 1:
            is_left = ast.Constant(lengths[0], **where)
            operands = [measured(side) if each else side for each, side in zip(lengths, operands, strict=True)]
            return if_tracing("against_length", [ast.Constant(operator, **where), *operands, is_left], node)
        worked_out = operands[0]
        if is_worked_out(worked_out) and operator in EQUALITIES:
            assert isinstance(worked_out, ast.BinOp)
            # It is worked out before the other operand is: each may change what the other is, or fail.
            there = over(worked_out)
            how = ast.Constant(ARITHMETIC[type(worked_out.op)], **there)
            made = ast.Call(trace_method("worked_out", there), [how, worked_out.left, worked_out.right], [], **there)
            return if_tracing("arithmetic", [ast.Constant(operator, **where), made, operands[1]], node)
        return if_tracing("compare", [ast.Constant(operator, **where), *operands], node)

    def _chain(self, node: ast.Compare) -> ast.expr:
        """`trace is not None and trace.chain(...) or a < b < c`: `chain` is None, and the chain runs in any case.

        So operands are evaluated twice, and those may be that have no code: constants, names, and beyond the first two,
        which are always evaluated, names that surely are bound.
        """
        assert self._scope is not None
        operands = [node.left, *node.comparators]
        operators = [OPERATORS.get(type(operator)) for operator in node.ops]
        for link, operator in enumerate(operators):
            if operator in SAME and are_computed(operands[link], operands[link + 1], self._scope.names):
                operators[link] = SAME[operator]
        links = zip(operators, operands, operands[1:], strict=False)
        are_known = all(has_no_code(operand) for operand in operands[2:]) and all(
            not isinstance(operand, ast.Name) or operand.id in self._scope.names.parameters for operand in operands[2:]
        )
        is_worth = any(operator and worth_tracing(operator, left, right) for operator, left, right in links)
        if not all(operators) or not is_worth:
            self._fields(node)
            return node
        if not are_known:
            return self._chain_link_by_link(node, cast("Any", operators))
        if not all(has_no_code(operand) for operand in operands[:2]):
            return self._chain_with_code(node, tuple(operators))
        where = over(node)
        of_links = ast.Constant(cast("Any", tuple(operators)), **where)
        looked_at = ast.Call(trace_method("chain", where), [of_links, *operands], [], **where)
        return ast.BoolOp(ast.Or(), [ast.BoolOp(ast.And(), [is_tracing(where), looked_at], **where), node], **where)

    def _chain_with_code(self, node: ast.Compare, operators: tuple[str | None, ...]) -> ast.expr:
        """`trace.links(...) if trace is not None else a < b() < c`: of the operands, the first two may have code."""
        traced = fit_twice([node.left, node.comparators[0]])
        self._fields(node)
        operands = [node.left, *node.comparators]
        if not traced or not fit_grown(operands):
            return node
        return if_tracing("links", [ast.Constant(cast("Any", operators), **over(node)), *operands], node)

    def _chain_link_by_link(self, node: ast.Compare, operators: list[str]) -> ast.expr:
        """`trace.link("<", a, b, 0) and trace.link_on("<", len(c), 2) if trace is not None else a < b < len(c)`: the
        trace keeps an operand until the next one has been evaluated, which must not take long.
        """
        operands = [node.left, *node.comparators]
        traced = fit_twice(operands) and all(map(is_quick, operands[2:]))
        lengths = [is_length(operand) for operand in operands]
        self._fields(node)
        operands = [node.left, *node.comparators]
        if not traced or not fit_grown(operands):
            return node
        where = over(node)
        operands = [measured(side) if each else side for each, side in zip(lengths, operands, strict=True)]
        which = [_WHICH.get((left, right), 0) for left, right in pairwise(lengths)]
        calls: list[ast.expr] = []
        for number, operator in enumerate(operators):
            sides = operands[:2] if not number else operands[number + 1 : number + 2]
            arguments = [ast.Constant(operator, **where), *sides, ast.Constant(which[number], **where)]
            calls.append(ast.Call(trace_method("link_on" if number else "link", where), arguments, [], **where))
        return chosen(ast.BoolOp(ast.And(), calls, **where), node)

    def _method(self, node: ast.Call, function: ast.Attribute) -> ast.expr:
        """`trace.method(x.find)(y) if trace is not None else x.find(y)`"""
        parts = [function.value, *node.args, *[keyword.value for keyword in node.keywords]]
        is_decoder = decodes(function.attr, parts[1:])
        traced = (is_decoder or compares(function.attr, function.value, parts[1:])) and fit_twice(parts)
        self._fields(node)
        parts = [function.value, *node.args, *[keyword.value for keyword in node.keywords]]
        if not traced or not fit_grown(parts):
            return node
        where = over(node)
        stand_in = ast.Call(trace_method("decoder" if is_decoder else "method", where), [function], [], **where)
        if function.lineno != function.end_lineno:  # the compiler puts the call of a method where its name stands
            assert function.end_lineno is not None
            assert function.end_col_offset is not None
            where["lineno"] = function.end_lineno
            where["col_offset"] = max(0, function.end_col_offset - len(function.attr.encode()))
        call = ast.Call(stand_in, node.args, node.keywords, **where)
        return chosen(call, node)

    def _called(self, node: ast.Call, hook: str) -> ast.expr:
        """`trace.decoder(unquote)(x) if trace is not None else unquote(x)`"""
        traced = bool(node.args) and fit_twice([*node.args, *[keyword.value for keyword in node.keywords]])
        self._fields(node)
        if not traced or not fit_grown([*node.args, *[keyword.value for keyword in node.keywords]]):
            return node
        where = over(node)
        call = ast.Call(
            ast.Call(trace_method(hook, where), [node.func], [], **where), node.args, node.keywords, **where
        )
        return chosen(call, node)

    def _lookup(self, node: ast.Subscript) -> ast.expr:
        assert self._scope is not None
        if cuts(node.value, node.slice):
            return self._cut(node, cast("ast.Slice", node.slice))
        names = self._scope.names
        is_lookup = looks_up(node.value, node.slice, names)
        traced = is_lookup or takes_one(node.value, node.slice, names)
        traced = traced and fit_twice([node.value, node.slice])
        self._fields(node)
        if not traced or not fit_grown([node.value, node.slice]):
            return node
        return if_tracing("lookup" if is_lookup else "item", [node.value, node.slice], node)

    def _cut(self, node: ast.Subscript, part: ast.Slice) -> ast.expr:
        """`trace.cut(x, a, b) if trace is not None else x[a:b]`"""
        ends = [end for end in (part.lower, part.upper) if end is not None]
        traced = fit_twice([node.value, *ends])
        self._fields(node)
        none = ast.Constant(None, **over(node))
        lower, upper = part.lower or none, part.upper or none
        if not traced or not fit_grown([node.value, lower, upper]):
            return node
        return if_tracing("cut", [node.value, lower, upper], node)

    # What is inserted

    def _allocate(self, *nodes: Located) -> int:
        """New cells, one for each node, standing for its line; returns the number of the first."""
        index = len(self.lines)
        self._groups.append((index, len(nodes), nodes[0].lineno))
        self.lines += [node.lineno for node in nodes]
        return self.first + index

    def _store(self, node: Located, head: Located) -> ast.stmt:
        """`cells[K] = 1`, standing for the node's line and placed where the node, or else the head, has code."""
        where = at(_anchor(node) or head)
        return _assign_cell(ast.Constant(self._allocate(node), **where), where)

    def _store_count(self, counter: str, first: int, where: Position) -> ast.stmt:
        """`cells[table[n if n < CAP else CAP]] = 1`"""
        count = ast.Name(counter, ast.Load(), **where)
        cap = ast.Constant(COUNT_CAP, **where)
        table = ast.Constant(cast("Any", (first,)), **where)
        capped = ast.IfExp(ast.Compare(count, [ast.Lt()], [cap], **where), count, cap, **where)
        return _assign_cell(ast.Subscript(table, capped, ast.Load(), **where), where)

    def _store_expression(self, of: ast.expr) -> ast.expr:
        """`setitem(cells, K, 1)`, whose value is None"""
        where = over(of)
        cells, cell = ast.Name(CELLS, ast.Load(), **where), ast.Constant(self._allocate(of), **where)
        setitem = ast.Name(SETITEM, ast.Load(), **where)
        return ast.Call(setitem, [cells, cell, ast.Constant(1, **where)], [], **where)


def _assign_cell(cell: ast.expr, where: Position) -> ast.stmt:
    target = ast.Subscript(ast.Name(CELLS, ast.Load(), **where), cell, ast.Store(), **where)
    return ast.Assign([target], ast.Constant(1, **where), **where)


def _anchor(node: Located) -> Located | None:
    """The part of a node in whose first line the compiler puts code; None if there may be none at all."""
    match node:
        case ast.If(test=part) | ast.While(test=part) | ast.For(iter=part) | ast.AsyncFor(iter=part):
            return part
        case ast.Match(subject=part):
            return part
        case ast.FunctionDef(decorator_list=[part, *_]) | ast.AsyncFunctionDef(decorator_list=[part, *_]):
            return part
        case ast.ClassDef(decorator_list=[part, *_]):
            return part
        case ast.Pass() | ast.Global() | ast.Nonlocal() | ast.Expr(value=ast.Constant()) | ast.AnnAssign(value=None):
            return None
        case ast.Expr(value=part):
            return part
    return node


def _place_asserted(test: ast.expr, where: Position) -> None:
    """Have what an instrumented assertion raises stand where it does in the plain one, `where`, since a failure is told
    from others by that: of a condition whose last part is a choice of ours, the compiler would take that part's place.
    """
    waiting = [test]
    while waiting:
        match waiting.pop():
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                waiting.append(operand)
            case ast.BoolOp(values=[*_, last]):
                waiting.append(last)
            case ast.IfExp(test=ast.Compare(left=ast.Name(id=name)) as choice, orelse=orelse) if name == TRACE:
                for node in (choice, choice.left, *choice.comparators):
                    for attribute, value in where.items():
                        setattr(node, attribute, value)
                waiting.append(orelse)
            case ast.IfExp(body=body, orelse=orelse):
                waiting += [body, orelse]


def _later(members: list[ast.expr], where: Position) -> list[ast.expr]:
    """A function that reads these names: one may not be there, which the `match` statement may never come to."""
    if not members:
        return []
    nothing = ast.arguments([], [], None, [], [], None, [])
    return [ast.Lambda(nothing, ast.Tuple(members, ast.Load(), **where), **where)]
