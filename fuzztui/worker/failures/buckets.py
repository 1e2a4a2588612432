"""Tells the failures of a Python target apart: which are likely one bug, and which of one bug are reached alike.

An exception has a *group* and, finer, a *bucket*. Neither contains a line number, a folder, an address or a message,
so both are the same tomorrow, on another machine, and after the code above has grown.

- The group: the types of the exception, of its causes and contexts (of several of one type in a row, one: how many
  were being handled is how far a parser had come; of several of one type that one place has raised from one another,
  one, too: that is how deep it was) and of a group's first member, and the innermost
  function of the project under test with the text of the expression that raised there, as CPython's positions give it
  (PEP 657): `chr(int(s, 16))` fails in two ways on one line.
- The bucket: the group, the two functions around, the class whose method it was, and where the causes were raised.

Recursion leaves no trace in either: of a function that is entered again, all between its two calls is left out; and
where recursion itself is what failed, the functions that repeat are the place.

A target that fails all the time pays for this with each failure, so what depends on code alone is kept: by the identity
of code objects (their own hash takes as long as all the rest) and the instruction in each.
"""

import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any, Final, NamedTuple

from fuzztui.protocol.identity import identity, loop_erased
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.load import PRIVATE_MODULE
from fuzztui.target.tracebacks import is_machinery
from fuzztui.worker.failures.expressions import Expressions

__builtins__ = PRIVATE_BUILTINS

AROUND: Final = 2
"""Functions around the innermost one that a bucket takes in."""

CHAIN_LIMIT: Final = 8
"""Exceptions of a chain that count: of a longer one the newest."""

LONGEST_CHAIN: Final = 20_000
"""Exceptions of a chain that are looked at, those included that repeat the one before and do not count: looking at one
takes about as long as to make it."""

DEEP: Final = 32
"""Frames from which on a traceback is most likely recursion."""

RECURSION_SAMPLE: Final = 256
"""Frames that are looked at, from the outermost inwards, to recognise a recursion without end that is known."""

KEPT_CODES: Final = 20_000
"""Code objects of which something is kept: a program that makes code again and again would fill the memory."""

KEPT_FAILURES: Final = 16_384
"""Ways to fail of which the identity is kept."""

# As `BaseException` itself sees it: a class may put properties of its own in the way.
_traceback_of: Final = BaseException.__dict__["__traceback__"].__get__
_cause_of: Final = BaseException.__dict__["__cause__"].__get__
_context_of: Final = BaseException.__dict__["__context__"].__get__
_hides_context: Final = BaseException.__dict__["__suppress_context__"].__get__
_members_of: Final = BaseExceptionGroup.__dict__["exceptions"].__get__
_name_of_type: Final = type.__dict__["__qualname__"].__get__
_module_of_type: Final = type.__dict__["__module__"].__get__
_bases_of_type: Final = type.__dict__["__mro__"].__get__

_WORD: Final = re.compile(r"[A-Za-z0-9]+")
_DIGITS: Final = re.compile(r"[0-9]+")

_RANDOM: Final = 8
"""Characters from which on a word with digits among its letters is taken for a random one."""

_HEXADECIMAL: Final = re.compile(r"[0-9a-f]{4,}|[0-9A-F]{4,}")
"""A random word of any length: that some true ones look like it (`face`) only means that they are not told apart."""

_SEPARATOR: Final = "\x1f"


class Identity(NamedTuple):
    """What failures have in common, see `fuzztui.protocol.identity`."""

    group: str
    bucket: str


class _Function(NamedTuple):
    """What is known of a code object."""

    code: CodeType
    """Held, so that no other one gets its address."""
    is_ours: bool
    counts: bool
    """Whether its frames say anything about a failure: those of the fuzzer and of assertion methods do not."""
    is_project: bool
    has_receiver: bool
    name: str
    """Module and qualified name."""


class _Visit(NamedTuple):
    """One frame of a traceback."""

    function: _Function
    instruction: int
    """Offset in the code's bytes."""
    frame: FrameType


class _Link(NamedTuple):
    """One exception of a chain."""

    error: BaseException
    role: str
    """`cause`, `context` or `member` of the one before it, empty for the first."""
    visits: list[_Visit]
    """From the outermost frame inwards."""


def _nothing() -> None:
    """Nothing is to be done."""


