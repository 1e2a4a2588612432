"""The layers of an input, as parts of it that are changed on their own."""

from collections.abc import Collection, Iterator, Sequence
from itertools import product
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.layers.codecs import Codec
from fuzztui.worker.layers.observing import Transform
from fuzztui.worker.layers.told import Told, told_of, with_told
from fuzztui.worker.mutate.operands import Comparison, splitting_signs
from fuzztui.worker.mutate.sized import is_binary
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MOST_LAYERS: Final = 6
"""Of one input."""

_MOST_PLACES: Final = 12
"""Where something may begin of which nothing is there."""

_SURE: Final = 4
"""Characters of what was decoded that are no coincidence where they stand."""

_PADDING: Final = "="


class Layer(NamedTuple):
    """What a part of a value stands for."""

    parent: int
    """Index of the value that it is a part of."""
    piece: Any
    """The part, of the type of that value."""
    is_padded: bool
    """Whether its padding stands there, too."""
    codec: Codec
    made: Any
    """What has been decoded, bytes or str."""


class Layered:
    """An input with layers: the values are its arguments and what is in it, see `mutate.whole.Whole`."""

    def __init__(
        self,
        arguments: Arguments,
        transforms: Sequence[Transform],
        max_len: int,
        ranges: Collection[tuple[int, int]] = (),
    ) -> None:
        """`ranges`: those that the program has taken of the one argument, if it is binary data."""
        self._ranges = ranges
        self._count = len(arguments)
        self._max_len = max_len
        self._arguments = arguments
        self.layers: Final[list[Layer]] = []
        self._known_told: dict[int, list[Told]] = {}
        """By layer."""
        self.values: Arguments = arguments
        self._open: list[tuple[int, Any, tuple[Codec, ...]]] = []
        """Where something cannot be decoded, or is nothing: index of a value, what stands there, and the codecs that it
        would be encoded with, one after the other."""
        self._nothing: tuple[Codec, ...] = ()
        self._is_nothing = False
        for transform in transforms:
            self._add(transform)

    def together(self, values: Arguments, /) -> Arguments | None:
        """The input with these values in their place; None if one cannot be put there."""
        inside: list[Any] = list(values)
        for index in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[index]
            now = inside[self._count + index]
            if now is layer.made or now == layer.made:
                continue
            piece = _encoded(layer.codec, now, layer.piece, layer.is_padded)
            parent = inside[layer.parent]
            at = parent.find(layer.piece) if layer.piece else len(parent)
            if piece is None or at < 0:
                return None
            end = at + len(layer.piece)
            if isinstance(now, bytes) and layer.parent < self._count and parent is self._arguments[layer.parent]:
                whole: Any = parent
                told = self._told(index, whole, at, end)
                inside[layer.parent] = with_told(whole, at, end, piece, now, told)
            else:
                inside[layer.parent] = parent[:at] + piece + parent[end:]
        whole = tuple(inside[: self._count])
        return whole if sum(map(size, whole)) <= self._max_len else None

    def _told(self, index: int, parent: Any, at: int, end: int) -> list[Told]:
        """What tells of a layer of binary data beside it."""
        known = self._known_told.get(index)
        if known is None:
            is_told = type(parent) is bytes and is_binary(parent)
            known = self._known_told[index] = told_of(parent, at, end, self.layers[index].made) if is_told else []
        return known

    def all_together(self, several: Iterator[Arguments], /) -> Iterator[Arguments]:
        """`together` of each that fits."""
        for values in several:
            whole = self.together(values)
            if whole is not None:
                yield whole

    def exchanged(self, comparisons: Sequence[Comparison], /) -> Iterator[Arguments]:
        """Inputs in which something stands that can be decoded, where nothing did; behind a sign, too, that the
        program has split texts at.
        """
        signs = [sign for sign in splitting_signs(comparisons) if sign.isascii()]
        for index, piece, codecs in self._open:
            value: Any = self.values[index]
            for start in codecs[0].starts:
                new: Any = start
                for codec in codecs:
                    new = None if new is None else _encoded(codec, new, piece, True)
                padding: Any = _PADDING if isinstance(new, str) else _PADDING.encode()
                forms = dict.fromkeys((new, new.rstrip(padding))) if new else (new,)
                if new and not piece:
                    before: list[Any] = signs if isinstance(new, str) else [sign.encode() for sign in signs]
                    forms = (*forms, *[sign + new for sign in before])
                places = dict.fromkeys([*self._taken(index, piece), *_places(value, piece)])
                for form, (at, end) in product(forms, places) if new is not None else ():
                    changed = (*self.values[:index], value[:at] + form + value[end:], *self.values[index + 1 :])
                    whole = self.together(changed)
                    if whole is not None and whole != self._arguments:
                        yield whole

    def _taken(self, index: int, piece: Any) -> list[tuple[int, int]]:
        """Where the program has taken a piece of an argument that stands in it, the latest first."""
        value: Any = self.values[index]
        if index or type(value) is not bytes:
            return []
        found = [(at, end) for at, end in self._ranges if end <= len(value) and value[at:end] == piece]
        return found[: -_MOST_PLACES - 1 : -1]

    def resized(self, _comparisons: Sequence[Comparison], /) -> Iterator[Arguments]:
        """None."""
        return iter(())

    def _add(self, transform: Transform) -> None:
        if len(self.layers) == MOST_LAYERS:
            return
        codec, given, made = transform
        if not given:
            # Nothing may stand anywhere, and may have been decoded from nothing.
            self._nothing = (codec, *(self._nothing if self._is_nothing else ()))
            self._is_nothing = made is not None and not made
            self._open += [
                (index, value[:0], self._nothing)
                for index, value in enumerate(self.values)
                if isinstance(value, bytes | str)
            ]
            return
        for index in range(len(self.values) - 1, -1, -1):
            found = _found(self.values[index], given)
            if found is None:
                continue
            piece, is_padded = found
            if made is None or not piece:
                self._open.append((index, piece, (codec,)))
            elif codec.encode is None:
                pass
            elif made != given and _is_sure(piece, self.values[index]):
                self.layers.append(Layer(index, piece, is_padded, codec, made))
                self.values = (*self.values, made)
            return


