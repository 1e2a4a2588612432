"""Breaks of the doctor, of what it tells, and of the modules that are told of."""

from tests.mutants.breaks import Break

_AREAS = ("tests/doctor/test_areas.py",)


def _in(name: str, file: str, before: str, after: str, *tests: str) -> Break:
    return Break(name, f"fuzztui/{file}.py", before, after, tests or _AREAS)


_CHECK = "tests/doctor/test_check.py"
_CGROUP = "tests/doctor/test_cgroup.py"
_MOUNTS = "tests/engine/test_mounts.py"
_INPUTS = "tests/doctor/test_inputs.py"
_ANNOTATIONS = "tests/target/test_annotations.py"
_IMPORTED = "tests/engine/test_imported_modules.py"
_MODULES = "tests/ui/test_modules.py"

BREAKS = [
    _in(
        "the-mildest-finding-wins",
        "doctor/check",
        "return Finding(\n        max(",
        "return Finding(\n        min(",
        _CHECK,
    ),
    _in(
        "a-look-that-fails-is-fine",
        "doctor/check",
        "return Finding(Status.UNKNOWN, os_error",
        "return Finding(Status.OK, os_error",
        _CHECK,
    ),
    _in(
        "only-the-innermost-group-counts",
        "engine/crew/cgroup",
        "(inside, *inside.parents))",
        "(inside,))",
        _CGROUP,
    ),
    _in("no-limit-is-a-limit", "doctor/cgroup", "1 << 60", "1 << 64", _CGROUP),
    _in(
        "a-group-that-is-not-mounted-leads-out",
        "engine/crew/cgroup",
        ' and ".." not in group.parts',
        "",
        _CGROUP,
    ),
    _in("the-first-mount-wins", "engine/keep/mounts", ">= len(found.point)", "> len(found.point)", _MOUNTS),
    _in("names-are-cut-by-their-beginning", "engine/keep/mounts", 'folder.rstrip("/") + "/"', "folder", _MOUNTS),
    _in(
        "only-the-mount-is-read-only",
        "engine/keep/mounts",
        "if len(of_system) > 2 else ()",
        "if False else ()",
        _MOUNTS,
    ),
    _in("a-trial-file-stays", "doctor/files", "        remove(folder, TRIAL)\n", ""),
    _in(
        "links-are-followed-in-a-trial",
        "doctor/files",
        "part = Folder(folder.root, folder.parts[:length])",
        "part = Folder(folder.root.joinpath(*folder.parts[:length]))",
    ),
    _in("versions-are-compared-as-they-are-long", "doctor/versions", "(*ours, *[0] * (length - len(ours)))", "ours"),
    _in("extras-are-required", "doctor/versions", 'and "extra" not in marker', "", *_AREAS),
    _in("names-tell-nothing", "doctor/inputs", "hexdigest() != name", "hexdigest() == name", _INPUTS),
    _in("the-rest-is-not-counted", "doctor/inputs", "len(names) - NAMED", "0", _INPUTS),
    _in(
        "fields-are-annotations",
        "target/annotations",
        "if not in_class:\n                self._annotate(annotation)",
        "if True:\n                self._annotate(annotation)",
        _ANNOTATIONS,
    ),
    _in(
        "decorated-functions-are-read-by-nobody",
        "target/annotations",
        'return name != "fuzz"',
        "return False",
        _ANNOTATIONS,
    ),
    _in("aliases-are-uses", "target/annotations", "waiting += self._aliases.get(name, ())", "pass", _ANNOTATIONS),
    _in(
        "strings-annotate-nothing",
        "target/annotations",
        'names.update(findall(r"[^\\W\\d]\\w*", each.value))',
        "pass",
        _ANNOTATIONS,
    ),
    _in(
        "annotated-modules-are-instrumented",
        "worker/instrumentation/importer",
        "packages - annotated,\n",
        "packages,\n",
        "tests/worker/test_importer.py",
    ),
    _in(
        "what-nothing-reaches-counts",
        "engine/work/coverage_log",
        "self._unreachable[module.name] = len(module.lines)",
        "pass",
        _IMPORTED,
    ),
    _in("the-calm-line-stays", "screens/run", "snapshot.elapsed < MODULES_SHOWN", "True", _MODULES),
    _in(
        "reasons-are-left-out-of-the-list",
        "screens/modules",
        '(module.reason, "muted")',
        '(NOTHING, "muted")',
        _MODULES,
    ),
]
