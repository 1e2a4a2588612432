"""Writes the source of a harness for functions that were found."""

import ast
import keyword
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from fuzztui.harness.laws import twin
from fuzztui.harness.pairs import partner
from fuzztui.target.contract import is_builtin, raised
from fuzztui.target.kinds import SUPPORTED, kind_named
from fuzztui.target.modules import NoHarnessError, Source, defining
from fuzztui.target.scope import Function, annotation, called
from fuzztui.target.syntax import ALONE

_WRAPPERS: Final = ("Optional", "Union", "Annotated", "typing.Optional", "typing.Union", "typing.Annotated")

_LIKE: Final = {
    "typing.AnyStr": "str",
    "AnyStr": "str",
    "collections.abc.Buffer": "bytes",
    "typing_extensions.Buffer": "bytes",
    "_typeshed.ReadableBuffer": "bytes",
}
"""Types that take what a target may be given."""

_LINE: Final = 100
"""Characters of a line that is written; a longer import stands on several."""


@dataclass(frozen=True, slots=True)
class Argument:
    """What a function is given."""

    name: str
    kind: str
    """As it is annotated: `bytes`, `datetime.date`."""
    by_keyword: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """A function to be fuzzed."""

    source: Source
    """The module that it is imported from."""
    name: str
    """As it is called there: `parse`, `Decoder.parse`."""
    arguments: tuple[Argument, ...]
    required: int
    """How many of these must be given."""
    deferred: str
    """`async`, `generator`, or empty."""
    exceptions: tuple[str, ...]
    """By contract, as they are named where it is defined."""


@dataclass(slots=True)
class Harness:
    """A file of targets in the making."""

    targets: list[str] = field(default_factory=list)
    """Names."""
    blocks: list[str] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)
    """Imported as wholes."""
    names: dict[str, set[str]] = field(default_factory=dict)
    """Imported from modules."""
    left_out: list[str] = field(default_factory=list)
    """Exceptions of docstrings of which nobody knows what they are."""

    def text(self, about: str, path: str) -> str:
        """The file; `path`: an expression for a folder to import from that Python does not know by itself, or empty."""
        modules = set(self.modules) | ({"os", "sys"} if path else set())
        own = {"fuzztui"} & modules
        lines = [f'"""{about}"""', ""]
        lines += [f"import {name}" for name in sorted(modules - own)]
        if modules - own:
            lines.append("")
        if path:
            lines += [f"sys.path.insert(0, {path})", ""]
        lines += [f"import {name}" for name in sorted(own)]
        for module, names in sorted(self.names.items()):
            line = f"from {module} import {', '.join(sorted(names))}"
            if len(line) > _LINE:
                line = f"from {module} import (\n" + "".join(f"    {name},\n" for name in sorted(names)) + ")"
            lines.append(line)
        return "\n".join(lines) + "\n\n\n" + "\n\n\n".join(self.blocks) + "\n"


def subject(source: Source, name: str, roots: Sequence[Path]) -> Subject:
    """The function of this name. NoHarnessError, a sentence, if it cannot be called with what a target is given."""
    owner, dot, method = name.partition(".")
    if dot:
        home, function = _method(source, owner, method)
        skipped = 0 if _is_decorated(function, "staticmethod") else 1
    else:
        found = defining(source, name, roots)
        if found is None:
            raise NoHarnessError(_no_function(source, name))
        home, function = found
        skipped = 0
    arguments, required = _arguments(home, function, f"{source.name}:{name}", skipped)
    exceptions = tuple(raised(ast.get_docstring(function) or ""))
    return Subject(source, name, arguments, required, _deferred(function), exceptions)


def subject_of_pair(source: Source, name: str, roots: Sequence[Path]) -> Subject | None:
    """A function that cannot be given anything itself, if another one makes what it takes; None if none does."""
    named = partner(name, set(source.functions) | set(source.imported))
    found = defining(source, name, roots)
    if named is None or found is None or named[0] != name or _deferred(found[1]):
        return None
    one = Subject(source, name, (), 1, "", tuple(raised(ast.get_docstring(found[1]) or "")))
    return one if round_trip(one, roots) is not None else None


