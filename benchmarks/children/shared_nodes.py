"""Fuzzes one target on two nodes of one worker each, processes of their own, and counts what both need for it.

Arguments: file, function, executions of each, folder for their caches, and where they share, or `-` where they do not.
Prints the executions of both, the CPU seconds of both with their workers from the moment that all is imported, those of
both without them, and how many inputs of the other were run.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from fuzztui.engine.request.options import Limit, RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import Session
from fuzztui.engine.share.place import parse_place


def main() -> None:
    """Start both, wait for both."""
    nodes = [subprocess.Popen([sys.executable, __file__, *sys.argv[1:], name], stdout=subprocess.PIPE) for name in "ab"]
    results = [json.loads(node.communicate()[0] or b"null") for node in nodes]
    if not all(results):
        raise SystemExit("a node failed")
    print(json.dumps({key: sum(result[key] for result in results) for key in results[0]}))


def node(file: str, function: str, executions: str, folder: str, place: str, name: str) -> None:
    """One of them."""
    shared = parse_place(place, Path(folder)) if place != "-" else None
    if place.startswith("valkey:"):
        import fuzztui.engine.share.streams  # noqa: F401 - it is paid once, however long a node lives
    target = PythonTarget(Path(file), function, Path(file).parent)
    limit = Limit(executions=int(executions))
    options = RunOptions(
        target, Path(folder, name), workers=1, limit=limit, stop_on_crash=False, share=shared, node=name
    )
    session, began = Session(options), time.process_time()
    session.run(lambda _: None)
    shown = session.snapshot()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.process_time() - began
    cpu = own + usage.ru_utime + usage.ru_stime
    print(json.dumps({"executions": shown.executions, "cpu": cpu, "own": own, "run": shown.sharing.run}))


if len(sys.argv) == 7:
    node(*sys.argv[1:])
else:
    main()
