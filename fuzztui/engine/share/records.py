"""What is known of a crasher, as it is told to other machines: nothing in it leads into folders of this one. Pure."""

import json
import re
from dataclasses import replace
from typing import Final

from fuzztui.engine.keep.record import NoRecordError, Record
from fuzztui.engine.keep.record_parser import parse
from fuzztui.engine.keep.recording import smallest
from fuzztui.engine.share.messages import MalformedMessageError
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.text import Visible, visible
from fuzztui.protocol.identity import is_identity

_FOLDERS: Final = re.compile(
    r"(?<![\w./-])/(?:[^\s\"':/]+/)*?(?:site-packages/|dist-packages/|python3\.\d+t?/(?!site-packages|dist-packages))"
)
"""The way to a library's file, which every machine keeps elsewhere."""

_ELSEWHERE: Final = re.compile(r"(?<=File \")/(?:[^\"\n/]+/)*(?=[^\"\n/]+\")")
"""The way to any other file of a traceback."""


def portable(text: Visible, project: str = "") -> Visible:
    """A traceback or place in one, with paths relative to the project, and without the folders that lead to files
    outside of it. `project`: its root, absolute.
    """
    inside = re.sub(rf"(?<![\w./-]){re.escape(project.rstrip('/'))}/", "", text) if project.strip("/") else text
    return visible(_ELSEWHERE.sub("…/", _FOLDERS.sub("", inside)), len(text) + 8, multiline=True)


def record_of(crasher: Crasher, target: str, now: str, project: str = "") -> Record:
    """What is told of a crasher; `target`: its target's id; `now`: ISO 8601, UTC; `project`: see `portable`."""
    failure = crasher.failure
    return Record(
        failure=Failure(
            id=failure.id,
            group=failure.group,
            kind=failure.kind,
            type=failure.type,
            message=failure.message,
            traceback=portable(failure.traceback, project),
            function=failure.function,
            location=portable(failure.location, project),
            output=failure.output,
            is_output_exact=failure.is_output_exact,
            variant=failure.variant,
        ),
        target=target,
        inputs=(crasher.sha256,),
        values=crasher.values,
        size=crasher.size,
        first_seen=now,
        last_seen=now,
        hits=crasher.hits,
        confirmation=crasher.confirmation,
        minimized=(least := smallest(crasher.minimized)) and replace(least, branches=(), scenes=()),
    )


def record_from(content: bytes) -> Record:
    """A record that another node has told. MalformedMessageError if it is none, or of failures that are told apart
    in another way.
    """
    try:
        bucket = parse_id(content)
        return parse(content, bucket)
    except NoRecordError as error:
        raise MalformedMessageError(f"a record that {error.reason}") from None


def parse_id(content: bytes) -> str:
    """The bucket that a record names."""
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        raise MalformedMessageError("a record that is no JSON") from None
    bucket = fields.get("id") if isinstance(fields, dict) else None
    if not (isinstance(bucket, str) and is_identity(bucket)):
        raise MalformedMessageError("a record of no bucket")
    return bucket
