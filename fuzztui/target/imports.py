"""What a target's file imports, as its source shows it."""

from ast import AST, Attribute, If, Import, ImportFrom, Name, PyCF_ONLY_AST, iter_child_nodes
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from warnings import catch_warnings, simplefilter

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.syntax import ALONE

__builtins__ = PRIVATE_BUILTINS


class Imported(NamedTuple):
    """One module in an import statement."""

    module: str
    """The dotted name as it is written; empty for `from . import x`."""
    level: int
    """Dots before the name; 0 for an absolute import."""
    names: tuple[str, ...]
    """What is imported from the module; empty for `import module`."""


def imports_of(source: bytes) -> tuple[Imported, ...]:
    """The imports of a module's source (the bytes of its file) anywhere in it, but for those that only type checkers
    see. A source with a syntax error counts as one without imports: importing the file will say so, with its place.
    """
    try:
        with ALONE:
            tree = quietly(compile, source, "<target>", "exec", PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(dict.fromkeys(_found(tree)))


def packages_of(source: bytes) -> frozenset[str]:
    """Top-level names of the modules that a source imports anywhere in it, by absolute imports."""
    return frozenset(each.module.partition(".")[0] for each in imports_of(source) if each.level == 0)


def _found(tree: AST) -> Iterator[Imported]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Import):
            yield from [Imported(alias.name, 0, ()) for alias in node.names]
        elif isinstance(node, ImportFrom):
            yield Imported(node.module or "", node.level, tuple([alias.name for alias in node.names]))
        elif isinstance(node, If) and is_type_checking(node.test):
            waiting += node.orelse
        else:
            waiting += iter_child_nodes(node)


def is_type_checking(test: AST) -> bool:
    """Whether a condition is true for type checkers only."""
    name = test.id if isinstance(test, Name) else test.attr if isinstance(test, Attribute) else ""
    return name == "TYPE_CHECKING"


def quietly(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call without warnings; one that the user turned into an error would make a good module fail."""
    with catch_warnings():
        simplefilter("ignore")
        return function(*arguments, **options)
