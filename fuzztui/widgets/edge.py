"""What is written on the edges of a border: as it is, not as markup, and only if it is something else than before."""

from textual.content import Content
from textual.widget import Widget

from fuzztui.engine.show.text import Visible


def set_title(widget: Widget, title: Visible) -> None:
    """Write on the upper edge."""
    told = Content(title)
    if (widget.border_title or "") != told.markup:
        widget.border_title = told if title else None


def set_subtitle(widget: Widget, subtitle: Visible) -> None:
    """Write on the lower edge."""
    told = Content(subtitle)
    if (widget.border_subtitle or "") != told.markup:
        widget.border_subtitle = told if subtitle else None
