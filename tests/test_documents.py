"""The documents agree with the program, and with each other."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup, TyperOption
from typer.main import get_command

from fuzztui.cli import cli
from fuzztui.target.discover import discover
from fuzztui.target.kinds import KINDS

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")

LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")


def options_by_command(command: Any, *names: str) -> Iterator[tuple[str, set[str]]]:
    """`("corpus import", {"--cache-dir", ...})` for each command that does something."""
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from options_by_command(inner, *names, name)
    else:
        parameters = [each for each in command.params if isinstance(each, TyperOption)]
        yield " ".join(names), {option for each in parameters for option in (*each.opts, *each.secondary_opts)}


OPTIONS = dict(options_by_command(get_command(cli)))


def prose(document: Path) -> str:
    """A document without its code, in which brackets are no links and `#` begins no heading."""
    return re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(document: Path) -> set[str]:
    """What a link to a heading of this document may say behind its `#`."""
    headings = re.findall(r"^#+ (.*)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_to_files_and_headings_that_exist(document: Path) -> None:
    for link in LINK.findall(prose(document)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), link
        assert not anchor or anchor in anchors(file), link


@pytest.mark.parametrize("name", OPTIONS)
def test_every_command_is_in_the_readme_and_in_the_reference(name: str) -> None:
    assert f"`fuzztui {name} " in README
    assert f"`fuzztui {name} " in REFERENCE


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_is_in_the_reference(name: str) -> None:
    assert [option for option in sorted(OPTIONS[name]) if not re.search(rf"`{option}[` ]", REFERENCE)] == []


@pytest.mark.parametrize("name", KINDS)
def test_every_type_of_argument_is_in_the_readme_and_in_the_reference(name: str) -> None:
    spelled = re.compile(rf"`([a-z]+\.)*{name}`")
    assert spelled.search(README)
    assert spelled.search(REFERENCE)


def test_targets_that_the_readme_shows_are_targets(tmp_path: Path) -> None:
    file = tmp_path / "fuzz_readme.py"
    (code,) = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    file.write_text(code, encoding="utf-8")
    found = discover(file)
    assert [target.name for target in found.targets] == ["fuzz_parse", "fuzz_contract", "fuzz_store"]
    assert found.problems == ()


def test_make_targets_that_documents_name_exist_and_are_explained() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    explained = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    named = {name for document in DOCUMENTS for name in re.findall(r"\bmake ([a-z-]+)\b", code_of(document))}
    assert named - explained == set()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert explained == set(phony.split())


def code_of(document: Path) -> str:
    """The code of a document: its blocks and what stands between backticks."""
    text = document.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^```.*?^```|`[^`\n]+`", text, re.DOTALL | re.MULTILINE))
