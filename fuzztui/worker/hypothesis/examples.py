"""The database of examples of a property test, from which pytest runs its failures before anything else.

What has failed stands under the test's secondary key at once: the next run of the test replays and minimizes it.
What is minimal stands under the primary key: the next run fails with it at once. Hypothesis removes what does not fail
any more. Files appear there whole, so whatever else runs the test may do so at the same time.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from hypothesis import Phase, core, settings
from hypothesis.database import choices_to_bytes
from hypothesis.internal.reflection import function_digest

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import Plain

__builtins__ = PRIVATE_BUILTINS

_DIGEST: Final = "_hypothesis_internal_add_digest"
"""Attribute of a test: what its key is made of, beside its code."""

SECONDARY: Final = b".secondary"
"""Ends the key of what is not known to be minimal."""


def settings_of(function: Any) -> Any:
    """The settings of what `@given` has made."""
    return getattr(function, "_hypothesis_internal_use_settings", None) or settings()


def why_unkept(function: Any) -> str:
    """Why the next run of the test knows nothing of what fails in this one, in a phrase; empty if it does."""
    own = settings_of(function)
    if getattr(function, "_hypothesis_internal_use_reproduce_failure", None) is not None:
        return "@reproduce_failure stands at the test, and pytest runs nothing else of it"
    if own.derandomize:
        return "derandomize, which keeps no database of examples"
    if getattr(function, "_hypothesis_internal_use_seed", None) is not None:
        return "@seed, which keeps no database of examples"
    if own.database is None:
        return "the test's database of examples is None"
    pytests: Any = core.global_force_seed
    if pytests is not None:
        return "--hypothesis-seed, with which pytest reads no database of examples"
    if Phase.reuse not in own.phases:
        return "the test's phases are without reuse, so that pytest reads no database of examples"
    return ""


class Examples:
    """What one test's database gets to know."""

    def __init__(self, function: Any, ids: Sequence[str] = ()) -> None:
        """`function`: what `@given` has made; `ids`: what pytest calls the test with each of its sets of parameters,
        the first thing that is drawn; none where that is not drawn. The test is set up with the first of them.
        """
        self._database: Any = None if why_unkept(function) else settings_of(function).database
        self._inner: Any = function.hypothesis.inner_test
        self._ids = ids
        # Hypothesis' plugin gives each set a key of its own where it sees that there are several: not always.
        self._has_keys = bool(ids) and getattr(self._inner, _DIGEST, None) == ids[0].encode()
        self._noted: dict[str, Plain] = {}
        """Bucket -> the input that stands for it."""

    @property
    def is_kept(self) -> bool:
        """Whether the test has a database."""
        return self._database is not None

    def note(self, bucket: str, plain: Plain) -> None:
        """An input, in its canonical form, has failed so: a shorter one of the bucket takes the place of the last."""
        before = self._noted.get(bucket)
        if plain[0] < 0:
            return  # an example of the test's own: that runs before anything else
        if self._database is None or (before is not None and len(before) <= len(plain)):
            return
        self._noted[bucket] = plain
        self._change(plain, lambda key, value: self._database.save(key + SECONDARY, value))
        if before is not None:
            self._change(before, lambda key, value: self._database.delete(key + SECONDARY, value))

    def settle(self, before: Plain, minimal: Plain) -> None:
        """An input has been made minimal."""
        if self._database is None:
            return
        self._change(minimal, lambda key, value: self._database.save(key, value))
        self._change(before, lambda key, value: self._database.delete(key + SECONDARY, value))

    def keep(self, plain: Plain) -> bool:
        """Have the next run of the test begin with an input, which it forgets if that passes; whether it can be."""
        if self._database is None or plain[0] < 0:
            return False
        self._change(plain, lambda key, value: self._database.save(key, value))
        return True

    def _change(self, plain: Plain, change: Callable[[bytes, bytes], object]) -> None:
        choices = plain[1:]
        inner = self._inner
        if self._ids:
            if not choices or type(choices[0]) is not int or not 0 <= choices[0] < len(self._ids):
                return
            if self._has_keys:
                setattr(inner, _DIGEST, self._ids[choices[0]].encode())
            choices = choices[1:]
        change(function_digest(inner), choices_to_bytes(choices))
