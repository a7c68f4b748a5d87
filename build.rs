//! Gives the shared object its name (`libgnomon.so.<ABI number>`), keeps it mapped once loaded, shows no symbols but
//! gnomon's, and writes down what it was built from. The ABI number stands in one place: `src/ffi/version.rs`.

use std::env;

const ABI_LINE: &str = "pub const GNOMON_ABI_VERSION: u32 = ";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/ffi/version.rs");
    let abi = abi_number();
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libgnomon.so.{abi}");
        // Thread-locals and callbacks may outlive a dlclose: the code stays mapped.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        // C functions of crates beneath (llguidance has fifty) are not gnomon's to offer.
        println!("cargo:rustc-cdylib-link-arg=-Wl,--exclude-libs,ALL");
    }
    println!("cargo:rustc-env=GNOMON_BUILD_INFO={}", build_info(abi));
}

fn abi_number() -> u32 {
    let source = std::fs::read_to_string("src/ffi/version.rs").expect("src/ffi/version.rs is readable");
    let line = source.lines().find_map(|line| line.strip_prefix(ABI_LINE));
    let number = line.and_then(|rest| rest.trim_end_matches(';').parse().ok());
    number.unwrap_or_else(|| panic!("src/ffi/version.rs has no line \"{ABI_LINE}NUMBER;\""))
}

fn build_info(abi: u32) -> String {
    let of = |name: &str| env::var(name).unwrap_or_default();
    let features: Vec<_> = ["cli", "ffi-test-panic", "onnx"]
        .into_iter()
        .filter(|name| env::var_os(format!("CARGO_FEATURE_{}", name.to_uppercase().replace('-', "_"))).is_some())
        .map(|name| format!("\"{name}\""))
        .collect();
    format!(
        "{{\"version\":\"{}\",\"abi\":{abi},\"target\":\"{}\",\"profile\":\"{}\",\"features\":[{}]}}",
        of("CARGO_PKG_VERSION"),
        of("TARGET"),
        of("PROFILE"),
        features.join(",")
    )
}
