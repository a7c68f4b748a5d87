#!/usr/bin/env bash
# Networks under valgrind's memcheck. One process opens, binds, runs, stops and lets go; a second ends with a session
# open. Any error, and any memory definitely lost, fails. What ONNX Runtime does to itself is in onnxruntime.supp.
gate=networks
. "$(dirname "$0")/common.sh"
if [ -z "${GNOMON_ORT_PATH:-}" ] && [ -d .tools/ort/onnxruntime/capi ]; then
    export GNOMON_ORT_PATH=$PWD/.tools/ort/onnxruntime/capi
fi
if [ -z "${GNOMON_ORT_PATH:-}" ]; then
    echo "$gate: not run: no ONNX Runtime (make setup fetches it, GNOMON_ORT_PATH names it)"
    exit 0
fi
command -v valgrind >/dev/null || fail "valgrind is not here: run 'make setup'"
cargo build --quiet --example network_life

check() { # arguments...
    valgrind --fair-sched=try --quiet --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite --error-exitcode=9 \
        --suppressions=tests/abi/onnxruntime.supp target/debug/examples/network_life "$@"
}

check || fail "the life of a network is not clean"
check exit || fail "the end with a session open is not clean"
must_fail "a session that is lost" check leak

# A language model as callers in C have it, alone and under the sanitizers where the compiler has them.
build_library
spoken() { # program
    "$1" >"$out/vlm.txt" && diff -u --label agreed --label C tests/networks/vlm.txt "$out/vlm.txt"
}
compile tests/c/vlm.c "$out/vlm" "$out/lib"
spoken "$out/vlm" || fail "a language model through C"
printf 'int main(void) { return 0; }\n' >"$out/empty.c"
if $CC -fsanitize=address,undefined "$out/empty.c" -o "$out/empty" 2>/dev/null && "$out/empty"; then
    compile tests/c/vlm.c "$out/vlm-sanitized" "$out/lib" -fsanitize=address,undefined -fno-sanitize-recover=all
    spoken "$out/vlm-sanitized" || fail "the sanitizers found something in a language model's callers"
else
    echo "$gate: $CC has no sanitizers here: not run"
fi
sed 's/"Where is the cup?", 8/"Where is the cup?", 7/' tests/c/vlm.c >"$out/planted.c"
compile "$out/planted.c" "$out/planted" "$out/lib"
must_fail "other words than agreed" spoken "$out/planted"
echo "$gate: passed"
