#!/usr/bin/env bash
# The cxx bridge: its tests, in Rust and in C++, memcheck-clean; its example prints what the one in C prints, built by
# cargo and a C++ compiler, and by CMake with Corrosion where $CORROSION names a copy of Corrosion.
gate=cxx
. "$(dirname "$0")/common.sh"
build_library
build_bridge
cargo test --quiet -p gnomon-cxx --target-dir target/cxx || fail "the tests in Rust"
cargo build --quiet --example raw_room

compile_cxx tests/cxx/network.cpp "$out/network-cxx"
"$out/network-cxx" || fail "the tests of networks in C++"
compile_cxx tests/cxx/api.cpp "$out/api-cxx"
"$out/api-cxx" || fail "the tests in C++"
valgrind --fair-sched=try --quiet --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=9 "$out/api-cxx" >/dev/null ||
    fail "the tests in C++ are not memcheck-clean"

raw=$out/raw-cxx
rm -rf "$raw"
target/debug/examples/raw_room "$raw" 7 6 >/dev/null
compile examples/c/sequence.c "$out/sequence" "$out/lib"
"$out/sequence" "$raw" >"$out/sequence-c.txt"
same() { # program
    "$1" "$raw" >"$out/sequence-cxx.txt" && diff -u "$out/sequence-c.txt" "$out/sequence-cxx.txt"
}
compile_cxx examples/cxx/sequence.cpp "$out/sequence-cxx"
same "$out/sequence-cxx" || fail "the example prints another thing than the one in C"
compile examples/c/ten_lines.c "$out/ten-lines" "$out/lib"
compile_cxx examples/cxx/ten_lines.cpp "$out/ten-lines-cxx"
diff -u <("$out/ten-lines") <("$out/ten-lines-cxx") || fail "the ten lines say another thing than those in C"
echo "$gate: the tests and the examples, the same $(wc -l <"$out/sequence-c.txt") lines as in C"

if [ -n "${CORROSION:-}" ]; then
    built=$PWD/$out/corrosion
    cmake -S examples/cxx -B "$built" "-DFETCHCONTENT_SOURCE_DIR_CORROSION=$CORROSION" >"$out/corrosion.log" 2>&1 &&
        cmake --build "$built" >>"$out/corrosion.log" 2>&1 || { tail -20 "$out/corrosion.log" >&2; fail "not with Corrosion"; }
    same "$built/sequence" || fail "built with Corrosion the example prints another thing"
    echo "$gate: and built with Corrosion"
else
    echo "$gate: not run: Corrosion (CORROSION=PATH of a copy)"
fi

sed 's/{"z", Up::Z}/{"z", Up::Y}/' examples/cxx/sequence.cpp >"$out/planted.cpp"
compile_cxx "$out/planted.cpp" "$out/planted"
must_fail "another axis up" same "$out/planted"
sed 's/"saucer#1"/"cup#1"/' tests/cxx/api.cpp >"$out/planted.cpp"
compile_cxx "$out/planted.cpp" "$out/planted" -Itests/cxx
must_fail "a call that is not refused" "$out/planted"
rm -rf "$raw"
echo "$gate: passed"
