#!/usr/bin/env bash
#SBATCH --job-name=fuzztui
#SBATCH --array=0-15
#SBATCH --cpus-per-task=8
#SBATCH --mem-per-cpu=3G
#SBATCH --time=04:10:00
#SBATCH --signal=B:TERM@120
# A node in each task of an array: sbatch slurm.sh TARGET FOLDER
# FOLDER lies on the cluster's file system, and so does the project, whose environment is in .venv. What cannot be shared
# is each task's cache: two runs of one target would write into one.
set -euo pipefail
target="$1" shared="$2"
node="${SLURMD_NODENAME:-$(hostname -s)}-${SLURM_ARRAY_TASK_ID:-0}"
cache="$(mktemp -d)"
trap 'rm -rf "$cache"' EXIT

.venv/bin/fuzztui run "$target" --share "$shared" --node "$node" --cache-dir "$cache" \
    --headless --keep-fuzzing -j "${SLURM_CPUS_PER_TASK:-1}" -t 4h &
# Near its limit the batch script gets SIGTERM: the node stops, publishes what is left, and says how it went.
trap 'kill -TERM "$!"; wait "$!"' TERM
wait "$!"
