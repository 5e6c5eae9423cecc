#!/bin/sh
# Stands in for `ebm` in tests of `reproduce-tables`: `ebm sweep` notes its arguments and ends as the test says,
# `ebm table` prints its own.
folder=${0%/*}
case $1 in
    sweep)
        echo "$*" >> "$folder/swept"
        case "@END@" in
            told)
                trap 'exit 75' TERM
                touch "$folder/working"
                while [ -d "$folder" ]; do sleep 0.05; done
                ;;
            *) exit "@END@" ;;
        esac
        ;;
    table)
        shift
        echo "TABLE $*"
        while [ $# -gt 0 ]; do
            [ "$1" = --markdown ] && echo "# a table" > "$2"
            shift
        done
        ;;
    *) exit 2 ;;
esac
