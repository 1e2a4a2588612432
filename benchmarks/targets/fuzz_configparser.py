"""The standard library's INI parser."""

import configparser

SEEDS = (
    b"[a]\nx = 1\ny: 2\n; comment\n[b]\nz = 3\n",
    b"[DEFAULT]\nroot = /srv\n[c]\nlog = %(root)s/log\n  continued\n",
    b"[d]\nkey\nempty =\n",
)


def fuzz_configparser(data: bytes) -> None:
    try:
        parser = configparser.ConfigParser(allow_no_value=True)
        parser.read_string(data.decode("utf-8", "replace"))
        for section in parser.sections():
            parser.items(section)
    except Exception:
        return
