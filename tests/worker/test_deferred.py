"""A call that returns what nobody runs has tested nothing."""

import pytest

from fuzztui.target.errors import HarnessError
from tests.worker.world import inhabited

LAZY = """
import asyncio, collections, concurrent.futures, csv, io, itertools, os, re, xml.etree.ElementTree
async def work(data): ...
def items(data): yield data
async def stream(data): yield data
def begun(data):
    made = items(data)
    next(made)
    return made
def exhausted(data, made=None):
    made = made or items(data)
    list(made)
    return made
class Service:
    async def handle(self, data): ...
class Compiled:
    def __await__(self): return iter(())
    def send(self, value): raise StopIteration
class Awaitable:
    def __await__(self): return iter(())
class Job:
    def ready(self): return False
    def successful(self): return False
    def get(self): ...
    def wait(self): ...
class Cursor:
    def __iter__(self): return self
    def __next__(self): return 1
async def task(data):
    return asyncio.ensure_future(work(data))
def settled(data):
    future = concurrent.futures.Future()
    future.set_result(data)
    return future
def fuzz(data):
    return {}
"""

DEFERRED = {
    "a coroutine": "work(data)",
    "a generator": "items(data)",
    "an expression's generator": "(byte for byte in data)",
    "an async generator": "stream(data)",
    "a generator that has begun": "begun(data)",
    "a method's coroutine": "Service().handle(data)",
    "what is like a coroutine": "Compiled()",
    "an awaitable": "Awaitable()",
    "a map": "map(int, [data])",
    "a map over nothing": "map(int, b'')",
    "a filter of an empty list": "filter(None, [])",
    "a chain of maps over nothing": "itertools.chain(map(int, {}), map(int, ()))",
    "a map over several": "map(max, [data], items(data))",
    "a filter": "filter(int, [data])",
    "a filter of a map": "filter(None, map(int, [data]))",
    "repeated calls": "iter(lambda: data, b'')",
    "a map of tuples": "itertools.starmap(print, [(data,)])",
    "what is taken": "itertools.takewhile(len, [data])",
    "sums": "itertools.accumulate([data, data])",
    "groups": "itertools.groupby([data], len)",
    "a chain of generators": "itertools.chain(items(data), [1])",
    "a part of a generator": "itertools.islice(items(data), 5)",
    "pairs with a map": "zip([1], map(int, [data]))",
    "numbers of a generator": "enumerate(items(data))",
    "numbers of a chain of a map": "enumerate(itertools.chain([1], map(int, [data])))",
}

UNASKED = {
    "a future": "concurrent.futures.Future()",
    "a future that is done": "settled(data)",
    "a task": "asyncio.run(task(data))",
    "the result of a pool": "Job()",
}

DONE = {
    "a generator that was exhausted": "exhausted(data)",
    "a coroutine that was run": "asyncio.run(work(data))",
    "a list": "[*items(data)]",
    "a function": "work",
    "a class": "Compiled",
    "a class of futures": "concurrent.futures.Future",
    "an object": "Service()",
    "nothing": "None",
    "a map that was exhausted": "exhausted(data, map(len, [data]))",
    "a filter that was exhausted": "exhausted(data, filter(None, iter({1: 2})))",
    "a map of an exhausted generator": "exhausted(data, map(len, items(data)))",
    "a map of nothing that was exhausted": "exhausted(data, map(len, ''))",
    "a map of a text that was exhausted": "exhausted(data, map(ord, '\u20ac\u00fc'))",
    "a map of numbers that was exhausted": "exhausted(data, map(abs, range(5)))",
    "a map of a set that was exhausted": "exhausted(data, map(abs, {1, 2}))",
    "calls that were exhausted": "exhausted(data, iter(lambda: 1, 1))",
    "a list's iterator": "iter([1, 2])",
    "pairs of lists": "zip([1], data)",
    "a part of a list": "itertools.islice([1], 1)",
    "numbers of bytes": "enumerate(data)",
    "a dict's view": "{1: 2}.items()",
    "a range": "range(5)",
    "a reversed list": "reversed([1])",
    "an endless count": "itertools.count()",
    "a file": "io.StringIO('text')",
    "rows of a file": "csv.reader(io.StringIO('a,b'))",
    "an element's iterator": "xml.etree.ElementTree.fromstring('<a/>').iter()",
    "a database's cursor": "Cursor()",
    "a deque": "collections.deque(data)",
    "a match": "re.match('', '')",
    "a number": "1.5",
}


@pytest.mark.parametrize("result", DEFERRED.values(), ids=DEFERRED.keys())
def test_a_call_that_returns_work_which_nobody_does_is_an_error_of_the_harness(result: str) -> None:
    with inhabited(LAZY.format(result)) as world, pytest.raises(HarnessError, match="which nobody runs"):
        world.executor().run(b"x")


@pytest.mark.parametrize("result", UNASKED.values(), ids=UNASKED.keys())
def test_a_call_that_returns_a_result_which_nobody_asks_for_is_an_error_of_the_harness(result: str) -> None:
    with inhabited(LAZY.format(result)) as world, pytest.raises(HarnessError, match="whose result nobody asks for"):
        world.executor().run(b"x")


@pytest.mark.parametrize("result", DONE.values(), ids=DONE.keys())
def test_a_call_may_return_what_it_likes_otherwise(result: str) -> None:
    with inhabited(LAZY.format(result)) as world:
        assert world.executor().run(b"x") is None
