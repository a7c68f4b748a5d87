#!/usr/bin/env bash
# Gate 3: every size, offset and constant as C compilers see them = tests/abi/layout.txt. Rust's own numbers are compared
# with the same file by the unit test rust_and_the_agreed_layout_are_one.
gate=layout
. "$(dirname "$0")/common.sh"

program() { # header: a C program that prints the layout
    echo '#include "gnomon.h"'
    echo '#include <stddef.h>'
    echo '#include <stdio.h>'
    echo 'int main(void) {'
    names "$1" | awk '
        $1 == "struct" { a = "struct { char c; " $2 " v; }"
            printf "    { typedef %s probe; printf(\"struct %s size %%zu align %%zu\\n\", sizeof(%s), offsetof(probe, v)); }\n", a, $2, $2 }
        $1 == "field" { printf "    printf(\"field %s.%s offset %%zu size %%zu\\n\", offsetof(%s, %s), sizeof(((%s *)0)->%s));\n", $2, $3, $2, $3, $2, $3 }
        $1 == "constant" { printf "    printf(\"constant %s %%d\\n\", (int)%s);\n", $2, $2 }'
    echo '    return 0;'
    echo '}'
}

print_layout() { # folder of the header, compiler
    program "$1/gnomon.h" >"$out/layout.c"
    "$2" -std=c99 -Wall -Wextra -Werror "-I$1" -o "$out/layout" "$out/layout.c" && "$out/layout"
}

agree() { # folder of the header, compiler
    print_layout "$1" "$2" >"$out/layout.txt" && diff -u tests/abi/layout.txt "$out/layout.txt"
}

if [ "${1:-}" = --write ]; then
    print_layout include gcc >tests/abi/layout.txt
    echo "$gate: wrote tests/abi/layout.txt"
fi
for compiler in gcc clang; do
    command -v $compiler >/dev/null || fail "$compiler is not here: run 'make setup'"
    agree include $compiler || fail "$compiler sees another layout than tests/abi/layout.txt"
    echo "$gate: $compiler sees $(grep -c ^struct tests/abi/layout.txt) structs, $(grep -c ^field tests/abi/layout.txt) fields and $(grep -c ^constant tests/abi/layout.txt) constants as agreed"
done
cargo test --quiet --lib rust_and_the_agreed_layout_are_one 2>&1 | tee "$out/layout-rust.log" | grep -q '1 passed' ||
    { cat "$out/layout-rust.log" >&2; fail "Rust sees another layout"; }
echo "$gate: Rust sees the same"

mkdir -p "$out/layout-planted"
sed 's/^    uint32_t camera_id;/    uint64_t camera_id;/' $header >"$out/layout-planted/gnomon.h"
must_fail "a field that grew" agree "$out/layout-planted" gcc
sed 's/GNOMON_E_BUSY = -13/GNOMON_E_BUSY = -14/' $header >"$out/layout-planted/gnomon.h"
must_fail "a constant with another value" agree "$out/layout-planted" gcc
sed 's/^    double yaw_rad;/&\n    double planted;/' $header >"$out/layout-planted/gnomon.h"
must_fail "a field that was slipped in" agree "$out/layout-planted" gcc
echo "$gate: passed"
