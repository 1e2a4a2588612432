"""Six bytes, each looked at only if those before it are right."""


class PlantedError(Exception):
    """All six are."""


def fuzz_nested(data: bytes) -> None:
    if (
        len(data) >= 6
        and data[0] == 0xF5
        and data[1] == ord("u")
        and data[2] == ord("Z")
        and data[3] == 0x07
        and data[4] == ord("!")
        and data[5] == 0x9C
    ):
        raise PlantedError
