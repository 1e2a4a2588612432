"""A target's arguments and their form as a file.

A single `bytes` argument is stored raw, so that corpora can be shared with other fuzzers. Anything else is ASCII text,
a version line followed by one literal for each argument, which its kind (see `fuzztui.target.kinds`) writes and reads:

    fuzztui v1
    'key'
    3

Every value comes back bitwise. What a property test draws has a form of its own, see `fuzztui.target.choices.form`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import CHOICES
from fuzztui.target.errors import MalformedInput
from fuzztui.target.kinds import KINDS, Kind, Value, kind_of, listed
from fuzztui.target.kinds.literal import excerpt

__all__ = ["Value", "decode", "encode", "encoder", "show", "type_names", "zero"]
__builtins__ = PRIVATE_BUILTINS

_VERSION = "fuzztui v1"
_TYPED_VERSION = "fuzztui typed v1"
TYPED: Final = "typed values"
"""What `form_of` calls a value of a file whose values only the target's types tell."""
_CHOICES_VERSION = "fuzztui choices v1"
_RAW = ("bytes",)
_CHOICES = (CHOICES,)


def kind_for(parameter: str) -> Kind[Any]:
    """The kind of a parameter's values, by its name or by the text of its spec. ValueError for what is neither."""
    kind = KINDS.get(parameter)
    if kind is not None:
        return kind
    if parameter == CHOICES:
        of_choices: Kind[Any] = _choices_form().KIND
        return of_choices
    from fuzztui.target.typed import composite, text  # it costs time that only those pay who need it

    return composite.kind(parameter) if text.is_spec(parameter) else composite.opaque(parameter)


def is_parameter(parameter: str) -> bool:
    """Whether a process that has loaded a target may say this of a parameter."""
    try:
        return parameter in KINDS or parameter == CHOICES or (parameter.endswith(")") and bool(kind_for(parameter)))
    except ValueError:
        return False


def is_typed(parameters: Sequence[str]) -> bool:
    """Whether a parameter has a type that is put together, see `fuzztui.target.typed`."""
    return not KINDS.keys() >= set(parameters)


def is_choices(parameters: Sequence[str]) -> bool:
    """Whether the target is a property test: its input is what it draws."""
    return tuple(parameters) == _CHOICES


def is_vague(parameters: Sequence[str]) -> bool:
    """Whether of a parameter only the annotation is known, as its source has it."""
    return not all(name in KINDS or name == CHOICES or name.endswith(")") for name in parameters)


def named(parameters: Sequence[str]) -> tuple[str, ...]:
    """The parameters' types as annotations have them: `list[Order]`."""
    if not is_typed(parameters):
        return tuple(parameters)
    from fuzztui.target.typed.composite import spelled_type

    return tuple([name if name in KINDS else spelled_type(name) for name in parameters])


def version_of(parameters: Sequence[str]) -> str:
    """The first line of a file of such arguments."""
    if is_choices(parameters):
        return _CHOICES_VERSION
    return _TYPED_VERSION if is_typed(parameters) else _VERSION


def plain_of(arguments: Sequence[Any]) -> tuple[Any, ...]:
    """The plain values of decoded arguments: what a loaded target is called with."""
    return tuple([getattr(value, "plain", value) for value in arguments])


def type_names(values: Sequence[object]) -> str:
    """The types of values, as messages show them: `[str, int]`."""
    return _bracketed(type(value).__name__ for value in values)


def _bracketed(names: Iterable[str]) -> str:
    return f"[{', '.join(names)}]"


def zero(parameters: Sequence[str]) -> tuple[Value, ...]:
    """The zero value of each type: what fuzzing starts from where there is no seed."""
    return tuple(kind_for(name).zero() for name in parameters)


# Writing ----------------------------------------------------------------------------------------------------------


def encode(arguments: tuple[Value, ...]) -> bytes:
    """The file form of one call's arguments. TypeError for a value of any other type, subclasses included."""
    kinds = [kind_of(value) or _composite_kind(value) for value in arguments]
    names = [kind.name for kind in kinds if kind is not None]
    if is_choices(names):
        return stored(plain_of(arguments), names)
    if not names or len(names) < len(kinds):
        raise TypeError(f"cannot store {type_names(arguments)}")
    if is_typed(names):
        lines = [kind.write(value) for kind, value in zip(kinds, arguments, strict=True) if kind is not None]
        return "\n".join((_TYPED_VERSION, *lines, "")).encode("ascii")
    return encoder(names)(arguments)


def _composite_kind(value: object) -> Kind[Any] | None:
    parameter = getattr(value, "type", None) if type(value).__name__ in ("Composite", "Choices") else None
    return None if parameter is None else kind_for(parameter)


def stored(plain: tuple[Any, ...], parameters: Sequence[str]) -> bytes:
    """The file form of the plain arguments of a loaded target."""
    if not is_typed(parameters):
        return encode(plain)
    if is_choices(parameters):
        data: bytes = _choices_form().stored(plain)
        return data
    from fuzztui.target.typed.literal import writer

    return writer(parameters, _TYPED_VERSION)(plain)


