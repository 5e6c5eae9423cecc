"""`ebm` and its peers on the same tables and splits: python tabular.py run, then python tabular.py report

`fetch_tables.py` comes first, or `cargo xtask uci`, which writes tables in the same layout and calls this program. Every
method gets `train.csv` and holds out a part of it as it likes; `ebm` gets `calibration.csv` as well, for `ebm
calibrate`, and its row says so; all are measured on `test.csv`. One thread each; seconds are of the processor, so that
another program on the machine matters little.

A result that is there is not computed again. One that was made by other code, other versions or from other rows is
refused. A split on which a method fails is recorded with its error, counted, and not tried again.

`densities.py` says what is measured; after `ebm calibrate` there is calibrated_coverage_90 too. `regressors.py` has the
peers.
"""

import os

os.environ |= {name: "1" for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"]}

import argparse
import hashlib
import inspect
import json
import platform
import resource
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pandas as pd

import densities
import regressors

HERE = Path(__file__).parent
METRICS = ["nll", "crps", "coverage_90", "hpd_coverage_90"]
CALIBRATED = "calibrated_coverage_90"


def ebm(folder, target, seed, program, method):
    """The command line as a person would use it: defaults, but for a split that leaves calibration and test to the files
    of their own."""

    def run(*arguments):
        command = [program, *arguments, "--threads", "1", "--quiet"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def children():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    with tempfile.TemporaryDirectory() as scratch:
        model = str(Path(scratch) / "model")
        start = children()
        train = ["train", str(folder / "train.csv"), "--target", target, "--out", model, "--seed", str(seed)]
        run(*train, "--method", method, "--split", "0.8,0.2,0,0")
        seconds = children() - start
        run("calibrate", model, str(folder / "calibration.csv"))
        evaluation = json.loads(run("evaluate", model, str(folder / "test.csv"), "--json"))
    return {metric: evaluation["metrics"][metric] for metric in [*METRICS, CALIBRATED]}, seconds


EBM = {"ebm": "ebm", "ebm_mdn": "mdn"}
METHODS = [*regressors.PEERS, *EBM]
# What `fetch_tables.py` is for; the other peers are asked for by name.
USUAL = ["ngboost", "mdn", *EBM]
NAMES = {
    "ngboost": "NGBoost, Normal",
    "catboost": "CatBoost, Normal",
    "pgbm": "PGBM, Normal",
    "treeffuser": "Treeffuser",
    "mdn": "MDN in PyTorch, K = 5",
    "ensemble": "five MDNs in PyTorch",
    "ebm": "`ebm train`",
    "ebm_mdn": "`ebm train --method mdn`",
}


def compute(method, folder, target, seed, program):
    """The metrics, and seconds to fit."""
    if method in EBM:
        return ebm(folder, target, seed, program, EBM[method])
    fit, _ = regressors.PEERS[method]
    train, test = pd.read_csv(folder / "train.csv"), pd.read_csv(folder / "test.csv")
    density, seconds = fit(train, test, target, seed)
    metrics = density.measure(test[target].to_numpy(float))
    wrong = [name for name, value in metrics.items() if not np.isfinite(value)]
    if wrong:
        raise ValueError(f"not finite: {', '.join(wrong)}")
    return metrics, seconds


def versions(method, program):
    if method in EBM:
        return subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    return ", ".join(f"{name} {version(name)}" for name in regressors.PEERS[method][1])


def code(method):
    """A digest of the code that makes a result."""
    fit = ebm if method in EBM else regressors.PEERS[method][0]
    needed = [fit, regressors.mdn] if method == "ensemble" else [fit]
    sources = [*needed, regressors.Columns, regressors.held_out, densities]
    return hashlib.sha256("".join(map(inspect.getsource, sources)).encode()).hexdigest()


def rows_digest(folder):
    return hashlib.sha256((folder / "train.csv").read_bytes() + (folder / "test.csv").read_bytes()).hexdigest()


def run(options):
    results = options.results or options.tables / "results.jsonl"
    kept = {(record["set"], record["method"], record["seed"]): record for record in read(results)}
    sets = options.set or sorted(path.name for path in options.tables.iterdir() if path.is_dir())
    made_by = {method: {"code": code(method), "versions": versions(method, options.ebm)} for method in options.method}
    for name in sets:
        target = (options.tables / name / "target.txt").read_text().strip()
        folders = {int(folder.name.removeprefix("seed-")): folder for folder in (options.tables / name).glob("seed-*")}
        for seed in sorted(set(folders) & set(options.seeds or folders)):
            folder = folders[seed]
            for method in options.method:
                key = made_by[method] | {"rows": rows_digest(folder)}
                if (name, method, seed) in kept:
                    refuse_stale(kept[name, method, seed], key, results)
                    continue
                record = {"set": name, "method": method, "seed": seed, **key}
                record["test_rows"] = sum(1 for _ in open(folder / "test.csv")) - 1
                try:
                    metrics, seconds = compute(method, folder, target, seed, options.ebm)
                    record["seconds"] = seconds
                    record |= {metric: float(value) for metric, value in metrics.items()}
                except Exception as error:
                    record["error"] = f"{type(error).__name__}: {error}"
                # One write: a line is whole, or the last and torn.
                with open(results, "a") as file:
                    file.write(json.dumps(record) + "\n")
                print(json.dumps(record), file=sys.stderr, flush=True)


def refuse_stale(record, key, results):
    other = [part for part, value in key.items() if record.get(part) != value]
    if other:
        which = f"{record['set']}, seed {record['seed']}, {record['method']}"
        sys.exit(f"{results}: the result of {which} was made with other {' and '.join(other)}; delete the file or its line")


def read(results):
    """The records; a last line that a killed program left torn is cut off."""
    if not results.exists():
        return []
    text = results.read_text()
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        results.write_text(whole)
    return [json.loads(line) for line in whole.splitlines()]


def report(options):
    """The table in Markdown: means over the seeds, with the standard error of a mean where it says ±."""
    all_records = pd.DataFrame(read(options.results or options.tables / "results.jsonl"))
    failed = all_records["error"].notna() if "error" in all_records else pd.Series(False, all_records.index)
    records = all_records[~failed]
    print("| set | method | NLL, nats | CRPS | in 90 % interval | in 90 % HPD set | calibrated | s, CPU | seeds |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, of_set in records.groupby("set"):
        rows = [(method, of_set[of_set.method == method]) for method in METHODS if (of_set.method == method).any()]
        best = {metric: min(part[metric].mean() for _, part in rows) for metric in ["nll", "crps"]}
        for method, part in rows:
            error = lambda metric: part[metric].std(ddof=1) / len(part) ** 0.5
            mean = {metric: part[metric].mean() for metric in [*METRICS, "seconds"]}
            digits = max(2, 2 - int(np.floor(np.log10(error("crps")))) - 1)

            def cell(metric, digits):
                text = f"{mean[metric]:.{digits}f} ± {error(metric):.{digits}f}"
                return f"**{text}**" if mean[metric] == best[metric] else text

            calibrated = part.get(CALIBRATED, pd.Series(dtype=float)).mean()
            asked = ((all_records.set == name) & (all_records.method == method)).sum()
            print(
                f"| {name} | {NAMES[method]} | {cell('nll', 3)} | {cell('crps', min(digits, 4))} "
                f"| {mean['coverage_90']:.3f} | {mean['hpd_coverage_90']:.3f} "
                f"| {'-' if np.isnan(calibrated) else f'{calibrated:.3f}'} "
                f"| {mean['seconds']:.1f} | {len(part) if len(part) == asked else f'{len(part)} of {asked}'} |"
            )
    used = sorted(set(", ".join(records["versions"]).split(", ")))
    print(f"\nPython {platform.python_version()}, {', '.join(used)}.")


def seeds(text):
    """`0..20` or `3,7`."""
    if ".." in text:
        first, end = text.split("..")
        return list(range(int(first), int(end)))
    return [int(part) for part in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=["run", "report"])
    parser.add_argument("--tables", type=Path, default=HERE / "tables")
    parser.add_argument("--results", type=Path, help="JSON lines [default: results.jsonl in the tables folder]")
    parser.add_argument("--method", choices=METHODS, action="append", help=f"[default: {' '.join(USUAL)}]")
    parser.add_argument("--set", action="append", help="all unless given")
    parser.add_argument("--seeds", type=seeds, help="0..20 or 3,7 [default: all]")
    parser.add_argument("--ebm", default="ebm", help="the program")
    options = parser.parse_args()
    options.method = options.method or USUAL
    try:
        run(options) if options.do == "run" else report(options)
    except PackageNotFoundError as error:
        sys.exit(f"{error.name} is not installed in this Python, {sys.executable}")


if __name__ == "__main__":
    main()
