#!/bin/sh
# Stands in for `ebm` in tests. The tests put the cells of the table here:
cells="@CELLS@"

if [ "$1" = table ]; then
    table=$2; shift 2
    networks=1; epochs=2; m=4; plan=; json=; runs=; markdown=; scale=
    while [ $# -gt 0 ]; do
        case $1 in
            --plan) plan=yes ;;
            --json) json=yes ;;
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
    if [ -z "$plan$json" ]; then
        [ -d "$runs" ] || exit 66
        echo "# TABLE $table" > "$markdown"
        echo "TABLE $table$scale"
        exit 0
    fi
    # What became of a run, as the report of a table has it.
    state() {
        run=$runs/$1
        if [ ! -e "$run/run.json" ]; then echo '"state":"not_started"'; return; fi
        trained=$(sed 's/.*"epochs":\([0-9]*\).*/\1/' "$run/run.json")
        if [ "$trained" != "$epochs" ]; then echo "\"state\":\"other_scale\",\"epochs\":$trained,\"m\":$m"
        elif grep -q failed "$run/run.json"; then echo '"state":"failed","reason":"loss is NaN"'
        elif ! grep -q done "$run/run.json"; then echo '"state":"unfinished"'
        elif [ -e "$run/evaluation.json" ]; then echo '"state":"finite","value":1'
        else echo '"state":"not_evaluated"'
        fi
    }
    jobs=; states=; seed=0
    while [ $seed -lt "$networks" ]; do
        for cell in $cells; do
            jobs="$jobs${jobs:+,}{\"run\":\"$cell/seed-$seed\",\"args\":[\"train\",\"$cell\",\"$epochs\",\"$m\"]}"
            states="$states${states:+,}{\"run\":\"$cell/seed-$seed\",$(state "$cell/seed-$seed")}"
        done
        seed=$((seed + 1))
    done
    if [ -z "$plan" ]; then
        echo "{\"schema\":\"ebm.table/1\",\"table\":$table,\"rows\":[{\"cells\":[{\"runs\":[$states]}]}]}"
        exit 0
    fi
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
