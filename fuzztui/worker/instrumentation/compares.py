"""Chooses the comparisons of a syntax tree that are traced, and makes the nodes that replace them. See `instrument`."""

import ast
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.literals import Constant
from fuzztui.worker.instrumentation.tree import Position, over, walk

__builtins__ = PRIVATE_BUILTINS

_Node = TypeVar("_Node", bound=ast.AST)

TRACE = "_@m"
"""Global of instrumented modules: None, or a `trace.ComparisonTrace`."""

Step: TypeAlias = Constant | tuple[str | int]
"""A position in a sequence or the key of a mapping; in a tuple of its own the name of an attribute, or its place among
those that a class matches by position."""

CaseCheck: TypeAlias = tuple[tuple[Step, ...], str, tuple[Constant | None, ...]]
"""(path, kind, constants): what `match` does with a part of its subject. `of`: compares it with one of the constants;
`member`: with what stands at these places among the members that the patterns name; `key`: looks each of them up in it;
`sequence`: compares its elements with all of them, but for those that are None.

The path leads from the subject to the part."""

METHODS = {
    **dict.fromkeys(("startswith", "removeprefix"), "startswith"),
    **dict.fromkeys(("endswith", "removesuffix"), "endswith"),
    **dict.fromkeys(("find", "index", "rfind", "rindex", "count", "replace"), "in"),
    **dict.fromkeys(("split", "rsplit", "splitlines", "partition", "rpartition", "get", "pop"), "in"),
    **dict.fromkeys(("strip", "lstrip", "rstrip"), "strip"),
    **dict.fromkeys(("findtext", "iterfind", "iter"), "in"),
    **dict.fromkeys(("isdigit", "isdecimal", "isnumeric", "isalpha", "isalnum", "isidentifier"), "like"),
    **dict.fromkeys(("isupper", "islower"), "like"),
    **dict.fromkeys(("read", "readinto", "readline", "unpack", "unpack_from", "iter_unpack"), "reads"),
    **dict.fromkeys(("tobytes", "BytesIO"), "copies"),
    **dict.fromkeys(("issubset", "issuperset", "difference", "intersection", "isdisjoint"), "subset"),
    **dict.fromkeys(("get_all", "getlist", "has_section", "has_option"), "lacks"),
    "compare_digest": "==",
    **dict.fromkeys(("match", "search", "fullmatch", "findall", "finditer", "sub", "subn"), "matches"),
}
"""Methods that compare -> how they do. They belong to texts, but for `get` and `pop` of dicts, those that find
elements of markup, as `find`, `findall` and `get` do too, those that read from streams and buffers, those of sets,
those that ask other objects for what has a name, as `get` does too, `hmac.compare_digest`, and the last line, of
expressions. `copies`: the same bytes are something else then."""

DECODERS = frozenset(
    {
        *("b64decode", "standard_b64decode", "urlsafe_b64decode", "decodebytes", "b32decode", "b16decode"),
        *("a2b_base64", "a2b_hex", "unhexlify", "a2b_qp", "decodestring", "fromhex", "decode", "decompress", "loads"),
        "decompressobj",
        *("fromisoformat", "strptime", "unquote", "unquote_plus", "unquote_to_bytes", "int", "float"),
    }
)
"""Names of functions that make something out of a form that it may stand in an input in."""

FUNCTIONS = frozenset({"compare_digest", "unpack", "unpack_from", "iter_unpack", "BytesIO"})
"""Methods that are functions of modules, and may be called by their names alone."""

COPIES = frozenset({"bytes", "bytearray", "memoryview"})
"""Names of functions that make the same bytes something else."""

_UNPACKING = frozenset({"unpack", "unpack_from", "from_bytes"})
_WITHOUT_ARGUMENTS = frozenset({"read", "readline", "tobytes"})
"""Methods that are traced without arguments, too."""

ATTRIBUTES = frozenset({"getattr", "hasattr"})
"""Names of functions that look for a name in an object."""

_BYTES_OF_SUMS = frozenset({0xFF, 0xFFFF, 0xFFFF_FFFF})
_SUMS_OF_ALL = frozenset({0, *_BYTES_OF_SUMS})
_NO_SUMS = frozenset({"len", "int", "ord", "abs", "max", "min", "round"})
_LEAST_MODULUS = 7
"""Of a remainder that may be a check of digits."""

_PLAIN_ENCODINGS = frozenset({"utf-8", "utf8", "ascii", "latin-1", "latin1", "iso-8859-1"})

_SPLITTING = frozenset({"split", "rsplit", "splitlines"})
"""Methods that are traced without arguments too: their result shows how a text is cut into pieces."""

OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}

OPERATORS_OF_LENGTHS = frozenset({"<", "<=", ">", ">=", "==", "!=", "same ==", "same !="})

IDENTITIES: dict[str, str] = {"is": "==", "is not": "!="}
"""What identity is taken for: it is traced where a side may be a member of an enumeration, or is a flag."""

SAME: dict[str, str] = {"==": "same ==", "!=": "same !="}
"""How an equality is traced if neither side is a constant of the program, see `are_computed`."""

SUMS: dict[str, str] = {"==": "sum ==", "!=": "sum !="}
"""How an equality is traced if one side seems to be a sum over the input, and the other what it has to be."""

EQUALITIES = frozenset({"==", "!=", "same ==", "same !="})
ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.BitXor: "^"}
"""What of two numbers is compared so that each of them says what the other one has to be."""

_OPERAND_NODES = 100
"""Nodes of the operands of a comparison up to which it is traced: the instrumented code contains the operands twice."""

_TWICE_NODES = 300
"""The same, counted after the operands have been instrumented: each of these contains its own operands twice, with what
traces them and without."""

_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
"""Nodes that are functions of their own. They may stand in the code twice, each time as code of its own with the same
cells; only one of the two ever runs."""


class Names(NamedTuple):
    """The names in a function by their use."""

    parameters: frozenset[str]
    bound: frozenset[str]
    """Parameters, and what is assigned to."""
    positions: frozenset[str]
    """Names used in arithmetic or as the end of a slice: likely numbers, not keys."""
    unpacked: frozenset[str]
    """Names of what was read out of binary data: likely numbers."""


def names_of(function: ast.AST) -> Names:
    parameters, bound, positions, unpacked = set(), set(), set(), set()
    for node in walk(function):
        match node:
            case ast.arg(arg=name):
                parameters.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                bound.add(name)
            case ast.BinOp(op=ast.Add() | ast.Sub(), left=left, right=right):
                sides = ((left, right), (right, left))
                positions |= {one.id for one, other in sides if isinstance(one, ast.Name) and not _is_text(other)}
            case ast.Slice(lower=lower, upper=upper):
                positions |= {end.id for end in (lower, upper) if isinstance(end, ast.Name)}
            case ast.AugAssign(target=ast.Name(id=name), value=value) if not _is_text(value):
                positions.add(name)
            case ast.Assign(targets=[target], value=value) if _unpacks(value):
                unpacked |= {each.id for each in walk(target) if isinstance(each, ast.Name)}
    return Names(frozenset(parameters), frozenset(parameters | bound), frozenset(positions), frozenset(unpacked))


def _unpacks(node: ast.expr) -> bool:
    """Whether this is a call that reads numbers, also where it has been instrumented."""
    match node:
        case ast.IfExp(orelse=ast.Call() as call):
            return _unpacks(call)
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in _UNPACKING
    return False


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def worth_tracing(operator: str, left: ast.expr, right: ast.expr) -> bool:
    """Whether a comparison may tell something about the input."""
    sides = (left, right)
    if operator in IDENTITIES:
        if isinstance(right, ast.Constant) and isinstance(right.value, bool):
            return not isinstance(left, ast.Constant)
        return any(map(is_member, sides)) and not any(isinstance(side, ast.Constant) for side in sides)
    constants = [side.value for side in sides if isinstance(side, ast.Constant)]
    if len(constants) == 2 or not all(isinstance(value, str | bytes | int | float) for value in constants):
        return False
    # Bounds of loops and indices are the hottest comparisons, and mutation finds both of their outcomes by itself.
    names = [side.id for side in sides if isinstance(side, ast.Name)]
    are_variables = len(names) == 2 and names[0].isupper() is names[1].isupper()  # and none is a bound of the program's
    return not (operator[0] in "<>" and (are_variables or 0 in constants or 1 in constants))


def is_worked_out(node: ast.AST) -> bool:
    """Whether an operand is worked out of two that may both be of the input."""
    match node:
        case ast.BinOp(left=left, op=operator, right=right):
            return type(operator) in ARITHMETIC and not any(isinstance(each, ast.Constant) for each in (left, right))
    return False


def is_length(node: ast.AST) -> bool:
    """Whether an operand is how long something is."""
    match node:
        case ast.Call(func=ast.Name(id="len"), args=[text], keywords=[]):
            return not isinstance(text, ast.Starred)
    return False


def measured(node: ast.expr) -> ast.expr:
    """`trace.length(len, x)` in place of `len(x)`."""
    assert isinstance(node, ast.Call)
    where = over(node)
    return ast.Call(trace_method("length", where), [node.func, *node.args], [], **where)


