"""Counts in plain loops, in so many processes at once: what the machine itself makes of a second process.

Arguments: processes, seconds. Prints the turns per second of all of them, by the clock and per second of CPU time,
and the share of the time that they were ready to run while others had the cores.
"""

import json
import subprocess
import sys

LOOP = """
import sys, time
turns, begin, before = 0, time.monotonic(), time.process_time()
end = begin + float(sys.argv[1])
while (now := time.monotonic()) < end:
    for _ in range(10_000):
        pass
    turns += 10_000
with open("/proc/self/schedstat") as schedstat:
    ready = int(schedstat.read().split()[1]) / 1e9
print(turns / (now - begin), ready / (now - begin), (time.process_time() - before) / (now - begin))
"""


def main() -> None:
    """Start them all, sum what they print."""
    processes, seconds = int(sys.argv[1]), float(sys.argv[2])
    command = [sys.executable, "-c", LOOP, str(seconds)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    printed = [tuple(map(float, process.communicate(timeout=seconds + 10)[0].split())) for process in running]
    rate, ready, cpu = map(sum, zip(*printed, strict=True))
    print(json.dumps({"rate": rate, "ready": ready / processes, "per_cpu": rate / cpu}))


if __name__ == "__main__":
    main()
