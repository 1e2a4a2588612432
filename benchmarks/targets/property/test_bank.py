"""A machine with bundles: an exact amount after transfers between accounts."""

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule


class Bank:
    def __init__(self) -> None:
        self.balances: list[int] = []
        self.frozen: set[int] = set()

    def open(self, amount: int) -> int:
        self.balances.append(amount)
        return len(self.balances) - 1

    def transfer(self, source: int, target: int, amount: int) -> None:
        if source in self.frozen or self.balances[source] < amount:
            return
        self.balances[target] += amount
        if not (source == target and target in self.frozen):
            self.balances[source] -= amount
        if self.balances[source] == 0 and amount > 500:
            self.frozen.add(source)

    def thaw(self, account: int) -> None:
        if account in self.frozen:
            self.frozen.discard(account)
            self.balances[account] += 1  # interest for nothing


class BankMachine(RuleBasedStateMachine):
    accounts = Bundle("accounts")

    def __init__(self) -> None:
        super().__init__()
        self.bank, self.total = Bank(), 0

    @rule(target=accounts, amount=st.integers(0, 1000))
    def open(self, amount: int) -> int:
        self.total += amount
        return self.bank.open(amount)

    @rule(source=accounts, to=accounts, amount=st.integers(1, 1000))
    def transfer(self, source: int, to: int, amount: int) -> None:
        self.bank.transfer(source, to, amount)
        assert sum(self.bank.balances) == self.total

    @rule(account=accounts)
    def thaw(self, account: int) -> None:
        self.bank.thaw(account)
        assert sum(self.bank.balances) == self.total


TestBank = BankMachine.TestCase