def is_member(node: ast.expr) -> bool:
    """Whether a name is spelled as that of an enumeration's member: `Color.RED`, `module.Color.red`."""
    match node:
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
            return owner[:1].isupper() or name.isupper()
    return False


def are_computed(left: ast.expr, right: ast.expr, uses: Names) -> bool:
    """Whether both sides of an equality seem to come from the input, as a checksum and the sum that is read do."""
    return all(_is_computed(side, uses) for side in (left, right))


def _is_computed(node: ast.expr, uses: Names) -> bool:
    match node:
        case ast.Name(id=name):
            return name in uses.bound
        case ast.Attribute(attr=name):
            return not name.isupper()
        case ast.Call() | ast.Subscript() | ast.BinOp():
            return True
    return False


def compares(method: str, receiver: ast.expr, arguments: list[ast.expr]) -> bool:
    """Whether a call of a method may tell something about the input."""
    if method not in METHODS:
        return False
    if not arguments:
        return method in _SPLITTING or METHODS[method] == "like" or method in _WITHOUT_ARGUMENTS
    first = arguments[0]
    if method == "pop" and isinstance(first, ast.UnaryOp | ast.Constant):
        return isinstance(first, ast.Constant) and isinstance(first.value, str | bytes)  # not from a list
    if isinstance(first, ast.Constant):
        return isinstance(first.value, str | bytes | int) and not isinstance(receiver, ast.Constant)
    return True


def decodes(name: str, arguments: list[ast.expr]) -> bool:
    """Whether a call of a function may tell of a form within the input. Operands are found in what is plain text."""
    if name not in DECODERS:
        return False
    if name != "decode":
        return bool(arguments)
    match arguments:
        case [] | [ast.Constant(value=None)]:
            return False
        case [ast.Constant(value=str() as encoding), *_]:
            return encoding.lower().replace("_", "-") not in _PLAIN_ENCODINGS
    return True


def cuts_bits(node: ast.BinOp) -> bool:
    """Whether a number is cut out of the bits of another one: by a constant, or one that is spelled as such."""
    match node:
        case ast.BinOp(op=ast.BitAnd() | ast.RShift(), left=left, right=ast.Constant(value=int())):
            return not isinstance(left, ast.Constant)
        case ast.BinOp(op=ast.BitAnd(), left=left, right=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name.isupper() and not isinstance(left, ast.Constant)
    return False


def sets_of(tree: ast.Module) -> frozenset[str]:
    """Names of a module, and of its classes, that are sets."""
    found: set[str] = set()
    for body in [tree.body, *[each.body for each in tree.body if isinstance(each, ast.ClassDef)]]:
        for statement in body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_set(value):
                    found.add(name)
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if _is_set(value):
                    found.add(name)
    return frozenset(found)


def _is_set(node: ast.expr, known: frozenset[str] = frozenset()) -> bool:
    match node:
        case ast.Set() | ast.SetComp() | ast.Call(func=ast.Name(id="set" | "frozenset") | ast.Attribute(attr="keys")):
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in known
    return False


def is_of_sets(node: ast.BinOp, known: frozenset[str]) -> bool:
    """Whether this is what a set has besides another, or what two have in common. `known`: names of sets."""
    return isinstance(node.op, ast.Sub | ast.BitAnd) and (_is_set(node.left, known) or _is_set(node.right, known))


def counts(function: str, arguments: list[ast.expr]) -> bool:
    """Whether a call makes a loop that goes on for as many turns as an input may say."""
    match arguments:
        case [ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call() as count]:
            return function == "range" and not is_length(count)
    return False


def is_remainder(node: ast.expr) -> bool:
    """Whether what decides a branch seems to be a sum that has to be zero: the low bytes of it, or a remainder."""
    match node:
        case ast.BinOp(op=ast.BitAnd(), right=ast.Constant(value=int() as mask)):
            return mask in _BYTES_OF_SUMS
        case ast.BinOp(op=ast.Mod(), left=left, right=ast.Constant(value=int() as modulus)):
            return modulus >= _LEAST_MODULUS and not isinstance(left, ast.Constant | ast.JoinedStr)
    return False


def is_sum(left: ast.expr, right: ast.expr) -> bool:
    """Whether an equality seems to be of a sum over the input with what it has to be."""
    match left, right:
        case ast.Call(func=ast.Name(id=name)), ast.Constant(value=int() as wanted):
            return wanted in _SUMS_OF_ALL and name not in _NO_SUMS
        case ast.Call(func=ast.Attribute()), ast.Constant(value=int() as wanted):
            return wanted in _SUMS_OF_ALL and wanted > 0
        case ast.BinOp(op=ast.Mod() | ast.BitAnd()), ast.Constant(value=int()):
            return is_remainder(left)
        case ast.Name(), ast.Constant(value=int() as wanted):
            return wanted in _SUMS_OF_ALL and wanted > 0
    return False


def cuts(container: ast.expr, part: ast.expr) -> bool:
    """Whether a subscript takes a part of what may be a text: up to a place, where there may be less than was asked
    for, or all that is left, of which parts may be taken in turn.
    """
    match part:
        case ast.Slice(lower=None, upper=None):
            return False
        case ast.Slice(step=None):
            return not isinstance(container, ast.Constant)
    return False


def is_number(node: ast.expr, uses: Names) -> bool:
    """Whether what decides a branch seems to be a number of binary data, which has to be zero, or must not be."""
    match node:
        case ast.Name(id=name):
            return name in uses.unpacked
        case ast.Subscript(value=container, slice=key):
            return takes_one(container, key, uses)
    return False


def is_rest_of_length(node: ast.BinOp) -> bool:
    """Whether this is what is left of a length beyond a multiple."""
    match node:
        case ast.BinOp(op=ast.Mod(), left=left, right=ast.Constant(value=int() as unit)):
            return unit > 1 and is_length(left)
    return False


def takes_one(container: ast.expr, key: ast.expr, uses: Names) -> bool:
    """Whether a subscript may take one byte out of binary data."""
    if isinstance(container, ast.Constant | ast.Call):
        return False
    match key:
        case ast.Name(id=name):
            return name in uses.positions
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return True
        case ast.Constant(value=int()) | ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int())):
            return True
    return False


