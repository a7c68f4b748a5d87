#!/usr/bin/env bash
# Gate 8: handles end in any order, on any thread, in destructors, at exit, never, in child processes, in callbacks, and
# after dlclose; alone and under memcheck.
gate=teardown
. "$(dirname "$0")/common.sh"
command -v valgrind >/dev/null || fail "valgrind is not here: run 'make setup'"
build_library
export GNOMON_LIBRARY=$PWD/$out/lib/libgnomon.so.$abi

rows() { sed -n 's/^ *X(\([a-z0-9_]*\)).*/gnomon_\1_free/p' "$1" | sort; }
complete() { diff -u --label "what frees, of symbols.txt" --label "rows of teardown.c" <(grep '_free$' tests/abi/symbols.txt) <(rows "$1"); }
complete tests/c/teardown.c || fail "a handle has no row"

compile tests/c/teardown.c "$out/teardown" "$out/lib"
compile tests/c/unload.c "$out/unload" "$out/lib" -Wl,--as-needed
if readelf -d "$out/unload" | grep -q 'NEEDED.*libgnomon'; then fail "unload.c is linked with the library"; fi
compile_cpp tests/cpp/teardown.cpp "$out/teardown-cpp"
cases=$("$out/teardown" list)
[ "$(wc -l <<<"$cases")" -ge 12 ] || fail "only these cases: $cases"

alone() { timeout 120 "$@"; }
checked() { # the same under memcheck; children are looked at too
    local leaks=full
    # A child has no memory of the threads that its parent had.
    [ "${2:-}" = fork-threads ] && leaks=no
    GNOMON_TEST_SLOW=1 timeout 300 valgrind --fair-sched=try --quiet --leak-check=$leaks --errors-for-leak-kinds=definite \
        --show-leak-kinds=definite --error-exitcode=9 --trace-children=yes "$@"
}

destroyed() { # how: statics and thread-locals go, 20 + 1 of these and two of those
    "$1" "$out/teardown-cpp" >"$out/teardown-cpp.txt" || return 1
    [ "$(grep -c ' is gone$' "$out/teardown-cpp.txt")" -eq 23 ]
}

for how in alone checked; do
    for name in $cases; do
        $how "$out/teardown" "$name" >"$out/teardown.log" 2>&1 || { cat "$out/teardown.log" >&2; fail "$name, $how"; }
    done
    $how "$out/unload" >"$out/teardown.log" 2>&1 || { cat "$out/teardown.log" >&2; fail "unload, $how"; }
    destroyed $how || fail "a destructor in C++, $how"
    echo "$gate: $(wc -l <<<"$cases") cases, dlopen and C++ destructors, $how"
done

grep -v 'X(judgements)' tests/c/teardown.c >"$out/planted.c"
must_fail "a handle without a row" complete "$out/planted.c"
must_fail "a handle that is lost each time the library is loaded" alone "$out/unload" planted
must_fail "a child that becomes a program which fails" alone "$out/teardown" exec planted
must_fail "a snapshot read after it was freed" checked "$out/teardown" any-order planted
must_fail "handles that a thread leaves behind" checked "$out/teardown" thread-end planted
must_fail "handles that are lost in a callback" checked "$out/teardown" callbacks planted
must_fail "what a callback was given, freed while it may run" checked "$out/teardown" taken-back planted
compile_cpp tests/cpp/teardown.cpp "$out/teardown-cpp" -DPLANT_LATE_USE
must_fail "a scene that a static still uses and main freed" destroyed checked
echo "$gate: passed"
