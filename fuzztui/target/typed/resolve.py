"""Makes a type of an annotation. Each family of types has a module, which is asked in turn.

An annotation may be a text, or have texts in it: those are evaluated where the class or function stands that has them,
as Python's own `typing.get_type_hints` does.
"""

import sys
from ast import (
    AST,
    Attribute,
    BinOp,
    BitOr,
    Constant,
    Expression,
    List,
    Load,
    Name,
    Subscript,
    Tuple,
    UnaryOp,
    USub,
    iter_child_nodes,
    parse,
)
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.signature import UnsupportedError
from fuzztui.target.typed import plain
from fuzztui.target.typed.spec import MOST_NESTED, Again, Named, Spec
from fuzztui.target.typed.text import LONGEST, write
from fuzztui.target.typed.typed import Build, Typed
from fuzztui.target.typed.typing_objects import described, special

__builtins__ = PRIVATE_BUILTINS


class Scope(NamedTuple):
    """Where an annotation stands."""

    names: Mapping[str, Any]
    """What names mean there."""
    variables: Mapping[Any, Any]
    """Type variable -> what it stands for."""
    place: str
    """For messages: `parameter orders of fuzz_it`, or a field of a class: `Order.tags`."""
    itself: Any = None
    """The class in whose body it stands, as it is annotated: what `Self` means. None outside of classes."""

    def within(self, place: str) -> "Scope":
        """The same for a part of it."""
        return self._replace(place=place)

    def of_class(self, cls: type, variables: Mapping[Any, Any]) -> "Scope":
        """Where the body of a class is."""
        module = sys.modules.get(cls.__module__)
        own = {each.__name__: each for each in getattr(cls, "__type_params__", ())}
        names = {**self.names, **(vars(module) if module is not None else {}), cls.__name__: cls, **own}
        return Scope(names, variables, cls.__qualname__, self.itself)


class Unknown(NamedTuple):
    """A type that is left to Hypothesis."""

    annotation: Any
    place: str
    """Where it stands, as `Scope` has it."""


Family: TypeAlias = Callable[["Resolver", Any, Scope], Typed | None]
"""The type of an annotation, or None if it is another family's."""


class _Open:
    """A type that is being made: it may hold itself."""

    def __init__(self, label: str) -> None:
        self.label: Final = label
        self.is_again = False
        self.typed: Typed | None = None


class Resolver:
    """Makes the types of one signature."""

    def __init__(self, settled: frozenset[Any] = frozenset()) -> None:
        """`settled`: type variables that stand for one and the same type wherever they stand, see `unsettled`."""
        from fuzztui.target.typed.families.table import FAMILIES

        self.unsettled: Final[set[Any]] = set()
        """Type variables with constraints of which values of one call may be of different ones: those that stand at
        several places, or within a container."""
        self._settled = settled
        self._met: set[Any] = set()
        self.unknown: Final[dict[Spec, Unknown]] = {}
        """What stands for types that are left to Hypothesis: their plain values are what that draws."""
        self._families: tuple[Family, ...] = FAMILIES
        self._open: dict[object, _Open] = {}
        self._depth = 0

    def parameter(self, annotation: Any, names: Mapping[str, Any], place: str, itself: Any = None) -> Typed:
        """The type of a parameter. UnsupportedError with a sentence if no values of it can be made. `itself`: the class
        whose method has it.
        """
        scope = Scope(names, {}, place, itself)
        try:
            typed = self.of(annotation, scope)
        except UnsupportedError as error:  # of a class within, perhaps: nobody knows then how it came in
            words = str(error)
            raise UnsupportedError(words if words.startswith(place) else f"{place}: {words}") from None
        try:
            plain.zero(typed.spec)
        except plain.EndlessError as error:
            raise UnsupportedError(f"{place}: {error} holds itself without end, so there is no value of it") from None
        if len(write(typed.spec)) > LONGEST:
            raise UnsupportedError(f"{place}: {described(annotation)} is too large a type")
        return typed

    def is_settled(self, variable: Any) -> bool:
        """Whether a type variable with constraints stands for one of them everywhere; it is noted where it stands."""
        if variable in self._met or self._depth > 1:
            self.unsettled.add(variable)
        self._met.add(variable)
        return variable in self._settled

    def of(self, annotation: Any, scope: Scope) -> Typed:
        """The type of an annotation."""
        if self._depth > MOST_NESTED:
            raise UnsupportedError(f"{scope.place}: types are nested more than {MOST_NESTED} deep")
        self._depth += 1
        try:
            meant = _evaluated(annotation, scope)
            # The same text means something else in another class, or where a type variable stands for another type.
            key = (meant, scope.itself, tuple(scope.variables.items()))
            if meant is not annotation and not isinstance(meant, type) and _is_hashable(key):
                # Only by its name a type can be used within itself, if it is no class.
                return self.recursive(key, described(annotation), lambda: self._made(meant, scope))
            return self._made(meant, scope)
        finally:
            self._depth -= 1

    def _made(self, annotation: Any, scope: Scope) -> Typed:
        for family in self._families:
            typed = family(self, annotation, scope)
            if typed is not None:
                return typed
        raise UnsupportedError(f"{scope.place} is annotated {described(annotation)}, {_advice(annotation)}")

    def recursive(self, key: object, label: str, make: Callable[[], Typed]) -> Typed:
        """A type that may hold itself, told by `key`: where it does, what is being made stands for it."""
        known = self._open.get(key)
        if known is not None:
            known.is_again = True
            return Typed(Again(known.label), _later_build(known), _later_plain(known))
        used = {each.label for each in self._open.values()}
        one = self._open[key] = _Open(label if label not in used else f"{label}#{len(used)}")
        try:
            typed = make()
        finally:
            del self._open[key]
        one.typed = typed
        return typed._replace(spec=Named(one.label, typed.spec)) if one.is_again else typed


