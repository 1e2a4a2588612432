"""Draw a picture (SVG) of each screen of the dashboard from a scripted session: `python -m screenshots.make [FOLDER]`.

Nothing is fuzzed, no terminal is needed, and the same code gives the same bytes: a picture that changes shows a change.
"""

import asyncio
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from fuzztui.app import FuzzApp
from fuzztui.engine.show.snapshot import Phase, Snapshot, WorkerState
from fuzztui.screens.final import FinalScreen
from tests.ui.fakes import ObedientSession, profiled, snapshot, worker


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: what is shown, how large, and the keys that lead there."""

    name: str
    size: tuple[int, int] = (100, 30)
    theme: str = "textual-dark"
    keys: tuple[str, ...] = ()
    shown: Snapshot | None = None
    ended: bool = False


STOPPING = snapshot(
    phase=Phase.STOPPING,
    workers=(
        worker(0, WorkerState.ENDED, crashers=12),
        worker(1, WorkerState.STOPPING, detail="0.4 s", rate=0.0, crashers=7),
    ),
)

PICTURES = (
    *(
        Picture(f"run-{width}x{height}-{theme.removeprefix('textual-')}", (width, height), theme)
        for width, height in ((100, 30), (160, 50))
        for theme in ("textual-dark", "textual-light")
    ),
    Picture("run-80x24", (80, 24)),
    Picture("crasher", keys=("tab", "enter")),
    Picture("crasher-160x50", (160, 50), keys=("tab", "enter")),
    Picture("worker", keys=("j", "enter")),
    Picture("costs", keys=("o",), shown=snapshot(workers=profiled(2))),
    Picture("help", keys=("question_mark",)),
    Picture("quit", keys=("q",)),
    Picture("stopping", shown=STOPPING),
    Picture("final", ended=True),
)


async def draw(picture: Picture) -> str:
    """The SVG of one picture."""
    session = ObedientSession(picture.shown)
    app = FuzzApp(session)
    app.theme = picture.theme
    async with app.run_test(size=picture.size) as pilot:
        if picture.ended:
            session.finish()
            while not isinstance(app.screen, FinalScreen):
                await pilot.pause(0.01)
        await pilot.press(*picture.keys)
        await pilot.pause()
        svg = app.export_screenshot(title="fuzztui")
        session.stop()
        app.exit()
    return reproducible(svg)


def reproducible(svg: str) -> str:
    """The SVG without what differs from run to run, and without fonts fetched from the network when it is looked at."""
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "Fira Code, DejaVu Sans Mono, Menlo, Consolas")
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def main(folder: Path) -> None:
    # A person's own setting must not colour the project's pictures.
    os.environ.pop("NO_COLOR", None)
    folder.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        file = folder / f"{picture.name}.svg"
        file.write_text(asyncio.run(draw(picture)), encoding="utf-8")
        print(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
