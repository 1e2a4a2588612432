"""Which modules a target's file imports to annotate with, and for nothing else, as its source shows it.

Such a module describes types; nothing of it runs when the target does. What counts as annotation is narrow: where
something may read an annotation and act upon it (in the body of a class, in a decorated function), or where a name is
used in any other way, its module counts as used.
"""

from ast import (
    AST,
    AnnAssign,
    Assign,
    AsyncFunctionDef,
    Attribute,
    BinOp,
    Call,
    ClassDef,
    Constant,
    FunctionDef,
    If,
    Import,
    ImportFrom,
    List,
    Name,
    PyCF_ONLY_AST,
    Subscript,
    Tuple,
    iter_child_nodes,
    walk,
)
from collections.abc import Sequence
from re import findall

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.imports import is_type_checking, quietly
from fuzztui.target.syntax import ALONE

__builtins__ = PRIVATE_BUILTINS

DIRECTIVES = "__future__"
"""The module whose imports only direct the compiler."""


def annotating(source: bytes) -> frozenset[str]:
    """The top-level packages of which the file (its bytes) names something in annotations, and nothing anywhere else.

    A source with a syntax error has none.
    """
    try:
        with ALONE:
            tree = quietly(compile, source, "<target>", "exec", PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    uses = _Uses()
    uses.visit(tree)
    return uses.annotating()


class _Uses:
    """Collects where the names that imports bind are used. One namespace for the whole file: a name that is used in one
    function counts as used for all that are called like it.
    """

    def __init__(self) -> None:
        self._bound: dict[str, set[str]] = {}
        """Name -> the packages that imports bind to it, or part of."""
        self._used: set[str] = set()
        self._annotations: set[str] = set()
        self._aliases: dict[str, set[str]] = {}
        """Name of what may be a type -> the names that it is made of."""
        self._running: set[str] = set()
        """Packages of which everything is imported, so that no name tells."""

    def annotating(self) -> frozenset[str]:
        """The packages that are annotated with, and not used."""
        annotations = self._with_parts(self._annotations)
        used = self._with_parts(self._used | (self._aliases.keys() - annotations))
        return frozenset((self._packages(annotations) | {DIRECTIVES}) - self._packages(used) - self._running)

    def _with_parts(self, names: set[str]) -> set[str]:
        """The names, and those of which such aliases are made."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self._aliases.get(name, ())
        return found

    def _packages(self, names: set[str]) -> set[str]:
        return {package for name in names for package in self._bound.get(name, ())}

    def visit(self, node: AST) -> None:
        """Look at a file."""
        waiting = [(node, False)]
        while waiting:
            node, in_class = waiting.pop()
            is_body = isinstance(node, ClassDef) or (in_class and not isinstance(node, FunctionDef | AsyncFunctionDef))
            waiting += [(child, is_body) for child in self._look_at(node, in_class)]

    def _look_at(self, node: AST, in_class: bool) -> list[AST]:
        """Note what the node itself says; returns what is to be looked at next."""
        match node:
            case Import(names=names):
                for alias in names:
                    self._bind(alias.asname or alias.name.partition(".")[0], alias.name)
                return []
            case ImportFrom(level=0, module=str(module), names=names):
                for alias in names:
                    self._bind(alias.asname or alias.name, module)
                return []
            case If(test=test, body=body, orelse=orelse) if is_type_checking(test):
                self._annotate(test)  # what only type checkers see runs no more than annotations do
                return [*_imports_aside(body), *orelse]
            case FunctionDef() | AsyncFunctionDef():
                is_read = any(_may_read_annotations(decorator) for decorator in node.decorator_list)
                arguments = node.args
                everything = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
                everything += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
                types = [each.annotation for each in everything] + [node.returns]
                annotations: list[AST] = [each for each in types if each is not None]
                defaults = [each for each in (*arguments.defaults, *arguments.kw_defaults) if each is not None]
                rest: list[AST] = [*defaults, *node.decorator_list, *node.body]
                if is_read:
                    return [*annotations, *rest]
                self._annotate(*annotations)
                return rest
            case AnnAssign(annotation=annotation, target=target, value=value) if not in_class:
                self._annotate(annotation)
                if isinstance(target, Name) and value is not None and _is_type(value):
                    self._aliases.setdefault(target.id, set()).update(_names(value))
                    return []
                return [target, *([value] if value is not None else [])]
            case Assign(targets=[Name(id=name)], value=value) if not in_class and _is_type(value):
                self._aliases.setdefault(name, set()).update(_names(value))
                return []
            case Name(id=name):
                self._used.add(name)
        return list(iter_child_nodes(node))

    def _bind(self, name: str, module: str) -> None:
        package = module.partition(".")[0]
        self._bound.setdefault(name, set()).add(package)
        if name == "*":
            self._running.add(package)

    def _annotate(self, *nodes: AST) -> None:
        for node in nodes:
            self._annotations |= _names(node)


def _names(node: AST) -> set[str]:
    """The names in an expression, those in a string that stands for an annotation included."""
    names = set()
    for each in walk(node):
        if isinstance(each, Name):
            names.add(each.id)
        elif isinstance(each, Constant) and isinstance(each.value, str):
            names.update(findall(r"[^\W\d]\w*", each.value))
    return names


def _is_type(value: AST) -> bool:
    """Whether an expression can be a type and calls nothing: `dict[str, Any]`, `int | None`."""
    return isinstance(value, Subscript | BinOp | Attribute | Name) and not any(
        isinstance(each, Call) or not isinstance(each, Subscript | BinOp | Attribute | Name | Tuple | List | Constant)
        for each in walk(value)
        if hasattr(each, "lineno")
    )


def _may_read_annotations(decorator: AST) -> bool:
    """Whether a decorator may act upon annotations; the fuzzer's own looks for the target's types only."""
    called = decorator.func if isinstance(decorator, Call) else decorator
    name = called.attr if isinstance(called, Attribute) else called.id if isinstance(called, Name) else ""
    return name != "fuzz"


def _imports_aside(body: Sequence[AST]) -> list[AST]:
    """Statements that only type checkers see, without their imports: those bind nothing when the file runs."""
    return [node for node in body if not isinstance(node, Import | ImportFrom)]
