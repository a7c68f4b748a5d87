# Which version this is, and of which ABI; sourced in the project's root.
version=$(sed -n '/^\[package\]/,/^\[/ s/^version = "\(.*\)"$/\1/p' Cargo.toml)
abi=$(sed -n 's/^pub const GNOMON_ABI_VERSION: u32 = \([0-9]*\);$/\1/p' src/ffi/version.rs)
