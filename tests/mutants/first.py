"""Faults in what somebody meets first: how targets are found, and what is said of mistakes."""

from typing import Final

from tests.mutants.breaks import Break

_MISTAKES: Final = "tests/test_first_mistakes.py"


def _in(file: str, name: str, before: str, after: str, *tests: str) -> Break:
    return Break(name, f"fuzztui/{file}.py", before, after, tests or (_MISTAKES,))


BREAKS: Final = [
    # Finding
    _in(
        "target/find",
        "case-matters",
        "difflib.get_close_matches(name.lower(), lowered",
        "difflib.get_close_matches(name, lowered",
    ),
    _in("target/find", "names-of-modules-lead-nowhere", "        lambda: _module(spec, cwd),\n", ""),
    _in("target/find", "patterns-lead-nowhere", "        lambda: _pattern(path_text, cwd),\n", ""),
    _in("target/find", "what-follows-a-file-leads-nowhere", "        lambda: _file_and_more(spec, cwd),\n", ""),
    _in("target/find", "slips-lead-nowhere", "        lambda: _neighbor(path_text, name, path, cwd),\n", ""),
    _in("target/find", "files-elsewhere-are-not-seen", "        lambda: _elsewhere(path_text, name, path, cwd),\n", ""),
    _in(
        "target/find",
        "suggestions-may-be-no-targets",
        "        return error.suggestions or (shown,)\n",
        "        return (f'{shown}::{name}' if name else shown,)\n",
        "tests/target/test_discover.py",
    ),
    _in("target/find", "lines-lead-nowhere", "    if name.isdecimal() and (above", "    if not name and (above"),
    _in(
        "target/find",
        "imports-are-not-followed",
        "    if alike.module:\n",
        "    if not alike.module and alike.setup:\n",
    ),
    # What is no target
    _in(
        "target/scope",
        "what-never-runs-is-a-target",
        "            unreached = imported and why_unreached(node)\n",
        "            unreached = ''\n",
    ),
    _in(
        "target/discover",
        "tests-of-hypothesis-are-targets",
        "    if foreign := foreign_to(function, scope):\n",
        "    if (foreign := foreign_to(function, scope)) and not scope:\n",
    ),
    _in(
        "target/discover",
        "replaced-functions-go-untold",
        "            if node.name in last and not any(",
        "            if not node.name and not any(",
    ),
    _in(
        "target/lookalikes",
        "static-methods-need-an-object",
        'owned = path if is_static or is_of_class else f"{path}()"',
        'owned = f"{path}()"',
    ),
    _in(
        "target/typed/families/unions",
        "optional-is-unknown",
        'not in ("Union", "Optional")',
        'not in ("Nothing",)',
        "tests/typed/test_types.py",
    ),
    _in(
        "target/load",
        "surrogates-are-always-taken",
        '    if surrogates or not any("str" in name for name in types):\n',
        "    if True:\n",
        "tests/target/test_load.py",
    ),
    _in(
        "target/load",
        "hidden-parameters-are-not-named",
        "        raise _hidden(function, name) or error from None\n",
        "        raise error from None\n",
        "tests/target/test_load.py",
    ),
    # Missing modules
    _in(
        "target/missing",
        "src-is-not-looked-at",
        '    if place := next(_in_project(top, folders), ""):\n',
        "    if place := '':\n",
        "tests/target/test_missing.py",
    ),
    _in(
        "target/missing",
        "environments-are-not-looked-at",
        '    if python := next(_in_environments(top, folders), ""):\n',
        "    if python := '':\n",
        "tests/target/test_missing.py",
    ),
    _in(
        "target/missing",
        "near-modules-are-not-named",
        '    return next(iter(get_close_matches(name, [*dict.fromkeys(names)], n=1, cutoff=0.75)), "")\n',
        '    return ""\n',
        "tests/target/test_missing.py",
    ),
    _in(
        "target/pytest_settings",
        "farther-settings-count",
        "        for name, sections in _FILES.items():\n",
        "        for name, sections in list(_FILES.items())[:3]:\n",
        "tests/target/test_pytest_settings.py",
    ),
    _in(
        "target/pytest_settings",
        "an-empty-ini-is-none",
        "        return {} if path.name in",
        "        return None if path.name in",
        "tests/target/test_pytest_settings.py",
    ),
    # Usage
    _in(
        "usage",
        "options-of-others-are-unknown",
        '    if _OPTIONS_ELSEWHERE.get(bare, "").partition(" ")[0] in _options(inner):\n',
        "    if False:\n",
    ),
    _in("usage", "a-unit-apart-is-no-unit", "    if before and _is_value(before + first):\n", "    if False:\n"),
    _in(
        "usage",
        "a-name-apart-is-no-name",
        '    if before and (spec := f"{before}::{first}") and _is_target(spec, cwd):\n',
        "    if before and (spec := '') and _is_target(spec, cwd):\n",
    ),
    _in("usage", "commands-of-others-are-unknown", "close = _ELSEWHERE.get(name) or next(", "close = next("),
    _in(
        "words/units",
        "other-units-are-not-told",
        "    for spelled, unit in _SPELLED.items():\n",
        "    for spelled, unit in ():\n",
        "tests/test_units.py",
    ),
    # Stored inputs
    _in(
        "engine/keep/unfit",
        "each-file-is-told",
        "        if each.form == tuple(parameters) or (each.form == (TYPED,) and is_typed(parameters)):\n",
        "        if True:\n",
        "tests/engine/test_unfit.py",
    ),
    _in(
        "engine/keep/unfit",
        "bytes-of-another-form-go-unnoticed",
        '    return tuple(parameters) == ("bytes",) and',
        '    return tuple(parameters) == ("str",) and',
        "tests/engine/test_unfit.py",
    ),
    _in(
        "engine/keep/corpus",
        "a-shared-folder-refuses-a-run",
        "            misfits = []\n        return",
        "        return",
        "tests/engine/test_unfit.py",
    ),
    _in(
        "engine/show/inputs",
        "sizes-count-characters",
        '        return value.encode("utf-8", "surrogatepass")\n',
        '        return value.encode("utf-16-le", "surrogatepass")\n',
        "tests/engine/test_inputs.py",
    ),
    _in(
        "engine/work/search",
        "each-lost-entry-is-told",
        "            return os_error(error, self.options.target.generated_dir(self.options.cache_dir))\n",
        "            return say('{}', data.hex())\n",
        "tests/engine/work/test_search.py",
    ),
]