class Buckets:
    """Tells failures apart, and remembers how."""

    def __init__(self, is_project: Callable[[str, str], bool], before_reading: Callable[[], None] = _nothing) -> None:
        """`is_project`: whether the module of that name and file is part of what is fuzzed; `before_reading` is called
        before sources are looked at.
        """
        self._is_project = is_project
        self._functions: dict[int, _Function] = {}
        self._expressions = Expressions(before_reading)
        self._identities: dict[tuple[object, ...], tuple[Identity, list[type]]] = {}
        """By what it depends on; with the classes in there, so that no other ones get their addresses."""
        self._at_once: dict[tuple[int, ...], Identity | int] = {}
        """Those of exceptions without groups. Where the class of a receiver counts as well, the place of its frame,
        from the end, without that class; and the identity with it.
        """

    def identity(self, error: BaseException) -> Identity:
        """Group and bucket of an exception that has left the target. Runs no code of the target's.

        Written for speed, since a target may fail most of the time: what an exception that is no group depends on is
        its class, the steps of its traceback, the class of a receiver, and the same of what it came from, but for the
        receiver.
        """
        kind = type(error)
        if issubclass(kind, BaseExceptionGroup):
            return self._look_up(error)
        is_recursion = issubclass(kind, RecursionError)
        steps = [id(kind)]
        note = steps.append
        traceback = _traceback_of(error)
        if is_recursion:
            while traceback is not None and len(steps) <= RECURSION_SAMPLE:
                note(id(traceback.tb_frame.f_code) + traceback.tb_lasti)
                traceback = traceback.tb_next
        else:
            # A code object holds its instructions, so this is an address within it, and of no other one.
            while traceback is not None:
                note(id(traceback.tb_frame.f_code) + traceback.tb_lasti)
                traceback = traceback.tb_next
        if len(steps) > DEEP:
            steps = [*dict.fromkeys(steps), steps[-1]]
        if (_cause_of(error) is not None or _context_of(error) is not None) and not _add_chain(steps, error):
            return self._look_up(error)
        key = tuple(steps)
        known = self._at_once.get(key)
        if type(known) is int:
            known = self._at_once.get((*key, id(_class_of_receiver(_frames(error)[known]))))
        if type(known) is Identity:
            return known
        found = self._look_up(error)
        self._remember(key, error, found, is_recursion=is_recursion)
        return found

    def _remember(self, key: tuple[int, ...], error: BaseException, found: Identity, *, is_recursion: bool) -> None:
        frames = _frames(error)
        functions = [self._functions.get(id(frame.f_code)) for frame in frames]
        inner = [n - len(frames) for n, known in enumerate(functions) if known is not None and known.is_project]
        innermost = functions[inner[-1]] if inner else None
        if innermost is not None and innermost.has_receiver and not is_recursion:
            self._at_once[key] = inner[-1]
            key = (*key, id(_class_of_receiver(frames[inner[-1]])))
        self._at_once[key] = found

    def _look_up(self, error: BaseException) -> Identity:
        if len(self._functions) >= KEPT_CODES or len(self._at_once) >= KEPT_FAILURES:
            self._forget()
        links = [_Link(one, role, self._visits(_traceback_of(one))) for one, role in _chain(error)]
        classes: list[type] = []
        steps: list[object] = []
        for link in links:
            classes += type(link.error), _receiver(link)
            visited = [(id(visit.function.code), visit.instruction) for visit in link.visits]
            steps += link.role, *_key(visited, link.error)
        key = (*map(id, classes), *steps)  # a class may have a hash of its own
        known = self._identities.get(key)
        if known is None:
            if len(self._identities) >= KEPT_FAILURES:
                self._forget()
            known = self._identities[key] = (self._tell(links), classes)
        return known[0]

    def _forget(self) -> None:
        """Let go of all code objects and classes: with them their addresses, which is what is remembered, lose their
        meaning.
        """
        self._functions.clear()
        self._expressions.clear()
        self._identities.clear()
        self._at_once.clear()

    def _visits(self, traceback: TracebackType | None) -> list[_Visit]:
        """The frames of a traceback that count. What an exception has kept from an earlier time that it was raised is
        left out: there the calls begin anew.
        """
        functions = self._functions
        visits: list[_Visit] = []
        first = previous = None
        while traceback is not None:
            frame = traceback.tb_frame
            code = frame.f_code
            function = functions.get(id(code)) or self._learn(code, frame)
            if first is None:
                first = code
            elif (code is first or function.is_ours) and visits and frame.f_back is not previous:
                break
            if function.counts:
                visits.append(_Visit(function, traceback.tb_lasti, frame))
            previous = frame
            traceback = traceback.tb_next
        return visits

    def _learn(self, code: CodeType, frame: FrameType) -> _Function:
        file, names = code.co_filename, frame.f_globals
        module = names.get("__name__")
        module = module if type(module) is str else ""
        is_ours = is_machinery(file)
        has_source = self._expressions.has_source(file)
        if module.startswith(PRIVATE_MODULE) or module in sys.modules:
            name = f"{module_label(module, file)}:{code.co_qualname}"
        elif module or has_source:  # a namespace that was made to execute code in, perhaps another one for each input
            name = f"{_steady(module_label(module, file))}:{_steady(code.co_qualname)}"
        else:  # the name that the code was given instead of a file's says nothing, and is perhaps another each time
            name = f":{code.co_qualname}"
        function = self._functions[id(code)] = _Function(
            code=code,
            is_ours=is_ours,
            counts=not is_ours and "__unittest" not in names,  # as unittest marks what its tracebacks leave out
            is_project=self._is_project(module, file),
            has_receiver=code.co_argcount > 0 and code.co_varnames[0] in ("self", "cls"),
            name=name if has_source else _steady(name),
        )
        return function

    def is_of_project(self, frame: FrameType) -> bool:
        """Whether a frame belongs to what is fuzzed, and not to a library, the fuzzer, or a method that asserts."""
        function = self._functions.get(id(frame.f_code)) or self._learn(frame.f_code, frame)
        return function.counts and function.is_project

    # Words for a failure ---------------------------------------------------------------------------------------------

    def _tell(self, links: Sequence[_Link]) -> Identity:
        first = links[0]
        entry = first.visits[0].function if first.visits else None
        group = _without_repeated_contexts([f"{link.role} {type_label(type(link.error))}" for link in links])
        places = self._places(first, entry)
        group += places[:1]
        bucket = [*group, *places[1:], type_label(_receiver(first))]
        for link in links[1:]:
            if link.role == "member":
                group += self._places(link, entry)[:1]
            if link.role != "context":  # which is what happened to be handled, from wherever it came
                bucket += self._places(link, entry)
        return Identity(identity("group", group), identity("bucket", bucket))

    def _places(self, link: _Link, entry: _Function | None) -> list[str]:
        """Where it was raised, then from where that was called: at most `AROUND` more. `entry`: the target itself."""
        visits = link.visits
        # What was handled further in begins its traceback there, and not with the target.
        first = 1 if visits and visits[0].function is entry else 0
        inner = [visit for visit in visits[first:] if visit.function.is_project]
        if _is_recursion(link.error) and (cycle := _cycle(visits)):
            if any(visit.function.is_project and visit.function.name in cycle for visit in visits):
                return [_SEPARATOR.join(cycle)]
            # A library that calls itself: whoever has called it is another one each time.
            return [_SEPARATOR.join((*cycle, self._place((inner or visits[:1])[-1])))]
        path = loop_erased([*visits[:first], *inner] if inner else visits, _identifier)
        places = [self._place(visit) for visit in reversed(path[-AROUND - 1 :])]
        if not inner and len(path) > AROUND + 1:  # all but the target itself are strangers
            places.append(self._place(path[0]))
        return places

    def _place(self, visit: _Visit) -> str:
        text = self._expressions.text(visit.function.code, visit.instruction)
        return f"{visit.function.name}{_SEPARATOR}{text}"


