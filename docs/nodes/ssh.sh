#!/usr/bin/env bash
# One node on each host, for an hour: ssh.sh PROJECT TARGET STORE HOST...
# The project lies at the same place on each host, with its environment in .venv; STORE is a folder that all of them see,
# or valkeys://:PASSWORD@host. Ends when all nodes have; with the exit status of the worst. Ctrl+C ends all of them.
set -uo pipefail
project="$1" target="$2" store="$3"
shift 3

named() { sed -u "s/^/$1: /"; }

pids=()
signalled=""
trap 'signalled=1; kill -TERM "${pids[@]}" 2>/dev/null' INT TERM HUP
for host in "$@"; do
    # -tt: when the connection ends the node gets SIGHUP, and flushes what it has found.
    ssh -tt "$host" "cd '$project' && exec .venv/bin/fuzztui run '$target' --share '$store' --node '$host' \
        --headless --keep-fuzzing -t 1h" </dev/null > >(named "$host") 2>&1 &
    pids+=("$!")
done

worst=0
for pid in "${pids[@]}"; do
    wait "$pid"
    status=$?
    while [ -n "$signalled" ] && [ "$status" -gt 128 ]; do # the wait has ended, and perhaps not the node
        signalled=""
        wait "$pid"
        status=$?
    done
    if [ "$status" -gt "$worst" ]; then worst="$status"; fi
done
exit "$worst"
