"""What of a crasher is to be copied."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType

from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import Visible, label, say
from fuzztui.outside.tryout import Test
from fuzztui.reports.issue import issue_text
from fuzztui.screens.choice import ChoiceScreen
from fuzztui.widgets.wording import crasher_title


@dataclass(frozen=True, slots=True)
class Copied:
    """Something to be copied."""

    name: Visible
    """What it is: `The command`."""
    text: Visible


class CopyScreen(ChoiceScreen[Copied]):
    """Asks which part of a crasher is to be copied."""

    prefix = "copy."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "y,enter",
            "command",
            "command",
            key_display="y",
            id="copy.command",
            tooltip="the command that runs it again",
        ),
        Binding("e", "example", "@example", id="copy.example", tooltip="the @example that has the test run with it"),
        Binding(
            "r",
            "reproduce",
            "@reproduce_failure",
            id="copy.reproduce",
            tooltip="the @reproduce_failure that has the test fail so, whatever it draws",
        ),
        Binding("i", "values", "input", id="copy.values", tooltip="the input, as Python writes it"),
        Binding("t", "traceback", "traceback", id="copy.traceback", tooltip="the traceback"),
        Binding("p", "test", "test", id="copy.test", tooltip="the command that runs the test which was written of it"),
        Binding("m", "issue", "issue", id="copy.issue", tooltip="a text for an issue, in Markdown"),
    ]

    def __init__(self, snapshot: Snapshot, crasher: Crasher, test: Test | None = None) -> None:
        """`test`: that which was written of the crasher, if one was."""
        super().__init__()
        self._test = test
        self._snapshot = snapshot
        self._crasher = crasher

    def question(self) -> Visible:
        return say("Copy what of {}?", crasher_title(self._crasher))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if action == "command":
            return True if self._crasher.command else None
        if action == "traceback":
            return True if self._crasher.failure.traceback else None
        if action in ("example", "reproduce"):
            drawn = self._crasher.drawn
            if drawn is None:
                return False
            return True if (drawn.example if action == "example" else drawn.reproduce) else None
        if action == "test":
            return True if self._test is not None else None
        return True

    def action_command(self) -> None:
        self.dismiss(Copied(label("The command"), self._crasher.command))

    def action_example(self) -> None:
        assert self._crasher.drawn is not None
        self.dismiss(Copied(label("The @example"), self._crasher.drawn.example))

    def action_reproduce(self) -> None:
        assert self._crasher.drawn is not None
        self.dismiss(Copied(label("The @reproduce_failure"), self._crasher.drawn.reproduce))

    def action_values(self) -> None:
        self.dismiss(Copied(label("The input"), self._crasher.values))

    def action_traceback(self) -> None:
        self.dismiss(Copied(label("The traceback"), self._crasher.failure.traceback))

    def action_test(self) -> None:
        assert self._test is not None
        self.dismiss(Copied(label("The test's command"), self._test.command))

    def action_issue(self) -> None:
        text = issue_text(self._crasher, self._snapshot.target_id)
        self.dismiss(Copied(label("The text for an issue"), text))
