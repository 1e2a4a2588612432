"""A project with targets in each state, and its screen without a disk."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import NOTHING, label
from fuzztui.home.app import HomeApp
from fuzztui.home.overview import Entry, LastRun
from fuzztui.home.screen import Bench
from fuzztui.target.discover import TargetInfo
from fuzztui.target.forms import Form

ROOT = Path("/home/ada/parsers")


def entry(name: str, file: str = "", **changes: Any) -> Entry:
    """A target that was never run."""
    path = ROOT / (file or f"fuzz_{name}.py")
    info = TargetInfo(path, 7, f"fuzz_{name}", (("data", "bytes"), ("strict", "bool")), Form.NAME)
    target = PythonTarget(path, info.name, ROOT)
    return replace(Entry(info, target, None, 0, {}, 0, (), NOTHING), **changes)


def last(ago: float, edges: int = 214, **changes: Any) -> LastRun:
    return replace(LastRun(time.time() - ago, 300, 7_400_000, edges, 339, False), **changes)


TITLES = (label("ValueError in scan"), label("RecursionError in parse"))


def project() -> list[Entry]:
    return [
        entry("yaml", "tests/deeply/nested/in/folders/fuzz_yaml.py", last=last(7300), corpus=202,
              crashers={Status.NEW: 2, Status.IGNORED: 1}, titles=TITLES),
        entry("json", last=last(90_000, 12), corpus=11, crashers={Status.TRIAGED: 3}),
        entry("toml", last=last(45 * 60 + 9, 300), corpus=53, regressed=1, titles=TITLES[:1]),
        entry("html", last=last(1, is_going_on=True), corpus=9),
        entry("email"),
        entry("broken", target=None, problem=label("pyproject.toml cannot be read for pytest's pythonpath")),
    ]  # fmt: skip


class Scripted(HomeApp):
    """Shows these targets, in place of those of a disk."""

    def __init__(self, entries: list[Entry] | None = None, bench: Bench | None = None) -> None:
        super().__init__(ROOT, bench)
        self.entries = project() if entries is None else entries
        self.reads = 0

    def _begin(self) -> None:
        self.reads += 1
        self.call_after_refresh(self._found)

    def _found(self) -> None:
        self.home.take(self.entries, [])
        self.home.finish()
