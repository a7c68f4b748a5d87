#!/usr/bin/env bash
# Debian packages of what is built: libgnomon<ABI>, libgnomon-dev and gnomon, in target/deb or in the folder named. What
# they depend on follows from the files themselves. FROM and PROGRAM as in scripts/install.sh.
set -euo pipefail
export LC_ALL=C
unset PREFIX DESTDIR LIBDIR
cd "$(dirname "$0")/.."
out=${1:-target/deb}

fail() { echo "deb: $*" >&2; exit 1; }
command -v cpack >/dev/null || fail "cmake is not here: run 'make setup'"

object=${FROM:-target/clib/dist}/libgnomon.so
[ -f "$object" ] || fail "$object is not there: run 'make dist'"
case $(readelf -h "$object" | sed -n 's/^ *Machine: *//p') in
    *X86-64) architecture=amd64 multiarch=x86_64-linux-gnu ;;
    AArch64) architecture=arm64 multiarch=aarch64-linux-gnu ;;
    *) fail "$object is for a machine that has no name here" ;;
esac

mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -rf "$out"/stage "$out"/build "$out"/*.deb
PREFIX=/usr DESTDIR=$out/stage LIBDIR=lib/$multiarch scripts/install.sh >/dev/null
installed=$out/stage/usr/lib/$multiarch
pc() { sed -n "s/^$1[:=] *//p" "$installed/pkgconfig/gnomon.pc"; }
abi=$(pc abi)
version=$(pc Version)

# The packages that hold what a file needs, libc6 as new as the newest of its symbols.
depends() { # file
    local glibc needed=""
    glibc=$(objdump -T "$1" | grep -oE 'GLIBC_[0-9.]+' | sed 's/GLIBC_//' | sort -Vu | tail -1)
    [ -n "$glibc" ] || fail "$1 names no version of glibc"
    while read -r library; do
        case $library in
            libc.so.* | libm.so.* | libdl.so.* | libpthread.so.* | librt.so.* | ld-linux*) ;;
            libgcc_s.so.1) needed=", libgcc-s1" ;;
            *) fail "$1 needs $library, of which no package is known here" ;;
        esac
    done < <(objdump -p "$1" | sed -n 's/^ *NEEDED *//p')
    echo "libc6 (>= $glibc)$needed"
}

mkdir -p "$out/build/control"
echo "activate-noawait ldconfig" >"$out/build/control/triggers"
echo "libgnomon $abi libgnomon$abi (>= $version)" >"$out/build/control/shlibs"
{
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: gnomon\n\n'
    printf 'Files: *\nCopyright: The gnomon authors\nLicense: MIT or Apache-2.0\n\nLicense: MIT\n'
    sed -e 's/^$/./' -e 's/^/ /' LICENSE-MIT
    printf '\nLicense: Apache-2.0\n On Debian systems its text is in /usr/share/common-licenses/Apache-2.0.\n'
} >"$out/build/control/copyright"
cmake -S packaging -B "$out/build" -DSTAGE="$out/stage" -DGNOMON_VERSION="$version" -DGNOMON_ABI="$abi" -DLIBDIR="lib/$multiarch" \
    -DARCHITECTURE="$architecture" -DLIBRARY_DEPENDS="$(depends "$installed/libgnomon.so.$abi")" \
    -DPROGRAM_DEPENDS="$(depends "$out/stage/usr/bin/gnomon")" -DCONTROL="$out/build/control" >"$out/build/log" 2>&1 &&
    (cd "$out/build" && cpack -B "$out") >>"$out/build/log" 2>&1 || { cat "$out/build/log" >&2; fail "the packages cannot be made"; }
rm -rf "$out/_CPack_Packages"
ls -1 "$out"/*.deb
