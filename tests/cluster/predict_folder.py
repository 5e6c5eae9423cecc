#!/usr/bin/env python3
"""A folder of Parquet files predicted by four processes, one of which is killed twice: the union has every row once, in order,
with the values of one process on one file; DuckDB and Polars read it as one table.

    pip install duckdb polars
    tests/cluster/predict_folder.py EBM [--files N] [--rows N] [--record FILE]

EBM is the program. Without options there are 20 files with 2,000,000 rows of ten columns. The four are plain processes, as the
tasks of any array are (`--shard 0/4` to `--shard 3/4`). --record writes the figures as Markdown.
"""

import argparse
import json
import os
import random
import signal
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
        ).write_parquet(str(below / f"part-{file:03}.parquet"))


def make_labelled(path, rows):
    """Rows to train on: a wave with noise that depends on an input."""
    draw = random.Random(5)
    with open(path, "w") as out:
        print(",".join([f"x{j}" for j in range(8)] + ["word", "y"]), file=out)
        for _ in range(rows):
            x = [draw.random() for _ in range(8)]
            y = 3 * x[0] + x[1] * x[2] + (0.1 + 0.5 * x[3]) * draw.gauss(0, 1)
            print(",".join([f"{value:.6f}" for value in x] + [f"word{draw.randrange(12)}", repr(y)]), file=out)


def start(ebm, run, tables, out, shard):
    command = [ebm, "predict", run, tables, "--out", out, "--shard", f"{shard}/{SHARDS}", "--threads", "1", "--quiet"]
    return subprocess.Popen([str(word) for word in command])


def ended(process):
    """Its exit code, and the most memory that it held, in bytes."""
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024


def kill_in_the_middle(process, folder):
    """Kills a process once a file of its shard is being written."""
    def half_done():
        notes = [json.loads(note.read_text()) for note in folder.glob("_predictions/**/*.json")]
        return any(note["rows"] is None for note in notes)

    deadline = time.time() + 600
    while not half_done():
        assert process.poll() is None and time.time() < deadline, "the process ended before it could be killed"
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    code, peak = ended(process)
    assert code == -signal.SIGKILL, f"it had ended already, with {code}: give more --rows"
    return peak


def predict(ebm, run, tables, out):
    """All shards side by side. Returns the seconds, and the most memory of a process."""
    begin = time.time()
    # The one that is killed starts alone, so that what is half done is its own.
    peaks = []
    for _ in range(2):
        peaks.append(kill_in_the_middle(start(ebm, run, tables, out, KILLED), out))
    processes = [start(ebm, run, tables, out, shard) for shard in range(SHARDS)]
    for process in processes:
        code, peak = ended(process)
        assert code == 0, f"a shard ended with {code}"
        peaks.append(peak)
    return time.time() - begin, max(peaks)


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
    """One file predicted by one process, without shards: the same values."""
    alone = scratch / "alone.parquet"
    subprocess.run(
        [ebm, "predict", run, tables / name, "--out", alone, "--threads", "1", "--quiet", "--force"], check=True
    )
    one, other = (polars.read_parquet(path, hive_partitioning=False) for path in (alone, out / name))
    assert one.equals(other), f"{name} alone and in a shard have different values"


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
        seconds, peak = predict(ebm, run, tables, out)
        names, regions = check(tables, out, args.files, args.rows)
        for name in (names[KILLED], names[-1]):
            compare(ebm, run, tables, out, name, scratch)
        version = subprocess.run([ebm, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout
        version = ", ".join(version.splitlines()[:2])
        text = f"""# A folder of Parquet files, predicted by shards

`tests/cluster/predict_folder.py`, {version}, DuckDB {duckdb.__version__}, Polars {polars.__version__}, {os.cpu_count()} cores.

| | |
|---|---:|
| Parquet files, below {regions} folders `region=…` | {args.files} |
| rows of ten columns | {args.rows:,} |
| processes, `--shard 0/{SHARDS}` to `{SHARDS - 1}/{SHARDS}`, one thread each | {SHARDS} |
| times that one of them was killed in the middle of a file | 2 |
| seconds, with what was lost | {seconds:.0f} |
| rows a second, all columns | {args.rows / seconds:,.0f} |
| most memory of a process, MB | {peak / 1e6:.0f} |

Every row is there once and in the order of its file, DuckDB and Polars read the folder as one table, and two files have the
values that one process gives them alone.
"""
        print(text, end="")
        if args.record:
            args.record.write_text(text)


if __name__ == "__main__":
    main()
