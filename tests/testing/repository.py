"""A git repository with a history that is written for one test."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.testing.site import Site


@dataclass(frozen=True)
class Repository(Site):
    def git(self, *arguments: str) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        who = {f"GIT_{role}_{what}": "someone" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        dates = {f"GIT_{role}_DATE": "2026-03-04T05:06:07Z" for role in ("AUTHOR", "COMMITTER")}
        settings = ("-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null")
        done = subprocess.run(
            ["git", *settings, *arguments],
            cwd=self.folder,
            env={**environment, **who, **dates, "GIT_CONFIG_GLOBAL": os.devnull},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, subject: str, **files: str) -> str:
        """Commit these files, `a__b` for `a/b.py`, an empty one removed; the commit's hash."""
        for name, source in files.items():
            path = f"{name.replace('__', '/')}.py"
            if source:
                self.write(path, source)
            else:
                (self.folder / path).unlink()
        self.git("add", "--all", ":!.fuzztui")
        self.git("commit", "--allow-empty", "--quiet", "--message", subject)
        return self.git("rev-parse", "HEAD")


def repository(folder: Path) -> Repository:
    made = Repository(folder)
    made.git("init", "--quiet")
    (folder / "pyproject.toml").touch()
    return made
