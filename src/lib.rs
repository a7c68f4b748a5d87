//! A sense of space for robots: RGB-D frames in, a map of things and a LocalCogMap out.
//!
//! See [`scene::Scene`] for the writer, [`scene::Snapshot`] for what readers hold.

#![deny(unsafe_code)]

pub mod cogmap;
pub mod error;
#[allow(unsafe_code)]
mod ffi;
pub mod frame;
pub mod geom;
pub mod lift;
pub mod scene;

pub use error::{Error, ErrorKind, Result};
