"""Has one node listen to many others over a server, with the exchange as runs have it, and says what that costs.

Arguments: nodes, messages of each, bytes of an input, and the port of a server on this machine whose first database is
emptied. Prints the server's memory, and seconds of CPU of the reader and of the server: to read all messages, and in so
many seconds in which nothing comes.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Final

import valkey

from fuzztui.engine.share.exchange import Exchange
from fuzztui.engine.share.messages import Beat, Find, encode
from fuzztui.engine.share.place import parse_place
from fuzztui.engine.share.stores import store_at
from fuzztui.engine.share.streams import KEPT

IDLE: Final = 8.0
TOPIC: Final = "0" * 32
PREFIX: Final = f"fuzztui:{{{TOPIC}}}"


def main() -> None:
    """Fill the server, read it, wait."""
    nodes, each, size, port = map(int, sys.argv[1:])
    client: Any = valkey.Valkey(port=port)
    client.flushdb()
    fill(client, nodes, each, size)
    memory = client.info("memory")["used_memory"]
    place = parse_place(f"valkey://127.0.0.1:{port}", Path("/"))
    exchange = Exchange(lambda: store_at(place, TOPIC, "reader.ffffffff"))
    began, of_server = time.process_time(), server_cpu(client)
    exchange.begin()
    taken = 0
    while taken < nodes * each:
        taken += len(exchange.take(20_000))
        time.sleep(0.05)
    reading = time.process_time() - began, server_cpu(client) - of_server
    began, of_server = time.process_time(), server_cpu(client)
    time.sleep(IDLE)
    idle = time.process_time() - began, server_cpu(client) - of_server
    exchange.close(0.0)
    print(json.dumps({"messages": taken, "memory": memory, "reading": reading, "idle": idle, "idle_seconds": IDLE}))


def fill(client: Any, nodes: int, each: int, size: int) -> None:
    """As if so many nodes had told so much."""
    for number in range(nodes):
        node = f"n{number}.{number:08x}"
        beat = Beat(f"n{number}", "host", 1, 1, 2.0, "fuzzing", 1, 1, 1.0, 1, 1, 0, "1", "3")
        pipeline = client.pipeline(transaction=False)
        pipeline.sadd(f"{PREFIX}:nodes", node)
        pipeline.set(f"{PREFIX}:beat:{node}", encode(beat))
        for _ in range(each):
            pipeline.xadd(f"{PREFIX}:log:{node}", {b"m": encode(Find(os.urandom(size)))}, maxlen=KEPT, approximate=True)
        pipeline.execute()


def server_cpu(client: Any) -> float:
    """Seconds so far."""
    used = client.info("cpu")
    return float(used["used_cpu_user"] + used["used_cpu_sys"])


main()
