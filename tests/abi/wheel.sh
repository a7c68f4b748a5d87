#!/usr/bin/env bash
# Gate 11: the Python package is what the agreed layout says and calls every function; its wheel, in a fresh environment,
# finds the library it brings, passes its tests, and prints what the examples in C print; mypy --strict and ruff are content.
gate=wheel
. "$(dirname "$0")/common.sh"
work=$PWD/target/wheel
package=bindings/python
scripts/wheel.sh
tools=$work/tools/bin
unset GNOMON_LIBRARY LD_LIBRARY_PATH PYTHONPATH
export PYTHONDONTWRITEBYTECODE=1

generated() { "$tools/python" $package/generate.py --check "$@"; }
reached() { "$tools/python" $package/generate.py --unused "$@"; }
generated || fail "bindings/python/gnomon/_native.py is not what the agreed layout says: run 'make bless'"
reached || fail "the package leaves out a function"
echo "$gate: _native.py is as generated; $(wc -l <tests/abi/symbols.txt) functions are called"

neat() { # ruff's words...
    "$tools/ruff" "$@" --quiet --no-cache --config $package/ruff.toml $package examples/python tests/behaviour benches/doors
}
neat check && neat format --check || fail "ruff is not content with Python"

# A fresh environment: numpy as pinned, and the wheel.
fresh=$work/venv/bin
"$tools/python" -m venv --clear "$work/venv"
wheel=$(echo "$work"/dist/*.whl)
"$fresh/pip" install --quiet --disable-pip-version-check --constraint $package/requirements.txt "$wheel"
library=$(cd "$work" && "$fresh/python" -c 'import gnomon; print(gnomon.library_path())')
case $library in
    "$work"/venv/*/gnomon/libgnomon.so."$abi") ;;
    *) fail "the installed package loads $library" ;;
esac
"$tools/python" -m zipfile --list "$wheel" | awk 'NR > 1 { print $1 }' >"$work/files"
for file in py.typed _native.py "libgnomon.so.$abi"; do
    grep -qx "gnomon/$file" "$work/files" || fail "the wheel lacks gnomon/$file"
done
grep -q 'licenses/LICENSE-MIT$' "$work/files" || fail "the wheel lacks its licence"

# The tests see the installed package alone.
rm -rf "$work/run"
mkdir -p "$work/run"
cp -r $package/tests "$work/run/tests"
cp -r tests/networks "$work/run/networks"
mkdir "$work/run/vlm"
cp -r tests/vlm/qwen2_5_vl "$work/run/vlm/"
cp -r examples/python "$work/run/examples"
cp tests/behaviour/behaviour.py "$work/run"
unit_tests() { # environment...
    (cd "$work/run" && env "$@" "$fresh/python" -W error -m unittest discover --quiet --top-level-directory . --start-directory tests)
}
types() { # file...
    (cd "$work/run" && "$tools/mypy" --strict --no-incremental --python-executable "$fresh/python" "$@")
}
unit_tests >"$work/tests.log" 2>&1 || { cat "$work/tests.log" >&2; fail "the tests of the Python package"; }
echo "$gate: $(grep -o '^Ran [0-9]* tests' "$work/tests.log"), with the wheel alone"
build_panicking_library
panicking() { # folder of a library
    (cd "$work/run" && GNOMON_LIBRARY=$1/libgnomon.so.$abi "$fresh/python" -m unittest --quiet tests.panicking)
}
panicking "$PWD/$out/lib-panic" >"$work/tests.log" 2>&1 || { cat "$work/tests.log" >&2; fail "an inner failure in Python"; }
(cd $package && "$tools/mypy" --no-incremental gnomon generate.py) || fail "mypy --strict on the package"
types tests examples behaviour.py || fail "mypy --strict on what uses the package"

# The examples print what those in C print.
build_library
cargo build --quiet --examples
raw=$work/raw
rm -rf "$raw"
target/debug/examples/raw_room "$raw" 7 30 >/dev/null
for example in ten_lines sequence; do
    compile examples/c/$example.c "$out/$example" "$out/lib"
done
agree() { diff -u --label C --label Python "$1" "$2"; }
"$out/ten_lines" >"$work/c.txt"
"$fresh/python" examples/python/ten_lines.py >"$work/python.txt"
agree "$work/c.txt" "$work/python.txt" || fail "the ten lines of C and of Python print different things"
"$out/sequence" "$raw" >"$work/c.txt"
"$fresh/python" examples/python/sequence.py "$raw" >"$work/python.txt"
agree "$work/c.txt" "$work/python.txt" || fail "the sequence in C and in Python prints different things"
rm -rf "$raw"
echo "$gate: C and Python print the same $(wc -l <"$work/python.txt") lines"

sed 's/^field gnomon_cell.low_m double/field gnomon_cell.low_m float/' tests/abi/types.txt >"$out/planted.txt"
must_fail "a field of another type in the agreed layout" generated --types "$out/planted.txt"
sed 's/^constant GNOMON_E_BUSY -13/constant GNOMON_E_BUSY -14/' tests/abi/layout.txt >"$out/planted.txt"
must_fail "a constant of another value in the agreed layout" generated --layout "$out/planted.txt"
rm -rf "$work/planted"
cp -r $package/gnomon "$work/planted"
sed -i 's/lib\.gnomon_box_iou/lib.gnomon_box_gap/' "$work/planted/box.py"
must_fail "a function that the package does not call" reached --package "$work/planted"
rm -rf "$work/planted"
echo 'from gnomon import Box; width: str = Box((0, 0, 0), (1, 1, 1)).gap_m(1)' >"$work/run/planted.py"
must_fail "a wrong type where the package is used" types planted.py
grep -q 'Argument 1 to "gap_m"' "$out/planted.log" || { cat "$out/planted.log" >&2; fail "mypy does not see the package's types"; }
must_fail "a library that does not panic when asked" panicking "$PWD/$out/lib"
must_fail "a library that is not there" unit_tests GNOMON_LIBRARY=/nowhere
installed=$(dirname "$library")
plant() { # sed script: the tests with a fault in the installed _native.py
    cp "$installed/_native.py" "$work/native.kept"
    sed -i "$1" "$installed/_native.py"
    cmp -s "$installed/_native.py" "$work/native.kept" && { echo "nothing was planted"; return 0; }
    local status=0
    unit_tests PLANTED=1 || status=$?
    cp "$work/native.kept" "$installed/_native.py"
    return $status
}
must_fail "a field of another size" plant '/^class gnomon_frame(/,/^class/s/("camera_id", ctypes.c_uint32)/("camera_id", ctypes.c_uint64)/'
grep -q 'gnomon_frame has .* bytes here' "$out/planted.log" || { cat "$out/planted.log" >&2; fail "the size was not what was noticed"; }
must_fail "a constant of another value" plant 's/^GNOMON_E_BUSY = -13/GNOMON_E_BUSY = -14/'
must_fail "another ABI number" plant 's/^GNOMON_ABI_VERSION = .*/GNOMON_ABI_VERSION = 999/'
mv "$library" "$library.kept"
must_fail "a wheel without its shared object" unit_tests PLANTED=1
mv "$library.kept" "$library"
unit_tests >"$work/tests.log" 2>&1 || { cat "$work/tests.log" >&2; fail "the tests after the planted faults"; }
echo "$gate: passed"
