#!/usr/bin/env bash
# After a meant change of the C ABI or of behaviour: writes the header, the lists, the baseline, Python's copy and the
# expected output anew. Read the diff before committing.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/header.sh
tests/abi/symbols.sh --write
tests/abi/layout.sh --write
tests/abi/abidiff.sh --write
python3 bindings/python/generate.py
tests/abi/behaviour.sh --write
