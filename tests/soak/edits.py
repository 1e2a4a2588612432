"""Ways to edit a project while it is fuzzed, and what is to come of each. Each is made to the project as it was, and
undone.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

NAMES: Final = "abcdefghij"

CHECK: Final = '''"""Module {name}."""

VERSION = 0


def check(data):
    if data[1:2] == b"!":
        {action}
    return len(data)
'''

ACTIONS: Final = {"a": 'raise ValueError("a")', "b": 'raise KeyError("b")'}

ENTRY: Final = """
from shop import {others}
from vendored import lib

VERSION = 0


def parse(data):
    module = MODULES.get(data[:1])
    return module.check(data) if module is not None else lib.rest(data)


def check(data):
    return None


MODULES = {{name.encode(): globals().get(name) for name in "{letters}"}}
"""

HARNESS: Final = '''
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "site-packages"))

import fuzztui
from shop import j

LOG = os.path.join(os.path.dirname(__file__), "log", str(os.getpid()))
SEEDS = [bytes([letter]) + b"!" for letter in b"abcdefghij"]
calls = 0


def versions():
    """What this process has loaded."""
    mine = [f"{name}={module.VERSION}" for name, module in sorted(sys.modules.items()) if hasattr(module, "VERSION")]
    return " ".join(mine)


@fuzztui.fuzz(seeds=SEEDS)
def fuzz_it(data: bytes) -> None:
    global calls
    if calls % 50 == 0:
        with open(LOG, "a") as log:
            log.write(f"{time.monotonic()} {versions()}\\n")
    calls += 1
    j.parse(data)
'''


def make(folder: Path) -> None:
    """A project of a harness, a package of ten modules, and a library that lies in a folder like `site-packages`."""
    (folder / "pyproject.toml").touch()
    (folder / "log").mkdir()
    (folder / "fuzz_it.py").write_text(HARNESS)
    shop, lib = folder / "shop", folder / "site-packages" / "vendored"
    shop.mkdir()
    lib.mkdir(parents=True)
    (shop / "__init__.py").write_text("from shop import stamp\n")
    stamp(folder, 0)
    (lib / "__init__.py").touch()
    (lib / "lib.py").write_text("VERSION = 0\n\n\ndef rest(data):\n    return bool(data)\n")
    (shop / "unused.py").write_text("x = 1\n")
    for name in NAMES[:-1]:
        (shop / f"{name}.py").write_text(CHECK.format(name=name, action=ACTIONS.get(name, "return 0")))
    entry = ENTRY.format(others=", ".join(NAMES[:-1]), letters=NAMES[:-1])
    (shop / "j.py").write_text(entry)


def stamp(folder: Path, number: int) -> None:
    """Have a version of the project be told from others by who executes it."""
    (folder / "shop" / "stamp.py").write_text(f"VERSION = {number}\n")


Fates = dict[bytes, Literal["fixed", "fails", "differs"]]

AS_IT_WAS: Final[Fates] = {b"a!": "fails", b"b!": "fails"}


@dataclass(frozen=True)
class Edit:
    """One edit, and what is to be said of it."""

    name: str
    do: Callable[[Path], object]
    fates: Fates | None = None
    """What has become of the crashers that the project has at first, where the code is loaded anew."""
    new: int = 0
    """Crashers that are new then."""
    refused: str = ""
    """What is said of code that cannot be loaded: a pattern. Without fates and this nothing is said."""


# How files are changed ----------------------------------------------------------------------------------------------


def sub(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Replace a text, in place."""

    def do(folder: Path) -> None:
        path = folder / name
        content = path.read_text()
        assert old in content, (name, old)
        path.write_text(content.replace(old, new))

    return do


def saved(name: str, old: str, new: str) -> Callable[[Path], None]:
    """The same as careful editors do it: another file takes the place of the old one."""

    def do(folder: Path) -> None:
        path = folder / name
        content = path.read_text()
        assert old in content, (name, old)
        path.rename(path.with_name(f"{path.name}~"))
        beside = path.with_name(f".{path.name}.swp")
        beside.write_text(content.replace(old, new))
        beside.rename(path)
        path.with_name(f"{path.name}~").unlink()

    return do


