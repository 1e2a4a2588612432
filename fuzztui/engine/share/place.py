"""Where a campaign is shared, as people write it: a folder, or the address of a server. Pure."""

import ipaddress
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from fuzztui.engine.show.text import NOTHING, Visible, joined, label, one_line, say

SCHEMES: Final = {"valkey": False, "redis": False, "valkeys": True, "rediss": True}
"""Whether what is sent is encrypted."""

PORT: Final = 6379

LONGEST_NAME: Final = 48
"""Characters of a node's name."""

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_FORM: Final = label("want valkey://[[USER]:PASSWORD@]HOST[:PORT][/NUMBER], or a folder")


class BadPlaceError(ValueError):
    """What names no place."""

    def __init__(self, sentence: Visible) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """A folder that all nodes see."""

    folder: Path
    """Absolute."""

    @property
    def shown(self) -> Visible:
        """For people."""
        return one_line(str(self.folder), 300)

    @property
    def doubts(self) -> Visible:
        """What makes it unsafe; empty if nothing does: who may write to a folder is the system's to say."""
        return NOTHING


@dataclass(frozen=True, slots=True)
class ServerPlace:
    """A server of Valkey, Redis, or another that speaks as they do."""

    host: str
    port: int = PORT
    database: int = 0
    is_encrypted: bool = False
    user: str = ""
    password: str = ""

    @property
    def shown(self) -> Visible:
        """For people: without the password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        scheme = "valkeys" if self.is_encrypted else "valkey"
        number = f"/{self.database}" if self.database else ""
        return one_line(f"{scheme}://{host}:{self.port}{number}", 300)

    @property
    def doubts(self) -> Visible:
        """What lets strangers in; empty where nothing does, or where only this machine can reach it."""
        lacks = [
            word for word, has in ((label("password"), self.password), (label("TLS"), self.is_encrypted)) if not has
        ]
        if not lacks or _is_loopback(self.host):
            return NOTHING
        return say(
            "{} has no {}: whoever reaches it can read what is found, and give inputs to this target",
            self.shown,
            joined(" and no ", lacks),
        )


Place = FolderPlace | ServerPlace


def parse_place(text: str, here: Path) -> Place:
    """The place that a text names, a folder relative to `here`. BadPlaceError says what is wrong with it."""
    if not text.strip():
        raise BadPlaceError(say("it is empty: {}", _FORM))
    scheme = _SCHEME.match(text)
    if scheme is None:
        if "\0" in text:
            raise BadPlaceError(label("no folder has a null character in its name"))
        return FolderPlace(Path(os.path.abspath(here / Path(text).expanduser())))  # noqa: PTH100 - follows no link
    if scheme[1].lower() not in SCHEMES:
        raise BadPlaceError(say("{}:// is no kind of store: {}", one_line(scheme[1], 40), _FORM))
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:  # an address in brackets that is none, a port that is no number
        raise BadPlaceError(say("{}: {}", one_line(str(error), 200), _FORM)) from None
    if not host:
        raise BadPlaceError(say("no host is named: {}", _FORM))
    if port == 0:
        raise BadPlaceError(label("nobody listens on port 0: want 1 to 65535"))
    if parts.query or parts.fragment:
        raise BadPlaceError(say("nothing may follow the number of the database: {}", _FORM))
    return ServerPlace(
        host=host,
        port=PORT if port is None else port,
        database=_database(parts),
        is_encrypted=SCHEMES[parts.scheme.lower()],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _database(parts: SplitResult) -> int:
    number = parts.path.strip("/")
    if not number:
        return 0
    if not (number.isascii() and number.isdecimal() and len(number) <= 6):
        raise BadPlaceError(say("the database is a number, not {}: {}", one_line(number, 60), _FORM))
    return int(number)


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_name(name: str) -> None:
    """BadPlaceError if this can be no node's name: it names a folder, and is shown in a table."""
    if not (_NAME.fullmatch(name) and len(name) <= LONGEST_NAME):
        raise BadPlaceError(
            say("'{}' is no name: want up to {} letters, digits, '.', '_', '-'", one_line(name, 60), LONGEST_NAME)
        )


def name_from(host: str) -> str:
    """A node's name where none was given, from its machine's."""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", host).lstrip(".-")[:LONGEST_NAME]
    return name or "node"
