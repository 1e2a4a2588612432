"""Whether the inputs of a target are what they should be. Pure functions."""

import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from fuzztui.doctor.check import Finding, combined, note, ok, problem
from fuzztui.engine.keep.storage import NotRegularError
from fuzztui.engine.show.text import Visible, joined, label, os_error, say, size
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode
from fuzztui.words.sentences import plural

NAMED: Final = 3
"""Files that are named one by one; of more the others are counted."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")

Contents = Sequence[tuple[Path, bytes | OSError]]


def stored(files: Contents, parameters: tuple[str, ...], max_len: int) -> Finding:
    """Inputs beside the target: those that are none refuse a run."""
    return _files(files, parameters, max_len, problem, label("No run begins before that is corrected or deleted."))


def generated(files: Contents, parameters: tuple[str, ...], max_len: int) -> Finding:
    """Inputs in the cache: those that are none are skipped."""
    return _files(
        files,
        parameters,
        max_len,
        note,
        label("Runs skip that: delete it, or look whether the target's parameters changed."),
    )


def seeds(declared: Sequence[bytes], max_len: int) -> Finding:
    """What the target's code declares."""
    if not declared:
        return ok("none")
    return combined(_sum_up(declared, "seed"), _longest(declared, max_len))


def _files(
    files: Contents,
    parameters: tuple[str, ...],
    max_len: int,
    refused: Callable[[Visible, Visible], Finding],
    advice: Visible,
) -> Finding:
    good = [(path, content) for path, content in files if isinstance(content, bytes)]
    irregular = [os_error(content, path.name) for path, content in files if isinstance(content, NotRegularError)]
    malformed = [
        os_error(content, path.name)
        for path, content in files
        if isinstance(content, OSError) and not isinstance(content, NotRegularError)
    ]
    malformed += [say("{}: {}", path.name, why) for path, content in good if (why := _malformed(content, parameters))]
    misnamed = [say("{}", path.name) for path, content in good if _is_misnamed(path.name, content)]
    contents = [content for _, content in good]
    further = []
    if malformed:
        further.append(refused(say("{} no input: {}", len(malformed), _named(malformed)), advice))
    if misnamed:
        further.append(
            note(
                say("{} of other content than the name says: {}", len(misnamed), _named(misnamed)),
                label(
                    "Line endings changed by git? Put `* -text` into a .gitattributes beside them, and restore them."
                ),
            )
        )
    if irregular:
        value = say("{} passed by: {}", len(irregular), _named(irregular))
        further.append(note(value, label("Runs read regular files, and those of this folder alone.")))
    return combined(_sum_up(contents, "file") if files else label("none"), [*further, *_longest(contents, max_len)])


def _longest(inputs: Iterable[bytes], max_len: int) -> list[Finding]:
    if max(map(len, inputs), default=0) <= max_len:
        return []
    value = say("longer than --max-len, {}", size(max_len))
    return [
        note(value, label("Generated inputs grow as long, and executions slower: shorten it if that is not meant."))
    ]


def _sum_up(inputs: Sequence[bytes], noun: str) -> Visible:
    longest = max(map(len, inputs), default=0)
    return say("{}, {}, longest {}", plural(len(inputs), noun), size(sum(map(len, inputs))), size(longest))


def _named(names: Sequence[Visible]) -> Visible:
    more = len(names) - NAMED
    shown = joined("; ", names[:NAMED])
    return say("{}; and {} more", shown, more) if more > 0 else shown


def _malformed(data: bytes, parameters: tuple[str, ...]) -> str:
    try:
        decode(data, parameters)
    except MalformedInput as error:
        return str(error)
    return ""


def _is_misnamed(name: str, data: bytes) -> bool:
    """Whether a file has the name of a digest, and not of its own."""
    return _DIGEST.fullmatch(name) is not None and sha256(data).hexdigest() != name
