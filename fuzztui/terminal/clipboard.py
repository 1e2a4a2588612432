"""What becomes of a text that is sent to the terminal's clipboard (OSC 52): no terminal ever answers."""

import os
from collections.abc import Mapping

from fuzztui.engine.show.text import Visible, label, say

LONGEST = 74_994
"""Bytes that xterm's buffer for such a sequence has room for, which others have taken over."""


def refuses(environ: Mapping[str, str]) -> str:
    """The terminal that is known to take no text from programs; empty where it may take it."""
    if environ.get("TERM") == "linux":
        return "the Linux console"
    if environ.get("TERM_PROGRAM") == "Apple_Terminal":
        return "Terminal.app"
    if "VTE_VERSION" in environ and "TMUX" not in environ:
        return "this terminal (VTE)"
    if environ.get("TERM", "").startswith("screen") and "TMUX" not in environ:
        return "GNU Screen"
    return ""


def sentence(name: Visible, text: str, environ: Mapping[str, str] = os.environ) -> Visible:
    """What has become of `text`, which is called `name`, as far as that can be told."""
    if terminal := refuses(environ):
        return say("{} was sent, but {} takes nothing into its clipboard.", name, terminal)
    if len(text.encode()) > LONGEST:
        return say("{} was sent, but is longer than most terminals take.", name)
    if "TMUX" in environ:
        return say("{} was sent to tmux, which keeps it if its set-clipboard is on.", name)
    doubt = label("if it takes any")
    return say("{} was sent to the terminal's clipboard, {}.", name, doubt)