# Pure functions over visits ---------------------------------------------------------------------------------------


def _identifier(visit: _Visit) -> tuple[str, int]:
    """Of the function in this process, whose code object may have been replaced meanwhile."""
    return visit.function.name, visit.function.code.co_firstlineno


def _cycle(visits: Sequence[_Visit]) -> list[str]:
    """Names of the functions that a recursion goes through, sorted; none if nothing repeats."""
    counts = Counter(visit.function.name for visit in visits)
    most = max(counts.values(), default=0)
    return sorted(name for name, count in counts.items() if count > 1 and count * 2 >= most)


def _without_repeated_contexts(words: Sequence[str]) -> list[str]:
    """The roles and types of a chain, of contexts of one type in a row one."""
    return [
        word
        for place, word in enumerate(words)
        if not (place and word == words[place - 1] and word.startswith("context "))
    ]


def _receiver(link: _Link) -> type:
    """Class of the object whose method failed, NoneType if it was none: a method of a base class fails in other ways
    for each class.
    """
    visit = next((visit for visit in reversed(link.visits) if visit.function.is_project), None)
    if visit is None or not visit.function.has_receiver or _is_recursion(link.error):
        return type(None)
    return _class_of_receiver(visit.frame)


def _class_of_receiver(frame: FrameType) -> type:
    receiver: object = frame.f_locals.get(frame.f_code.co_varnames[0])
    return receiver if type(receiver) is type else type(receiver)


