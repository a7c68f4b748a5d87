#!/usr/bin/env bash
# Makes sure that everything `make test` needs is here; does nothing where it already is. With --demo: what `make demo`
# needs, Rust and a C compiler.
set -euo pipefail
cd "$(dirname "$0")/.."

packages="gcc g++ clang valgrind abigail-tools make git cmake ninja-build pkg-config dpkg curl ca-certificates python3 python3-venv"
programs="gcc g++ clang valgrind abidiff abidw nm readelf strip make git cmake ninja pkg-config dpkg-deb curl python3"
if [ "${1:-}" = --demo ]; then
    packages="gcc libc6-dev make"
    programs="gcc make"
fi
missing=""
for program in $programs; do
    command -v "$program" >/dev/null || missing="$missing $program"
done
# Debian's python3 comes without what makes environments.
if [ "${1:-}" != --demo ] && ! python3 -c 'import ensurepip, venv' 2>/dev/null; then missing="$missing python3-venv"; fi
if [ -n "$missing" ]; then
    sudo=""
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo="sudo -n"; else sudo=none; fi
    fi
    if [ "$sudo" = none ] || ! command -v apt-get >/dev/null; then
        echo "setup: missing$missing: install $packages" >&2
        exit 1
    fi
    echo "setup: installing$missing by apt"
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $packages >/dev/null
fi

command -v cargo >/dev/null || { echo "setup: missing cargo: install Rust 1.95 or later from https://rustup.rs" >&2; exit 1; }

# Networks run on this one; without it their tests and the demo's say that they were not run.
onnxruntime=1.31.1
fetch_onnxruntime() { # a Python with pip
    ls .tools/ort/onnxruntime/capi/libonnxruntime.so.$onnxruntime >/dev/null 2>&1 && return
    echo "setup: fetching ONNX Runtime $onnxruntime into .tools/ort"
    rm -rf .tools/ort
    if "$1" -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.12 \
        --dest .tools/ort onnxruntime==$onnxruntime && "$1" -m zipfile -e .tools/ort/onnxruntime-*.whl .tools/ort; then
        rm -f .tools/ort/*.whl
    else
        echo "setup: no ONNX Runtime could be fetched (PyPI did not answer): networks will not run"
    fi
}

if [ "${1:-}" = --demo ]; then
    if python3 -m pip --version >/dev/null 2>&1; then fetch_onnxruntime python3; fi
    exit 0
fi

pinned="cbindgen 0.29.4"
if [ "$(.tools/bin/cbindgen --version 2>/dev/null || true)" != "$pinned" ]; then
    if [ "$(cbindgen --version 2>/dev/null || true)" = "$pinned" ]; then
        mkdir -p .tools/bin
        ln -sf "$(command -v cbindgen)" .tools/bin/cbindgen
    else
        echo "setup: building $pinned into .tools"
        cargo install --quiet --locked --root .tools cbindgen@0.29.4
    fi
fi
# The pinned tools of the Python package, into target/wheel/tools.
scripts/wheel.sh --tools
fetch_onnxruntime target/wheel/tools/bin/python
echo "setup: everything is here"
