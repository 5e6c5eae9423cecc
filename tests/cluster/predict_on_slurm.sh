#!/usr/bin/env bash
# A folder of Parquet files predicted by an array of Slurm, one task of which is killed twice: see predict_folder.py.
#
#   pip install duckdb polars
#   tests/cluster/predict_on_slurm.sh [EBM [OPTIONS OF predict_folder.py]]
#
# EBM is the program, the release build unless given; PYTHON the interpreter, python3 unless given.
set -euo pipefail
cd "$(dirname "$0")/../.."
ebm=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/ebm}")
[ $# -eq 0 ] || shift
source tests/cluster/loopback.sh
"${PYTHON:-python3}" tests/cluster/predict_folder.py "$ebm" "$@"
