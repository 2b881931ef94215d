#!/usr/bin/env bash
# tests.sh cargo test …: runs the tests, then prints the slowest ones.
set -euo pipefail
report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
"$@" --config "target.'cfg(all())'.runner = 'scripts/report-time.sh'" 2>&1 | tee "$report" || status=$?
echo "== The tests that took longest:"
sed -nE 's/^test (.*) \.\.\. .*<([0-9.]+)s>$/\2 s  \1/p' "$report" | sort -rn | sed -n 1,15p # not head: it would break sort's pipe
exit $status
