"""What of a run can be changed while it goes on, as it is now. Plain values."""

from dataclasses import dataclass
from typing import Final

from fuzztui.engine.show.text import NOTHING, Visible


@dataclass(frozen=True, slots=True)
class Settings:
    """The present value of each setting."""

    timeout: float = 10.0
    """Seconds for one execution."""
    memory_limit: int | None = None
    """Bytes of memory in use for one worker, beyond what its loaded target uses."""
    max_len: int = 4096
    """Bytes of a generated input."""
    tokens: int = 0
    """Of the dictionary."""
    dictionary: Visible = NOTHING
    """The file that was read last while the run goes on; empty for what it began with."""
    expected: tuple[Visible, ...] = ()
    """Exception types that have become part of the contract for this run."""
    contract: Visible = NOTHING
    """The line to write into the harness, so that they are part of it from then on; empty if there are none."""
    focus: Visible = NOTHING
    """The module or function that is favoured; empty for none."""
    renewing: int = 0
    """Workers that still have to be replaced for what was changed last to hold for them."""


NO_SETTINGS: Final = Settings()
"""Before a run has begun."""
