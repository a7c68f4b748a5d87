#!/usr/bin/env bash
# Gate 2: what the shared object exports = the functions of gnomon.h = tests/abi/symbols.txt; its name carries the ABI.
gate=symbols
. "$(dirname "$0")/common.sh"
build_library

agree() { # header, shared object, list
    local work=$out/symbols
    mkdir -p "$work"
    names "$1" | awk '$1 == "function" { print $2 }' | sort >"$work/header"
    nm -D --defined-only "$2" | awk '$2 ~ /[A-Z]/ { print $3 }' | sort >"$work/object"
    sort "$3" >"$work/list"
    diff -u --label gnomon.h --label libgnomon.so "$work/header" "$work/object" &&
        diff -u --label gnomon.h --label symbols.txt "$work/header" "$work/list"
}

object=$out/lib/libgnomon.so.$abi
if [ "${1:-}" = --write ]; then
    names | awk '$1 == "function" { print $2 }' | sort >tests/abi/symbols.txt
    echo "$gate: wrote tests/abi/symbols.txt"
fi
agree $header "$object" tests/abi/symbols.txt || fail "header, object and list differ"
readelf -d "$object" | grep -q "SONAME.*\[libgnomon.so.$abi\]" || fail "the shared object is not named libgnomon.so.$abi"
readelf -d "$object" | grep -q NODELETE || fail "the shared object may be unloaded"
echo "$gate: $(wc -l <tests/abi/symbols.txt) functions, the same in header, object and list; soname libgnomon.so.$abi, nodelete"

sed 's/gnomon_box_gap(/gnomon_box_distance(/' $header >"$out/planted.h"
must_fail "a function that only the header has" agree "$out/planted.h" "$object" tests/abi/symbols.txt
grep -v gnomon_box_gap tests/abi/symbols.txt >"$out/planted.txt"
must_fail "a function that the list lacks" agree $header "$object" "$out/planted.txt"
echo "$gate: passed"
