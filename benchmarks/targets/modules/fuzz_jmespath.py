"""jmespath: expressions."""

from jmespath import exceptions, parser


def fuzz_jmespath(data: bytes) -> None:
    try:
        parser.Parser().parse(data.decode("utf-8", "replace"))
    except exceptions.JMESPathError:
        return
    except Exception:
        return
