"""A scripted run of several targets."""

from dataclasses import replace

from fuzztui.engine.show.events import Told
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.target_row import TargetRow, TargetState
from fuzztui.engine.show.text import label, say
from tests.ui.fakes import FakeSession, snapshot, worker


def row(name: str, state: TargetState = TargetState.FUZZING, *, crashers: int = 0, new: int = 3) -> TargetRow:
    is_over = state.is_final
    own = Outcome(StopReason.HARNESS, label("no module x"), 70, 0, 0, 0, 0, 1.0) if is_over else None
    return TargetRow(
        id=say("{}", name),
        state=state,
        workers=1 if state is TargetState.FUZZING else 0,
        turns=2,
        seconds=65.0,
        executions=1000,
        rate=10.0 if state is TargetState.FUZZING else None,
        edges=20,
        edges_total=40,
        corpus=5,
        corpus_new=new,
        last_new=1.0,
        baseline_done=2,
        baseline_total=2,
        crashers=crashers,
        hits=2 * crashers,
        outcome=own,
        warnings=0,
    )


def whole(*rows: TargetRow, **changes: object) -> Snapshot:
    return replace(snapshot(), target_id=say("{} targets", len(rows)), targets=rows, **changes)  # type: ignore[arg-type]


class FakeSeveral(FakeSession):
    """Several scripted sessions."""

    def __init__(self, shown: Snapshot) -> None:
        super().__init__(shown)
        self.parts = {
            each.id: FakeSession(replace(snapshot(), target_id=each.id, workers=(worker(0),))) for each in shown.targets
        }

    def tell(self, told: Told) -> None:
        """Deliver something of one of them, as its thread would."""
        self.emit(told)  # type: ignore[arg-type]  # whoever shows several takes these, too

    def part(self, name: str) -> FakeSession | None:
        return self.parts.get(label(name))


def many(number: int) -> list[TargetRow]:
    states = [TargetState.FUZZING, TargetState.FUZZING, *[TargetState.AWAY] * number]
    return [row(f"tests/deep/fuzz_{n:02}.py::fuzz_target", states[n], crashers=n % 3) for n in range(number)]
