"""A store that is a server of Valkey, Redis 5 or later, or another that speaks as they do: a stream for each node.

    fuzztui:topics              the set of all topics
    fuzztui:{TOPIC}:store       what tells this store from one that has lost everything
    fuzztui:{TOPIC}:nodes       the set of all nodes
    fuzztui:{TOPIC}:beat:NODE   how a node fares
    fuzztui:{TOPIC}:log:NODE    what it has told, the newest `KEPT` messages

All of it expires a while after the last word of its node.
"""

import contextlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import valkey
from valkey.backoff import NoBackoff
from valkey.exceptions import AuthenticationError, ResponseError, ValkeyError
from valkey.retry import Retry

from fuzztui.engine.share.place import ServerPlace
from fuzztui.engine.share.stir import Stir
from fuzztui.engine.share.store import (
    MOST_AT_ONCE,
    MOST_NODES,
    START,
    RefusedError,
    StoreError,
    Told,
    is_node,
    is_topic,
)
from fuzztui.engine.show.text import Visible, label, one_line, say

T = TypeVar("T")

KEPT: Final = 20_000
"""Messages of one node that the server keeps, about: more than it finds in a campaign, but for one that goes wrong."""

EXPIRES: Final = 7 * 24 * 3600
"""Seconds after a node's last word for which the server keeps what it has told."""

CONNECT_TIMEOUT: Final = 2.0
TIMEOUT: Final = 5.0
"""Seconds for an answer, beyond those that a reading waits."""

LONGEST_BLOCK: Final = 2_000
"""Milliseconds for which a question stays open: what a node is told that has come meanwhile waits for the next one."""

LARGE: Final = 8 << 20
"""Bytes of an answer after which fewer messages are asked for at once."""

_FIELD: Final = b"m"

_UNTRUSTED: Final = re.compile(r"certificate verify failed: (.*?)(?: \(_ssl\.c:\d+\)\.?)?$")
_CONNECTING: Final = re.compile(r"^Error -?\d+ connecting to \S+\. ")
"""How the client begins, which names what we know."""

_TOPICS: Final = "fuzztui:topics"


