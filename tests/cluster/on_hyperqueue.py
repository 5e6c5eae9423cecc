#!/usr/bin/env python3
"""Table 1 by a real HyperQueue that is disturbed: metrics and table are byte for byte those of one machine, all but the
seconds of training in the table's last column.

    pip install hyperqueue
    tests/cluster/on_hyperqueue.py EBM [SIZE..]

EBM is the program. SIZE are options of `ebm sweep --table 1`, by default `--networks 1 --epochs 300`: 16 jobs at the quick
scale, each of some seconds, so that they can be disturbed. With a debug build `--networks 1 --epochs 10` does.
The package has a server and workers, and no `hq`: the script that `ebm sweep --engine hyperqueue` writes is run task by
task, as `hq submit` does. One task is told to end and one is killed; then the open jobs are submitted again.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hyperqueue import Job, LocalCluster
from hyperqueue.client import FailedJobsException
from hyperqueue.cluster import WorkerConfig

EBM = str(Path(sys.argv[1]).resolve())
SIZE = sys.argv[2:] or ["--networks", "1", "--epochs", "300"]


def ebm(*args, codes=(0,)):
    """What `ebm` prints; its exit code is one of these."""
    done = subprocess.run([EBM, *args], stdout=subprocess.PIPE, text=True)
    assert done.returncode in codes, f"ebm {' '.join(args)} ended with {done.returncode}"
    return done.stdout


def sweep(runs, *args):
    return ebm("sweep", "--table", "1", *SIZE, "--runs", str(runs), *args)


def states(runs):
    return [json.loads(line) for line in sweep(runs, "--list").splitlines()]


def table(runs):
    """The table without its last column."""
    printed = ebm("table", "1", *SIZE, "--runs", str(runs))
    return re.sub(r"(?m)^(.* / \d+ / .*?) +[0-9.]+$", r"\1", printed)


def submit(client, runs, name):
    """Submits the open jobs, each as a task that runs the script with its number."""
    script = runs.parent / f"{name}.sh"
    script.write_text(sweep(runs, "--engine", "hyperqueue", "--dry-run"))
    array = next(line for line in script.read_text().splitlines() if line.startswith("#HQ --array="))
    numbers = []
    for part in array.split("=")[1].split(","):
        first, _, last = part.partition("-")
        numbers.extend(range(int(first), int(last or first) + 1))
    job = Job(max_fails=None)
    for number in numbers:
        log = str(runs.parent / f"{name}-{number}.txt")
        job.program(["sh", "-c", f"HQ_TASK_ID={number} exec sh {script}"], stdout=log, stderr=log)
    return client.submit(job), len(numbers)


def tell(runs, number):
    """Sends this signal to a process that trains; waits for one."""
    since = time.monotonic()
    while time.monotonic() - since < 600:
        running = [job["by"] for job in states(runs) if job["state"] == "running"]
        if running:
            process = int(running[-1].split()[1])
            os.kill(process, number)
            print(f"process {process} is sent {signal.Signals(number).name}", flush=True)
            return
        time.sleep(0.1)
    raise TimeoutError("nothing trains")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        runs, local = Path(scratch, "runs"), Path(scratch, "local")
        with LocalCluster(worker_config=WorkerConfig(cores=2)) as cluster:
            client = cluster.client()
            first, count = submit(client, runs, "first")
            assert count >= 16, f"{count} jobs are fewer than 16"
            tell(runs, signal.SIGTERM)
            time.sleep(1)
            tell(runs, signal.SIGKILL)
            try:
                client.wait_for_jobs([first])
                raise AssertionError("nothing was lost: these jobs are too short to be disturbed")
            except FailedJobsException as failed:
                print(f"failed tasks: {sum(len(tasks) for tasks in failed.failed_tasks.values())}", flush=True)
            again, count = submit(client, runs, "again")
            print(f"submitted again: {count}", flush=True)
            client.wait_for_jobs([again])
        sweep(local, "--local", "2")
        assert sweep(runs, "--collect") == sweep(local, "--collect"), "the metrics differ"
        tables = [table(folder) for folder in (runs, local)]
        assert tables[0] == tables[1], "the tables differ"
        print("the table of one machine is the same")
        print(tables[0])


if __name__ == "__main__":
    main()
