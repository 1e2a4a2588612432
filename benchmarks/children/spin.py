"""Counts in plain loops, in so many processes at once: what the machine itself makes of a second process.

Arguments: processes, seconds. Prints the turns of all of them.
"""

import subprocess
import sys

LOOP = """
import sys, time
turns, end = 0, time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    for _ in range(10_000):
        pass
    turns += 10_000
print(turns)
"""


def main() -> None:
    """Start them all, sum what they print."""
    processes, seconds = int(sys.argv[1]), float(sys.argv[2])
    command = [sys.executable, "-c", LOOP, str(seconds)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    print(sum(int(process.communicate(timeout=seconds + 10)[0]) for process in running))


if __name__ == "__main__":
    main()
