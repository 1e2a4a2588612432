"""A project whose tests are run by pytest in a process of its own, as its users do."""

import os
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

DEADLINE = 120.0


@dataclass(frozen=True)
class Tested:
    """What pytest has made of a project."""

    status: int
    outcomes: dict[str, str]
    """Name of a test -> `passed`, `failed`, `skipped` (an expected failure, too) or `error`."""
    texts: dict[str, str]
    """Name of a test -> what is told of it, if it did not pass."""
    output: str


@dataclass(frozen=True)
class Site:
    folder: Path

    def write(self, name: str, source: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        return path

    def store(self, target: str, data: bytes, name: str = "", beside: str = ".") -> str:
        """Store an input beside a target; returns its name."""
        folder = self.folder / beside / "testdata" / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        name = name or sha256(data).hexdigest()
        (folder / name).write_bytes(data)
        return name

    def run(self, *command: str, cwd: str = ".", **environment: str) -> "subprocess.CompletedProcess[str]":
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder / cwd,
            env={**inherited, **environment},
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def pytest(self, *arguments: str, cwd: str = ".", every_plugin: bool = False, **environment: str) -> Tested:
        """`every_plugin`: whether all that is installed is loaded, as it is for users; that takes most of the time."""
        report = self.folder / "report.xml"
        report.unlink(missing_ok=True)
        if not every_plugin:
            arguments = ("-p", "fuzztui.testing.plugin", *arguments)
            environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment}
        done = self.run("pytest", f"--junit-xml={report}", *arguments, cwd=cwd, **environment)
        outcomes: dict[str, str] = {}
        texts: dict[str, str] = {}
        for case in ET.parse(report).iter("testcase") if report.exists() else ():
            name, outcome = case.get("name", ""), "passed"
            for kind, word in (("failure", "failed"), ("error", "error"), ("skipped", "skipped")):
                if (found := case.find(kind)) is not None:
                    outcome = word
                    texts[name] = f"{found.attrib.get('message', '')}\n{found.text or ''}"
            outcomes[name] = outcome if outcomes.get(name) is None else f"{outcomes[name]}+{outcome}"
        return Tested(done.returncode, outcomes, texts, done.stdout + done.stderr)
