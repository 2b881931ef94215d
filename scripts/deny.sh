#!/usr/bin/env bash
# Checks licences, sources and bans of all dependencies, as deny.toml says. cargo-deny is compiled once and kept.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.20.2
kept="${DOCFLEET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/docfleet}/cargo-deny-$version"
if [[ ! -x $kept/bin/cargo-deny ]]; then
    echo "deny: compiling cargo-deny $version (some minutes, once; it stays in $kept)"
    target=$(mktemp -d)
    trap 'rm -rf "$target"' EXIT
    CARGO_TARGET_DIR=$target cargo install --quiet --locked --root "$kept" --version "$version" cargo-deny
fi
"$kept/bin/cargo-deny" --workspace check bans licenses sources
