#!/usr/bin/env bash
# Gate 4: the shared object's types against tests/abi/base.abi, by libabigail. New functions are welcome, and so is growth
# at the end of a struct that carries its size; a removed function, a changed argument or another changed struct is not.
# The same against the last release's base.abi as long as the ABI number is that release's, so that no `make bless` hides
# a change that callers already compiled would notice.
gate=abidiff
. "$(dirname "$0")/common.sh"
command -v abidiff >/dev/null && command -v abidw >/dev/null || fail "abidiff is not here: run 'make setup'"
build_library
object=$out/lib/libgnomon.so.$abi
supp=tests/abi/gnomon.supp

describe() { # shared object, file
    abidw --suppressions $supp --no-show-locs --no-corpus-path --no-comp-dir-path --out-file "$2" "$1"
    awk -f tests/abi/base.awk "$2" >"$2.short"
    mv "$2.short" "$2"
}

agree() { # base
    abidiff --no-added-syms --suppressions $supp "$1" "$object"
}

if [ "${1:-}" = --write ]; then
    describe "$object" tests/abi/base.abi
    echo "$gate: wrote tests/abi/base.abi"
fi
# Without debug information abidiff would find nothing to object to.
functions=$(grep -c "<function-decl name='gnomon_" tests/abi/base.abi || true)
[ "$functions" -ge 25 ] || fail "base.abi describes $functions functions"
describe "$object" "$out/now.abi"
seen=$(grep -c "<function-decl name='gnomon_" "$out/now.abi" || true)
[ "$seen" -eq "$(wc -l <tests/abi/symbols.txt)" ] || fail "the shared object describes $seen functions: is its debug information there?"
agree tests/abi/base.abi || fail "the ABI is not what base.abi says"
echo "$gate: $functions functions of base.abi and their types are as they were"

since_release() { # name, its ABI number, its base.abi
    if [ "$2" -gt "$abi" ]; then
        echo "ABI number $abi, but $1 has $2"
        return 1
    elif [ "$2" -lt "$abi" ]; then
        echo "$gate: the ABI number has risen from $2 of $1 to $abi: base.abi may differ"
    else
        agree "$3" || { echo "$1 has ABI number $2 as well: raise it in src/ffi/version.rs"; return 1; }
        echo "$gate: what was compiled for $1 finds the same ABI"
    fi
}

last=$(releases | head -1)
if [ -n "$last" ]; then
    git show "$last:tests/abi/base.abi" >"$out/release.abi"
    since_release "$last" "$(abi_of "$last")" "$out/release.abi" || fail "an incompatible change without another ABI number"
else
    echo "$gate: no release yet that base.abi could be compared with"
fi

sed "s/gnomon_box_gap/gnomon_box_old/g" tests/abi/base.abi >"$out/planted.abi"
must_fail "a function that was removed" agree "$out/planted.abi"
grep -q "1 Removed" "$out/planted.log" || fail "abidiff failed for another reason"
must_fail "a base.abi that was made anew with the same ABI number" since_release v0 "$abi" "$out/planted.abi"
must_fail "an ABI number that fell" since_release v0 $((abi + 1)) tests/abi/base.abi
since_release v0 $((abi - 1)) "$out/planted.abi" >/dev/null || fail "a new ABI number does not allow a change"
awk '/class-decl name=.gnomon_box. / { sub(/size-in-bits=.[0-9]+./, "size-in-bits='"'512'"'"); hit = 1 } { print } END { exit !hit }' \
    tests/abi/base.abi >"$out/planted.abi" || fail "base.abi does not describe gnomon_box"
must_fail "a struct that crosses by pointer and grew" agree "$out/planted.abi"
grep -q "type size changed" "$out/planted.log" || fail "abidiff failed for another reason"
echo "$gate: passed"