def _no_function(source: Source, name: str) -> str:
    if name in source.classes:
        return f"{name} is a class of {source.name}: name a function, or a static or class method of it ({name}.method)"
    if name in source.imported:
        return f"{source.name} has {name} from elsewhere, where no source of it can be read: write its harness by hand"
    names = sorted(each for each in source.functions if not each.startswith("_"))
    close = get_close_matches(name, names, 1) or names[:5]
    want = f", want {', '.join(close)}" if close else ""
    return f"{source.name} has no function {name}{want}"


def _method(source: Source, owner: str, method: str) -> tuple[Source, Function]:
    body = source.classes[owner].body if owner in source.classes else []
    for node in body:
        if isinstance(node, Function) and node.name == method:
            if _is_decorated(node, "staticmethod") or _is_decorated(node, "classmethod"):
                return source, node
            raise NoHarnessError(
                f"{owner}.{method} needs a {owner}: write a harness that makes one and calls it, or type "
                f"fuzztui run {source.name}:{owner}.{method}"
            )
    raise NoHarnessError(f"{source.name} has no function {owner}.{method}")


def _is_decorated(function: Function, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in function.decorator_list)


def _deferred(function: Function) -> str:
    if isinstance(function, ast.AsyncFunctionDef):
        return "async"
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return "generator"
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            pending += ast.iter_child_nodes(node)
    return ""


