#!/usr/bin/env bash
# Every stage of the test, one after another, each with its seconds; a failed one does not keep the next from running.
# What a stage says goes to target/test/STAGE.log; of a failed one the telling lines are printed after the last stage.
# Ends with "N passed, N failed", counting stages.
set -uo pipefail
cd "$(dirname "$0")/.."

logs=target/test
rm -rf "$logs"
mkdir -p "$logs"
passed=0
failures=()

stage() { # name, command...
    local name=$1 begin=$SECONDS
    shift
    echo "== $name"
    if "$@" >"$logs/$name.log" 2>&1 </dev/null; then
        passed=$((passed + 1))
        echo "== $name: passed in $((SECONDS - begin)) s"
    else
        failures+=("$name")
        echo "== $name: FAILED after $((SECONDS - begin)) s"
    fi
}

tell() { # name of a failed stage
    echo "== $1: from $logs/$1.log"
    grep -aE '^error|FAILED|[Ff]ailed|panicked at' "$logs/$1.log" | tail -n 20
    echo "-- its end:"
    tail -n 60 "$logs/$1.log"
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

for name in ${failures[@]+"${failures[@]}"}; do tell "$name"; done
[ ${#failures[@]} -eq 0 ] || echo "failed stages: ${failures[*]}"
echo "$passed passed, ${#failures[@]} failed"
[ ${#failures[@]} -eq 0 ]
