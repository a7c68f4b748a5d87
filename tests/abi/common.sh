# What every gate shares: where things are, the library under test, and a planted fault that must be found.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

header=include/gnomon.h
out=target/abi
. scripts/numbers.sh
CC=${CC:-gcc}
mkdir -p "$out"
# The ONNX Runtime that setup fetched, unless another is named.
if [ -z "${GNOMON_ORT_PATH:-}" ] && [ -d .tools/ort/onnxruntime/capi ]; then
    export GNOMON_ORT_PATH=$PWD/.tools/ort/onnxruntime/capi
fi

# Shared objects are not named by their features, so these have a target folder of their own.

# The shared object as it ships, without the command line; unstripped, with gnomon's own debug information.
build_library() {
    cargo build --quiet --release --lib --no-default-features --features onnx --target-dir target/clib
    stage target/clib/release/libgnomon.so "$out/lib"
}

# The shared object whose entries panic on demand.
build_panicking_library() {
    cargo build --quiet --lib --no-default-features --features onnx,ffi-test-panic --target-dir target/clib
    stage target/clib/debug/libgnomon.so "$out/lib-panic"
}

stage() { # shared object, folder
    mkdir -p "$2"
    if ! cmp -s "$1" "$2/libgnomon.so.$abi"; then cp "$1" "$2/libgnomon.so.$abi"; fi
    ln -sf "libgnomon.so.$abi" "$2/libgnomon.so"
}

# target/abi/fields.h: every field of every struct, and which function takes which struct, for abuse.c.
write_fields() { # header
    {
        echo '#define GNOMON_FIELDS(X) \'
        names "${1:-$header}" | awk '$1 == "field" { printf "    X(%s, %s, %s, %s) \\\n", $2, $3, $4, $5 } END { print "" }'
        echo '#define GNOMON_TAKES(X) \'
        names "${1:-$header}" | awk '
            $1 == "struct" { there[$2] = $2 != "gnomon_str" }
            $1 == "function" {
                name = $2
                while (match($0, /const gnomon_[a-z0-9_]+\*/)) {
                    taken = substr($0, RSTART + 6, RLENGTH - 7)
                    $0 = substr($0, RSTART + RLENGTH)
                    if (there[taken] && !told[name, taken]++) printf "    X(%s, %s) \\\n", name, taken
                }
            }
            END { print "" }'
    } >"$out/fields.h"
}

# Releases that this commit comes from, newest first; none where there is no history.
releases() { git tag --list 'v[0-9]*' --merged HEAD --sort=-v:refname 2>/dev/null || true; }

abi_of() { # tag
    git show "$1:src/ffi/version.rs" | sed -n 's/^pub const GNOMON_ABI_VERSION: u32 = \([0-9]*\);$/\1/p'
}

names() { awk -f tests/abi/names.awk "${1:-$header}"; }

c_flags="-std=c99 -O1 -g -Wall -Wextra -pedantic -Wconversion -Werror -D_POSIX_C_SOURCE=200809L -Iinclude -I$out -Itests/c"

compile() { # source, program, folder of the library, more flags...
    local source=$1 program=$2 library=$3
    shift 3
    # shellcheck disable=SC2086
    $CC $c_flags "$@" -o "$program" "$source" "-L$library" -lgnomon -lpthread -ldl -lm "-Wl,-rpath,$PWD/$library"
}

cpp_flags="-O1 -g -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Iinclude"

compile_cpp() { # source, program, more flags or sources...
    local source=$1 program=$2
    shift 2
    compile_cpp_with "$out/lib" "$source" -o "$program" "$@"
}

compile_cpp_with() { # folder of the library, source, more flags...
    local library=$1
    shift
    # shellcheck disable=SC2086
    ${CXX:-g++} -std=c++17 $cpp_flags "$@" "-L$library" -lgnomon -lpthread "-Wl,-rpath,$PWD/$library"
}

# The archive of the cxx bridge, in a target folder of its own: what it is built with makes cargo see other dependencies.
# Its headers are left here.
export GNOMON_CXX_INCLUDE=$PWD/target/cxx/include
build_bridge() {
    cargo build --quiet -p gnomon-cxx --target-dir target/cxx
}

compile_cxx() { # source, program, more flags...; profile: of the bridge
    local source=$1 program=$2
    shift 2
    # shellcheck disable=SC2086
    ${CXX:-g++} -std=c++17 ${cpp_flags/-Iinclude/} -isystem "$GNOMON_CXX_INCLUDE" "$@" -o "$program" "$source" \
        "target/cxx/${profile:-debug}/libgnomon_cxx.a" -lpthread -ldl -lm
}

fail() { echo "$gate: FAILED: $*" >&2; exit 1; }

# A gate that cannot fail is none: the command must find the planted fault.
must_fail() { # what was planted, command...
    local planted=$1
    shift
    if "$@" >"$out/planted.log" 2>&1; then
        cat "$out/planted.log" >&2
        fail "did not notice: $planted"
    fi
    echo "$gate: notices a planted fault: $planted"
}
