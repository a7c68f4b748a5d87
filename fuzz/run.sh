#!/usr/bin/env bash
# fuzz/run.sh TARGET SECONDS: fuzzes with the compiler at hand, guided by coverage, without a sanitizer.
set -euo pipefail
cd "$(dirname "$0")"
target=$1 seconds=$2
mkdir -p "corpus/$target"
export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-../target/fuzz}
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions"
triple=$(rustc -vV | sed -n 's/^host: //p')
cargo build --release --bin "$target" --target "$triple"
"$CARGO_TARGET_DIR/$triple/release/$target" "corpus/$target" -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 \
    -artifact_prefix="artifacts-$target-"
