"""What goes over the socket between a coordinator and a dashboard elsewhere: frames of msgpack, each a list.

From the coordinator: `hello`, `snapshot` (whole, then changes), `event`, `answer` (number, whether there is one, what),
`over`. To it: `do` (a command's name and arguments), `ask` (number, question, its fields). Commands are the methods of
`SessionLike` that return nothing, questions are named by their class: neither is listed here, so that a new one needs
nothing.
"""

import contextlib
import dataclasses
import importlib
import inspect
import socket
import threading
from collections.abc import Iterator
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec

from fuzztui.engine.questions.general import Question
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.codec import ForeignError, decode, encode
from fuzztui.engine.show.events import Told
from fuzztui.engine.show.text import label, one_line, say
from fuzztui.protocol.framing import FrameReader, ProtocolError, frame

FORMAT: Final = 1

LARGEST: Final = 256 << 20
"""Bytes of a frame: a snapshot with ten thousand crashers has some."""

CHUNK: Final = 1 << 16

QUESTIONS: Final = "fuzztui.engine."
"""Where questions are: nothing else is imported because somebody names it."""

EVENT: Final[Any] = Told

_NONE: Final = label("what it sends is no message of fuzztui's")


class Channel:
    """A socket for messages. Any thread may send, one receives."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._lock = threading.Lock()

    def send(self, *message: Any) -> None:
        """OSError if nobody is there any more."""
        encoded = frame(msgspec.msgpack.encode(message))
        with self._lock:
            self._socket.sendall(encoded)

    def receive(self) -> Iterator[list[Any]]:
        """Messages until the other end closes. ForeignError for what is none, OSError as sockets have it."""
        reader = FrameReader(LARGEST)
        is_known = False
        while data := self._socket.recv(CHUNK):
            try:
                for message in reader.feed(data):
                    decoded = msgspec.msgpack.decode(message)
                    if not (isinstance(decoded, list) and decoded and isinstance(decoded[0], str)):
                        raise ForeignError(_NONE)
                    is_known = True
                    yield decoded
            except (ProtocolError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                raise ForeignError(_NONE) from None  # how far it can be read helps nobody
        if reader.has_partial_frame and not is_known:
            raise ForeignError(_NONE)

    def close(self) -> None:
        """Whoever receives sees the end."""
        with contextlib.suppress(OSError):  # it was closed at the other end
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def _commands() -> dict[str, list[Any]]:
    found = {}
    for name, method in inspect.getmembers(SessionLike, inspect.isfunction):
        if not name.startswith("_"):
            hints = get_type_hints(method)
            if hints.pop("return", None) is type(None):
                found[name] = [
                    hints[parameter] for parameter in inspect.signature(method).parameters if parameter in hints
                ]
    return found


COMMANDS: Final = _commands()
"""The types of each command's arguments."""


def encode_arguments(name: str, arguments: tuple[Any, ...]) -> list[Any]:
    """The arguments of a command in their plain form; those that are left out keep their defaults."""
    return [encode(kind, each) for kind, each in zip(COMMANDS[name], arguments, strict=False)]


def do(session: SessionLike, name: Any, arguments: Any) -> None:
    """Give a command. ForeignError if there is none of that name, or not with such arguments."""
    if not isinstance(name, str) or name not in COMMANDS or not isinstance(arguments, list):
        raise ForeignError(say("there is no command {}", one_line(repr(name)[:60])))
    kinds = COMMANDS[name]
    if len(arguments) > len(kinds):
        raise ForeignError(say("{} takes {} arguments", name, len(kinds)))
    values = [decode(kind, each) for kind, each in zip(kinds, arguments, strict=False)]
    try:
        getattr(session, name)(*values)
    except TypeError:  # arguments are missing
        raise ForeignError(say("{} takes {} arguments", name, len(kinds))) from None


def name_of(question: Question[Any]) -> str:
    """The name that a question is asked by."""
    kind = type(question)
    return f"{kind.__module__}:{kind.__qualname__}"


def question_named(name: Any, fields: Any) -> Question[Any]:
    """The question of a name. ForeignError if there is none, or not with such fields."""
    module, _, kind_name = name.partition(":") if isinstance(name, str) else ("", "", "")
    kind: Any = None
    if module.startswith(QUESTIONS) and kind_name.isidentifier():
        try:
            kind = getattr(importlib.import_module(module), kind_name, None)
        except ImportError:
            kind = None
    is_question = isinstance(kind, type) and issubclass(kind, Question)
    if not (is_question and dataclasses.is_dataclass(kind)):
        raise ForeignError(say("there is no question {}", one_line(repr(name)[:60])))
    question_type: Any = kind
    question: Question[Any] = decode(question_type, fields)
    return question


def answer_type(question: Question[Any]) -> Any:
    """The type of a question's answer, as its class says."""
    for base in getattr(type(question), "__orig_bases__", ()):
        if get_origin(base) is Question:
            return get_args(base)[0]
    raise TypeError(f"{type(question).__name__} does not say what its answer is")
