"""Finds a function by its name in sources, and tells what is wrong where that is plain: nothing is imported.

What only running the module tells (names that it makes, decorators, classes of elsewhere) is left to the worker.
"""

import ast
import builtins
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import all_suffixes
from pathlib import Path
from typing import Final, NamedTuple

from fuzztui.target.contract import DOCUMENTED, is_builtin, raised
from fuzztui.target.discover import TargetInfo, deferral_of
from fuzztui.target.errors import TargetNotFound
from fuzztui.target.find import nearest
from fuzztui.target.forms import Form
from fuzztui.target.modules import NoHarnessError, Source, defining, is_compiled, source_of
from fuzztui.target.named.formals import Formal, Given, How, given
from fuzztui.target.named.spec import Named
from fuzztui.target.named.stubs import stub_file
from fuzztui.target.scope import Function, called, statements
from fuzztui.target.signature import Declaration, compiled, kinds_of, unannotated

_PLAIN: Final = frozenset(
    {"staticmethod", "classmethod", "functools.lru_cache", "functools.cache", "lru_cache", "cache"}
)
"""Decorators that leave the parameters as they are."""


class Shape(NamedTuple):
    """How a function is called, as far as sources tell."""

    maker: Given | None
    """What the class is given of which an instance is needed; None if none is."""
    own: Given
    runs: str = ""
    """`ASYNC` or `GENERATOR` if calling it runs nothing of it."""


def find_named(one: Named, roots: Sequence[Path]) -> TargetInfo:
    """The function as a target. TargetNotFound, with what may have been meant, if there is none.

    `roots`: folders that come before those that this interpreter imports from.
    """
    try:
        source = _source(one, roots)
    except TargetNotFound:
        stub = stub_file(one.module, [*map(str, roots), *sys.path])
        if not stub or not is_compiled(one.module, roots):
            raise
        return TargetInfo(Path(stub), 0, one.spec, (), Form.NAMED, has_contract=True, named=one)
    first, _, rest = one.name.partition(".")
    found = defining(source, first, roots)
    if found is not None and rest:
        raise TargetNotFound(f"{source.name}:{first} is a function, and has no {rest}", (f"{source.name}:{first}",))
    if found is None and first not in {*source.classes, *source.imported, *_assigned(source)} and _is_all_plain(source):
        raise _unknown(source, first)
    line, parameters = 0, None
    if found is not None:
        line = found[1].lineno if found[0] is source else 0
        parameters = _of_function(*found, one)
    elif (cls := source.classes.get(first)) is not None:
        line = cls.lineno
        _check_member(source, cls, one)
        parameters = _of_class(source, one)
    _check_raises(one, [source, *(found[:1] if found is not None else ())])
    file = found[0].file if found is not None else source.file
    return TargetInfo(file, line, one.spec, parameters or (), Form.NAMED, has_contract=True, named=one)


def shape_of(one: Named, roots: Sequence[Path]) -> Shape | None:
    """How the function is called; None if its source does not tell."""
    try:
        source = source_of(one.module, roots)
    except NoHarnessError:
        return None
    if (found := defining(source, one.name, roots)) is not None:
        if not _is_told(*found, one):
            return None
        return Shape(None, _given(found[1], one, 0), deferral_of(found[1]))
    owner, _, method = one.name.rpartition(".")
    cls = _class(source, owner or method)
    if cls is None:
        return None
    if not owner:
        return _maker_shape(source, cls, one)
    function = _member(cls, method)
    if not isinstance(function, Function) or not _is_told(source, function, one):
        return None
    runs = deferral_of(function)
    kinds = {called(each) for each in function.decorator_list}
    if "staticmethod" in kinds or "classmethod" in kinds:
        return Shape(None, _given(function, one, int("classmethod" in kinds)), runs)
    maker = _maker_shape(source, cls, one)
    return None if maker is None else Shape(maker.own, _given(function, one, 1), runs)


