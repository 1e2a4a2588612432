#!/bin/sh
# Fuzz the standard library's JSON decoder with two workers until its bug is found: in the dashboard on a terminal,
# with plain lines elsewhere. Exits with 0 when the demo did its job, which a crasher is part of.
set -u
cd "$(dirname "$0")/.." || exit 70
if [ -t 0 ] && [ -t 1 ]; then
    fuzztui run examples/fuzz_json.py --workers 2
else
    fuzztui run examples/fuzz_json.py --workers 2 --headless --stop-on-crash --fuzz-time 60s
fi
status=$?
case $status in
    0 | 1) exit 0 ;; # 1: a crasher was found
    *) exit $status ;;
esac
