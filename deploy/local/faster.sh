#!/bin/sh
# Prints the fastest of the Pythons of the same version as the one in $1, that one where none of the
# others saves a tenth of its time. One built without its compiler's optimisations takes a third
# longer for the same, and is often the first on the path of who builds his own. Two work in turns,
# and who is faster in most rounds has won: for a while another program may slow either of them.

ROUNDS=9

work='
import time
def once():
    begun, found, kept = time.perf_counter(), {}, []
    for number in range(20000):
        found[number & 255] = number, str(number)
        kept = [one for one in kept if one != number][-3:] + [number]
    return time.perf_counter() - begun
print(int(min(once() for _ in range(3)) * 1e6))
'

takes() { # a Python; prints the microseconds that the work takes it
    "$1" -c "$work" 2>/dev/null || echo 999999999
}

program() { # a Python; prints the file of the program, whatever name it was found by
    "$1" -c 'import os, sys; print(os.path.realpath(sys.executable))' 2>/dev/null
}

usable() { "$1" -c 'import venv, ensurepip' 2>/dev/null; }

beats() { # a Python, another: whether the first saves a tenth of the other's time, in most rounds
    wins=0
    round=0
    while [ "$round" -lt "$ROUNDS" ]; do
        round=$((round + 1))
        if [ "$(takes "$1")" -lt "$(($(takes "$2") * 9 / 10))" ]; then wins=$((wins + 1)); fi
    done
    [ "$((wins * 2))" -gt "$ROUNDS" ]
}

fastest=$1
version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
met=:$(program "$1"):
IFS=:
for folder in $PATH; do
    other=$folder/python$version
    [ -x "$other" ] && usable "$other" || continue
    file=$(program "$other")
    case "$met" in *":$file:"*) continue ;; esac
    met=$met$file:
    if beats "$other" "$fastest"; then fastest=$other; fi
done
echo "$fastest"
