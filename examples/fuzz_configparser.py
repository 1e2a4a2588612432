"""The standard library's INI parser: whatever the file, every option can be read.

Invalid files and failing interpolation raise `configparser.Error`; nothing else may be raised.
Known to be found: AttributeError and TypeError around keys that have no value.
"""

import configparser

import fuzztui

SEEDS = [
    "[a]\nx = 1\ny: 2\n; comment\n[b]\nz = 3\n",
    "[DEFAULT]\nroot = /srv\n[c]\nlog = %(root)s/log\n  continued\n",
    "[d]\nkey\nempty =\n",
]


@fuzztui.fuzz(seeds=SEEDS, raises=configparser.Error)
def fuzz_configparser(text: str) -> None:
    parser = configparser.ConfigParser(allow_no_value=True)
    parser.read_string(text)
    for section in parser.sections():
        parser.items(section)
