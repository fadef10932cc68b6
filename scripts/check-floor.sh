#!/usr/bin/env bash
# check-floor.sh NAME FLOOR CORPUS: runs a conformance suite and fails when fewer than FLOOR cases pass.
set -uo pipefail
out=$(npm run --silent conformance -- "$1" --corpus "$3" 2>&1)
printf '%s\n' "$out" | tail -n 40
count=$(printf '%s\n' "$out" | tail -n 1 | sed -n 's/^\([0-9]*\) passed, .*/\1/p')
[ -n "$count" ] || { echo "the runner printed no figure"; exit 1; }
[ "$count" -ge "$2" ] || { echo "only $count passed; the floor is $2"; exit 1; }
