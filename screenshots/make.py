"""Draw pictures (SVG) of the dashboard's screens, dark and light, from scripted sessions: `python -m screenshots.make
[FOLDER]`.

Nothing is fuzzed, no terminal is needed, and the same code gives the same bytes: a picture that changes shows a change,
and a test fails as long as the pictures here are not those of the code.
"""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.ui.tour import STOPS

THEMES: Final = ("dark", "light")


@dataclass(frozen=True, slots=True)
class Picture:
    """One screen: its name in the tour of all, and how large it is."""

    stop: str
    size: tuple[int, int] = (100, 30)
    name: str = ""
    """Of its files, if it is not the stop's."""


PICTURES: Final = (
    Picture("home"),
    Picture("run"),
    Picture("run", (160, 50), "run-160x50"),
    Picture("run-stopping", (120, 40)),
    Picture("crasher"),
    Picture("crasher", (160, 50), "crasher-160x50"),
    Picture("worker"),
    Picture("coverage-source", (120, 30), "coverage"),
    Picture("operands"),
    Picture("corpus"),
    Picture("log"),
    Picture("costs"),
    Picture("modules"),
    Picture("nodes"),
    Picture("watch"),
    Picture("control"),
    Picture("help"),
    Picture("final"),
)


async def draw(picture: Picture) -> AsyncIterator[tuple[str, str]]:
    """The names of a picture's files, and their SVG."""
    stop = next(stop for stop in STOPS if stop.name == picture.stop)
    app = stop.app()
    async with app.run_test(size=picture.size) as pilot:
        await stop.reach(app, pilot)
        for theme in THEMES:
            app.theme = f"textual-{theme}"
            await pilot.pause()
            name = f"{picture.name or picture.stop}-{theme}.svg"
            yield name, reproducible(app.export_screenshot(title="fuzztui"))


def reproducible(svg: str) -> str:
    """The SVG without what differs from run to run, and without fonts fetched from the network when it is looked at."""
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "Fira Code, DejaVu Sans Mono, Menlo, Consolas")
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


async def draw_all(folder: Path) -> None:
    """Write all pictures."""
    for picture in PICTURES:
        async for name, svg in draw(picture):
            (folder / name).write_text(svg, encoding="utf-8")
            print(folder / name)


def main(folder: Path) -> None:
    # A person's own setting must not colour the project's pictures, nor the folder where somebody is their paths.
    os.environ.pop("NO_COLOR", None)
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(Path(__file__).parents[1])
    asyncio.run(draw_all(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
