"""A run of several targets that goes on without a terminal: a socket for the whole of it, and one for each target.

So each target is served as a run of one is, and whoever opens it talks to it alone; what happens to any of them is told
over the socket of the whole.
"""

from collections.abc import Sequence
from pathlib import Path
from threading import Thread

from fuzztui.engine.campaign.campaign import Campaign
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.show.events import Told
from fuzztui.engine.show.exit_status import FAILED
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import joined, label
from fuzztui.sessions import running
from fuzztui.sessions.attached import GONE, AttachedSession, lost_outcome
from fuzztui.sessions.running import Running
from fuzztui.sessions.server import Server, described


class CampaignServer:
    """Serves the whole run and each target (see `fuzztui.engine.campaign.campaign.Watcher`)."""

    def __init__(self, options: Sequence[RunOptions], log: Path) -> None:
        """Listen. OSError and UnusableFolderError where that is impossible."""
        self.running = described(options, log)
        self._whole = Server(self.running, options[0])
        self._targets: list[Server] = []
        self._campaign: Campaign | None = None
        try:
            for number, each in enumerate(options):
                self._targets.append(Server(self.running, each, number))
        except BaseException:
            self.close()
            raise

    def begin(self, campaign: Campaign) -> None:
        """See `Watcher`."""
        self._campaign = campaign
        for server, part in zip(self._targets, campaign.parts, strict=True):
            server.begin(part)
        self._whole.begin(campaign)

    def on_event(self, event: Told) -> None:
        """Whoever looks at the whole is told."""
        self._whole.on_event(event)

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Every dashboard is sent the newest when it is time, of a target that it has opened, too."""
        if self._campaign is None:
            return
        for server, part in zip(self._targets, self._campaign.parts, strict=True):
            server.on_snapshot(part.snapshot())
        self._whole.on_snapshot(snapshot)

    def close(self) -> None:
        """Let every dashboard have the end, then let nobody in any more."""
        for server in (*self._targets, self._whole):
            server.close()


class AttachedCampaign(AttachedSession):
    """Shows and steers a run of several targets elsewhere."""

    def __init__(self, about: Running) -> None:
        """Connect. UnattachableError if nobody answers."""
        self._about = about
        self._opened: dict[str, AttachedSession] = {}
        super().__init__(running.folder() / about.socket)

    def part(self, name: str) -> AttachedSession | None:
        """The target of this name, see `TargetRow.id`. UnattachableError if nobody answers for it."""
        if name not in self._opened:
            number = next((number for number, row in enumerate(self.snapshot().targets) if row.id == name), None)
            if number is None:
                return None
            session = AttachedSession(running.folder() / self._about.socket_of(number))
            self._opened[name] = session
            Thread(target=session.run, args=(lambda _: None,), name=f"hears of {name}", daemon=True).start()
        return self._opened[name]

    def detach(self) -> None:
        """Let go of the run, which goes on, and of each of its targets."""
        for session in self._opened.values():
            session.detach()
        super().detach()

    def _what_is_left(self, shown: Snapshot) -> Outcome:
        told = label("Of each target the crashers, the corpus and the recording are kept: fuzztui crashes TARGET.")
        return lost_outcome(StopReason.LOST, joined("\n", (GONE, told)), FAILED, shown.elapsed)
