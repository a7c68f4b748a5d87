#!/usr/bin/env bash
# What each door costs beside Rust: benches/doors, run in turn. Usage: scripts/bench-doors.sh [turns]
gate=bench-doors
. "$(dirname "$0")/../tests/abi/common.sh"
turns=${1:-60}
lib=$out/lib-dist
# As it ships, in one unit of code each: how the compiler divides the code weighs more than a door.
cargo build --quiet --profile dist --lib --no-default-features --features onnx --target-dir target/clib
cargo build --quiet --profile dist --example doors
cargo build --quiet --profile dist -p gnomon-cxx --target-dir target/cxx
stage target/clib/dist/libgnomon.so "$lib"
scripts/wheel.sh --tools

compile benches/doors/doors.c "$out/doors-c" "$lib" -O2
compile_cpp_with "$lib" benches/doors/doors.cpp -o "$out/doors-cpp" -O2
profile=dist compile_cxx benches/doors/doors_cxx.cpp "$out/doors-cxx" -O2

in_rust() { target/dist/examples/doors; }
in_c() { "$out/doors-c"; }
in_cpp() { "$out/doors-cpp"; }
in_cxx() { "$out/doors-cxx"; }
in_python() {
    GNOMON_LIBRARY=$PWD/$lib/libgnomon.so.$abi PYTHONPATH=bindings/python PYTHONDONTWRITEBYTECODE=1 \
        target/wheel/tools/bin/python benches/doors/doors.py
}

# A frame's time and the part of it that is outside the library's own stages, nanoseconds, of each door.
doors=(rust c cpp cxx python)
: >"$out/doors.txt"
for turn in $(seq "$turns"); do
    # Each door is first as often as any other: what else the machine does comes and goes.
    declare -A ns
    for k in "${!doors[@]}"; do
        door=${doors[(turn + k) % ${#doors[@]}]}
        ns[$door]=$(in_"$door")
    done
    echo "$turn ${ns[rust]} ${ns[c]} ${ns[cpp]} ${ns[cxx]} ${ns[python]}" | tee -a "$out/doors.txt"
done
middle_of() { # awk expression over a turn
    awk "{ print $1 }" "$out/doors.txt" | sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}
inside=$(middle_of '$2 - $3')
in_rust_outside=$(middle_of '$3')
at=2
for door in Rust C C++ cxx Python; do
    outside=$(middle_of "\$$((at + 1))")
    awk -v door="$door" -v ns="$(middle_of "\$$at")" -v ratio="$(middle_of "\$$at / \$2")" -v outside="$outside" \
        -v inside="$inside" -v rust="$in_rust_outside" 'BEGIN {
            printf "%-7s %.4f x Rust by the door alone: %.1f us of a frame are outside the library;", door,
                (inside + outside) / (inside + rust), outside / 1e3
            printf " program by program %.4f x Rust, %.3f ms a frame\n", ratio, ns / 1e6 }'
    at=$((at + 2))
done
