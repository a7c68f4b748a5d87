#!/usr/bin/env bash
# Builds the Python wheel into target/wheel/dist: the package of bindings/python with the shared object as it ships,
# stripped. The platform in its name is what the shared object asks of the C library.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
work=$PWD/target/wheel
python=${PYTHON:-python3}
. scripts/numbers.sh
mkdir -p "$work"

# Tools, pinned, in an environment of their own that is made anew when the pins change.
pins=$({ "$python" --version && cat bindings/python/requirements.txt; } | cksum)
if [ "$(cat "$work/tools/pins" 2>/dev/null || true)" != "$pins" ]; then
    echo "wheel: installing the tools of bindings/python/requirements.txt into target/wheel/tools"
    "$python" -m venv --clear "$work/tools"
    "$work/tools/bin/pip" install --quiet --disable-pip-version-check --requirement bindings/python/requirements.txt
    echo "$pins" >"$work/tools/pins"
fi
[ "${1:-}" = --tools ] && exit 0

cargo build --quiet --release --lib --no-default-features --features onnx --target-dir target/clib
library=$work/libgnomon.so.$abi
strip -o "$library" target/clib/release/libgnomon.so

# What a manylinux wheel may lean on, and the newest C library it asks for.
needed=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
for name in $needed; do
    case $name in
        libc.so.6 | libm.so.6 | libdl.so.2 | libpthread.so.0 | librt.so.1 | libgcc_s.so.1 | ld-linux*.so.*) ;;
        *) echo "wheel: the shared object needs $name, which a wheel may not lean on" >&2; exit 1 ;;
    esac
done
glibc=$(readelf --version-info "$library" | grep -o 'GLIBC_[0-9]*\.[0-9]*' | sort -uV | tail -1)
platform=$(tr . _ <<<"manylinux_${glibc#GLIBC_}")_$(uname -m)

rm -rf "$work/source" "$work/dist"
mkdir -p "$work/source"
cp -r bindings/python/gnomon bindings/python/pyproject.toml bindings/python/hatch_build.py bindings/python/README.md \
    LICENSE-MIT LICENSE-APACHE "$work/source"
find "$work/source" -name __pycache__ -prune -exec rm -rf {} +
cd "$work/source"
GNOMON_WHEEL_LIBRARY=$library GNOMON_WHEEL_PLATFORM=$platform \
    "$work/tools/bin/hatchling" build --target wheel --directory "$work/dist" >"$work/build.log" 2>&1 ||
    { cat "$work/build.log" >&2; exit 1; }
echo "wheel: $(cd "$work/dist" && ls ./*.whl | cut -c3-), $(du -k "$work"/dist/*.whl | cut -f1) KiB"
