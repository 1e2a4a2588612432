"""Reads the durations, counts and sizes that people type. ValueError carries a sentence with an example."""

import re
from typing import Final

from fuzztui.engine.request.options import Limit

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kKmMgG]?)(i?[bB])?")
_BYTES: Final = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
LEAST_MEMORY: Final = 32 << 20
"""Bytes below which ordinary allocations of the interpreter fail, so that every input would look like a crasher."""

_FEW: Final = 64
"""Gigabytes that somebody may have meant by a number without a unit."""

_EXAMPLE: Final = "want a time like 30s or 1h30m, or a number of executions like 10000x"


_SPELLED: Final = {
    r"h(ou)?rs?": "h",
    r"min(ute)?s?": "m",
    r"sec(ond)?s?": "s",
    r"days?": "d",
    r"(runs?|exec(ution)?s?|times?)": "x",
}
"""Units as people spell them, and as they are written here."""


def _meant(spec: str, *, executions: bool = True) -> str:
    """What to write instead of a number with another unit, as the beginning of advice; empty if that is not clear."""
    text = re.sub(r"[\s,_=]", "", spec.lower())
    for spelled, unit in _SPELLED.items():
        text = re.sub(rf"(?<=\d){spelled}(?![a-z])", unit, text)
    text = re.sub(r"^(\d+)kx?$", r"\g<1>000x", text)
    counted = re.fullmatch(r"[1-9]\d*x", text) is not None
    timed = bool(_PART.findall(text)) and "".join(number + unit for number, unit in _PART.findall(text)) == text
    return f"write {text}; " if text != spec and (timed or (counted and executions)) else ""


def parse_limit(spec: str) -> Limit:
    """`30s`, `1h30m`, `10000x`."""
    if match := re.fullmatch(r"(\d+)x", spec):
        executions = int(match[1])
        if not executions:
            raise ValueError(f"{spec!r} is no executions at all; {_EXAMPLE}")
        return Limit(executions=executions)
    if spec.isdecimal() and int(spec):
        raise ValueError(f"{spec!r} has no unit: write {spec}s or {spec}x; {_EXAMPLE}")
    try:
        return Limit(seconds=parse_seconds(spec))
    except ValueError:
        raise ValueError(f"{spec!r} is not a limit; {_meant(spec)}{_EXAMPLE}") from None


def parse_seconds_or_none(spec: str) -> float:
    """As `parse_seconds`, and `0` or `0s` for no time at all."""
    return 0.0 if spec in ("0", "0s") else parse_seconds(spec)


def parse_seconds(spec: str) -> float:
    """`500ms`, `30s`, `1h30m`; more than nothing."""
    parts = _PART.findall(spec)
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if spec.isdecimal() and int(spec):
        raise ValueError(f"{spec!r} has no unit: write {spec}s; want one like 500ms, 30s or 1h30m")
    if not parts or "".join(number + unit for number, unit in parts) != spec or not seconds:
        raise ValueError(f"{spec!r} is not a time; {_meant(spec, executions=False)}want one like 500ms, 30s or 1h30m")
    return seconds


def parse_memory(spec: str) -> int | None:
    """A size that a worker's target can live with."""
    size = parse_size(spec)
    if size is not None and size < LEAST_MEMORY:
        unit = f": write {spec}G; " if spec.isdecimal() and size <= _FEW else "; "
        raise ValueError(
            f"{spec!r} is too little for any Python code to run in{unit}want at least {LEAST_MEMORY >> 20}M"
        )
    return size


def parse_size(spec: str) -> int | None:
    """`512M`, `2G`, `65536`; None for `none`."""
    if spec == "none":
        return None
    match = _SIZE.fullmatch(spec)
    size = int(float(match[1]) * _BYTES[match[2].lower()]) if match else 0
    if not size:
        raise ValueError(f"{spec!r} is not a size; want one like 512M, 2G or none")
    return size
