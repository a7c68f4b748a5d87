//! A sense of space for robots: RGB-D frames in, a map of things and a LocalCogMap out.
//!
//! See [`scene::Scene`] for the writer, [`scene::Snapshot`] for what readers hold. `ARCHITECTURE.md` says what the parts
//! are and who may know whom.

pub mod answer;
pub mod cogmap;
#[cfg(feature = "onnx")]
pub mod converse;
#[cfg(feature = "onnx")]
pub mod depth;
#[cfg(feature = "onnx")]
pub mod detect;
pub mod error;
#[cfg(feature = "cli")]
pub mod eval;
#[allow(unsafe_code, reason = "a C caller hands over pointers")]
mod ffi;
pub mod frame;
pub mod geom;
#[cfg(feature = "onnx")]
pub mod geometry;
pub mod graph;
pub mod keep;
pub mod lift;
#[cfg(feature = "onnx")]
pub mod models;
pub mod perceive;
pub mod pipeline;
#[cfg(feature = "onnx")]
pub mod prepare;
#[cfg(feature = "cli")]
pub mod room;
#[cfg(feature = "onnx")]
pub mod runtime;
pub mod scale;
pub mod scene;
pub mod score;
pub mod select;
#[cfg(feature = "cli")]
pub mod sequence;
pub mod silhouette;
#[cfg(feature = "onnx")]
pub mod vlm;

pub use error::{Error, ErrorKind, Result};

/// The version of this library.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The Rust lines of the README, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
