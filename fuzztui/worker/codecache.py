# Not pathlib: what is loaded before the target cannot be instrumented, and so could not be fuzzed.
# ruff: noqa: PTH103, PTH105, PTH108, PTH118, PTH123, PTH208

"""Instrumented code on disk.

What is stored does not depend on the order in which modules are imported: the code as it was compiled, before it is
moved to the cells of its module. One file per source file, so that a changed source replaces its predecessor; a file
that is not exactly what was once written is ignored, and replaced.
"""

import builtins
import sys
from errno import ENOENT
from marshal import dumps, loads
from os import fsencode, getpid, kill, listdir, makedirs, replace, unlink
from os.path import join
from typing import Any, Final

from fuzztui.worker import compares, instrument, literals, tree
from fuzztui.worker.instrument import Instrumented
from fuzztui.worker.literals import Expression, Literal

try:
    from _blake2 import blake2b  # hashlib would load OpenSSL, which takes longer than reading a module from this cache
except ImportError:
    from hashlib import blake2b

# The functions below run while the target does, which may have patched builtins: they get a copy of their own.
__builtins__: Any = dict(vars(builtins))  # type: ignore[no-redef]

_DIGEST: Final = 16
"""Bytes of a digest: no accident makes two of them equal."""

_SUFFIX: Final = ".code"
_TEMPORARY: Final = ".tmp"


def _digest(*parts: bytes) -> bytes:
    digest = blake2b(digest_size=_DIGEST)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


def _version() -> bytes:
    """What the code depends on besides the source: the instrumenter's own text, the Python, its optimization level."""
    modules: list[Any] = [instrument, compares, literals, tree]
    texts = [module.__spec__.loader.get_data(module.__file__) for module in modules]
    return _digest(*texts, sys.version.encode(), bytes([sys.flags.optimize]))


class CodeCache:
    """Instrumented code in a folder, which is made when something is stored.

    Several processes may use the folder at once: files appear complete or not at all.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.problems: list[str] = []
        """Why code could not be stored, if so; a sentence each. It is compiled anew next time."""
        self._version = _version()

    def load(self, source: bytes, path: str) -> Instrumented | None:
        """What was stored for this source at this path; None if there is nothing, or nothing sound."""
        try:
            with open(self._file(path), "rb") as file:
                content = file.read()
        except OSError:
            return None
        header, payload = content[: 2 * _DIGEST], content[2 * _DIGEST :]
        if header != self._key(source) + _digest(payload):
            return None
        code, first, lines, constants, expressions = loads(payload)  # sound, or the digest would differ
        return Instrumented(
            code,
            first,
            lines,
            [Literal(value, places) for value, places in constants],
            [Literal(Expression(*value), places) for value, places in expressions],
        )

    def store(self, source: bytes, path: str, instrumented: Instrumented) -> None:
        """Keep what `load` shall return; a failure is noted in `problems` and otherwise harmless."""
        constants = [tuple(literal) for literal in instrumented.constants]
        expressions = [(tuple(expression), places) for expression, places in instrumented.expressions]
        payload = dumps((*instrumented[:3], constants, expressions))
        file = self._file(path)
        temporary = f"{file}.{getpid()}{_TEMPORARY}"
        try:
            makedirs(self.folder, exist_ok=True)
            try:
                with open(temporary, "wb") as stream:
                    stream.write(self._key(source) + _digest(payload) + payload)
                replace(temporary, file)
            except OSError:
                _remove(temporary)
                raise
        except OSError as error:
            self.problems.append(f"instrumented code of {path} is not kept in {self.folder}: {error.strerror}")

    def sweep(self) -> None:
        """Remove what processes left here that were killed while they wrote."""
        try:
            names = listdir(self.folder)
        except OSError:
            return  # nothing has been stored yet
        for name in names:
            if name.endswith(_TEMPORARY):
                owner = name.removesuffix(_TEMPORARY).rpartition(".")[2]
                if not (owner.isascii() and owner.isdecimal() and _runs(int(owner))):
                    _remove(join(self.folder, name))

    def _key(self, source: bytes) -> bytes:
        return _digest(source, self._version)

    def _file(self, path: str) -> str:
        # The code names its file, so the path is part of what is stored; the Python's tag keeps two of them apart.
        name = _digest(fsencode(path), bytes([sys.flags.optimize])).hex()
        return join(self.folder, f"{name}.{sys.implementation.cache_tag}{_SUFFIX}")


def _remove(file: str) -> None:
    try:
        unlink(file)
    except OSError as error:
        if error.errno != ENOENT:
            raise


def _runs(pid: int) -> bool:
    try:
        kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
