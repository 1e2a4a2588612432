"""Modules of the standard library behave alike with and without probes, on many inputs.

This file is also the script that its tests run: `python test_instrument_stdlib.py MODE` prints a digest of what each
module made of its inputs. It runs in a process of its own because the modules are loaded already in that of the tests.
"""

import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

ROUNDS = 80
"""Mutated inputs per module."""

MODULES = [
    *("json", "html", "_markupbase", "tomllib", "configparser", "email", "csv", "ast", "argparse", "textwrap"),
    *("dataclasses", "enum", "shlex", "fractions", "difflib", "statistics", "string", "gettext", "plistlib", "urllib"),
]


def mutated(generator: random.Random, seeds: Iterable[str]) -> Iterator[str]:
    seeds = list(seeds)
    yield from seeds
    for _ in range(ROUNDS):
        text = list(generator.choice(seeds))
        for _ in range(generator.randrange(1, 5)):
            at = generator.randrange(len(text) + 1)
            match generator.randrange(3):
                case 0:
                    text[at:at] = generator.choice(
                        ["<", "&", '"', "\n", "=", "[", "]", "\\u", "0", "-", " ", "é", "%("]
                    )
                case 1:
                    del text[at : at + generator.randrange(1, 4)]
                case _:
                    text[at:at] = generator.choice(seeds)[: generator.randrange(20)]
        yield "".join(text)


def workloads() -> dict[str, tuple[Callable[[str], object], list[str]]]:
    """For each module a function of a text, and texts to begin with. Imports happen here, under the hook."""
    import argparse
    import ast
    import configparser
    import csv
    import dataclasses
    import difflib
    import email.message
    import email.policy
    import enum
    import fractions
    import html.parser
    import json.decoder
    import json.encoder
    import json.scanner
    import plistlib
    import shlex
    import statistics
    import string
    import textwrap
    import tomllib
    import urllib.parse

    def decode_json(text: str) -> object:
        decoder = json.decoder.JSONDecoder()
        decoder.parse_string = json.decoder.py_scanstring  # type: ignore[attr-defined]
        decoder.scan_once = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
        value = decoder.decode(text)
        return value, "".join(json.encoder.JSONEncoder(indent=1).iterencode(value))

    def parse_html(text: str) -> object:
        events: list[object] = []

        class Parser(html.parser.HTMLParser):
            def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
                events.append((tag, attrs, self.getpos()))

            def handle_data(self, data: str) -> None:
                events.append(data)

            def handle_comment(self, data: str) -> None:
                events.append(("comment", data))

        parser = Parser()
        parser.feed(text)
        parser.close()
        return events

    def parse_ini(text: str) -> object:
        parser = configparser.ConfigParser(allow_no_value=True, strict=len(text) % 2 == 0)
        parser.read_string(text)
        return {name: dict(parser.items(name)) for name in parser.sections()}

    def parse_mail(text: str) -> object:
        message: Any = email.message_from_string(text, policy=email.policy.default)
        body = message.get_body() if isinstance(message, email.message.EmailMessage) else None
        content = None if body is None else body.get_content()
        return list(message.items()), content, message.as_string(), str(message["from"])

    def parse_arguments(text: str) -> object:
        parser = argparse.ArgumentParser(prog="p", exit_on_error=False, add_help=False)
        parser.add_argument("-n", type=int, default=3)
        parser.add_argument("--flag", action="store_true")
        parser.add_argument("--choice", choices=["a", "b"])
        parser.add_argument("rest", nargs="*")
        return parser.parse_known_args(text.split()), parser.format_help()

    def make_class(text: str) -> object:
        names = [word for word in text.split() if word.isidentifier()]
        made = dataclasses.make_dataclass("Made", [(name, int, index) for index, name in enumerate(names)], order=True)
        return made(), made() == made(), dataclasses.asdict(made()), made() < made(*range(1, len(names) + 1))

    def make_enum(text: str) -> object:
        made = enum.Flag("Made", text.split())  # type: ignore[misc]
        members = list(made)
        return members, [made(index) for index in range(len(members) + 1)], made(0) | members[0] if members else None

    def summarize(text: str) -> object:
        values = [fractions.Fraction(word) for word in text.split()]
        return statistics.mean(values), statistics.median(values), statistics.pstdev(values)

    words = ["one two three", "alpha beta gamma alpha", "_x y1 z", "a class def", ""]
    return {
        "json": (
            decode_json,
            ['{"a": [1, -2.5e3, true, null], "b": "x\\u00e9\\n", "c": {}}', "[]", '"\\ud83d\\ude00"'],
        ),
        "html": (
            parse_html,
            ["<!doctype html><p class=a>x &amp; y<br/><!-- c --><script>1<2</script>", "<a href='", "&#65;"],
        ),
        "toml": (
            tomllib.loads,
            [
                't = "x"\n[a.b]\nn = 0x1F\nl = [1, "z"]\nd = 1979-05-27T07:32:00Z\n[[q]]\ni = {a = 1}\n',
                's = """\na\\\n  b"""\n',
            ],
        ),
        "ini": (parse_ini, ["[one]\na = 1\nb: two\n more\n; comment\n[two]\nc = %(d)s\nd = 4\nkey\n", "[x]\n[x]\n"]),
        "email": (
            parse_mail,
            [
                'From: "X Y" <x@y.z>, a@b.c\nSubject: =?utf-8?q?h=C3=A9?=\nContent-Type: multipart/mixed; '
                'boundary="b"\n\n'
                "--b\nContent-Type: text/plain; charset=utf-8\n\nhello\n--b--\n",
                "Content-Type: text/plain;\n charset*=utf-8''x\nReceived: a\n\nbody",
            ],
        ),
        "csv": (
            lambda text: (csv.Sniffer().sniff(text).delimiter, list(csv.DictReader(text.splitlines()))),
            ["a,b\n1,'2'\n3,4\n", "x;y\n1;2\n3;4"],
        ),
        "ast": (
            lambda text: ast.unparse(ast.parse(text)),
            [
                "def f(a, *b, c=1, **d):\n  for x in a: yield (x if b else c)\n  else: return lambda: 0",
                "x = [i**2 for i in (1, 2) if i]",
            ],
        ),
        "argparse": (parse_arguments, ["-n 5 --flag x y", "--choice a -n", "-x --choice=c --fl z", "-n7 -- --flag"]),
        "textwrap": (
            lambda text: (textwrap.wrap(text, 9), textwrap.dedent(text), textwrap.shorten(text, 12)),
            [" one-two three\n  four", "x" * 30],
        ),
        "dataclasses": (make_class, words),
        "enum": (make_enum, words),
        "shlex": (
            lambda text: (shlex.split(text), list(shlex.shlex(text, punctuation_chars=True))),
            ['a \'b c\' "d\\"e" # f', "x|y && z>"],
        ),
        "difflib": (
            lambda text: list(difflib.unified_diff(text.split(), text[::-1].split())),
            ["a b c b a d", "one two one"],
        ),
        "statistics": (summarize, ["1 2/3 4.5", "7 7 -1e2 0"]),
        "string": (
            lambda text: string.Formatter().vformat(text, (1, "x"), {"k": [5]}),
            ["{0:>5} {k[0]!r:{1}}", "{{}} {}{}", "{k"],
        ),
        "plistlib": (
            lambda text: plistlib.loads(f"<plist><dict><key>k</key>{text}</dict></plist>".encode()),
            ["<array><integer>5</integer><true/></array>", "<string>x</string>", "<date>2020-01-01T00:00:00Z</date>"],
        ),
        "urllib": (
            lambda text: (
                urllib.parse.urlsplit(text),
                urllib.parse.parse_qs(text),
                urllib.parse.urljoin("http://h/a/b", text),
            ),
            ["http://u:p@[::1]:80/a;b?c=d&e=%41#f", "//x/../y?z", "a=b&c"],
        ),
    }


