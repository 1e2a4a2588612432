"""The domain of sequences of choices."""

from collections.abc import Callable
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import CHOICES, Plain
from fuzztui.worker.mutate.adaptive import SLOTS_BITS, STOP, UNTOUCHED, Bandit, Operator, OuterBandit
from fuzztui.worker.mutate.choices.operators import Entry, Leaf, Operators, Spans
from fuzztui.worker.mutate.choices.record import NOTHING, Records
from fuzztui.worker.mutate.domain import Domain, Finder, Surroundings
from fuzztui.worker.mutate.domains import DOMAINS
from fuzztui.worker.mutate.pool import Pool
from fuzztui.worker.mutate.sequence import TRIES

__builtins__ = PRIVATE_BUILTINS

SEED_BITS: Final = 32
"""Of what is drawn beyond the choices."""


class ChoicesDomain(Domain[Plain]):
    """What a property test draws."""

    name = CHOICES

    def __init__(self) -> None:
        self.records: Final = Records()
        """What executions have told of inputs."""
        self._spans: Final = Spans()

    def mutator(self, surroundings: Surroundings, /) -> tuple[Callable[[Plain], Plain], Bandit[Plain]]:
        """One operator, or one that changes values and another; they know the input if its record is there."""
        random, dictionary = surroundings.random, surroundings.dictionary
        getrandbits = random.getrandbits
        leaves: dict[str, Leaf] = {}
        bandits: list[Bandit[Any]] = []
        for kind in ("int", "float", "str", "bytes"):
            leaves[kind], bandit = DOMAINS[kind].mutator(surroundings)
            bandits.append(bandit)
        tokens: dict[str, tuple[list[Any], ...]] = {
            "int": (dictionary.ints, dictionary.ints),
            "float": (dictionary.floats, dictionary.floats),
            "str": (dictionary.near_texts, dictionary.texts),
            "bytes": (dictionary.near_words, dictionary.words),
        }
        entry = Entry()
        operators = Operators(random, entry, self._spans, surroundings.pool.entries, leaves, tokens)
        on_values: dict[Operator[Plain], int] = {
            operators.change_value: 8,
            operators.change_values: 3,
            operators.copy_value: 3,
            operators.set_token: 4,
        }
        on_spans: dict[Operator[Plain], int] = {
            operators.delete_span: 3,
            operators.duplicate_span: 3,
            operators.duplicate_and_change: 3,
            operators.swap_spans: 1,
            operators.replace_span: 4,
            operators.insert_span: 3,
            operators.add_element: 3,
            operators.redraw_rest: 3,
            operators.cross: 2,
        }
        chosen = OuterBandit({**on_values, **on_spans}, bandits)
        table, trail, trails = chosen.table, chosen.trail, chosen.leaf_trails
        last_slot = len(table) - 1
        of_values = frozenset(on_values)
        records = self.records

        def mutate(plain: Plain) -> Plain:
            if plain is not entry.plain:
                entry.become(plain, records.of(plain) or NOTHING)
            for each in trails:
                each[0] = UNTOUCHED
            if entry.free:
                for _ in range(TRIES):
                    trail[0] = bits = getrandbits(30)
                    operator = table[bits & last_slot]
                    mutated = operator(plain, bits >> SLOTS_BITS)
                    if bits >= STOP:
                        trail[1] = more = getrandbits(30) % STOP
                        second = table[more & last_slot]
                        if operator in of_values:
                            mutated = second(mutated, more >> SLOTS_BITS)
                        elif second in of_values:
                            mutated = operator(second(plain, more >> SLOTS_BITS), bits >> SLOTS_BITS)
                    if mutated[1:] != plain[1:]:
                        return (getrandbits(SEED_BITS), *mutated[1:])
            trail[0] = table.index(operators.redraw_rest)
            return (getrandbits(SEED_BITS), *plain[1 : 1 + getrandbits(30) % len(plain)])

        return mutate, chosen

    def offer(self, value: Plain, _pool: Pool, /) -> None:
        """Keep the spans, by label."""
        record = self.records.of(value)
        if record is not None:
            self._spans.offer(value, record)

    def size(self, value: Plain, /) -> int:
        """About the bytes of its file."""
        return sum([len(each) if type(each) in (str, bytes) else 4 for each in value])

    def finder(self, _value: Plain, _argument: int, /) -> Finder:
        """Finds nothing: operands are looked for in the choices, see `apart`."""
        return lambda _operand: iter(())
