"""How many seeds a target declares can mostly be told without running it."""

from pathlib import Path

import pytest

from fuzztui.target.discover import discover

DECORATED = [
    ("@fuzztui.fuzz", 0),
    ("@fuzztui.fuzz()", 0),
    ("@fuzztui.fuzz(raises=ValueError)", 0),
    ("@fuzztui.fuzz(seeds=[])", 0),
    ("@fuzztui.fuzz(seeds=[b'a', b'b'])", 2),
    ("@fuzztui.fuzz(seeds=(b'a', make()))", 2),
    ("@fuzztui.fuzz(seeds=[*some, b'a'])", None),
    ("@fuzztui.fuzz(seeds={b'a'})", None),
    ("@fuzztui.fuzz(seeds=SEEDS)", None),
    ("@fuzztui.fuzz(seeds=[n for n in some])", None),
    ("@fuzztui.fuzz(**settings)", None),
    ("@other\n@fuzztui.fuzz(seeds=[b'a'])", 1),
    ("@other", None),
    ("", 0),
]

SET_UPS = [
    ("pass", 0),
    ("f.add(b'a')", 1),
    ("f.add(b'a')\n    f.add(b'b')\n    return None", 2),
    ("with open('x') as y:\n        f.add(y.read())", 1),
    ("for n in (1, 2): f.add(n)", None),
    ("if x: f.add(1)", None),
    ("if x: return\n    f.add(1)", None),
    ("try: f.add(1)\n    finally: pass", None),
    ("match x:\n        case 1: f.add(1)", None),
    ("add = f.add\n    add(1)", None),
    ("helper(f)", None),
    ("g = f", None),
    ("def inner(): f.add(1)\n    inner()", None),
    ("[f.add(n) for n in (1, 2)]", None),
    ("x = f.add(1)", None),
    ("f.add(1), f.add(2)", None),
    ("f.cleanup(x.close)\n    f.add(1)\n    if y: f.skip()", 1),
]


@pytest.mark.parametrize(("decorator", "seeds"), DECORATED)
def test_seeds_of_a_function_are_counted_where_its_source_tells(
    tmp_path: Path, decorator: str, seeds: int | None
) -> None:
    file = tmp_path / "fuzz_it.py"
    file.write_text(f"import fuzztui\n{decorator}\ndef fuzz_it(data: bytes): pass\n")
    (target,) = discover(file).targets
    assert target.seeds == seeds


@pytest.mark.parametrize(("body", "seeds"), SET_UPS)
def test_seeds_of_a_set_up_are_counted_where_its_source_tells(tmp_path: Path, body: str, seeds: int | None) -> None:
    file = tmp_path / "fuzz_it.py"
    target = "    @f.fuzz\n    def target(data: bytes): pass\n"
    file.write_text(f"import fuzztui\ndef fuzz_it(f: fuzztui.F):\n{target}    {body}\n")
    (found,) = discover(file).targets
    assert found.seeds == seeds
