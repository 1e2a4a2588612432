"""Members of a large enumeration, one after the other."""

from enum import Enum

Country = Enum("Country", {f"C{number:03}": number for number in range(1_000)}, module=__name__)  # type: ignore[misc]


class PlantedError(Exception):
    """It is the one."""


def fuzz_country(way: list[Country]) -> None:
    if [country for country in way if country == Country["C617"]] and way[-1] == Country["C044"]:
        raise PlantedError
