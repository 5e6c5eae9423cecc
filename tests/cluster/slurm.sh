#!/usr/bin/env bash
# Table 1 by a real Slurm that is disturbed: metrics and table are byte for byte those of one machine, all but the seconds of
# training in the table's last column.
#
#   tests/cluster/slurm.sh [EBM [SIZE..]]
#
# EBM is the program, the release build unless given. SIZE are options of `ebm sweep --table 1`, by default
# `--networks 1 --epochs 300`: 16 jobs at the quick scale, each of some seconds, so that they can be disturbed. With a debug
# build `--networks 1 --epochs 10` does. Needs root on Debian or Ubuntu, and installs Slurm from their packages. Slurm runs
# on the loopback address, with its files in a scratch folder; another Slurm of this machine is left alone.
#
# While the array runs, slurmd is killed and started again, two tasks are cancelled, and one is killed by SIGKILL. Then the
# open jobs are submitted again, and the results collected.
set -euo pipefail
cd "$(dirname "$0")/../.."
ebm=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/ebm}")
[ $# -eq 0 ] || shift
size=("$@")
[ $# -gt 0 ] || size=(--networks 1 --epochs 300)

if ! command -v sbatch >/dev/null || ! command -v munged >/dev/null; then
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q slurm-wlm munge >/dev/null
fi

scratch=$(mktemp -d)
chmod 755 "$scratch"
host=$(hostname -s)
export SLURM_CONF=$scratch/slurm.conf
started=()
end() {
  local code=$?
  if [ "$code" -ne 0 ]; then
    tail -q -n 5 "$scratch"/*.log "$scratch"/slurm/logs/*.txt 2>/dev/null >&2 || true
  fi
  scancel --user "$(id -un)" 2>/dev/null || true
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if [ "$code" -eq 0 ]; then rm -rf "$scratch"; else echo "kept: $scratch" >&2; fi
  exit "$code"
}
trap end EXIT

mkdir "$scratch/state" "$scratch/spool"
dd if=/dev/urandom of="$scratch/munge.key" bs=128 count=1 status=none
chmod 400 "$scratch/munge.key"
munged --foreground --force --key-file="$scratch/munge.key" --socket="$scratch/munge.socket" \
  --pid-file="$scratch/munged.pid" --seed-file="$scratch/munge.seed" --log-file="$scratch/munged.log" 2>/dev/null &
started+=($!)
cat >"$SLURM_CONF" <<CONF
ClusterName=loopback
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$scratch/munge.socket
SlurmctldPort=16817
SlurmdPort=16818
SlurmctldPidFile=$scratch/slurmctld.pid
SlurmdPidFile=$scratch/slurmd.pid
SlurmctldLogFile=$scratch/slurmctld.log
SlurmdLogFile=$scratch/slurmd.log
StateSaveLocation=$scratch/state
SlurmdSpoolDir=$scratch/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
MailProg=/bin/true
ReturnToService=2
KillWait=20
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF

# The programs themselves: what is on the PATH may be a link that depends on how it is called.
program() { local found; for found in "/usr/sbin/$1-wlm" "/usr/sbin/$1"; do [ ! -x "$found" ] || { echo "$found"; return; }; done; }
start_slurmd() {
  "$(program slurmd)" -D -N "$host" -d "$(program slurmstepd)" >/dev/null 2>&1 &
  slurmd=$!
  started+=("$slurmd")
}
until [ -S "$scratch/munge.socket" ]; do sleep 0.1; done
"$(program slurmctld)" -D >/dev/null 2>&1 &
started+=($!)
start_slurmd

say() { echo "== $(($(date +%s) - begun)) s: $*"; }
begun=$(date +%s)
sweep() { "$ebm" sweep --table 1 "${size[@]}" --runs "$scratch/$1" "${@:2}"; }
# The table without its last column.
table() { "$ebm" table 1 "${size[@]}" --runs "$scratch/$1" | sed -E '\, / [0-9]+ / ,s/ +[0-9.]+$//'; }
# Waits, for at most ten minutes, until a command succeeds.
await() {
  local since=$SECONDS
  until "$@"; do
    [ $((SECONDS - since)) -lt 600 ] || { echo "waited in vain for: $*" >&2; return 1; }
    sleep 0.2
  done
}
is_up() { [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ]; }
is_empty() { [ -z "$(squeue --noheader)" ]; }
# The processes that train now.
training() { sweep slurm --status --json | sed -n 's/.*"by": "process \([0-9]*\) on.*/\1/p'; }
are_training() { [ "$(training | wc -l)" -ge "$1" ]; }
tasks() { squeue --noheader --states=RUNNING --array --format=%i; }

await is_up
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
