#!/usr/bin/env bash
# Installs only what docfleet needs and this machine lacks. If everything is present, it changes nothing.
# Usage: setup.sh [--test]     --test adds what only the tests use.
#
# Each requirement is probed by its contents (a command, a library, a language's data), not by a package's name. So nothing is
# installed on a machine that has it from elsewhere. The package names are those of Debian bookworm.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

missing=()
# need PACKAGE PROBE…: remember PACKAGE if PROBE fails.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

has() { command -v "$1"; }
any_file() { compgen -G "$1"; }
tessdata() {
    local folder
    for folder in "${TESSDATA_PREFIX:-/usr/share/tesseract-ocr/*/tessdata}" /usr/share/tessdata; do
        any_file "$folder/$1.traineddata" && return
    done
    return 1
}
postgres_server() { has initdb || any_file '/usr/lib/postgresql/*/bin/initdb'; }
python_pip() { python3 -c 'import pip'; }

probe_packages() {
    need gcc has cc
    need g++ has c++
    need binutils has strip
    need pkg-config has pkg-config
    need libtesseract-dev pkg-config --exists tesseract
    need libleptonica-dev pkg-config --exists lept
    need tesseract-ocr-eng tessdata eng
    need tesseract-ocr-deu tessdata deu
    need tesseract-ocr-osd tessdata osd
    need poppler-utils has pdftoppm
    need redis-server has redis-server
    need postgresql postgres_server
    if ! scripts/libtorch.sh --present || [[ ${1-} == --test ]]; then
        need python3 has python3
        need python3-pip python_pip
    fi
    if [[ ${1-} == --test ]]; then
        need user-mode-linux has linux.uml
        need qpdf has qpdf
        need chromium has chromium
        need chromium-driver has chromedriver
    fi
}

# Debian starts a Postgres cluster and a Redis when their packages are installed. docfleet runs private ones, so a policy tells
# the maintainer scripts not to. An existing policy is left unchanged.
policy=/usr/sbin/policy-rc.d
as_root=()
install_packages() {
    say "installing ${missing[*]}"
    if [[ ! -e $policy ]]; then
        trap '"${as_root[@]}" rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod 755 "$policy"
    fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq)
    "${apt[@]}" update
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
}

ensure_packages() {
    probe_packages "${1-}"
    ((${#missing[@]})) || return 0
    local by_hand="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    has apt-get >/dev/null || die "not found: ${missing[*]} (Debian's names). Install them with your system's package manager, then run this again."
    if ((EUID == 0)); then
        install_packages
    elif sudo -n true 2>/dev/null; then
        as_root=(sudo -n)
        install_packages
    else
        die "some packages are missing and this user may not install them. As root, run:
    $by_hand
then run this again."
    fi
    missing=()
    probe_packages "${1-}"
    ((${#missing[@]} == 0)) || die "still not found after the installation: ${missing[*]}. Run '$by_hand' as root and read what it says."
}

ensure_rust() {
    has cargo >/dev/null || die "cargo was not found. Install the Rust toolchain (1.95 or newer), then run this again."
    [[ ${1-} == --test ]] || return 0
    local part
    for part in fmt clippy; do
        cargo "$part" --version >/dev/null 2>&1 || die "'cargo $part' was not found. Run 'rustup component add rustfmt clippy', then run this again."
    done
}

# Writes the folder's path to a file that .cargo/config.toml includes, so that cargo finds it even without make.
name_libtorch() {
    local line config=.cargo/local.toml
    line="env.LIBTORCH = '$(scripts/libtorch.sh --folder)'"
    [[ -f $config && $(<"$config") == "$line" ]] || printf '%s\n' "$line" >"$config"
}

ensure_rust "${1-}"
ensure_packages "${1-}"
scripts/libtorch.sh
[[ ${1-} != --test ]] || scripts/test-tools.sh
name_libtorch
