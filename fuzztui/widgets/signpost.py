"""Where one is and where one can go: the places of the dashboard in one quiet line, each with its key."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

GAP = 2
"""Cells between two places."""


@dataclass(frozen=True, slots=True)
class Signpost:
    """One place as the line shows it."""

    key: str
    name: str
    tooltip: str
    is_here: bool

    @property
    def length(self) -> int:
        """Cells that it takes."""
        return cell_len(self.key) + 1 + cell_len(self.name)

    @property
    def words(self) -> str:
        """The key, with the name where it has one."""
        return f"{self.key} {self.name}".rstrip()


def fitting(posts: Sequence[Signpost], width: int) -> list[Signpost]:
    """The places in so many cells: where there is no room for all names the last ones have only their keys."""
    fitted = list(posts)
    for number in reversed(range(len(fitted))):
        if sum(post.length + GAP for post in fitted) <= width:
            break
        if not fitted[number].is_here:
            fitted[number] = replace(fitted[number], name="")
    return fitted


class SignpostLine(Widget):
    """All places, the one in front set apart. A click goes there, as its key does."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"signpost--key", "signpost--name", "signpost--here"}

    DEFAULT_CSS = """
    SignpostLine {
        height: 1; width: auto; margin: 0 1;
        & > .signpost--key { color: $foreground-muted; text-style: bold; }
        & > .signpost--name { color: $foreground-muted; }
        & > .signpost--here { color: $text-accent; text-style: bold reverse; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.posts: tuple[Signpost, ...] = ()

    def show(self, posts: Sequence[Signpost]) -> None:
        """Draw these places."""
        if self.posts != tuple(posts):
            self.posts = tuple(posts)
            self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002
        return sum(post.length + GAP for post in self.posts)

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        key, name, here = (
            self.get_component_rich_style(f"signpost--{part}", partial=True) for part in ("key", "name", "here")
        )
        segments: list[Segment] = []
        for post in fitting(self.posts, self.size.width):
            if post.is_here:
                segments.append(Segment(f" {post.words} ", self.rich_style + here))
            else:
                segments.append(Segment(f" {post.key} ", self.rich_style + key))
                segments.append(Segment(f"{post.name} ", self.rich_style + name))
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _post_at(self, x: int) -> Signpost | None:
        for post in fitting(self.posts, self.size.width):
            x -= post.length + GAP
            if x < 0:
                return post
        return None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        post = self._post_at(event.x)
        tooltip = post.tooltip if post is not None else None
        if tooltip != self.tooltip:
            self.tooltip = tooltip

    def on_click(self, event: events.Click) -> None:
        if (post := self._post_at(event.x)) is not None:
            self.app.simulate_key(post.key)
