#!/usr/bin/env bash
# Gate 12: one version and one ABI number. Everything that says either, from Cargo.toml to the Debian packages, says what
# the shared object itself says.
gate=version
. "$(dirname "$0")/common.sh"
build_library
cargo build --quiet --bin gnomon --example raw_room
export FROM=target/clib/release PROGRAM=target/debug/gnomon
unset DESTDIR
work=$PWD/$out/version
rm -rf "$work"
mkdir -p "$work"
PREFIX=$work/prefix scripts/install.sh >/dev/null
scripts/deb.sh "$work/deb" >/dev/null

cat >"$work/said.c" <<'END'
#include "gnomon.h"
#include <stdio.h>
int main(void) { return printf("%s %u\n%s\n", gnomon_version(), gnomon_abi_version(), gnomon_build_info()) < 0; }
END
compile "$work/said.c" "$work/said" "$out/lib"
"$work/said" >"$work/said.txt"
read -r version abi_said <"$work/said.txt"

# What the facts below are read from; a planted fault puts another file in its place.
manifest=Cargo.toml
bridge=bindings/cpp/Cargo.toml
gnomon_h=include/gnomon.h
pc=$work/prefix/lib/pkgconfig/gnomon.pc
config_version=$work/prefix/lib/cmake/gnomon/gnomon-config-version.cmake
config=$work/prefix/lib/cmake/gnomon/gnomon-config.cmake
python=bindings/python

package_version() { sed -n '/^\[\(package\|project\)\]/,/^\[[^p]/ s/^version = "\(.*\)"$/\1/p' "$1"; }

# Of Python's pyproject.toml: its own line, or the file that [tool.hatch.version] names.
python_version() {
    local path
    grep -q '^dynamic = .*"version"' "$python/pyproject.toml" || { package_version "$python/pyproject.toml"; return; }
    path=$(sed -n '/^\[tool.hatch.version\]/,/^\[/ s/^path = "\(.*\)"$/\1/p' "$python/pyproject.toml")
    sed -n 's/^VERSION = "\(.*\)"$/\1/p' "$python/$path"
}

versions() {
    local part
    echo "$manifest $(package_version "$manifest")"
    echo "$bridge $(package_version "$bridge")"
    for part in gnomon gnomon-cxx; do
        echo "Cargo.lock,$part $(grep -A1 "^name = \"$part\"$" Cargo.lock | sed -n 's/^version = "\(.*\)"$/\1/p')"
    done
    echo "GNOMON_VERSION $(sed -n 's/^#define GNOMON_VERSION "\(.*\)"$/\1/p' "$gnomon_h")"
    echo "GNOMON_VERSION_* $(sed -n 's/^#define GNOMON_VERSION_[MP][A-Z]* \(.*\)$/\1/p' "$gnomon_h" | paste -sd.)"
    echo "gnomon_build_info $(sed -n 's/.*"version":"\([^"]*\)".*/\1/p' "$work/said.txt")"
    echo "program $("$work/prefix/bin/gnomon" --version | sed 's/^gnomon //')"
    echo "gnomon.pc $(sed -n 's/^Version: //p' "$pc")"
    echo "gnomon-config-version.cmake $(sed -n 's/^set(PACKAGE_VERSION "\(.*\)")$/\1/p' "$config_version")"
    echo "shared_object $(basename "$(readlink "$work/prefix/lib/libgnomon.so.$abi")" | sed "s/^libgnomon.so.$abi.//")"
    for part in "$work"/deb/*.deb; do echo "$(basename "$part") $(dpkg-deb -f "$part" Version)"; done
    [ ! -f "$python/pyproject.toml" ] || echo "$python/pyproject.toml $(python_version)"
}

abis() {
    echo "src/ffi/version.rs $abi"
    echo "GNOMON_ABI_VERSION $(sed -n 's/^#define GNOMON_ABI_VERSION \(.*\)$/\1/p' "$gnomon_h")"
    echo "gnomon_build_info $(sed -n 's/.*"abi":\([0-9]*\).*/\1/p' "$work/said.txt")"
    echo "soname $(readelf -d "$work/prefix/lib/libgnomon.so" | sed -n 's/.*SONAME.*\[libgnomon.so.\(.*\)\]$/\1/p')"
    echo "gnomon.pc $(sed -n 's/^abi=//p' "$pc")"
    echo "gnomon-config.cmake $(sed -n 's/^set(gnomon_ABI \(.*\))$/\1/p' "$config")"
    echo "package $(dpkg-deb -f "$work"/deb/libgnomon[0-9]*.deb Package | sed 's/^libgnomon//')"
    echo "shlibs $(dpkg-deb --ctrl-tarfile "$work"/deb/libgnomon[0-9]*.deb | tar -xO ./shlibs | cut -d' ' -f2)"
}

agree() { # what is right; lines of place and number come in
    awk -v right="$1" '$2 != right || NF != 2 { print $1 " says \"" $2 "\", expected " right; wrong = 1 } END { exit wrong || NR < 8 }'
}
all_agree() { versions | agree "$version" && abis | agree "$abi_said"; }

all_agree || fail "versions differ"
echo "$gate: $version in $(versions | wc -l) places, ABI $abi_said in $(abis | wc -l)"

sed 's/^version = ".*"/version = "9.9.9"/' Cargo.toml >"$work/Cargo.toml"
manifest=$work/Cargo.toml must_fail "another version in Cargo.toml" all_agree
sed 's/^#define GNOMON_VERSION_PATCH .*/#define GNOMON_VERSION_PATCH 99/' include/gnomon.h >"$work/gnomon.h"
gnomon_h=$work/gnomon.h must_fail "another version in gnomon.h" all_agree
sed 's/^#define GNOMON_ABI_VERSION .*/#define GNOMON_ABI_VERSION 99/' include/gnomon.h >"$work/gnomon.h"
gnomon_h=$work/gnomon.h must_fail "another ABI number in gnomon.h" all_agree
sed 's/^Version: .*/Version: 9.9/' "$pc" >"$work/gnomon.pc"
pc=$work/gnomon.pc must_fail "another version in gnomon.pc" all_agree
sed 's/gnomon_ABI [0-9]*/gnomon_ABI 99/' "$config" >"$work/gnomon-config.cmake"
config=$work/gnomon-config.cmake must_fail "another ABI number in CMake's file" all_agree
mkdir -p "$work/python"
printf '[project]\nname = "gnomon"\nversion = "9.9.9"\n' >"$work/python/pyproject.toml"
python=$work/python must_fail "another version in pyproject.toml" all_agree
printf '[project]\nname = "gnomon"\ndynamic = ["version"]\n[tool.hatch.version]\npath = "version.py"\n' >"$work/python/pyproject.toml"
echo "VERSION = \"$version\"" >"$work/python/version.py"
(python=$work/python && all_agree) || fail "a version that pyproject.toml takes from elsewhere is not found"
echo 'VERSION = "9.9.9"' >"$work/python/version.py"
python=$work/python must_fail "another version in the file that pyproject.toml names" all_agree
echo "$gate: passed"
