# Not pathlib: each start of a worker would pay for loading it.
# ruff: noqa: PTH116, PTH120

"""Instrumented code on disk.

What is stored does not depend on the order in which modules are imported: the code as it was compiled, before it is
moved to the cells of its module. One file per source file, so that a changed source replaces its predecessor; a file
that is not exactly what was once written is ignored, and replaced.

What is loaded is executed. So the folder is the user's own, never the project's, nobody else may look into it, and
each file carries a digest with a secret of the user's that lies beside.
"""

import builtins
import sys
from errno import EINVAL, ENOENT, EPERM
from marshal import dumps, loads
from os import fsencode, fstat, geteuid, stat, stat_result, urandom
from os.path import dirname
from stat import S_ISREG
from typing import Any, Final

from fuzztui.protocol.files import OpenFolder, open_folder
from fuzztui.worker.instrumentation import code, compares, flow, instrument, literals, transplant, tree
from fuzztui.worker.instrumentation.instrument import Instrumented
from fuzztui.worker.instrumentation.literals import Expression, Literal

try:
    from _blake2 import blake2b  # hashlib would load OpenSSL, which takes longer than reading a module from this cache
except ImportError:
    from hashlib import blake2b

# The functions below run while the target does, which may have patched builtins: they get a copy of their own.
__builtins__: Any = dict(vars(builtins))  # type: ignore[no-redef]

_DIGEST: Final = 32
"""Bytes of a digest: no accident makes two of them equal, and nobody guesses one."""

_SUFFIX: Final = ".code"

_SECRET: Final = "secret"
_SECRET_BYTES: Final = 32

MOST_BYTES: Final = 200_000_000
MOST_FILES: Final = 10_000
"""Bounds of the folder, where the code of many projects meets: a large project has a thousand modules, and their
instrumented code takes twenty million bytes."""

TRIM_EVERY: Final = 1000
"""Files that one process stores between two looks at the bounds: a program may generate modules as it runs."""

_ROOM: Final = 0.75
"""Part of the bounds that is left when they are exceeded, so that not every process has something to remove."""


def _digest(*parts: bytes, key: bytes = b"") -> bytes:
    digest = blake2b(digest_size=_DIGEST, key=key)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


def _version() -> bytes:
    """What a file depends on besides the source: the text of the instrumenter and of this module, the Python, its
    optimization level.
    """
    modules: list[Any] = [instrument, compares, flow, literals, tree, transplant, code, sys.modules[__name__]]
    texts = [module.__spec__.loader.get_data(module.__file__) for module in modules]
    return _digest(*texts, sys.version.encode(), bytes([sys.flags.optimize]))


