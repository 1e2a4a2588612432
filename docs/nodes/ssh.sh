#!/usr/bin/env bash
# One node on each host, for an hour: ssh.sh PROJECT TARGET STORE HOST...
# The project lies at the same place on each host, with its environment in .venv; STORE is a folder that all of them see,
# or valkeys://:PASSWORD@host. Ends when all nodes have; with the exit status of the worst.
set -uo pipefail
project="$1" target="$2" store="$3"
shift 3

pids=()
for host in "$@"; do
    # -tt: when this script is interrupted the nodes are, too, and flush what they have found.
    ssh -tt "$host" "cd '$project' && exec .venv/bin/fuzztui run '$target' --share '$store' --node '$host' \
        --headless --keep-fuzzing -t 1h" </dev/null 2>&1 | sed "s/^/$host: /" &
    pids+=("$!")
done

status=0
for pid in "${pids[@]}"; do
    wait "$pid" || status=1
done
exit "$status"
