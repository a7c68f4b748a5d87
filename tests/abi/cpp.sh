#!/usr/bin/env bash
# gnomon.hpp reaches all of gnomon.h, compiles as users compile it, says so when the library does not fit, and its tests
# pass; under the sanitizers too, where the compiler has them.
gate=cpp
. "$(dirname "$0")/common.sh"
build_library
flags=${cpp_flags/-Iinclude/}

# Every function, constant and struct of gnomon.h is used by gnomon.hpp, comments aside.
reaches_all() { # gnomon.hpp
    local work=$out/cpp
    mkdir -p "$work"
    { cat tests/abi/symbols.txt; names | awk '$1 == "constant" || $1 == "struct" { print $2 }'; } | sort -u >"$work/there"
    sed 's,//.*,,' "$1" | grep -owE '(gnomon|GNOMON)_[A-Za-z0-9_]+' | sort -u >"$work/used"
    comm -23 "$work/there" "$work/used" >"$work/missing"
    [ ! -s "$work/missing" ] || { echo "gnomon.hpp does not use:"; cat "$work/missing"; return 1; }
}

# Every compiler and standard that is here: alone, twice in one file, in two files of one program.
matrix() { # folder of gnomon.hpp
    local at=$1 work=$out/cpp runs=0 compiler std
    mkdir -p "$work"
    printf '#include "gnomon.hpp"\n' >"$work/alone.cpp"
    printf '#include "gnomon.hpp"\nint one();\nint one() { return gnomon::Snapshot() ? 1 : 0; }\n' >"$work/one.cpp"
    printf '#include "gnomon.hpp"\n#include "gnomon.hpp"\nint one();\nint main() { gnomon::check_library(); return one(); }\n' >"$work/twice.cpp"
    for compiler in g++ clang++; do
        command -v $compiler >/dev/null || continue
        for std in c++17 c++20 c++23; do
            $compiler -std=$std -fsyntax-only -x c++ /dev/null 2>/dev/null || std=${std/23/2b}
            $compiler -std=$std -fsyntax-only -x c++ /dev/null 2>/dev/null || continue
            # shellcheck disable=SC2086
            $compiler -std=$std $flags "-I$at" -Iinclude -fsyntax-only "$work/alone.cpp" &&
                $compiler -std=$std $flags "-I$at" -Iinclude "$work/one.cpp" "$work/twice.cpp" -o "$work/program" \
                    "-L$out/lib" -lgnomon "-Wl,-rpath,$PWD/$out/lib" && "$work/program" || return 1
            runs=$((runs + 1))
        done
    done
    [ "$runs" -ge 3 ] || fail "only $runs combinations: run 'make setup'"
    echo "$gate: $runs combinations of compiler and standard compile cleanly, alone, twice, and in two files"
}

