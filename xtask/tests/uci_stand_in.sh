#!/bin/sh
# Stands in for `ebm` in tests of `uci`. The NLL of a split is its seed and a half, the CRPS a tenth of it.
place="@PLACE@"
if [ "$1" = -V ]; then echo "ebm @VERSION@"; exit 0; fi
[ "$1 $2 $3" = "--quiet --threads 1" ] || exit 2
shift 3
if [ "$1" = train ]; then
    echo "$*" >> "$place/trained"
    while [ $# -gt 0 ]; do
        case $1 in
            --seed) seed=$2 ;;
            --out) out=$2 ;;
            --wrong) echo "no such option" >&2; exit 2 ;;
        esac
        shift
    done
    if [ -e "$place/interrupt-$seed" ]; then exit 75; fi
    if [ -e "$place/fail-$seed" ]; then echo "loss is NaN" >&2; exit 1; fi
    mkdir -p "$out"
    echo "$seed" > "$out/seed"
    echo '{"revision":"abc"}' > "$out/run.json"
    exit 0
fi
[ "$1 $4" = "evaluate --json" ] || exit 2
seed=$(cat "$2/seed")
rows=$(($(wc -l < "$3") - 1))
echo "{\"schema\":\"ebm.evaluation/1\",\"test_examples\":$rows,\"metrics\":{\"nll\":$seed.5,\"crps\":0.$seed,\"coverage_90\":null}}"
