"""An input that is being made smaller, by a run or by itself, is stopped in every way at any moment: nothing is lost.

The original stays as it is, the smallest input that was on disk is never followed by a larger one, and whoever goes on
begins with it. `FUZZTUI_SOAK_SEED=... pytest tests/soak -k "minimizing and 17"` repeats one case.
"""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from random import Random

import psutil
import pytest

from tests.processes import left_in
from tests.support import children, wait_for

pytestmark = [
    pytest.mark.processes,
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are recognised on Linux only"),
]

SEED = os.environ.get("FUZZTUI_SOAK_SEED", "1")
CASES = 50

MARKS = b"FAILURES"
"""What an input must have in this order; alone it is the smallest that fails."""

TARGET = f"""
import os, time
ran = os.open({{log!r}}, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

def fuzz_it(data: bytes) -> None:
    os.write(ran, b"%d\\n" % len(data))
    time.sleep(0.004)
    rest = iter(data)
    if all(byte in rest for byte in {MARKS!r}):
        raise ValueError("all of it")
"""

DOORS = {
    "minimize": ["minimize", "fuzz_it.py", "{original}"],
    "run": ["run", "fuzz_it.py", "--headless", "--keep-fuzzing", "-t60s", "-j1", "--minimize-time", "60s"],
}
WAYS = ["interrupt", "terminate", "kill", "hang up", "close the terminal", "kill the workers"]
SIGNALS = {
    "interrupt": signal.SIGINT,
    "terminate": signal.SIGTERM,
    "kill": signal.SIGKILL,
    "hang up": signal.SIGHUP,
}


class Search:
    """A project whose only input is to be made smaller."""

    def __init__(self, folder: Path, random: Random) -> None:
        self.folder = folder
        self.log = folder / "ran"
        (folder / "pyproject.toml").touch()
        (folder / "fuzz_it.py").write_text(TARGET.format(log=os.fspath(self.log)))
        data = bytearray(random.randbytes(4_000))
        for number, byte in enumerate(MARKS):
            data[random.randrange(500 * number, 500 * number + 500)] = byte
        self.data = bytes(data)
        stored = folder / "testdata" / "corpus" / "fuzz_it"
        stored.mkdir(parents=True)
        self.original = stored / sha256(self.data).hexdigest()
        self.original.write_bytes(self.data)

    def start(self, door: str, terminal: int | None = None) -> "subprocess.Popen[bytes]":
        words = [word.format(original=self.original) for word in DOORS[door]]
        ends = {"stdin": terminal, "stdout": terminal, "stderr": terminal} if terminal is not None else {
            "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL
        }  # fmt: skip
        command = [sys.executable, "-m", "fuzztui", *words]
        return subprocess.Popen(command, cwd=self.folder, start_new_session=True, **ends)  # type: ignore[call-overload, no-any-return]

    @property
    def best(self) -> int:
        """Bytes of the smallest failing input on disk."""
        files = [*self.original.parent.glob("[0-9a-f]*"), *self.folder.rglob("smallest-*")]
        return min(len(data) for data in map(Path.read_bytes, files) if fails(data))

    @property
    def ran(self) -> list[int]:
        """Bytes of each input that was executed, in order."""
        return [int(line) for line in self.log.read_text().split()] if self.log.exists() else []

    def wait(self, process: "subprocess.Popen[bytes]", ran: int) -> None:
        """Until it has executed something, besides the executions that were before."""
        wait_for(lambda: len(self.ran) > ran or process.poll() is not None, "an execution")

    def stop(self, process: "subprocess.Popen[bytes]", way: str, master: int) -> None:
        if way == "kill the workers":
            for worker in children(process.pid):
                try:
                    worker.kill()
                except psutil.NoSuchProcess:
                    continue
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
        elif way == "close the terminal":
            os.close(master)
            process.send_signal(signal.SIGHUP)  # as the kernel does to whom the terminal controls
        else:
            process.send_signal(SIGNALS[way])
        try:
            process.wait(60)
        finally:
            process.kill()
        wait_for(lambda: not left_in(self.folder), "the end of all processes")


def fails(data: bytes) -> bool:
    rest = iter(data)
    return all(byte in rest for byte in MARKS)


@pytest.mark.parametrize("number", range(CASES))
def test_whatever_stops_minimizing_loses_nothing(tmp_path: Path, number: int) -> None:
    random = Random(f"{SEED} {number}")
    search = Search(tmp_path, random)
    best = search.best
    assert best == len(search.data)
    for _ in range(random.randint(1, 3)):
        door, way = random.choice(list(DOORS)), random.choice(WAYS)
        ran = len(search.ran)
        master, terminal = pty.openpty() if way == "close the terminal" else (-1, None)
        process = search.start(door, terminal)
        if terminal is not None:
            os.close(terminal)
        try:
            if random.random() < 0.8:
                search.wait(process, ran)
                time.sleep(random.uniform(0, 2.5))
            else:
                time.sleep(random.uniform(0, 1))
        finally:
            search.stop(process, way, master)
        assert search.original.read_bytes() == search.data
        assert search.best <= best, f"{door}, {way}"
        assert way == "kill" or not list(tmp_path.rglob(".tmp-*")), f"{door}, {way}"
        best = search.best
    ran = len(search.ran)
    words = [sys.executable, "-m", "fuzztui", "minimize", "fuzz_it.py", os.fspath(search.original), "--json"]
    last = subprocess.run(words, cwd=tmp_path, capture_output=True, timeout=120, check=True)
    (result,) = [event for event in map(json.loads, last.stdout.splitlines()) if event["event"] == "minimized"]
    assert (result["before"], result["after"]) == (len(search.data), len(MARKS))
    assert search.original.read_bytes() == search.data
    assert search.best == len(MARKS)
    larger = [size for size in search.ran[ran:] if size > best]
    assert len(larger) <= 4, f"it did not go on from {best} bytes: {larger}"
    assert not list(tmp_path.rglob(".tmp-*"))
