"""Sections of settings, read by configparser, with references from one setting to another."""

import configparser


class PlantedError(Exception):
    """The home of the service is inside of its own log folder."""


def fuzz_ini(data: bytes) -> None:
    parser = configparser.ConfigParser(interpolation=configparser.ExtendedInterpolation())
    try:
        parser.read_string(data.decode())
        if not parser.has_section("paths"):
            return
        home = parser.get("paths", "home")
        logs = parser.get("paths", "logs")
    except (configparser.Error, UnicodeDecodeError):
        return
    if "${" in parser.get("paths", "home", raw=True) and logs and home.startswith(logs + "/"):
        raise PlantedError
