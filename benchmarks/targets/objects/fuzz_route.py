"""An address and a mask."""

from ipaddress import IPv4Address, IPv4Network

HOME = IPv4Network("172.19.64.0/20")


class PlantedError(Exception):
    """It is the one."""


def fuzz_route(routes: dict[IPv4Network, IPv4Address]) -> None:
    if HOME in routes and routes[HOME] == IPv4Address("172.19.64.1"):
        raise PlantedError
