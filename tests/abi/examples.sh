#!/usr/bin/env bash
# The examples in C and in Rust read the same rendered room and print the same, line by line; the C one is memcheck-clean.
gate=examples
. "$(dirname "$0")/common.sh"
build_library
cargo build --quiet --examples
raw=$out/raw
rm -rf "$raw"
target/debug/examples/raw_room "$raw" 7 30

compile examples/c/sequence.c "$out/sequence" "$out/lib"
"$out/sequence" "$raw" >"$out/sequence-c.txt" || fail "the example in C"
target/debug/examples/sequence "$raw" >"$out/sequence-rust.txt" || fail "the example in Rust"
agree() { diff -u --label C --label Rust "$1" "$2"; }
agree "$out/sequence-c.txt" "$out/sequence-rust.txt" || fail "C and Rust print different things"
objects=$(sed -n 's/^objects: //p' "$out/sequence-c.txt")
[ "${objects:-0}" -ge 3 ] || fail "the room has ${objects:-no} objects"
grep -q 'ahead' "$out/sequence-c.txt" || fail "no map was printed"
echo "$gate: C and Rust print the same $(wc -l <"$out/sequence-c.txt") lines, $objects objects"

target/debug/examples/raw_room "$out/raw-short" 7 4 >/dev/null
valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=9 "$out/sequence" "$out/raw-short" >/dev/null ||
    fail "the example in C is not memcheck-clean"
rm -rf "$out/raw-short"
echo "$gate: the example in C is memcheck-clean"

sed 's/^objects: .*/objects: 0/' "$out/sequence-c.txt" >"$out/planted.txt"
must_fail "another number of objects" agree "$out/planted.txt" "$out/sequence-rust.txt"
: >"$raw/K.txt"
must_fail "a folder without intrinsics" "$out/sequence" "$raw"
rm -rf "$raw"
echo "$gate: passed"
