#!/usr/bin/env bash
# One behaviour, tests/behaviour/README.md, in each language: every program prints expected.txt, byte for byte. With
# --write: Rust's becomes the expected one; read the diff before committing.
gate=behaviour
. "$(dirname "$0")/common.sh"
build_library
build_bridge
cargo build --quiet --example behaviour
expected=tests/behaviour/expected.txt
c=tests/behaviour/behaviour.c
cpp=tests/behaviour/behaviour.cpp
py=tests/behaviour/behaviour.py
scripts/wheel.sh --tools
cxx=tests/behaviour/behaviour_cxx.cpp

in_rust() { target/debug/examples/behaviour; }
in_c() { compile "$c" "$out/behaviour-c" "$out/lib" && "$out/behaviour-c"; }
in_cpp() { compile_cpp "$cpp" "$out/behaviour-cpp" && "$out/behaviour-cpp"; }
in_python() {
    GNOMON_LIBRARY=$PWD/$out/lib/libgnomon.so.$abi PYTHONPATH=bindings/python PYTHONDONTWRITEBYTECODE=1 \
        target/wheel/tools/bin/python "$py"
}
in_cxx() { compile_cxx "$cxx" "$out/behaviour-cxx" && "$out/behaviour-cxx"; }

same() { # language
    "in_$1" >"$out/behaviour-$1.txt" && diff -u --label expected.txt --label "in $1" $expected "$out/behaviour-$1.txt"
}

if [ "${1:-}" = --write ]; then
    in_rust >$expected
    echo "$gate: wrote $expected"
fi
for language in rust c cpp cxx python; do
    same $language || fail "another behaviour in $language"
done
for line in '^frame 7: ' '^things: 3' '"cogmap"' '"t":1' 'unknown (never-seen)' ' contradicts ' '^left: 1' \
    '^GNOMON_E_STATE: ' '^frames: 8' '^line 2: ' '^near: ' '^chest#1 .* seen 4'; do
    grep -q -- "$line" $expected || fail "expected.txt has no line with $line"
done
echo "$gate: the same $(wc -l <$expected) lines in Rust, C, C++, Python and through the cxx bridge"

sed 's/number \/ 1000\.0/number \/ 100.0/' $c >"$out/planted.c"
c=$out/planted.c must_fail "steps ten times as long, in C" same c
grep -q '^-' "$out/planted.log" || fail "the program in C failed for another reason"
sed 's/thing\.right - thing\.left, high/thing.right - thing.left - 4, high/' $cpp >"$out/planted.cpp"
cpp=$out/planted.cpp must_fail "masks that are four columns too narrow, in C++" same cpp
grep -q '^-' "$out/planted.log" || fail "the program in C++ failed for another reason"
sed 's/"crate", 60, 100/"crate", 60, 96/' $py >"$out/planted.py"
py=$out/planted.py must_fail "a crate that is four columns narrower, in Python" same python
grep -q '^-' "$out/planted.log" || fail "the program in Python failed for another reason"
sed 's/things) {/things) if (thing.score > 0.7) {/' $cxx >"$out/planted.cpp"
cxx=$out/planted.cpp must_fail "a thing left out, through the cxx bridge" same cxx
grep -q '^-' "$out/planted.log" || fail "the program for the cxx bridge failed for another reason"
sed '$d' $expected >"$out/planted.txt"
expected=$out/planted.txt must_fail "a line less than expected" same rust
echo "$gate: passed"
