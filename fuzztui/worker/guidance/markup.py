"""What programs look for in the trees that code in C has made of markup (`xml.etree`): names, and which there are.

Only elements of exactly that class are looked into: nothing of the target's runs.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_MAX_CHILDREN: Final = 128
_NO_NAMES: Final = frozenset("[]*@{}'\"=")
_HERE: Final = frozenset({"", "."})


def is_element(kind: type) -> bool:
    """Whether this is the class of a tree's elements."""
    return type(kind) is type and kind.__name__ == "Element" and kind.__module__ == "xml.etree.ElementTree"


def looked_up(element: Any, method: str, wanted: object) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """The names that a method of an element looks for, one within the other as far as they are there, which there are,
    and the name of the element in which each is looked for; empty where it is no element's.
    """
    if type(wanted) is not str or _NO_NAMES.intersection(wanted):
        return
    if method == "get":
        yield wanted, tuple([each for each, _ in element.items() if type(each) is str]), ""
        return
    for name in wanted.split("/"):
        if name in _HERE:
            continue
        within = islice(element.iter(), _MAX_CHILDREN) if method == "iter" else element[:_MAX_CHILDREN]
        children = [child for child in within if is_element(type(child)) and type(child.tag) is str]
        yield name, tuple([child.tag for child in children]), element.tag if type(element.tag) is str else ""
        element = next((child for child in children if child.tag == name), None)
        if element is None:
            return
