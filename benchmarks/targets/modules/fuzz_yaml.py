"""PyYAML, without its parser in C."""

import yaml


def fuzz_yaml(data: bytes) -> None:
    try:
        list(yaml.parse(data, Loader=yaml.SafeLoader))
    except Exception:
        return
