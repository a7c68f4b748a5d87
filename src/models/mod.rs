//! Model folders: what a network is, said beside its file, so that nobody guesses what its numbers mean.
//!
//! An `.onnx` file tells names and shapes. It does not tell how the picture is to be brought to its size, which colour
//! comes first, what is subtracted, or whether what comes out are metres. A *family* is that knowledge: networks that are
//! fed and read alike ([`Family`]). A folder says its family, and what of the family's rule is different in it, in
//! `gnomon.json`:
//!
//! ```json
//! {
//!   "family": "yolo_v8",
//!   "files": {"fp32": "yolo.onnx", "fp16": "yolo_fp16.onnx"},
//!   "sha256": {"yolo.onnx": "6f1e..."},
//!   "input": {"size": [640, 640], "order": "rgb", "scale": 0.00392156862745098},
//!   "output": {"meaning": "boxes"},
//!   "labels": ["person", "bicycle"],
//!   "licence": "AGPL-3.0",
//!   "source": "https://example.org/yolo"
//! }
//! ```
//!
//! Only `family` and `files` must be there. `labels` may be the name of a text file, one label a line. A folder in the
//! layout of Hugging Face (`config.json`, `preprocessor_config.json`, `onnx/model.onnx`) is read without `gnomon.json`, if
//! its `model_type` is one that we know (`public.rs`). A bare `.onnx` opens with a family named by the caller.
//!
//! A folder comes from outside. Its texts are bounded before they are parsed, unknown keys are refused, names lead to files
//! in the folder and nowhere else (`files.rs`), what has a hash in `gnomon.json` is compared with it before it is loaded.
//! What is in the `.onnx` itself is the runtime's to check.
//!
//! One network is in the library itself and opens by the name [`ROOM_DEPTH`] (`embedded.rs`).
//!
//! Not here: what a family does with its input and output. That is in the parts that know what comes out.

mod apply;
mod embedded;
mod family;
mod files;
mod folder;
mod manifest;
mod public;
mod rules;

pub use embedded::ROOM_DEPTH;
pub use family::Family;
pub(crate) use files::{inside, text_up_to};
pub use folder::{KnownBy, ModelEntry, ModelFolder};
pub use manifest::MANIFEST_NAME;
pub(crate) use public::SUFFIXES;
pub use rules::{Activation, ChannelOrder, InputRule, Meaning, OutputRule, Precision, Resample};
