#!/usr/bin/env bash
# The examples in C, C++ and Rust read the same rendered room and print the same, line by line; those in C and C++ are
# memcheck-clean. The ten lines of the README run in C and C++ and say the same.
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
compile_cpp examples/cpp/sequence.cpp "$out/sequence-cpp"
"$out/sequence-cpp" "$raw" >"$out/sequence-cpp.txt" || fail "the example in C++"
agree() { diff -u "$1" "$2"; }
agree "$out/sequence-c.txt" "$out/sequence-rust.txt" || fail "C and Rust print different things"
agree "$out/sequence-c.txt" "$out/sequence-cpp.txt" || fail "C and C++ print different things"
objects=$(sed -n 's/^objects: //p' "$out/sequence-c.txt")
[ "${objects:-0}" -ge 3 ] || fail "the room has ${objects:-no} objects"
grep -q 'ahead' "$out/sequence-c.txt" || fail "no map was printed"
echo "$gate: C, C++ and Rust print the same $(wc -l <"$out/sequence-c.txt") lines, $objects objects"

target/debug/examples/raw_room "$out/raw-short" 7 4 >/dev/null
for example in sequence sequence-cpp; do
    valgrind --fair-sched=try --quiet --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=9 "$out/$example" "$out/raw-short" >/dev/null ||
        fail "$example is not memcheck-clean"
done
rm -rf "$out/raw-short"
echo "$gate: the examples in C and C++ are memcheck-clean"

compile examples/c/ten_lines.c "$out/ten-lines" "$out/lib"
compile_cpp examples/cpp/ten_lines.cpp "$out/ten-lines-cpp"
"$out/ten-lines" >"$out/ten-lines.txt" && "$out/ten-lines-cpp" >"$out/ten-lines-cpp.txt" || fail "the ten lines"
agree "$out/ten-lines.txt" "$out/ten-lines-cpp.txt" || fail "the ten lines in C and C++ say different things"
grep -q '^cup#1 at 1\.' "$out/ten-lines.txt" || fail "the ten lines do not find the cup"
echo "$gate: the ten lines in C and C++ find the cup at the same place"

sed 's/^objects: .*/objects: 0/' "$out/sequence-c.txt" >"$out/planted.txt"
must_fail "another number of objects" agree "$out/planted.txt" "$out/sequence-rust.txt"
: >"$raw/K.txt"
must_fail "a folder without intrinsics" "$out/sequence" "$raw"
must_fail "a folder without intrinsics, in C++" "$out/sequence-cpp" "$raw"
rm -rf "$raw"
echo "$gate: passed"
