"""What each entry of the generated corpus covers, kept for the next session: it executes only what other code needs.

An entry whose modules are all as they were covers what it covered. Of the others nothing is known: a changed module may
be reached in other ways by any input that came there.
"""

import platform
import zlib
from array import array
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from zlib import crc32

import msgspec

from fuzztui.engine.keep.storage import Folder, read_in, replace
from fuzztui.protocol.messages import Coverage, Module

LONGEST: Final = 64 << 20
"""Bytes of the file, and four times as many of what it holds."""

_LEVEL: Final = 1
"""Of compression: most entries cover much the same."""

_NUMBERS: Final = "I"


class Fingerprint(msgspec.Struct, array_like=True, frozen=True):
    """One module with the code that was measured."""

    name: str
    source: bytes
    """Digest of its file."""
    probes: int
    """Checksum of the lines of its probes: other versions of ours may place them elsewhere."""


class _Content(msgspec.Struct, array_like=True):
    python: str
    modules: list[Fingerprint]
    edges: bytes
    """Pairs of numbers: a module and the index of a probe in it."""
    entries: dict[bytes, bytes]
    """SHA-256 -> numbers of edges."""


class Known(NamedTuple):
    """What need not be executed again."""

    coverage: Coverage
    """All edges of these entries, in order."""
    edges: list[tuple[str, int]]
    entries: "dict[str, array[int]]"
    """SHA-256 in hexadecimal -> numbers in `edges`."""


def fingerprints(modules: Iterable[Module], sources: Mapping[str, bytes]) -> dict[str, Fingerprint]:
    """By name, modules whose code is known to be this; `sources`: digests by path."""
    return {
        module.name: Fingerprint(module.name, sources[module.file], crc32(array(_NUMBERS, module.lines).tobytes()))
        for module in modules
        if module.file in sources
    }


class Measured:
    """The file of one target."""

    def __init__(self, folder: Folder, name: str, interpreter: str) -> None:
        """`folder` and `name`: of the file; `interpreter`: what runs the target."""
        self._folder = folder
        self._name = name
        self._python = f"{interpreter} {platform.python_version()} {array(_NUMBERS).itemsize}"

    def load(self, now: Mapping[str, Fingerprint]) -> Known:
        """What is known of entries that cover nothing but modules as they are `now`. A file that is missing, damaged or
        somebody's work is passed by: what is not known is executed.
        """
        nothing = Known({}, [], {})
        try:
            unpacking = zlib.decompressobj()
            data = unpacking.decompress(read_in(self._folder, self._name, LONGEST), 4 * LONGEST)
            content = msgspec.msgpack.decode(data, type=_Content)
            numbers = array(_NUMBERS, content.edges)
            entries = {digest: array(_NUMBERS, edges) for digest, edges in content.entries.items()}
        except (OSError, ValueError, zlib.error):
            return nothing
        if content.python != self._python or any(len(digest) != 32 for digest in entries):
            return nothing
        same = [now.get(module.name) == module for module in content.modules]
        names = [module.name for module in content.modules]
        pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
        if any(module >= len(names) for module, _ in pairs):
            return nothing
        changed = {number for number, (module, _) in enumerate(pairs) if not same[module]}
        known = {
            digest.hex(): edges
            for digest, edges in entries.items()
            if edges and max(edges) < len(pairs) and changed.isdisjoint(edges)
        }
        used = sorted(set().union(*known.values())) if known else []
        coverage: Coverage = {}
        for number in used:
            module, index = pairs[number]
            coverage.setdefault(names[module], []).append(index)
        return Known(coverage, [(names[module], index) for module, index in pairs], known)

    def content(
        self, modules: Mapping[str, Fingerprint], edges: Iterable[tuple[str, int]], entries: Mapping[str, Iterable[int]]
    ) -> bytes:
        """What `keep` is to write; taken on the engine's loop. `entries`: SHA-256 in hexadecimal -> numbers in `edges`.

        Entries that cover a module without fingerprint are left out.
        """
        places = {name: number for number, name in enumerate(modules)}
        numbers = array(_NUMBERS)
        unknown = set()
        for number, (name, index) in enumerate(edges):
            place = places.get(name)
            if place is None:
                unknown.add(number)
            numbers.extend((place or 0, index))
        kept = {
            bytes.fromhex(digest): array(_NUMBERS, reached).tobytes()
            for digest, reached in entries.items()
            if unknown.isdisjoint(reached)
        }
        content = _Content(self._python, list(modules.values()), numbers.tobytes(), kept)
        return msgspec.msgpack.encode(content)

    def keep(self, content: bytes) -> None:
        """Write it down; OSError if that fails. May be called on any thread."""
        replace(self._folder, self._name, zlib.compress(content, _LEVEL), durable=False)
