"""Inputs that a person gives to a run that goes on: from a file or as they were pasted."""

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.keep.storage import Folder, read_file, write_once
from fuzztui.engine.show.text import Visible, os_error, say
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, encode, version_of


class Given(NamedTuple):
    """An input that lies beside the target now."""

    data: bytes
    """In its file form."""
    path: Path


def store_given(
    folder: Folder | Path, given: bytes | Path, parameters: tuple[str, ...], capacity: int
) -> Given | Visible:
    """Put an input among those of the target, under its digest; a sentence where that cannot be.

    Args:
        folder: the target's stored inputs.
        given: a file, or the input itself, see `file_form`.
        parameters: names of the target's types.
        capacity: bytes of the largest input that workers have room for.
    """
    name = shown_path(given) if isinstance(given, Path) else "what was pasted"
    try:
        content = read_file(given, capacity) if isinstance(given, Path) else given
        data = file_form(content, parameters)
        if len(data) > capacity:
            return say("{} has {:,} bytes, at most {:,} fit", name, len(data), capacity)
        digest = sha256(data).hexdigest()
        write_once(folder, digest, data)
    except MalformedInput as error:
        return say("{} is no input of this target: {}", name, error)
    except OSError as error:
        return os_error(error)
    return Given(data, Path(folder) / digest)


def file_form(content: bytes, parameters: tuple[str, ...]) -> bytes:
    """What a person gives as the bytes that a run keeps: bytes and text as they are, other values in the form of files
    or as literals, one a line. MalformedInput if it is none of these.
    """
    if parameters == ("bytes",):
        return content
    version = f"{version_of(parameters)}\n".encode()
    if content.startswith(version):
        decode(content, parameters)
        return content
    if parameters == ("str",):
        try:
            return encode((content.decode("utf-8"),))
        except UnicodeDecodeError as error:
            raise MalformedInput(f"byte {error.start} is not UTF-8, and the target takes text") from None
    data = version + content.strip() + b"\n"
    return encode(decode(data, parameters))
