#!/usr/bin/env bash
# The decoder beside its peers, on a model of Qwen2.5-0.5B's shapes with random weights that is made here: benches/vlm. Prints
# a table and writes target/bench/vlm.json. Takes some ten minutes and 0.8 GB in target/bench.
#
# GNOMON_BENCH_PYTHON names a Python with numpy, onnx, onnxruntime, onnxruntime-genai and gguf; without one, a virtual environment
# in target/bench/venv is given them. llama.cpp is that of the npm package node-llama-cpp, where there is Node.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p target/bench

python=${GNOMON_BENCH_PYTHON:-}
if [ -z "$python" ]; then
    python=target/bench/venv/bin/python
    [ -x "$python" ] || python3 -m venv target/bench/venv
    if ! "$python" -c 'import numpy, onnx, onnxruntime, onnxruntime_genai' 2>/dev/null &&
        ! "$python" -m pip install --quiet numpy onnx onnxruntime onnxruntime-genai; then
        echo "bench-vlm: not run: its peers could not be fetched"
        exit 0
    fi
fi
# The same library of ONNX Runtime for all.
GNOMON_ORT_PATH=$("$python" -c 'import onnxruntime, pathlib; print(pathlib.Path(onnxruntime.__file__).parent / "capi")')
export GNOMON_ORT_PATH

for block in 32 128; do
    "$python" benches/vlm/model.py target/bench/vlm_b$block $block
done
if [ ! -d target/bench/node_modules/node-llama-cpp ] && command -v npm >/dev/null; then
    npm install --silent --no-save --ignore-scripts --omit=optional --prefix target/bench \
        node-llama-cpp@3.22.1 @node-llama-cpp/linux-x64@3.22.1 || echo "bench-vlm: node-llama-cpp could not be fetched"
fi
if [ -d target/bench/node_modules/node-llama-cpp ] && { "$python" -c 'import gguf' 2>/dev/null || "$python" -m pip install --quiet gguf; }; then
    "$python" benches/vlm/gguf_model.py target/bench/vlm.gguf
fi
program=$(cargo bench --no-run --bench vlm --message-format=json | sed -n '/"kind":\["bench"\]/s/.*"executable":"\([^"]*\)".*/\1/p')
"$python" benches/vlm/peers.py "$program" target/bench target/bench/vlm.json "${1:-12}"
