"""Real nodes over a real store with TLS and a password: what is decided and learned on one is known on all, one of them
learns it, and who watches sees both.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.share.servers import EncryptedServer, needs_tls
from tests.support import wait_for

pytestmark = [pytest.mark.soak, pytest.mark.processes, needs_tls]
pytest.importorskip("valkey", reason="the package valkey is not installed")

FUZZTUI = [sys.executable, "-m", "fuzztui"]

TARGET = """
import fuzztui
@fuzztui.fuzz
def fuzz_it(data: bytes):
    if data[:1] == b"a" and data[1:2] == b"b":
        raise ValueError(f"bad {data[2:5]!r}")
"""


class Nodes:
    def __init__(self, folder: Path, store: EncryptedServer) -> None:
        self._folder = folder
        self.url = store.url.replace("://", "://:hunter2@")
        self._environment = {**os.environ, "SSL_CERT_FILE": str(store.certificate)}
        self.runs: dict[str, subprocess.Popen[bytes]] = {}

    def project(self, name: str) -> Path:
        return self._folder / name

    def start(self, name: str) -> None:
        project = self.project(name)
        project.mkdir(exist_ok=True)
        (project / "pyproject.toml").touch()
        (project / "fuzz_it.py").write_text(TARGET)
        command = [
            *FUZZTUI,
            "run",
            "fuzz_it.py",
            "--share",
            self.url,
            "--node",
            name,
            "-j1",
            "--json",
            "--keep-fuzzing",
        ]
        with (project / "log").open("wb") as log:
            self.runs[name] = subprocess.Popen(command, cwd=project, stdout=log, env=self._environment)

    def said(self, name: str, event: str) -> list[dict[str, object]]:
        lines = self.project(name).joinpath("log").read_text().splitlines()
        return [fields for line in lines if (fields := json.loads(line))["event"] == event]

    def fuzztui(self, name: str, *arguments: str) -> str:
        result = subprocess.run(
            [*FUZZTUI, *arguments], cwd=self.project(name), env=self._environment,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert result.returncode in (0, 1), result.stderr
        return result.stdout

    def end(self) -> None:
        for run in self.runs.values():
            if run.poll() is None:
                run.send_signal(signal.SIGTERM)
        for run in self.runs.values():
            run.communicate(timeout=60)


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Nodes]:
    folder = tmp_path / "server"
    folder.mkdir()
    store = EncryptedServer(folder, "--requirepass", "hunter2")
    store.start()
    made = Nodes(tmp_path, store)
    yield made
    made.end()
    store.stop()


def test_one_learns_it_and_all_know_what_is_decided(nodes: Nodes) -> None:
    nodes.start("a")
    wait_for(lambda: nodes.said("a", "crasher"), "a crasher", 120.0)
    nodes.start("b")
    wait_for(lambda: nodes.said("b", "confirmed"), "what came of running it again", 180.0)
    (confirmed,) = nodes.said("b", "confirmed")
    assert (confirmed["badge"], confirmed["node"]) == ("10/10", "a")
    assert "node" not in nodes.said("a", "confirmed")[0]
    bucket = str(confirmed["id"])
    nodes.fuzztui("b", "status", "fuzz_it.py", bucket, "ignored", "--note", "known")
    wait_for(lambda: "known" in nodes.fuzztui("a", "crashes", "fuzz_it.py"), "the decision", 60.0)
    nodes.runs["b"].kill()
    nodes.runs["b"].communicate()
    nodes.start("b")  # it has its decision, and the number that it has
    watched = nodes.fuzztui("a", "watch", nodes.url, "--for", "15s", "--json")
    events = [json.loads(line) for line in watched.splitlines()]
    assert {event["name"] for event in events if event["event"] == "node"} == {"a", "b"}
    assert events[-1]["exit_code"] == 0  # it is ignored
    assert 'note = "known"' in nodes.fuzztui("b", "status", "fuzz_it.py", bucket)
