"""Makes an input smaller with afl-tmin, for which python-afl runs the target.

Arguments: file, function, file with the input, folder for what is written. The last line of the output is JSON: `size`
of what it comes to, in bytes, and `calls` of the target as afl-tmin counts them.
"""

import json
import re
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Run afl-tmin to its end."""
    file, name, given, folder = sys.argv[1:]
    smallest, ready = Path(folder, "smallest"), Path(folder, "ready")
    target = (sys.executable, "-m", "benchmarks.children.afl_target", file, name, str(ready))
    command = ("py-afl-tmin", "-i", given, "-o", str(smallest), "--", *target)
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    said = done.stdout + done.stderr
    if done.returncode or not smallest.exists():
        raise SystemExit(f"afl-tmin has ended with status {done.returncode}:\n{said[-2000:]}")
    calls = re.search(r"Number of execs done\s*:\s*(?:\x1b\[[0-9;]*m)*(\d+)", said)
    print(json.dumps({"size": smallest.stat().st_size, "calls": int(calls[1]) if calls else None}))


if __name__ == "__main__":
    main()
