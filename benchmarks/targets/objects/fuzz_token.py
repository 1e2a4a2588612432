"""One of some identifiers."""

from uuid import UUID

REVOKED = {UUID("2f1acc6c-3ba4-4f0e-9c37-e1f2a1a8c1d0"), UUID("96c4c7a5-0a52-4d1a-8b39-8f1ee8b5c0aa")}


class PlantedError(Exception):
    """It is the one."""


def fuzz_token(tokens: list[UUID]) -> None:
    for token in tokens:
        if token in REVOKED:
            raise PlantedError