class StreamStore:
    """See `Store`."""

    def __init__(self, place: ServerPlace, topic: str, node: str) -> None:
        self._node = node
        self._topic = topic
        self._prefix = f"fuzztui:{{{topic}}}"
        self._at_once = MOST_AT_ONCE
        self._reader: Any = None
        """The connection that questions are asked on."""
        self._asked: dict[bytes, str] | None = None
        """The nodes of a question that was not answered yet, by their keys."""
        self._waits = False
        """Whether the server answers it only when there is something, or after a while."""
        self._is_encrypted = place.is_encrypted
        # What is tried again, and when, is the exchange's to say.
        self._client: Any = valkey.Valkey(
            host=place.host,
            port=place.port,
            db=place.database,
            username=place.user or None,
            password=place.password or None,
            ssl=place.is_encrypted,
            ssl_check_hostname=place.is_encrypted,
            socket_connect_timeout=CONNECT_TIMEOUT,
            socket_timeout=TIMEOUT,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),
            client_name="fuzztui",
        )

    def _log(self, node: str) -> str:
        return f"{self._prefix}:log:{node}"

    def _beat(self, node: str) -> str:
        return f"{self._prefix}:beat:{node}"

    def open(self) -> str:
        """Connect."""

        def ask() -> str:
            name = f"{self._prefix}:store"
            found = self._client.get(name)
            if found is None:  # who only watches may not be allowed to write
                self._client.set(name, secrets.token_hex(16), nx=True)
                found = self._client.get(name)
            return bytes(found or b"").decode("ascii", "replace")

        return self._answered(ask)

    def publish(self, messages: Sequence[bytes]) -> None:
        """All of them in one go; each that the server has taken stays, whatever becomes of those after it."""

        def send() -> None:
            pipeline = self._client.pipeline(transaction=False)
            for message in messages:
                pipeline.xadd(self._log(self._node), {_FIELD: message}, maxlen=KEPT, approximate=True)
            pipeline.expire(self._log(self._node), EXPIRES)
            pipeline.execute()

        self._answered(send)

    def read(self, after: Mapping[str, str], wait: float, stir: Stir) -> list[Told]:
        """One question for all nodes, on a connection of its own: it stays open until the server has an answer, so
        that something can be published meanwhile.
        """

        def ask() -> list[Told]:
            if self._reader is None:
                self._reader = self._client.connection_pool.get_connection("XREAD")
            if self._asked is None:
                if not after:
                    return []
                self._asked = {self._log(node).encode(): node for node in after}
                self._waits = wait >= 0.001
                block = ("BLOCK", min(LONGEST_BLOCK, int(wait * 1000))) if self._waits else ()
                question = ("XREAD", "COUNT", self._at_once, *block, "STREAMS", *self._asked, *after.values())
                self._reader.send_command(*question)
            if self._waits and not stir.wait(wait, self._reader._sock.fileno()):
                return []
            keys, self._asked = self._asked, None
            told = [
                Told(keys[key], identity.decode("ascii"), _content(fields))
                for key, entries in self._reader.read_response() or ()
                for identity, fields in entries
            ]
            is_large = sum(len(each.content) for each in told) > LARGE
            self._at_once = max(1, self._at_once // 4) if is_large else min(MOST_AT_ONCE, 2 * self._at_once)
            return told

        return self._answered(ask)

    def ends(self, after: Mapping[str, str]) -> dict[str, str]:
        """A server that was killed may have lost its last second, and a clock that was set back may count anew from
        where it stands then.
        """

        def ask() -> dict[str, str]:
            pipeline = self._client.pipeline(transaction=False)
            for node in after:
                pipeline.xrevrange(self._log(node), count=1)
            found: dict[str, str] = {}
            for (node, position), newest in zip(after.items(), pipeline.execute(), strict=True):
                end = newest[0][0].decode("ascii") if newest else START
                if _number(end) < _number(position):
                    found[node] = end
            return found

        return self._answered(ask)

    def tell(self, beat: bytes) -> None:
        """It keeps what the node has told from expiring, too."""

        def send() -> None:
            pipeline = self._client.pipeline(transaction=False)
            pipeline.set(self._beat(self._node), beat, ex=EXPIRES)
            pipeline.sadd(f"{self._prefix}:nodes", self._node)
            for key in ("nodes", "store", f"log:{self._node}"):
                pipeline.expire(f"{self._prefix}:{key}", EXPIRES)
            pipeline.sadd(_TOPICS, self._topic)
            pipeline.expire(_TOPICS, EXPIRES)
            pipeline.execute()

        self._answered(send)

    def topics(self) -> list[str]:
        """Names of all topics of the server, of those too that have expired since."""

        def ask() -> list[str]:
            members = [member.decode("ascii", "replace") for member in self._client.smembers(_TOPICS)]
            return sorted(filter(is_topic, members))

        return self._answered(ask)

    def beats(self) -> dict[str, bytes]:
        """Nodes whose words have expired are forgotten."""

        def ask() -> dict[str, bytes]:
            members = [member.decode("ascii", "replace") for member in self._client.smembers(f"{self._prefix}:nodes")]
            nodes = sorted(node for node in members if is_node(node) and node != self._node)[:MOST_NODES]
            if not nodes:
                return {}
            said = dict(zip(nodes, self._client.mget([self._beat(node) for node in nodes]), strict=True))
            gone = [node for node, beat in said.items() if beat is None]
            if gone:
                self._client.srem(f"{self._prefix}:nodes", *gone)
            return {node: beat for node, beat in said.items() if beat is not None}

        return self._answered(ask)

    def _answered(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except ResponseError as error:  # no memory left, a full disk, a database that there is not
            raise RefusedError(say("the server refuses: {}", one_line(str(error), 200))) from None
        except (ValkeyError, OSError) as error:
            raise StoreError(_why(error, is_encrypted=self._is_encrypted)) from None
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            raise StoreError(say("what answers is no such server: {}", one_line(str(error), 200))) from None

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(ValkeyError, OSError):
            self._client.close()
            self._client.connection_pool.disconnect()


def _content(fields: Sequence[bytes]) -> bytes:
    return dict(zip(fields[::2], fields[1::2], strict=True)).get(_FIELD, b"")


def _number(position: str) -> tuple[int, int]:
    milliseconds, _, sequence = position.partition("-")
    return int(milliseconds), int(sequence or 0)


def _why(error: Exception, *, is_encrypted: bool) -> Visible:
    """What a person should know of a connection that has failed, a clause."""
    said = str(error)
    if isinstance(error, AuthenticationError):
        is_asked = "required" in said
        return label("it asks for a password" if is_asked else "it does not take this password, or this user")
    if untrusted := _UNTRUSTED.search(said):
        reason = one_line(untrusted[1], 200)
        if "mismatch" in reason:
            return say("its certificate is for another host: {}", reason)
        return say("its certificate is not trusted: {}; SSL_CERT_FILE names a file with those that are", reason)
    if is_encrypted and ("[SSL" in said or isinstance(error, valkey.exceptions.TimeoutError)):
        return say("it does not answer in TLS ({}): valkey:// is without", one_line(said, 100))
    if not is_encrypted and ("reset by peer" in said or "closed by server" in said):
        return say("it hangs up ({}): valkeys:// is with TLS", one_line(said, 100))
    return one_line(_CONNECTING.sub("", said) or type(error).__name__, 200)
