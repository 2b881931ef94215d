#!/usr/bin/env bash
# phase.sh NAME COMMAND…: runs a part of `make test` and prints how long it took. If PHASES names a file, appends the line to it.
set -uo pipefail
name=$1
shift
begun=$SECONDS
"$@"
status=$?
line=$(printf '%-10s %4d s' "$name" $((SECONDS - begun)))
echo "== $line"
[ -z "${PHASES:-}" ] || echo "$line" >>"$PHASES"
exit $status
