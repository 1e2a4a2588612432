"""Lines that wrap."""

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from fuzztui.widgets.tone import Line, clipped, content, wrapped


class Wrapped(Widget):
    """Lines that wrap at the widget's width and keep their indentation, from the first frame on. Where there is no room
    for all of them, an ellipsis says so.
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: list[Line] = []

    def show(self, lines: list[Line]) -> None:
        """Draw other lines."""
        if lines != self._lines:
            self._lines = lines
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return len(wrapped(self._lines, width))

    def render(self) -> Content:
        size = self.content_size
        return content(clipped(wrapped(self._lines, size.width), size.height, size.width))
