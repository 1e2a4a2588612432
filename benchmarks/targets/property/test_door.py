"""A state machine: six operations in order."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule


class Door:
    def __init__(self) -> None:
        self.state = "shut"
        self.code: list[int] = []
        self.alarm = False

    def press(self, digit: int) -> None:
        self.code = [*self.code, digit][-4:]

    def unlock(self) -> None:
        if self.state == "shut" and self.code == [4, 7, 1, 1]:
            self.state = "unlocked"

    def open(self) -> None:
        if self.state == "unlocked":
            self.state = "open"

    def slam(self, force: int) -> None:
        if self.state == "open":
            self.state = "jammed" if force > 90 else "shut"


class DoorMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.door = Door()

    @rule(digit=st.integers(0, 9))
    def press(self, digit: int) -> None:
        self.door.press(digit)

    @rule()
    def unlock(self) -> None:
        self.door.unlock()

    @rule()
    def open(self) -> None:
        self.door.open()

    @rule(force=st.integers(0, 100))
    def slam(self, force: int) -> None:
        self.door.slam(force)

    @invariant()
    def never_jammed(self) -> None:
        assert self.door.state != "jammed"


TestDoor = DoorMachine.TestCase
