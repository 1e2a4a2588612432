"""Makes new inputs out of old ones.

`Mutator` makes random changes (havoc stacks, splicing, crossover), at about a microsecond each. `candidates` makes
the few targeted ones that input-to-state suggests for the comparison operands of an execution. `Dictionary` holds the
tokens that both learn from. What depends on the type of an argument is in `domains`.

Nothing here imports more than it must: a module that is loaded before the instrumentation is in place stays bare.
"""

from fuzztui.worker.mutate.dictionary import Dictionary
from fuzztui.worker.mutate.guided import Tried, candidates, tokens
from fuzztui.worker.mutate.mutator import Mutator

__all__ = ["Dictionary", "Mutator", "Tried", "candidates", "tokens"]
