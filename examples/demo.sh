#!/bin/sh
# Fuzz the standard library's JSON decoder with two workers until its bug is found: in the dashboard on a terminal,
# with plain lines elsewhere. Exits with 0 when the demo did its job, which a crasher is part of.
set -u
cd "$(dirname "$0")/.." || exit 70
stored=examples/testdata/corpus/fuzz_json
if [ -n "$(ls "$stored" 2>/dev/null)" ]; then
    echo "demo: what an earlier run stored in $stored is run first, and still fails: a failing seed." >&2
    echo "demo: delete examples/testdata to start anew." >&2
fi
if [ -t 0 ] && [ -t 1 ]; then
    fuzztui run examples/fuzz_json.py --workers 2
else
    fuzztui run examples/fuzz_json.py --workers 2 --headless --stop-on-crash --fuzz-time 60s
fi
status=$?
if [ -f .venv/bin/activate ]; then
    echo >&2
    echo "demo: to run the commands above, put fuzztui on the PATH first, in $PWD:" >&2
    echo "    . .venv/bin/activate" >&2
fi
case $status in
    0 | 1) exit 0 ;; # 1: a crasher was found
    *) exit $status ;;
esac