def encoder(parameters: Sequence[str]) -> Callable[[tuple[Value, ...]], bytes]:
    """`encode` for arguments of these very types, plain ones, without its checks: it runs once for every execution."""
    if tuple(parameters) == _RAW:
        return _raw
    if is_choices(parameters):
        write: Callable[[Any], bytes] = _choices_form().write
        return lambda arguments: write(arguments[0])
    if is_typed(parameters):
        from fuzztui.target.typed.literal import writer

        return writer(parameters, _TYPED_VERSION)
    kinds = [KINDS[name] for name in parameters]
    writers = tuple(kind.write for kind in kinds)

    def write_each(arguments: tuple[Any, ...]) -> bytes:
        literals = [write(value) for write, value in zip(writers, arguments, strict=True)]
        return "\n".join((_VERSION, *literals, "")).encode("ascii")

    if not all(kind.is_ascii_repr for kind in kinds):
        return write_each
    # `%a` writes ascii(repr(value)): one call into C for the whole file, right for all but rare ints and floats.
    template = _VERSION.encode() + b"\n" + b"%a\n" * len(kinds)
    bounded = tuple((at, *kind.between) for at, kind in enumerate(kinds) if kind.between is not None)
    if not bounded:
        return template.__mod__

    def write_checked(arguments: tuple[Any, ...]) -> bytes:
        for at, low, high in bounded:
            if not low < arguments[at] < high:
                return write_each(arguments)
        return template % arguments

    return write_checked


def _choices_form() -> Any:
    from fuzztui.target.choices import form  # it costs time that only those pay who need it

    return form


def _raw(arguments: tuple[Value, ...]) -> bytes:
    return arguments[0]  # type: ignore[return-value]


# Reading ----------------------------------------------------------------------------------------------------------


def decode(data: bytes, parameters: Sequence[str]) -> tuple[Value, ...]:
    """The arguments stored in a file's bytes, of exactly these types; `MalformedInput` says what is wrong otherwise.

    Where only annotations are known, they may be what is drawn for them.
    """
    if tuple(parameters) == _RAW:
        return (data,)
    if is_choices(parameters) or (data.startswith(_CHOICES_VERSION.encode()) and is_vague(parameters)):
        return (_choices_form().read(data),)
    try:
        lines = data.decode("ascii").rstrip().split("\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MalformedInput(f"line {line}: byte 0x{data[error.start]:02x} is not ASCII") from None
    version = version_of(parameters)
    if lines[0].rstrip() != version:
        raise MalformedInput(f"line 1: {excerpt(lines[0])}, want {version!r}")
    if version == _TYPED_VERSION:
        return _decode_typed([line.strip() for line in lines[1:]], parameters)
    literals = [line.strip() for line in lines[1:]]
    names = [_kind_of_literal(literal, number) for number, literal in enumerate(literals, start=2)]
    found, want = _bracketed(names), _bracketed(parameters)
    if len(names) != len(parameters):
        raise MalformedInput(f"{found}, want {want}")
    for number, (name, parameter) in enumerate(zip(names, parameters, strict=True), start=2):
        if name != parameter:
            raise MalformedInput(f"line {number}: {found}, want {want}")
    return tuple(
        _read(literal, name, number)
        for number, (literal, name) in enumerate(zip(literals, names, strict=True), start=2)
    )


def _decode_typed(literals: list[str], parameters: Sequence[str]) -> tuple[Value, ...]:
    if len(literals) != len(parameters):
        raise MalformedInput(f"{len(literals)} values, want {_bracketed(named(parameters))}")
    return tuple([_read(each, *of) for each, of in zip(literals, _numbered(parameters), strict=True)])


def _numbered(parameters: Sequence[str]) -> list[tuple[str, int]]:
    return [(name, number) for number, name in enumerate(parameters, start=2)]


def form_of(data: bytes) -> tuple[str, ...] | None:
    """The types of the values that a file's text holds; None for bytes that are no such text."""
    if data.startswith(_TYPED_VERSION.encode()):
        return (TYPED,)
    if data.startswith(_CHOICES_VERSION.encode()):
        return _CHOICES
    if not data.startswith(_VERSION.encode()):
        return None
    try:
        lines = data.decode("ascii").rstrip().split("\n")
        return tuple(_kind_of_literal(line.strip(), number) for number, line in enumerate(lines[1:], start=2))
    except (UnicodeDecodeError, MalformedInput):
        return None


def _kind_of_literal(literal: str, number: int) -> str:
    if literal.isprintable():
        for kind in KINDS.values():
            if kind.pattern.fullmatch(literal):
                return kind.name
    raise MalformedInput(f"line {number}: {excerpt(literal)} is not a literal of {listed(KINDS)}")


def _read(literal: str, name: str, number: int) -> Value:
    kind = kind_for(name)
    if name in KINDS and not kind.pattern.fullmatch(literal):
        raise MalformedInput(f"line {number}: {excerpt(literal)} is not a literal of {name}")
    try:
        value: Value = kind.read(literal)
    except ValueError as error:
        raise MalformedInput(f"line {number}: {error}") from None
    except (MemoryError, RecursionError) as error:
        raise MalformedInput(f"line {number}: {type(error).__name__} while reading it") from None
    return value


# Showing ----------------------------------------------------------------------------------------------------------


def show(arguments: Sequence[Value], limit: int = 200) -> str:
    """The arguments as a call would spell them, in about `limit` characters; what is cut ends in `…` and its size."""
    pieces: list[str] = []
    left = limit
    for position, value in enumerate(arguments):
        room = max(left // (len(arguments) - position), 8)
        kind = KINDS.get(type(value).__name__) or _composite_kind(value)
        assert kind is not None, "what is decoded has a kind"
        pieces.append(kind.show(value, room))
        left -= len(pieces[-1]) + 2
    return ", ".join(pieces)