def looks_up(container: ast.expr, key: ast.expr, uses: Names) -> bool:
    """Whether a subscript may be a look into a dict.

    Most are positions in a sequence, which parsers take all the time. A dict has constant texts for keys, or it is a
    table that belongs to something larger than the function, and the key is not something that is calculated with.
    """
    match container:
        case ast.Name(id=name):
            is_table = name not in uses.bound
        case ast.Attribute() | ast.Subscript() | ast.Call():
            is_table = True
        case _:
            is_table = False
    match key:
        case ast.Constant(value=value):
            return isinstance(value, str | bytes)
        case ast.Name(id=name):
            return is_table and name not in uses.positions
        case ast.Attribute() | ast.Call() | ast.Subscript():
            return is_table
    return False


def case_checks(
    patterns: list[ast.pattern], bound: frozenset[str] = frozenset()
) -> tuple[tuple[CaseCheck, ...], list[ast.expr]]:
    """What the patterns of a `match` statement compare with constants, in order of appearance, and the names of members
    that they compare with. `bound`: names of the function's own, which would have to be shared with another function to
    be read there.
    """
    found: dict[tuple[tuple[Step, ...], str], dict[Constant, None]] = {}
    sequences: dict[CaseCheck, None] = {}
    members: dict[str, ast.expr] = {}

    def visit(pattern: ast.pattern | None, path: tuple[Step, ...]) -> None:
        match pattern:
            case ast.MatchValue(value=ast.Attribute() as value) if is_member(value):
                name = ast.unparse(value)
                root = name.partition(".")[0]
                if root.isidentifier() and root not in bound:
                    members.setdefault(name, value)
                    found.setdefault((path, "member"), {}).setdefault([*members].index(name))
            case ast.MatchValue(value=value):
                note(path, "of", value)
            case ast.MatchOr(patterns=parts):
                for part in parts:
                    visit(part, path)
            case ast.MatchAs(pattern=part):
                visit(part, path)
            case ast.MatchSequence(patterns=parts):
                star = next((at for at, part in enumerate(parts) if isinstance(part, ast.MatchStar)), len(parts))
                first = parts[:star]  # from the star on, positions count from the end
                wanted = tuple([_first_constant(part) for part in first])
                if any(constant is not None for constant in wanted):
                    sequences.setdefault((path, "sequence", wanted))
                for index, part in enumerate(first):
                    visit(part, (*path, index))
            case ast.MatchMapping(keys=keys, patterns=parts):
                for key, part in zip(keys, parts, strict=True):
                    constant = note(path, "key", key)
                    if constant is not None:
                        visit(part, (*path, constant))
            case ast.MatchClass(patterns=parts, kwd_attrs=names, kwd_patterns=named):
                for index, part in enumerate(parts):
                    visit(part, (*path, (index,)))
                for attribute, part in zip(names, named, strict=True):
                    visit(part, (*path, (attribute,)))

    def note(path: tuple[Step, ...], kind: str, node: ast.expr) -> Constant | None:
        constant = _constant(node)
        if constant is not None:
            found.setdefault((path, kind), {}).setdefault(constant)
        return constant

    for pattern in patterns:
        visit(pattern, ())
    checks = [(path, kind, tuple(constants)) for (path, kind), constants in found.items()]
    return (*checks, *sequences), list(members.values())


