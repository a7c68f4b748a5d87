#!/usr/bin/env bash
# What each door costs beside Rust: benches/doors, run in turn. Usage: scripts/bench-doors.sh [turns]
gate=bench-doors
. "$(dirname "$0")/../tests/abi/common.sh"
turns=${1:-12}
build_library
cargo build --quiet --release --example doors
cargo build --quiet --release -p gnomon-cxx --target-dir target/cxx
scripts/wheel.sh --tools

compile benches/doors/doors.c "$out/doors-c" "$out/lib" -O2
compile_cpp benches/doors/doors.cpp "$out/doors-cpp" -O2
profile=release compile_cxx benches/doors/doors_cxx.cpp "$out/doors-cxx" -O2

in_rust() { target/release/examples/doors; }
in_c() { "$out/doors-c"; }
in_cpp() { "$out/doors-cpp"; }
in_cxx() { "$out/doors-cxx"; }
in_python() {
    GNOMON_LIBRARY=$PWD/$out/lib/libgnomon.so.$abi PYTHONPATH=bindings/python PYTHONDONTWRITEBYTECODE=1 \
        target/wheel/tools/bin/python benches/doors/doors.py
}

: >"$out/doors.txt"
for turn in $(seq "$turns"); do
    line=$turn
    for door in rust c cpp cxx python; do line="$line $(in_$door)"; done
    echo "$line" | tee -a "$out/doors.txt"
done
for column in 2:Rust 3:C 4:C++ 5:cxx 6:Python; do
    awk -v at="${column%:*}" '{ print $at / $2, $at }' "$out/doors.txt" | sort -n |
        awk -v door="${column#*:}" '{ ratio[NR] = $1; ns[NR] = $2 } END { at = int((NR + 1) / 2)
            printf "%-8s %.4f x Rust, %.3f ms a frame", door, ratio[at], ns[at] / 1e6 }'
    # What else the machine did makes a turn slower, never quicker.
    awk -v at="${column%:*}" 'NR == 1 || $at < own { own = $at } NR == 1 || $2 < rust { rust = $2 }
        END { printf "; the least of all turns %.4f x Rust'"'"'s\n", own / rust }' "$out/doors.txt"
done
