"""What the syntax of statements tells of the way control takes, so that probes can be left out. Pure."""

import ast
import builtins

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
CHOICES = (ast.If, ast.Match, *LOOPS)

_HARMLESS_FUNCTIONS = frozenset({"len", "isinstance", "issubclass", "hasattr", "callable", "type"})
_BUILTINS = frozenset(vars(builtins))
_HARMLESS_METHODS = frozenset(
    [
        *("startswith", "endswith", "find", "rfind", "count", "strip", "lstrip", "rstrip", "lower", "upper"),
        *("isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower"),
        *("get", "keys", "values", "items", "match", "search", "fullmatch", "start", "end", "group"),
    ]
)


_READERS = frozenset(
    [
        *("int", "float", "complex", "next", "index", "rindex", "decode", "unpack", "unpack_from", "from_bytes"),
        *("fromhex", "fromisoformat", "strptime", "loads", "decompress", "unhexlify", "b64decode", "urlsafe_b64decode"),
    ]
)
"""Functions and methods that raise where an input is not what they read."""


def always_leaves(block: list[ast.stmt]) -> bool:
    """Whether control surely does not pass the end of the block."""
    match block[-1]:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.If(body=body, orelse=orelse):
            return bool(orelse) and always_leaves(body) and always_leaves(orelse)
    return False


def tells_success(node: ast.Try | ast.TryStar) -> bool:
    """Whether either a handler's probe or one for success tells that the statement was entered."""
    return bool(node.handlers) and not always_leaves(node.body)


def is_harmless(expression: ast.expr) -> bool:
    """Whether evaluating an expression is most unlikely to raise, so that the probe that follows will be reached.

    `data[5]` and `int(text)` are what an input makes fail; slices, arithmetic and tests of builtin types are not.
    """
    match expression:
        case ast.Name() | ast.Constant():
            return True
        case ast.Attribute(value=value) | ast.UnaryOp(operand=value):
            return is_harmless(value)
        case ast.Subscript(value=value, slice=ast.Slice()):
            return is_harmless(value)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            return is_harmless(left) and is_harmless(right)
        case ast.BoolOp(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(map(is_harmless, parts))
        case ast.Compare(left=left, comparators=rest):
            return is_harmless(left) and all(map(is_harmless, rest))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return name in _HARMLESS_FUNCTIONS and all(map(is_harmless, arguments))
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=arguments, keywords=[]):
            return name in _HARMLESS_METHODS and is_harmless(value) and all(map(is_harmless, arguments))
    return False


def may_refuse(expression: ast.expr) -> bool:
    """Whether an expression calls what reads the input and raises where that is malformed: that it did not is a step.

    These are functions that read texts and numbers, and the program's own, as far as they can be told from others: a
    name that no builtin has, a method of `self`.
    """
    match expression:
        case ast.Call(func=ast.Name(id=name)):
            return name in _READERS or not (name in _BUILTINS or name[:1].isupper())
        case ast.Call(func=ast.Attribute(value=ast.Name(id="self"))):
            return True
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _READERS
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return any(map(may_refuse, parts))
        case ast.BinOp(left=left, right=right):
            return may_refuse(left) or may_refuse(right)
        case ast.Subscript(value=value) | ast.Starred(value=value) | ast.Await(value=value):
            return may_refuse(value)
    return False


def exits(body: list[ast.stmt]) -> tuple[bool, bool]:
    """Whether a loop with this body breaks, and whether it returns or raises, by statements of its own."""
    breaks = ends_early = False
    stack: list[tuple[ast.AST, bool]] = [(node, True) for node in body]
    while stack:
        node, own = stack.pop()
        breaks = breaks or (own and isinstance(node, ast.Break))
        ends_early = ends_early or isinstance(node, ast.Return | ast.Raise)
        if isinstance(node, (*_SCOPES, ast.expr)):
            continue
        inner = isinstance(node, LOOPS)
        for name in node._fields:
            children = getattr(node, name, None)
            if isinstance(children, list):
                own_children = own and not (inner and name == "body")
                stack += [(child, own_children) for child in children if isinstance(child, ast.AST)]
    return breaks, ends_early


def takes_all(pattern: ast.pattern) -> bool:
    """Whether a pattern matches whatever comes; a case after it would be a syntax error."""
    match pattern:
        case ast.MatchAs(pattern=inner):
            return inner is None or takes_all(inner)
        case ast.MatchOr(patterns=patterns):
            return takes_all(patterns[-1])
    return False
