from pathlib import Path

import pytest

MODULE = '''
import abc
import asyncio
import functools
import socket
from dataclasses import dataclass
from math import comb
from zlib import crc32

from pkg.errors import Wrong


def parse(text: str, strict: bool = False, *, depth: int = 3) -> str:
    """Parse.

    Raises:
        Wrong: if it is.
    """
    if text.startswith("wrong"):
        raise Wrong(text)
    if text.startswith("key"):
        raise KeyError(text)
    if strict and depth == 77:
        raise RuntimeError("both")
    return text


def by_name(*, data: bytes) -> int:
    """:raises pkg.errors.Wrong: if
    :raises Mystery: never"""
    return len(data)


def middle(first: int, hook=None, last: str = "", /, other: bytes = b"", *rest: int, **more: int) -> tuple:
    return first, hook, last, other, rest, more


def defaults(x: int = 0, y: str = "") -> None: ...
def nothing() -> None: ...
def bare(data, n: int) -> None: ...
def connect(conn: socket.socket) -> None: ...
def with_hook(data: bytes, conn: socket.socket | None = None, n: int = 1) -> tuple:
    return data, conn, n


SEEN: list[object] = []


async def later(data: bytes) -> None:
    await asyncio.sleep(0)
    SEEN.append(data)


def endless(n: int):
    while True:
        n += 1
        yield n


async def stream(n: int):
    yield n


def changed(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)
    return inner


@changed
def decorated(data: bytes) -> bytes:
    return data


@dataclass
class Order:
    item: str
    count: int = 1

    def total(self, price: float) -> float:
        if self.count < 0:
            raise ArithmeticError
        return self.count * price


class Parser:
    def __init__(self, strict: bool, *, size: int = 4) -> None:
        if size < 0:
            raise ValueError("size")
        self.strict, self.size = strict, size

    def parse(self, text: str, n: int = 0) -> tuple:
        return self.strict, self.size, text, n

    @classmethod
    def make(cls, text: str) -> "Parser":
        return cls(True)

    @staticmethod
    def clean(text: str) -> str:
        return text

    @property
    def state(self) -> int:
        return 1

    class Inner:
        def run(self, data: bytes) -> bytes:
            return data


class Client:
    def __init__(self, conn: socket.socket) -> None: ...
    def send(self, data: bytes) -> None: ...


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self, n: int) -> float: ...


class Odd:
    def __init__(self, sock) -> None: ...
    def run(self, data: bytes) -> None: ...


TABLE = {}
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a package in `src`."""
    folder = tmp_path / "src" / "pkg"
    folder.mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    (folder / "__init__.py").write_text("from pkg.mod import parse\nfrom pkg.mod import Parser as P\n")
    (folder / "errors.py").write_text("class Wrong(Exception): ...\n")
    (folder / "mod.py").write_text(MODULE)
    (folder / "broken.py").write_text("def f(:\n")
    (folder / "fuzz_own.py").write_text("def fuzz_own(data: bytes) -> None: ...\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path
