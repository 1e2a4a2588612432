"""What became of a copied text is said as far as it can be known."""

import pytest

from fuzztui.engine.show.text import label
from fuzztui.terminal.clipboard import LONGEST, sentence


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"TERM": "xterm-256color"}, "was sent to the terminal's clipboard, if it takes any."),
        ({"TERM": "linux"}, "the Linux console takes nothing into its clipboard."),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "takes nothing into its clipboard."),
        ({"TERM": "screen", "TMUX": "/tmp/x,1,0"}, "was sent to tmux, which keeps it if its set-clipboard is on."),
        ({"TERM": "screen"}, "GNU Screen takes nothing"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, "Terminal.app takes nothing"),
    ],
)
def test_terminal_that_takes_no_text_is_named(environ: dict[str, str], words: str) -> None:
    assert words in sentence(label("The command"), "x", environ)
    assert sentence(label("The command"), "x", environ).startswith("The command was sent")


def test_text_that_is_too_long_for_terminals_is_said_to_be() -> None:
    assert "longer than most terminals take" in sentence(label("The input"), "x" * (LONGEST + 1), {"TERM": "xterm"})