class CodeCache:
    """Instrumented code in a folder of the user's, which is made if it is missing.

    Several processes may use the folder at once: files appear complete or not at all.
    """

    def __init__(self, folder: str) -> None:
        """`folder` is an absolute path, or empty where the environment names none: then nothing is kept."""
        self.folder = folder
        self.problems: list[str] = []
        """Why code cannot be kept, if so: one sentence. It is compiled anew next time."""
        self._version = _version()
        self._secret: bytes | None = None
        """None if the folder cannot be used at all."""
        self._keeps = True
        """False once something could not be stored: what kept it from being will keep the next."""
        self._stored = 0
        """Files written by this process."""
        try:
            with _own_folder(folder) as opened:
                self._secret = _secret(opened)
        except OSError as error:
            self._give_up("instrumented code is not cached", error)

    def load(self, source: bytes, path: str) -> Instrumented | None:
        """What was stored for this source at this path; None if there is nothing, or nothing sound."""
        if self._secret is None:
            return None
        try:
            with open_folder(self.folder) as opened:
                content = opened.read(self._name(path), MOST_BYTES)
        except OSError:
            return None
        payload = content[_DIGEST:]
        if content[:_DIGEST] != self._seal(self._secret, source, path, payload):
            return None
        code, first, lines, bare, constants, expressions = loads(payload)  # we wrote it, or the digest would differ
        return Instrumented(
            code,
            first,
            lines,
            bare,
            [Literal(value, places) for value, places in constants],
            [Literal(Expression(*value), places) for value, places in expressions],
        )

    def store(self, source: bytes, path: str, instrumented: Instrumented) -> None:
        """Keep what `load` shall return; a failure is noted in `problems` and otherwise harmless."""
        if self._secret is None or not self._keeps:
            return
        constants = [tuple(literal) for literal in instrumented.constants]
        expressions = [(tuple(expression), places) for expression, places in instrumented.expressions]
        payload = dumps((*instrumented[:4], constants, expressions))
        try:
            with open_folder(self.folder) as opened:
                content = self._seal(self._secret, source, path, payload) + payload
                opened.write(self._name(path), content, mode=0o600)
                if self._stored % TRIM_EVERY == 0:  # a process that stores has just compiled, which takes far longer
                    _trim(opened)
                self._stored += 1
        except OSError as error:
            self._give_up(f"instrumented code of {path} is not cached", error)

    def sweep(self) -> None:
        """Remove what processes left here that were killed while they wrote."""
        if self._secret is None:
            return
        try:
            with open_folder(self.folder) as opened:
                opened.sweep()
        except OSError as error:
            self._give_up("instrumented code is not cached", error)

    def _give_up(self, what: str, error: OSError) -> None:
        self._keeps = False
        self.problems.append(f"{what}: {error.filename}: {error.strerror}")

    def _seal(self, secret: bytes, source: bytes, path: str, payload: bytes) -> bytes:
        return _digest(fsencode(path), source, self._version, payload, key=secret)

    def _name(self, path: str) -> str:
        # The code names its file, so the path is part of what is stored; the Python's tag keeps two of them apart.
        name = _digest(fsencode(path), bytes([sys.flags.optimize])).hex()
        return f"{name}.{sys.implementation.cache_tag}{_SUFFIX}"


def _own_folder(folder: str) -> OpenFolder:
    """Open the folder, made if it is missing. OSError if it cannot be, or is not the user's alone."""
    if not folder:
        raise OSError(ENOENT, "neither it nor XDG_CACHE_HOME is the path of a folder", "HOME")
    nearest, status = folder, _status(folder)
    while status is None:
        nearest = dirname(nearest)
        status = _status(nearest)
    _check_owner(nearest, status)
    opened = open_folder(folder, make=True, mode=0o700)
    try:
        status = fstat(opened.descriptor)
        _check_owner(folder, status)
        _check_privacy(folder, status)
    except BaseException:
        opened.close()
        raise
    return opened


def _status(path: str) -> stat_result | None:
    try:
        return stat(path)
    except FileNotFoundError:
        return None


def _check_owner(path: str, status: stat_result) -> None:
    if status.st_uid != geteuid():
        raise OSError(EPERM, "belongs to another user", path)


def _check_privacy(path: str, status: stat_result) -> None:
    if status.st_mode & 0o077:
        raise OSError(EPERM, "is open to other users: make it private or remove it", path)


def _secret(opened: OpenFolder) -> bytes:
    """The user's secret, made if there is none yet. OSError if it cannot be, or others may know it."""
    opened.holds(_SECRET) or opened.create(_SECRET, urandom(_SECRET_BYTES), mode=0o600)
    path = f"{opened.path}/{_SECRET}"
    secret, status = opened.read(_SECRET, _SECRET_BYTES), opened.status(_SECRET)
    if status is None or len(secret) != _SECRET_BYTES:
        raise OSError(EINVAL, "is no secret of ours: remove it", path)
    _check_owner(path, status)
    _check_privacy(path, status)
    return secret


def _trim(opened: OpenFolder) -> None:
    """Remove the oldest files where all together exceed a bound. Another process may do the same at the same time."""
    entries = []
    for name in opened.names():
        if name.endswith(_SUFFIX):
            status = opened.status(name)
            if status is not None and S_ISREG(status.st_mode):
                entries.append((status.st_mtime_ns, name, status.st_size))
    files, size = len(entries), sum(entry[2] for entry in entries)
    if files <= MOST_FILES and size <= MOST_BYTES:
        return
    for _, name, length in sorted(entries):
        if files <= MOST_FILES * _ROOM and size <= MOST_BYTES * _ROOM:
            break
        opened.remove(name)
        files, size = files - 1, size - length
