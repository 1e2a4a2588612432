"""An address in a table, and a version."""

from ipaddress import IPv6Address

HOSTS = {IPv6Address("2001:db8:85a3::8a2e:370:7334"): "beta", IPv6Address("fe80::1ff:fe23:4567:890a"): "alpha"}


class PlantedError(Exception):
    """It is the one."""


def fuzz_host(host: IPv6Address, name: str | None) -> None:
    if host in HOSTS and name == HOSTS[host]:
        raise PlantedError