# The same two files, built by two standards, and the programs of this repository by the newer one.
mixture() {
    local work=$out/cpp program compiler
    ${CXX:-g++} -std=c++20 $cpp_flags -c "$work/one.cpp" -o "$work/one.o" || return 1
    compile_cpp "$work/twice.cpp" "$work/program" "$work/one.o" && "$work/program" || return 1
    for compiler in g++ clang++; do
        command -v $compiler >/dev/null || continue
        for program in examples/cpp/*.cpp tests/cpp/api.cpp tests/cpp/pipeline.cpp tests/cpp/network.cpp tests/behaviour/behaviour.cpp; do
            $compiler -std=c++20 $cpp_flags -fsyntax-only "$program" || return 1
        done
    done
}

reaches_all include/gnomon.hpp || fail "gnomon.hpp does not reach all of gnomon.h"
echo "$gate: gnomon.hpp uses $(wc -l <"$out/cpp/there") functions, constants and structs, all there are"
matrix include || fail "the header does not compile"
mixture || fail "the programs do not compile as C++20"

compile_cpp tests/cpp/api.cpp "$out/api-cpp"
"$out/api-cpp" || fail "a test of what C++ adds"
compile_cpp tests/cpp/pipeline.cpp "$out/pipeline-cpp"
"$out/pipeline-cpp" || fail "a test of pipelines"
compile_cpp tests/cpp/network.cpp "$out/network-cpp"
"$out/network-cpp" || fail "a test of networks"

sanitized() { # more flags...: the tests under the address and undefined-behaviour sanitizers
    compile_cpp tests/cpp/api.cpp "$out/api-sanitized" -fsanitize=address,undefined -fno-sanitize-recover=all "$@" && "$out/api-sanitized"
}
printf 'int main() {}\n' >"$out/cpp/empty.cpp"
if ${CXX:-g++} -fsanitize=address,undefined "$out/cpp/empty.cpp" -o "$out/cpp/empty" 2>/dev/null && "$out/cpp/empty"; then
    sanitized || fail "the sanitizers found something"
    compile_cpp tests/cpp/network.cpp "$out/network-sanitized" -fsanitize=address,undefined -fno-sanitize-recover=all
    "$out/network-sanitized" || fail "the sanitizers found something in networks"
    must_fail "a view that is read after its snapshot is gone" sanitized -DPLANT_LATE_VIEW
    grep -q "use-after-free" "$out/planted.log" || fail "the sanitizers failed for another reason"
else
    echo "$gate: ${CXX:-g++} has no sanitizers here: not run"
fi

# A header for another ABI than the library's.
mkdir -p "$out/cpp/planted"
sed 's/^#define GNOMON_ABI_VERSION .*/#define GNOMON_ABI_VERSION 99/' $header >"$out/cpp/planted/gnomon.h"
cp include/gnomon.hpp "$out/cpp/planted/"
cat >"$out/cpp/other.cpp" <<'EOF'
#include "gnomon.hpp"
#include <cstdio>
int main() try {
    gnomon::Scene scene;
    return 0;
} catch (const gnomon::Error &error) {
    std::printf("%s: %s\n", gnomon::status_name(error.status()), error.what());
    return 1;
}
EOF
compile_cpp "$out/cpp/other.cpp" "$out/cpp/other"
"$out/cpp/other" || fail "the library does not fit its own header"
compile_cpp "$out/cpp/other.cpp" "$out/cpp/other" "-I$out/cpp/planted" -iquote "$out/cpp/planted"
must_fail "a header for another ABI" "$out/cpp/other"
grep -q "GNOMON_E_ABI: gnomon.hpp is made for ABI 99 .* has ABI $abi " "$out/planted.log" || fail "the sentence does not name both: $(cat "$out/planted.log")"

grep -v 'gnomon_box_iou' include/gnomon.hpp >"$out/cpp/planted/gnomon.hpp"
must_fail "a function that is not reached" reaches_all "$out/cpp/planted/gnomon.hpp"
sed 's/, Facing = GNOMON_RELATION_FACING//' include/gnomon.hpp >"$out/cpp/planted/gnomon.hpp"
must_fail "a constant without a name in C++" reaches_all "$out/cpp/planted/gnomon.hpp"
cp $header "$out/cpp/planted/gnomon.h"
sed 's/^#ifndef GNOMON_HPP/#ifndef GNOMON_HPP_/' include/gnomon.hpp >"$out/cpp/planted/gnomon.hpp"
must_fail "no include guard" matrix "$out/cpp/planted"
sed 's/^inline double box_gap/double box_gap/' include/gnomon.hpp >"$out/cpp/planted/gnomon.hpp"
must_fail "a function that two files define" matrix "$out/cpp/planted"
sed 's/^    seen.width = width;/    seen.width = -1.5 * width;/' include/gnomon.hpp >"$out/cpp/planted/gnomon.hpp"
must_fail "a number that is narrowed" matrix "$out/cpp/planted"
echo "$gate: passed"
