#!/usr/bin/env bash
# Gate 7: everything a caller can get wrong is refused; a panic at every entry becomes a status. The tables of both tests
# hold every function there is.
gate=abuse
. "$(dirname "$0")/common.sh"
build_library
build_panicking_library

write_fields

rows() { sed -n 's/^ *X(\(gnomon_[a-z0-9_]*\).*/\1/p' "$1" | sort; }

complete() { # abuse.c, panic.c
    diff -u --label symbols.txt --label "rows of abuse.c" tests/abi/symbols.txt <(rows "$1") &&
        diff -u --label "functions with a status" --label "rows of panic.c" \
            <(tr '\n' ' ' <$header | sed 's/gnomon_status gnomon_/\n&/g' | sed -n 's/^gnomon_status \(gnomon_[a-z0-9_]*\)(.*/\1/p' | sort) <(rows "$2")
}
complete tests/c/abuse.c tests/c/panic.c || fail "a function has no row"
echo "$gate: $(rows tests/c/abuse.c | wc -l) functions have a row, $(rows tests/c/panic.c | wc -l) of them return a status"

takes=$(sed -n '/GNOMON_TAKES/,$p' "$out/fields.h" | grep -c '    X(gnomon_') || true
[ "$takes" -ge 15 ] || fail "only $takes pairs of a function and a struct that it takes: is fields.h whole?"
compile tests/c/abuse.c "$out/abuse" "$out/lib"
"$out/abuse" || fail "something was not refused"
compile tests/c/pipeline.c "$out/pipeline" "$out/lib"
"$out/pipeline" || fail "a pipeline does not keep its word"
compile tests/c/panic.c "$out/panic" "$out/lib-panic"
"$out/panic" >"$out/panic.log" 2>&1 || { tail -20 "$out/panic.log" >&2; fail "a panic was not held"; }
tail -1 "$out/panic.log"

grep -v 'X(gnomon_box_gap)' tests/c/abuse.c >"$out/planted.c"
must_fail "a function without a row" complete "$out/planted.c" tests/c/panic.c
grep -v '"gnomon_frame.camera_id", "max"' tests/c/abuse.c >"$out/planted.c"
compile "$out/planted.c" "$out/planted" "$out/lib"
must_fail "a bad value that is taken and not listed" "$out/planted"
sed 's/spoil("gnomon_gauge".*/(void)try_gauge;/' tests/c/abuse.c >"$out/planted.c"
compile "$out/planted.c" "$out/planted" "$out/lib"
must_fail "a function that takes a struct whose fields are not tried" "$out/planted"
grep -q 'gnomon_layout_compose takes gnomon_gauge' "$out/planted.log" || fail "the program failed for another reason"
must_fail "a library that does not panic when asked" env "LD_LIBRARY_PATH=$out/lib" "LD_PRELOAD=$out/lib/libgnomon.so.$abi" "$out/panic"
echo "$gate: passed"
