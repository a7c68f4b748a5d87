//! The network that the library holds in itself, so that a picture becomes metres without a file beside the library.
//!
//! It is `models/depth-room` of this repository, taken in when the library is built: 3.6 MB of half floats. It opens by a
//! name where a path is expected, so every door that takes a model folder takes it: the command line, C, C++, Python.

use super::folder::ModelFolder;
use super::manifest;
use crate::error::Result;

/// The name by which [`ModelFolder::open`] takes the network that the library holds.
pub const ROOM_DEPTH: &str = "gnomon:room";

const MANIFEST: &str = include_str!("../../models/depth-room/gnomon.json");
const NETWORK: &[u8] = include_bytes!("../../models/depth-room/depth-room.onnx");

pub(super) fn room_depth() -> Result<ModelFolder> {
    let folder = manifest::held(ROOM_DEPTH, MANIFEST)?;
    Ok(ModelFolder { held: Some(NETWORK), ..folder })
}