# Pure functions over exceptions -----------------------------------------------------------------------------------


def _chain(error: BaseException) -> list[tuple[BaseException, str]]:
    """The exception, what it came from, and the first member of a group, with their roles. What came from another one
    of its type, raised at the same place, stands for that one as well.
    """
    chain: list[tuple[BaseException, str]] = []
    seen = set[int]()
    pending: list[tuple[Any, str]] = [(error, "")]
    place = previous = None
    while pending and len(chain) < CHAIN_LIMIT and len(seen) < LONGEST_CHAIN:
        one, role = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        place, previous = (type(one), *_innermost(one)), place
        if role == "member" or place != previous:
            chain.append((one, role))
        cause = _cause_of(one)
        if cause is not None:
            pending.append((cause, "cause"))
        elif not _hides_context(one) and (context := _context_of(one)) is not None:
            pending.append((context, "context"))
        if issubclass(type(one), BaseExceptionGroup):
            pending.append((_members_of(one)[0], "member"))
    return chain


def _innermost(error: BaseException) -> tuple[int, int]:
    """The place where an exception was raised: code object and instruction; zeros where it never was."""
    place = 0, 0
    traceback = _traceback_of(error)
    while traceback is not None:
        place = id(traceback.tb_frame.f_code), traceback.tb_lasti
        traceback = traceback.tb_next
    return place


def _frames(error: BaseException) -> list[FrameType]:
    """Of its traceback, from the outermost inwards."""
    frames: list[FrameType] = []
    traceback = _traceback_of(error)
    while traceback is not None:
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    return frames


def _add_chain(steps: list[int], error: BaseException) -> bool:
    """Add what an exception came from to the steps that it is remembered by, as `_chain` finds it. False where that
    cannot be told by steps alone: there is a group among it, or a recursion, or more than these.
    """
    for number in range(CHAIN_LIMIT):
        cause = _cause_of(error)
        if cause is not None:
            steps.append(1)
            error = cause
        elif not _hides_context(error) and (context := _context_of(error)) is not None:
            steps.append(2)
            error = context
        else:
            break
        kind = type(error)
        if number == CHAIN_LIMIT - 1 or issubclass(kind, (BaseExceptionGroup, RecursionError)):
            return False
        begin = len(steps)
        steps.append(id(kind))
        traceback = _traceback_of(error)
        while traceback is not None:
            steps.append(id(traceback.tb_frame.f_code))
            steps.append(traceback.tb_lasti)
            traceback = traceback.tb_next
        if len(steps) - begin > 2 * DEEP:
            own = steps[begin:]
            steps[begin:] = [*dict.fromkeys(own), *own[-2:]]
    return True


def _key(visited: list[tuple[int, int]], error: BaseException) -> list[tuple[int, int]]:
    """Of a deep traceback each step once, or each depth would have a key of its own."""
    if _is_recursion(error):
        return list(dict.fromkeys(visited))
    return visited if len(visited) <= DEEP else [*dict.fromkeys(visited), visited[-1]]


def _is_recursion(error: BaseException) -> bool:
    return issubclass(type(error), RecursionError)


def type_label(kind: type) -> str:
    """Module and qualified name of a class. One that its module does not hold is perhaps made anew each time, by a name
    of its own: then that of the class that it is derived from, and that it is.
    """
    bases: tuple[type, ...] = _bases_of_type(kind)
    for base in bases:
        module, name = _module_of_type(base), _name_of_type(base)
        place = sys.modules.get(module) if type(module) is str else None
        if type(place) is ModuleType and (name.partition(".")[0] in place.__dict__ or _holds(place.__dict__, base)):
            return f"{module}.{name}" if base is kind else f"{module}.{name}+"
    return ""


def _holds(names: dict[str, object], kind: type) -> bool:
    return any(value is kind for value in tuple(names.values()))


def _steady(name: str) -> str:
    """A name without what changes where names are made: numbers, and words that are random."""
    return _WORD.sub(_steady_word, name)


def _steady_word(match: "re.Match[str]") -> str:
    word = match[0]
    if _HEXADECIMAL.fullmatch(word) or (len(word) >= _RANDOM and _DIGITS.search(word.rstrip("0123456789"))):
        return "#"
    return _DIGITS.sub("#", word)


def module_label(name: str, file: str) -> str:
    """Name of a module; of one without a name, or with one that is ours, that of its file."""
    if name and not name.startswith(PRIVATE_MODULE):
        return name
    return os.path.basename(file).removesuffix(".py")  # noqa: PTH119 - pathlib takes long to load
