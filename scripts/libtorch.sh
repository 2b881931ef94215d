#!/usr/bin/env bash
# Installs libtorch for the tch crate: the CPU half of PyPI's torch wheel, in a folder outside the clone, shared by all clones.
# Usage: libtorch.sh             make the folder unless it is there
#        libtorch.sh --present   succeed if it is there
#        libtorch.sh --folder    print its path
# If LIBTORCH is set in the environment, that folder is used unchanged.
#
# The wheel is built for CUDA, but its CPU library needs only 27 functions of CUDA, all of them for the profiler. Two small stub
# libraries that return an error from each replace gigabytes of CUDA; the profiler then sees a machine without a GPU.
set -euo pipefail

version=2.13.0 # what tch 0.26 binds
cache=${DOCFLEET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/docfleet}
folder=${LIBTORCH:-$cache/libtorch-$version}
kept=(libtorch_cpu.so libc10.so libgomp.so.1)

present() { [[ -e $folder/lib/libtorch_cpu.so && -d $folder/include ]]; }
say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# download INTO: only the wheel's C++ half is used, so the wheel of any Python version will do.
download() {
    TMPDIR=$1 python3 -m pip download --quiet --no-cache-dir --no-deps --only-binary=:all: --dest "$1" \
        --platform manylinux_2_28_x86_64 --implementation cp --python-version 3.11 "torch==$version" ||
        die "libtorch could not be downloaded (see pip's message above). Mend the connection and run this again, or set LIBTORCH to the folder of a libtorch $version."
}

# unpack WHEEL INTO
unpack() {
    python3 - "$1" "$2" "${kept[@]}" <<'PYTHON'
import pathlib, shutil, sys, zipfile

wheel, into, kept = sys.argv[1], pathlib.Path(sys.argv[2]), set(sys.argv[3:])
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        path = pathlib.PurePosixPath(name)
        if name.endswith("/"):
            continue
        if name.startswith("torch/include/"):
            target = path.relative_to("torch")
        elif path.parent == pathlib.PurePosixPath("torch/lib") and path.name in kept:
            target = path.relative_to("torch")
            kept.remove(path.name)
        elif path.parts[1:] == ("licenses", "LICENSE"):
            target = pathlib.PurePosixPath("LICENSE")
        else:
            continue
        (into / target).parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as source, open(into / target, "wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
sys.exit(f"not in the wheel: {', '.join(sorted(kept))}" if kept else 0)
PYTHON
}

# stub LIBRARY INTO: makes a library with every function that libtorch_cpu.so imports from LIBRARY.
# 999 is the "unknown error" of both CUDA's runtime and CUPTI.
stub() {
    local library=$1 lib=$2/lib
    {
        echo "const char *cudaGetErrorString(void) { return \"docfleet runs libtorch without CUDA\"; }"
        nm -D --undefined-only "$lib/libtorch_cpu.so" | sed -n "s/^ *U \(.*\)@$library\$/\1/p" |
            grep -vx cudaGetErrorString | sed 's/.*/int &(void) { return 999; }/'
    } >"$2/stub.c"
    echo "$library { global: *; };" >"$2/stub.map"
    cc -shared -fPIC -O1 -Wl,-soname,"$library" -Wl,--version-script,"$2/stub.map" -o "$lib/$library" "$2/stub.c"
    rm "$2/stub.c" "$2/stub.map"
}

# assemble INTO: turns INTO/download/*.whl into a libtorch folder at INTO.
assemble() {
    unpack "$1"/download/*.whl "$1"
    rm -r "$1/download"
    strip --strip-unneeded "$1/lib/libtorch_cpu.so" "$1/lib/libc10.so"
    stub libcudart.so.13 "$1"
    stub libcupti.so.13 "$1"
    # The wheel's libtorch.so only pulls in the CPU and the CUDA library; tch's linker line asks for it by name.
    echo 'INPUT(-ltorch_cpu)' >"$1/lib/libtorch.so"
    echo "$version" >"$1/build-version"
    ! ldd "$1/lib/libtorch_cpu.so" | grep 'not found' || die "libtorch $version lacks the libraries named above on this system."
}

# Takes a lock, so that two set-ups do not both download. The folder is renamed once complete, so that a killed set-up can be
# repeated.
make_folder() {
    [[ $(uname -sm) == 'Linux x86_64' ]] || die "no libtorch is known for $(uname -sm). Set LIBTORCH to the folder of a libtorch $version."
    mkdir -p "$cache"
    exec 9>"$cache/libtorch.lock"
    flock 9
    present && return
    rm -rf "$cache"/libtorch-new.*
    local new
    new=$(mktemp -d "$cache/libtorch-new.XXXXXX")
    chmod 755 "$new"
    say "downloading libtorch $version (530 MB, once; 400 MB stay in $folder)"
    mkdir "$new/download"
    download "$new/download"
    say "unpacking libtorch"
    assemble "$new"
    rm -rf "$folder"
    mv -T "$new" "$folder"
}

case ${1-} in
--folder) printf '%s\n' "$folder" ;;
--present) present ;;
'')
    present && exit
    [[ -z ${LIBTORCH-} ]] || die "LIBTORCH is $LIBTORCH, where there is no libtorch. Unset it, or name a folder with include/ and lib/libtorch_cpu.so."
    make_folder
    ;;
*) die "unknown argument $1" ;;
esac
