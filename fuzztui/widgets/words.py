"""Text that is drawn again only when it is another text: most of what is shown four times a second stays as it is."""

from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static


class Words(Static):
    """A `Static` to which the same text may be given again and again at no cost."""

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Draw another text; nothing happens where it is the one that is there, with the same styles."""
        if isinstance(content, Content) and isinstance(self.content, Content) and content.is_same(self.content):
            return
        super().update(content, layout=layout)
