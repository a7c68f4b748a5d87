#!/usr/bin/env bash
# Our own criterion benches, what scale costs, then ours beside peers from PyPI in a venv of its own; the table of the last
# also as target/bench/peers.json. Usage: scripts/bench.sh [own|scale|peers]...
#
# Peers that cannot be installed are left out and named; without any, ours is measured alone. GNOMON_TEST_DATA names a folder
# that holds hololens_table/, for the rows that want a real frame: a rendered one stands in.
set -eu
cd "$(dirname "$0")/.."
out=target/bench
mkdir -p "$out"
stages=${*:-own scale peers}

# The program of that bench; cargo names the command line too.
program_of() {
    cargo bench --quiet --features cli --bench "$1" --no-run --message-format json |
        sed -n '/"kind":\["bench"\]/s/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1
}

# open3d-cpu is the same Open3D without what a graphics card needs; libusb-package has a library that it asks for.
venv() {
    command -v python3 >/dev/null || { echo "bench: no python3" >&2; return 1; }
    [ -x "$out/venv/bin/python" ] || python3 -m venv "$out/venv" || return 1
    local pip="$out/venv/bin/python -m pip install --quiet --disable-pip-version-check"
    "$out/venv/bin/python" -c 'import numpy' 2>/dev/null || $pip numpy || return 1
    "$out/venv/bin/python" -c 'import libusb_package' 2>/dev/null || $pip libusb-package || true
    local has_open3d='import importlib.util, sys; sys.exit(importlib.util.find_spec("open3d") is None)'
    "$out/venv/bin/python" -c "$has_open3d" || $pip open3d-cpu || $pip open3d ||
        echo "bench: Open3D cannot be installed: its rows are left out"
    "$out/venv/bin/python" -c 'import spark_dsg' 2>/dev/null || $pip spark-dsg ||
        echo "bench: spark-dsg cannot be installed: its rows are left out"
}

for stage in $stages; do
    case $stage in
    own)
        for bench in frame graph ask prepare; do cargo bench --quiet --features cli --bench "$bench"; done
        ;;
    scale)
        cargo bench --quiet --features cli --bench scale
        ;;
    peers)
        program=$(program_of peers)
        if venv; then
            "$program" prepare "$out/data"
            "$out/venv/bin/python" benches/peers/peers.py "$program" "$out/data" "$out/peers.json"
            echo "bench: wrote $out/peers.json"
        else
            echo "bench: no venv with NumPy could be made: ours alone"
            echo '[]' >"$out/peers.json"
            "$program"
        fi
        ;;
    *)
        echo "bench: $stage is no stage, expected own, scale or peers" >&2
        exit 2
        ;;
    esac
done
