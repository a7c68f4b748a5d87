#!/usr/bin/env bash
# Gate 6, for threads: library, Rust's standard library and callers under the thread sanitizer. Ends with 77 and a line
# that says what is missing where it cannot run. The runtime is gcc's.
gate=tsan
. "$(dirname "$0")/common.sh"
compiler=${TSAN_CC:-gcc}
lib=$out/lib-tsan
host=x86_64-unknown-linux-gnu
export TSAN_OPTIONS=halt_on_error=0:second_deadlock_stack=1

not_run() { echo "$gate: not run: $*"; exit 77; }

# Where addresses are spread too widely for the sanitizer they must not be.
alone="setarch $(uname -m) -R"
$alone true 2>/dev/null || alone=
printf 'int main(void) { return 0; }\n' >"$out/tsan-none.c"
$compiler -fsanitize=thread "$out/tsan-none.c" -o "$out/tsan-none" 2>/dev/null && $alone "$out/tsan-none" ||
    not_run "missing a $compiler whose thread sanitizer works here"
rust=$(scripts/tsan-toolchain.sh) || not_run "$rust"

RUSTC=$rust RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=thread cargo build --quiet -Zbuild-std=std,panic_unwind --lib \
    --no-default-features --features onnx --target $host --target-dir target/tsan
stage "target/tsan/$host/debug/libgnomon.so" "$lib"
build_library

watched() { # shared object
    local kinds
    kinds=$(nm -D "$1" | grep -cE ' U __tsan_(read|write)(1|2|4|8|16)$' || true)
    echo "$gate: $kinds kinds of reads and writes are watched"
    [ "$kinds" -ge 8 ]
}
watched "$lib/libgnomon.so.$abi" || fail "the library is not instrumented"

build() { # source without .c
    CC=$compiler compile "tests/c/$1.c" "$out/tsan-$1" "$lib" -fsanitize=thread tests/c/tsan_memory.c
}

build threads
$alone timeout 300 "$out/tsan-threads" || fail "threads.c"
build pipeline
GNOMON_TEST_SLOW=1 $alone timeout 300 "$out/tsan-pipeline" || fail "pipeline.c"
build teardown
for name in other-threads while-read thread-end callbacks taken-back; do
    GNOMON_TEST_SLOW=1 $alone timeout 300 "$out/tsan-teardown" $name || fail "teardown.c, $name"
done
build api
$alone timeout 300 "$out/tsan-api" || fail "api.c"

build faults
$alone "$out/tsan-faults" || fail "faults.c finds a fault where none is planted"
must_fail "race-in-c" $alone "$out/tsan-faults" race-in-c
grep -q 'data race tests/c/faults.c' "$out/planted.log" || fail "another report than the planted one"
must_fail "race-in-rust" $alone "$out/tsan-faults" race-in-rust
grep -q 'data race src/.*\.rs' "$out/planted.log" || fail "the race in Rust was not found in Rust"
must_fail "what a callback was given, freed while it may run" env GNOMON_TEST_SLOW=1 $alone "$out/tsan-teardown" taken-back planted
grep -q 'ThreadSanitizer' "$out/planted.log" || fail "the program failed for another reason"
must_fail "a library that is not instrumented" watched "$out/lib/libgnomon.so.$abi"
echo "$gate: passed"
