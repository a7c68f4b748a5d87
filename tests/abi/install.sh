#!/usr/bin/env bash
# Gate 10: installed into an empty folder, gnomon is used from there alone: the examples in C and C++, copied out of this
# repository, by CMake and by pkg-config, shared and static. Then again with the folder moved, and from Debian packages.
gate=install
. "$(dirname "$0")/common.sh"
for tool in cmake pkg-config dpkg-deb; do
    command -v $tool >/dev/null || fail "$tool is not here: run 'make setup'"
done
build_library
# Together: an example has cargo see the dependencies that tests have, so that it builds nothing twice.
cargo build --quiet --bin gnomon --example raw_room
export FROM=target/clib/release PROGRAM=target/debug/gnomon
unset DESTDIR CMAKE_PREFIX_PATH PKG_CONFIG_PATH PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR LD_LIBRARY_PATH

work=$PWD/$out/install
rm -rf "$work"
mkdir -p "$work"
# Outside of the repository, so that nothing is found here by chance.
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
cp -r examples/CMakeLists.txt examples/c examples/cpp "$away/"
target/debug/examples/raw_room "$away/raw" 7 6 >/dev/null

compile examples/c/sequence.c "$work/sequence" "$out/lib"
compile examples/c/ten_lines.c "$work/ten_lines" "$out/lib"
"$work/sequence" "$away/raw" >"$work/sequence.txt"
"$work/ten_lines" >"$work/ten_lines.txt"
grep -q '^objects: [1-9]' "$work/sequence.txt" || fail "the example finds nothing"

same() { # program, what it prints...: as the example built in this repository
    local program=$1 like
    like=$(basename "${program%-cpp}")
    if [ "$like" = sequence ]; then "$program" "$away/raw"; else "$program"; fi >"$away/printed.txt" || return 1
    diff -u --label "in the repository" --label "$program" "$work/$like.txt" "$away/printed.txt"
}

shared() { readelf -d "$1" | grep -q "NEEDED.*\[libgnomon.so.$abi\]" || { echo "$1 does not need libgnomon.so.$abi"; return 1; }; }
static() { ! readelf -d "$1" | grep -q 'NEEDED.*gnomon' || { echo "$1 needs the shared object"; return 1; }; }

by_cmake() { # shared or static, programs, flags of cmake...
    local kind=$1 programs=$2 program target=gnomon::gnomon
    shift 2
    [ "$kind" = shared ] || target=gnomon::static
    rm -rf "$away/build"
    cmake -S "$away" -B "$away/build" -G "${generator:-Unix Makefiles}" -DGNOMON=$target "$@" >"$away/log" 2>&1 || { tail -20 "$away/log"; return 1; }
    # shellcheck disable=SC2086
    cmake --build "$away/build" --target $programs >"$away/log" 2>&1 || { tail -20 "$away/log"; return 1; }
    for program in $programs; do
        $kind "$away/build/$program" && same "$away/build/$program" || return 1
    done
}

# Where pkg-config looks is in the environment: PKG_CONFIG_LIBDIR, and PKG_CONFIG_SYSROOT_DIR.
by_pkg_config() { # shared or static, programs
    local kind=$1 programs=$2 program flags compiler source
    if [ "$kind" = shared ]; then flags=$(pkg-config --cflags --libs gnomon); else flags="-static $(pkg-config --static --cflags --libs gnomon)"; fi || return 1
    for program in $programs; do
        compiler=${CC:-gcc} source=c/$program.c
        case $program in *-cpp) compiler="${CXX:-g++} -std=c++17" source=cpp/${program%-cpp}.cpp ;; esac
        # shellcheck disable=SC2086
        (cd "$away" && $compiler $source -o $program $flags) || return 1
        $kind "$away/$program" || return 1
        LD_LIBRARY_PATH=$([ "$kind" = static ] || pkg-config --libs-only-L gnomon | sed 's/^-L//; s/ *$//') same "$away/$program" || return 1
    done
}

both_kinds() { # prefix, folder of libraries, programs
    local kind
    for kind in shared static; do
        by_cmake $kind "$3" "-DCMAKE_PREFIX_PATH=$1" || return 1
        PKG_CONFIG_LIBDIR=$1/$2/pkgconfig by_pkg_config $kind "$3" || return 1
    done
}

# 1. Installed.
prefix=$work/first
PREFIX=$prefix scripts/install.sh
everything="sequence sequence-cpp ten_lines ten_lines-cpp"
both_kinds "$prefix" lib "$everything" || fail "what is installed cannot be used"
if command -v ninja >/dev/null; then
    generator=Ninja by_cmake shared ten_lines "-DCMAKE_PREFIX_PATH=$prefix" || fail "not with ninja"
fi
diff -u <(sort tests/abi/symbols.txt) <(nm -g --defined-only "$prefix/lib/libgnomon.a" | awk 'NF == 3 { print $3 }' | sort) ||
    fail "the static library shows other names than gnomon.h"
"$prefix/bin/gnomon" --version | grep -q '^gnomon [0-9]' || fail "the program does not run"
for file in include/gnomon.hpp share/gnomon/scene.schema.json share/doc/gnomon/LICENSE-MIT share/doc/gnomon/LICENSE-APACHE; do
    [ -s "$prefix/$file" ] || fail "$file is not installed"
done
! grep -rIlF -e "$PWD" -e "$work" "$prefix" || fail "the files above know where they were made"
echo "$gate: C and C++, CMake and pkg-config, shared and static work from the prefix"

