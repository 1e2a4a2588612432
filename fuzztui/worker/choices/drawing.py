"""A property test as the executor sees it: whose inputs are what was really drawn, and which tells of them."""

from collections.abc import Callable
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.load import PropertyLike
from fuzztui.worker.mutate.choices import cuts
from fuzztui.worker.mutate.choices.apart import ApartChoices
from fuzztui.worker.mutate.choices.domain import ChoicesDomain
from fuzztui.worker.mutate.choices.record import NOTHING, arguments_of, plain_of
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS


CHECKS: Final = 20
"""Inputs that are executed both by the shorter way and by the framework's own before the shorter one is taken."""

BARREN: Final = 1000
"""Executions after which it is told that none has come to a verdict."""

NO_VERDICT: Final = (
    "none of the first {:,} executions came to a verdict: `assume`, a filter or a skip ended each, or it drew too much"
)

OTHERWISE: Final = "the shorter way to execute it does otherwise than Hypothesis itself: it runs as that does, slower"


class Drawing:
    """One test, and the records of its inputs.

    An input in its *canonical form* has exactly the choices that its execution draws. Whatever is kept or reported is
    in that form: nothing about it follows from a seed any more.
    """

    def __init__(self, test: PropertyLike, domain: ChoicesDomain) -> None:
        """`domain`: what mutates the inputs."""
        self._test = test
        self._records = domain.records
        self._discarded = 0
        self._is_barren: bool | None = None
        """Whether no execution came to a verdict; None until that is looked at."""
        self._checks = CHECKS if test.may_be_lean else 0
        self.record(on=True)

    def record(self, *, on: bool) -> None:
        """Whether executions tell of their inputs from now on. It makes them slower."""
        self._test.record = self._records.add if on else None

    def knows(self, arguments: Arguments) -> bool:
        """Whether there is a record of an input."""
        return self._records.of(plain_of(arguments)) is not None

    def canonical(self, arguments: Arguments) -> Arguments:
        """The canonical form of an input, if it was the last one executed; else the input as it is."""
        return arguments_of(self._test.drawn) if self._test.given is plain_of(arguments) else arguments

    @property
    def drawn(self) -> Arguments:
        """The canonical form of the last input executed."""
        return arguments_of(self._test.drawn)

    def apart(self, arguments: Arguments) -> ApartChoices:
        """An input taken apart: that which was executed last in its canonical form."""
        found = self.canonical(arguments)
        return ApartChoices(found, self._records.of(plain_of(found)) or NOTHING, self._records.spellings)

    def trim(self, arguments: Arguments, keeps: Callable[[Arguments], bool], tries: int) -> Arguments:
        """The shortest form found for which `keeps`, which executes what it is given, is true."""
        plain = cuts.trim(
            plain_of(arguments),
            lambda candidate: keeps(arguments_of(candidate)),
            self._records.of,
            lambda: self._test.drawn,
            tries,
        )
        return arguments if plain is plain_of(arguments) else arguments_of(plain)

    @property
    def checks_left(self) -> int:
        """Inputs to be executed both ways until it is known which one is taken."""
        return self._checks

    def check(self, run: Callable[[Arguments], object], run_aside: Callable[[Arguments], object]) -> str:
        """Execute one more input both ways; three executions at most. Returns a sentence where that ends it otherwise
        than hoped for.

        `run` executes an input that counts, `run_aside` one whose failure says nothing about the target.
        """
        arguments = arguments_of((CHECKS - self._checks,))
        self._checks -= 1
        self.record(on=False)
        self._test.is_lean = True
        try:
            run_aside(arguments)
        finally:
            self._test.is_lean = False
            self.record(on=True)
        lean = self._outcome
        run(arguments)
        own = self._outcome
        if lean != own:
            run(arguments)
            if self._outcome == own:  # otherwise the test does otherwise each time
                self._checks = 0
                return OTHERWISE
        self._test.is_lean = not self._checks
        return ""

    def take_sentence(self) -> str:
        """Once, that no execution has come to a verdict, if that is so; else nothing."""
        if self._is_barren is not None or self._test.executions < BARREN:
            return ""
        self._is_barren = self._test.discarded == self._test.executions
        return NO_VERDICT.format(self._test.executions) if self._is_barren else ""

    @property
    def _outcome(self) -> tuple[str, str]:
        return repr(self._test.drawn), self._test.status

    def take_discarded(self) -> int:
        """Executions since last asked that came to no verdict."""
        count = self._test.discarded - self._discarded
        self._discarded += count
        return count