def _arguments(source: Source, function: Function, name: str, skipped: int) -> tuple[tuple[Argument, ...], int]:
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    without_default = len(positional) - len(given.defaults)
    found: list[Argument] = []
    required = 0
    is_gap = False
    every = [(each, i < without_default, False) for i, each in enumerate(positional)][skipped:]
    every += [(each, default is None, True) for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    for each, is_required, is_keyword_only in every:
        kind = _kind(source, each)
        if kind is None and is_required:
            raise NoHarnessError(_unfit(each, name))
        if kind is None:
            is_gap = True  # what comes after it is given by its name
        elif each in given.posonlyargs and is_gap:
            continue
        else:
            required += is_required
            found.append(Argument(each.arg, kind, is_keyword_only or is_gap or not is_required))
    if not found:
        raise NoHarnessError(f"{name} takes none of {SUPPORTED}: there is nothing to fuzz it with")
    # What has a default and stands among the positional-only ones can only be given by place.
    only = {each.arg for each in given.posonlyargs}
    return tuple(Argument(one.name, one.kind, one.by_keyword and one.name not in only) for one in found), required


def _unfit(argument: ast.arg, name: str) -> str:
    text = annotation(argument)
    if not text:
        return f"parameter {argument.arg} of {name} is not annotated, want {SUPPORTED}: annotate it first"
    return f"parameter {argument.arg} of {name} is annotated {text}, want {SUPPORTED}: write its harness by hand"


def _kind(source: Source, argument: ast.arg) -> str | None:
    """The annotation of a target's parameter that this one takes; None if there is none."""
    text = annotation(argument)
    try:
        with ALONE:
            node = ast.parse(text, mode="eval").body if text else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _kind_of(source, node)


def _kind_of(source: Source, node: ast.expr | None) -> str | None:
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _kind_of(source, left) or _kind_of(source, right)
        case ast.Subscript(value=value, slice=inner) if ast.unparse(value) in _WRAPPERS:
            members = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            if ast.unparse(value).endswith("Annotated"):
                members = members[:1]
            return next((kind for each in members if (kind := _kind_of(source, each))), None)
        case ast.Name() | ast.Attribute():
            names = source.scope.full_names(ast.unparse(node))
            for full in [_LIKE.get(each, each) for each in names]:
                if (known := kind_named(full)) is not None:
                    return known.annotation
            name = ast.unparse(node)
            return name if name in source.classes and _is_record(source, source.classes[name]) else None
        case ast.Subscript(value=value, slice=inner):
            container = next(
                (_CONTAINERS[each] for each in source.scope.full_names(ast.unparse(value)) if each in _CONTAINERS), ""
            )
            members = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            is_variadic = container == "tuple" and len(members) == 2 and ast.unparse(members[1]) == "..."
            kinds = [_kind_of(source, each) for each in (members[:1] if is_variadic else members)]
            if container and kinds and None not in kinds:
                return f"{container}[{', '.join([*filter(None, kinds), *(['...'] if is_variadic else [])])}]"
    return None


_CONTAINERS: Final = {
    **{name: name for name in ("list", "tuple", "set", "frozenset", "dict")},
    **{f"typing.{name}": name.lower() for name in ("List", "Tuple", "Set", "FrozenSet", "Dict")},
    **{
        f"{place}.{name}": "list"
        for place in ("typing", "collections.abc")
        for name in ("Sequence", "Iterable", "Collection")
    },
    **{f"{place}.Mapping": "dict" for place in ("typing", "collections.abc")},
}
"""Annotations of what holds values -> what a target is given for them."""

_RECORDS: Final = frozenset(
    [
        *("dataclasses.dataclass", "attrs.define", "attrs.frozen", "attr.s", "attr.define"),
        *("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "typing.NamedTuple", "typing.TypedDict"),
        *("msgspec.Struct", "pydantic.BaseModel"),
    ]
)
"""Decorators and bases of classes of which a target may be given any value."""


def _is_record(source: Source, cls: ast.ClassDef) -> bool:
    words = [*map(called, cls.decorator_list), *map(ast.unparse, cls.bases)]
    return any(full in _RECORDS for word in words for full in source.scope.full_names(word))


# Targets ----------------------------------------------------------------------------------------------------------


def round_trip(one: Subject, roots: Sequence[Path]) -> tuple[Subject, Subject] | None:
    """The function that writes and the one that reads, if one of these is `one` and either can be fuzzed alone."""
    if "." in one.name or one.deferred or one.required > 1:
        return None
    known = set(one.source.functions) | set(one.source.imported)
    named = partner(one.name, known)
    if named is None:
        return None
    other = named[0] if named[1] == one.name else named[1]
    found = defining(one.source, other, roots)
    if found is None or _deferred(found[1]):
        return None
    given = found[1].args
    needed = len(given.posonlyargs) + len(given.args) - len(given.defaults)
    if needed != 1 or None in given.kw_defaults:
        return None
    exceptions = tuple(raised(ast.get_docstring(found[1]) or ""))
    try:
        second = subject(one.source, other, roots)
    except NoHarnessError:  # it takes what the other one makes, and nothing else
        if not one.arguments:
            return None
        second = Subject(one.source, other, (), 1, "", exceptions)
    return (one, second) if named[0] == one.name else (second, one)


def add_round_trip(harness: Harness, writer: Subject, reader: Subject, named: str, roots: Sequence[Path]) -> None:
    """Whatever is written is to be read as what it was."""
    name = target_name(harness, named)
    import_subject(harness, writer, roots)
    import_subject(harness, reader, roots)
    if writer.arguments and writer.required <= 1 and (writer.name == named or not reader.arguments):
        first, contract = writer.arguments[0], contract_of(harness, writer, roots)
        value = parameter_for(first.name, harness)
        same = f"{reader.name}(written) == {value}"
        if first.kind == "float":
            same += f" or {value} != {value}"  # a NaN is unlike itself
        body = [f"written = {writer.name}({value})", f"assert {same}"]
    else:
        first, contract = reader.arguments[0], contract_of(harness, reader, roots)
        parameter = parameter_for(first.name, harness)
        call = f"again = {reader.name}({writer.name}(value))"
        body = [f"value = {reader.name}({parameter})", call, "assert again == value"]
        if contract:
            what = f"{writer.name} has written what {reader.name} does not take"
            caught = f"({', '.join(contract)})" if len(contract) > 1 else contract[0]
            body[1:2] = ["try:", f"    {call}", f"except {caught} as error:"]
            body.insert(4, f'    raise AssertionError("{what}") from error')
        value = parameter
    add_function(harness, name, [f"{value}: {first.kind}"], contract, body, [first.kind])


def add_call(harness: Harness, one: Subject, roots: Sequence[Path]) -> None:
    name = target_name(harness, one.name)
    import_subject(harness, one, roots)
    parameters, given = [], []
    for argument in one.arguments:
        own = parameter_for(argument.name, harness)
        parameters.append(f"{own}: {argument.kind}")
        given.append(f"{argument.name}={own}" if argument.by_keyword else own)
    call = f"{one.name}({', '.join(given)})"
    body = [call]
    if one.deferred == "async":
        harness.modules.add("asyncio")
        body = [f"asyncio.run({call})"]
    elif one.deferred == "generator":
        body = [f"for _ in {call}:", "    pass"]
    add_function(harness, name, parameters, contract_of(harness, one, roots), body, [a.kind for a in one.arguments])


def add_function(
    harness: Harness, name: str, parameters: list[str], contract: list[str], body: list[str], kinds: list[str]
) -> None:
    lines = []
    if contract:
        harness.modules.add("fuzztui")
        lines.append(f"@fuzztui.fuzz(raises=({', '.join(contract)}{',' if len(contract) == 1 else ''}))")
    lines.append(f"def {name}({', '.join(parameters)}) -> None:")
    lines += [f"    {line}" for line in body]
    harness.modules.update(module for kind in kinds for module in re.findall(r"([A-Za-z_][\w.]*)\.\w", kind))
    harness.targets.append(name)
    harness.blocks.append("\n".join(lines))


def target_name(harness: Harness, name: str) -> str:
    plain = f"fuzz_{name.replace('.', '_').strip('_')}"
    while plain in harness.targets:
        plain += "_"
    return plain


def import_subject(harness: Harness, one: Subject, roots: Sequence[Path]) -> None:
    """Import a function, and the classes that its parameters are annotated with."""
    harness.names.setdefault(one.source.name, set()).add(one.name.partition(".")[0])
    found = defining(one.source, one.name, roots) if "." not in one.name else None
    home = found[0] if found is not None else one.source
    words = {word for argument in one.arguments for word in re.findall(r"[\w.]+", argument.kind)}
    if classes := words & home.classes.keys():
        harness.names.setdefault(home.name, set()).update(classes)


def parameter_for(name: str, harness: Harness) -> str:
    """A parameter's name that hides nothing which the harness uses."""
    used = {each for names in harness.names.values() for each in names} | harness.modules
    used |= {"fuzztui", "datetime", "asyncio", "again", "written", "error", "once", "results", "function"}
    while name in used or keyword.iskeyword(name):
        name += "_"
    return name


def contract_of(harness: Harness, one: Subject, roots: Sequence[Path]) -> list[str]:
    """The exceptions of a docstring as the harness names them; what they are imported from is imported."""
    found = defining(one.source, one.name, roots) if "." not in one.name else (one.source, None)
    home = found[0] if found is not None else one.source
    names: list[str] = []
    for exception in one.exceptions:
        first = exception.partition(".")[0]
        if first in home.classes or first in home.imported or _is_assigned(home, first):
            harness.names.setdefault(home.name, set()).add(first)
        elif "." in exception and home.name.split(".")[0] == first:
            harness.modules.add(exception.rpartition(".")[0])
        elif not is_builtin(exception):
            harness.left_out.append(exception)
            continue
        names.append(exception)
    return list(dict.fromkeys(names))


def _is_assigned(source: Source, name: str) -> bool:
    return any(
        isinstance(node, ast.Assign) and any(isinstance(each, ast.Name) and each.id == name for each in node.targets)
        for node in source.tree.body
    )


# Whole modules ----------------------------------------------------------------------------------------------------


def worth_it(source: Source, roots: Sequence[Path]) -> list[Subject]:
    """The functions of a module that are made to be given anything: public ones that take text or bytes, or at least
    something that a target may take; of two that undo each other one.
    """
    found: list[Subject] = []
    done: set[str] = set()
    functions = {**source.functions, **dict(_handed_on(source, roots))}
    for name, function in functions.items():
        if name.startswith(("_", "fuzz_")) or name in done or name == "main":
            continue
        try:
            one = subject(source, name, roots)
        except NoHarnessError:
            continue
        returns_nothing = isinstance(function.returns, ast.Constant) and function.returns.value is None
        if not any(argument.kind in ("str", "bytes") for argument in one.arguments) and returns_nothing:
            continue
        named = partner(name, set(functions))
        done.update(named or ())
        if (other := twin(name, functions)) is not None:
            done.add(other)
        found.append(one)
    return found


def _handed_on(source: Source, roots: Sequence[Path]) -> Iterator[tuple[str, Function]]:
    """The functions that a package has of its own modules, by the names that it gives them."""
    if source.file.name != "__init__.py":
        return
    package = source.name.partition(".")[0]
    for name, origin in source.imported.items():
        found = defining(source, name, roots) if origin.partition(".")[0] == package else None
        if found is not None:
            yield name, found[1]
