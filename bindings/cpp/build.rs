//! The C++ side of the bridge: compiled into the archive, its headers left under `cxxbridge` in the target folder. Where
//! the environment variable GNOMON_CXX_INCLUDE names a folder, they are copied there too, for builds that cannot know
//! where cargo works.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// What C++ includes.
const HEADER: &str = "gnomon-cxx/src/lib.rs.h";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/lib.rs");
    println!("cargo:rerun-if-env-changed=GNOMON_CXX_INCLUDE");
    cxx_build::bridge("src/lib.rs").std("c++17").compile("gnomon-cxx-bridge");
    if let Some(folder) = env::var_os("GNOMON_CXX_INCLUDE") {
        let made = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write")).join("cxxbridge/include");
        for name in [HEADER, "rust/cxx.h"] {
            copy(&made.join(name), &Path::new(&folder).join(name));
        }
    }
}

fn copy(from: &Path, to: &Path) {
    let folder = to.parent().expect("a file lies in a folder");
    let done = fs::create_dir_all(folder).and_then(|()| fs::copy(from, to));
    done.unwrap_or_else(|error| panic!("{} to {}: {error}", from.display(), to.display()));
}
