"""Which modules a file only annotates with: a narrow notion, since whatever may run is to be instrumented."""

import pytest

from fuzztui.target.annotations import annotating

ONLY = {
    "a variable": "from typing import Any\nx: Any = 1",
    "a variable in a function": "from decimal import Decimal\ndef f():\n    x: Decimal = g()",
    "parameters": "import pathlib\ndef f(a, /, b: pathlib.Path, *c: pathlib.Path, d: pathlib.Path = None): pass",
    "what is returned": "from collections.abc import Iterator\nasync def f() -> Iterator[int]: pass",
    "a method": "from fractions import Fraction\nclass A:\n    def f(self, x: Fraction): pass",
    "a variable of a method": "import typing\nclass A(B):\n    def f(self):\n        x: typing.Any = 1",
    "a string": "from typing import Any\ndef f(x: 'list[Any]'): pass",
    "a part of one": "import typing as t\ndef f(x: t.Dict[str, 't.Any'] | None): pass",
    "an alias": "from typing import Any\nJson = dict[str, Any]\ndef f(x: Json): pass",
    "an alias of an alias": "import typing\nA = typing.Any\nB = list[A] | None\ndef f(x: B): pass",
    "a declared alias": "from typing import Any, TypeAlias\nJson: TypeAlias = dict[str, Any]\ndef f(x: Json): pass",
    "the fuzzer's own decorator": "import datetime, fuzztui\n@fuzztui.fuzz(seeds=[])\ndef f(x: datetime.date): pass",
    "that of a set-up": "import datetime\ndef f(g: F):\n    @g.fuzz\n    def t(x: datetime.date): pass",
    "for type checkers": "import typing\nif typing.TYPE_CHECKING:\n    import x",
    "two imports, one unused": "from typing import Any, List\nx: Any = 1",
}

USED = {
    "nothing uses it": "import json",
    "called": "import json\ndef f(x): json.loads(x)",
    "both": "import typing\ndef f(x: typing.Any): return typing.cast(int, x)",
    "a base class": "from html.parser import HTMLParser\nclass P(HTMLParser): pass",
    "a decorator": "import contextlib\n@contextlib.contextmanager\ndef f(): yield",
    "a default": "import string\ndef f(x: str = string.digits): pass",
    "a field, which a decorator may read": "import ipaddress\n@model\nclass A:\n    x: ipaddress.IPv4Address",
    "a field, which a base may read": "import ipaddress\nclass A(Struct):\n    x: ipaddress.IPv4Address",
    "a field under a condition": "import ipaddress\nclass A(Struct):\n    if x:\n        y: ipaddress.IPv4Address",
    "a decorated function": "import ipaddress\n@app.command()\ndef f(x: ipaddress.IPv4Address): pass",
    "a value": "import configparser\nmake = configparser.ConfigParser\ndef f(x): make()",
    "an alias that is called": "import decimal\nD = decimal.Decimal\ndef f(x: D): return D(x)",
    "an alias of an alias that is called": "import decimal\nD = decimal.Decimal\nE = D\ndef f(x: D): return E(x)",
    "an alias that nothing uses": "import decimal\nNumber = decimal.Decimal",
    "a call at the top": "import re\nPATTERN: re.Pattern[str] = re.compile('a')",
    "an argument": "import json\ndef f(x: json.JSONDecodeError): g(json)",
    "one of a package's modules": "import xml.sax\nfrom xml.dom import Node\ndef f(x: Node): xml.sax.parse(x)",
    "everything imported": "from string import *\nimport string\nx: string.Template",
    "another scope's name": "from decimal import Decimal as D\ndef f(x: D): pass\ndef g(D): return D",
    "an assertion": "import numbers\ndef f(x: numbers.Number): assert isinstance(x, numbers.Number)",
    "only for type checkers": "import t\nif t.TYPE_CHECKING:\n    import json\ndef f(x: 'json.A'): t",
    "a lambda": "import operator\nx: operator = lambda: operator.add",
    "a match": "import enum\ndef f(x: enum.Enum):\n    match x:\n        case enum.Enum(): pass",
    "an error that is caught": "import json\ndef f(x: json):\n    try: pass\n    except json.JSONDecodeError: pass",
    "a syntax error": "from typing import Any\nx: Any = (",
    "no source": "\0",
}


@pytest.mark.parametrize("source", ONLY.values(), ids=ONLY)
def test_what_is_named_in_annotations_alone_is_told(source: str) -> None:
    package = source.split()[1].partition(".")[0].rstrip(",")
    assert package in annotating(source.encode())


@pytest.mark.parametrize("source", USED.values(), ids=USED)
def test_whatever_may_run_is_not(source: str) -> None:
    assert annotating(source.encode()) <= {"__future__", "typing" if "typing" not in source else ""}


def test_directives_to_the_compiler_are_no_module_to_fuzz_unless_it_is_used() -> None:
    assert "__future__" in annotating(b"from __future__ import annotations")
    assert "__future__" not in annotating(b"import __future__\ndef f(x): __future__.division.getOptionalRelease()")


def test_thousands_of_aliases_take_no_time_worth_telling() -> None:
    chain = "\n".join(f"A{number} = A{number + 1}" for number in range(3000))
    assert "typing" in annotating(f"import typing\n{chain}\nA3000 = typing.Any\nx: A0 = 1".encode())