def _advice(annotation: Any) -> str:
    """What to do about a type that nothing is known of."""
    from fuzztui.target.typed.families.drawn import is_installed, is_system

    words = f"of which fuzztui makes no values: {by_hand(annotation)}"
    if is_system(annotation) or is_installed():
        return words
    return f"{words}; or install fuzztui[hypothesis] where the target runs, since Hypothesis may make some"


def by_hand(annotation: Any) -> str:
    """How a type is annotated of which nobody makes values."""
    right = f"Annotated[{described(annotation)}, fuzztui.via(bytes, make)]"
    return f"annotate it {right}, where make(b'...') gives one"


def _is_hashable(annotation: Any) -> bool:
    try:
        hash(annotation)
    except TypeError:
        return False
    return True


def _later_build(known: _Open) -> Build:
    def build(value: Any) -> Any:
        assert known.typed is not None
        return value if known.typed.build is None else known.typed.build(value)

    return build


def _later_plain(known: _Open) -> Callable[[Any], Any]:
    def plain_of(value: Any) -> Any:
        assert known.typed is not None
        return known.typed.plain(value)

    return plain_of


def _evaluated(annotation: Any, scope: Scope) -> Any:
    """What a text stands for, and what a type variable does."""
    for _ in range(MOST_NESTED):
        sort = special(annotation)
        if isinstance(annotation, str) or sort == "ForwardRef":
            annotation = _of_text(annotation if isinstance(annotation, str) else annotation.__forward_arg__, scope)
        elif sort == "TypeVar" and scope.variables.get(annotation, annotation) is not annotation:
            annotation = scope.variables[annotation]
        else:
            return annotation
    raise UnsupportedError(f"{scope.place} is annotated {described(annotation)}, which stands for itself")


def _names_types_only(text: str) -> bool:
    """Whether evaluating an annotation calls nothing but what describes a type in `Annotated`."""
    try:
        waiting: list[AST] = [parse(text.strip(), mode="eval")]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    while waiting:
        node = waiting.pop()
        match node:
            case Subscript(value=Name(id="Annotated") | Attribute(attr="Annotated"), slice=Tuple(elts=[of, *_])):
                waiting.append(of)
            case (
                Expression() | Name() | Attribute() | Subscript() | Tuple() | List() | Constant() | UnaryOp() | BinOp()
            ):
                waiting += iter_child_nodes(node)
            case Load() | BitOr() | USub():
                continue
            case _:
                return False
    return True


def _of_text(text: str, scope: Scope) -> Any:
    if not _names_types_only(text):
        raise UnsupportedError(f"{scope.place} is annotated {text}, which is no type")
    try:
        return eval(text.strip(), {**scope.names})
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        words = f"{scope.place} is annotated {text!r}, which cannot be told: {reason}"
        raise UnsupportedError(f"{words}; what it names must be there when the target runs") from None
