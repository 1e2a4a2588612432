"""A store in memory that several nodes of one process share, and that can be taken away, filled up, or emptied."""

import threading
from collections.abc import Mapping, Sequence

from fuzztui.engine.share.messages import Beat, encode
from fuzztui.engine.share.stir import Stir
from fuzztui.engine.share.store import RefusedError, StoreError, Told
from fuzztui.engine.show.text import label


class Server:
    """What the stores of all nodes have in common."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.id = "first"
        self.logs: dict[str, list[bytes]] = {}
        self.beats: dict[str, bytes] = {}
        self.is_away = False
        self.is_full = False

    def lose_all(self) -> None:
        with self.lock:
            self.id += "'"
            self.logs.clear()
            self.beats.clear()

    def lose_last(self, node: str, messages: int) -> None:
        with self.lock:
            del self.logs[node][-messages:]

    def says(self, node: str, *contents: bytes, number: int = 1) -> None:
        """Somebody else publishes this."""
        with self.lock:
            self.logs.setdefault(node, []).extend(contents)
            self.beats[node] = beat(node, number)


def beat(node: str, number: int = 1, **changes: object) -> bytes:
    fields = {
        "name": node.rpartition(".")[0],
        "host": "far",
        "pid": 7,
        "number": number,
        "every": 2.0,
        "state": "fuzzing",
        "workers": 1,
        "executions": 10,
        "rate": 5.0,
        "edges": 3,
        "corpus": 2,
        "crashers": 1,
        "version": "1",
        "python": "3.11",
    }
    return encode(Beat(**{**fields, **changes}))  # type: ignore[arg-type]


class MemoryStore:
    """See `Store`."""

    pause = 0.01
    """Seconds that it waits for something to come: nobody tells it."""

    def __init__(self, server: Server, node: str) -> None:
        self._server = server
        self._node = node

    def _check(self) -> None:
        if self._server.is_away:
            raise StoreError(label("it is away"))

    def open(self) -> str:
        self._check()
        return self._server.id

    def publish(self, messages: Sequence[bytes]) -> None:
        self._check()
        if self._server.is_full:
            raise RefusedError(label("it is full"))
        with self._server.lock:
            self._server.logs.setdefault(self._node, []).extend(messages)

    def read(self, after: Mapping[str, str], wait: float, stir: Stir) -> list[Told]:
        self._check()
        with self._server.lock:
            told = [
                Told(node, str(number), content)
                for node, position in after.items()
                for number, content in list(enumerate(self._server.logs.get(node, []), 1))[int(position) :][:64]
            ]
        if not told:
            stir.wait(min(wait, self.pause))
        return told

    def ends(self, after: Mapping[str, str]) -> dict[str, str]:
        ends = {node: len(self._server.logs.get(node, [])) for node in after}
        return {node: str(ends[node]) for node, position in after.items() if ends[node] < int(position)}

    def tell(self, beat: bytes) -> None:
        self._check()
        if self._server.is_full:
            raise RefusedError(label("it is full"))
        self._server.beats[self._node] = beat

    def beats(self) -> dict[str, bytes]:
        self._check()
        with self._server.lock:
            return {node: content for node, content in self._server.beats.items() if node != self._node}

    def close(self) -> None:
        """Nothing is held."""
