#!/bin/sh
# Stands in for `ebm` in tests. The tests put the cells of the table here:
cells="@CELLS@"

if [ "$1" = table ]; then
    table=$2; shift 2
    networks=1; epochs=2; m=4; plan=; runs=; markdown=; scale=
    while [ $# -gt 0 ]; do
        case $1 in
            --plan) plan=yes ;;
            --json) ;;
            --runs) runs=$2; shift ;;
            --markdown) markdown=$2; shift ;;
            --networks) networks=$2; scale="$scale $1 $2"; shift ;;
            --epochs) epochs=$2; scale="$scale $1 $2"; shift ;;
            --m) m=$2; scale="$scale $1 $2"; shift ;;
            --scale) scale="$scale $1 $2"; shift ;;
            *) exit 2 ;;
        esac
        shift
    done
    if [ -z "$plan" ]; then
        [ -d "$runs" ] || exit 66
        echo "# TABLE $table" > "$markdown"
        echo "TABLE $table$scale"
        exit 0
    fi
    jobs=; seed=0
    while [ $seed -lt "$networks" ]; do
        for cell in $cells; do
            jobs="$jobs${jobs:+,}{\"run\":\"$cell/seed-$seed\",\"args\":[\"train\",\"$cell\",\"$epochs\",\"$m\"]}"
        done
        seed=$((seed + 1))
    done
    size="{\"name\":\"quick\",\"networks\":$networks,\"epochs\":$epochs,\"m\":$m}"
    echo "{\"schema\":\"ebm.plan/1\",\"table\":$table,\"scale\":$size,\"jobs\":[$jobs]}"
    exit 0
fi

# train CELL EPOCHS M --out FOLDER --device cpu --evaluate --resume --quiet --threads 1
cell=$2; epochs=$3; m=$4; out=$6
[ "$5 $7 $8 $9" = "--out --device cpu --evaluate" ] || exit 2
say() {
    echo "{\"status\":\"$1\",\"config\":{\"training\":{\"epochs\":$epochs,\"m\":$m}}}" > "$out/run.json"
}
[ -e "$out/evaluation.json" ] && exit 0
mkdir -p "$out"
if ! mkdir "$out/working" 2> /dev/null; then
    echo "held by another process" >&2
    exit 73
fi
trap 'say interrupted; rmdir "$out/working"; exit 75' INT TERM
say running
case $cell in
    nan) say failed; rmdir "$out/working"; exit 1 ;;
    lost) rmdir "$out/working"; exit 1 ;;
    wrong) echo "no such preset" >&2; exit 78 ;;
    slow) while [ -d "$out" ] && [ ! -e "$out/hurry" ]; do sleep 0.05; done ;;
esac
say done
echo '{}' > "$out/evaluation.json"
rmdir "$out/working"
