#!/usr/bin/env bash
# Installs the tests' tools from PyPI: axe-core checks pages for accessibility; schemathesis checks a server against its OpenAPI
# document; openapi-python-client generates a client from that document. The folder is outside the clone and shared by all
# clones.
# Usage: test-tools.sh             make the folder unless it is there
#        test-tools.sh --present   succeed if it is there
#        test-tools.sh --folder    print its path
set -euo pipefail

axe=0.1.8           # carries axe-core 4.12; the browser it would drive is left out
schemathesis=4.32.5
client=0.29.1
cache=${DOCFLEET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/docfleet}
folder=$cache/test-tools-$axe-$schemathesis-$client

present() { [[ -e $folder/axe.min.js && -d $folder/python/schemathesis && -d $folder/client/openapi_python_client ]]; }

make() {
    local into
    mkdir -p "$cache"
    into=$(mktemp -d "$cache/test-tools.XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf '$into'" EXIT
    echo "setup: fetching axe-core, schemathesis and openapi-python-client for the tests"
    python3 -m pip install --quiet --no-cache-dir --only-binary=:all: --target "$into/python" "schemathesis==$schemathesis"
    python3 -m pip install --quiet --no-cache-dir --only-binary=:all: --target "$into/client" "openapi-python-client==$client"
    python3 -m pip install --quiet --no-cache-dir --no-deps --target "$into/axe" "axe-playwright-python==$axe"
    mv "$into/axe/axe_playwright_python/axe.min.js" "$into/axe.min.js"
    rm -rf "$into/axe"
    chmod 755 "$into"
    # Fails if another process has made the folder first.
    mv -T "$into" "$folder" 2>/dev/null || present
}

case ${1-} in
    --present) present ;;
    --folder) echo "$folder" ;;
    '') present || make ;;
    *) echo "usage: test-tools.sh [--present|--folder]" >&2; exit 2 ;;
esac
