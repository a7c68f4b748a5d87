#!/usr/bin/env bash
# From a fresh clone to a map: builds gnomon, renders a room, walks through it with noise in everything, prints the map
# beside the truth, does it again from colour alone, and again from C. Everything it makes lies under out/demo and target.
set -euo pipefail
cd "$(dirname "$0")/.."
out=out/demo
begin=$SECONDS

say() { printf '\n== %s\n' "$*"; }

say "Setting up"
scripts/setup.sh --demo

say "Building the command line and the shared object"
step=$SECONDS
# One build for both: this shared object has the rendered room in it too. What ships is smaller: `make build`.
cargo build --quiet --release --lib --bins
echo "built in $((SECONDS - step)) s"
gnomon=target/release/gnomon
rm -rf "$out"
mkdir -p "$out/lib"

say "Rendering a room (seed 7), with noise in depth, poses and detections"
"$gnomon" make-data room --seed 7 --noisy --out "$out/room"

say "Taking it in: depth, poses, and detections with masks"
"$gnomon" run "$out/room" --detections "$out/room/detections.jsonl" --out "$out/map" | sed -n 1,3p

say "What was found, beside what is there"
"$gnomon" eval scene --scene "$out/map/scene.json" --truth "$out/room/truth.json"

say "The map round the last camera (LocalCogMap)"
cat "$out/map/cogmap_ascii.txt"

if [ -z "${GNOMON_ORT_PATH:-}" ] && [ -d .tools/ort/onnxruntime/capi ]; then
    export GNOMON_ORT_PATH=$PWD/.tools/ort/onnxruntime/capi
fi
say "A room that no network has seen (seed 1): with the rendered depth, and from colour alone"
"$gnomon" eval room --seeds 1 | grep -E '^ |^clean  |^noisy  '
if [ -n "${GNOMON_ORT_PATH:-}" ] || "$gnomon" doctor | grep -q 'ONNX Runtime 1\.'; then
    "$gnomon" eval room --seeds 1 --colour | grep -E '^clean  |^noisy  |^depth'
    echo "The last lines have their depth from the small network in the library, which knows rendered rooms only."
else
    echo "From colour alone: not run, there is no ONNX Runtime: pip install onnxruntime, or set GNOMON_ORT_PATH."
fi

say "Ten lines of C against the shared object"
abi=$(sed -n 's/^#define GNOMON_ABI_VERSION \([0-9]*\)$/\1/p' include/gnomon.h)
cp target/release/libgnomon.so "$out/lib/libgnomon.so.$abi"
ln -s "libgnomon.so.$abi" "$out/lib/libgnomon.so"
compile() { # source, program
    "${CC:-gcc}" -std=c99 -O2 -Wall -Wextra -Iinclude "$1" -o "$2" "-L$out/lib" -lgnomon "-Wl,-rpath,\$ORIGIN/lib"
}
compile examples/c/ten_lines.c "$out/ten_lines"
"$out/ten_lines"

say "The same walk from C: examples/c/sequence.c, half as large and with boxes instead of masks"
"$gnomon" make-data room --seed 7 --noisy --reduce 2 --raw --out "$out/raw"
compile examples/c/sequence.c "$out/sequence"
"$out/sequence" "$out/raw" >"$out/sequence.txt"
grep -A8 '^objects:' "$out/sequence.txt"
echo "... all of it in $out/sequence.txt"
echo "Without masks gnomon finds less and makes several things of one: see \"Measured\" in README.md."

say "Done in $((SECONDS - begin)) s. Pictures:"
ls -1 "$out"/map/*.png "$out"/map/*.svg
