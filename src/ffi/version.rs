//! Which header this library fits, and what it was built from.

use std::ffi::c_char;

/// Rises when a caller built with an older header could go wrong; part of the shared object's name.
pub const GNOMON_ABI_VERSION: u32 = 2;

/// The ABI number of this library. A header with another GNOMON_ABI_VERSION does not fit it.
#[unsafe(no_mangle)]
pub extern "C" fn gnomon_abi_version() -> u32 {
    GNOMON_ABI_VERSION
}

/// The version of this library, as in GNOMON_VERSION. Static, ends with 0.
#[unsafe(no_mangle)]
pub extern "C" fn gnomon_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// What this library was built from: JSON with version, abi, target, profile, features. Static, ends with 0.
#[unsafe(no_mangle)]
pub extern "C" fn gnomon_build_info() -> *const c_char {
    concat!(env!("GNOMON_BUILD_INFO"), "\0").as_ptr().cast()
}