def _maker_shape(source: Source, cls: ast.ClassDef, one: Named) -> Shape | None:
    init = _member(cls, "__init__")
    if isinstance(init, Function):
        return Shape(None, _given(init, one, 1)) if _is_told(source, init, one) else None
    return None if cls.bases or cls.decorator_list else Shape(None, Given())


def contract_of(one: Named, roots: Sequence[Path]) -> tuple[str, ...]:
    """The exceptions that the function may raise, as whole names (`package.module.Error`, `ValueError`), as far as
    sources tell what they are.
    """
    names: list[str] = []
    try:
        source = source_of(one.module, roots)
    except NoHarnessError:
        return tuple(each for each in one.raises if is_builtin(each))
    asked = [each for each in one.raises if each != DOCUMENTED]
    found = defining(source, one.name, roots)
    home = found[0] if found is not None else source
    documented = _documented(source, found, one.name) if len(asked) < len(one.raises) else ()
    for name in dict.fromkeys([*documented, *asked]):
        first = name.partition(".")[0]
        for place in (home, source):
            if first in {*place.classes, *place.imported, *_assigned(place)}:
                names.append(f"{place.name}.{name}")
                break
        else:
            if "." in name or is_builtin(name):
                names.append(name)
    return tuple(dict.fromkeys(names))


def _documented(source: Source, found: tuple[Source, Function] | None, name: str) -> Iterator[str]:
    nodes: list[Function | ast.ClassDef | None] = [found[1] if found is not None else None]
    if found is None:
        owner, _, last = name.rpartition(".")
        cls = _class(source, name)
        holder = _class(source, owner) if owner else None
        nodes = [cls, _member(cls, "__init__") if cls is not None else None]
        nodes.append(_member(holder, last) if holder is not None else None)
    for node in nodes:
        if node is not None:
            yield from raised(ast.get_docstring(node) or "")


# Its source -------------------------------------------------------------------------------------------------------


def _source(one: Named, roots: Sequence[Path]) -> Source:
    try:
        return source_of(one.module, roots)
    except NoHarnessError as error:
        message = str(error)
    if "compiled" in message:
        raise TargetNotFound(compiled(one.spec))
    if not message.startswith("there is no module"):  # it is there, and cannot be read
        raise TargetNotFound(message)
    *above, last = one.module.split(".")
    if above:
        try:  # `json.loads:x`, `package.module.Class:method`
            parent = source_of(".".join(above), roots)
        except NoHarnessError:
            parent = None
        if parent is not None:
            if last in parent.classes or last in parent.functions:
                meant = f"{parent.name}:{last}.{one.name}" if last in parent.classes else f"{parent.name}:{last}"
                raise TargetNotFound(f"{one.module} is no module", (meant,))
            if close := nearest(last, [*_modules(parent.file.parent)] if parent.file.name == "__init__.py" else []):
                raise TargetNotFound(message, (f"{parent.name}.{close}:{one.name}",))
    elif close := nearest(last, [name for root in roots for name in _modules(root)]):
        raise TargetNotFound(message, (f"{close}:{one.name}",))
    raise TargetNotFound(f"{message}: install it, or name another interpreter by --python")


def _modules(folder: Path) -> Iterator[str]:
    """Names of the modules in a folder."""
    try:
        entries = sorted(os.listdir(folder))  # noqa: PTH208 - names alone
    except OSError:
        return
    for entry in entries:
        name = entry.partition(".")[0]
        if name.isidentifier() and (entry.endswith(tuple(all_suffixes())) or (folder / entry).is_dir()):
            yield name


def _is_all_plain(source: Source) -> bool:
    """Whether the file itself tells all names that the module has."""
    if "__getattr__" in source.functions:
        return False
    for node in ast.walk(source.tree):
        match node:
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                return False
            case ast.Call(func=ast.Name(id="globals" | "vars" | "setattr" | "exec")):
                return False
    return True


