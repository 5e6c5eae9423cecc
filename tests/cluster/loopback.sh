# Slurm on the loopback address, for scripts that source this; it ends when they do. Needs root on Debian or Ubuntu, and
# installs Slurm from their packages. Its files are in a scratch folder, `$scratch`; another Slurm of this machine is left
# alone. `$slurmd` is the process of slurmd, `start_slurmd` starts it again.

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
# Waits, for at most 25 minutes, until a command succeeds.
await() {
  local since=$SECONDS
  until "$@"; do
    [ $((SECONDS - since)) -lt 1500 ] || { echo "waited in vain for: $*" >&2; return 1; }
    sleep 0.2
  done
}
is_up() { [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ]; }
await is_up
