# What a newcomer and CI run. Each target is a script or one command; `make test` is everything.

.PHONY: all setup build test test-long demo header bless gates wheel clean

all: build

# Tools: compilers, valgrind, libabigail by apt where possible, and the pinned cbindgen into .tools.
setup:
	@scripts/setup.sh

# The shared object (target/clib/release/libgnomon.so, without the command line) and the command line.
build:
	cargo build --release --lib --no-default-features --target-dir target/clib
	cargo build --release --bins

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

# The gates of the C ABI alone.
gates: $(addprefix gate-,header symbols layout abidiff old abuse cpp memcheck asan teardown examples behaviour wheel)

gate-%:
	@tests/abi/$*.sh

clean:
	cargo clean
