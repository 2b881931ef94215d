#!/usr/bin/env bash
# phase.sh NAME COMMAND…: runs a part of `make test` and says how long it took. Where PHASES names a file, a line is added to it.
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
