"""Mutation of whole inputs, one value per parameter of the target. Hot code, see `sequence`."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import CHOICES
from fuzztui.worker.mutate.adaptive import UNTOUCHED, Bandit, Weighted
from fuzztui.worker.mutate.dictionary import Dictionary
from fuzztui.worker.mutate.domain import Domain, Surroundings
from fuzztui.worker.mutate.domains import DOMAINS
from fuzztui.worker.mutate.pool import Pool, PoolContents
from fuzztui.worker.mutate.sequence import TRIES, RandomBits
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS


CustomOperators: TypeAlias = Callable[[RandomBits, Sequence[Arguments], int], Weighted[Any]]
"""Operators of a target's own: from the generator, the entries of the corpus and `max_len`."""


class Mutator:
    """Makes random changes to inputs of one target.

    All randomness comes from the generator passed in, and nothing else influences a result but the dictionary and the
    pool: the same calls give the same mutations. The functions are attributes rather than methods, since a closure is
    the fastest thing to call.
    """

    def __init__(
        self,
        parameters: tuple[str, ...],
        random: RandomBits,
        dictionary: Dictionary,
        max_len: int,
        custom: CustomOperators | None = None,
    ) -> None:
        """`parameters`: names of kinds; `max_len`: bound of the sum of `sizes.size`; `custom`: makes further operators.

        Raises ValueError for no parameter, or an unknown type.
        """
        if not parameters:
            raise ValueError("a mutator needs at least one parameter type")
        self.domains: Final = tuple(_domain(name) for name in parameters)
        """Those of the parameters."""
        pool = self._pool = Pool(self.domains)
        self.entries: Final = pool.entries
        """Of the corpus, the latest last, to be read only."""
        own = custom(random, pool.entries, max_len) if custom is not None else {}
        surroundings = self.surroundings = Surroundings(random, dictionary, pool, max_len, own)
        # One for each parameter, also where types are the same: what helps with one need not help with another.
        mutators, bandits = zip(*(domain.mutator(surroundings) for domain in self.domains), strict=True)
        self._bandits: tuple[Bandit[Any], ...] = bandits
        self._all = list(bandits)
        self._companions: list[tuple[Bandit[Any], Callable[[], int]]] = []
        self.trails: Final = tuple(bandit.trail for bandit in bandits)
        """To be marked `UNTOUCHED` by what makes an input otherwise."""
        self.mutate_bytes: Final[Callable[[Any], Any]] = mutators[0]
        """For a target with a single `bytes` parameter: the value alone, without its tuple."""

        self.mutate: Final[Callable[[Arguments], Arguments]] = (
            _mutate_one(mutators[0])
            if len(mutators) == 1
            else _mutate_several(random, mutators, bandits, self.domains, pool.entries, max_len)
        )
        """A new tuple of values of the same types. It differs from the old one, unless `max_len` leaves no other."""

        self.roots: Final = tuple([getattr(domain, "root", None) for domain in self.domains])
        """The trees of parameters whose types are put together, see `typed`; None for those of plain kinds."""

    def add_to_pool(self, arguments: Arguments) -> None:
        """Offer an input of the corpus for splicing and crossover; the oldest ones give way."""
        self._pool.add(arguments)
        for domain, value in zip(self.domains, arguments, strict=True):
            domain.offer(value, self._pool)

    def exchange_pool(self, other: PoolContents) -> PoolContents:
        """Take pieces of these inputs from now on; returns those that they were taken of until now."""
        return self._pool.exchange(other)

    def accompany(self, bandit: Bandit[Any], take_count: Callable[[], int]) -> None:
        """Have the operators of another mutator counted and credited together with these; `take_count` tells how many
        mutations it has made since last asked.
        """
        self._all.append(bandit)
        self._companions.append((bandit, take_count))

    def forget_last(self) -> None:
        """What runs next is not a mutation."""
        for bandit in self._all:
            bandit.trail[0] = UNTOUCHED

    def last_operators(self) -> list[str]:
        """Names of the operators that the last mutation went through, those of each parameter in order; none if there
        was no mutation. To be asked before `credit`.
        """
        return [name for bandit in self._all for name in bandit.last_operators()]

    def credit(self) -> bool:
        """The last mutation has found something: try more often what made it. False if there was no mutation."""
        credited = [bandit.credit() for bandit in self._all]
        return any(credited)

    def take_yields(self, arguments: Arguments, mutations: int, part: float = 1.0) -> dict[str, tuple[int, int]]:
        """Operator -> tries and finds since last asked; since then `mutations` of `arguments` were executed, which is
        this part of those that were made.

        Operators of the same name count as one. An input that two parameters' operators had a part in is a try of each.
        Tries follow from the operators' shares, see `Bandit.take_yields`; of several parameters one is taken to be
        mutated at a time, as is mostly the case.
        """
        yields: dict[str, tuple[int, int]] = {}
        for bandit, take_count in self._companions:
            count = int(part * take_count())
            mutations -= count
            yields.update({name: (tries, finds) for name, tries, finds in bandit.take_yields(count, fresh=False)})
        for domain, value, bandit in zip(self.domains, arguments, self._bandits, strict=True):
            fresh = domain.is_sized and not value
            for name, tries, finds in bandit.take_yields(mutations / len(self._bandits), fresh=fresh):
                before = yields.get(name, (0, 0))
                yields[name] = before[0] + tries, before[1] + finds
        return yields


