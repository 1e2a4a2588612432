"""The standard library's `ipaddress`: addresses and networks."""

import ipaddress


def fuzz_ipaddress(data: bytes) -> None:
    text = data.decode("latin-1")
    for parse in (ipaddress.ip_address, ipaddress.ip_interface, ipaddress.ip_network):
        try:
            str(parse(text))
        except ValueError:
            continue
