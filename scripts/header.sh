#!/usr/bin/env bash
# Makes include/gnomon.h from src/ffi. With --check: fails, and shows the difference, where the vendored one differs.
set -euo pipefail
cd "$(dirname "$0")/.."

cbindgen=${CBINDGEN:-}
for candidate in .tools/bin/cbindgen "$(command -v cbindgen || true)"; do
    [ -z "$cbindgen" ] && [ -n "$candidate" ] && [ -x "$candidate" ] && cbindgen=$candidate
done
[ -n "$cbindgen" ] || { echo "header: no cbindgen: run 'make setup'" >&2; exit 1; }
"$cbindgen" --version | grep -qx 'cbindgen 0.29.4' || { echo "header: $("$cbindgen" --version), expected cbindgen 0.29.4" >&2; exit 1; }

. scripts/numbers.sh
IFS=. read -r major minor patch <<<"$version"
made=$(mktemp)
trap 'rm -f "$made"' EXIT
"$cbindgen" --quiet --config cbindgen.toml --crate gnomon . |
    sed -e "s/@VERSION@/$version/g" -e "s/@MAJOR@/$major/" -e "s/@MINOR@/$minor/" -e "s/@PATCH@/$patch/" -e "s/@ABI@/$abi/" \
        -e 's/[[:space:]]*$//' | awk '
        # A comment of its own begins on the line of its text, one blank line parts what is apart.
        /^ *\/\*$/ { match($0, /^ */); indent = substr($0, 1, RLENGTH); text = ""; lines = 0; inside = 1; next }
        inside && /^ *\*\/$/ { print indent "/* " text " */"; inside = 0; blank = 0; next }
        inside { sub(/^ +/, ""); text = lines++ ? text "\n" indent " * " $0 : $0; next }
        /^$/ { if (!blank++) print; next }
        { blank = 0; print }' >"$made"

if [ "${1:-}" = --check ]; then
    diff -u "${2:-include/gnomon.h}" "$made" || { echo "header: include/gnomon.h is not what src/ffi says: run 'make header'" >&2; exit 1; }
    echo "header: include/gnomon.h is what src/ffi says"
else
    cp "$made" include/gnomon.h
    echo "header: wrote include/gnomon.h"
fi