def _assigned(source: Source) -> Iterator[str]:
    for node in statements(source.tree.body, imported=True):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        yield from (name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))


def _check_raises(one: Named, sources: Sequence[Source]) -> None:
    """TargetNotFound for an exception that none of these modules has, and Python neither."""
    known = {name for each in sources for name in (*each.classes, *each.imported, *_assigned(each))}
    if not all(map(_is_all_plain, sources)):
        return
    for name in one.raises:
        if "." in name or name in known or is_builtin(name) or name == DOCUMENTED:
            continue
        builtin = [each for each in vars(builtins) if is_builtin(each)]
        close = nearest(name, sorted([*known, *builtin]))
        meant = f", did you mean {close}?" if close else f"; one of another module is named as package.module.{name}"
        raise TargetNotFound(f"--raises: there is no exception {name}{meant}")


def _unknown(source: Source, name: str) -> TargetNotFound:
    spec = source.name
    known = {*source.functions, *source.classes, *source.imported}
    methods = [f"{cls}.{name}" for cls, node in source.classes.items() if isinstance(_member(node, name), Function)]
    if methods:
        return TargetNotFound(f"{spec} has no function {name}", tuple(f"{spec}:{each}" for each in methods[:_MOST]))
    if close := nearest(name, sorted(each for each in known if not each.startswith("__"))):
        return TargetNotFound(f"{spec} has no function {name}", (f"{spec}:{close}",))
    public = sorted(each for each in source.functions if not each.startswith("_"))[:_MOST]
    return TargetNotFound(f"{spec} has no function {name}", tuple(f"{spec}:{each}" for each in public), "it has")


_MOST: Final = 5
"""Functions that are named where any could be meant."""


# Classes ----------------------------------------------------------------------------------------------------------


def _class(source: Source, dotted: str) -> ast.ClassDef | None:
    first, *rest = dotted.split(".")
    found: ast.stmt | None = source.classes.get(first)
    for name in rest:
        found = _member(found, name) if isinstance(found, ast.ClassDef) else None
    return found if isinstance(found, ast.ClassDef) else None


def _member(cls: ast.ClassDef, name: str) -> Function | ast.ClassDef | None:
    """What the body of a class itself defines by this name, the last of several."""
    body = [node for node in statements(cls.body, imported=True) if isinstance(node, Function | ast.ClassDef)]
    return next((node for node in reversed(body) if node.name == name), None)


def _check_member(source: Source, cls: ast.ClassDef, one: Named) -> None:
    """TargetNotFound for a name that a class without bases does not have."""
    _, dot, rest = one.name.partition(".")
    if not dot or "." in rest or cls.bases or cls.keywords or cls.decorator_list:
        return
    names = [node.name for node in statements(cls.body, imported=True) if isinstance(node, Function | ast.ClassDef)]
    names += [name for node in cls.body if isinstance(node, ast.Assign | ast.AnnAssign) for name in _bound(node)]
    if rest not in names and not hasattr(object, rest):
        close = nearest(rest, [each for each in names if not each.startswith("__")])
        meant = (f"{source.name}:{cls.name}.{close}",) if close else ()
        raise TargetNotFound(f"{source.name}:{cls.name} has no method {rest}", meant)


