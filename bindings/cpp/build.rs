//! The C++ side of the bridges: compiled into the archive, its headers left under `cxxbridge` in the target folder. Where
//! the environment variable GNOMON_CXX_INCLUDE names a folder, they are copied there too, for builds that cannot know
//! where cargo works.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Headers that are written by hand.
const WRITTEN: [&str; 1] = ["include/live.h"];

/// The bridges; `src/lib.rs` is the one whose header has all others.
const BRIDGES: [&str; 14] = [
    "src/bridge/camera.rs",
    "src/bridge/things.rs",
    "src/bridge/relation.rs",
    "src/bridge/cogmap.rs",
    "src/bridge/answer.rs",
    "src/bridge/snapshot.rs",
    "src/bridge/scene.rs",
    "src/bridge/chain.rs",
    "src/bridge/told.rs",
    "src/bridge/graph.rs",
    "src/bridge/select.rs",
    "src/bridge/score.rs",
    "src/bridge/live.rs",
    "src/lib.rs",
];

/// Those of the feature `onnx`.
const NETWORKS: [&str; 5] = [
    "src/bridge/network.rs",
    "src/bridge/views.rs",
    "src/bridge/vlm.rs",
    "src/bridge/grounding.rs",
    "src/bridge/converse.rs",
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=GNOMON_CXX_INCLUDE");
    let networks = if env::var_os("CARGO_FEATURE_ONNX").is_some() { &NETWORKS[..] } else { &[] };
    let bridges: Vec<&str> = BRIDGES.iter().chain(networks).copied().collect();
    for source in bridges.iter().chain(&WRITTEN) {
        println!("cargo:rerun-if-changed={source}");
    }
    cxx_build::bridges(&bridges).std("c++17").compile("gnomon-cxx-bridge");
    if let Some(folder) = env::var_os("GNOMON_CXX_INCLUDE") {
        let made = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write")).join("cxxbridge/include");
        for bridge in bridges {
            let name = format!("gnomon-cxx/{bridge}.h");
            copy(&made.join(&name), &Path::new(&folder).join(name));
        }
        for header in WRITTEN {
            copy(Path::new(header), &Path::new(&folder).join("gnomon-cxx").join(header));
        }
        copy(&made.join("rust/cxx.h"), &Path::new(&folder).join("rust/cxx.h"));
    }
}

fn copy(from: &Path, to: &Path) {
    let folder = to.parent().expect("a file lies in a folder");
    let done = fs::create_dir_all(folder).and_then(|()| fs::copy(from, to));
    done.unwrap_or_else(|error| panic!("{} to {}: {error}", from.display(), to.display()));
}
