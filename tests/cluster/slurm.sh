#!/usr/bin/env bash
# Table 1 by a real Slurm that is disturbed: metrics and table are byte for byte those of one machine, all but the seconds of
# training in the table's last column.
#
#   tests/cluster/slurm.sh [EBM [SIZE..]]
#
# EBM is the program, the release build unless given. SIZE are options of `ebm sweep --table 1`, by default
# `--networks 1 --epochs 300`: 16 jobs at the quick scale, each of some seconds, so that they can be disturbed. With a debug
# build `--networks 1 --epochs 10` does. Slurm is started by loopback.sh.
#
# While the array runs, slurmd is killed and started again, two tasks are cancelled, and one is killed by SIGKILL. Then the
# open jobs are submitted again, and the results collected.
set -euo pipefail
cd "$(dirname "$0")/../.."
ebm=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/ebm}")
[ $# -eq 0 ] || shift
size=("$@")
[ $# -gt 0 ] || size=(--networks 1 --epochs 300)

source tests/cluster/loopback.sh

say() { echo "== $(($(date +%s) - begun)) s: $*"; }
begun=$(date +%s)
sweep() { "$ebm" sweep --table 1 "${size[@]}" --runs "$scratch/$1" "${@:2}"; }
# The table without its last column.
table() { "$ebm" table 1 "${size[@]}" --runs "$scratch/$1" | sed -E '\, / [0-9]+ / ,s/ +[0-9.]+$//'; }
is_empty() { [ -z "$(squeue --noheader)" ]; }
# The processes that train now.
training() { sweep slurm --status --json | sed -n 's/.*"by": "process \([0-9]*\) on.*/\1/p'; }
are_training() { [ "$(training | wc -l)" -ge "$1" ]; }
tasks() { squeue --noheader --states=RUNNING --array --format=%i; }

say "Slurm $(sinfo --version | cut -d' ' -f2) is up"
sweep slurm --engine slurm --throttle 4
jobs=$(sweep slurm --list | wc -l)
[ "$jobs" -ge 16 ] || { echo "$jobs jobs are fewer than 16" >&2; exit 1; }

await are_training 2
kill -KILL "$slurmd"
wait "$slurmd" 2>/dev/null || true
say "slurmd is killed; $(training | wc -l) jobs train on"
sleep 2
start_slurmd
await are_training 3
mapfile -t running < <(tasks)
scancel "${running[0]}" "${running[1]}"
say "cancelled: ${running[0]} ${running[1]}"
await are_training 1
victim=$(training | tail -n 1)
kill -KILL "$victim"
say "process $victim is killed"
await is_empty
say "the first array has ended"
sweep slurm --status

open=$(sweep slurm --list | grep -vc '"state":"done"' || true)
[ "$open" -gt 0 ] || { echo "nothing was lost: these jobs are too short to be disturbed" >&2; exit 1; }
sweep slurm --engine slurm
await is_empty
sweep slurm --collect >"$scratch/slurm.csv"
table slurm >"$scratch/slurm.txt"
say "$open of $jobs jobs were submitted again; all have a result"

sweep local --local 2
sweep local --collect >"$scratch/local.csv"
table local >"$scratch/local.txt"
cmp "$scratch/slurm.csv" "$scratch/local.csv"
cmp "$scratch/slurm.txt" "$scratch/local.txt"
say "the table of one machine is the same"
cat "$scratch/slurm.txt"
