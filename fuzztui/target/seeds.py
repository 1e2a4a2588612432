"""How many seeds a target declares, as far as its source tells without being run."""

import ast
from collections.abc import Iterator

from fuzztui.target.scope import Function, called


def declared_seeds(decorators: list[ast.expr]) -> int | None:
    """Seeds that a function's `@fuzztui.fuzz` declares; None if the source does not tell."""
    calls = [each for each in decorators if isinstance(each, ast.Call)]
    if any(keyword.arg is None for call in calls for keyword in call.keywords):
        return None
    given = [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "seeds"]
    if not given:
        return 0
    seeds = given[0]
    if isinstance(seeds, ast.List | ast.Tuple) and not any(isinstance(each, ast.Starred) for each in seeds.elts):
        return len(seeds.elts)
    return None


def setup_seeds(function: Function, harness: str) -> int | None:
    """Seeds that a set-up adds by its parameter `harness`; None if the source does not tell.

    It tells where each `f.add` is a statement that runs exactly once, and nobody else is given the `F`.
    """
    added = 0
    for statement, always in _statements(function.body):
        if isinstance(statement, ast.Return) and statement is not function.body[-1]:
            return None
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and called(call) == f"{harness}.add":
            if not always:
                return None
            added += 1
    return added if _mentions(function, harness, added) else None


def _statements(body: list[ast.stmt], always: bool = True) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements of a function, those of inner functions and classes left out; and whether each runs once."""
    for node in body:
        yield node, always
        if isinstance(node, Function | ast.ClassDef):
            continue
        is_plain = isinstance(node, ast.With)
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(node, name, None)
            if isinstance(inner, list):
                yield from _statements(inner, always and is_plain)
        for handler in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            yield from _statements(handler.body, False)


def _mentions(function: Function, harness: str, added: int) -> bool:
    """Whether the harness is mentioned for nothing but its methods, and `add` as often as it was counted."""
    methods = [
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == harness
    ]
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == harness]
    return len(names) == len(methods) and methods.count("add") == added