def _bound(node: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    yield from (each.id for each in targets if isinstance(each, ast.Name))


# Parameters -------------------------------------------------------------------------------------------------------


def _of_function(home: Source, function: Function, one: Named) -> tuple[tuple[str, str], ...] | None:
    """Name and type of each parameter that is given; None if something else than the definition decides. TargetNotFound
    for a function that cannot be called with what is known of it.
    """
    decorators = {full for each in function.decorator_list for full in home.scope.full_names(called(each))}
    if decorators - _PLAIN:
        return None
    found = _parameters(home, function, one, 0)
    if found == ():
        place = f"{home.file}:{function.lineno}"
        if any(_formals(function)):
            raise TargetNotFound(
                f"{one.spec} takes nothing without a default, so there is nothing to fuzz it with: add --all-parameters"
            )
        raise TargetNotFound(f"{place}: {one.spec} takes nothing, so there is nothing to fuzz it with")
    return found


def _of_class(source: Source, one: Named) -> tuple[tuple[str, str], ...] | None:
    """The same for a class or a method of one."""
    owner, _, last = one.name.rpartition(".")
    cls = _class(source, one.name)
    holder = cls or _class(source, owner)
    if holder is None:
        return None
    maker = _member(holder, "__init__")
    if cls is not None:
        return _parameters(source, maker, one, 1) if isinstance(maker, ast.FunctionDef) else None
    function = _member(holder, last)
    if not isinstance(function, Function):
        return None
    decorators = {called(each) for each in function.decorator_list}
    if decorators == {"staticmethod"} or decorators == {"classmethod"}:
        return _parameters(source, function, one, int(decorators == {"classmethod"}))
    if decorators or (maker is None and (holder.bases or holder.decorator_list)):
        return None
    before = _parameters(source, maker, one, 1) if isinstance(maker, Function) else ()
    own = _parameters(source, function, one, 1, needs_instance=True)
    return None if before is None or own is None else (*before, *own)


def _is_told(home: Source, function: Function, one: Named) -> bool:
    """Whether the definition tells what is given: of a parameter with a default only who has loaded its type knows
    whether values of it can be made, and overloads tell of one that is not annotated.
    """
    kinds = {each.arg: home.scope.parameter(each).kind for each in _every(function)}
    optional = [formal.name for formal in _formals(function) if formal.has_default and formal.is_usable]
    if one.all_parameters and any(kinds[name] is None for name in optional):
        return False
    return all(each.annotation is not None for each in _every(function)) or not _has_overloads(home, function)


def _has_overloads(home: Source, function: Function) -> bool:
    return any(
        called(decorator).endswith("overload")
        for each in ast.walk(home.tree)
        if isinstance(each, Function) and each.name == function.name
        for decorator in each.decorator_list
    )


def _parameters(
    home: Source, function: Function, one: Named, bound: int, *, needs_instance: bool = False
) -> tuple[tuple[str, str], ...] | None:
    """Name and type of each that is given, behind those that are bound; None if that cannot be told."""
    if not _is_told(home, function, one):
        return None
    chosen = _given(function, one, bound)
    place = f"{home.file}:{function.lineno}"
    known = {each.arg: home.scope.parameter(each) for each in _every(function)}
    declared = tuple(known[name] for name in chosen.names)
    for parameter in declared:
        if not parameter.annotation:
            if stub_file(home.name, [str(home.root), *sys.path]) or stub_file(one.module, [str(home.root), *sys.path]):
                return None
            name = one.name.rpartition(".")[0] if function.name == "__init__" and "." in one.name else one.name
            sentence = unannotated(one.module, name, parameter.name, declared, needs_instance=needs_instance)
            raise TargetNotFound(f"{place}: {sentence}")
    if not declared:
        return ()
    kinds = kinds_of(Declaration(one.name, "", "", declared))
    if isinstance(kinds, str):
        raise TargetNotFound(f"{place}: {kinds}")
    return tuple(zip(chosen.names, kinds, strict=True))


def _every(function: Function) -> Iterable[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _formals(function: Function) -> Iterator[Formal]:
    arguments = function.args
    by_place = [*arguments.posonlyargs, *arguments.args]
    without = len(by_place) - len(arguments.defaults)
    for at, each in enumerate(by_place):
        how = How.BY_PLACE if at < len(arguments.posonlyargs) else How.EITHER
        yield Formal(each.arg, how, at >= without, each.annotation is not None)
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield Formal(each.arg, How.BY_NAME, default is not None, each.annotation is not None)


def _given(function: Function, one: Named, bound: int) -> Given:
    return given([*_formals(function)][bound:], all_parameters=one.all_parameters)
