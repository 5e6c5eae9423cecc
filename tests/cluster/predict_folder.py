#!/usr/bin/env python3
"""A folder of Parquet files predicted by an array of four tasks of Slurm, one of which is killed twice: the union has every row
once, in order, with the values of one process on one file; DuckDB and Polars read it as one table. A file divided by its groups
of rows has these values too.

    pip install duckdb polars
    tests/cluster/predict_on_slurm.sh EBM [--files N] [--rows N] [--record FILE]

EBM is the program. Without options there are 20 files with 2,000,000 rows of ten columns. Slurm must run, as that script
starts it. --record writes the figures as Markdown.
"""

import argparse
import json
import os
import random
import shlex
import subprocess
import tempfile
import time
from pathlib import Path

import duckdb
import polars

SHARDS = 4
KILLED = 1


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ebm", type=Path)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--record", type=Path)
    return parser.parse_args()


def make(folder, files, rows):
    """Tables of nine inputs and an id in a hash's order, written by DuckDB below folders `region=…`."""
    inputs = ", ".join(
        f"(hash(i * 16 + {j}) / 18446744073709551615.0)::DOUBLE AS x{j}" if j < 8 else "'word' || (hash(i) % 12) AS word"
        for j in range(9)
    )
    each = -(-rows // files)
    for file in range(files):
        below = folder / f"region={file % 3}"
        below.mkdir(parents=True, exist_ok=True)
        low, high = file * each, min(rows, (file + 1) * each)
        duckdb.sql(
            f"SELECT i AS id, {inputs} FROM range({low}, {high}) AS of(i)"
        ).write_parquet(str(below / f"part-{file:03}.parquet"), row_group_size=20_480)


def make_labelled(path, rows):
    """Rows to train on: a wave with noise that depends on an input."""
    draw = random.Random(5)
    with open(path, "w") as out:
        print(",".join([f"x{j}" for j in range(8)] + ["word", "y"]), file=out)
        for _ in range(rows):
            x = [draw.random() for _ in range(8)]
            y = 3 * x[0] + x[1] * x[2] + (0.1 + 0.5 * x[3]) * draw.gauss(0, 1)
            print(",".join([f"{value:.6f}" for value in x] + [f"word{draw.randrange(12)}", repr(y)]), file=out)


def submit(ebm, run, tables, out, shards):
    """An array of these shards. Returns its number."""
    command = [ebm, "predict", run, tables, "--out", out, "--threads", "1", "--quiet"]
    words = [shlex.quote(str(word)) for word in command]
    task = f"exec {' '.join(words)} --shard $SLURM_ARRAY_TASK_ID/{SHARDS}"
    array = ["sbatch", "--parsable", f"--array={shards}", f"--output={out.parent}/task-%A-%a.txt", "--wrap", task]
    return subprocess.run(array, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def tasks():
    """The tasks that wait or run, and the states of these."""
    queue = subprocess.run(
        ["squeue", "--noheader", "--array", "--format=%i %T"], check=True, stdout=subprocess.PIPE, text=True
    )
    return dict(line.split() for line in queue.stdout.splitlines())


def kill_in_the_middle(array, tables, out):
    """Kills the task of one shard while it writes a file, and waits until it is gone."""
    since = time.time()
    task = f"{array}_{KILLED}"
    names = sorted(path.relative_to(tables) for path in tables.rglob("*.parquet"))[KILLED::SHARDS]
    notes = [out / "_predictions" / f"{name}.json" for name in names]

    def is_half_done(note):
        return note.exists() and note.stat().st_mtime > since and json.loads(note.read_text())["rows"] is None

    deadline = since + 600
    while not any(is_half_done(note) for note in notes):
        assert task in tasks() and time.time() < deadline, "the task ended before it could be killed: give more --rows"
        time.sleep(0.05)
    time.sleep(0.5)
    assert any(is_half_done(note) for note in notes), "the file was written meanwhile: give more --rows"
    subprocess.run(["scancel", "--signal=KILL", "--full", task], check=True)
    while task in tasks():
        time.sleep(0.1)


def predict(ebm, run, tables, out):
    """All shards as an array, one of them killed and submitted again, twice. Returns the seconds."""
    begin = time.time()
    array = submit(ebm, run, tables, out, f"0-{SHARDS - 1}")
    kill_in_the_middle(array, tables, out)
    array = submit(ebm, run, tables, out, KILLED)
    kill_in_the_middle(array, tables, out)
    submit(ebm, run, tables, out, KILLED)
    while tasks():
        time.sleep(0.2)
    return time.time() - begin


def check(tables, out, files, rows):
    """Every row once, in order, read by DuckDB and by Polars."""
    names = sorted(path.relative_to(tables) for path in tables.rglob("*.parquet"))
    found = sorted(path.relative_to(out) for path in out.rglob("*.parquet"))
    assert names == found and len(names) == files, f"{len(found)} files of predictions for {len(names)} tables"
    glob = f"{out}/**/*.parquet"
    count, means, parts = duckdb.sql(
        f"SELECT count(*), count(mean), count(DISTINCT region) FROM read_parquet('{glob}', hive_partitioning = true)"
    ).fetchall()[0]
    assert (count, means) == (rows, rows), f"DuckDB reads {count} rows, {means} with a mean, not {rows}"
    lazy = polars.scan_parquet(glob, hive_partitioning=True)
    by_polars = lazy.select(polars.len(), polars.col("median").is_finite().sum()).collect().row(0)
    assert by_polars == (rows, rows), f"Polars reads {by_polars}, not {rows} rows"
    for name in names:
        table = duckdb.sql(f"SELECT count(*) FROM read_parquet('{tables / name}', hive_partitioning = false)")
        lines = duckdb.sql(
            f"SELECT count(*), min(line), max(line), bool_and(line = number) FROM (SELECT line, row_number() OVER () AS number "
            f"FROM read_parquet('{out / name}', hive_partitioning = false))"
        ).fetchall()[0]
        expected = table.fetchall()[0][0]
        assert lines == (expected, 1, expected, True), f"{name}: lines {lines} of {expected} rows"
        note = json.loads((out / "_predictions" / f"{name}.json").read_text())
        assert note["rows"] == expected, f"the note of {name} says {note['rows']}"
    return names, parts


def compare(ebm, run, tables, out, name, scratch):
    """One file predicted by one process, and by its groups of rows: the same values. Returns the memory of the process."""
    command = [ebm, "predict", run, tables / name, "--threads", "1", "--quiet", "--force", "--out"]
    alone, parts = scratch / "alone.parquet", scratch / "parts"
    process = subprocess.Popen([str(word) for word in [*command, alone]])
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, f"predicting {name} alone ended with {os.waitstatus_to_exitcode(status)}"
    for shard in range(2):
        subprocess.run([*command, parts, "--shard", f"{shard}/2"], check=True)
    one, other = (polars.read_parquet(path, hive_partitioning=False) for path in (alone, out / name))
    assert one.equals(other), f"{name} alone and in the array have different values"
    of_parts = [polars.read_parquet(parts / f"{name.stem}-{shard}-of-2.parquet") for shard in range(2)]
    assert all(len(part) > 0 for part in of_parts), f"{name} has one group of rows: nothing was divided"
    assert one.equals(polars.concat(of_parts)), f"{name} alone and in groups of rows have different values"
    return usage.ru_maxrss * 1024


def main():
    args = arguments()
    ebm = args.ebm.resolve()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        tables, out, run = scratch / "tables", scratch / "predicted", scratch / "run"
        make(tables, args.files, args.rows)
        make_labelled(scratch / "labelled.csv", 4000)
        train = "--target y --target-kind real --members 1 --epochs 5 --seed 0 --quiet --out"
        subprocess.run([ebm, "train", scratch / "labelled.csv", *train.split(), run], check=True)
        out.mkdir()
        seconds = predict(ebm, run, tables, out)
        names, regions = check(tables, out, args.files, args.rows)
        compared = (names[KILLED], names[-1])
        peak = max(compare(ebm, run, tables, out, name, scratch) for name in compared)
        version = subprocess.run([ebm, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout
        version = ", ".join(version.splitlines()[:2])
        slurm = subprocess.run(["sinfo", "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()[1]
        text = f"""# A folder of Parquet files, predicted by an array

`tests/cluster/predict_on_slurm.sh`, {version}, Slurm {slurm}, DuckDB {duckdb.__version__}, Polars {polars.__version__}, \
{os.cpu_count()} cores.

| | |
|---|---:|
| Parquet files, below {regions} folders `region=…` | {args.files} |
| rows of ten columns | {args.rows:,} |
| tasks of the array, `--shard 0/{SHARDS}` to `{SHARDS - 1}/{SHARDS}`, one thread each | {SHARDS} |
| times that one of them was killed in the middle of a file, and submitted again | 2 |
| seconds, with what was lost | {seconds:.0f} |
| rows a second, all columns | {args.rows / seconds:,.0f} |
| most memory of a process, MB | {peak / 1e6:.0f} |

Every row is there once and in the order of its file, and DuckDB and Polars read the folder as one table. {len(compared)} files \
have the values that one process gives them alone, and so have they divided by their groups of rows (`--shard 0/2`, `1/2` of \
the file).
"""
        print(text, end="")
        if args.record:
            args.record.write_text(text)


if __name__ == "__main__":
    main()
