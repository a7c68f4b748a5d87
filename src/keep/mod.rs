//! What outlives the process: saved scenes on disk, and recordings that a scene can be made of again.
//!
//! - [`save_scene`], [`load_scene`]: a [`crate::graph::ToldScene`] as `scene.json` or `scene.json.zst`, sealed with its
//!   checksum and put in place whole;
//! - [`Recorder`], [`Replay`]: what a scene was given and what it decided, record by record, and the same scene again.
//!
//! This is the one folder of the library's own that writes files. Everything read here comes from outside and is bounded
//! before use: bytes of a file, bytes after unpacking, bytes of a record. What a scene *is* stands in `scene/save.rs` and
//! `graph/saved.rs`.

mod pack;
mod record;
mod recorder;
mod replay;
mod scene_file;
mod whole;

pub use record::{MAX_RECORD_BYTES, RECORDING_VERSION};
pub use recorder::{DEFAULT_RECORDING_BYTES, Recorder, Recording};
pub use replay::{Replay, Replayed, Step, Tail};
pub use scene_file::{SavedScene, load_scene, load_snapshot, save_scene};
pub use whole::write_whole;
