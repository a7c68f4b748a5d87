//! What outlives the process: saved scenes on disk.
//!
//! - [`save_scene`], [`load_scene`]: a [`crate::graph::ToldScene`] as `scene.json` or `scene.json.zst`, sealed with its
//!   checksum and put in place whole.
//!
//! Everything read here comes from outside and is bounded before use: bytes of a file, bytes after unpacking. What a scene
//! *is* stands in `scene/save.rs` and `graph/saved.rs`.

mod pack;
mod scene_file;
mod whole;

pub use scene_file::{SavedScene, load_scene, load_snapshot, save_scene};
pub use whole::write_whole;
