"""A path, and another one."""

from pathlib import PurePosixPath

SECRETS = PurePosixPath("/etc/ssl/private/server.key")


class PlantedError(Exception):
    """It is the one."""


def fuzz_path(source: PurePosixPath, target: PurePosixPath) -> None:
    if target == SECRETS and source == target.parent:
        raise PlantedError
