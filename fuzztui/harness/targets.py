"""Chooses what a harness checks of a function: a round trip, a law that its name tells, or that it can be called."""

import ast
from collections.abc import Sequence
from pathlib import Path

from fuzztui.harness.laws import Operation, is_idempotent, operation, twin
from fuzztui.harness.writing import (
    Harness,
    Subject,
    add_call,
    add_function,
    add_round_trip,
    contract_of,
    import_subject,
    parameter_for,
    round_trip,
    subject,
    target_name,
)
from fuzztui.target.modules import NoHarnessError, defining
from fuzztui.target.scope import annotation, arguments_of


def add_target(harness: Harness, one: Subject, roots: Sequence[Path]) -> None:
    """Add a target for a function."""
    trip = round_trip(one, roots)
    if trip is not None:
        add_round_trip(harness, *trip, one.name, roots)
    elif (other := twin_of(one, roots)) is not None:
        _add_equivalence(harness, one, other, roots)
    elif _gives_what_it_takes(one, 2, roots) and (law := operation(one.name)) is not None:
        _add_operation(harness, one, law, roots)
    elif _gives_what_it_takes(one, 1, roots) and is_idempotent(one.name):
        _add_idempotence(harness, one, roots)
    else:
        add_call(harness, one, roots)


def twin_of(one: Subject, roots: Sequence[Path]) -> Subject | None:
    """The function of the same module that does the same and takes the same; None if there is none."""
    if "." in one.name or one.deferred:
        return None
    name = twin(one.name, {*one.source.functions, *one.source.imported})
    if name is None:
        return None
    try:
        other = subject(one.source, name, roots)
    except NoHarnessError:
        return None
    first, second = (each.arguments[: each.required] for each in (one, other))
    kinds = [argument.kind for argument in first] == [argument.kind for argument in second]
    return other if kinds and first and not other.deferred else None


def _gives_what_it_takes(one: Subject, count: int, roots: Sequence[Path]) -> bool:
    """Whether a function takes so many values, all of the type of its result, of which equality tells enough."""
    found = defining(one.source, one.name, roots) if "." not in one.name and not one.deferred else None
    if found is None or found[1].returns is None or one.required != count:
        return False
    given = [annotation(each) for each in arguments_of(found[1])[:count]]
    plain = all(argument.kind != "float" and not argument.by_keyword for argument in one.arguments[:count])
    result = annotation(ast.arg("result", found[1].returns))
    return plain and len(one.arguments) >= count and given == [result] * count


def _add_equivalence(harness: Harness, one: Subject, other: Subject, roots: Sequence[Path]) -> None:
    """Both are to give the same, or to raise the same."""
    import_subject(harness, one, roots)
    import_subject(harness, other, roots)
    given = [parameter_for(argument.name, harness) for argument in one.arguments[: one.required]]
    declared = [f"{name}: {each.kind}" for name, each in zip(given, one.arguments, strict=False)]
    contract = list(dict.fromkeys([*contract_of(harness, one, roots), *contract_of(harness, other, roots)]))
    call = f"({', '.join(given)})"
    body = [f"assert {other.name}{call} == {one.name}{call}"]
    if contract:
        caught = f"({', '.join(contract)})" if len(contract) > 1 else contract[0]
        body = [
            "results: list[object] = []",
            f"for function in ({one.name}, {other.name}):",
            "    try:",
            f"        results.append(function{call})",
            f"    except {caught} as error:",
            "        results.append(type(error))",
            "assert results[0] == results[1]",
        ]
    kinds = [each.kind for each in one.arguments[: one.required]]
    add_function(harness, target_name(harness, one.name), declared, [], body, kinds)


def _add_operation(harness: Harness, one: Subject, law: Operation, roots: Sequence[Path]) -> None:
    """The operands may change places, or the operations."""
    import_subject(harness, one, roots)
    kind, f = one.arguments[0].kind, one.name
    a, b, c = (parameter_for(name, harness) for name in ("a", "b", "c"))
    body = [f"assert {f}({a}, {b}) == {f}({b}, {a})"] if law.commutes else []
    body += [f"assert {f}({f}({a}, {b}), {c}) == {f}({a}, {f}({b}, {c}))"] if law.associates else []
    declared = [f"{name}: {kind}" for name in (a, b, c)]
    add_function(harness, target_name(harness, f), declared, contract_of(harness, one, roots), body, [kind])


def _add_idempotence(harness: Harness, one: Subject, roots: Sequence[Path]) -> None:
    """Doing it again changes nothing."""
    import_subject(harness, one, roots)
    first = one.arguments[0]
    name = parameter_for(first.name, harness)
    body = [f"once = {one.name}({name})", f"assert {one.name}(once) == once"]
    declared = [f"{name}: {first.kind}"]
    add_function(
        harness, target_name(harness, one.name), declared, contract_of(harness, one, roots), body, [first.kind]
    )