def digests() -> Iterator[str]:
    generator = random.Random(5)
    for name, (function, seeds) in workloads().items():
        results, failed = [], 0
        for text in mutated(generator, seeds):
            try:
                results.append(repr(function(text)))
            except (Exception, SystemExit) as error:
                failed += 1
                results.append(f"{type(error).__qualname__}: {error}")
        yield f"{name}: {len(results)} inputs, {failed} failed, {crc32(repr(results).encode('utf-8', 'replace')):08x}"


def main(mode: str) -> None:
    if mode == "plain":
        print(*digests(), sep="\n")
        return
    from fuzztui.worker.instrumentation.importer import install, selection
    from fuzztui.worker.instrumentation.probes import ProbeMap

    probes = ProbeMap()
    finder = install(probes, selection(b"", include=MODULES))
    refused = finder.reload_named()
    if mode == "retired":
        from fuzztui.worker.instrumentation.retire import Retirement

        for _ in digests():
            pass
        # All probes, so that code which has never run yet is lean too, and comparisons, of which nothing may be heard.
        Retirement(probes).retire(bytearray(b"\1" * len(probes.cells)))
        probes.cells[:] = bytes(len(probes.cells))
        probes.trace_comparisons(True)
        print(*digests(), sep="\n")
        print(finder.failures, refused, sum(probes.cells), len(probes.trace.comparisons))
        return
    probes.trace_comparisons(mode == "traced")
    print(*digests(), sep="\n")
    names = {module.name.partition(".")[0] for module in probes.modules}
    # The last line: what was not instrumented after all, and whether there was anything to see.
    print(
        sorted(set(MODULES) - names), finder.failures, refused, sum(probes.cells) > 1000, bool(probes.trace.comparisons)
    )


def run(mode: str) -> list[str]:
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, mode],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # where argparse prints its usage
        text=True,
        timeout=120,
        check=True,
        env={"PYTHONPATH": str(root), "PYTHONHASHSEED": "0"},
    )
    return ended.stdout.splitlines()


def test_standard_modules_behave_alike_with_probes_and_with_comparisons_traced() -> None:
    plain = run("plain")
    assert len(plain) == 17
    assert run("probed") == [*plain, "[] {} {} True False"]
    assert run("traced") == [*plain, "[] {} {} True True"]


def test_standard_modules_behave_alike_when_probes_are_retired_and_tell_nothing() -> None:
    *lines, last = run("retired")
    assert lines == run("plain")
    assert last == "{} {} 0 0"


if __name__ == "__main__":
    main(sys.argv[1])
