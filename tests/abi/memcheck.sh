#!/usr/bin/env bash
# Gate 6: the tests in C and C++ under valgrind's memcheck. Any error, and any memory definitely lost, fails.
gate=memcheck
. "$(dirname "$0")/common.sh"
command -v valgrind >/dev/null || fail "valgrind is not here: run 'make setup'"
build_library
write_fields

check() { # program, arguments...
    valgrind --fair-sched=try --quiet --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite --error-exitcode=9 "$@"
}

for test in api abuse pipeline; do
    compile tests/c/$test.c "$out/$test" "$out/lib"
    GNOMON_TEST_SLOW=1 check "$out/$test" || fail "$test is not clean"
done
compile_cpp tests/cpp/api.cpp "$out/api-cpp"
check "$out/api-cpp" || fail "api.cpp is not clean"
compile_cpp tests/cpp/pipeline.cpp "$out/pipeline-cpp"
check "$out/pipeline-cpp" || fail "pipeline.cpp is not clean"
compile tests/c/api.c "$out/planted" "$out/lib" -DPLANT_LEAK
must_fail "a handle that is never freed" check "$out/planted"
compile_cpp tests/cpp/api.cpp "$out/planted" -DPLANT_LEAK
must_fail "a handle in C++ that is released and never freed" check "$out/planted"
echo "$gate: passed"
