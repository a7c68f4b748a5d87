# What a newcomer and CI run. Each target is a script or one command; `make test` is everything.

.PHONY: all setup build dist install deb test test-long soak demo header bless gates bench-doors bench bench-vlm wheel clean

all: build

export PREFIX DESTDIR LIBDIR

# Tools: compilers, valgrind, libabigail by apt where possible, and the pinned cbindgen into .tools.
setup:
	@scripts/setup.sh

# The shared object (target/clib/release/libgnomon.so, without the command line) and the command line.
build:
	cargo build --release --lib --no-default-features --features onnx --target-dir target/clib
	cargo build --release --bins

# What ships: the shared object, the static library and the command line, optimised as a whole; minutes.
dist:
	cargo rustc --profile dist --lib --no-default-features --features onnx --crate-type cdylib,staticlib --target-dir target/clib
	cargo build --profile dist --bin gnomon

# make install PREFIX=/usr/local [DESTDIR=...] [LIBDIR=lib]: headers, libraries, pkg-config, CMake, program, schema.
install: dist
	@scripts/install.sh

# Debian packages of the same, in target/deb.
deb: dist
	@scripts/deb.sh

# Sets up, then runs every stage; ends with "N passed, N failed".
test:
	@scripts/test.sh

# What takes longer than that: the thread sanitizer, with a compiler that Debian offers, unpacked into .tools.
test-long:
	@scripts/test-long.sh

demo:
	@scripts/demo.sh

# The Python package with the stripped shared object in it: target/wheel/dist/gnomon-*.whl.
wheel:
	@scripts/wheel.sh

# include/gnomon.h anew from src/ffi.
header:
	@scripts/header.sh

# After a meant change of the C ABI, or of behaviour: header, lists, baseline, Python's copy and expected output anew. Read
# the diff before committing.
bless:
	@scripts/bless.sh

# A scene that takes in 200,000 frames and may not grow: a quarter of an hour.
soak:
	GNOMON_SOAK_FRAMES=200000 cargo test --test long_life a_scene_that_lives_long -- --nocapture

# The gates of the C ABI, of its packages and of the cxx bridge alone.
gates: $(addprefix gate-,header symbols layout abidiff old abuse cpp memcheck asan teardown examples behaviour wheel cxx install networks version)

gate-%:
	@tests/abi/$*.sh

# Our own benches, what scale costs, and ours beside peers: a table, and target/bench/peers.json. Half an hour.
bench:
	@scripts/bench.sh

# What a frame costs through each door, beside Rust. On a machine that does nothing else.
bench-doors:
	@scripts/bench-doors.sh

# The decoder of a vision-language model beside its peers: a table, and target/bench/vlm.json. Ten minutes.
bench-vlm:
	@scripts/bench-vlm.sh

clean:
	cargo clean
