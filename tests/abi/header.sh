#!/usr/bin/env bash
# Gate 1: gnomon.h compiles as users compile it, is what src/ffi says, and carries Cargo.toml's version.
gate=header
. "$(dirname "$0")/common.sh"

flags="-Wall -Wextra -pedantic -Wconversion -Wstrict-prototypes -Werror"
compilers() { for one in gcc clang; do command -v $one || true; done; }
[ -n "$(compilers)" ] || fail "neither gcc nor clang is here: run 'make setup'"

# Every compiler and language: alone, twice in one file, in two files of one program.
matrix() { # folder of the header
    local at=$1 work=$out/header runs=0 compiler language std
    mkdir -p "$work"
    printf '#include "gnomon.h"\nint one(void);\nint one(void) { return GNOMON_OK; }\n' >"$work/alone.c"
    printf '#include "gnomon.h"\n#include "gnomon.h"\nint one(void);\nint main(void) { gnomon_frame f; (void)f; (void)sizeof(gnomon_object); return one(); }\n' >"$work/twice.c"
    for compiler in $(compilers); do
        for std in c99 c11 c17 c++11 c++14 c++17 c++20; do
            case $std in c++*) language="-x c++"; extra=${flags/-Wstrict-prototypes/} ;; *) language="-x c"; extra=$flags ;; esac
            # shellcheck disable=SC2086
            "$compiler" $language -std=$std $extra "-I$at" "$work/alone.c" "$work/twice.c" -o "$work/program" || return 1
            "$work/program" || return 1
            runs=$((runs + 1))
        done
    done
    echo "$gate: $runs combinations of compiler and language compile cleanly, once, twice, and in two files"
}

matrix include || fail "the header does not compile"
scripts/header.sh --check || fail "the header is not what src/ffi says"

planted=$out/header-planted
mkdir -p "$planted"
sed 's/^typedef int32_t gnomon_status;/&\nstatic const int gnomon_planted = 1.5;/' $header >"$planted/gnomon.h"
must_fail "a line that only some compilers take" matrix "$planted"
sed 's/#ifndef GNOMON_H/#ifndef GNOMON_H_/' $header >"$planted/gnomon.h"
must_fail "no include guard" matrix "$planted"
sed 's/define GNOMON_VERSION_MINOR .*/define GNOMON_VERSION_MINOR 77/' $header >"$planted/gnomon.h"
must_fail "a version that is not Cargo.toml's" scripts/header.sh --check "$planted/gnomon.h"
echo "$gate: passed"
