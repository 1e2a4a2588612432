"""The standard library's TOML parser."""

import tomllib

SEEDS = (
    b'title = "x"\n[a.b]\nc = [1, 2.5, true]\n',
    b"d = 1979-05-27T07:32:00Z\ne = 07:32:00.5\n",
    b"[[t]]\nn = 0xff\n[[t]]\ns = '''raw\ntext'''\n",
    b'u = "\\u00e9\\t"\ni = { x = inf, y = -nan }\n',
)


def fuzz_toml(data: bytes) -> None:
    try:
        tomllib.loads(data.decode("utf-8", "replace"))
    except Exception:
        return