def _domain(parameter: str) -> Domain[Any]:
    """The domain of a kind's name, or of a spec's text; ValueError for what is neither."""
    if parameter in DOMAINS:
        return DOMAINS[parameter]
    if parameter == CHOICES:
        from fuzztui.worker.mutate.choices.domain import ChoicesDomain  # see below

        return ChoicesDomain()
    if not parameter.endswith(")"):
        raise ValueError(f"cannot mutate type {parameter!r}; supported: {', '.join(DOMAINS)}")
    from fuzztui.worker.mutate.typed.domain import TypedDomain  # it costs time that only those pay who need it

    return TypedDomain(parameter)


def _mutate_one(mutator: Callable[[Any], Any]) -> Callable[[Arguments], Arguments]:
    def mutate(arguments: Arguments) -> Arguments:
        return (mutator(arguments[0]),)

    return mutate


def _mutate_several(
    random: RandomBits,
    mutators: tuple[Callable[[Any], Any], ...],
    bandits: tuple[Bandit[Any], ...],
    domains: tuple[Domain[Any], ...],
    entries: list[Arguments],
    max_len: int,
) -> Callable[[Arguments], Arguments]:
    sized = tuple(index for index, domain in enumerate(domains) if domain.is_sized)  # these count towards `max_len`
    getrandbits = random.getrandbits
    count = len(mutators)
    trails = tuple(bandit.trail for bandit in bandits)
    alone = tuple((trail,) for trail in trails)
    stale: tuple[list[int], ...] = ()  # trails of the mutation before

    def mutate(arguments: Arguments) -> Arguments:
        nonlocal stale
        for _ in range(TRIES):
            for trail in stale:
                trail[0] = UNTOUCHED
            bits = getrandbits(30)
            changed: list[Any] = list(arguments)
            at = bits % count
            stale = alone[at]
            changed[at] = mutators[at](changed[at])
            bits //= count
            if not bits & 7:  # one in eight: some of the others too, by themselves or from another entry
                stale = trails
                other = entries[(bits >> 4) % len(entries)] if entries and bits & 8 else None
                for also in range(count):
                    if also != at and getrandbits(1):
                        changed[also] = other[also] if other else mutators[also](changed[also])
            length = 0
            for also in sized:
                length += len(changed[also])
            if length * 4 > max_len:  # by characters it may be too long, so measure
                _clip(changed, domains, max_len)
            mutated = tuple(changed)
            if mutated != arguments:
                break
        return mutated

    return mutate


def _clip(values: list[Any], domains: tuple[Domain[Any], ...], max_len: int) -> None:
    """Clip values, the last ones first, until all together are no longer than `max_len`."""
    sizes = [domain.size(value) for domain, value in zip(domains, values, strict=True)]
    excess = sum(sizes) - max_len
    for index in reversed(range(len(values))):
        if excess <= 0:
            return
        values[index] = domains[index].clip(values[index], max(0, sizes[index] - excess))
        excess -= sizes[index] - domains[index].size(values[index])
