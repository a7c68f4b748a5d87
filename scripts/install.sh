#!/usr/bin/env bash
# Puts gnomon where others find it: headers, shared object, static library, pkg-config, CMake, the program, the schema and
# the licences. Builds nothing: `make install` does that first.
#
#   PREFIX    where it will be used, absolute. Default /usr/local.
#   DESTDIR   put in front of PREFIX while copying, for packages. Default nothing.
#   LIBDIR    folder of libraries within PREFIX. Default lib; Debian's is lib/x86_64-linux-gnu, for instance.
#   FROM      folder with the built libgnomon.so and libgnomon.a. Default target/clib/dist.
#   PROGRAM   the built command line. Default target/dist/gnomon.
#
# The tree may be moved afterwards: what it says of itself is relative to where it lies.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

PREFIX=${PREFIX:-/usr/local}
LIBDIR=${LIBDIR:-lib}
FROM=${FROM:-target/clib/dist}
PROGRAM=${PROGRAM:-target/dist/gnomon}

fail() { echo "install: $*" >&2; exit 1; }
case $PREFIX in /*) ;; *) fail "PREFIX is $PREFIX, expected an absolute path" ;; esac
case /$LIBDIR/ in *//* | */./* | */../*) fail "LIBDIR is $LIBDIR, expected a folder within PREFIX, such as lib" ;; esac
for built in "$FROM/libgnomon.so" "$FROM/libgnomon.a" "$PROGRAM"; do
    [ -f "$built" ] || fail "$built is not there: run 'make dist'"
done

# Each number has one place: the version Cargo.toml, the ABI number src/ffi/version.rs.
. scripts/numbers.sh
[ -n "$version" ] && [ -n "$abi" ] || fail "Cargo.toml or src/ffi/version.rs does not say its number"
readelf -d "$FROM/libgnomon.so" | grep -q "SONAME.*\[libgnomon.so.$abi\]" || fail "$FROM/libgnomon.so is not of ABI $abi: build it anew"

root=${DESTDIR:-}$PREFIX
lib=$root/$LIBDIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Of Rust's archive: what the functions of gnomon.h need, in one object in which nothing else is global, so that it goes
# with other Rust libraries into one program. Sections stay apart, for programs that need less.
static_library() {
    local functions=tests/abi/symbols.txt
    # shellcheck disable=SC2046
    ld -r --gc-sections --force-group-allocation --strip-debug $(sed 's/^/--undefined=/' $functions) "$FROM/libgnomon.a" -o "$work/all.o"
    # Bitcode of a compiler that the user need not have makes linkers with plugins stumble.
    objcopy --remove-section=.llvmbc --remove-section=.llvmcmd --keep-global-symbols=$functions --strip-unneeded "$work/all.o" "$work/gnomon.o"
    ar rcD "$work/libgnomon.a" "$work/gnomon.o"
}

# What a static program needs besides, as rustc says; every C compiler brings gcc_s and c itself, and with -static could
# not use the former.
native_libs() {
    local note
    note=$(rustc --crate-type staticlib --crate-name empty --print native-static-libs -o "$work/empty.a" - 2>&1 </dev/null)
    sed -n 's/^note: native-static-libs: //p' <<<"$note" | tr ' ' '\n' | grep -vxE -- '-lgcc_s|-lc' | tr '\n' ' ' | sed 's/ *$//'
}

# System folders are never moved, and old pkg-config puts PKG_CONFIG_SYSROOT_DIR in front of what is relative twice.
pc_prefix() {
    case $PREFIX in
        /usr | /usr/local) echo "$PREFIX" ;;
        *) echo "\${pcfiledir}/../$up" ;;
    esac
}

fill_in() { # template, file
    sed -e "s|@VERSION@|$version|g" -e "s|@MAJOR@|${version%%.*}|g" -e "s|@MINOR@|$minor|g" -e "s|@ABI@|$abi|g" \
        -e "s|@PREFIX@|$(pc_prefix)|" -e "s|@LIBDIR@|$LIBDIR|g" -e "s|@UP_FROM_LIBDIR@|$up|" -e "s|@SHARED@|$shared|" \
        -e "s|@POINTER_BYTES@|$pointer_bytes|" -e "s|@NATIVE_LIBS@|${3:-}|" "$1" >"$work/filled"
    ! grep -n '@[A-Z_]*@' "$work/filled" || fail "$1 has a place that nothing fills"
    install -m 644 "$work/filled" "$2"
}

shared=libgnomon.so.$abi.$version
minor=${version#*.}
minor=${minor%%.*}
up=$(sed 's|[^/][^/]*|..|g' <<<"$LIBDIR")
pointer_bytes=$(readelf -h "$FROM/libgnomon.so" | sed -n 's/^ *Class: *ELF\([0-9]*\)$/\1/p')
pointer_bytes=$((pointer_bytes / 8))
native=$(native_libs)
[ -n "$native" ] || fail "rustc does not say what a static program needs"

install -d "$root/bin" "$root/include" "$lib/pkgconfig" "$lib/cmake/gnomon" "$root/share/gnomon" "$root/share/doc/gnomon"
install -m 644 include/gnomon.h include/gnomon.hpp "$root/include"
# Names of functions stay: the debug information alone goes.
strip --strip-unneeded -o "$work/libgnomon.so" "$FROM/libgnomon.so"
install -m 644 "$work/libgnomon.so" "$lib/$shared"
ln -sfn "$shared" "$lib/libgnomon.so.$abi"
ln -sfn "libgnomon.so.$abi" "$lib/libgnomon.so"
static_library
install -m 644 "$work/libgnomon.a" "$lib/libgnomon.a"
fill_in packaging/gnomon.pc.in "$lib/pkgconfig/gnomon.pc" "$native"
fill_in packaging/gnomon-config.cmake.in "$lib/cmake/gnomon/gnomon-config.cmake"
fill_in packaging/gnomon-config-version.cmake.in "$lib/cmake/gnomon/gnomon-config-version.cmake"
fill_in packaging/gnomon-targets.cmake.in "$lib/cmake/gnomon/gnomon-targets.cmake" "${native// /;}"
strip -o "$work/gnomon" "$PROGRAM"
install -m 755 "$work/gnomon" "$root/bin/gnomon"
install -m 644 schema/scene.schema.json "$root/share/gnomon"
install -m 644 LICENSE-MIT LICENSE-APACHE "$root/share/doc/gnomon"
echo "install: gnomon $version, ABI $abi, in $root"