def _is_sure(piece: Any, value: Any) -> bool:
    """Whether a piece is known to be where it stands."""
    return len(piece) >= _SURE or value.count(piece) == 1


def _found(value: Any, given: bytes | str) -> "tuple[Any, bool] | None":
    """What went into a function as it stands in a value, and whether with its padding."""
    if type(value) is not bytes and type(value) is not str:
        return None
    piece: Any = given
    if type(given) is not type(value):
        try:
            piece = given.encode() if isinstance(given, str) else given.decode()
        except UnicodeError:
            return None
    if piece in value:
        return piece, True
    without = piece.rstrip(_PADDING if isinstance(piece, str) else _PADDING.encode())
    return (without, False) if without in value else None


def _encoded(codec: Codec, made: Any, piece: Any, is_padded: bool) -> Any:
    """What is decoded into this, of the type of `piece`; None if there is nothing."""
    try:
        data = made.encode(codec.charset or "utf-8", "surrogatepass") if isinstance(made, str) else made
        if codec.charset and not isinstance(made, str):
            data = made.decode().encode(codec.charset)
        new = data if codec.encode is None else codec.encode(data)
    except (UnicodeError, ValueError):
        return None
    if not is_padded:
        new = new.rstrip(_PADDING.encode())
    return new.decode("latin-1") if isinstance(piece, str) else new


def _places(value: Any, piece: Any) -> Iterator[tuple[int, int]]:
    """Where a piece stands, or where it may have been if it is empty."""
    if piece:
        at = value.find(piece)
        for _ in range(_MOST_PLACES):
            if at < 0:
                return
            yield at, at + len(piece)
            at = value.find(piece, at + 1)
        return
    ends = {0, len(value)}
    for at in range(len(value)):
        if not value[at : at + 1].isalnum():
            ends |= {at, at + 1}
    # What is read last is what the program has come to.
    for at in sorted(ends, reverse=True)[:_MOST_PLACES]:
        yield at, at