# 2. Moved, and with another folder of libraries.
mv "$prefix" "$work/second"
both_kinds "$work/second" lib "sequence ten_lines-cpp" || fail "what is installed cannot be moved"
PREFIX=/opt/gnomon DESTDIR=$work/third LIBDIR=lib/some-machine scripts/install.sh >/dev/null
mv "$work/third/opt/gnomon" "$work/fourth"
PKG_CONFIG_LIBDIR=$work/fourth/lib/some-machine/pkgconfig by_pkg_config shared ten_lines &&
    by_cmake shared ten_lines "-Dgnomon_DIR=$work/fourth/lib/some-machine/cmake/gnomon" || fail "not with DESTDIR and LIBDIR"
echo "$gate: and from where the tree is moved to"

# 3. Debian packages, in an empty root.
scripts/deb.sh "$work/deb" >/dev/null
root=$work/root
for package in "$work"/deb/*.deb; do dpkg-deb -x "$package" "$root"; done
multiarch=$(basename "$(dirname "$(find "$root/usr/lib" -name libgnomon.a)")")
library=$(ls "$work"/deb/libgnomon"${abi}"_*.deb)
glibc=$(objdump -T "$root/usr/lib/$multiarch/libgnomon.so.$abi" | grep -oE 'GLIBC_[0-9.]+' | sort -Vu | tail -1)
dpkg-deb -f "$library" Depends | grep -qF "libc6 (>= ${glibc#GLIBC_})" || fail "the package does not depend on $glibc"
dpkg-deb --ctrl-tarfile "$library" | tar -xO ./triggers | grep -qx 'activate-noawait ldconfig' || fail "no ldconfig trigger"
dpkg-deb -c "$library" | awk '{ print $6 }' | grep -v '/$' | sort >"$work/files"
! grep -vE "/libgnomon\.so\.$abi(\.|$)|/doc/libgnomon$abi/" "$work/files" || fail "files above are not of ABI $abi alone"
LD_LIBRARY_PATH=$root/usr/lib/$multiarch by_cmake shared "sequence ten_lines-cpp" "-DCMAKE_PREFIX_PATH=$root/usr" &&
    by_cmake static "ten_lines ten_lines-cpp" "-DCMAKE_PREFIX_PATH=$root/usr" || fail "the packages cannot be used by CMake"
export PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$root/usr/lib/$multiarch/pkgconfig
by_pkg_config shared "sequence ten_lines-cpp" && by_pkg_config static ten_lines || fail "the packages cannot be used by pkg-config"
unset PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_LIBDIR
"$root/usr/bin/gnomon" --version >/dev/null || fail "the packaged program does not run"
echo "$gate: and from $(ls "$work"/deb/*.deb | wc -l) Debian packages in an empty root ($(dpkg-deb -f "$library" Depends))"

# 4. What does not fit is refused.
find() { # words of find_package, prefix
    mkdir -p "$away/find"
    printf 'cmake_minimum_required(VERSION 3.16)\nproject(asked LANGUAGES NONE)\nfind_package(gnomon %s CONFIG REQUIRED)\n' "$1" >"$away/find/CMakeLists.txt"
    rm -rf "$away/find/build"
    cmake -S "$away/find" -B "$away/find/build" "-DCMAKE_PREFIX_PATH=$2"
}
second=$work/second
version=$("$second/bin/gnomon" --version | sed 's/^gnomon //')
IFS=. read -r major minor patch <<<"$version"
for words in "" "$major.$minor" "$version" "$version EXACT" "$major.$minor COMPONENTS abi$abi" "COMPONENTS abi$abi"; do
    find "$words" "$second" >"$away/log" 2>&1 || { cat "$away/log" >&2; fail "find_package(gnomon $words) is refused"; }
done
must_fail "a newer version asked for" find "$major.$minor.$((patch + 1))" "$second"
must_fail "another minor version asked for, while it is 0" find "0.$((minor + 1))" "$second"
must_fail "a newer major version asked for" find "$((major + 1))" "$second"
must_fail "another ABI asked for" find "COMPONENTS abi$((abi + 1))" "$second"
grep -q "this is gnomon $version with abi$abi" "$out/planted.log" || fail "CMake does not say why"
must_fail "a newer version asked of pkg-config" env "PKG_CONFIG_LIBDIR=$second/lib/pkgconfig" pkg-config --exists "gnomon > $version"

# 5. Planted faults.
mv "$second/include/gnomon.h" "$work/gnomon.h"
must_fail "a header that is not installed, by CMake" find "" "$second"
must_fail "a header that is not installed, by pkg-config" env "PKG_CONFIG_LIBDIR=$second/lib/pkgconfig" bash -c "cd $away && gcc c/ten_lines.c -o planted \$(pkg-config --cflags --libs gnomon)"
mv "$work/gnomon.h" "$second/include/gnomon.h"
sed -i 's|^libdir=.*|libdir=${prefix}/lib64|' "$second/lib/pkgconfig/gnomon.pc"
PKG_CONFIG_LIBDIR=$second/lib/pkgconfig must_fail "a wrong path in gnomon.pc" by_pkg_config shared ten_lines
sed -i 's|-lm||' "$second/lib/cmake/gnomon/gnomon-targets.cmake"
must_fail "a library that static programs are not told of" by_cmake static ten_lines "-DCMAKE_PREFIX_PATH=$second"
ln -sfn nothing "$second/lib/libgnomon.so.$abi"
must_fail "a soname that leads nowhere" env "LD_LIBRARY_PATH=$second/lib" "$away/ten_lines"
must_fail "libraries that are not built" env FROM=target/nothing scripts/install.sh
must_fail "a prefix that is relative" env PREFIX=somewhere scripts/install.sh
echo "$gate: passed"
