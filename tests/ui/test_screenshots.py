"""The pictures in `screenshots/`, which the documents show, are those of the code."""

from pathlib import Path

import pytest

from screenshots.make import PICTURES, THEMES, Picture, draw
from tests.ui.fakes import ROOT

FOLDER = ROOT / "screenshots"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name or picture.stop)
@pytest.mark.mostly_soak(6)
async def test_pictures_are_those_of_the_code(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    changed = []
    async for name, svg in draw(picture):
        if (FOLDER / name).read_text(encoding="utf-8") != svg:
            changed.append(name)
    assert not changed, "draw them anew with `make screenshots`, and look at them"


def test_there_is_no_other_picture() -> None:
    names = {f"{picture.name or picture.stop}-{theme}.svg" for picture in PICTURES for theme in THEMES}
    assert {path.name for path in FOLDER.glob("*.svg")} == names


def test_pictures_that_documents_show_are_there() -> None:
    documents: list[Path] = [ROOT / "README.md", *ROOT.glob("docs/*.md")]
    shown = [line for document in documents for line in document.read_text().splitlines() if "screenshots/" in line]
    assert len(shown) > 3
    for line in shown:
        name = line.partition("screenshots/")[2].partition(")")[0]
        assert not name.endswith(".svg") or (FOLDER / name).is_file(), line
