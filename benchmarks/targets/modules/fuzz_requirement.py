"""packaging: requirements with versions and markers."""

from packaging.requirements import InvalidRequirement, Requirement


def fuzz_requirement(data: bytes) -> None:
    try:
        str(Requirement(data.decode("utf-8", "replace")))
    except InvalidRequirement:
        return
