#!/usr/bin/env bash
# Every stage of the test, one after another, each with its seconds; a failed one does not keep the next from running.
# Ends with "N passed, N failed", counting stages.
set -uo pipefail
cd "$(dirname "$0")/.."

passed=0
failed=0
failures=""

stage() { # name, command...
    local name=$1 begin=$SECONDS
    shift
    echo "== $name"
    if "$@"; then
        passed=$((passed + 1))
        echo "== $name: passed in $((SECONDS - begin)) s"
    else
        failed=$((failed + 1))
        failures="$failures $name"
        echo "== $name: FAILED after $((SECONDS - begin)) s"
    fi
}

stage setup scripts/setup.sh
# The ONNX Runtime that setup fetched, unless another is named.
if [ -z "${GNOMON_ORT_PATH:-}" ] && [ -d .tools/ort/onnxruntime/capi ]; then
    export GNOMON_ORT_PATH=$PWD/.tools/ort/onnxruntime/capi
fi
stage fmt cargo fmt --all --check
stage clippy cargo clippy --quiet --workspace --all-targets -- -D warnings
stage clippy-library cargo clippy --quiet --lib --no-default-features --features onnx --target-dir target/clib -- -D warnings
# --nocapture: tests on recorded data say on their own lines whether they ran.
stage cargo-test cargo test --quiet --no-fail-fast -- --nocapture
for gate in header symbols layout abidiff old abuse cpp memcheck asan teardown examples behaviour wheel cxx install networks version; do
    stage "gate-$gate" "tests/abi/$gate.sh"
done

[ -z "$failures" ] || echo "failed stages:$failures"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
