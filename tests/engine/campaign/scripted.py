"""Runs of several scripted targets."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzztui.engine.campaign.campaign import Campaign, CampaignOptions
from fuzztui.engine.request.options import Limit, RunOptions
from fuzztui.engine.show.events import Ended, Event, OfTarget, Told
from fuzztui.engine.show.outcome import Outcome
from fuzztui.engine.show.snapshot import Snapshot
from tests.engine.scripted_target import ENVIRONMENT, ScriptedTarget
from tests.support import DEADLINE, wait_for


def target(folder: Path, name: str, *seeds: bytes, script: str = "script", **options: Any) -> RunOptions:
    """One of them, in a project of its own; `script`: see `tests.engine.scripted_worker`."""
    project = folder / name
    project.mkdir(exist_ok=True)
    (project / "pyproject.toml").touch()
    return RunOptions(
        **{
            "target": ScriptedTarget(project, script, seeds),
            "cache_dir": project / ".fuzztui",
            "workers": 4,
            "limit": Limit(),
            "seed": 1,
            "environment": ENVIRONMENT,
            "stop_on_crash": False,
            **options,
        }
    )


def campaign_of(targets: Sequence[RunOptions], workers: int = 2, **options: Any) -> Campaign:
    return Campaign(CampaignOptions(tuple(targets), workers, **{"stop_on_crash": False, **options}))


@dataclass
class Running:
    """A run in a thread of its own."""

    campaign: Campaign
    told: list[Told] = field(default_factory=list)
    outcomes: list[Outcome | BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.outcomes.append(self.campaign.run(self.told.append))
        except BaseException as error:
            self.outcomes.append(error)

    def wait(self, condition: Callable[[Snapshot], Any], what: str) -> Any:
        return wait_for(lambda: condition(self.campaign.snapshot()), what)

    def join(self) -> Outcome:
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive(), "the run did not end"
        (outcome,) = self.outcomes
        assert isinstance(outcome, Outcome), outcome
        return outcome

    def end(self) -> None:
        self.campaign.force_stop()
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive(), "the run did not end"

    def of(self, name: str) -> list[Event]:
        return [each.event for each in self.told if isinstance(each, OfTarget) and each.target.startswith(name)]

    @property
    def own(self) -> list[Event]:
        return [each for each in self.told if not isinstance(each, OfTarget)]

    @property
    def last(self) -> Ended:
        last = self.told[-1]
        assert isinstance(last, Ended), "the end of the run is told last"
        return last
