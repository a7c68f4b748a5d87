#!/usr/bin/env bash
# Gate 5: old binary, new library. For each release with this ABI number, its C and C++ tests, built from its own sources
# against its own header and library, run against the shared object of now, unrebuilt.
gate=old
. "$(dirname "$0")/common.sh"
build_library
old=target/old

# Releases with this ABI number, newest first.
fitting() {
    local tag
    for tag in $(releases); do
        if [ "$(abi_of "$tag")" = "$abi" ]; then echo "$tag"; fi
    done
}

# The tests of a tree into a folder; they are not told where a library lies.
build_tests() { # tree, folder, folder of the library of then
    local tree=$1 to=$2 library=$3 flags="-O1 -g -D_POSIX_C_SOURCE=200809L" name
    mkdir -p "$to"
    {
        echo '#define GNOMON_FIELDS(X) \'
        awk -f "$tree/tests/abi/names.awk" "$tree/include/gnomon.h" |
            awk '$1 == "field" { printf "    X(%s, %s, %s, %s) \\\n", $2, $3, $4, $5 } END { print "" }'
    } >"$to/fields.h"
    # What a release's abuse.c wants of its fields.h, its own script knows.
    if grep -q '^write_fields()' "$tree/tests/abi/common.sh"; then
        (cd "$tree" && gate=old && . tests/abi/common.sh && write_fields && echo "$PWD/$out/fields.h") >"$to/where"
        cp "$(cat "$to/where")" "$to/fields.h"
    fi
    for name in api abuse; do
        # shellcheck disable=SC2086
        $CC -std=c99 $flags "-I$tree/include" "-I$to" "-I$tree/tests/c" -o "$to/$name" "$tree/tests/c/$name.c" "-L$library" \
            -lgnomon -lpthread -ldl -lm
    done
    # shellcheck disable=SC2086
    ${CXX:-g++} -std=c++17 $flags "-I$tree/include" -o "$to/api-cpp" "$tree/tests/cpp/api.cpp" "-L$library" -lgnomon -lpthread
}

# Once for each release: its library as it shipped, its tests.
build_release() { # tag
    local tree=$old/$1/tree to=$old/$1/tests
    [ -f "$to/done" ] && return
    rm -rf "${old:?}/$1"
    mkdir -p "$tree"
    git archive "$1" | tar -x -C "$tree"
    (cd "$tree" && cargo build --quiet --release --lib --no-default-features --target-dir "$OLDPWD/$old/build")
    stage "$old/build/release/libgnomon.so" "$old/$1/lib"
    build_tests "$tree" "$to" "$old/$1/lib"
    touch "$to/done"
    rm -rf "$tree"
}

run_tests() { # folder of the tests, folder of the library
    local name
    for name in api abuse api-cpp; do
        # Bound at the start: a function that is gone is missed even where it is not called.
        LD_BIND_NOW=1 LD_LIBRARY_PATH="$PWD/$2" "$1/$name" || return 1
    done
}

tags=$(fitting)
if [ -z "$tags" ]; then
    echo "$gate: not run: no release has this ABI number yet"
else
    for tag in $tags; do
        build_release "$tag"
        run_tests "$old/$tag/tests" "$out/lib" || fail "what was built for $tag does not run"
        echo "$gate: what was built for $tag runs unrebuilt"
    done
fi

# The fake release is what is here now.
build_tests "$PWD" "$old/now" "$out/lib"
run_tests "$old/now" "$out/lib" >/dev/null || fail "what is built now does not run"
mkdir -p "$old/planted"
sed 's/gnomon_box_gap/gnomon_box_gaq/g' "$out/lib/libgnomon.so.$abi" >"$old/planted/libgnomon.so.$abi"
must_fail "a library that lacks a function" run_tests "$old/now" "$old/planted"
grep -q 'undefined symbol: gnomon_box_gap' "$out/planted.log" || fail "the tests failed for another reason"

# Of two fake releases, the one with this ABI number is found.
rm -rf "$old/history"
mkdir -p "$old/history/src/ffi"
found=$(
    cd "$old/history"
    git init --quiet
    as() { git -c user.name=gnomon -c user.email=gnomon@localhost -c commit.gpgsign=false "$@"; }
    for release in "v0.1.0 $((abi - 1))" "v0.2.0 $abi" "w0.3.0 $abi"; do
        echo "pub const GNOMON_ABI_VERSION: u32 = ${release#* };" >src/ffi/version.rs
        git add src
        as commit --quiet --allow-empty -m "${release% *}"
        as tag "${release% *}"
    done
    fitting
)
[ "$found" = v0.2.0 ] || fail "of v0.1.0, v0.2.0 and w0.3.0 these seem to have ABI number $abi: $found"
rm -rf "$old/history"
echo "$gate: passed"