def _first_constant(pattern: ast.pattern | None) -> Constant | None:
    match pattern:
        case ast.MatchValue(value=value):
            return _constant(value)
        case ast.MatchOr(patterns=[first, *_]):
            return _first_constant(first)
        case ast.MatchAs(pattern=inner):
            return _first_constant(inner)
    return None


def _constant(node: ast.expr) -> Constant | None:
    """The value of a literal pattern, if inputs can hold one; None for dotted names, which are code."""
    match node:
        case ast.Constant(value=str() | bytes() | int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
    return None


def has_no_code(operand: ast.expr) -> bool:
    """Whether nothing happens when an operand of a chain is evaluated, unless a name is unbound."""
    match operand:
        case ast.Name() | ast.Constant() | ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return True
    return False


def is_quick(operand: ast.expr) -> bool:
    """Whether next to no code runs when an operand is evaluated, but for a length."""
    calls = (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, *_SCOPES)
    return not any(isinstance(each, calls) and not is_length(each) for each in walk(operand))


def fit_twice(parts: list[ast.expr]) -> bool:
    """Whether expressions of the source may stand in the code twice: comparisons must not, or the code would grow
    exponentially, but those in functions of their own may, where `fit_grown` is the bound.
    """
    nodes = 0
    waiting: list[tuple[ast.AST, bool]] = [(part, False) for part in parts]
    while waiting:
        node, is_inner = waiting.pop()
        nodes += 1
        if nodes > _OPERAND_NODES or (not is_inner and isinstance(node, ast.Compare)):
            return False
        is_inner = is_inner or isinstance(node, _SCOPES)
        waiting += [(child, is_inner) for child in ast.iter_child_nodes(node)]
    return True


def fit_grown(parts: list[ast.expr]) -> bool:
    """The same for expressions that have been instrumented."""
    nodes = 0
    for part in parts:
        for _ in walk(part):
            nodes += 1
            if nodes > _TWICE_NODES:
                return False
    return True


def is_tracing(where: Position) -> ast.expr:
    """`trace is not None`"""
    return ast.Compare(ast.Name(TRACE, ast.Load(), **where), [ast.IsNot()], [ast.Constant(None, **where)], **where)


def trace_method(name: str, where: Position) -> ast.expr:
    """`trace.name`, all of it at the start: the compiler puts a method's call into the line in which its name ends."""
    where = {**where, "end_lineno": where["lineno"], "end_col_offset": where["col_offset"]}
    return ast.Attribute(ast.Name(TRACE, ast.Load(), **where), name, ast.Load(), **where)


def tell_caught(where: Position) -> ast.stmt:
    """`if trace is not None: trace.caught()`"""
    call = ast.Call(trace_method("caught", where), [], [], **where)
    return ast.If(is_tracing(where), [ast.Expr(call, **where)], [], **where)


def if_tracing(method: str, arguments: list[ast.expr], otherwise: ast.expr) -> ast.expr:
    """`trace.method(arguments) if trace is not None else otherwise`"""
    where = over(otherwise)
    return chosen(ast.Call(trace_method(method, where), arguments, [], **where), otherwise)


def chosen(traced: ast.expr, otherwise: ast.expr) -> ast.expr:
    """`traced if trace is not None else otherwise`, where nothing is traced in what is otherwise."""
    where = over(otherwise)
    return ast.IfExp(is_tracing(where), traced, _untraced(otherwise), **where)


def _untraced(node: _Node) -> _Node:
    """What does the same and is not traced. What is evaluated later, in a function of its own, may be traced then."""
    if isinstance(node, ast.IfExp) and _asks_for_trace(node.test):
        return cast("_Node", _untraced(node.orelse))
    if isinstance(node, _SCOPES) or not any(_asks_for_trace(each) for each in walk(node)):
        return node
    fields = {name: _untraced_field(value) for name, value in ast.iter_fields(node)}
    return ast.copy_location(type(node)(**fields), node)


def _untraced_field(value: Any) -> Any:
    if isinstance(value, list):
        return [_untraced_field(each) for each in value]
    return _untraced(value) if isinstance(value, ast.AST) else value


def _asks_for_trace(node: ast.AST) -> bool:
    return isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and node.left.id == TRACE
