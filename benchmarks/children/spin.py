"""Counts in plain loops, in so many processes at once: what the machine itself makes of a second process.

Arguments: processes, seconds. Prints the turns per second of all of them, and the share of the time that they were
ready to run while others had the cores.
"""

import json
import subprocess
import sys

LOOP = """
import sys, time
turns, begin = 0, time.monotonic()
end = begin + float(sys.argv[1])
while (now := time.monotonic()) < end:
    for _ in range(10_000):
        pass
    turns += 10_000
with open("/proc/self/schedstat") as schedstat:
    ready = int(schedstat.read().split()[1]) / 1e9
print(turns / (now - begin), ready / (now - begin))
"""


def main() -> None:
    """Start them all, sum what they print."""
    processes, seconds = int(sys.argv[1]), float(sys.argv[2])
    command = [sys.executable, "-c", LOOP, str(seconds)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    printed = [tuple(map(float, process.communicate(timeout=seconds + 10)[0].split())) for process in running]
    print(json.dumps({"rate": sum(rate for rate, _ in printed), "ready": sum(r for _, r in printed) / processes}))


if __name__ == "__main__":
    main()
