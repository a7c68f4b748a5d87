#!/usr/bin/env bash
# Gate 6: library and tests under the address, leak and undefined-behaviour sanitizers. Rust instruments the library
# (RUSTC_BOOTSTRAP, for the flag is not stable), the C compiler the callers; the one runtime is the C compiler's, since
# Rust links none into a shared object. Rust's own library is not instrumented: what it does is watched at malloc alone.
gate=asan
. "$(dirname "$0")/common.sh"
host=$(rustc -vV | sed -n 's/^host: //p')
compiler=${ASAN_CC:-gcc}
flags="-fsanitize=address,undefined -fno-sanitize-recover=all"
lib=$out/lib-asan
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1

printf 'int main(void) { return 0; }\n' >"$out/asan-none.c"
# shellcheck disable=SC2086
if ! $compiler $flags "$out/asan-none.c" -o "$out/asan-none" 2>/dev/null || ! "$out/asan-none"; then
    echo "$gate: not run: $compiler has no sanitizers that work here"
    exit 0
fi

# Debug assertions and checks of overflow are on; panics on demand too. No more than a line table: it is all that
# reports need.
RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address CARGO_PROFILE_DEV_DEBUG=line-tables-only \
    CARGO_PROFILE_DEV_OPT_LEVEL=1 cargo build --quiet --lib --no-default-features --features onnx,ffi-test-panic \
    --target "$host" --target-dir target/asan
stage "target/asan/$host/debug/libgnomon.so" "$lib"
build_library
write_fields

watched() { # shared object: its code asks the sanitizer before it reads and writes
    local reads functions
    reads=$(nm -D "$1" | grep -cE ' U __asan_report_(load|store)(1|2|4|8|16)$' || true)
    functions=$(nm "$1" | grep -c ' asan\.module_ctor$' || true)
    echo "$reads kinds of reads and writes, $functions instrumented units"
    [ "$reads" -eq 10 ] && [ "$functions" -ge 10 ]
}
watched "$lib/libgnomon.so.$abi" || fail "the library is not instrumented"

build() { # source without .c, more flags...
    local name=$1
    shift
    # shellcheck disable=SC2086
    CC=$compiler compile "tests/c/$name.c" "$out/asan-$name" "$lib" $flags "$@"
    [ "$(nm "$out/asan-$name" | grep -c __asan_report_load)" -gt 0 ] || fail "$name.c is not instrumented"
}

# ONNX Runtime is not instrumented: handles of networks are for the other gates.
unset GNOMON_ORT_PATH
for test in api abuse panic pipeline; do
    build $test
    "$out/asan-$test" >"$out/asan.log" 2>&1 || { tail -60 "$out/asan.log" >&2; fail "$test.c"; }
    tail -1 "$out/asan.log"
done
# shellcheck disable=SC2086
CXX=${compiler/gcc/g++} compile_cpp_with "$lib" tests/cpp/api.cpp -o "$out/asan-api-cpp" $flags
"$out/asan-api-cpp" || fail "api.cpp"

build teardown
export GNOMON_LIBRARY=$PWD/$lib/libgnomon.so.$abi
# A child finds the locks of the runtime's heap shut when another thread had them: that case is for gate 8 alone.
for name in $("$out/asan-teardown" list | grep -vx fork-threads); do
    GNOMON_TEST_SLOW=1 "$out/asan-teardown" "$name" >"$out/asan.log" 2>&1 || { tail -60 "$out/asan.log" >&2; fail "teardown.c, $name"; }
done
# shellcheck disable=SC2086
CXX=${compiler/gcc/g++} compile_cpp_with "$lib" tests/cpp/teardown.cpp -o "$out/asan-teardown-cpp" $flags
"$out/asan-teardown-cpp" >/dev/null || fail "teardown.cpp"
echo "$gate: teardown.c and teardown.cpp end as they must"

build faults
"$out/asan-faults" || fail "faults.c finds a fault where none is planted"
found() { # fault, what the report must hold
    must_fail "$1" "$out/asan-faults" "$1"
    grep -qE "$2" "$out/planted.log" || { head -30 "$out/planted.log" >&2; fail "another report than /$2/"; }
}
found overflow-in-c 'heap-buffer-overflow'
grep -q '#0 .* in main' "$out/planted.log" || fail "the overflow in C was found elsewhere"
found overflow-in-rust 'heap-buffer-overflow'
grep -m1 '^ *#0 ' "$out/planted.log" | grep -q ' src/.*\.rs:' || fail "the overflow in Rust was not found in Rust: $(grep -m1 '#0 ' "$out/planted.log")"
found use-after-free 'heap-use-after-free'
found leak 'LeakSanitizer: detected memory leaks'
grep -q 'gnomon_scene_new' "$out/planted.log" || fail "another leak than the planted one"
found undefined 'signed integer overflow'
must_fail "a library that is not instrumented" watched "$out/lib/libgnomon.so.$abi"
echo "$gate: passed"