def put(name: str, content: str | bytes) -> Callable[[Path], None]:
    """Write a file."""

    def do(folder: Path) -> None:
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    return do


def top(name: str, line: str) -> Callable[[Path], None]:
    """Write a line above a file's content."""

    def do(folder: Path) -> None:
        (folder / name).write_text(f"{line}\n{(folder / name).read_text()}")

    return do


def gone(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def all_of(*edits: Callable[[Path], object]) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        for edit in edits:
            edit(folder)

    return do


def git(folder: Path, *arguments: str) -> None:
    """Run git in the project."""
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def branched(folder: Path) -> None:
    """A repository whose branch `other` has the first bug fixed, a module less, a new one, and each file changed."""
    (folder / ".gitignore").write_text("stamp.py\nlog\n.fuzztui\ntestdata\n__pycache__\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    git(folder, "checkout", "-q", "-b", "other")
    for name in NAMES:
        sub(f"shop/{name}.py", "VERSION = 0", "VERSION = 1")(folder)
    sub("shop/a.py", ACTIONS["a"], "return 1")(folder)
    sub("shop/j.py", "b, c, d,", "b, c, new,")(folder)
    gone("shop/d.py")(folder)
    put("shop/new.py", "VERSION = 1\n\n\ndef check(data):\n    return 1\n")(folder)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "two")
    git(folder, "checkout", "-q", "main")


FIX_A: Final = ('raise ValueError("a")', "return 1")
FIX_B: Final = ('raise KeyError("b")', "return 1")


def as_package(folder: Path) -> None:
    content = (folder / "shop" / "c.py").read_text().replace("VERSION = 0", "VERSION = 1")
    (folder / "shop" / "c.py").unlink()
    (folder / "shop" / "c").mkdir()
    (folder / "shop" / "c" / "__init__.py").write_text(content)


def as_link(folder: Path) -> None:
    content = (folder / "shop" / "a.py").read_text().replace(*FIX_A)
    (folder / "elsewhere.py").write_text(content)
    (folder / "shop" / "a.py").unlink()
    (folder / "shop" / "a.py").symlink_to(folder / "elsewhere.py")


def again_and_again(folder: Path) -> None:
    for number in range(60):
        sub("shop/c.py", f"VERSION = {number}", f"VERSION = {number + 1}")(folder)
    sub("shop/a.py", *FIX_A)(folder)


def same_again(folder: Path) -> None:
    content = (folder / "shop" / "a.py").read_bytes()
    (folder / "shop" / "a.py").unlink()
    (folder / "shop" / "a.py").write_bytes(content)


FIRST: Final = [
    Edit("a bug is fixed", sub("shop/a.py", *FIX_A), {b"a!": "fixed", b"b!": "fails"}),
    Edit("a bug is made", sub("shop/c.py", "return 0", "raise OSError"), AS_IT_WAS, new=1),
    Edit(
        "a function is renamed, and its calls",
        all_of(
            sub("shop/a.py", "def check", "def verify"),
            sub("shop/j.py", "module.check(data)", "(module.verify if data[:1] == b'a' else module.check)(data)"),
        ),
        {b"a!": "differs", b"b!": "fails"},
    ),
    Edit("a signature changes, its calls do not", sub("shop/c.py", "(data)", "(data, strict)"), AS_IT_WAS, new=1),
    Edit(
        "a signature changes, and its calls",
        all_of(sub("shop/a.py", "(data):", "(data, strict=False):"), sub("shop/j.py", "VERSION = 0", "VERSION = 1")),
        AS_IT_WAS,
    ),
    Edit(
        "a syntax error",
        sub("shop/d.py", "return len(data)", "return len(data"),
        refused=r"^\S*shop/d\.py:9: SyntaxError: ",
    ),
    Edit(
        "a new file",
        all_of(put("shop/k.py", "VERSION = 1\n"), top("shop/c.py", "from shop import k")),
        AS_IT_WAS,
    ),
    Edit("a file is deleted that others import", gone("shop/d.py"), refused=r"shop/j\.py:2: ImportError: .*'d'"),
    Edit(
        "a file is deleted, and its import",
        all_of(gone("shop/d.py"), sub("shop/j.py", "b, c, d,", "b, c,")),
        AS_IT_WAS,
    ),
    Edit(
        "another branch is checked out",
        lambda folder: git(folder, "checkout", "-q", "other"),
        {b"a!": "fixed", b"b!": "fails"},
    ),
    Edit(
        "two files at once",
        all_of(sub("shop/a.py", *FIX_A), sub("shop/b.py", *FIX_B)),
        {b"a!": "fixed", b"b!": "fixed"},
    ),
    Edit(
        "a seed is added to the harness",
        sub("fuzz_it.py", 'b"abcdefghij"]', 'b"abcdefghij"] + [b"another"]'),
        AS_IT_WAS,
    ),
    Edit("a bracket is left open", sub("fuzz_it.py", 'j"]', 'j"'), refused=r"fuzz_it\.py:12: SyntaxError: '\[' was "),
    Edit(
        "the target is gone",
        sub("fuzz_it.py", "def fuzz_it", "def fuzz_other"),
        refused=r"fuzz_it\.py has no target fuzz_it",
    ),
    Edit("a file that nobody loads", sub("shop/unused.py", "1", "2")),
    Edit("touched", lambda folder: os.utime(folder / "shop" / "a.py")),
    Edit("another mode", lambda folder: (folder / "shop" / "a.py").chmod(0o600)),
    Edit("a library", sub("site-packages/vendored/lib.py", "VERSION = 0", "VERSION = 1"), AS_IT_WAS),
    Edit("saved with care", saved("shop/a.py", *FIX_A), {b"a!": "fixed", b"b!": "fails"}),
]
"""Those that the mechanism was made with."""

ASIDE: Final = [
    Edit("removed and written again as it was", same_again),
    Edit(
        "it raises when it is imported",
        top("shop/f.py", 'raise RuntimeError("not today")'),
        refused=r"^\S*shop/f\.py:1: RuntimeError: not today$",
    ),
    Edit(
        "it leaves when it is imported",
        top("shop/f.py", 'import sys; sys.exit("bye")'),
        refused=r"^\S*shop/f\.py:1: SystemExit: bye$",
    ),
    Edit(
        "it ends the process when it is imported",
        top("shop/f.py", "import os; os._exit(3)"),
        refused=r"exit (status )?3",
    ),
    Edit("it crashes when it is imported", top("shop/f.py", "import os; os.kill(os.getpid(), 11)"), refused=r"SIGSEGV"),
    Edit(
        "it hangs when it is imported",
        top("shop/f.py", "while True: pass"),
        refused=r"shop/f\.py:1: the target was not loaded within 12 s",
    ),
    Edit("a module becomes a package", as_package, AS_IT_WAS),
    Edit("a module becomes a link", as_link, {b"a!": "fixed", b"b!": "fails"}),
    Edit(
        "the target takes something else",
        sub("fuzz_it.py", "data: bytes", "data: bytes, more: int"),
        refused=r"want|takes",
    ),
    Edit(
        "modules import each other",
        top("shop/c.py", "from shop.j import parse"),
        refused=r"shop/c\.py:1: ImportError: cannot import name 'parse'",
    ),
    Edit("bytes that are no source", put("shop/c.py", b"\x00\xff\xfe"), refused=r"shop/(c|j)\.py(:\d+)?: |source code"),
    Edit(
        "indented wrongly",
        sub("shop/e.py", "    return len(data)", "   return len(data)"),
        refused=r"shop/e\.py:9: IndentationError",
    ),
    Edit("an empty file", put("shop/c.py", ""), AS_IT_WAS, new=1),
    Edit("the harness is gone", gone("fuzz_it.py"), refused=r"fuzz_it\.py(: No such file| is not a file)"),
    Edit(
        "the package is gone",
        lambda folder: shutil.move(folder / "shop", folder / "moved"),
        refused=r"No module named 'shop'",
    ),
    Edit("saved sixty times in a row", again_and_again, {b"a!": "fixed", b"b!": "fails"}),
    Edit("a comment", sub("shop/c.py", "VERSION = 0", "VERSION = 0  # none"), AS_IT_WAS),
    Edit("a bug that ends the process", sub("shop/c.py", "return 0", "__import__('os')._exit(5)"), AS_IT_WAS, new=1),
    Edit("a bug that hangs", sub("shop/c.py", "return 0", "__import__('time').sleep(99)"), AS_IT_WAS, new=1),
    Edit(
        "the harness declines",
        top("fuzz_it.py", 'import unittest; raise unittest.SkipTest("not here")'),
        refused=r"not here",
    ),
]
"""Those that were put aside until it was done."""


def slowly(folder: Path) -> None:
    """Saved in two steps, with time between them: what is there meanwhile is no Python."""
    path = folder / "shop" / "a.py"
    content = path.read_text().replace(*FIX_A)
    path.write_text(content[: content.index("data[1:2]") + 4])
    time.sleep(1.0)
    path.write_text(content)


def of_another_time(folder: Path) -> None:
    """By a clock that goes wrong: the file is as long as before, and older."""
    path = folder / "shop" / "a.py"
    content = path.read_text()
    changed = content.replace(*FIX_A)
    path.write_text(changed + "#" * (len(content) - len(changed)))
    os.utime(path, (1_000_000_000, 1_000_000_000))


def at_the_same_time(folder: Path) -> None:
    """As long as before, and with the same times: only the content tells."""
    path = folder / "shop" / "a.py"
    before = path.stat()
    of_another_time(folder)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def by_emacs(folder: Path) -> None:
    """A lock that is a link to nowhere, a file that is saved by itself, and a copy of the one before."""
    shop = folder / "shop"
    (shop / ".#a.py").symlink_to("me@here.1:2")
    (shop / "#a.py#").write_text("half of ")
    (shop / "a.py").rename(shop / "a.py~")
    (shop / "a.py").write_text((shop / "a.py~").read_text().replace(*FIX_A))
    (shop / "#a.py#").unlink()
    (shop / ".#a.py").unlink()


def elsewhere(folder: Path) -> None:
    """The package lies behind a link, and the file is changed where it is."""
    shutil.move(folder / "shop", folder / "moved")
    (folder / "shop").symlink_to(folder / "moved", target_is_directory=True)
    time.sleep(1.5)
    sub("moved/a.py", *FIX_A)(folder)


def stashed(folder: Path) -> None:
    """Away and back again."""
    sub("shop/c.py", "VERSION = 0", "VERSION = 1")(folder)
    git(folder, "stash")
    git(folder, "stash", "pop")


def as_folder(folder: Path) -> None:
    (folder / "shop" / "c.py").unlink()
    (folder / "shop" / "c.py").mkdir()


def as_pipe(folder: Path) -> None:
    (folder / "shop" / "c.py").unlink()
    os.mkfifo(folder / "shop" / "c.py")


def to_nowhere(folder: Path) -> None:
    (folder / "shop" / "c.py").unlink()
    (folder / "shop" / "c.py").symlink_to(folder / "nothing.py")


def lazily(folder: Path) -> None:
    """A module that is imported by the first input that needs it, and is changed when it has been."""
    put("shop/late.py", "VERSION = 1\n\n\ndef late(data):\n    return 1\n")(folder)
    sub("shop/c.py", "    return len(data)", "    from shop import late\n    return late.late(data)")(folder)
    stamp(folder, -1)
    time.sleep(2.0)
    sub("shop/late.py", "return 1", "raise OSError")(folder)


def with_returns(folder: Path) -> None:
    path = folder / "shop" / "a.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


LATER: Final = [
    Edit("saved in two steps", slowly, {b"a!": "fixed", b"b!": "fails"}),
    Edit("older than before", of_another_time, {b"a!": "fixed", b"b!": "fails"}),
    Edit("of the same times and length", at_the_same_time, {b"a!": "fixed", b"b!": "fails"}),
    Edit("saved by Emacs", by_emacs, {b"a!": "fixed", b"b!": "fails"}),
    Edit("a package behind a link", elsewhere, {b"a!": "fixed", b"b!": "fails"}),
    Edit("stashed and back", stashed, AS_IT_WAS),
    Edit("lines that end in two characters", with_returns, AS_IT_WAS),
    Edit("a mark before the first character", top("shop/a.py", "\ufeff# first"), AS_IT_WAS),
    Edit(
        "another encoding",
        put("shop/c.py", "# coding: latin-1\nVERSION = 1\nX = 'ä'\ncheck = len\n".encode("latin-1")),
        AS_IT_WAS,
    ),
    Edit(
        "another encoding that is not declared",
        put("shop/c.py", "VERSION = 1\nX = 'ä'\ncheck = len\n".encode("latin-1")),
        refused=r"shop/c\.py(:\d)?: .*(utf-8|encoding)",
    ),
    Edit("five megabytes", top("shop/c.py", f"DATA = '{'x' * (5 << 20)}'"), AS_IT_WAS),
    Edit("five megabytes of lines", top("shop/c.py", "# a line\n" * (5 << 20 >> 3)), AS_IT_WAS),
    Edit(
        "deeper than the parser goes",
        top("shop/c.py", f"X = {'(' * 5000}1{')' * 5000}"),
        refused=r"shop/c\.py:1: SyntaxError: too many nested parentheses|shop/c\.py(:1)?: (Memory|Recursion)Error",
    ),
    Edit("a file becomes a folder", as_folder, refused=r"shop/j\.py:2: ImportError: .*'c'"),
    Edit("a file becomes a pipe", as_pipe, refused=r"shop/j\.py:2: ImportError: .*'c'"),
    Edit("a link that leads nowhere", to_nowhere, refused=r"shop/j\.py:2: ImportError: .*'c'"),
    Edit(
        "a name in other letters",
        lambda folder: (folder / "shop" / "c.py").rename(folder / "shop" / "C.py"),
        refused=r"shop/j\.py:2: ImportError: .*'c'",
    ),
    Edit(
        "the package has another name",
        all_of(
            lambda folder: shutil.move(folder / "shop", folder / "moved"), sub("fuzz_it.py", "from shop", "from moved")
        ),
        refused=r"shop|moved",
    ),
    Edit("a module that is needed late", lazily, AS_IT_WAS, new=1),
    Edit("it prints a megabyte when it is imported", top("shop/f.py", "print('x' * (1 << 20))"), AS_IT_WAS),
    Edit(
        "it starts a thread that does not end",
        top("shop/f.py", "import threading, time; threading.Thread(target=time.sleep, args=(999,)).start()"),
        AS_IT_WAS,
    ),
    Edit("it takes two seconds to be imported", top("shop/f.py", "import time; time.sleep(2)"), AS_IT_WAS),
    Edit(
        "an exception with a text of many lines",
        top("shop/f.py", r'raise RuntimeError("one\n\x1b[31mtwo\n" * 500)'),
        refused=r"^\S*shop/f\.py:1: RuntimeError: one",
    ),
    Edit(
        "an exception that cannot be shown",
        top("shop/f.py", "class E(Exception):\n    def __str__(self): raise E\nraise E"),
        refused=r"^\S*shop/f\.py:3: \S*E",
    ),
    Edit(
        "every input fails",
        sub("shop/j.py", "    module = ", "    raise OSError\n    module = "),
        {b"a!": "differs", b"b!": "differs"},
        new=0,
    ),
]
"""Those of another year."""
