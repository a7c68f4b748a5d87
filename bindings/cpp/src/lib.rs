//! gnomon for C++ programs that build Rust with their own: the crate's nouns over a [cxx](https://cxx.rs) bridge.
//!
//! It stands on the Rust API, not on the C ABI. `Scene`, `Snapshot`, `CogMap`, `Answer`, `Chain`, `Pipeline` and the others
//! below are Rust's own, held by `rust::Box`; what is plain data (a frame, a thing, a question) is a struct of both
//! languages. Images, masks, features and texts go in as `rust::Slice` and `rust::Str`: borrowed for the call, never copied,
//! but that a frame pushed to a `Pipeline` is borrowed until its buffers are let go. What C++ sees stands in [`bridge`], a
//! file for each noun; the header of this file has them all. Networks are the feature `onnx`.
//!
//! Threads: const methods may overlap each other. Of `Scene`, `Keeper`, `Pipeline`, networks and jobs every method is const:
//! any thread may call any of them, and who changes a scene or offers a frame while another does gets `GNOMON_E_BUSY` at
//! once.
//!
//! What fails throws `rust::Error`, whose `what()` is the name that `gnomon.h` gives the kind, a colon, and the library's
//! sentence: `GNOMON_E_STATE: stamp 5 ns ...`. A panic is caught and thrown as `GNOMON_E_PANIC`; the scene or chain it
//! happened in answers nothing else from then on (`held`). Programs that link the prebuilt library use `gnomon.hpp`.
//!
//! Metres, radians, nanoseconds; camera x right, y down, z forward; world Z up; a pose is 4 x 4 numbers, row by row.

mod answer;
mod ask;
pub mod bridge;
mod chain;
mod cogmap;
#[cfg(feature = "onnx")]
mod converse;
mod convert;
#[cfg(feature = "onnx")]
mod grounding;
mod held;
mod keeper;
mod layout;
mod live;
#[cfg(feature = "onnx")]
mod network;
mod question;
mod relation;
mod scene;
mod score;
mod select;
mod shapes;
mod snapshot;
mod told;
mod triplets;
#[cfg(feature = "onnx")]
mod views;
#[cfg(feature = "onnx")]
mod vlm;

pub use answer::Answer;
pub use chain::Chain;
pub use cogmap::{CogMap, Observer};
#[cfg(feature = "onnx")]
pub use converse::{Album, Conversed};
#[cfg(feature = "onnx")]
pub use grounding::Grounding;
pub use keeper::Keeper;
pub use layout::Layout;
pub use live::{Pipeline, Stages};
#[cfg(feature = "onnx")]
pub use network::{DepthMap, DepthNet, Detector, Run};
pub use relation::RelationGraph;
pub use scene::Scene;
pub use snapshot::Snapshot;
pub use told::Told;
#[cfg(feature = "onnx")]
pub use views::{GeometryNet, Views};
#[cfg(feature = "onnx")]
pub use vlm::{Job, Vlm};

/// The version of the library.
fn version() -> &'static str {
    gnomon::VERSION
}

#[allow(missing_docs, unused_qualifications, reason = "cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
mod root {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/camera.rs.h");
        include!("gnomon-cxx/src/bridge/things.rs.h");
        include!("gnomon-cxx/src/bridge/relation.rs.h");
        include!("gnomon-cxx/src/bridge/cogmap.rs.h");
        include!("gnomon-cxx/src/bridge/answer.rs.h");
        include!("gnomon-cxx/src/bridge/snapshot.rs.h");
        include!("gnomon-cxx/src/bridge/scene.rs.h");
        include!("gnomon-cxx/src/bridge/chain.rs.h");
        include!("gnomon-cxx/src/bridge/told.rs.h");
        include!("gnomon-cxx/src/bridge/graph.rs.h");
        include!("gnomon-cxx/src/bridge/select.rs.h");
        include!("gnomon-cxx/src/bridge/score.rs.h");
        include!("gnomon-cxx/src/bridge/live.rs.h");
    }

    #[cfg(feature = "onnx")]
    extern "C++" {
        include!("gnomon-cxx/src/bridge/network.rs.h");
        include!("gnomon-cxx/src/bridge/views.rs.h");
        include!("gnomon-cxx/src/bridge/vlm.rs.h");
        include!("gnomon-cxx/src/bridge/grounding.rs.h");
        include!("gnomon-cxx/src/bridge/converse.rs.h");
    }

    extern "Rust" {
        /// The version of the library.
        fn version() -> &'static str;
    }
}
