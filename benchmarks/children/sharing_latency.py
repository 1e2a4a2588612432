"""Gives inputs to one node and notes when the other executes them.

Arguments: file and function of a target that notes each call with an input that begins with `PING` in the file that
`PINGS` names, folder for the caches, where the nodes share, how many inputs. Prints the seconds from the first
execution of each input on the one node to that on the other.
"""

import json
import secrets
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from fuzztui.engine.live.wishes import GiveInput
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import Session
from fuzztui.engine.share.place import parse_place
from fuzztui.engine.show.snapshot import Phase

APART: Final = 0.3
"""Seconds between two inputs: more often than nodes find something after their first minute."""

PATIENCE: Final = 60.0


def main() -> None:
    """Run both nodes, give one of them inputs."""
    file, function, folder, place, number = sys.argv[1:]
    given = {f"PING{secrets.token_hex(8)}" for _ in range(int(number))}
    target = PythonTarget(Path(file), function, Path(file).parent)
    sessions = [
        Session(
            RunOptions(
                target,
                Path(folder, name),
                workers=1,
                stop_on_crash=False,
                share=parse_place(place, Path(folder)),
                node=name,
                environment={"PINGS": str(Path(folder, f"{name}.log"))},
            )
        )
        for name in ("a", "b")
    ]
    threads = [threading.Thread(target=session.run, args=(lambda _: None,)) for session in sessions]
    for thread in threads:
        thread.start()
    try:
        for session in sessions:
            _wait(partial(_is_ready, session))
        for ping in sorted(given):
            sessions[0].steer(GiveInput(ping.encode()))
            time.sleep(APART)
        _wait(lambda: given <= _firsts(Path(folder, "b.log")).keys())
    finally:
        for session in sessions:
            session.stop()
        for thread in threads:
            thread.join()
    here, there = (_firsts(Path(folder, f"{name}.log")) for name in ("a", "b"))
    # Each node makes some of these by mutation, too: what counts are those that were given.
    print(json.dumps([there[ping] - here[ping] for ping in sorted(given & here.keys() & there.keys())]))


def _is_ready(session: Session) -> bool:
    shown = session.snapshot()
    return shown.phase is Phase.FUZZING and shown.sharing.others > 0


def _wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            raise SystemExit(f"waited in vain for {PATIENCE:g} s")
        time.sleep(0.05)


def _firsts(log: Path) -> dict[str, float]:
    """When each input was executed first."""
    found: dict[str, float] = {}
    for line in log.read_text().splitlines() if log.exists() else []:
        ping, _, at = line.rpartition(" ")
        found.setdefault(ping, float(at))
    return found


main()
