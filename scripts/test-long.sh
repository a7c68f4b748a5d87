#!/usr/bin/env bash
# What takes longer than `make test` should: each stage with its seconds. A stage that this machine cannot run says what
# is missing, and is neither passed nor failed. Ends with "N passed, N failed, N not run".
set -uo pipefail
cd "$(dirname "$0")/.."

passed=0
failed=0
not_run=0

stage() { # name, command...
    local name=$1 begin=$SECONDS status=0
    shift
    echo "== $name"
    "$@" || status=$?
    case $status in
        0) passed=$((passed + 1)) && echo "== $name: passed in $((SECONDS - begin)) s" ;;
        77) not_run=$((not_run + 1)) && echo "== $name: not run" ;;
        *) failed=$((failed + 1)) && echo "== $name: FAILED after $((SECONDS - begin)) s" ;;
    esac
}

stage setup scripts/setup.sh
stage gate-tsan tests/abi/tsan.sh
stage save-kill env GNOMON_KILLS=400 cargo test --release --test save_kill -- --nocapture

echo "$passed passed, $failed failed, $not_run not run"
[ "$failed" -eq 0 ]
