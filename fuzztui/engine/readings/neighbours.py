"""Other targets in the target's file: nobody expects this run to cover what is theirs.

Theirs are their bodies, and what is mentioned by name in these alone. What inputs reach all the same is everybody's.
"""

import ast
from functools import lru_cache
from pathlib import Path
from typing import Final

from fuzztui.engine.readings.functions import functions_of, parsed
from fuzztui.engine.request.target import PythonTarget, Target
from fuzztui.target.discover import TargetInfo, discover

Span = tuple[int, int]
"""First and last line."""

NOBODYS: Final[tuple[Span, ...]] = ()

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def theirs(target: Target, file: str) -> tuple[Span, ...]:
    """Which lines of a file, as it is now, belong to other targets than this one; none of any but the target's own."""
    if not isinstance(target, PythonTarget) or file != str(target.file):
        return NOBODYS
    try:
        changed = target.file.stat().st_mtime_ns
    except OSError:
        return NOBODYS
    return _theirs(target.file, target.name, changed)


@lru_cache(16)
def _theirs(file: Path, name: str, _changed: int) -> tuple[Span, ...]:
    targets = discover(file).targets
    others = {_function(each) for each in targets if each.name != name}
    own = next((_function(each) for each in targets if each.name == name), name)
    tree = parsed(file) if others else None
    if tree is None:
        return NOBODYS
    spans = {(first, last) for first, last, function in functions_of(tree) if function in others and function != own}
    return tuple(sorted(spans | _mentioned_there_alone(tree, spans, own.partition(".")[0])))


def _function(target: TargetInfo) -> str:
    return target.alias or target.name


def _mentioned_there_alone(tree: ast.Module, spans: set[Span], own: str) -> set[Span]:
    """Functions and classes that nothing mentions but what lies in these lines, or is such a one itself."""
    mentions = [(statement, _mentions(statement)) for statement in tree.body]
    left = [each for each, _ in mentions if isinstance(each, _Definition) and _span(each) in spans]
    found: set[Span] = set()
    while True:
        more = [
            each
            for each in tree.body
            if isinstance(each, _Definition) and each not in left and each.name != own
            if (by := [other for other, names in mentions if each.name in names and other is not each])
            if all(other in left for other in by)
        ]
        if not more:
            return found
        left += more
        found |= {_span(each) for each in more}


def _span(node: _Definition) -> Span:
    return node.lineno, node.end_lineno or node.lineno


def _mentions(node: ast.stmt) -> set[str]:
    """Every name in a statement, in quotes as well."""
    names: set[str] = set()
    for each in ast.walk(node):
        match each:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str(name)):
                names.add(name)
    return names
