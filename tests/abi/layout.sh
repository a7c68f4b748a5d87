#!/usr/bin/env bash
# Gate 3: every size, offset and constant as C compilers see them = tests/abi/layout.txt; every type of a field and every
# signature = tests/abi/types.txt. Rust's own numbers are compared with layout.txt by the unit test
# rust_and_the_agreed_layout_are_one. Bindings are generated from the two files.
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

print_types() { # header
    names "$1" | awk '
        $1 == "field" { type = $6; if ($7 != "") type = type " " $7; print "field " $2 "." $3 " " type }
        $1 == "alias" || $1 == "handle" || $1 == "callback" || $1 == "function" { print }'
}

restate() { # list of types: a C program that says of gnomon.h what the list says
    echo '#include "gnomon.h"'
    echo '#define SAME(a, b) typedef char same[__builtin_types_compatible_p(a, b) ? 1 : -1] __attribute__((unused))'
    awk '
        $1 == "function" { sub(/^function /, ""); name = $1; sub(/^[^ ]+ /, ""); at = index($0, "(")
            print substr($0, 1, at - 1) name substr($0, at) ";" }
        $1 == "callback" { sub(/^callback /, ""); name = $1; sub(/^[^ ]+ /, ""); at = index($0, "(")
            print "typedef " substr($0, 1, at - 1) "(*now_" name ")" substr($0, at) ";"
            print "void check_" name "(void); void check_" name "(void) { SAME(now_" name ", " name "); }" }
        $1 == "alias" { print "void check_" $2 "(void); void check_" $2 "(void) { SAME(" $2 ", " $3 "); }" }
        $1 == "handle" { print "void check_" $2 "(void); void check_" $2 "(void) { SAME(" $2 "*, struct " $2 "*); }" }
        $1 == "field" { split($2, part, "."); sub(/^field [^ ]+ /, ""); many = ""; if (at = index($0, "[")) { many = substr($0, at); $0 = substr($0, 1, at - 1) }
            probe = "check_" part[1] "_" part[2]
            print "void " probe "(void); void " probe "(void) { typedef " $0 " now" many "; SAME(__typeof__(((" part[1] "*)0)->" part[2] "), now); }" }' "$1"
}

types_agree() { # header, list of types
    local compiler
    print_types "$1" | diff -u --label types.txt --label gnomon.h "$2" - || return 1
    restate "$2" >"$out/types.c"
    for compiler in gcc clang; do
        "$compiler" -std=gnu11 -Wall -Wextra -Werror "-I$(dirname "$1")" -c -o "$out/types.o" "$out/types.c" || return 1
    done
}

# The compilers alone: is a list refused though it was read from the header?
compilers_agree() { # list of types
    restate "$1" >"$out/types.c"
    gcc -std=gnu11 -Wall -Wextra -Werror -Iinclude -c -o "$out/types.o" "$out/types.c"
}

if [ "${1:-}" = --write ]; then
    print_layout include gcc >tests/abi/layout.txt
    print_types $header >tests/abi/types.txt
    echo "$gate: wrote tests/abi/layout.txt and tests/abi/types.txt"
fi
for compiler in gcc clang; do
    command -v $compiler >/dev/null || fail "$compiler is not here: run 'make setup'"
    agree include $compiler || fail "$compiler sees another layout than tests/abi/layout.txt"
    echo "$gate: $compiler sees $(grep -c ^struct tests/abi/layout.txt) structs, $(grep -c ^field tests/abi/layout.txt) fields and $(grep -c ^constant tests/abi/layout.txt) constants as agreed"
done
types_agree $header tests/abi/types.txt || fail "the header has other types than tests/abi/types.txt"
echo "$gate: $(grep -c ^function tests/abi/types.txt) functions and $(grep -c ^field tests/abi/types.txt) fields have the types agreed, say gcc and clang"
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
sed 's/^    const double \*numbers;/    const float *numbers;/' $header >"$out/layout-planted/gnomon.h"
must_fail "a pointer to another type" types_agree "$out/layout-planted/gnomon.h" tests/abi/types.txt
sed 's/^gnomon_status gnomon_scene_publish(struct/gnomon_status gnomon_scene_publish(const struct/' $header >"$out/layout-planted/gnomon.h"
must_fail "a function with another parameter" types_agree "$out/layout-planted/gnomon.h" tests/abi/types.txt
sed 's/^function gnomon_reward_numeric .*double truth/&_, float planted/' tests/abi/types.txt >"$out/planted.txt"
must_fail "a signature that the compiler does not see" compilers_agree "$out/planted.txt"
sed 's/^field gnomon_cell.low_m double/field gnomon_cell.low_m float/' tests/abi/types.txt >"$out/planted.txt"
must_fail "a field's type that the compiler does not see" compilers_agree "$out/planted.txt"
echo "$gate: passed"
